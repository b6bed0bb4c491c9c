"""Recomputes clocks from a ticket's history lines alone: what was owed, and how each clock ended.

`recounted` counts every clock of a ticket again; what is `stored` must be the same: tests hold random histories to it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import clocks
from dispatch.clocks import Event, Running
from dispatch.lifecycle import FINAL, MOVES, Move
from dispatch.roles import Role
from hotline import city as cities
from hotline.city import City
from hotline.flow import promise
from hotline.flow.promise import Planner
from hotline.store import facts
from hotline.store.columns import col, table_of
from hotline.store.tickets import Entry, Ticket

ENTRY = table_of(Entry)


def recounted(db: Session, city: City, ticket: Ticket) -> list[Running]:
    """Return the clocks that follow from the ticket's history, in the order they started."""
    book = cities.rulebook_of(db, city, ticket.edition)
    lines = db.execute(sa.select(ENTRY).where(col(Entry.ticket_id) == ticket.id).order_by(col(Entry.seq))).all()
    found = clocks.replay(book.promises, book.calendar, events(lines, Planner(city, book)))
    return sorted(found, key=lambda one: (one.started_at, one.promise, one.unit))


def stored(db: Session, ticket: Ticket) -> list[Running]:
    """Return the clocks as they are stored, in the same order."""
    return sorted(promise.of_ticket(db, ticket), key=lambda one: (one.started_at, one.promise, one.unit))


def events(lines: Sequence[Any], planner: Planner) -> list[Event]:
    """Return the events of a history's lines.

    The desk's clock starts when triage leaves a ticket for a person, counted from its receipt; a ticket that went
    straight on, or that a person took up before triage saw it, has none.
    """
    unit, area, urgency, extended = "", "", "normal", False
    found = []
    for n, line in enumerate(lines):
        told, move, at = facts.of(line.facts), line.move, line.at
        if line.move in (Move.RECEIVE, Move.SPLIT):
            if not (seen := _left_for_a_person(lines[n + 1 :])):
                continue
            told, move, at = facts.of(seen[0].facts), Move.RECEIVE, lines[0].at
        renamed = told.renamed or {}
        unit, area, urgency = told.unit or unit, told.area or area, told.urgency or urgency
        unit, extended = renamed.get(unit, unit), extended or line.move == Move.EXTEND
        found.append(
            Event(
                move=move,
                at=at,
                final=MOVES[line.move].target in FINAL,
                unit=unit,
                level=planner.level(unit),
                hours=planner.hours(unit),
                by=told.by or "",
                helpers=told.helpers or (),
                areas=planner.path(area),
                urgency=urgency,
                extended=extended,
                days=told.days or 0,
                limit=told.limit,
                renamed=renamed,
                unsampled=told.unsampled or False,
                replan=told.replan or False,
                since=datetime.fromisoformat(told.since) if told.since else None,
            )
        )
    return found


def _left_for_a_person(lines: Sequence[Any]) -> Sequence[Any]:
    """Return the history from its triage on, where that sent the ticket to nobody: words may stand before it."""
    for n, line in enumerate(lines):
        if line.move == Move.CLASSIFY and line.role == Role.CLOCKWORK:
            return () if _sent(lines[n + 1 :]) else lines[n:]
        if MOVES[line.move].target is not None:
            break
    return ()


def _sent(after: Sequence[Any]) -> bool:
    return bool(after) and after[0].move == Move.ROUTE and after[0].role == Role.CLOCKWORK
