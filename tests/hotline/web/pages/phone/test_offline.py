"""The phone without a network, in a real Chromium: nothing lost, everything sent once, every refusal in words."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Request, Route, expect

from hotline.store import db
from hotline.store.schema import METADATA
from hotline.web.hall import FRESH_SECONDS
from tests.hotline.web.conftest import PASSWORD
from tests.hotline.web.pages.carried import Carry, enter, lines, say, stored, until
from tests.hotline.web.pages.seen import TICKET

pytestmark = pytest.mark.browser
SUBMISSION, PERSON, SESSION = (METADATA.tables[name] for name in ("submission", "person", "login_session"))
SENT = "**/api/v1/submissions/*"


@pytest.mark.parametrize("worker", [True, False])
def test_an_unopened_ticket_is_reported_on_without_a_network(carry: Carry, worker: bool) -> None:
    phone = carry(worker=worker)
    page = phone.pages[0]
    phone.set_offline(True)
    words = f"地下室已排水。{worker}"
    say(page, words)
    expect(page.locator("#strip")).to_contain_text("没有网络，可以照常填写，有信号自动上传")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    expect(page.locator("nav.tabs .count")).to_have_text("1")
    assert lines(words) == 0
    phone.set_offline(False)
    expect(page.locator("#strip")).to_be_hidden()
    assert (lines(words), stored(page, "ops")) == (1, 0)


def test_it_survives_a_restart_without_a_network(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    phone.set_offline(True)
    say(page, "重启之前写的。")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    page.close()
    again = phone.new_page()
    again.goto("/m")  # no network: the worker shows the stored page
    expect(again.locator("#strip")).to_contain_text("1 件待上传")
    again.click("nav.tabs a:has-text('待传')")
    expect(again.locator("#waiting li")).to_have_count(1)
    expect(again.locator("#waiting .state")).to_have_text("待上传")
    phone.set_offline(False)
    expect(again.locator("#none")).to_be_visible()
    assert lines("重启之前写的。") == 1


def test_a_stored_page_filled_in_twice_is_two_reports(carry: Carry) -> None:
    """What she finds in the street goes onto the same stored page, one after the other."""
    phone = carry(worker=False)
    page = phone.pages[0]
    page.click("nav.tabs a:has-text('上报')")
    page.wait_for_url("**/m/report")
    page.wait_for_selector("[data-shots]:visible")
    page.click("a.back")
    phone.set_offline(True)
    found = ["巷口第一处积水。", "巷尾第二处积水。"]
    for count, words in enumerate(found, 1):
        page.click("nav.tabs a:has-text('上报')")
        page.fill("textarea[name=text]", words)
        page.click("label.pick:has-text('需要派单')")
        page.click(".submit button")
        expect(page.locator("#strip")).to_contain_text(f"{count} 件待上传")
    phone.set_offline(False)
    expect(page.locator("#strip")).to_be_hidden(timeout=15_000)
    with db.reading() as session:
        query = sa.select(TICKET.c.text).where(TICKET.c.text.in_(found)).order_by(TICKET.c.id)
        assert list(session.execute(query).scalars()) == found


def test_a_visit_is_noted_without_a_network_and_with_one(carry: Carry) -> None:
    phone = carry(worker=False)
    page = phone.pages[0]
    page.click("nav.tabs a:has-text('我的')")
    page.click("a:has-text('走访、代办')")
    page.wait_for_url("**/m/visits")
    page.click("label.pick >> nth=0")
    page.fill("textarea[name=note]", "有网时看过一户。")
    page.click("form[data-op] button.button")
    expect(page.locator(".flash")).to_contain_text("已记下")
    expect(page.locator("#noted")).to_be_visible()
    phone.set_offline(True)
    page.click("label.pick >> nth=0")
    page.fill("textarea[name=note]", "没网时又看过一户。")
    page.click("form[data-op] button.button")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    page.click("nav.tabs a:has-text('待传')")
    expect(page.locator("#waiting .title")).to_have_text("走访、代办")
    phone.set_offline(False)
    expect(page.locator("#none")).to_be_visible(timeout=15_000)
    visit = METADATA.tables["visit"]
    with db.reading() as session:
        noted = list(session.execute(sa.select(visit.c.note).order_by(visit.c.id)).scalars())
    assert noted[-2:] == ["有网时看过一户。", "没网时又看过一户。"]


@pytest.mark.parametrize("locks", [True, False])
def test_two_tabs_coming_back_send_once(carry: Carry, locks: bool) -> None:
    phone = carry()
    if not locks:  # an engine of 2020
        phone.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})")
        phone.add_init_script("Object.defineProperty(Crypto.prototype, 'randomUUID', {value: undefined})")
    first, second = phone.pages[0], phone.new_page()
    for page in (first, second):
        page.goto("/m")
    sent: list[Request] = []
    phone.on("request", lambda one: sent.append(one) if "/api/v1/submissions/" in one.url else None)
    phone.set_offline(True)
    words = f"两个标签页。{locks}"
    say(first, words)
    expect(second.locator("#strip")).to_contain_text("1 件待上传")
    sent.clear()
    phone.set_offline(False)
    for page in (first, second):
        expect(page.locator("#strip")).to_be_hidden()
    assert (lines(words), len(sent)) == (1, 1)


def test_an_answer_lost_after_the_server_stored_it_is_one_report(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    tries: list[str] = []

    def lose(route: Route) -> None:
        tries.append(route.request.url)
        route.fetch()  # the server has it; the phone never hears
        route.abort("connectionreset")

    page.route(SENT, lose, times=1)
    say(page, "回执丢了。")
    expect(page.locator(".flash")).to_contain_text("已提交")
    with db.reading() as session:
        kept = session.execute(sa.select(SUBMISSION.c.id).where(SUBMISSION.c.number != "")).scalars().all()
    assert len(tries) == 1
    assert lines("回执丢了。") == 1
    assert str(kept[-1]) in tries[0] or any(str(one) in tries[0] for one in kept)
    assert stored(page, "ops") == 0


def test_a_login_that_has_ended_keeps_it_and_asks(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    page.click(".cards a >> nth=1")
    page.click("label.pick:has-text('正在处理')")
    page.fill("textarea[name=note]", "登录过期时写的。")
    phone.clear_cookies()
    page.click(".submit button")
    page.wait_for_url("**/login**")
    assert lines("登录过期时写的。") == 0
    enter(page, "ding.dayong")
    expect(page.locator("#strip")).to_be_hidden()
    assert lines("登录过期时写的。") == 1


def test_what_is_refused_at_once_is_said_at_the_form_with_the_words_kept(carry: Carry) -> None:
    page = carry().pages[0]
    page.click(".cards a >> nth=1")
    page.click("label.pick:has-text('办不了')")
    page.click(".submit button")
    expect(page.locator("#refused")).to_have_text("选这一项时请写明理由")
    page.click("label.pick:has-text('正在处理')")
    page.fill("textarea[name=note]", "改好了再交。")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert (lines("改好了再交。"), stored(page, "ops")) == (1, 0)


def test_what_is_refused_later_can_be_mended_or_thrown_away(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    page.click("nav.tabs a:has-text('上报')")
    page.wait_for_url("**/m/report")
    phone.set_offline(True)
    page.fill("textarea[name=text]", "嗯嗯嗯嗯")
    page.click("label.pick:has-text('我已当场处理')")
    page.click(".submit button")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    phone.set_offline(False)
    expect(page.locator("#strip")).to_contain_text("1 件被退回")
    page.click("#strip a:has-text('去看看')")
    expect(page.locator("#waiting .why")).to_contain_text("请选一个类别")
    page.click("text=改后重传")
    expect(page.locator("textarea[name=text]")).to_have_value("嗯嗯嗯嗯")
    expect(page.locator("#refused")).to_contain_text("请选一个类别")
    page.click("#offers label.pick >> nth=0")
    page.click(".submit button")
    expect(page.locator(".flash")).to_contain_text("已当场办结")
    assert stored(page, "ops") == 0
    with db.reading() as session:
        made = session.execute(sa.select(TICKET.c.state).where(TICKET.c.text == "嗯嗯嗯嗯")).scalars().all()
    assert made == ["closed"]


def test_a_ticket_that_moved_on_meanwhile_is_said_in_words(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    phone.set_offline(True)
    page.click(".cards a >> nth=0")
    page.wait_for_url("**/m/SL*")
    number = page.url.rpartition("/")[2]
    page.click("label.pick:has-text('已到现场')")
    page.fill("textarea[name=note]", "到了才知道转走了。")
    page.click(".submit button")
    with db.transaction() as session:  # a colleague's hand-over, seen from the phone's side
        elsewhere = {"grid": "990101001001001", "community": "990101001001", "leader": "wu.haoran"}
        session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(elsewhere))
    phone.set_offline(False)
    expect(page.locator("#strip")).to_contain_text("1 件被退回")
    page.click("#strip a:has-text('去看看')")
    expect(page.locator("#waiting .why")).to_contain_text("已转给其他网格")
    expect(page.locator("#waiting .words")).to_have_text("到了才知道转走了。")
    page.click("[data-drop]")
    assert stored(page, "ops") == 1  # asked once
    page.click("[data-drop]:has-text('再点一次')")
    expect(page.locator("#none")).to_be_visible()
    assert lines("到了才知道转走了。") == 0


def test_a_busy_server_is_tried_again(carry: Carry) -> None:
    page = carry().pages[0]
    page.route(SENT, lambda route: route.fulfill(status=503, json={"code": "unavailable"}), times=1)
    say(page, "服务器忙的时候。")
    expect(page.locator(".flash")).to_contain_text("已提交")  # by itself, two seconds later
    page.route(SENT, lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    say(page, "服务器一直忙。")
    expect(page.locator("#strip")).to_contain_text("1 件待上传", timeout=10_000)
    page.click("nav.tabs a:has-text('待传')")
    page.unroute(SENT)
    page.click("#retry")
    expect(page.locator("#none")).to_be_visible()
    assert [lines("服务器忙的时候。"), lines("服务器一直忙。")] == [1, 1]


def test_whoever_logs_out_is_told_and_nobody_else_sends_it(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    phone.set_offline(True)
    say(page, "退出之前没传完。")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    page.route(SENT, lambda route: route.fulfill(status=503, json={}))
    phone.set_offline(False)
    page.click("nav.tabs a:has-text('我的')")
    page.click("text=退出")
    expect(page.locator("#strip")).to_contain_text("还有 1 件没有上传")
    page.click("text=退出")
    page.wait_for_url("**/login")
    page.unroute(SENT)
    enter(page, "wu.haoran")
    page.wait_for_timeout(500)
    assert lines("退出之前没传完。") == 0
    expect(page.locator("#strip")).to_be_hidden()
    assert "丁大勇" not in page.content()
    phone.clear_cookies()
    enter(page, "ding.dayong")
    expect(page.locator("#strip")).to_be_hidden()
    assert lines("退出之前没传完。") == 1


def test_a_phone_that_keeps_nothing_posts_the_form(carry: Carry) -> None:
    phone = carry("")
    phone.add_init_script("Object.defineProperty(window, 'indexedDB', {get: () => { throw new Error('private'); }})")
    page = phone.new_page()
    page.goto("/login")
    page.fill("#login", "ding.dayong")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/m")
    say(page, "什么也存不下的手机。")
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert lines("什么也存不下的手机。") == 1


def test_a_page_that_is_not_on_the_phone_is_said_so(carry: Carry) -> None:
    phone = carry()
    page = phone.pages[0]
    phone.set_offline(True)
    page.evaluate("document.querySelector('.cards a').setAttribute('href', '/m/SL000000000000')")
    page.click(".cards a >> nth=0")
    expect(page.locator("#strip")).to_have_text("没有网络，这一页还没有存到手机上")
    expect(page.locator("h1")).to_have_text("今日待办")


def test_a_leader_removed_while_offline_loses_no_word_and_sees_nothing_more(carry: Carry) -> None:
    phone = carry("wu.haoran")
    page = phone.pages[0]
    page.click("nav.tabs a:has-text('上报')")
    page.wait_for_url("**/m/report")
    phone.set_offline(True)
    page.fill("textarea[name=text]", "离岗之前看到的。")
    page.click("label.pick:has-text('需要派单')")
    page.click(".submit button")
    expect(page.locator("#strip")).to_contain_text("1 件待上传")
    with db.transaction() as session:
        mine = PERSON.c.login == "wu.haoran"
        session.execute(sa.update(PERSON).where(mine).values(active=False))
        session.execute(sa.delete(SESSION).where(SESSION.c.login == "wu.haoran"))
    page.wait_for_timeout(1000 * FRESH_SECONDS + 200)  # a process may believe a session for so long
    phone.set_offline(False)
    expect(page.locator("#strip")).to_contain_text("1 件要登录后才能上传")
    page.click("#strip a:has-text('去登录')")
    page.wait_for_url("**/login**")  # and the stored pages go
    until(page, lambda: stored(page, "pages") == 0)
    assert stored(page, "ops") == 1
    page.fill("#login", "wu.haoran")
    page.fill("#password", PASSWORD)
    page.click("main button")
    expect(page.locator("main")).to_contain_text("账号或密码不正确")
    with db.transaction() as session:
        session.execute(sa.update(PERSON).where(mine).values(active=True))
    with db.reading() as session:
        assert session.execute(sa.select(TICKET.c.id).where(TICKET.c.text == "离岗之前看到的。")).first() is None
