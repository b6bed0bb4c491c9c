"""The grid leader's phone in a real Chromium: taps to report and to whistle, large print."""

import pytest
from playwright.sync_api import expect

from tests.hotline.web.pages.carried import until
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


@pytest.mark.parametrize(("answer", "most"), [("已到现场", 3), ("正在处理", 3), ("已办好", 4)])
def test_progress_takes_three_taps_and_a_result_four(visit: Open, answer: str, most: int) -> None:
    page = visit("ding.dayong", "/m", size=(360, 640))
    taps = [".cards a >> nth=0", f"label.pick:has-text('{answer}')", ".submit button"]
    for target in taps[:2]:
        page.click(target)
    alone = page.locator("input[name=alone]")  # helpers who have not answered: the one tap more
    if answer == "已办好" and alone.count():
        taps.append("alone")
        alone.check()
    box = page.locator(".submit button").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640  # in reach wherever the page is scrolled to
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert len(taps) <= most


def test_what_is_being_written_survives_a_killed_tab(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    page.click(".cards a >> nth=0")
    page.fill("textarea[name=note]", "写到一半，来了电话")
    page.wait_for_timeout(1500)
    address, context = page.url, page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(address)
    expect(again.locator("textarea[name=note]")).to_have_value("写到一半，来了电话")


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
    expect(page.locator("html.large")).to_have_count(1)
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


def test_what_came_since_the_first_look_is_marked_until_it_is_opened(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    until(page, lambda: bool(page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('known:'))")))
    assert page.locator(".cards .fresh").count() == 0
    page.evaluate(
        """() => {
          const card = document.querySelectorAll("[data-fresh] a")[1];
          const name = Object.keys(localStorage).find((key) => key.startsWith("known:"));
          const before = card.pathname.slice(3).replace(/\\d+$/, (digits) => digits.replace(/./g, "0"));
          localStorage.setItem(name, JSON.stringify({ since: before, opened: [] }));
        }"""
    )
    page.goto("/m")
    expect(page.locator(".cards a >> nth=1").locator(".fresh")).to_have_text("新")
    page.click(".cards a >> nth=1")
    page.wait_for_url("**/m/SL*")
    page.wait_for_selector("[data-shots]")
    page.goto("/m")
    expect(page.locator(".cards a >> nth=0").locator(".fresh")).to_have_text("新")
    assert page.locator(".cards a >> nth=1").locator(".fresh").count() == 0
