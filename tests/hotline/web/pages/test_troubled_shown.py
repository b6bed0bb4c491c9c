"""A ticket in trouble on the dispatcher's desk, as a browser draws it."""

import pytest
from playwright.sync_api import expect

from hotline import clock
from hotline.store import db, troubles
from hotline.store.troubles import Trouble
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import SIZES, TICKET, axe, numbers, row

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_it_stands_under_a_red_chip_of_its_own(visit: Open, size: tuple[int, int]) -> None:
    number = numbers(TICKET.c.state == "signed")[0]
    key, region = row(number).id, row(number).region
    with db.transaction() as session:
        told = Trouble(region=region, kind="clock", key=key, ticket_id=key, number=number, at=clock.now())
        troubles.note(session, [told])
    page = visit("pai01", "/dispatch?list=troubled", size=size)
    expect(page.locator(".filters a.alarm[aria-current=page]")).to_have_text("系统异常 1")
    expect(page.locator("main")).to_contain_text(number)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
