"""Prints one ticket's whole journey with every why (`hotline ticket trace`)."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.deadlines import CLOCK_NAMES
from dispatch.lifecycle import MOVES, STATE_NAMES, State
from dispatch.roles import ROLE_NAMES, Role
from hotline.city import City
from hotline.store import tickets
from hotline.store.columns import col, table_of
from hotline.store.tickets import Alarm, ClockRow, Entry

ENTRY, CLOCK, ALARM = table_of(Entry), table_of(ClockRow), table_of(Alarm)

WHY_NAMES = {
    "point": "坐标",
    "classify": "什么事",
    "locate": "在哪里",
    "route": "谁来办",
    "promise": "何时办",
    "join": "并入",
    "return": "退单",
    "next": "下一步",
    "basis": "依据",
    "owner": "建议承办",
    "callback": "回访",
    "sample": "是否回访",
}


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the journey, in words."""

    at: datetime
    move: str
    label: str
    who: str
    state: str
    note: str
    why: dict[str, str]


class ClockLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: what, for whom, until when, how it ended, and how its days were counted."""

    clock: str
    label: str
    unit: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    outcome: str
    why: str


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The journey of one ticket."""

    number: str
    state: str
    title: str
    area: str
    place: str
    unit: str
    edition: str
    journey: list[Leg]
    clocks: list[ClockLeg]
    cards: list[str]


def trace(db: Session, city: City, number: str) -> Trace:
    """Return the journey.  raises NoSuchTicket"""
    ticket = tickets.by_number(db, city.region, number)
    lines = db.execute(sa.select(ENTRY).where(col(Entry.ticket_id) == ticket.id).order_by(col(Entry.seq))).all()
    clocks = db.execute(sa.select(CLOCK).where(col(ClockRow.ticket_id) == ticket.id).order_by(col(ClockRow.id))).all()
    cards = db.execute(sa.select(ALARM).where(col(Alarm.ticket_id) == ticket.id).order_by(col(Alarm.due_at))).all()
    place = ticket.grid or ticket.community or ticket.street or ticket.district
    return Trace(
        number=ticket.number,
        state=STATE_NAMES[State(ticket.state)],
        title=ticket.title,
        area=city.area_label(ticket.area),
        place=city.place_name(place),
        unit=city.unit_name(ticket.unit),
        edition=ticket.edition,
        journey=[_leg(line) for line in lines],
        clocks=[_clock(city, one) for one in clocks],
        cards=[f"{one.label}（{MOVES[one.move].label}）{one.due_at:%Y-%m-%dT%H:%M:%SZ}" for one in cards],
    )


def _leg(line: sa.Row[tuple[object, ...]]) -> Leg:
    label = MOVES[line.move].label if line.move in MOVES else line.move
    who = f"{ROLE_NAMES[Role(line.role)]} {line.actor}" if line.role != Role.CLOCKWORK else ROLE_NAMES[Role.CLOCKWORK]
    why = {WHY_NAMES.get(key, key): text for key, text in line.why.items()}
    state = STATE_NAMES[State(line.target)]
    return Leg(at=line.at, move=line.move, label=label, who=who, state=state, note=line.note, why=why)


def _clock(city: City, one: sa.Row[tuple[object, ...]]) -> ClockLeg:
    return ClockLeg(
        clock=one.clock,
        label=CLOCK_NAMES[one.clock],
        unit=city.unit_name(one.unit),
        started_at=one.started_at,
        due_at=one.due_at,
        stopped_at=one.stopped_at,
        outcome=one.outcome,
        why=one.why,
    )
