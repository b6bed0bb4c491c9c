"""What the desks' pages refuse, whatever key or button sent it: codes, sentences, and everything kept."""

import re
from html import unescape

from litestar import Litestar
from litestar.testing import TestClient

from tests.hotline.web.pages.conftest import Browser
from tests.hotline.web.pages.seen import TICKET, numbers, row


def test_a_callback_without_an_answer_is_refused(browser: Browser) -> None:
    me, number = browser("hui01"), numbers(TICKET.c.state == "answered")[0]
    seq = row(number).seq
    for said in ({}, {"contacted": "true"}, {"reason": "聊了几句"}):
        answer = me.submit("/callback", f"/callback/{number}", seq=str(seq), reached="true", **said)
        assert answer.status_code == 422
        assert "还没有记下来电人的回答" in answer.text
        assert said.get("reason", "") in answer.text
        assert (row(number).state, row(number).seq) == ("answered", seq)
    answer = me.submit("/callback", f"/callback/{number}", seq=str(seq), reached="declined", solved="yes")
    assert f"{number} 的回访已保存" in answer.text
    assert (row(number).state, row(number).solved) == ("closed", None)


def test_the_api_refuses_it_with_a_code(browser: Browser, door: TestClient[Litestar]) -> None:
    assert browser("hui01")
    number = numbers(TICKET.c.state == "answered")[0]
    door.cookies.clear()
    door.cookies.update(browser("hui01").cookies)
    given = {"sec-fetch-site": "same-origin", "accept": "application/json"}
    answer = door.post(f"/api/v1/tickets/{number}/moves/callback", json={"reached": True}, headers=given)
    assert (answer.status_code, answer.json()["code"]) == (422, "callback_unanswered"), answer.text
    assert row(number).state == "answered"


def test_a_version_that_is_not_the_shown_one_is_refused(browser: Browser) -> None:
    me, number = browser("hui01"), numbers(TICKET.c.state == "answered")[0]
    stale = {"seq": str(row(number).seq - 1), "solved": "yes", "satisfaction": "5", "reached": "true"}
    answer = me.submit("/callback", f"/callback/{number}", **stale)
    assert (answer.status_code, row(number).state) == (409, "answered")
    assert re.search(r'value="5"[^>]*checked', answer.text)  # what was said is still there


def test_an_answer_on_the_line_is_never_let_drop(browser: Browser) -> None:
    me, before = browser("hua01"), len(numbers())
    form = {"text": "请问老年卡怎么办？", "answer": "带身份证到社区服务站。", "key": "k-1"}
    for act in ("save", f"join:{numbers(TICKET.c.state == 'routed')[0]}"):
        answer = me.submit("/desk", "/desk", act=act, **form)
        assert answer.status_code == 422
        assert "已写好当场答复" in answer.text
        assert form["answer"] in answer.text
    assert len(numbers()) == before
    done = me.submit("/desk", "/desk", act="settle", **form)
    assert "已直接答复办结" in done.text
    again = me.submit("/desk", "/desk", act="settle", **form)
    assert "没有完成" not in again.text
    assert "unsent" not in again.text
    assert len(numbers()) == before + 1


def test_an_answer_to_what_went_its_way_already_is_kept_on_the_ticket(browser: Browser) -> None:
    me = browser("hua01")
    form = {"text": "请问敬老院怎么申请入住？", "key": "k-2"}
    me.submit("/desk", "/desk", act="save", **form)
    number = numbers()[0]
    if row(number).state == "received":
        browser("pai01").submit("/dispatch", f"/dispatch/{number}", unit="cgj", seq=str(row(number).seq), list="person")
    answer = me.submit("/desk", "/desk", act="settle", answer="带户口本到民政窗口。", **form)
    assert "没有用来办结，已记入" in unescape(answer.text)
    assert "带户口本到民政窗口。" in answer.text
    assert "带户口本到民政窗口。" in me.get(f"/tickets/{number}").text


def test_a_refused_dispatch_keeps_what_was_chosen_and_written(browser: Browser) -> None:
    me, number = browser("pai01"), numbers(TICKET.c.state == "returned")[0]
    form = {"seq": str(row(number).seq - 1), "list": "returned", "other": "szzx", "note": "请先到现场。"}
    answer = me.submit("/dispatch", f"/dispatch/{number}", **form)
    assert answer.status_code == 409
    assert "请先到现场。" in answer.text
    assert re.search(r'value="szzx" selected', answer.text)
