"""Compares old tickets under new rules with what happened: another unit, another limit, other rungs.

Rules are compared with rules, not with what people did: a ticket that a dispatcher gave elsewhere says nothing about
the new table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Literal

import msgspec

from classifiers.errors import ClassifierError
from classifiers.taxonomy import Taxonomy
from dispatch import deadlines, escalation
from dispatch.calendar import deadline_text
from dispatch.deadlines import CLOCK_NAMES, ClockPlan
from dispatch.errors import NoRoute
from dispatch.escalation import RungMoment
from dispatch.lifecycle import Move
from dispatch.routing import Router
from dispatch.rulebook import Rulebook
from grids.errors import GridError

What = Literal["unit", "due", "rungs"]
WHAT_NAMES: dict[What, str] = {"unit": "改派其他单位", "due": "时限不同", "rungs": "催办阶梯不同"}
MOST_EXAMPLES = 5
NOBODY = "由派单员确定"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as the rules see it.  at: the first dispatch, or the reception of one never dispatched."""

    number: str
    title: str
    area: str
    place: str
    urgency: str
    at: datetime


class Side(msgspec.Struct, frozen=True):
    """One edition of the rules, ready to be asked."""

    book: Rulebook
    router: Router
    taxonomy: Taxonomy


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket that would have gone another way."""

    number: str
    title: str
    before: str
    after: str
    why: str


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How many tickets were tried, and of each kind how many would change, with a few of them."""

    tickets: int
    counts: dict[What, int]
    examples: dict[What, list[Example]]


class _Answer(msgspec.Struct, frozen=True):
    """What one edition says of one ticket; unit "" = a person decides."""

    unit: str
    why: str
    plans: dict[str, ClockPlan]
    rungs: dict[str, tuple[RungMoment, ...]]


def compare(
    old: Side, new: Side, facts: Iterable[Fact], on: date, moved: Callable[[int], object] | None = None
) -> Trial:
    """Return what would change.  moved: is told after every ticket how many there were so far

    on  the day the new table is asked about where it is later than the ticket's own: rows that begin only then count
    """
    heirs = {code: unit.code for unit in new.book.units for code in unit.formerly}
    names = {unit.code: unit.name for side in (old, new) for unit in side.book.units}
    timed = _timed_otherwise(old.book, new.book)
    counts, examples, total = dict.fromkeys(WHAT_NAMES, 0), {what: list[Example]() for what in WHAT_NAMES}, 0
    for fact in facts:
        day = old.book.calendar.local(fact.at).date()
        was, now = _ask(old, fact, day, timed), _ask(new, fact, max(day, on), timed)
        for what, before, after, why in _changes(old, new, was, now, heirs, names):
            counts[what] += 1
            if len(examples[what]) < MOST_EXAMPLES:
                examples[what].append(
                    Example(number=fact.number, title=fact.title, before=before, after=after, why=why)
                )
        total += 1
        if moved:
            moved(total)
    return Trial(tickets=total, counts=counts, examples=examples)


def _timed_otherwise(old: Rulebook, new: Rulebook) -> bool:
    """Say whether any ticket could be timed otherwise; where not, nothing needs to be counted."""
    kinds = [{unit.code: unit.kind for unit in book.units} for book in (old, new)]
    leveled = any(promise.level for promise in new.promises) and (kinds[0] != kinds[1] or old.duty != new.duty)
    return leveled or (old.promises, old.ladder, old.calendar) != (new.promises, new.ladder, new.calendar)


def _ask(side: Side, fact: Fact, day: date, timed: bool) -> _Answer:
    unit, why = _route(side, fact, day)
    if not timed:
        return _Answer(unit, why, {}, {})
    kind = next((one.kind for one in side.book.units if one.code == unit), "")
    areas = _path(side.taxonomy, fact.area)
    plans = deadlines.start_clocks(
        side.book.promises, side.book.calendar, Move.ROUTE, at=fact.at, urgency=fact.urgency, areas=areas, level=kind
    )
    watching = escalation.watching(side.book.ladder, fact.urgency, areas)
    rungs: dict[str, tuple[RungMoment, ...]] = {
        plan.clock: escalation.moments(plan, watching, side.book.calendar) for plan in plans
    }
    return _Answer(unit, why, {plan.clock: plan for plan in plans}, rungs)


def _route(side: Side, fact: Fact, day: date) -> tuple[str, str]:
    try:
        found = side.router.route(area=fact.area or None, place=fact.place or None, on=day)
    except NoRoute as gap:
        return "", gap.why
    except (ClassifierError, GridError) as unknown:
        return "", str(unknown)
    return found.unit, found.why


def _path(taxonomy: Taxonomy, area: str) -> tuple[str, ...]:
    try:
        return tuple(one.code for one in taxonomy.path(area)) if area else ()
    except ClassifierError:
        return ()


def _changes(
    old: Side, new: Side, was: _Answer, now: _Answer, heirs: dict[str, str], names: dict[str, str]
) -> Iterator[tuple[What, str, str, str]]:
    """Yield (what, before, after, why).  A unit that is only called otherwise is no other unit."""
    if heirs.get(was.unit, was.unit) != now.unit:
        yield "unit", names.get(was.unit, NOBODY), names.get(now.unit, NOBODY), now.why
    clocks = list(dict.fromkeys((*was.plans, *now.plans)))
    late = [clock for clock in clocks if _due(was, clock) != _due(now, clock)]
    if late:
        before, after = (
            "、".join(_due_text(side, answer, clock) for clock in late) for side, answer in ((old, was), (new, now))
        )
        yield "due", before, after, "；".join(now.plans[clock].why for clock in late if clock in now.plans)
    other = [clock for clock in clocks if _rungs(was, clock, late) != _rungs(now, clock, late)]
    if other:
        before, after = ("、".join(_rung_texts(one, other)) or "无" for one in (was, now))
        yield "rungs", before, after, "；".join(step.why for clock in other for step in now.rungs.get(clock, ()))


def _due(answer: _Answer, clock: str) -> datetime | None:
    return answer.plans[clock].due if clock in answer.plans else None


def _due_text(side: Side, answer: _Answer, clock: str) -> str:
    due = _due(answer, clock)
    return f"{CLOCK_NAMES[clock]}{deadline_text(due, side.book.calendar) if due else '无时限'}"


def _rungs(answer: _Answer, clock: str, late: list[str]) -> list[tuple[object, ...]]:
    """Return the rungs of a clock as they are compared: by their moments too, unless the limit itself has moved."""
    return [(*one.rung.acts, one.rung.to, None if clock in late else one.at) for one in answer.rungs.get(clock, ())]


def _rung_texts(answer: _Answer, clocks: list[str]) -> list[str]:
    return [f"{one.rung.label}{one.at:%m-%d %H:%M}" for clock in clocks for one in answer.rungs.get(clock, ())]
