"""Promises -> clocks: by when a ticket must be dispatched, signed for, contacted about, reported on, answered.

Source: 凉政办发〔2018〕116号 art. 16, "3日报动态、7日报结果"; other cities promise other limits, so all are data.
Progress and result run from the first dispatch (派单), never from signing: not signing must not buy time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec

from dispatch.calendar import KIND_NAMES, Calendar, Counted, Ends, Kind, Roll, add_days, add_hours, explain
from dispatch.lifecycle import MOVES

Clock = Literal["dispatch", "sign", "contact", "progress", "result"]

CLOCK_NAMES: dict[str, str] = {
    "dispatch": "派单",
    "sign": "签收",
    "contact": "联系来电人",
    "progress": "报动态",
    "result": "报结果",
}


class Urgency(StrEnum):
    """How soon harm is done: hard to mend later = urgent, hard to mend and grave = critical."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


URGENCY_NAMES: dict[Urgency, str] = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}
GRAVITY: dict[Urgency | None, int] = {None: 0, Urgency.NORMAL: 1, Urgency.URGENT: 2, Urgency.CRITICAL: 3}


class Promise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One time limit of the city.

    days, hours  exactly one of them; hours may be parts (0.25 = 15 minutes)
    after        name of the move that starts the clock
    stops        names of the moves that stop it
    owner        who is judged by it: the citizen is promised it, the unit holds it, or the hotline's desk
    urgency      only tickets of this urgency and graver ones that have no limit of their own; None = all
    area         only matters of this area and below; "" = all
    again        whether the same move starts it anew on the same ticket.  Left out: a citizen's clock starts once (a
                 second dispatch does not buy time), a unit's or the desk's starts for each holder
    source       document and article
    """

    clock: Clock
    after: str
    stops: tuple[str, ...]
    owner: Literal["citizen", "unit", "desk"]
    days: int | None = None
    hours: float | None = None
    kind: Kind = Kind.NATURAL
    roll: Roll = Roll.NEXT_WORKING
    ends: Ends = "end_of_day"
    urgency: Urgency | None = None
    area: str = ""
    again: bool | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if (self.days is None) == (self.hours is None):
            raise ValueError("days 与 hours 须写且只写一个")
        if (self.days or 0) < 0 or (self.hours or 0) < 0:
            raise ValueError("时限不能为负")
        for move in (self.after, *self.stops):
            if move not in MOVES:
                raise ValueError(f"没有名为 {move} 的操作，可用：{'、'.join(MOVES)}")

    @property
    def repeats(self) -> bool:
        """Whether the clock starts anew when its move happens again."""
        return self.owner != "citizen" if self.again is None else self.again


class ClockPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that starts at `started` and must be stopped before `due` (half-open, both in the calendar's zone)."""

    clock: Clock
    due: datetime
    started: datetime
    promise: Promise
    why: str
    counted: tuple[date, ...]
    skipped: tuple[tuple[date, str], ...]
    provisional: bool


def start_clocks(
    promises: Iterable[Promise],
    calendar: Calendar,
    move: str,
    *,
    at: datetime,
    urgency: str,
    areas: tuple[str, ...] = (),
    started: Collection[str] = (),
) -> tuple[ClockPlan, ...]:
    """Return the clocks that `move` starts, in the order of the promises, at most one of each name.

    Apply `stopped_by` first: the same move may stop a clock and start its successor (signing anew after a dispatch).

    urgency  a value of Urgency; raises ValueError on another
    areas    the matter's area first, then each above it up to the root; () = not known
    started  names of clocks this ticket ever had, open or not: a promise to the citizen is not started twice
    """
    best: dict[str, Promise] = {}
    grave = Urgency(urgency)
    for promise in promises:
        if not _applies(promise, move, grave, areas, started):
            continue
        held = best.get(promise.clock)
        if held is None or _rank(promise, areas) > _rank(held, areas):
            best[promise.clock] = promise
    return tuple(_plan(promise, calendar, at) for promise in best.values())


def stopped_by(promises: Iterable[Promise], move: str) -> frozenset[str]:
    """Return the names of the clocks that `move` stops."""
    return frozenset(promise.clock for promise in promises if move in promise.stops)


def plan_for(promise: Promise, calendar: Calendar, at: datetime) -> ClockPlan:
    """Return the clock of one promise started `at`."""
    return _plan(promise, calendar, at)


def _applies(promise: Promise, move: str, urgency: Urgency, areas: tuple[str, ...], started: Collection[str]) -> bool:
    return (
        promise.after == move
        and GRAVITY[promise.urgency] <= GRAVITY[urgency]
        and (not promise.area or promise.area in areas)
        and (promise.repeats or promise.clock not in started)
    )


def _rank(promise: Promise, areas: tuple[str, ...]) -> tuple[int, int]:
    """Return how specific a promise is.  Urgency comes before area: danger does not wait for the kind of matter."""
    return GRAVITY[promise.urgency], len(areas) - areas.index(promise.area) if promise.area else 0


def _plan(promise: Promise, calendar: Calendar, at: datetime) -> ClockPlan:
    counted: Counted
    if promise.hours is not None:
        counted = add_hours(at, promise.hours, promise.kind, calendar)
    else:
        counted = add_days(at, promise.days or 0, promise.kind, calendar, promise.roll, ends=promise.ends)
    return ClockPlan(
        clock=promise.clock,
        due=counted.moment,
        started=counted.start,
        promise=promise,
        why=f"{limit_text(promise)}：{explain(counted)}",
        counted=counted.counted,
        skipped=counted.skipped,
        provisional=counted.provisional,
    )


def limit_text(promise: Promise) -> str:
    """Return the promise in one phrase: 派单后7个自然日内报结果（凉政办发〔2018〕116号第十六条）."""
    if promise.hours is not None:
        amount = f"{promise.hours:g}{'小时' if promise.kind is Kind.NATURAL else '个工作小时'}"
    else:
        amount = f"{promise.days}个{KIND_NAMES[promise.kind]}"
    scope = f"{URGENCY_NAMES[promise.urgency]}件" if promise.urgency else ""
    source = f"（{promise.source}）" if promise.source else ""
    return f"{scope}{MOVES[promise.after].label}后{amount}内{CLOCK_NAMES[promise.clock]}{source}"
