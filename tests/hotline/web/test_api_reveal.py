"""The caller's full number and the notices over the wire."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.city import City
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.outbox import Notice

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
TICKETS = "/api/v1/tickets"
CANARY = "13800006611"


def given(web: Web, bearer: Bearer, **fields: object) -> str:
    body = {"text": "门口的井盖松了，车一过就响。", "unit": "cgj", "grid": "990101001001001"} | fields
    answer = web.post(TICKETS, json=body, headers=bearer("agent"))
    number: str = answer.json()["number"]
    web.post(f"{TICKETS}/{number}/moves/route", json={"unit": "cgj"}, headers=bearer("dispatcher"))
    return number


@pytest.mark.parametrize(
    ("login", "confidential", "status", "code"),
    [
        ("agent", False, 200, ""),
        ("dispatcher", True, 200, ""),
        ("cgj", False, 200, ""),
        ("cgj", True, 403, "not_allowed"),
        ("hwzx", False, 404, "no_such_ticket"),
        ("wu.haoran", False, 200, ""),
        ("wu.haoran", True, 403, "not_allowed"),
        ("caller", True, 200, ""),
        ("supervisor", False, 200, ""),
        ("admin", False, 403, "not_yours"),
    ],
)
def test_who_sees_the_number(
    running: Web, bearer: Bearer, login: str, confidential: bool, status: int, code: str
) -> None:
    number = given(running, bearer, phone=CANARY, name="王某", confidential=confidential)
    answer = running.post(f"{TICKETS}/{number}/caller", json={"reason": "回访"}, headers=bearer(login))
    assert (answer.status_code, answer.json().get("code", "")) == (status, code), answer.text
    assert answer.headers["cache-control"] == "no-store"
    if status == 200:
        assert answer.json() == {"phone": CANARY, "name": "王某"}
    else:
        assert CANARY not in answer.text
    sheet = running.get(f"{TICKETS}/{number}", headers=bearer("agent"))
    lines = [line for line in sheet.json()["history"] if line["move"] == "reveal"]
    assert [(line["note"], line["public"]) for line in lines] == ([("回访", False)] if status == 200 else [])
    assert CANARY not in sheet.text


@pytest.mark.parametrize(
    ("body", "path"),
    [({}, "reason"), ({"reason": ""}, "reason"), ({"reason": " "}, "reason"), ({"reason": "x" * 201}, "reason"),
     ({"reason": "x", "y": 1}, "y")],
)  # fmt: skip
def test_a_reason_is_needed(running: Web, bearer: Bearer, body: dict[str, object], path: str) -> None:
    number = given(running, bearer, phone=CANARY)
    answer = running.post(f"{TICKETS}/{number}/caller", json=body, headers=bearer("agent"))
    assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, path)


def test_no_caller_and_nobody(running: Web, bearer: Bearer) -> None:
    number = given(running, bearer)
    answer = running.post(f"{TICKETS}/{number}/caller", json={"reason": "回访"}, headers=bearer("agent"))
    assert (answer.status_code, answer.json()["code"]) == (404, "no_caller")
    assert running.post(f"{TICKETS}/{number}/caller", json={"reason": "回访"}).status_code == 401
    move = running.post(f"{TICKETS}/{number}/moves/reveal", json={"reason": "回访"}, headers=bearer("agent"))
    assert (move.status_code, move.json()["code"]) == (404, "no_such_move")


def test_counted_without_data_and_described(running: Web, bearer: Bearer) -> None:
    number = given(running, bearer, phone=CANARY)
    running.post(f"{TICKETS}/{number}/caller", json={"reason": "回访"}, headers=bearer("agent"))
    told = running.get("/metrics").text
    assert 'route="/api/v1/tickets/{number}/caller",status="200"' in told
    assert not [word for word in (CANARY, number, "回访") if word in told]
    path = running.get("/api/openapi.json").json()["paths"][f"{TICKETS}/{{number}}/caller"]["post"]
    assert path["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Looked")


def test_notices(running: Web, bearer: Bearer, rules: City, counted: Callable[[], list[str]]) -> None:
    to = [("cgj", ""), ("", "wu.haoran"), ("", "@dispatcher"), ("", "@supervisor"), ("", "dispatcher")]
    with db.transaction() as session:
        for second, (unit, login) in enumerate(to):
            at = clock.now() + timedelta(seconds=second)
            session.add(Notice(id=new_id(at), region=rules.region, unit=unit, login=login, number="SL1", kind="route",
                               text=f"{unit}{login}", at=at))  # fmt: skip
    seen = {}
    for login in ("cgj", "hwzx", "wu.haoran", "dispatcher", "supervisor", "agent"):
        running.get("/api/v1/notices", headers=bearer(login))
        counted()
        answer = running.get("/api/v1/notices", headers=bearer(login)).json()
        assert len(counted()) == 2
        assert answer["unread"] == len(answer["items"])  # asking does not read them
        seen[login] = [one["text"] for one in answer["items"]]
    assert seen == {
        "cgj": ["cgj"], "hwzx": [], "wu.haoran": ["wu.haoran"], "dispatcher": ["dispatcher", "@dispatcher"],
        "supervisor": ["@supervisor"], "agent": [],
    }  # fmt: skip
    first = running.get("/api/v1/notices", params={"size": 1}, headers=bearer("dispatcher")).json()["items"]
    rest = running.get("/api/v1/notices", params={"before": first[0]["id"]}, headers=bearer("dispatcher")).json()
    assert [one["text"] for one in first + rest["items"]] == ["dispatcher", "@dispatcher"]
    assert running.get("/api/v1/notices", params={"size": 0}, headers=bearer("agent")).status_code == 422
    assert running.get("/api/v1/notices", params={"before": "x"}, headers=bearer("agent")).status_code == 422
    assert running.get("/api/v1/notices").status_code == 401
