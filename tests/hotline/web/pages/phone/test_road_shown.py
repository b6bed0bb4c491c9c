"""Sent means sent: the phone on a road where others answer, answers are cut, late, lost, or come twice."""

import json
from functools import partial

import pytest
import sqlalchemy as sa
from playwright.sync_api import Route, expect

from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.web.pages.carried import Carry, enter, lines, say, stored, until
from tests.hotline.web.pages.seen import TICKET, axe

pytestmark = pytest.mark.browser
SENT = "**/api/v1/submissions/*"
HURRY = "dispatchEvent(new Event('online'))"  # no click: it goes by itself, perhaps before it
PORTAL = "<!doctype html><html><title>WLAN</title><body><h1>欢迎使用免费上网</h1></body></html>"
VISIT, OPINION = METADATA.tables["visit"], METADATA.tables["opinion_box"]


def cut(route: Route) -> None:
    """The server did it, and half of its answer came through."""
    answer = route.fetch()
    route.fulfill(status=answer.status, headers=answer.headers, body=answer.text()[:9])


def emptied(route: Route) -> None:
    route.fetch()
    route.fulfill(status=204)


def other_number(route: Route) -> None:
    """An answer of ours to something else: a cache between."""
    body = {"id": "0198c0de-0000-7000-8000-000000000000", "number": "SL20260101000017", "seq": 3}
    route.fulfill(status=201, json=body)


def reached(met: list[int], least: int) -> bool:
    return len(met) >= least


ROADS = {
    "a portal's page": lambda route: route.fulfill(status=200, content_type="text/html", body=PORTAL),
    "a page called json": lambda route: route.fulfill(status=200, content_type="application/json", body=PORTAL),
    "another service": lambda route: route.fulfill(status=200, json={"code": 0, "msg": "ok", "data": None}),
    "empty json": lambda route: route.fulfill(status=201, json={}),
    "a list": lambda route: route.fulfill(status=200, json=[1]),
    "another's receipt": other_number,
    "cut": cut,
    "204": emptied,
    "302": lambda route: route.fulfill(status=302, headers={"Location": "/login"}),
    "502": lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>"),
    "403 of a proxy": lambda route: route.fulfill(status=403, content_type="text/html", body="<h1>Forbidden</h1>"),
    "404 of a proxy": lambda route: route.fulfill(status=404, json={"code": "NotFound", "message": "no route"}),
    "413 of a proxy": lambda route: route.fulfill(status=413, content_type="text/html", body="too large"),
}
FOREIGN = {  # what a proxy, a portal or another service says no with
    "no code": {"message": "blocked"},
    "null": {"code": None, "message": "blocked"},
    "number": {"code": 7, "message": "blocked"},
    "true": {"code": True, "message": "blocked"},
    "array": {"code": ["bad_value"], "message": "blocked"},
    "object": {"code": {"bad_value": 1}, "message": "blocked"},
    "empty code": {"code": "", "message": "blocked"},
    "theirs": {"code": "WAF-1020", "message": "blocked"},
    "no message": {"code": "bad_value"},
    "message no text": {"code": "bad_value", "message": {"text": "blocked"}},
    "fields no list": {"code": "bad_value", "message": "blocked", "fields": "text"},
    "echoed": {"id": "KEY", "message": "blocked"},
    "text": "blocked",
    "html": None,
    "empty": None,
}


@pytest.mark.parametrize("road", ROADS)
def test_only_an_answer_with_our_identifier_is_a_receipt(carry: Carry, road: str) -> None:
    page = carry(worker=False).pages[0]
    page.route(SENT, ROADS[road])
    words = f"路上有别人应答，{road}。"
    say(page, words)
    expect(page.locator("#strip")).to_contain_text("1 件待上传", timeout=20_000)
    assert "已提交" not in page.locator("main").inner_text()
    assert stored(page, "ops") == 1
    page.click("nav.tabs a:has-text('待传')")
    expect(page.locator("#waiting .state")).to_have_text("待上传")
    expect(page.locator("#waiting .words")).to_have_text(words)
    page.unroute(SENT)
    page.click("#retry")
    expect(page.locator("#none")).to_be_visible()
    assert (lines(words), stored(page, "ops")) == (1, 0)


