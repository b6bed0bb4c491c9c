"""The phone keeps no more photos than the city lets a form bring, in a real Chromium."""

import pytest
from litestar import Litestar
from playwright.sync_api import FilePayload, expect

from hotline.settings import Settings
from tests.hotline.web.pages.carried import Carry
from tests.hotline.web.pages.form.test_photos_most import CHOSEN, LEADER, allowing_two

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(config: Settings) -> Litestar:
    """The application in a city that allows two photos."""
    return allowing_two(config)


def test_the_phone_keeps_no_more_than_it_may_send(carry: Carry) -> None:
    page = carry(LEADER).pages[0]
    page.goto("/m/report")
    page.locator("[data-record]:not([disabled])").wait_for()
    given = [FilePayload(name=name, mimeType="image/jpeg", buffer=body) for name, body in CHOSEN]
    page.click("textarea[name=text]")  # a form she is at is not taken away by the page made new behind it
    page.set_input_files("input[type=file]", given)
    expect(page.locator(".shots-told")).to_have_text("一次最多 2 个照片和录音")
    expect(page.locator(".thumbs li")).to_have_count(2)
