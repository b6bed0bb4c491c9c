"""Every page in a real Chromium, both languages, both sizes: axe-core, no sideways scroll, targets."""

import pytest
from playwright.sync_api import expect

from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import SIZES, axe, mine

pytestmark = pytest.mark.browser

# fmt: off
PAGES = [  # who, where ({} = a ticket of theirs)
    ("",            "/login"),
    ("",            "/progress"),
    ("hua01",       "/desk"),
    ("pai01",       "/dispatch?list=returned"),
    ("cgj01",       "/unit"),
    ("cgj01",       "/tickets/{}"),
    ("ding.dayong", "/m"),
    ("ding.dayong", "/m/{}"),
    ("hui01",       "/callback"),
    ("du01",        "/board"),
    ("du01",        "/tickets"),
    ("cgj01",       "/notices"),
    ("ding.dayong", "/notices"),
    ("cgj01",       "/desk"),  # refused
]
# fmt: on


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize(("login", "address"), PAGES, ids=lambda value: value.replace("/", "") or "-")
def test_accessible(visit: Open, login: str, address: str, locale: str) -> None:
    page = visit(login, address.format(mine(login) if "{}" in address else ""), locale=locale)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.lang") == ("en" if locale == "en-US" else "zh-CN")


def test_axe_sees_what_the_desk_shows_while_typing(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "小区门口垃圾桶满了三天没人清运，臭味很大。")
    expect(page.locator("#offers [data-offer]")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.locator("#number")).to_be_visible()
    assert axe(page) == []


@pytest.mark.parametrize(("login", "address"), [("ding.dayong", "/m"), ("ding.dayong", "/m/{}")])
def test_phone_targets(visit: Open, login: str, address: str) -> None:
    page = visit(login, address.format(mine(login)), size=(360, 640))
    boxes = page.locator("a:visible, button:visible, label.pick").evaluate_all(
        "all => all.map(one => [one.textContent, one.getBoundingClientRect().height, getComputedStyle(one).display])"
    )
    assert [box for box in boxes if box[1] < 44 and box[2] != "inline"] == []
    if "{}" in address:
        submit = page.locator(".submit button").bounding_box()
        assert submit
        assert submit["height"] >= 56
        assert submit["y"] + submit["height"] <= 640  # in reach without scrolling


def test_citizens_targets_are_elder_size(visit: Open) -> None:
    page = visit("", "/progress", size=(390, 844))
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    for box in page.locator("main input, main button").all():
        assert (box.bounding_box() or {"height": 0})["height"] >= 60
