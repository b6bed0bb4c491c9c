"""What is a receipt, and what is asked about: the sender's own identifier in every answer, the same words twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tests.hotline.web.test_api_submissions import GRID, LEADER, OTHER, body, history

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def number(running: Web, bearer: Bearer) -> str:
    """A ticket in the leader's grid."""
    given = {"text": f"门口的井盖松了，车一过就响。{uuid4()}", "unit": "cgj", "grid": GRID}
    made: str = running.post("/api/v1/tickets", json=given, headers=bearer("agent")).json()["number"]
    running.post(f"/api/v1/tickets/{made}/moves/route", json={"unit": "cgj"}, headers=bearer("dispatcher"))
    return made


def put(
    web: Web, headers: dict[str, str], form: dict[str, Any], key: str = "", query: str = ""
) -> tuple[str, Response]:
    key = key or str(uuid4())
    return key, web.put(f"/api/v1/submissions/{key}{query}", json=form, headers=headers)


def test_every_answer_carries_the_identifier_that_was_sent(running: Web, bearer: Bearer, number: str) -> None:
    me = bearer(LEADER)
    key, good = put(running, me, body("answer", number, answer="doing", note="已联系产权单位。"))
    assert (good.status_code, good.json()["id"], good.json()["number"]) == (201, key, number)
    refusals = [
        (422, body("answer", number, answer="cannot")),
        (409, body("answer", "SL20260101999999", answer="there")),
        (422, body("answer", number) | {"kind": "other"}),
    ]
    for status, form in refusals:
        key, bad = put(running, me, form)
        assert (bad.status_code, bad.json()["id"]) == (status, key), bad.text
    key = str(uuid4())
    missing = running.get(f"/api/v1/files/{key}", headers=me)
    assert (missing.status_code, missing.json()["id"]) == (404, key)
    plain = running.get("/api/v1/tickets/SL20260101999999", headers=me)
    assert (plain.status_code, "id" in plain.json()) == (404, False)


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "answer", "answer": "doing", "note": "正在协调，周五前到场。"},
        {"kind": "answer", "answer": "there"},
        {"kind": "report", "end": "dispatch", "text": "巷口的雨篦子被盗了一块。"},
        {"kind": "visit", "what": "home", "note": "看望独居老人，一切安好。"},
    ],
)
def test_the_same_words_within_minutes_are_asked_about(
    running: Web, bearer: Bearer, number: str, said: dict[str, str]
) -> None:
    me, given = bearer(LEADER), dict(said)
    kind = given.pop("kind")
    if "note" in given or "text" in given:
        word = "note" if "note" in given else "text"
        given[word] += number  # of this test alone
    if kind == "visit":
        given["kind"] = given.pop("what")
    about = number if kind == "answer" else ""

    def form(fields: dict[str, str], ago: int = 0) -> dict[str, Any]:
        return body(kind, about, ago) | {"said": fields}

    key, first = put(running, me, form(given))
    assert first.status_code == 201, first.text
    assert put(running, me, form(given), key)[1].status_code in {200, 409}  # the same form, again
    spaced = {name: f" {text} " if name in {"note", "text"} else text for name, text in given.items()}
    key, second = put(running, me, form(spaced | {"seq": "1"}))
    assert (second.status_code, second.json()["code"], second.json()["id"]) == (409, "said_before", key)
    assert "再次提交" in second.json()["message"]
    _, older = put(running, me, form(given, 3600))  # filled in an hour ago: another time
    assert older.status_code == 201, older.text
    _, meant = put(running, me, form(given), query="?again=true")
    assert meant.status_code == 201, meant.text


def test_another_person_another_ticket_other_words_are_not(running: Web, bearer: Bearer, number: str) -> None:
    me = bearer(LEADER)
    assert put(running, me, body("answer", number, answer="doing", note="联系上了。"))[1].status_code == 201
    assert put(running, me, body("answer", number, answer="doing", note="没有联系上。"))[1].status_code == 201
    given = {"text": f"楼道的灯不亮。{uuid4()}", "unit": "cgj", "grid": GRID}
    other = running.post("/api/v1/tickets", json=given, headers=bearer("agent")).json()["number"]
    running.post(f"/api/v1/tickets/{other}/moves/route", json={"unit": "cgj"}, headers=bearer("dispatcher"))
    assert put(running, me, body("answer", other, answer="doing", note="联系上了。"))[1].status_code == 201
    assert [move for move, _ in history(running, bearer, number)].count("report") == 2
    assert OTHER != GRID


def test_a_form_that_was_refused_is_no_word(running: Web, bearer: Bearer, number: str) -> None:
    me = bearer(LEADER)
    for _ in range(2):
        _, refused = put(running, me, body("answer", number, answer="done", note="办好了。", seq="0"))
        assert refused.json()["code"] != "said_before"
