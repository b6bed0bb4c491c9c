"""Step 5, deadlines: a move stops, pauses, lengthens and starts clocks by the deadline rules of the ticket's edition.

`turn_clocks` does it for one ticket and any move, by the pure `dispatch.clocks`; `Planner` starts the clocks of a
batch, where the same questions are asked a thousand times.  Each clock knows its rungs.  The citizen's clocks start
once, at the first dispatch; nobody starts them anew.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict, Unpack, cast
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import clocks, deadlines, escalation, lifecycle
from dispatch.calendar import Calendar, for_hours
from dispatch.clocks import Event, Running
from dispatch.deadlines import CLOCK_NAMES, ClockPlan
from dispatch.escalation import PlannedRung
from dispatch.lifecycle import FINAL, MOVES, Move, State
from dispatch.roles import Role
from dispatch.rulebook import Rulebook
from hotline import city as cities
from hotline.city import City
from hotline.flow import clockrows, merge, moves
from hotline.people import Actor
from hotline.store import bulk
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.facts import NONE, Facts
from hotline.store.tickets import ClockRow, Ticket

CLOCK = table_of(ClockRow)
FACT_KEYS = (
    "by",
    "days",
    "helpers",
    "extended",
    "limit",
    "unsampled",
    "replan",
    "urgency",
)  # of `Facts`, as `More` has them


class More(TypedDict, total=False):
    """What `dispatch.clocks.Event` takes of a move beside its moment; `unit`, `urgency` not yet the ticket's."""

    unit: str
    helpers: tuple[str, ...]
    by: str
    urgency: str
    days: int
    extended: bool
    limit: int | None
    since: datetime | None
    unsampled: bool
    replan: bool


class Plan(msgspec.Struct, frozen=True):
    """A clock with the rungs it will climb, earliest first, their moments in UTC."""

    clock: ClockPlan
    ladder: list[PlannedRung]


class Planner:
    """Plans clocks for one edition; remembers equal questions, so that a batch counts its calendar days once."""

    def __init__(self, city: City, book: Rulebook | None = None) -> None:
        self._city, self.book = city, book or city.rulebook
        self._named = frozenset(promise.area for promise in self.book.promises if promise.area)
        self._kinds = frozenset(promise.level for promise in self.book.promises if promise.level)
        self._own: dict[str, Calendar | None] = {}
        self._held: dict[tuple[Any, ...], tuple[Plan, ...]] = {}

    def plans(
        self,
        move: Move,
        at: datetime,
        urgency: str,
        area: str,
        started: Collection[str] = (),
        unit: str = "",
        since: datetime | None = None,
    ) -> tuple[Plan, ...]:
        """Return the clocks that `move` starts for a matter of this urgency and area, held by `unit`.

        since  what is promised to the citizen counts from here (`Ticket.promised_from`); None = from `at`
        """
        path, level = self.path(area), self.level(unit)
        hours = self.hours(unit)
        key = (move, at, urgency, path, frozenset(started), level, unit if hours else "", since)
        if key not in self._held:
            found = deadlines.start_clocks(
                self.book.promises,
                self.book.calendar,
                move,
                at=at,
                urgency=urgency,
                areas=path,
                started=started,
                level=level,
                hours=hours,
                since=since,
            )
            self._held[key] = tuple(Plan(clock, fair(self._ladder(clock, urgency, path), clock, at)) for clock in found)
        return self._held[key]

    def path(self, area: str) -> tuple[str, ...]:
        """Return the area and all above it, of those that a promise asks about."""
        codes = (one.code for one in self._city.taxonomy.path(area)) if area else ()
        return tuple(code for code in codes if code in self._named)

    def level(self, unit: str) -> str:
        """Return the kind of a unit where a promise asks about it."""
        kind = self._city.units[unit].kind if unit in self._city.units else ""
        return kind if kind in self._kinds else ""

    def hours(self, unit: str) -> Calendar | None:
        """Return the calendar with a unit's own duty hours; None where it keeps the city's."""
        if unit not in self._own:
            said = self._city.units[unit].hours if unit in self._city.units else ""
            self._own[unit] = for_hours(self.book.calendar, said) if said else None
        return self._own[unit]

    def rungs(self, one: Running, urgency: str, path: tuple[str, ...], since: datetime) -> list[PlannedRung]:
        """Return the rungs of a running clock that act after `since`."""
        plan = ClockPlan(
            clock=one.clock,
            due=one.due_at,
            started=one.started_at,
            promise=self.book.promises[one.promise],
            why=one.why,
            counted=(),
            skipped=(),
            provisional=one.provisional,
        )
        return [rung for rung in self._ladder(plan, urgency, path) if rung.at > since]

    def _ladder(self, clock: ClockPlan, urgency: str, path: tuple[str, ...]) -> list[PlannedRung]:
        silent = clock.promise.only == "unsampled"  # nobody is late where nobody is to call
        rungs = () if silent else escalation.watching(self.book.ladder, urgency, path)
        found = []
        for one in escalation.moments(clock, rungs, self.book.calendar):
            move, label = one.rung.acts
            at = one.at.astimezone(UTC)
            found.append(PlannedRung(at=at, move=move, label=label, to=one.rung.to, card=one.rung.name))
        if default := clock.promise.default:
            label = f"{CLOCK_NAMES[clock.clock]}时限已到，按规则{MOVES[default].label}"
            at = clock.due.astimezone(UTC)
            found.append(PlannedRung(at=at, move=Move.LAPSE, label=label, to=Role.CLOCKWORK, card=Move.LAPSE))
        return sorted(found, key=lambda rung: rung.at)