@pytest.mark.parametrize("foreign", FOREIGN)
def test_only_a_refusal_of_ours_sends_a_form_back(carry: Carry, foreign: str) -> None:
    """Whatever else says no, with whatever status, is a broken road: the form waits, and goes by itself."""
    page = carry(worker=False).pages[0]
    statuses = iter([400, 422, 409, 413, 415])
    met: list[int] = []

    def no(route: Route) -> None:
        status = next(statuses, 422)
        met.append(status)
        if foreign in ("html", "empty"):
            return route.fulfill(status=status, content_type="text/html", body=PORTAL if foreign == "html" else "")
        key = route.request.url.rpartition("/")[2].partition("?")[0]
        return route.fulfill(
            status=status, content_type="application/json", body=json.dumps(FOREIGN[foreign]).replace("KEY", key)
        )

    page.route("**/api/v1/submissions/**", no)
    words = f"路上有别人说不，{foreign}。"
    say(page, words)
    expect(page.locator("#strip")).to_contain_text("1 件待上传", timeout=20_000)
    page.click("nav.tabs a:has-text('待传')")
    for tries in range(2, 6):
        page.evaluate(HURRY)
        until(page, partial(reached, met, tries))
        expect(page.locator("#waiting .state")).to_have_text("待上传")
    assert (set(met), lines(words)) == ({400, 422, 409, 413, 415}, 0)
    page.unroute("**/api/v1/submissions/**")
    page.evaluate(HURRY)
    expect(page.locator("#none")).to_be_visible()
    assert (lines(words), stored(page, "ops")) == (1, 0)


@pytest.mark.parametrize("status", [500, 409, 413, 422, 403])
def test_one_stuck_form_holds_no_other_back(carry: Carry, status: int) -> None:
    phone = carry(worker=False)
    page = phone.pages[0]
    phone.set_offline(True)
    first, second = f"卡住的一件{status}。", f"后面的一件{status}。"
    for words in (first, second):
        say(page, words)
        expect(page.locator("#strip")).to_contain_text("件待上传")

    def stuck(route: Route) -> None:
        if first not in (route.request.post_data or ""):
            return route.continue_()
        key = route.request.url.rpartition("/")[2].partition("?")[0]
        return route.fulfill(status=status, json={"id": key, "code": "internal", "message": "这一件不行", "fields": []})

    page.route("**/api/v1/submissions/**", stuck)
    phone.set_offline(False)
    until(page, lambda: lines(second) == 1 and stored(page, "ops") == 1)
    assert lines(first) == 0
    if status != 500:
        expect(page.locator("#strip")).to_contain_text("1 件被退回")
    page.unroute("**/api/v1/submissions/**")


def test_an_answer_twice_and_late_is_one_line(carry: Carry) -> None:
    page = carry(worker=False).pages[0]

    def late(route: Route) -> None:
        route.fetch()
        page.wait_for_timeout(5000)  # longer than she waits at the form
        route.continue_()  # and once more

    page.route(SENT, late, times=1)
    say(page, "应答来得很晚。")
    until(page, lambda: lines("应答来得很晚。") == 1 and stored(page, "ops") == 0)
    page.wait_for_timeout(3000)
    assert lines("应答来得很晚。") == 1


def test_after_the_receipt_the_form_is_empty_whichever_way_back(carry: Carry) -> None:
    page = carry(worker=False).pages[0]
    say(page, "交了以后按返回。")
    address = page.url
    expect(page.locator(".flash")).to_contain_text("已提交")
    page.wait_for_timeout(1000)  # a draft kept late
    page.go_back()
    page.wait_for_selector("textarea[name=note]")
    expect(page.locator("textarea[name=note]")).to_have_value("")
    assert page.locator("input[name=answer]:checked").count() == 0
    page.reload()
    expect(page.locator("textarea[name=note]")).to_have_value("")
    page.goto("/m/report")
    page.fill("textarea[name=text]", "上报以后按返回。")
    page.click("label.pick:has-text('需要派单')")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    page.go_back()
    page.wait_for_selector("textarea[name=text]")
    expect(page.locator("textarea[name=text]")).to_have_value("")
    page.goto(address)
    expect(page.locator("textarea[name=note]")).to_have_value("")


