"""A history as the clocks see it: from its lines alone follows what was promised, and how each promise ended.

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
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket

ENTRY = METADATA.tables["entry"]


def recounted(db: Session, city: City, ticket: Ticket) -> list[Running]:
    """Return the clocks that follow from the ticket's history, in the order they started."""
    book = cities.rulebook_of(db, city, ticket.edition)
    lines = db.execute(sa.select(ENTRY).where(ENTRY.c.ticket_id == ticket.id).order_by(ENTRY.c.seq)).all()
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
    held: dict[str, Any] = {"unit": "", "area": "", "urgency": "normal", "extended": False}
    found = []
    for n, line in enumerate(lines):
        facts, move, at = line.facts, line.move, line.at
        if line.move in (Move.RECEIVE, Move.SPLIT):
            if not (seen := _left_for_a_person(lines[n + 1 :])):
                continue
            facts, move, at = seen[0].facts, Move.RECEIVE, lines[0].at
        held |= {key: facts[key] for key in ("unit", "area", "urgency") if facts.get(key)}
        renamed = facts.get("renamed", {})
        held["unit"] = renamed.get(held["unit"], held["unit"])
        held["extended"] |= line.move == Move.EXTEND
        found.append(
            Event(
                move=move,
                at=at,
                final=MOVES[line.move].target in FINAL,
                unit=held["unit"],
                level=planner.level(held["unit"]),
                hours=planner.hours(held["unit"]),
                by=facts.get("by", ""),
                helpers=tuple(facts.get("helpers", ())),
                areas=planner.path(held["area"]),
                urgency=held["urgency"],
                extended=held["extended"],
                days=facts.get("days", 0),
                limit=facts.get("limit"),
                renamed=renamed,
                unsampled=facts.get("unsampled", False),
                replan=facts.get("replan", False),
                since=datetime.fromisoformat(facts["since"]) if "since" in facts else None,
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
