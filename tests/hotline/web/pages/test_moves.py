"""The moves of the whole rulebook, as people make them on the pages: who is offered which, kept, refused, decided."""

import re

import pytest
import sqlalchemy as sa
from httpx import Response

from hotline.store import db
from hotline.store.schema import METADATA
from hotline.web.pages.form import offers
from hotline.web.pages.form.moves import PRESENTATIONS
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.conftest import Browser, Visitor, hidden
from tests.hotline.web.pages.seen import ENTRY, TICKET, numbers, row

REQUEST, ASSIGNMENT = METADATA.tables["request"], METADATA.tables["assignment"]


def waiting(what: str) -> str:
    """Return the number of the ticket that stage.WAITING brought there."""
    return numbers(TICKET.c.text == stage.WAITING[what][0])[0]


def moves(number: str) -> list[str]:
    """Return the names of a ticket's moves."""
    with db.reading() as session:
        query = sa.select(ENTRY.c.move).where(ENTRY.c.ticket_id == row(number).id).order_by(ENTRY.c.seq)
        return list(session.execute(query).scalars())


def make(me: Visitor, number: str, move: str, desk: str = "tickets", **form: str) -> Response:
    """Make a move with the token and version of the ticket's own page."""
    page = me.get(f"/tickets/{number}").text
    given = {name: hidden(page, name) for name in ("csrf_token", "seq")}
    return me.post(f"/{desk}/{number}/{move}", given | form)


def offered(page: str) -> set[str]:
    """Return the moves whose forms stand on a page."""
    return set(re.findall(r'action="/(?:tickets|dispatch|supervise)/SL\d+/(\w+)"', page)) - {"caller"}


def test_no_two_moves_share_a_key() -> None:
    keys = [row.key for row in PRESENTATIONS.values() if row.key] + [offers.YES, offers.NO, "C", "J", "K"]
    assert len(keys) == len(set(keys))


def test_a_result_is_read_at_the_desk_and_one_that_was_sent_back_is_bettered(browser: Browser) -> None:
    desk = browser("pai01").get(f"/dispatch?list=check&ticket={waiting('reviewing')}").text
    assert "盲道改线方案报批中" in desk
    assert "前审核，逾期视为通过" in desk
    page = browser("cgj01").get(f"/tickets/{waiting('rejected')}").text
    assert "请写明已向桥梁管理处反映及其答复时间" in page
    assert "required>灯带由桥梁管理处控制，我单位无权调整。</textarea>" in page  # nobody types it again


@pytest.mark.parametrize(("login", "what", "there", "not_there"), [
    ("cgj01", "extension", "report answer lack note invite", "ask_extension ask_park extend sign"),
    ("pai01", "extension", "extend deny_extension invite", "answer report"),
    ("du01",  "extension", "extend deny_extension supervise", "park drop_card"),
    ("hua01", "extension", "urge withdraw classify", "extend deny_extension ask_void"),
    ("cgj01", "lacking",   "resume note", "supply answer"),
    ("hua01", "lacking",   "supply withdraw ask_void", "resume"),
    ("cgj01", "parked",    "review resume", "answer report"),
    ("du01",  "ask_park",  "park deny_park", "extend"),
    ("pai01", "ask_park",  "invite", "park deny_park"),
    ("pai01", "reviewing", "pass reject ask_void", "answer report"),
    ("du01",  "reviewing", "pass reject", "answer"),
    ("cgj01", "reviewing", "note", "answer pass reject"),
    ("cgj01", "rejected",  "answer report", "pass reject submit"),
    ("cgj01", "disputed",  "opine note", "rule"),
    ("pai01", "disputed",  "rule", "opine"),
    ("pai01", "returned",  "route keep convene", "rule"),
    ("du01",  "exclusion", "exclude deny_exclusion", "uphold"),
    ("du01",  "carded",    "circulate drop_card", "yellow_card red_card"),
    ("hua01", "void",      "note", "void deny_void"),
    ("pai01", "void",      "void deny_void", ""),
    ("cgj01", "withdrawn", "note", "sign report"),
])  # fmt: skip
def test_each_reader_is_offered_what_is_theirs(
    browser: Browser, login: str, what: str, there: str, not_there: str
) -> None:
    found = offered(browser(login).get(f"/tickets/{waiting(what)}").text)
    assert set(there.split()) <= found
    assert not set(not_there.split()) & found