def test_the_same_words_again_are_asked_about(carry: Carry) -> None:
    page = carry(worker=False).pages[0]
    words = "同样的话说两遍。"
    say(page, words)
    expect(page.locator(".flash")).to_contain_text("已提交")
    number = page.locator(".flash").inner_text().split()[0]
    page.goto(f"/m/{number}")
    page.wait_for_selector("[data-shots]")
    page.click("label.pick:has-text('正在处理')")
    page.fill("textarea[name=note]", words)
    page.click(".submit button")
    expect(page.locator("#refused")).to_contain_text("您刚才已提交过同样的内容，再次提交？")
    expect(page.locator("textarea[name=note]")).to_have_value(words)
    assert lines(words) == 1
    assert axe(page) == []
    page.click("#refused [data-again]")
    expect(page.locator(".flash")).to_contain_text(f"{number} 已提交")  # the question says 已提交 too
    assert (lines(words), stored(page, "ops")) == (2, 0)


def test_the_same_words_are_asked_about_without_a_network_too(carry: Carry) -> None:
    phone = carry(worker=False)
    page = phone.pages[0]
    phone.set_offline(True)
    words = "没网时也说两遍。"
    address = page.get_attribute(".cards a >> nth=1", "href")
    say(page, words)
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    page.click(f".cards a[href='{address}']")
    page.wait_for_url("**/m/SL*")
    page.click("label.pick:has-text('正在处理')")
    page.fill("textarea[name=note]", words)
    page.click(".submit button")
    expect(page.locator("#refused")).to_contain_text("再次提交？")
    assert stored(page, "ops") == 1
    phone.set_offline(False)
    until(page, lambda: lines(words) == 1)


@pytest.mark.parametrize("worker", [True, False])
def test_a_receipt_on_a_road_that_dies_shows_our_page(carry: Carry, worker: bool) -> None:
    phone = carry(worker=worker)
    page = phone.pages[0]
    words = f"回执之后断了，{worker}。"

    def last(route: Route) -> None:
        answer = route.fetch()
        phone.set_offline(True)
        route.fulfill(response=answer)

    page.route(SENT, last, times=1)
    say(page, words)
    expect(page.locator("main .flash")).to_contain_text("已提交")
    assert page.url.startswith("http")
    assert page.locator("textarea").count() == 0 or page.locator("textarea").input_value() == ""
    assert (lines(words), stored(page, "ops")) == (1, 0)


POSTS = [
    ("/m/me", "textarea[name=text]", "text=提出意见"),
    ("/m/me", "", "text=打开大字版"),
    ("/m/me", "", "text=退出"),
    ("ticket", "", ".dial button"),
]


@pytest.mark.parametrize("worker", [True, False])
@pytest.mark.parametrize(("address", "field", "button"), POSTS)
def test_a_form_posted_on_a_dead_road_stays(carry: Carry, address: str, field: str, button: str, worker: bool) -> None:
    phone = carry(worker=worker)
    page = phone.pages[0]
    if address == "ticket":
        page.click(".cards a >> nth=0")
        page.wait_for_url("**/m/SL*")
    else:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    phone.set_offline(True)
    if field:
        page.fill(field, "没网时的意见。")
    told = page.locator("#strip" if button == "text=退出" else "#refused")
    page.click(button)
    expect(told).to_contain_text("没有连上")
    if field:
        expect(page.locator(field)).to_have_value("没网时的意见。")
    phone.set_offline(False)
    page.unroute_all()
    page.route("**/m/**", lambda route: route.fulfill(status=200, content_type="text/html", body=PORTAL))
    page.route("**/logout", lambda route: route.fulfill(status=200, content_type="text/html", body=PORTAL))
    told.evaluate("(one) => one.replaceChildren()")
    page.click(button)  # a portal answers
    expect(told).to_contain_text("没有连上")
    assert "免费上网" not in page.content()
    page.unroute_all()
    page.click(button)
    if button == ".dial button":
        expect(page.locator(".dial a.button")).to_be_visible()
    elif button == "text=退出":
        page.wait_for_url("**/login")
    else:
        expect(page.locator("#told" if field else "html.large")).to_have_count(1)  # not what was said before
        if field:
            page.goto(address)
            expect(page.locator(field)).to_have_value("")
        else:
            page.goto(address)
            page.click("text=改回标准字号")


