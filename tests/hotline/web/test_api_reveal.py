"""The caller's full number and the notices over the wire."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock
from hotline.city import City
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.outbox import Notice
from hotline.store.schema import METADATA

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
TICKETS = "/api/v1/tickets"
BRIDGE = METADATA.tables["bridge"]
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
        ("cgj", True, 403, "not_allowed"),
        ("hwzx", False, 404, "no_such_ticket"),
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


def coded(web: Web, bearer: Bearer, number: str, login: str = "wu.haoran") -> str:
    """Return the code somebody is given instead of the number."""
    answer = web.post(f"{TICKETS}/{number}/caller", json={"reason": "联系诉求人"}, headers=bearer(login))
    assert answer.status_code == 200, answer.text
    assert CANARY not in answer.text
    assert answer.json()["phone"] == "02155500100"
    code: str = answer.json()["code"]
    return code


@pytest.mark.parametrize("login", ["wu.haoran", "cgj"])
def test_a_handler_calls_through_the_switchboard_and_never_sees_the_number(
    running: Web, bearer: Bearer, login: str
) -> None:
    number = given(running, bearer, phone=CANARY, name="王某")
    code = coded(running, bearer, number, login)
    assert (len(code), code.isdigit()) == (6, True)
    through = running.post(f"/api/v1/bridge/{code}", headers=bearer("agent"))
    assert (through.status_code, through.json()["phone"]) == (200, CANARY)
    assert through.headers["cache-control"] == "no-store"
    again = running.post(f"/api/v1/bridge/{code}", headers=bearer("agent"))
    assert (again.status_code, again.json()["code"]) == (404, "no_such_code")
    lines = running.get(f"{TICKETS}/{number}", headers=bearer("agent")).json()["history"]
    said = [line["note"] for line in lines if line["move"] == "reveal"]
    assert said == ["联系诉求人（经话务转接，未显示号码）", f"话务平台已为{login}转接来电人"]
    with db.reading() as session:
        kept = session.execute(sa.select(BRIDGE)).all()
    assert not any(code in str(row) for row in kept)


def test_a_code_is_for_the_switchboard_and_for_ten_minutes(
    running: Web, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = given(running, bearer, phone=CANARY)
    code = coded(running, bearer, number)
    for login in ("wu.haoran", "cgj", "dispatcher", "supervisor"):
        assert running.post(f"/api/v1/bridge/{code}", headers=bearer(login)).status_code == 403
    later = clock.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    late = running.post(f"/api/v1/bridge/{code}", headers=bearer("agent"))
    assert (late.status_code, late.json()["code"]) == (404, "no_such_code")


def test_guessing_is_slowed_down(running: Web, bearer: Bearer) -> None:
    number = given(running, bearer, phone=CANARY)
    answers = [running.post("/api/v1/bridge/abcdef", headers=bearer("agent2")).status_code for _ in range(62)]
    assert (answers[0], answers[-1]) == (404, 429)
    code = coded(running, bearer, number)
    assert running.post(f"/api/v1/bridge/{code}", headers=bearer("agent2")).status_code == 429
    assert running.post(f"/api/v1/bridge/{code}", headers=bearer("agent")).status_code == 200  # the code is still good
