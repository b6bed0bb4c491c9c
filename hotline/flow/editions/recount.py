"""Counts estimated limits anew when a year's holidays are published late, with a line in the history.

Only what was provisional (暂估) is counted again; what was promised firmly stands, whatever a later calendar says.
Safe to run twice: a clock that was counted by published days is provisional no more.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.calendar import deadline_text
from dispatch.clocks import Running
from dispatch.deadlines import CLOCK_NAMES
from dispatch.lifecycle import Move
from hotline.city import City
from hotline.flow import moves, promise
from hotline.flow.moves import CLOCKWORK
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.reach import is_open
from hotline.store.tickets import ClockRow, Ticket, TicketRow, carry

TICKET = table_of(TicketRow)
_Key = tuple[str, str, str, datetime]


def waiting(db: Session, city: City) -> list[UUID]:
    """Return the open tickets on which an estimated clock runs, oldest first, in one statement."""
    runs = col(ClockRow.ticket_id) == col(TicketRow.id), col(ClockRow.provisional), col(ClockRow.stopped_at).is_(None)
    query = sa.select(col(TicketRow.id)).where(*_open(city), sa.exists().where(*runs)).order_by(col(TicketRow.id))
    return list(db.execute(query).scalars())


def batch(db: Session, city: City, ids: Sequence[UUID], now: datetime) -> int:
    """Count the estimated clocks of these tickets by the calendar in force; return how many got another limit."""
    query = (
        sa.select(TICKET).where(*_open(city), col(TicketRow.id).in_(ids)).order_by(col(TicketRow.id)).with_for_update()
    )
    return sum(_recount(db, city, ticket, now) for ticket in carry(db, query))


def _open(city: City) -> tuple[sa.ColumnElement[bool], ...]:
    return col(TicketRow.region) == city.region, is_open()


def _recount(db: Session, city: City, ticket: Ticket, now: datetime) -> bool:
    before = promise.of_ticket(db, ticket)
    counted = {_key(one): one for one in promise.recount(db, city, ticket, now, city.rulebook.calendar)}
    pairs = [(was, counted.get(_key(was), was)) for was in before]
    changed = [(was, one) for was, one in pairs if was.due_at != one.due_at]
    if not changed:
        return False
    said = "；".join(_recount_words(city, was, one) for was, one in changed)
    why = f"放假安排已公布（规则版本{city.edition}），原按周一至周五上班暂估的时限重新计算：{said}"
    moves.make(
        db,
        ticket,
        Move.RECOUNT,
        CLOCKWORK,
        now,
        note=said,
        why={"promise": why},
        public=True,
        changes={**_columns(ticket, changed), "why": {**ticket.why, **_explained([one for _, one in pairs])}},
    )
    return True


def _key(one: Running) -> _Key:
    return one.clock, one.owner, one.unit, one.started_at


def _recount_words(city: City, was: Running, one: Running) -> str:
    old, new = (deadline_text(due, city.rulebook.calendar) for due in (was.due_at, one.due_at))
    return f"{CLOCK_NAMES[one.clock]}时限由{old}改至{new}"


def _columns(ticket: Ticket, changed: list[tuple[Running, Running]]) -> TicketChanges:
    """Return the due columns that showed an old limit; one that shows something else (a next call) stays."""
    found: TicketChanges = {}
    for was, one in changed:
        shown = {name for name in promise.due_columns([was]) if getattr(ticket, name) == was.due_at}
        found |= promise.due_columns([one]) if shown else {}
    return found


def _explained(clocks: list[Running]) -> dict[str, str]:
    said = [one.why for one in clocks if one.owner == "citizen"]
    return {"promise": "；".join(said)} if said else {}
