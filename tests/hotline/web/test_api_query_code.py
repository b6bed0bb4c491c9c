"""The query code over the API: in the answer to intake once, and anew for who calls from the ticket's number."""

from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.testing import TestClient

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
PHONE = "13800000777"


@pytest.fixture
def taken(running: Web, bearer: Bearer) -> dict[str, str]:
    found: dict[str, str] = receive(running, bearer("agent"))
    return found


def receive(running: Web, headers: dict[str, str]) -> dict[str, str]:
    answer = running.post("/api/v1/tickets", json={"text": "路灯坏了", "phone": PHONE}, headers=headers)
    assert answer.status_code in (200, 201)
    found: dict[str, str] = answer.json()
    return found


def opens(running: Web, taken: dict[str, str], code: str) -> bool:
    asked = running.post("/progress", data={"number": taken["number"], "code": code}, headers={"accept": "text/html"})
    return asked.status_code == 200


def test_told_with_the_first_answer_only(running: Web, bearer: Bearer) -> None:
    key = bearer("agent") | {"Idempotency-Key": "code-1"}
    first, again = receive(running, key), receive(running, key)
    assert first["number"] == again["number"]
    assert (len(first["query_code"]), again["query_code"]) == (10, "")
    assert opens(running, first, first["query_code"])


def test_a_new_one(running: Web, bearer: Bearer, taken: dict[str, str]) -> None:
    path = f"/api/v1/tickets/{taken['number']}/query-code"
    for login, body, status in (
        ("agent", {"phone": "13800000778"}, 403), ("agent", {"phone": ""}, 422), ("agent", {}, 422),
        ("cgj", {"phone": PHONE}, 403), ("supervisor", {"phone": PHONE}, 403), ("caller", {"phone": PHONE}, 200),
    ):  # fmt: skip
        answer = running.post(path, json=body, headers=bearer(login))
        assert answer.status_code == status, (login, body)
    assert answer.headers["cache-control"] == "no-store"
    assert opens(running, taken, answer.json()["query_code"])
    assert not opens(running, taken, taken["query_code"])
    sheet = running.get(f"/api/v1/tickets/{taken['number']}", headers=bearer("supervisor")).text
    assert answer.json()["query_code"] not in sheet
    assert "query_hash" not in sheet


def test_trying_number_on_number_is_stopped(running: Web, bearer: Bearer, taken: dict[str, str]) -> None:
    path, me = f"/api/v1/tickets/{taken['number']}/query-code", bearer("agent2")
    tried = [running.post(path, json={"phone": f"1380000{n:04d}"}, headers=me).status_code for n in range(62)]
    assert tried == [403] * 60 + [429] * 2