def fair(ladder: list[PlannedRung], clock: ClockPlan | Running, at: datetime) -> list[PlannedRung]:
    """Return the rungs that concern who gets a ticket `at`, of a clock that may have started long before.

    What was missed by then is not the unit's doing: it gets no card for it.  Whoever else is told hears of it at once.
    """
    if (clock.started if isinstance(clock, ClockPlan) else clock.started_at) >= at:
        return ladder
    return [rung for rung in ladder if rung.at > at or rung.to != Role.UNIT]


def rows(
    ticket: Ticket,
    plans: Collection[Plan],
    planner: Planner,
    unit: str = "",
    helpers: Sequence[str] = (),
    limit: int | None = None,
    at: datetime | None = None,
) -> tuple[list[dict[str, Any]], list[Running]]:
    """Return the clock rows of plans, and their clocks.  A ticket loaded from history climbs no ladder.

    limit  days for the result by the row of the duty table, None = as promised
    at     when the unit gets it, where what was promised counts from before; None = as the plans start
    """
    promises, calendar = planner.book.promises, planner.book.calendar
    made, found = [], []
    for plan in plans:
        for one in clocks.started(plan.clock, promises, unit, helpers):
            hours = clocks.own(promises[one.promise], planner.hours(unit), calendar)
            meant = clocks.limited(one, promises[one.promise], limit, hours)
            ladder = plan.ladder
            if meant is not one:
                ladder = planner.rungs(meant, ticket.urgency, planner.path(ticket.area), meant.started_at)
                ladder = fair(ladder, plan.clock, at or plan.clock.started)
            found.append(meant)
            made.append(clockrows.row(ticket, meant, ladder))
    return made, found


def due_columns(found: Collection[Running]) -> TicketChanges:
    """Return the ticket's columns that show when progress, result and callback are due."""
    due: TicketChanges = {}
    for one in found:
        if one.clock == "progress":
            due["progress_due_at"] = one.due_at
        elif one.clock == "result":
            due["due_at"] = one.due_at
        elif one.clock == "callback":
            due["callback_due_at"] = one.due_at
    return due


def explained(found: Collection[Running]) -> str:
    """Return how the days of the citizen's promises were counted."""
    return "；".join(one.why for one in found if one.owner == "citizen")


