"""Every page in a real Chromium, both languages, both sizes: axe-core, no sideways scroll, targets."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from hotline import clock
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import SIZES, TICKET, axe, mine, numbers
from tests.hotline.web.pages.stage import WAITING

pytestmark = pytest.mark.browser

# fmt: off
PAGES = [  # who, where ({} = a ticket of theirs)
    ("",            "/login"),
    ("",            "/progress"),
    ("hua01",       "/desk"),
    ("pai01",       "/dispatch?list=returned"),
    ("pai01",       "/dispatch?list=disputed"),
    ("pai01",       "/dispatch?list=approve"),
    ("du01",        "/supervise?list=cards"),
    ("du01",        "/supervise?list=approve"),
    ("cgj01",       "/tickets/{extended}"),
    ("cgj01",       "/tickets/{disputed}"),
    ("pai01",       "/tickets/{extension}"),
    ("hua01",       "/tickets/{lacking}"),
    ("cgj01",       "/unit"),
    ("cgj01",       "/tickets/{}"),
    ("ding.dayong", "/m"),
    ("ding.dayong", "/m/{}"),
    ("ding.dayong", "/m/report"),
    ("ding.dayong", "/m/{}/whistle"),
    ("ding.dayong", "/m/{}/grid"),
    ("ding.dayong", "/m/me"),
    ("ding.dayong", "/m/map"),
    ("ding.dayong", "/m/waiting"),
    ("ding.dayong", "/m/visits"),
    ("pai01",       "/events"),
    ("whjd01",      "/events?list=all&place=990101004"),
    ("whjd01",      "/events/handover/990101004001001"),
    ("du01",        "/people?login=wu.haoran&first={today}&last={later}"),
    ("admin",       "/people?from=wu.haoran&list=stand"),
    ("admin",       "/opinions"),
    ("hui01",       "/callback"),
    ("du01",        "/board"),
    ("du01",        "/board?days=90&by=area&order=on_time"),
    ("du01",        "/board/tickets?rate=sign_on_time"),
    ("du01",        "/tickets"),
    ("du01",        "/rules"),
    ("cgj01",       "/notices"),
    ("ding.dayong", "/notices"),
    ("cgj01",       "/desk"),  # refused
]
# fmt: on


# every sentence of the page two fifths longer, as another language may be; what people wrote stays as it is
LONGER = """() => {
  let longer = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.data.trim();
    if (!/[a-z]{3}/i.test(text) || node.parentElement.closest("script, style, svg, :lang(zh), .mono, kbd")) continue;
    node.data += " " + text.slice(0, Math.ceil(text.length * 0.4));
    longer += 1;
  }
  return longer;
}"""
# buttons and links whose words do not fit into them
CUT = """() => [...document.querySelectorAll("button, a, summary, th, label")]
  .filter((one) => one.offsetParent && !one.closest(".unseen, .clip") && getComputedStyle(one).overflowX === "hidden")
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent.trim().slice(0, 60))"""


def placed(address: str, login: str) -> str:
    """Return the address with the number of a ticket: one of theirs, or the one that waits for what is named."""
    if "{}" in address:
        return address.format(mine(login))
    waits = {name: numbers(TICKET.c.text == words)[0] for name, (words, _, _) in WAITING.items()}
    return address.format(**waits, today=clock.now().date(), later=clock.now().date() + timedelta(days=9))


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize(("login", "address"), PAGES, ids=lambda value: value.replace("/", "") or "-")
def test_accessible(visit: Open, login: str, address: str, locale: str) -> None:
    page = visit(login, placed(address, login), locale=locale)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert axe(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if locale == "en-US":
        assert page.evaluate(LONGER) > 0
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(CUT) == []
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


@pytest.mark.parametrize(
    "address", ["/m", "/m/{}", "/m/report", "/m/{}/whistle", "/m/{}/grid", "/m/me", "/m/map", "/m/waiting"]
)
def test_phone_targets(visit: Open, address: str) -> None:
    page = visit("ding.dayong", address.format(mine("ding.dayong")), size=(360, 640))
    boxes = page.locator("a:visible, button:visible, label.pick").evaluate_all(
        "all => all.map(one => [one.textContent, one.getBoundingClientRect().height, getComputedStyle(one).display])"
    )
    assert [box for box in boxes if box[1] < 44 and box[2] != "inline"] == []
    if page.locator(".submit").count():
        submit = page.locator(".submit button").bounding_box()
        assert submit
        assert submit["height"] >= 56
        assert submit["y"] + submit["height"] <= 640  # in reach without scrolling


def test_citizens_targets_are_elder_size(visit: Open) -> None:
    page = visit("", "/progress", size=(390, 844))
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    for box in page.locator("main input, main button").all():
        assert (box.bounding_box() or {"height": 0})["height"] >= 60
