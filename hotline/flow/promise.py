"""Step 5: by when.  A move stops clocks and starts others, as the rulebook's promises say; each clock knows its rungs.

The citizen's clocks (progress by day 3, result by day 7) start once, at the first dispatch; nobody starts them anew.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import deadlines, escalation
from dispatch.deadlines import ClockPlan
from hotline.city import City
from hotline.flow.moves import stamp
from hotline.store import bulk
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket

CLOCK = METADATA.tables["clock"]


class Plan(msgspec.Struct, frozen=True):
    """A clock with the rungs it will climb: [moment, move, label], earliest first."""

    clock: ClockPlan
    ladder: list[list[str]]


class Planner:
    """Plans clocks for one edition; remembers equal questions, so that a batch counts its calendar days once."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._named = frozenset(promise.area for promise in city.rulebook.promises if promise.area)
        self._held: dict[tuple[Any, ...], tuple[Plan, ...]] = {}

    def plans(
        self, move: str, at: datetime, urgency: str, area: str, started: Collection[str] = ()
    ) -> tuple[Plan, ...]:
        """Return the clocks that `move` starts for a matter of this urgency and area."""
        codes = (one.code for one in self._city.taxonomy.path(area)) if area else ()
        path = tuple(code for code in codes if code in self._named)  # no promise asks about the others
        key = (move, at, urgency, path, frozenset(started))
        if key not in self._held:
            rules = self._city.rulebook
            clocks = deadlines.start_clocks(
                rules.promises, rules.calendar, move, at=at, urgency=urgency, areas=path, started=started
            )
            self._held[key] = tuple(Plan(clock, self._ladder(clock)) for clock in clocks)
        return self._held[key]

    def _ladder(self, clock: ClockPlan) -> list[list[str]]:
        moments = escalation.moments(clock, self._city.rulebook.ladder, self._city.rulebook.calendar)
        return [[stamp(one.at), one.rung.name, one.rung.label, one.rung.to.value] for one in moments]


def rows(ticket: Ticket, plans: Collection[Plan], unit: str) -> list[dict[str, Any]]:
    """Return the clock rows of plans.  A ticket loaded from history climbs no ladder."""
    return [_row(ticket, plan, unit) for plan in plans]


def due_columns(plans: Collection[Plan]) -> dict[str, Any]:
    """Return the ticket's columns that show when progress and result are due."""
    found = {plan.clock.clock: plan.clock.due for plan in plans}
    names = {"progress": "progress_due_at", "result": "due_at"}
    return {column: found[clock] for clock, column in names.items() if clock in found}


def explained(plans: Collection[Plan]) -> str:
    """Return how the days of the citizen's promises were counted."""
    return "；".join(plan.clock.why for plan in plans if plan.clock.promise.owner == "citizen")


def turn(db: Session, city: City, ticket: Ticket, move: str, at: datetime) -> tuple[Plan, ...]:
    """Stop and start the clocks of one locked ticket, for the move it has just made; return those started."""
    held = db.execute(
        sa.select(CLOCK.c.id, CLOCK.c.clock, CLOCK.c.due_at, CLOCK.c.stopped_at).where(CLOCK.c.ticket_id == ticket.id)
    ).all()
    ending = deadlines.stopped_by(city.rulebook.promises, move)
    stop(db, [(row.id, row.due_at) for row in held if row.stopped_at is None and row.clock in ending], at)
    plans = Planner(city).plans(move, at, ticket.urgency, ticket.area, {row.clock for row in held})
    add(db, rows(ticket, plans, ticket.unit))
    return plans


def add(db: Session, clocks: list[dict[str, Any]]) -> None:
    """Insert clock rows, all in one statement."""
    bulk.insert(db, CLOCK, clocks)


def stop(db: Session, clocks: list[tuple[UUID, datetime]], at: datetime, outcome: str = "") -> None:
    """Stop clocks (id, due moment) at a moment: met, or late; `outcome` overrides (void: nobody is judged)."""
    if not clocks:
        return
    values: dict[str, Any] = {"stopped_at": at, "next_at": None, "outcome": sa.bindparam("how")}
    statement = sa.update(CLOCK).where(CLOCK.c.id == sa.bindparam("which")).values(values)
    db.execute(statement, [{"which": key, "how": outcome or ("met" if at < due else "late")} for key, due in clocks])


def stop_all(db: Session, ticket: Ticket, at: datetime) -> None:
    """Stop every clock of a ticket that leaves the road (joined, settled): nobody is judged by them."""
    still = CLOCK.c.ticket_id == ticket.id, CLOCK.c.stopped_at.is_(None)
    db.execute(sa.update(CLOCK).where(*still).values(stopped_at=at, next_at=None, outcome="void"))


def _row(ticket: Ticket, plan: Plan, unit: str) -> dict[str, Any]:
    clock = plan.clock
    ladder = [] if ticket.quiet else plan.ladder
    return {
        "id": new_id(clock.started), "region": ticket.region, "ticket_id": ticket.id, "clock": clock.clock,
        "unit": "" if clock.promise.owner == "desk" else unit, "started_at": clock.started, "due_at": clock.due,
        "stopped_at": None, "outcome": "", "provisional": clock.provisional, "ladder": ladder, "position": 0,
        "next_at": datetime.fromisoformat(ladder[0][0]) if ladder else None, "why": clock.why,
    }  # fmt: skip
