"""Events of the ground (网格事件): what the grid found and what people called about, of one place and one day."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import OPEN, Move
from hotline.store import veil
from hotline.store.columns import col, columns_of, table_of
from hotline.store.ids import first_id
from hotline.store.lists import in_place
from hotline.store.reach import is_open, sorted_by
from hotline.store.tickets import UNVERIFIED, Assignment, Entry, TicketRow, verbatim

TICKET = table_of(TicketRow)
RECENT_EVENTS, MOST_EVENTS = timedelta(days=7), 200
SEEN = veil.of(everything=False, confidential=False)  # whoever looks: the sheet is printed and handed on


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket as the ground sees it: no caller, no number of a person; of a confidential one no words either."""

    number: str
    seq: int
    state: str
    source: str
    title: str
    area: str
    grid: str
    address: str
    unit: str
    outcome: str
    reply: str
    confidential: bool
    lng: float | None
    lat: float | None
    received_at: datetime


class Whistled(msgspec.Struct, frozen=True, kw_only=True):
    """A unit called to the spot (吹哨) that has not answered; `whistle` is the reason's code."""

    number: str
    unit: str
    whistle: str
    assigned_at: datetime


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """An internal note (内部备注)."""

    number: str
    at: datetime
    note: str


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """Which events.  place "" = the whole region; `states`, `sources`, `outcomes` are alternatives, empty = any.

    called        not of these sources: what people called about
    since, until  received between; ids are in the order of time, so the index of the newest serves any day
    """

    place: str = ""
    since: datetime | None = None
    until: datetime | None = None
    states: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()


def counts(db: Session, region: str, named: Mapping[str, Which]) -> dict[str, int]:
    """Return how many each of these holds, in one statement."""
    columns = [
        sa.select(sa.func.count()).select_from(TICKET).where(*_where(region, which)).scalar_subquery().label(name)
        for name, which in named.items()
    ]
    return dict(db.execute(sa.select(*columns)).one()._mapping)


def listed(db: Session, region: str, which: Which, size: int, skip: int = 0) -> Sequence[Event]:
    """Return events, the newest first, in one statement."""
    columns = columns_of(TicketRow, Event.__struct_fields__)
    place = sorted_by(col(TicketRow.id)) if which.states and which.states <= OPEN else col(TicketRow.id)
    query = sa.select(*columns).where(*_where(region, which)).order_by(place.desc())
    return [_seen(dict(row._mapping)) for row in db.execute(query.limit(size).offset(skip))]


def whistles(db: Session, region: str, grid: str) -> list[Whistled]:
    """Return who was called to open tickets of a grid and has not answered, in one statement."""
    columns = col(TicketRow.number), col(Assignment.unit), col(Assignment.whistle), col(Assignment.assigned_at)
    waits = col(Assignment.whistle) != "", col(Assignment.answered_at).is_(None), col(Assignment.ended_at).is_(None)
    query = (
        sa.select(*columns)
        .join(TICKET, col(TicketRow.id) == col(Assignment.ticket_id))
        .where(*_open(region, grid), *waits)
    )
    return [
        Whistled(**row._mapping) for row in db.execute(query.order_by(col(Assignment.assigned_at)).limit(MOST_EVENTS))
    ]


def notes(db: Session, region: str, grid: str, now: datetime) -> list[Noted]:
    """Return the notes of the last days on open tickets of a grid, none of confidential ones, in one statement."""
    columns = col(TicketRow.number), col(Entry.at), col(Entry.note)
    lately = col(TicketRow.confidential).is_(False), col(Entry.move) == Move.NOTE, col(Entry.at) >= now - RECENT_EVENTS
    query = (
        sa.select(*columns).join(TICKET, col(TicketRow.id) == col(Entry.ticket_id)).where(*_open(region, grid), *lately)
    )
    found = [Noted(**row._mapping) for row in db.execute(query.order_by(col(Entry.at).desc()).limit(MOST_EVENTS))]
    return [msgspec.structs.replace(one, note=SEEN.text(one.note)) for one in found]


def _open(region: str, grid: str) -> tuple[sa.ColumnElement[bool], ...]:
    return col(TicketRow.region) == region, col(TicketRow.grid) == grid, is_open()


def _seen(values: dict[str, Any]) -> Event:
    if values["confidential"]:
        values |= {"title": "", "address": "", "reply": "", "lng": None, "lat": None}
    return Event(**{name: SEEN.read(value, name) for name, value in values.items()})


def _where(region: str, which: Which) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [col(TicketRow.region) == region]
    if which.place:
        where.append(in_place(which.place))
    if which.states and which.states <= OPEN:
        where.append(is_open())
    if which.outcomes == {"unverified"}:
        where.append(verbatim(f"ticket.{UNVERIFIED}"))
    one_of = {
        col(TicketRow.state): which.states,
        col(TicketRow.source): which.sources,
        col(TicketRow.outcome): which.outcomes,
    }
    where += [column.in_(sorted(wanted)) for column, wanted in one_of.items() if wanted]
    if which.called:
        where.append(col(TicketRow.source).not_in(sorted(which.called)))
    if which.since is not None:
        where.append(col(TicketRow.id) >= first_id(which.since))
    if which.until is not None:
        where.append(col(TicketRow.id) < first_id(which.until))
    return where