class Turned(msgspec.Struct, frozen=True):
    """What a move did to the clocks: all of them as they are now, those it moved, those it started."""

    all: tuple[Running, ...]
    moved: tuple[Running, ...]
    started: tuple[Running, ...]

    @property
    def due(self) -> TicketChanges:
        """The ticket's columns that follow."""
        return due_columns([one for one in (*self.moved, *self.started) if one.stopped_at is None])


def turn_clocks(db: Session, city: City, ticket: Ticket, move: Move, at: datetime, **more: Unpack[More]) -> Turned:
    """Turn the clocks of one locked ticket for a move it has just made, or is about to make."""
    planner, keys, held, event, now = _turned(db, city, ticket, move, at, more)
    moved = _write(db, planner, ticket, event.urgency, at, list(zip(keys, held, now, strict=False)))
    fresh = now[len(held) :]
    ladders = [fair(planner.rungs(one, event.urgency, event.areas, one.started_at), one, at) for one in fresh]
    bulk.insert(db, CLOCK, [clockrows.row(ticket, one, ladder) for one, ladder in zip(fresh, ladders, strict=True)])
    return Turned(now, moved, fresh)


def foreseen(
    db: Session, city: City, ticket: Ticket, move: Move, at: datetime, **more: Unpack[More]
) -> tuple[Running, ...]:
    """Return the clocks as a move would leave them, first those there are; nothing is written."""
    return _turned(db, city, ticket, move, at, more)[4]


def foreseen_each(
    db: Session, city: City, ticket: Ticket, move: Move, at: datetime, days: Iterable[int]
) -> dict[int, tuple[Running, ...]]:
    """Return the clocks as an extension of each number of working days would leave them, in one statement."""
    held = _clocks_of(db, ticket)
    given: dict[int, More] = {count: {"days": count, "extended": True} for count in days}
    return {count: _turned(db, city, ticket, move, at, more, held)[4] for count, more in given.items()}


def _turned(
    db: Session,
    city: City,
    ticket: Ticket,
    move: Move,
    at: datetime,
    more: More,
    read: tuple[list[UUID], list[tuple[Running, Any]]] | None = None,
) -> tuple[Planner, list[UUID], list[tuple[Running, Any]], Event, tuple[Running, ...]]:
    planner = Planner(city, cities.rulebook_of(db, city, ticket.edition))
    keys, held = read or _clocks_of(db, ticket)
    given: More = {"unit": ticket.unit, "extended": ticket.extensions > 0, "urgency": ticket.urgency} | more
    event = Event(
        move=move,
        at=at,
        final=MOVES[move].target in FINAL,
        areas=planner.path(ticket.area),
        level=planner.level(given["unit"]),
        hours=planner.hours(given["unit"]),
        **given,
    )
    now = clocks.turn(planner.book.promises, planner.book.calendar, [one for one, _ in held], event)
    return planner, keys, held, event, now


def advance(
    db: Session,
    city: City,
    ticket: Ticket,
    move: Move,
    actor: Actor,
    at: datetime,
    *,
    changes: TicketChanges | None = None,
    facts: Facts = NONE,
    note: str = "",
    why: dict[str, str] | None = None,
    public: bool = False,
) -> Turned:
    """Make a move on a locked ticket and turn its clocks.

    raises  IllegalMove, NotYours before anything is counted
    """
    lifecycle.after(State(ticket.state), move, actor.role, ticket.pending)
    asked: TicketChanges = changes or {}
    turned = turn_clocks(db, city, ticket, move, at, **_facts_for_clocks(facts))
    due = turned.due
    if facts.unsampled:
        due["callback_due_at"] = None  # waits for no call
    due |= _limits_why(ticket, turned, asked)
    moves.make(db, ticket, move, actor, at, note=note, why=why, facts=facts, public=public, changes=asked | due)
    if ticket.joiners and ticket.state in FINAL and not merge.serves(ticket) and ticket.state != State.JOINED:
        merge.release(db, ticket, merge.joiners(db, ticket, wait=False), at)
    return turned


