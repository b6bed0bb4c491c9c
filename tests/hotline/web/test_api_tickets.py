"""Tickets over the wire, on both databases."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from hotline.store import db
from hotline.store.schema import METADATA

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
TICKETS = "/api/v1/tickets"


def hand_in(web: Web, headers: dict[str, str], **fields: object) -> str:
    body = {"text": "小区门口的路灯坏了三天，晚上看不见路。"} | fields
    answer = web.post(TICKETS, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def rows(table: str) -> int:
    with db.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(METADATA.tables[table])).scalar_one()


def test_received_once_per_key(running: Web, bearer: Bearer) -> None:
    headers = bearer("agent") | {"Idempotency-Key": "k-1"}
    before = rows("ticket")
    first = running.post(TICKETS, json={"text": "水管爆了"}, headers=headers)
    again = running.post(TICKETS, json={"text": "水管爆了"}, headers=headers)
    other = running.post(TICKETS, json={"text": "另一件事"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() | {"query_code": ""} == again.json()  # the code is told once
    assert again.headers["idempotent-replayed"] == "true"
    assert other.json()["code"] == "key_reused"
    assert rows("ticket") == before + 1


def test_keys_belong_to_their_person(running: Web, bearer: Bearer) -> None:
    key = {"Idempotency-Key": "k-2"}
    mine = running.post(TICKETS, json={"text": "甲"}, headers=bearer("agent") | key)
    theirs = running.post(TICKETS, json={"text": "乙"}, headers=bearer("agent2") | key)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["number"] != theirs.json()["number"]


def test_upstream_number_received_once(running: Web, bearer: Bearer) -> None:
    body = {"text": "占道经营", "source": "12345", "source_ref": "GD-1"}
    first = running.post(TICKETS, json=body, headers=bearer("agent"))
    again = running.post(TICKETS, json=body, headers=bearer("agent") | {"Idempotency-Key": "new"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        (b'{"text":"a","colour":"red"}', 422, "bad_value", "colour"),
        (b'{"text":1}', 422, "bad_value", "text"),
        (b"{}", 422, "bad_value", "text"),
        (b'{"text":""}', 422, "bad_value", "text"),
        (b'{"text":"  "}', 422, "bad_value", "text"),
        (b'{"text":"a","area":"nowhere"}', 422, "bad_value", "area"),
        (b'{"text":"a","lng":"east"}', 422, "bad_value", "lng"),
        (b'{"text":"a","urgency":"very"}', 422, "bad_value", "urgency"),
        (b'{"text":"a","occurred_at":"2018/2/30"}', 422, "bad_value", "occurred_at"),
        (b'{"text":"a","occurred_at":"2018-02-03T08:00:00"}', 422, "bad_value", "occurred_at"),
        (b'{"text":"a\\u0000b"}', 422, "bad_value", ""),
        (b'{"text":', 400, "bad_json", None),
        (b"", 400, "bad_json", None),
        (b'{"text":"\xc4\xe3"}', 400, "bad_encoding", None),
        (b'{"text":"a","extra":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, 400, "too_deep", None),
        (b'{"text":"' + b"a" * 1_000_001 + b'"}', 413, "too_large", None),
    ],
)  # fmt: skip
def test_bad_bodies(running: Web, bearer: Bearer, body: bytes, status: int, code: str, path: str | None) -> None:
    before = rows("ticket")
    headers = bearer("agent") | {"Content-Type": "application/json"}
    answer = running.post(TICKETS, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:300]
    fields = [field["path"] for field in answer.json()["fields"]]
    assert fields == ([] if path is None else [path])
    assert set(answer.json()) == {"code", "message", "detail", "fields"}
    assert rows("ticket") == before


def test_wrong_content_type(running: Web, bearer: Bearer) -> None:
    answer = running.post(TICKETS, data={"text": "a"}, headers=bearer("agent"))
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_type")


def test_only_who_receives_may(running: Web, bearer: Bearer) -> None:
    assert running.post(TICKETS, json={"text": "a"}).json()["code"] == "not_logged_in"
    refused = running.post(TICKETS, json={"text": "a"}, headers=bearer("cgj"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_list_pages_and_statements(running: Web, bearer: Bearer, counted: Callable[[], list[str]]) -> None:
    headers = bearer("agent")
    mine = [hand_in(running, headers, text=f"第 {place} 件：井盖松动", source="8890") for place in range(7)]
    seen: list[str] = []
    after, pages = None, 0
    while after or not pages:
        counted()
        params = {"source": "8890", "size": 3} | ({"after": after} if after else {})
        answer = running.get(TICKETS, params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        assert len(counted()) == 1
        seen += [card["number"] for card in answer.json()["items"]]
        after, pages = answer.json()["after"], pages + 1
    assert seen == mine[::-1]
    assert pages == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "井盖不见了啊"}, 1),
        ({"q": "100%_"}, 0),
        ({"q": "1380000 7777"}, 1),
        ({"q": "13800007778"}, 0),
        ({"q": "井盖不见了啊", "state": "received"}, 1),
        ({"q": "井盖不见了啊", "state": ["signed", "closed"]}, 0),
        ({"q": "井盖不见了啊", "since": "2020-01-01T00:00:00"}, 1),
        ({"q": "井盖不见了啊", "until": "2020-01-01T00:00:00Z"}, 0),
        ({"q": "井盖不见了啊", "overdue": "true"}, 0),
        ({"q": "井盖不见了啊", "order": "due"}, 1),
        ({"q": "井盖不见了啊", "unit": "cgj"}, 0),
        ({"q": "井盖不见了啊", "kind": "投诉"}, 1),
    ],
)
def test_filters(running: Web, bearer: Bearer, query: dict[str, str], found: int) -> None:
    headers = bearer("agent") | {"Idempotency-Key": "filters"}
    body = {"text": "井盖不见了啊，请派人看看。", "phone": "138-0000-7777", "kind": "投诉"}
    assert running.post(TICKETS, json=body, headers=headers).status_code in {200, 201}
    answer = running.get(TICKETS, params=query, headers=bearer("agent"))
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == found


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"size": "0"},
        {"size": "many"},
        {"after": "x"},
        {"since": "2018/2/30"},
        {"since": "0001-01-01T00:00:00"},
        {"until": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_bad_queries(running: Web, bearer: Bearer, query: dict[str, str]) -> None:
    answer = running.get(TICKETS, params=query, headers=bearer("agent"))
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_value"), answer.text
    assert [field["path"] for field in answer.json()["fields"]] == list(query)


def test_number_found_by_search_and_sheet(running: Web, bearer: Bearer, counted: Callable[[], list[str]]) -> None:
    number = hand_in(running, bearer("agent"), phone="13800001234", name="王某", confidential=True)
    listed = running.get(TICKETS, params={"q": number.lower()}, headers=bearer("agent")).json()["items"]
    assert [card["number"] for card in listed] == [number]
    counted()
    sheet = running.get(f"{TICKETS}/{number}", headers=bearer("agent"))
    assert len(counted()) == 11
    assert sheet.status_code == 200
    assert sheet.json()["card"]["caller_label"] == "王** 138****1234"
    assert [line["move"] for line in sheet.json()["history"]] == ["receive"]
    assert "13800001234" not in sheet.text


@pytest.mark.parametrize("number", ["SL999999999999", "x", "%00", "%ff", "' OR 1=1"])
def test_unknown_and_unseen_are_alike(running: Web, bearer: Bearer, number: str) -> None:
    mine = hand_in(running, bearer("agent"))
    unseen = running.get(f"{TICKETS}/{mine}", headers=bearer("cgj"))
    unknown = running.get(f"{TICKETS}/{number}", headers=bearer("cgj"))
    assert unseen.status_code == 404
    assert unknown.status_code in {404, 422}
    assert unseen.json()["code"] == "no_such_ticket"


def test_journey_by_moves(running: Web, bearer: Bearer) -> None:
    number = hand_in(running, bearer("agent"))
    steps = [
        ("cgj", "sign", {}, 404, "no_such_ticket"),
        ("agent", "fly", {}, 404, "no_such_move"),
        ("dispatcher", "route", {"unit": "nobody"}, 422, "bad_value"),
        ("dispatcher", "route", {"unit": "cgj", "seq": 99}, 409, "stale_ticket"),
        ("caller", "route", {"unit": "cgj"}, 403, "not_yours"),
        ("dispatcher", "route", {"unit": "cgj"}, 200, "routed"),
        ("hwzx", "sign", {}, 404, "no_such_ticket"),
        ("dispatcher", "sign", {}, 403, "not_yours"),
        ("cgj", "answer", {"note": "办好了"}, 409, "illegal_move"),
        ("cgj", "sign", {"colour": 1}, 422, "bad_value"),
        ("cgj", "sign", {}, 200, "signed"),
        ("cgj", "answer", {"note": ""}, 422, "bad_value"),
        ("cgj", "answer", {"note": "已修好路灯"}, 200, "answered"),
        ("caller", "callback", {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}, 200, "closed"),
    ]
    for login, move, body, status, outcome in steps:
        answer = running.post(f"{TICKETS}/{number}/moves/{move}", json=body, headers=bearer(login))
        told = answer.json().get("state" if status == 200 else "code")
        assert (answer.status_code, told) == (status, outcome), (login, move, answer.text)


def test_intake_is_one_statement(running: Web, bearer: Bearer, counted: Callable[[], list[str]]) -> None:
    hand_in(running, bearer("agent"))
    counted()
    hand_in(running, bearer("agent"), phone="13800004321", name="王某")
    sent = [text for text in counted() if "number_block" not in text]
    tables = ["intake_key", "caller", "ticket", "entry", "outbox"]
    assert len(sent) == (1 if db.engine().dialect.name == "postgresql" else len(tables))
    assert [table for table in tables if f"INSERT INTO {table} " in " ".join(sent).replace("OR IGNORE ", "")] == tables
