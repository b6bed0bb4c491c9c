"""The desk's buttons under the keys: what is posted is the button that was meant, whatever was touched before it."""

import re
from itertools import count
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, expect

from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import numbers, row

pytestmark = pytest.mark.browser
WORDS = "河边步道的栏杆断了一截，有人差点摔下去。"  # like neither of the two: no machine merges it
PHONES = count(13800004301)


def two(page: Page) -> list[str]:
    """Let one caller have two open tickets and a third matter on the line; return the two numbers as offered."""
    phone = str(next(PHONES))
    for words in ("请把和平桥头的路灯修一下，整排不亮。", "望湖花园门口占道经营，早上出不了车。"):
        page.fill("#phone", phone)
        page.fill("#text", words)
        page.click("#save")
        expect(page.locator("#number")).to_be_visible()
        page.goto("/desk")
    page.fill("#phone", phone)
    page.fill("#text", WORDS)
    offers = page.locator("#offers [data-join]")
    own = [f"[value='join:{number}']" for number in numbers()[:2]]
    for one in own:
        expect(page.locator(f"#offers [data-join]{one}").first).to_be_visible()
    offered = [str(one.get_attribute("value")).removeprefix("join:") for one in offers.all()]
    assert set(offered) >= set(numbers()[:2])
    return list(dict.fromkeys(offered))


def posted(page: Page) -> list[list[str]]:
    """Return a list that fills with what is posted as `act`."""
    acts: list[list[str]] = []

    def note(sent: Request) -> None:
        if sent.method == "POST" and sent.url.endswith("/desk"):
            acts.append(parse_qs(sent.post_data or "").get("act", []))

    page.on("request", note)
    return acts


def merged(page: Page, acts: list[list[str]], target: str) -> None:
    expect(page.locator("#main")).to_contain_text(f"已并入 {target}")
    newest = row(numbers()[0])
    assert (acts, newest.state, newest.joined_to) == ([[f"join:{target}"]], "joined", row(target).id)


@pytest.mark.parametrize("place", [1, 2])
def test_f9_merges_into_the_one_that_was_chosen(visit: Open, place: int) -> None:
    page = visit("hua01", "/desk")
    offered, acts = two(page), posted(page)
    page.keyboard.press("F9")
    page.keyboard.press(str(place))
    page.keyboard.press("Enter")
    merged(page, acts, offered[place - 1])


@pytest.mark.parametrize("place", [1, 2])
def test_what_is_chosen_counts_and_not_what_was_clicked(visit: Open, place: int) -> None:
    page = visit("hua01", "/desk")
    offered, acts = two(page), posted(page)
    page.click(f"#offers [data-join][value='join:{offered[2 - place]}'] >> nth=0")  # the other one
    page.keyboard.press(str(place))
    page.keyboard.press("Enter")
    merged(page, acts, offered[place - 1])


def test_a_merge_called_off_leaves_nothing_behind(visit: Open) -> None:
    """Back on 并入这件 by Escape: Ctrl+Enter there is the form's own key, and asks nobody to merge."""
    page = visit("hua01", "/desk")
    offered, acts = two(page), posted(page)
    page.click(f"#offers [data-join][value='join:{offered[0]}'] >> nth=0")
    page.keyboard.press("Escape")
    expect(page.locator("#offers [data-join]:focus")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#number")).to_be_visible()
    number = re.sub(r"\s", "", page.locator("#number").inner_text())
    assert (acts, row(number).joined_to) == ([["save"]], None)


def test_the_key_to_register_settles_nothing_from_the_other_button(visit: Open) -> None:
    page = visit("hua01", "/desk")
    acts = posted(page)
    page.fill("#text", "请问居住证在哪里办？")
    page.keyboard.press("F4")
    page.keyboard.type("社区服务站就能办。")
    page.focus("#settle")
    before = len(numbers())
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .flash")).to_contain_text("当场答复")
    assert (acts, len(numbers())) == ([["save"]], before)


def test_each_key_posts_its_own_button(visit: Open) -> None:
    page = visit("hua01", "/desk")
    acts = posted(page)
    page.fill("#text", "请问营业执照在哪里换？")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#number")).to_be_visible()
    page.goto("/desk")
    page.fill("#text", "请问公交卡在哪里办？")
    page.keyboard.press("F4")
    page.keyboard.type("各营业厅都能办。")
    page.keyboard.press("F4")
    expect(page.locator("#main")).to_contain_text("已直接答复办结")
    assert acts == [["save"], ["settle"]]
