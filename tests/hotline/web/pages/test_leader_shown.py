"""The grid leader's phone in a real Chromium: taps to report and to whistle, large print."""

import pytest
from playwright.sync_api import expect

from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import axe, mine, numbers

pytestmark = pytest.mark.browser


def test_a_report_of_ones_own_takes_four_taps(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    page.click("text=＋上报")
    page.click("textarea[name=text]")
    with page.expect_response("**/m/report/offers") as answer:
        page.keyboard.type("单元门口的垃圾桶满了三天没人清运，垃圾袋堆到了路边，臭味很大")
    assert answer.value.ok
    expect(page.locator("#offers label.pick").first).to_contain_text("垃圾")  # the likeliest stands first
    page.click("label.pick:has-text('需要派单')")
    page.click(".submit button")  # the fourth tap
    expect(page.locator(".flash")).to_contain_text("已提交")


def test_a_category_is_enough_in_four_taps(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(360, 640))
    before = len(numbers())
    for target in ("text=＋上报", "#offers label.pick >> nth=1", "label.pick:has-text('我已当场处理')"):
        page.click(target)
    with page.expect_response("**/m/report/offers"):
        page.wait_for_timeout(100)
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已当场办结")
    assert len(numbers()) == before + 1


def test_a_whistle_takes_at_most_five_taps(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    taps = 0
    for target in (
        ".cards a >> nth=0",
        "a.button:has-text('吹哨')",
        "label.pick:has-text('需要执法')",
        ".submit button",
    ):
        page.click(target)
        taps += 1
    expect(page.locator(".flash")).to_contain_text("已吹哨")
    assert taps <= 5


def test_large_print_has_large_targets(visit: Open) -> None:
    page = visit("ding.dayong", "/m/me", size=(390, 844))
    page.click("text=打开大字版")
    for address in ("/m", "/m/report", "/m/me", f"/m/{mine('ding.dayong')}", f"/m/{mine('ding.dayong')}/whistle"):
        page.goto(address)
        page.wait_for_load_state("networkidle")  # a stored page gives way to the new one
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "21px"
        small = page.locator("a:visible, button:visible, label.pick:visible, summary:visible").evaluate_all(
            "all => all.map(a => [a.textContent, a.getBoundingClientRect().height, getComputedStyle(a).display])"
            ".filter(one => one[1] < 60 && one[2] != 'inline')"
        )
        assert small == [], address
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert axe(page) == []
    page.goto("/m/me")
    page.click("text=改回标准字号")