def _facts_for_clocks(facts: Facts) -> More:
    """Return what the clocks need to know of a move."""
    return cast(More, {name: said for name in FACT_KEYS if (said := getattr(facts, name)) is not None})


def _limits_why(ticket: Ticket, turned: Turned, changes: TicketChanges) -> TicketChanges:
    """Return the ticket's why of its limits as they run from now on, {} where no promise to the citizen has moved."""
    if not any(one.owner == "citizen" and one.stopped_at is None for one in (*turned.moved, *turned.started)):
        return {}
    running = explained([one for one in turned.all if one.stopped_at is None])
    return {"why": {**changes.get("why", ticket.why), "promise": running}}


def recount(db: Session, city: City, ticket: Ticket, at: datetime, calendar: Calendar) -> tuple[Running, ...]:
    """Count the provisional clocks of a locked ticket anew; return those whose moment changed or became certain."""
    book = cities.rulebook_of(db, city, ticket.edition)
    planner = Planner(city, book)
    keys, held = _clocks_of(db, ticket)
    now = [
        clocks.recounted(
            one, book.promises[one.promise], clocks.own(book.promises[one.promise], planner.hours(one.unit), calendar)
        )
        if one.provisional and not one.stopped_at
        else one
        for one, _ in held
    ]
    return _write(db, planner, ticket, ticket.urgency, at, list(zip(keys, held, now, strict=True)))


def add(db: Session, rows: list[dict[str, Any]]) -> None:
    """Insert clock rows, all in one statement."""
    bulk.insert(db, CLOCK, rows)


def _clocks_of(db: Session, ticket: Ticket) -> tuple[list[UUID], list[tuple[Running, Any]]]:
    """Return the ticket's clocks, in the order they started, each with its row."""
    query = (
        sa.select(CLOCK)
        .where(col(ClockRow.ticket_id) == ticket.id)
        .order_by(col(ClockRow.started_at), col(ClockRow.id))
    )
    found = db.execute(query).all()
    return [row.id for row in found], [(running(row), row) for row in found]


def of_ticket(db: Session, ticket: Ticket) -> list[Running]:
    """Return the clocks of a ticket, in the order they started."""
    return [one for one, _ in _clocks_of(db, ticket)[1]]


def running(row: Any) -> Running:
    """Return the value of a clock row."""
    values = {name: getattr(row, name) for name in Running.__struct_fields__}
    return msgspec.convert(values | {"shifts": row.shifts}, Running)


def _write(
    db: Session,
    planner: Planner,
    ticket: Ticket,
    urgency: str,
    at: datetime,
    found: list[tuple[UUID, tuple[Running, Any], Running]],
) -> tuple[Running, ...]:
    """Write the clocks that are not as they were: those that stand still act no more, those that moved climb anew."""
    moved = []
    for key, (was, row), one in found:
        if one == was:
            continue
        moved.append(one)
        values = clockrows.columns_of(one) | {col(ClockRow.ladder): row.ladder, col(ClockRow.next_at): row.next_at}
        if one.stopped_at is not None or one.paused_at is not None:
            values[col(ClockRow.next_at)] = None
        elif one.due_at != was.due_at or was.paused_at is not None or one.promise != was.promise:
            rungs = [] if ticket.quiet else planner.rungs(one, urgency, planner.path(ticket.area), at)
            values |= clockrows.onward(row, rungs)
        elif one.unit != was.unit and one.due_at <= at:  # late already: no card for who takes it over
            left = map(escalation.planned, row.ladder[clockrows.climbed(row) :])
            values |= clockrows.onward(row, [rung for rung in left if rung.to != Role.UNIT])
        db.execute(sa.update(CLOCK).where(col(ClockRow.id) == key).values(values))
    return tuple(moved)