def test_asking_for_an_extension_and_granting_less(browser: Browser) -> None:
    unit, desk, number = browser("cgj01"), browser("pai01"), waiting("helped")
    page = unit.get(f"/tickets/{number}").text
    assert re.search(r'<option value="5" selected>5个工作日，至 [\d-]+ 24:00</option>', page)
    assert "由派单员、督办员审批；批准前时限照常计算" in page
    short = make(unit, number, "ask_extension", days="5", reason="等检测报告")
    assert short.status_code == 422
    assert "等检测报告</textarea>" in short.text
    asked = make(unit, number, "ask_extension", days="5", reason="等检测报告", note="已采样")
    assert "由您提出，须由另一人审批" not in asked.text.partition("延期申请")[0]
    assert "延期申请待审批" in asked.text
    due = row(number).due_at
    assert make(unit, number, "extend").status_code == 403
    no = make(desk, number, "deny_extension")
    assert (no.status_code, row(number).pending) == (422, "extension")
    done = make(desk, number, "extend", desk="dispatch", days="2", list="approve")
    assert f"{number}：“同意延期”已提交" in done.text
    now = row(number)
    assert (now.pending, now.extensions, now.extended_days) == ("", 1, 2)
    assert now.due_at > due
    shown = unit.get(f"/tickets/{number}").text
    assert "已延期2个工作日" in shown
    assert "延期至" in shown
    assert "该工单已延期1次（最多1次），不能再申请延期" in shown
    assert "ask_extension" not in offered(shown)


def test_a_return_names_its_ground_and_the_owner(browser: Browser) -> None:
    me, number = browser("cgj01"), numbers(TICKET.c.text == stage.GIVEN[0])[0]
    page = me.get(f"/tickets/{number}").text
    assert "可在" in page
    assert re.search(r'<select id="return-unit" name="unit" lang="zh-CN" required>', page)
    for form in ({"reason": "非我辖区"}, {"reason": "非我辖区", "basis": "责任清单"}):
        answer = make(me, number, "return", **form)
        assert answer.status_code == 422
        assert "非我辖区</textarea>" in answer.text
    make(me, number, "return", reason="非我辖区", basis="责任清单", unit="szzx")
    assert (row(number).state, row(number).returns) == ("returned", 1)


def test_after_the_window_the_rule_is_named_instead_of_a_form(browser: Browser) -> None:
    page = browser("cgj01").get(f"/tickets/{waiting('carded')}").text
    assert "退单须在" in page
    assert "return" not in offered(page)


def test_a_complex_matter_may_be_returned_for_longer(browser: Browser) -> None:
    desk, number = browser("pai01"), numbers(TICKET.c.text == stage.GIVEN[1])[0]
    before = browser("cgj01").get(f"/tickets/{number}").text
    make(desk, number, "classify", hard="true")
    assert row(number).hard is True
    after = browser("cgj01").get(f"/tickets/{number}").text
    assert '<span class="tag">复杂</span>' in after
    assert re.findall(r"可在[^<]+", before) != re.findall(r"可在[^<]+", after)
    make(desk, number, "classify", hard="false")
    assert row(number).hard is False


def test_a_return_is_judged_at_the_desk(browser: Browser) -> None:
    me, number = browser("pai01"), waiting("returned")
    page = me.get(f"/dispatch?list=returned&ticket={number}").text
    for words in ("该路段已移交市政养护。", "移交清单第3项", "退单单位建议", "同意并改派", "退单不成立"):
        assert words in page
    assert re.search(r'name="unit" value="szzx\|[^"]*" data-pick="1" checked', page)
    refused = make(me, number, "keep", desk="dispatch", list="returned")
    assert refused.status_code == 422
    done = make(me, number, "keep", desk="dispatch", list="returned", reason="移交尚未生效")
    assert f"{number}：“退单不成立”已提交" in done.text
    assert (row(number).state, row(number).unit) == ("signed", "cgj")


