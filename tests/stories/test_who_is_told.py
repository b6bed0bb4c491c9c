"""Of every clock and every rung: who hears of it, who bears the card, who may answer it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from dispatch.deadlines import CLOCK_NAMES
from dispatch.errors import NotYours
from dispatch.escalation import DESKS, LEVELS, recipients
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import clock
from hotline.errors import BadValue, NoSuchTicket
from hotline.flow.moves import stamp
from hotline.jobs import work
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from tests.cast import DAY, DISPATCHER, HEAT, HOUR, LAMP, NOW, SUPERVISOR, Office, unit

OWNERS = {"help": "helper", "whistle": "helper", "progress": "citizen", "result": "citizen", "review": "citizen"}
LEAD, HELPER = "szzx", "gdgs"
ROLES = (Role.UNIT, Role.DISPATCHER, Role.CALLER_BACK, Role.SUPERVISOR, Role.AGENT)


def judged(name: str) -> str:
    """Return the unit judged by a clock of this name."""
    return "" if name in DESKS else HELPER if OWNERS.get(name) == "helper" else LEAD


def run(office: Office, ticket: Any, name: str, rungs: list[tuple[str, str]], at: datetime) -> UUID:
    """Put a running clock on a ticket whose rungs (move, to) act an hour apart; return its id."""
    key = new_id(at)
    row: dict[str, Any] = {
        "id": key, "region": ticket.region, "ticket_id": ticket.id, "clock": name, "unit": judged(name),
        "owner": OWNERS.get(name, "desk" if name in DESKS else "unit"), "promise": 0, "started_at": at,
        "due_at": at + DAY, "paused_at": None, "shifts": [], "stopped_at": None, "outcome": "", "provisional": False,
        "ladder": [
            {"at": stamp(at + n * HOUR), "move": move, "label": move, "to": to, "card": move}
            for n, (move, to) in enumerate(rungs)
        ],
        "position": 0,
        "next_at": at, "why": "",
    }  # fmt: skip
    with db.transaction() as session:
        session.execute(METADATA.tables["clock"].delete())
        session.execute(METADATA.tables["clock"].insert(), row)
    return key


def follow(office: Office, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        work.events(waiting)


@pytest.mark.parametrize("name", sorted(CLOCK_NAMES))
def test_every_clock_and_every_rung(office: Office, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    ticket = office.ticket(State.SIGNED, NOW, area=LAMP)
    assert (ticket.unit, ticket.helpers) == (LEAD, [HELPER])
    rungs = [(move, role.value) for move in LEVELS for role in ROLES]
    key = run(office, ticket, name, rungs, NOW + DAY)
    follow(office, monkeypatch, NOW + HOUR)
    late, desk = judged(name), f"@{DESKS[name]}" if name in DESKS else ""
    for n, (move, to) in enumerate(rungs):
        with db.transaction() as session:
            session.execute(METADATA.tables["notice"].delete())
        at = NOW + DAY + n * HOUR
        office.sweep(at)
        follow(office, monkeypatch, at)
        heard = {row.unit or row.login for row in office.rows("notice")}
        expected = {late or desk if to == "unit" else f"@{to}"}
        expected |= {late or desk} if move != "remind" else set()
        expected |= {"@supervisor"} if LEVELS.index(move) >= LEVELS.index("supervise") else set()
        assert heard == expected, (name, move, to)
        assert all(CLOCK_NAMES[name] in row.text for row in office.rows("notice")), "it says which limit"
    cards = office.rows("alarm", clock_id=key)
    assert {row.unit for row in cards} == {late}
    for code in (LEAD, HELPER):
        if code == late:
            office.do("answer_card", ticket.number, unit(code), NOW + 5 * DAY, note="情况说明")
        else:
            with pytest.raises((BadValue, NotYours)):
                office.do("answer_card", ticket.number, unit(code), NOW + 5 * DAY, note="情况说明")
    assert sum(bool(row.answer) for row in office.rows("alarm", clock_id=key)) == bool(late)


def test_a_returned_ticket_is_the_dispatchers_not_the_former_units(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.ticket(State.RETURNED, NOW, area=LAMP).number
    follow(office, monkeypatch, NOW + HOUR)
    with db.transaction() as session:
        session.execute(METADATA.tables["notice"].delete())
    office.sweep(NOW + 3 * DAY)
    follow(office, monkeypatch, NOW + 3 * DAY)
    ends = [row for row in office.rows("notice", number=number) if "派单" in row.text]
    assert {row.login for row in ends} == {"@dispatcher", "@supervisor"}
    assert not [row for row in ends if row.unit]


def test_a_proposed_card_is_told_to_who_bears_it_once_it_is_confirmed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = office.ticket(State.SIGNED, NOW, area=LAMP)
    run(office, ticket, "help", [("propose", "supervisor")], NOW + DAY)
    rung = {
        "at": stamp(NOW + DAY), "move": "propose", "label": "协办红牌", "to": "supervisor", "card": "red_card"
    }  # fmt: skip
    with db.transaction() as session:
        held = METADATA.tables["clock"]
        session.execute(held.update().values(ladder=[rung]))
    office.sweep(NOW + DAY)
    office.do("red_card", ticket.number, SUPERVISOR, NOW + DAY + HOUR)
    follow(office, monkeypatch, NOW + DAY + HOUR)
    heard = {row.unit or row.login for row in office.rows("notice", kind="red_card")}
    assert heard == {HELPER, "@supervisor"}


def test_a_unit_that_had_it_answers_its_card_and_a_stranger_learns_nothing(office: Office) -> None:
    number = office.ticket(State.ROUTED, NOW, area=HEAT).number
    office.sweep(NOW + 2 * HOUR)  # not signed for in half an hour
    office.do("sign", number, unit("rlgs"), NOW + 3 * HOUR)
    office.do("reassign", number, DISPATCHER, NOW + 4 * HOUR, unit="cgj", reason="错派")
    done = office.do("answer_card", number, unit("rlgs"), NOW + 5 * HOUR, note="当时系统故障")
    assert done.unit == "cgj"
    with pytest.raises(NoSuchTicket):
        office.do("answer_card", number, unit("zjj"), NOW + 5 * HOUR, note="打听")
    with pytest.raises(BadValue):
        office.do("answer_card", number, unit("cgj"), NOW + 5 * HOUR, note="没有牌")


@pytest.mark.parametrize(
    ("to", "move", "name", "late", "heard"),
    [
        ("unit", "remind", "help", "gdgs", (("gdgs",), ())),
        ("dispatcher", "remind", "dispatch", "", ((), ("dispatcher",))),
        ("caller_back", "remind", "callback", "", ((), ("caller_back",))),
        ("supervisor", "supervise", "sign", "cgj", (("cgj",), ("supervisor",))),
        ("supervisor", "supervise", "check", "", ((), ("dispatcher", "supervisor"))),
        ("grid_leader", "yellow_card", "hold", "cgj", (("cgj",), ("grid_leader",))),
    ],
)
def test_told(to: str, move: str, name: str, late: str, heard: Any) -> None:
    assert recipients(to, move, name, late) == heard
