"""The keys of the intake desk: F2 takes what is likely, F4 loses no answer, F9 asks before anything is merged."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import axe, numbers, row

pytestmark = pytest.mark.browser


def test_the_desk_takes_no_suggestion_below_sixty_percent(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "嗯嗯嗯嗯那个事情。")
    offers = page.locator("#offers [data-sets=area]")
    expect(page.locator("#offers [data-offer]")).to_be_visible()
    assert "拿不准" in page.locator("#offers").inner_text()
    shares = [int(one.rstrip("%")) for one in offers.locator(".percent").all_inner_texts()]
    assert shares == [] or max(shares) < 60
    page.keyboard.press("F2")
    assert page.locator("#area").input_value() == ""


def alike(page: Page, words: str, where: str) -> str:
    """Register a matter and type it again; return the number that is offered."""
    page.fill("#text", words)
    page.fill("#address", where)
    page.keyboard.press("Control+Enter")
    number = re.sub(r"\s", "", page.locator("#number").inner_text())
    page.goto("/desk")
    page.fill("#text", words)
    page.fill("#address", where)
    expect(page.locator(f"#offers [data-join][value='join:{number}']")).to_be_visible()
    return number


def test_f9_merges_only_what_is_chosen_and_asks(visit: Open) -> None:
    page = visit("hua01", "/desk")
    words = "松岭家园5号楼的路灯坏了两盏，晚上一片漆黑。"
    number, before = alike(page, words, "松岭家园5号楼"), len(numbers())
    for _ in range(2):  # doubled
        page.keyboard.press("F9")
    page.keyboard.down("F9")
    page.keyboard.down("F9")
    page.keyboard.up("F9")
    question = page.locator("dialog#join")
    expect(question).to_be_visible()
    expect(question).to_contain_text(words[:12])
    expect(question).to_contain_text(number)
    assert question.locator("input:checked").count() == 0
    for key in ("F4", "F2", "Control+Enter", "Enter"):  # a question is open: no other key acts, and nothing is chosen
        page.keyboard.press(key)
    expect(question).to_be_visible()
    page.wait_for_timeout(300)
    assert len(numbers()) == before
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(page.locator("#text")).to_have_value(words)
    page.keyboard.press("F9")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_contain_text(f"已并入 {number}")
    assert row(numbers()[0]).state == "joined"


def test_a_click_on_join_asks_too(visit: Open) -> None:
    page = visit("hua01", "/desk")
    number, before = alike(page, "望湖花园门口的井盖松了，车一过就响。", "望湖花园"), len(numbers())
    page.click(f"#offers [data-join][value='join:{number}']")
    expect(page.locator("dialog#join input:checked")).to_have_count(1)
    expect(page.locator("dialog#join")).to_contain_text(number)
    assert len(numbers()) == before
    page.click("dialog#join button.primary")
    expect(page.locator("#main")).to_contain_text(f"已并入 {number}")


def test_an_answer_is_never_thrown_away(visit: Open) -> None:
    words = "社区服务站就能办。"
    page = visit("hua01", "/desk")
    page.fill("#text", "请问居住证在哪里办？")
    page.keyboard.press("F4")
    page.keyboard.type(words)
    page.keyboard.press("Escape")
    expect(page.locator("#answer")).to_have_value(words)
    before = len(numbers())
    page.keyboard.press("Control+Enter")  # to register and dispatch would let it drop
    expect(page.locator("#main .flash")).to_contain_text("当场答复")
    expect(page.locator("#answer")).to_be_visible()
    expect(page.locator("#answer")).to_have_value(words)
    assert len(numbers()) == before
    page.reload()  # at once: nobody waits for a draft to be kept
    expect(page.locator("#answer")).to_be_visible()
    expect(page.locator("#answer")).to_have_value(words)
    page.focus("#text")
    page.keyboard.press("F4")  # shows where it stands, and sends nothing that was written before
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.press("F4")
    expect(page.locator("#main")).to_contain_text("已直接答复办结")
    assert row(numbers()[0]).reply == words


def test_an_answer_after_a_lost_receipt_is_still_there(visit: Open) -> None:
    """Registered, the receipt lost, answered instead: the answer waits for a word."""
    words = "请到行政服务中心二楼。"
    page = visit("hua01", "/desk")
    page.fill("#text", "请问营业执照在哪里换？")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/desk", lose, times=1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_be_visible()
    page.keyboard.press("F4")
    page.keyboard.type(words)
    page.keyboard.press("F4")
    expect(page.locator("#main .flash, #unsent").first).to_be_visible()
    left = page.locator("#unsent").or_(page.locator("#answer"))
    assert row(numbers()[0]).reply == words or words in (left.text_content() or left.input_value())


def test_a_panel_that_comes_later_hides_no_trouble(visit: Open) -> None:
    page, held = visit("hua01", "/desk"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/desk/suggestions", hold)
    page.route("**/desk", lambda route: route.abort("connectionreset"), times=1)
    page.fill("#text", "请问营业执照在哪里换？")
    page.wait_for_timeout(600)  # longer than the pause of who types
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_be_visible()
    assert held
    for route in held:
        route.continue_()
    page.unroute_all()
    expect(page.locator("#offers [data-offer]").first).to_be_visible()
    expect(page.locator("#trouble")).to_be_visible()
    page.wait_for_timeout(1000)  # the same key again at once is no press
    page.keyboard.press("Control+Enter")
    expect(page.locator("#number")).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