def test_a_unit_that_is_asked_sees_the_dispute_and_says_its_word(browser: Browser) -> None:
    unit, number = browser("cgj01"), waiting("asked")
    assert row(number).unit == "szzx"
    assert number in unit.get("/unit?list=invited").text
    page = unit.get(f"/tickets/{number}").text
    assert page.count("尚未提出意见") == 2
    assert "前裁定" in page
    said = make(unit, number, "opine", note="清单写明归市政", unit="szzx")
    assert "认为应由示例区市政设施养护中心承办" in said.text
    assert number not in unit.get("/unit?list=invited").text
    desk = browser("pai01")
    lacking = make(desk, number, "rule", desk="dispatch", list="disputed", unit="szzx", reason="清单明确")
    assert lacking.status_code == 422
    make(
        desk,
        number,
        "rule",
        desk="dispatch",
        unit="szzx",
        reason="清单明确",
        basis="清单第9项",
        **{"helper-cgj": "true"},
    )
    now = row(number)
    assert (now.state, now.unit, now.helpers) == ("routed", "szzx", ["cgj"])
    assert "未提出意见，缺席默认" in unit.get(f"/tickets/{number}").text


def test_who_was_not_asked_does_not_see_the_dispute(browser: Browser) -> None:
    number = waiting("disputed")
    with db.transaction() as session:
        opinion = METADATA.tables["opinion"]
        session.execute(sa.delete(opinion).where(opinion.c.ticket_id == row(number).id, opinion.c.unit == "cgj"))
    assert browser("cgj01").get(f"/tickets/{number}").status_code == 404
    assert make_blind(browser("cgj01"), number, "opine").status_code == 404


def make_blind(me: Visitor, number: str, move: str) -> Response:
    """Post a move to a ticket whose page cannot be opened."""
    return me.post(f"/tickets/{number}/{move}", {"csrf_token": hidden(me.get("/unit").text, "csrf_token"), "note": "x"})


def test_a_lead_is_warned_of_silent_helpers(browser: Browser) -> None:
    unit = browser("cgj01")
    number = numbers(TICKET.c.text == stage.GIVEN[2])[0]
    make(unit, number, "sign")
    make(unit, number, "invite", unit="sthj", note="请检测")
    page = unit.get(f"/tickets/{number}").text
    assert "仍要办结（示例区生态环境分局尚未协办答复）" in page
    assert "尚未答复" in page
    refused = make(unit, number, "answer", note="已加固。", outcome="solved")
    assert refused.status_code == 409
    assert "示例区生态环境分局尚未协办答复" in refused.text
    assert "已加固。</textarea>" in refused.text
    assert row(number).state == "signed"
    make(unit, number, "answer", note="已加固。", outcome="solved", alone="true")
    assert row(number).state == "answered"


def test_a_helper_answers_the_lead(browser: Browser) -> None:
    unit = browser("cgj01")
    found = numbers(TICKET.c.state.in_(["routed", "signed"]), TICKET.c.unit != "cgj")
    number = next(one for one in found if "cgj" in row(one).helpers)
    assert offered(unit.get(f"/tickets/{number}").text) == {"help_answer", "note"}
    assert number in unit.get("/unit?list=helping").text
    make(unit, number, "help_answer", note="已配合清运。")
    assert number not in unit.get("/unit?list=helping").text
    assert moves(number)[-1] == "help_answer"


def test_what_is_lacking_is_asked_for_and_supplied(browser: Browser) -> None:
    agent, number = browser("hua01"), waiting("lacking")
    page = agent.get(f"/tickets/{number}").text
    assert "要求补充的是：请说明是几号楼几单元。" in page
    assert "暂停计时" in page
    assert number in agent.get("/tickets?list=lacking").text
    make(agent, number, "supply", note="5号楼2单元")
    assert row(number).state == "signed"


