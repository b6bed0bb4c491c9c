"""Who handles a confidential matter (保密) learns nothing of the caller: not by asking, likening or a word."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from hotline import clock, people
from hotline.city import City
from hotline.flow.acts import lookups
from hotline.store import db
from hotline.store.schema import METADATA

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
PHONE, NAME = "13812345678", "欧阳建国"
OPEN_PHONE = "13912348765"
TICKETS = "/api/v1/tickets"
GRID = "990101001001001"  # wu.haoran's
TEXT = (
    f"我叫{NAME}，鲁A12345占了消防通道，请打 138 1234 5678，身份证110105194912310021，卡6222021234567890123，"
    "微信号 jianguo_oy。"
)
SECRETS = (
    PHONE,
    NAME,
    "建国",
    "5678",
    "138 1234",
    "A12345",
    "110105194912310021",
    "6222021234567890123",
    "12345678",
    "jianguo",
)


@pytest.fixture(scope="module")
def given(running: Web, bearer: Bearer) -> dict[str, str]:
    """A confidential ticket of cgj in wu.haoran's grid, signed, urged by the desk; another with a number in it."""
    made = {}
    body = {
        "text": TEXT,
        "unit": "cgj",
        "grid": GRID,
        "address": "望湖街道1号，联系13812345678",
        "phone": PHONE,
        "name": NAME,
    }
    body |= {
        "confidential": True,
        "title": f"{NAME}反映占道",
        "extra": {"联系电话": PHONE, "备注": f"{NAME}的爱人", "手机": int(PHONE)},
    }
    made["hidden"] = running.post(TICKETS, json=body, headers=bearer("agent")).json()["number"]
    other = {"text": f"路面塌陷，请打{OPEN_PHONE}", "unit": "cgj", "grid": GRID, "phone": OPEN_PHONE, "name": "李四"}
    made["open"] = running.post(TICKETS, json=other, headers=bearer("agent")).json()["number"]
    for number in made.values():
        move(running, bearer("dispatcher"), number, "route", unit="cgj", note=f"请联系{NAME} {PHONE}")
        move(running, bearer("cgj"), number, "sign")
        move(running, bearer("agent"), number, "urge", note=f"{NAME}又来电，建国女士说号码１３８１２３４５６７８")
    return made