def test_an_opinion_and_a_visit_are_asked_about_too(carry: Carry) -> None:
    page = carry(worker=False).pages[0]
    for count in (1, 1, 2):
        page.goto("/m/me") if page.locator("input[name=again]").count() == 0 else None
        page.fill("section textarea[name=text]", "两遍的意见。")
        page.click("text=提出意见")
        expect(page.locator(".flash")).to_be_visible()
        page.wait_for_timeout(300)
        with db.reading() as session:
            query = sa.select(sa.func.count()).select_from(OPINION).where(OPINION.c.text == "两遍的意见。")
            assert session.execute(query).scalar_one() == count


def test_a_logout_that_only_warned_wipes_nothing(carry: Carry) -> None:
    phone = carry(worker=False)
    page = phone.pages[0]
    phone.set_offline(True)
    say(page, "退出之前还在等。")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    page.click(".cards a >> nth=0")
    page.wait_for_url("**/m/SL*")
    page.fill("textarea[name=note]", "正在写的草稿。")
    page.wait_for_timeout(900)
    page.route(SENT, lambda route: route.fulfill(status=503, json={}))
    phone.set_offline(False)
    page.click("a.back")
    page.click("nav.tabs a:has-text('我的')")
    page.wait_for_url("**/m/me")
    pages = stored(page, "pages")
    page.click("text=退出")
    expect(page.locator("#strip")).to_contain_text("还有 1 件没有上传")
    assert "正在写的草稿。" in page.evaluate("Object.values(localStorage).join()")
    assert (stored(page, "ops"), stored(page, "pages")) == (1, pages)
    phone.set_offline(True)
    page.click("text=退出")  # sure, and on a dead road
    expect(page.locator("#strip")).to_contain_text("没有退出")
    assert "正在写的草稿。" in page.evaluate("Object.values(localStorage).join()")
    assert (stored(page, "ops"), stored(page, "pages")) == (1, pages)
    phone.set_offline(False)
    page.click("text=退出")
    page.wait_for_url("**/login")
    assert "正在写的草稿。" not in page.evaluate("Object.values(localStorage).join()")
    assert (stored(page, "ops"), stored(page, "pages")) == (1, 0)
    page.unroute(SENT)
    enter(page, "ding.dayong")
    until(page, lambda: lines("退出之前还在等。") == 1)


def test_a_portals_page_is_never_kept_as_ours(carry: Carry) -> None:
    phone = carry(worker=False)
    page = phone.pages[0]
    page.route("**/m/map", lambda route: route.fulfill(status=200, content_type="text/html", body=PORTAL))
    page.route("**/m/report/offers", lambda route: route.fulfill(status=200, content_type="text/html", body=PORTAL))
    page.click("nav.tabs a:has-text('地图')")
    page.wait_for_timeout(800)
    assert "免费上网" not in page.content()
    page.click("nav.tabs a:has-text('上报')")
    page.wait_for_url("**/m/report")
    page.wait_for_selector("[data-record]:visible")
    with page.expect_response("**/m/report/offers"):
        page.fill("textarea[name=text]", "有人在桥下烧垃圾。")
    page.wait_for_timeout(300)
    assert "免费上网" not in page.content()
    page.unroute_all()
    page.click("a.back")
    page.click("nav.tabs a:has-text('地图')")
    expect(page.locator("h1")).to_have_text("地图")


def test_the_notes_of_a_visit_wait_like_all_others(carry: Carry) -> None:
    page = carry(worker=False).pages[0]
    page.route(SENT, ROADS["a portal's page"])
    page.goto("/m/visits")
    page.wait_for_load_state("networkidle")
    page.click("label.pick >> nth=0")
    page.fill("textarea[name=note]", "门户网站应答的走访。")
    page.click("form[data-op] button.button")
    expect(page.locator("#strip")).to_contain_text("1 件待上传", timeout=20_000)
    page.unroute(SENT)
    page.click("nav.tabs a:has-text('待传')")
    page.click("#retry")
    expect(page.locator("#none")).to_be_visible()
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(VISIT).where(VISIT.c.note == "门户网站应答的走访。")
        assert session.execute(query).scalar_one() == 1
        assert session.execute(sa.select(sa.func.count()).select_from(TICKET)).scalar_one() > 0
