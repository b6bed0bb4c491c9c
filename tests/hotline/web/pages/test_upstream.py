"""The upstream number (上级编号) stands wherever the ticket does, and the search finds it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hotline.store import db
from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import TICKET, mine, numbers

Sent = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def numbered(browser: Browser) -> None:
    """Every ticket came from upstream: GD- and its own number."""
    browser("")
    with db.transaction() as session:
        session.execute(sa.update(TICKET).values(source_ref="GD-" + TICKET.c.number))


@pytest.mark.parametrize(("login", "address"), [
    ("pai01", "/dispatch"), ("hui01", "/callback"), ("cgj01", "/unit"), ("du01", "/tickets"), ("ding.dayong", "/m"),
    ("du01", "/supervise?list=watched"), ("du01", "/supervise?list=cards"),
])  # fmt: skip
def test_lists_show_it(browser: Browser, login: str, address: str) -> None:
    said = browser(login).get(address).text
    shown = [number for number in numbers() if number in said]
    assert shown
    assert any(f"GD-{number}" in said for number in shown)


def test_ticket_pages_show_it(browser: Browser) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "closed")[0]
    assert f"GD-{number}" in browser("cgj01").get(f"/tickets/{number}").text
    number = mine("ding.dayong")
    assert f"GD-{number}" in browser("ding.dayong").get(f"/m/{number}").text


@pytest.mark.parametrize("typed", ["GD-{}", " GD - {} ", "gd-{}"])
def test_the_search_finds_it(browser: Browser, statements: Sent, typed: str) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "closed")[0]
    me = browser("du01")
    me.get("/tickets")
    statements()
    said = me.get(f"/tickets?q={typed.format(number)}").text
    assert len(statements()) == 3
    assert [one for one in numbers() if f"/tickets/{one}" in said] == [number]
    assert f"/tickets/{number}" in browser("cgj01").get(f"/unit?q={typed.format(number)}").text
    assert f"/tickets/{number}" not in browser("sljd01").get(f"/unit?q={typed.format(number)}").text