def move(web: Web, headers: dict[str, str], number: str, name: str, **said: Any) -> Any:
    answer = web.post(f"{TICKETS}/{number}/moves/{name}", json=said, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def search(web: Web, headers: dict[str, str], q: str) -> list[str]:
    answer = web.get(TICKETS, params={"q": q}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [one["number"] for one in answer.json()["items"]]


@pytest.mark.parametrize("who", ["cgj", "wu.haoran"])
@pytest.mark.parametrize("q", [
    PHONE, "138-1234-5678", " 138 1234 5678", "１３８１２３４５６７８", "+8613812345678", "5678", "138 1234",
    "1381", NAME,
    "建国", "欧阳", "jianguo", "A12345", "110105194912310021", "6222021234567890123", "1949", "打 138",
])  # fmt: skip
def test_no_search_finds_what_may_not_be_read(
    running: Web, bearer: Bearer, given: dict[str, str], who: str, q: str
) -> None:
    assert given["hidden"] not in search(running, bearer(who), q)


@pytest.mark.parametrize("who", ["cgj", "wu.haoran"])
@pytest.mark.parametrize("q", [OPEN_PHONE, "8765", "1391234", "打13"])
def test_nor_a_number_in_any_ticket(running: Web, bearer: Bearer, given: dict[str, str], who: str, q: str) -> None:
    assert given["open"] not in search(running, bearer(who), q)


@pytest.mark.parametrize("who", ["cgj", "wu.haoran", "agent"])
def test_what_may_be_read_is_found(running: Web, bearer: Bearer, given: dict[str, str], who: str) -> None:
    assert given["hidden"] in search(running, bearer(who), "消防通道")
    assert given["hidden"] in search(running, bearer(who), given["hidden"])
    assert given["open"] in search(running, bearer(who), "塌陷")


def test_the_desk_finds_a_caller(running: Web, bearer: Bearer, given: dict[str, str]) -> None:
    for who in ("agent", "dispatcher", "caller", "supervisor", "admin"):
        assert search(running, bearer(who), "138 1234 5678") == [given["hidden"]]
    assert search(running, bearer("agent"), "建国") == [given["hidden"]]


def test_every_look_up_leaves_a_trace_without_the_number(running: Web, bearer: Bearer, given: dict[str, str]) -> None:
    assert given
    search(running, bearer("agent2"), PHONE)
    search(running, bearer("agent2"), PHONE)
    with db.reading() as session:
        table = lookups.lookups.LOOKUP
        row, *_ = session.execute(sa.select(table).where(table.c.login == "agent2")).all()
    assert (row.found, len(row.phone_hash)) == (1, 64)
    assert PHONE not in str(row)


@pytest.mark.parametrize("who", ["cgj", "wu.haoran"])
def test_a_handler_leaves_none_and_asks_nothing(running: Web, bearer: Bearer, given: dict[str, str], who: str) -> None:
    assert given
    search(running, bearer(who), PHONE)
    with db.reading() as session:
        assert not session.execute(sa.select(lookups.lookups.LOOKUP).where(lookups.lookups.LOOKUP.c.login == who)).all()


@pytest.mark.parametrize("who", ["cgj", "wu.haoran"])
def test_no_answer_holds_what_may_not_be_read(running: Web, bearer: Bearer, given: dict[str, str], who: str) -> None:
    number, headers = given["hidden"], bearer(who)
    answers = [
        running.get(TICKETS, headers=headers),
        running.get(f"{TICKETS}/{number}", headers=headers),
        running.get("/api/v1/notices", headers=headers),
        move(running, headers, number, "note", note="已到现场"),
    ]
    pages = [f"/tickets/{number}", "/tickets", "/notices"] + (["/unit"] if who == "cgj" else ["/m", f"/m/{number}"])
    answers += [running.get(page, headers=headers | {"accept": "text/html"}) for page in pages]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        read = re.sub(
            r"[\w-]{20,}", "", answer.text.replace(number, ""), flags=re.ASCII
        )  # ids and keys hold any digits
        assert [secret for secret in SECRETS if secret in read] == []
    whole = answers[1].json()
    assert whole["card"]["caller_label"] == "来电人信息保密"
    assert "消防通道" in whole["text"]


@pytest.mark.parametrize("who", ["cgj", "wu.haoran"])
def test_handlers_see_less_of_the_mask(running: Web, bearer: Bearer, given: dict[str, str], who: str) -> None:
    whole = running.get(f"{TICKETS}/{given['open']}", headers=bearer(who)).json()
    assert whole["card"]["caller_label"] == "李** 139****"
    assert OPEN_PHONE not in whole["text"]
    assert "8765" not in running.get(TICKETS, headers=bearer(who)).text
    desk = running.get(f"{TICKETS}/{given['open']}", headers=bearer("dispatcher")).json()
    assert (desk["card"]["caller_label"], OPEN_PHONE in desk["text"]) == ("李** 139****8765", True)


def test_a_reply_cannot_ask_whose_number_it_is(running: Web, bearer: Bearer, given: dict[str, str]) -> None:
    def advice(phone: str) -> str:
        body = {"note": f"已电话{phone}联系诉求人，现场清理完毕，明日复查。", "contacted": True}
        for number in given.values():
            answer = running.post(f"{TICKETS}/{number}/reply-check", json=body, headers=bearer("cgj"))
            assert answer.status_code == 200
        return answer.text.replace(phone, "")

    assert advice(PHONE) == advice("13711112222") == advice(OPEN_PHONE)


def test_suggestions_know_no_caller_for_a_grid_leader(running: Web, bearer: Bearer, given: dict[str, str]) -> None:
    body = {"text": "路面塌陷，请派人来修补路面", "address": "望湖街道"}
    told = [
        running.post("/api/v1/suggest", json=body | {"phone": phone}, headers=bearer("wu.haoran")).json()
        for phone in ("", OPEN_PHONE, PHONE)
    ]
    assert told[0] == told[1] == told[2]
    body = {"text": TEXT, "address": "望湖街道1号"}
    told = running.post("/api/v1/suggest", json=body, headers=bearer("wu.haoran")).json()
    assert given["hidden"] not in str(told)
    own = running.post("/api/v1/suggest", json=body | {"phone": PHONE}, headers=bearer("agent")).json()
    assert [one["number"] for one in own["own"]] == [given["hidden"]]


def test_look_ups_are_limited_and_the_supervisors_told(running: Web, bearer: Bearer, rules: City) -> None:
    headers, contact = bearer("dispatcher"), rules.rulebook.contact
    me = people.Me(login="dispatcher", name="派", region=rules.region, role=people.Role.DISPATCHER)
    hall = running.app.state["hall"]
    for each in range(contact.lookups_most - 1):  # another process of the same office
        with db.transaction() as session:
            lookups.caller(session, rules, hall.seal, f"1370000{each:04}", me, clock.now())
    assert running.get(TICKETS, params={"q": "13700000000"}, headers=headers).status_code == 200
    told = [running.get(TICKETS, params={"q": f"1371111{each:04}"}, headers=headers) for each in range(4)]
    assert [one.status_code for one in told][-2:] == [429, 429]
    assert told[-1].json()["code"] == "too_many_lookups"
    page = running.get("/tickets", params={"q": "13722222222"}, headers=headers | {"accept": "text/html"})
    assert page.status_code == 429
    assert running.get(TICKETS, params={"q": "塌陷"}, headers=headers).status_code == 200
    suggested = running.post(
        "/api/v1/suggest", json={"text": "路灯坏了好几天", "phone": "13733333333"}, headers=headers
    )
    assert (suggested.status_code, suggested.json()["own"]) == (200, [])
    notices = METADATA.tables["notice"]
    with db.reading() as session:
        rows = session.execute(sa.select(notices).where(notices.c.kind == lookups.LOOKUP_NOTICE)).all()
    assert [(row.login, row.number) for row in rows] == [("@supervisor", "")]
    assert "dispatcher" in rows[0].text
    metrics = running.get("/metrics").text
    assert f"hotline_lookups_most {float(contact.lookups_most)}" in metrics
    shown = running.get("/notices", headers=bearer("supervisor") | {"accept": "text/html"})
    assert rows[0].text in shown.text


def test_the_hour_goes_by(rules: City, running: Web) -> None:
    me = people.Me(login="hui99", name="访", region=rules.region, role=people.Role.CALLER_BACK)
    hall, now = running.app.state["hall"], clock.now()
    with db.transaction() as session:
        for each in range(30):
            lookups.caller(session, rules, hall.seal, f"1360000{each:04}", me, now)
        assert lookups.lookups.numbers(session, rules.region, "hui99", now, "") == 30
        assert lookups.lookups.numbers(session, rules.region, "hui99", now + timedelta(minutes=61), "") == 0
