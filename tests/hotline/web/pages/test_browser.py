"""The pages in a real Chromium: key and tap counters, IME, drafts, double clicks, lost networks, conflicts."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from hotline.store import db
from tests.hotline.web.pages.carried import KEYS
from tests.hotline.web.pages.conftest import Open
from tests.hotline.web.pages.seen import ENTRY, TICKET, axe, mine, numbers, row
from tests.hotline.web.pages.stage import WAITING

pytestmark = pytest.mark.browser


def test_a_report_from_the_phone_takes_three_taps(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    taps = 0
    for target in (".cards a >> nth=0", "label.pick >> nth=0", ".submit button"):
        page.click(target)
        taps += 1
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert taps == 3


def test_registering_a_call_takes_two_keys_beside_the_text(visit: Open) -> None:
    page = visit("hua01", "/desk")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("松岭家园3号楼门口垃圾桶满了三天没人清运，臭味很大。")
    page.locator("#address").fill("松岭家园3号楼")
    expect(page.locator("#offers [data-sets=area]").first).to_be_visible()
    keys = ["F2", "Control+Enter"]
    page.keyboard.press(keys[0])
    assert page.locator("#area").input_value() != ""
    assert page.locator("#grid").input_value() == "990101001001001"
    page.keyboard.press(keys[1])
    spoken = page.locator("#number").inner_text()
    number = re.sub(r"\s", "", spoken)
    assert row(number).grid == "990101001001001"
    page.keyboard.press("Enter")  # the next call
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#text")).to_have_value("")


def test_suggestions_wait_for_the_ime_and_come_once(visit: Open) -> None:
    page = visit("hua01", "/desk")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if sent.url.endswith("/desk/suggestions") else None)
    page.focus("#text")
    ime = page.context.new_cdp_session(page)
    for typed in ("l", "lu", "lu'd", "lu'deng"):
        ime.send("Input.imeSetComposition", {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)})
        page.wait_for_timeout(350)
    assert asked == []
    with page.expect_response("**/desk/suggestions") as answer:
        ime.send("Input.insertText", {"text": "路灯不亮三天了"})
    assert answer.value.ok
    page.wait_for_timeout(500)
    assert len(asked) == 1


def test_suggestions_never_overwrite_a_person(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.select_option("#area", "0503")
    with page.expect_response("**/desk/suggestions"):
        page.fill("#text", "小区门口垃圾桶满了三天没人清运，臭味很大，生活垃圾堆满。")
    expect(page.locator("#offers [data-offer]")).to_be_visible()
    assert page.locator("#area").input_value() == "0503"
    assert page.locator("[data-mark=area]").is_hidden()


def test_registering_works_without_suggestions(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.route("**/desk/suggestions", lambda route: route.abort())
    page.fill("#text", "人行道地砖松动，雨天溅水，请修。")
    expect(page.locator("#offers")).to_contain_text("智能提示暂不可用")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#number")).to_be_visible()


def test_danger_to_life_is_said_aloud(visit: Open) -> None:
    page = visit("hua01", "/desk")
    expect(page.locator("#danger")).to_be_hidden()
    page.fill("#text", "三楼着火了，有人没出来")
    expect(page.locator("#danger")).to_be_visible()


def test_answering_on_the_line_by_key(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "请问老年卡在哪里办？")
    page.keyboard.press("F4")
    expect(page.locator("#answer")).to_be_focused()
    page.keyboard.type("社区服务站就能办，带身份证。")
    page.keyboard.press("F4")
    expect(page.locator("#main")).to_contain_text("已直接答复办结")


def test_a_draft_survives_a_reload_but_no_phone_number(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "写到一半的诉求，电话还没挂。")
    page.fill("#phone", "13800009922")
    page.wait_for_timeout(900)
    page.reload()
    expect(page.locator("#text")).to_have_value("写到一半的诉求，电话还没挂。")
    expect(page.locator("#phone")).to_have_value("")
    assert "1380000" not in page.evaluate("JSON.stringify(localStorage)")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#number")).to_be_visible()
    page.wait_for_function("!Object.keys(localStorage).some(key => key.startsWith('draft:'))")


def test_dispatching_takes_one_or_two_keys(visit: Open) -> None:
    page = visit("pai01", "/dispatch?list=returned")
    first = (page.get_attribute("form[data-dispatch]", "action") or "").rpartition("/")[2]
    page.keyboard.press("Enter")
    expect(page.locator("#main .flash")).to_contain_text(f"{first} 已派出")
    assert row(first).state == "routed"
    second = (page.get_attribute("form[data-dispatch]", "action") or "").rpartition("/")[2]
    assert second != first
    last = page.locator("[data-pick]").count()
    wanted = (page.locator(f"[data-pick='{last}']").get_attribute("value") or "").partition("|")[0]
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(str(last))
    page.keyboard.press("Enter")
    expect(page.locator("#main .flash")).to_contain_text(f"{second} 已派出")
    assert row(second).unit == wanted


def test_a_callback_takes_four_keys(visit: Open) -> None:
    page = visit("hui01", "/callback?list=callback")
    number = (page.get_attribute("form[data-callback]", "action") or "").rpartition("/")[2]
    keys = ["2", "3", "4", "Control+Enter"]
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator("#main .flash")).to_contain_text(f"{number} 的回访已保存")
    assert (row(number).state, row(number).redos) == ("signed", 1)  # not solved: done again
    missed = (page.get_attribute("form[data-callback]", "action") or "").rpartition("/")[2]
    page.evaluate("document.activeElement.blur()")
    for key in ("0", "Control+Enter"):
        page.keyboard.press(key)
    expect(page.locator("#main .flash")).to_contain_text(missed)
    assert row(missed).tries == 1


def test_the_number_to_dial_by_key(visit: Open) -> None:
    page = visit("hui01", "/callback?list=callback")
    page.keyboard.press("c")
    expect(page.locator("a.phone-number")).to_have_text(re.compile(r"^\d{11}$"))


def test_after_the_number_was_seen_the_callback_is_saved(visit: Open) -> None:
    page = visit("hui01", "/callback?list=callback")
    number = page.locator(".queue [aria-current]").get_attribute("href") or ""
    page.keyboard.press("c")
    expect(page.locator("a.phone-number")).to_be_focused()
    for key in ("1", "1", "1"):
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .flash")).to_contain_text(number.rpartition("=")[2])
    expect(page.locator("a.phone-number")).to_have_count(0)  # the next one's is not shown


def test_another_reason_is_asked_for_in_words_and_the_draft_stays(visit: Open) -> None:
    number = mine("cgj01")
    page = visit("cgj01", f"/tickets/{number}")
    page.keyboard.press("n")
    page.fill("#note-note", "写到一半的备注。")
    expect(page.locator(".dial input[name=words]")).to_be_hidden()
    page.select_option(".dial select", "other")
    expect(page.locator(".dial input[name=words]")).to_be_focused()
    page.keyboard.type("核对门牌号")
    page.click(".dial button")
    expect(page.locator("a.phone-number")).to_be_focused()
    assert page.url.endswith(f"/tickets/{number}")
    assert page.locator("#note-note").input_value() == "写到一半的备注。"
    page.click("#act-note button")
    expect(page.locator("#main .flash")).to_contain_text("已提交")


def test_the_phone_dials_the_switchboard_after_one_tap_and_keeps_no_such_page(visit: Open) -> None:
    page = visit("ding.dayong", f"/m/{mine('ding.dayong')}", size=(390, 844))
    page.click(".dial button")
    expect(page.locator(".dial a.button")).to_have_attribute("href", re.compile(r"^tel:02155500100,\d{6}$"))
    assert axe(page) == []
    page.wait_for_load_state("networkidle")
    kept = page.evaluate(KEYS, "pages")
    assert f"/m/{mine('ding.dayong')}" in kept
    assert not [one for one in kept if "caller" in one]


def test_signing_takes_one_key_and_can_be_switched_off(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "routed")[0]
    page = visit("cgj01", f"/tickets/{number}")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.check("#keys-off")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert row(number).state == "routed"
    page.keyboard.press("?")
    page.uncheck("#keys-off")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("#main .flash")).to_contain_text("“签收”已提交")
    assert row(number).state == "signed"


def test_letters_in_a_field_are_only_letters(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "routed")[0]
    page = visit("cgj01", f"/tickets/{number}")
    page.keyboard.press("n")
    expect(page.locator("#note-note")).to_be_focused()
    page.keyboard.type("abn? 123")
    expect(page.locator("#note-note")).to_have_value("abn? 123")
    assert row(number).state == "routed"


def test_a_double_click_posts_once(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    page = visit("cgj01", f"/tickets/{number}")
    box = page.locator("#act-report")
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    page.fill("#report-note", "双击也只提交一次。")
    box.locator("button").dblclick()
    expect(page.locator("#main .flash")).to_contain_text("已提交")
    page.wait_for_timeout(300)
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(ENTRY).where(ENTRY.c.note == "双击也只提交一次。")
        assert session.execute(query).scalar_one() == 1


def test_a_phone_double_tap_posts_once(visit: Open) -> None:
    page = visit("ding.dayong", "/m", size=(390, 844))
    page.click(".cards a >> nth=0")
    page.wait_for_url("**/m/SL*")
    number = page.url.rpartition("/")[2]
    before = row(number).seq
    page.click("label.pick >> nth=1")
    page.fill("textarea", "连点两下。")
    page.locator(".submit button").dblclick()
    expect(page.locator(".flash")).to_contain_text("已提交")
    assert row(number).seq - before <= 2  # at most: signed, reported


def test_the_map_of_the_grid_is_drawn_without_tiles(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.grid != "")[0]
    page = visit("cgj01", f"/tickets/{number}")
    expect(page.locator(".map canvas")).to_be_visible()
    assert page.locator(".map .grid-name").count() >= 1


def test_a_row_is_walked_and_opened_by_key(visit: Open) -> None:
    page = visit("cgj01", "/unit?list=working")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    expect(second).to_be_focused()
    target = second.get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
    assert page.url.endswith(target)


def test_without_network_the_text_stays_and_is_sent_later(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    page = visit("cgj01", f"/tickets/{number}")
    page.keyboard.press("n")
    page.fill("#note-note", "断网时写的备注。")
    page.context.set_offline(True)
    page.locator("#act-note button").click()
    expect(page.locator("#trouble")).to_contain_text("内容还在")
    expect(page.locator("#note-note")).to_have_value("断网时写的备注。")
    assert axe(page) == []
    page.context.set_offline(False)
    page.locator("#act-note button").click()
    expect(page.locator("#main .flash")).to_contain_text("已提交")
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_session_that_ended_leads_to_the_door(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    page = visit("cgj01", f"/tickets/{number}")
    page.context.clear_cookies()
    page.keyboard.press("n")
    page.fill("#note-note", "会话过期时写的备注。")
    page.wait_for_timeout(900)
    page.locator("#act-note button").click()
    page.wait_for_url("**/login**")
    assert "会话过期时写的备注。" in page.evaluate("JSON.stringify(localStorage)")


def test_a_forged_token_is_told_and_nothing_is_lost(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "令牌失效也不能丢的诉求。")
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach(one => { one.value = 'x'; })")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#trouble")).to_contain_text("刷新页面")
    expect(page.locator("#text")).to_have_value("令牌失效也不能丢的诉求。")


def test_a_conflict_shows_both_texts(visit: Open) -> None:
    number = numbers(TICKET.c.unit == "cgj", TICKET.c.state == "signed")[0]
    first, second = (visit("cgj01", f"/tickets/{number}") for _ in range(2))
    for page, words in ((first, "先提交的备注。"), (second, "后提交的备注。")):
        page.keyboard.press("n")
        page.fill("#note-note", words)
        page.locator("#act-note button").click()
    expect(second.locator("#note-note")).to_have_value("后提交的备注。")
    expect(second.locator(".theirs")).to_contain_text("先提交的备注。")
    assert axe(second) == []
    boxes = second.locator("#main .card").evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
    assert max(boxes) <= 1, "something is wider than its card"
    second.locator("#act-note button").click()
    expect(second.locator("#main .flash")).to_contain_text("已提交")


def test_a_request_is_granted_by_one_key_at_the_desk(visit: Open) -> None:
    number = numbers(TICKET.c.text == WAITING["extension"][0])[0]
    page = visit("pai01", f"/dispatch?list=approve&ticket={number}")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("同意、不同意申请")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("#main .flash")).to_contain_text(f"{number}：“同意延期”已提交")
    assert (row(number).extensions, row(number).extended_days) == (1, 5)


def test_a_refusal_asks_for_its_reason(visit: Open) -> None:
    number = numbers(TICKET.c.text == WAITING["ask_park"][0])[0]
    page = visit("du01", f"/supervise?list=approve&ticket={number}")
    page.keyboard.press("f")
    expect(page.locator("#deny_park-reason")).to_be_focused()
    page.keyboard.type("t先清理周边")  # letters in a field are only letters
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .flash")).to_contain_text("“不同意挂账”已提交")
    assert (row(number).state, row(number).pending) == ("signed", "")


def test_a_key_opens_a_folded_group(visit: Open) -> None:
    number = numbers(TICKET.c.text == WAITING["helped"][0])[0]
    page = visit("cgj01", f"/tickets/{number}")
    expect(page.locator("#ask_extension-days")).to_be_hidden()
    page.keyboard.press("y")
    expect(page.locator("#ask_extension-days")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.locator("#invite-unit")).to_be_focused()
    expect(page.locator("#ask_extension-days")).to_be_hidden()  # one form at a time


def test_a_double_click_decides_once(visit: Open) -> None:
    number = numbers(TICKET.c.text == WAITING["void"][0])[0]
    page = visit("pai01", f"/dispatch?list=approve&ticket={number}")
    page.locator(".decision .yes button").dblclick()
    expect(page.locator("#main .flash")).to_contain_text("“作废”已提交")
    page.wait_for_timeout(300)
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(ENTRY).where(ENTRY.c.ticket_id == row(number).id)
        assert session.execute(query.where(ENTRY.c.move == "void")).scalar_one() == 1


def test_the_red_bar_follows_the_words_with_their_counter_words(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "煤气漏气")
    expect(page.locator("#danger")).to_contain_text("煤气漏气")
    assert page.locator("#urgency").input_value() == "critical"
    expect(page.locator("[data-mark=urgency]")).to_be_visible()  # the machine's word, until a person says so
    page.fill("#text", "煤气漏气应急演练几点结束")
    expect(page.locator("#danger")).to_be_hidden()
    assert page.locator("#urgency").input_value() == ""
    page.fill("#text", "着火了")  # however few
    expect(page.locator("#danger")).to_be_visible()


def test_the_red_bar_is_right_after_a_reload_with_a_draft(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "三楼着火了，有人没出来")
    expect(page.locator("#danger")).to_be_visible()
    expect(page.locator("#draft-note")).to_have_text("草稿已自动保存")
    page.reload()
    expect(page.locator("#danger")).to_be_visible()
    expect(page.locator("#urgency")).to_have_value("critical")


def test_who_lowers_it_at_the_desk_is_respected(visit: Open) -> None:
    page = visit("hua01", "/desk")
    page.fill("#text", "楼道里煤气漏气，已经关了阀门")
    expect(page.locator("#danger")).to_be_visible()
    page.select_option("#urgency", "normal")
    page.fill("#text", "楼道里煤气漏气，已经关了阀门，人也在")
    expect(page.locator("#danger")).to_contain_text("煤气漏气")
    assert page.locator("#urgency").input_value() == "normal"
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main")).to_contain_text("登记人员定为一般（燃气泄漏：听到“煤气漏气”）")