def test_parking_is_reviewed_and_resumed(browser: Browser) -> None:
    unit, number = browser("cgj01"), waiting("parked")
    assert "暂停计时" in unit.get("/unit?list=parked").text
    make(unit, number, "review", note="大修招标中")
    make(unit, number, "resume", note="桥梁已开工")
    assert (row(number).state, moves(number)[-2:]) == ("signed", ["review", "resume"])


def test_the_supervisor_decides_with_the_next_one_opening(browser: Browser) -> None:
    me = browser("du01")
    page = me.get("/supervise?list=approve").text
    assert {"列入明年拆除计划", "工地在邻区"} <= set(re.findall(r"列入明年拆除计划|工地在邻区", page))
    number = waiting("exclusion")
    make(me, number, "exclude", desk="supervise", list="approve")
    assert (row(number).excluded, row(number).pending) == ("outside", "")
    assert "不计入考核" in me.get(f"/tickets/{number}").text
    number = waiting("ask_park")
    assert make(me, number, "deny_park", desk="supervise", list="approve").status_code == 422
    done = make(me, number, "deny_park", desk="supervise", list="approve", reason="可先清理周边")
    assert f"{number}：“不同意挂账”已提交" in done.text
    assert row(number).state == "signed"


def test_a_proposed_card_is_shown_or_dropped_by_a_person(browser: Browser) -> None:
    me, number = browser("du01"), waiting("carded")
    page = me.get(f"/supervise?list=cards&ticket={number}").text
    assert "逾期通报" in page
    assert "确认通报" in page
    make(me, number, "circulate", desk="supervise", list="cards")
    assert row(number).level == "circulate"
    assert make(me, number, "drop_card", desk="supervise", list="cards").status_code == 422
    make(me, number, "drop_card", desk="supervise", list="cards", note="已现场督办")
    assert row(number).level == "circulate"
    assert f"ticket={number}" not in me.get("/supervise?list=cards").text
    assert f"ticket={number}" in me.get("/supervise?list=watched").text
    unit = browser("cgj01")
    assert "answer_card" in offered(unit.get(f"/tickets/{number}").text)
    make(unit, number, "answer_card", note="设备故障，已修复")
    assert "设备故障，已修复" in me.get(f"/tickets/{number}").text


def test_who_asked_does_not_decide(browser: Browser) -> None:
    me = browser("pai01")
    number = numbers(TICKET.c.text == stage.GIVEN[3])[0]
    asked = make(me, number, "ask_void", reason="误登记")
    assert "由您提出，须由另一人审批（派单员、督办员）。" in asked.text
    assert "void" not in offered(asked.text)
    assert make(me, number, "void").status_code == 403
    make(browser("du01"), number, "void", desk="supervise", list="desk")
    assert row(number).state == "voided"


def test_not_accepting_says_where_to_go(browser: Browser) -> None:
    me = browser("hua01")
    page = me.get("/desk").text
    form = {"csrf_token": hidden(page, "csrf_token"), "key": hidden(page, "key"), "act": "save"}
    me.post("/desk", form | {"text": "邻居欠我三千块钱不还，请政府要回来。"})
    number = numbers(TICKET.c.text.startswith("邻居欠我"))[0]
    assert row(number).state == "received", "no rule dispatches it"
    assert make(me, number, "refuse", reason="民事纠纷").status_code == 422
    make(me, number, "refuse", reason="民事纠纷", guide="人民法院")
    assert (row(number).state, row(number).reply) == ("refused", "民事纠纷；请向人民法院反映")


def test_a_stranger_to_the_desk_is_told_who_may(browser: Browser) -> None:
    for login in ("cgj01", "pai01", "admin"):
        assert browser(login).get("/supervise").status_code == 403


@pytest.mark.parametrize(("login", "address", "most"), [
    ("du01", "/supervise", 14), ("du01", "/supervise?list=approve", 14), ("pai01", "/dispatch?list=approve", 14),
    ("cgj01", "/unit?list=helping", 3), ("cgj01", "/unit?list=invited", 3),
])  # fmt: skip
def test_what_the_desks_cost(browser: Browser, statements: object, login: str, address: str, most: int) -> None:
    me = browser(login)
    me.get(address)
    statements()
    assert me.get(address).status_code == 200
    assert len(statements()) <= most
