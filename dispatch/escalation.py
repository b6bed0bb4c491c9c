"""The ladder a late clock climbs: reminder, yellow card, red card, supervision (催办、黄牌、红牌、督办).

Source of the usual numbers: 山东省级政务服务投诉热线管理办法 2017, yellow card one working day before the limit, red
card on the first working day after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Literal

import msgspec

from dispatch.calendar import KIND_NAMES, Calendar, Kind, add_hours, deadline_text, last_day, step
from dispatch.deadlines import CLOCK_NAMES, GRAVITY, Clock, ClockPlan, Urgency
from dispatch.lifecycle import Move
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message

# how high a ticket can stand, lowest first; from the second on they are cards that somebody bears and may answer
LEVELS = (Move.REMIND, Move.YELLOW_CARD, Move.RED_CARD, Move.SUPERVISE, Move.CIRCULATE, Move.ACCOUNT)
CARDS = LEVELS[1:]
SUPERVISED = LEVELS[LEVELS.index(Move.SUPERVISE) :]  # of these the supervisors hear whatever a rung says
RANKS: dict[str, int] = {"": 0} | {level.value: place for place, level in enumerate(LEVELS, 1)}


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the ladder.

    name         the move that is made, one of LEVELS
    label        what people call it: 黄牌
    clock        the clock it watches
    when         before or after the moment that clock is due
    days, hours  exactly one of them: how long before or after
    at           on a day counted in `days`: the time of day; None = when business opens
    to           the role that is told
    confirm      only proposed (拟亮牌): a person confirms or drops it
    urgency      only tickets of this urgency and graver ones; None = all
    area         only matters of this area and below; "" = all
    """

    name: Move
    label: str
    clock: Clock
    when: Literal["before", "after"]
    to: Role
    days: int | None = None
    hours: float | None = None
    kind: Kind = Kind.WORKING
    at: time | None = None
    confirm: bool = False
    urgency: Urgency | None = None
    area: str = ""
    source: str = ""

    @property
    def acts(self) -> tuple[Move, str]:
        """The move the sweep makes, and what it says in the history."""
        return (Move.PROPOSE, f"{self.label}，待督办员确认") if self.confirm else (self.name, self.label)

    def __post_init__(self) -> None:
        if self.name not in LEVELS:
            raise ValueError(Message("不认识的值 %(value)s", value=self.name))
        if (self.days is None) == (self.hours is None):
            raise ValueError(Message("days 与 hours 须写且只写一个"))
        if (self.days or 0) < 0 or (self.hours or 0) < 0:
            raise ValueError(Message("提前或推后的时间不能为负"))
        if self.when == "before" and self.hours is not None and self.kind is Kind.WORKING:
            raise ValueError(Message('提前的小时数只能按自然时间计算，请写 kind = "natural"'))


Ladder = tuple[Rung, ...]
DESKS: dict[str, Role] = {  # whose clocks are no unit's
    "dispatch": Role.DISPATCHER,
    "supply": Role.AGENT,
    "ruling": Role.DISPATCHER,
    "approval": Role.DISPATCHER,
    "check": Role.DISPATCHER,
    "callback": Role.CALLER_BACK,
}


class PlannedRung(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of a running clock, as it is stored with it: what happens at what moment.

    move   what the sweep makes: one of LEVELS, propose (拟亮牌) or lapse
    label  what the history says
    to     who is told
    card   the move the rung is about, proposed or made
    """

    at: datetime
    move: Move
    label: str
    to: Role
    card: Move


def planned(stored: object) -> PlannedRung:
    """Return a rung as it is stored with its clock.  raises msgspec.ValidationError"""
    return msgspec.convert(stored, PlannedRung)


class RungMoment(msgspec.Struct, frozen=True):
    """When a rung acts, if its clock still runs then."""

    at: datetime
    rung: Rung
    why: str


def higher(level: str, move: Move) -> str:
    """Return how high a ticket stands that stood at `level`, "" for nowhere, when `move` is made: never lower."""
    return move.value if RANKS.get(move, 0) > RANKS[level] else level


def recipients(to: str, move: Move, clock: str, unit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (units, roles) that hear of a rung: whom it names, and of a card who is late by this clock as well.

    to      the rung's own word;  unit  who is judged by the clock, "" for the desk's
    From 督办 on the supervisors hear of it whatever the rung says.
    """
    late = unit or DESKS.get(clock, Role.DISPATCHER)
    heard = {unit if to == Role.UNIT and unit else to}
    heard |= {late} if move != Move.REMIND or to == Role.UNIT else set()
    heard |= {Role.SUPERVISOR} if move in SUPERVISED else set()
    roles = tuple(sorted(one for one in heard - {unit} if one in set(Role) and one != Role.UNIT))
    return ((unit,) if unit and unit in heard else ()), roles


def watching(ladder: Iterable[Rung], urgency: str, areas: tuple[str, ...]) -> Ladder:
    """Return the rungs that concern a matter of this urgency and area (with all above it)."""
    grave = GRAVITY[Urgency(urgency)]
    return tuple(rung for rung in ladder if GRAVITY[rung.urgency] <= grave and (not rung.area or rung.area in areas))


def moments(plan: ClockPlan, ladder: Iterable[Rung], calendar: Calendar) -> tuple[RungMoment, ...]:
    """Return when each rung of the ladder that watches this clock acts, earliest first; equals in the ladder's order.

    A rung counted in days acts on a day, not at a distance: "one working day before" is the last working day before the
    day of the limit, when business opens, so that people can still act; "the first working day after" likewise.
    Rungs before the limit whose moment is not after the start of the clock (a limit of two hours, a weekend between)
    are spread evenly over the time up to the next rung or the limit, in the ladder's order: neither left out, nor
    together with the dispatch itself.
    """
    rungs = [rung for rung in ladder if rung.clock == plan.clock]
    plain = [_plainly(plan, rung, calendar) for rung in rungs]
    early = [rung.when == "before" and at <= plan.started for rung, at in zip(rungs, plain, strict=True)]
    until = min([plan.due, *(at for at, soon in zip(plain, early, strict=True) if not soon)])
    share = (until - plan.started) / (sum(early) + 1)
    found, nth = list[RungMoment](), 0
    for rung, at, soon in zip(rungs, plain, early, strict=True):
        nth += soon
        found.append(_moment(plan, rung, plan.started + share * nth if soon else at, calendar, early=soon))
    return tuple(sorted(found, key=lambda one: one.at))


def _moment(plan: ClockPlan, rung: Rung, at: datetime, calendar: Calendar, *, early: bool) -> RungMoment:
    due = f"{CLOCK_NAMES[plan.clock]}时限为{deadline_text(plan.due, calendar)}"
    amount = f"{rung.hours:g}小时" if rung.hours is not None else f"{rung.days}个{KIND_NAMES[rung.kind]}"
    far = f"{'前' if rung.when == 'before' else '后'}{amount}" if rung.hours or rung.days else "到期时"
    short = "已早于起算时间，改为" if early else ""
    at = calendar.local(at)
    what = f"{rung.label}，告知{ROLE_NAMES[rung.to]}"
    return RungMoment(at=at, rung=rung, why=f"{due}，{far}{short or '为'}{deadline_text(at, calendar)}：{what}")


def _plainly(plan: ClockPlan, rung: Rung, calendar: Calendar) -> datetime:
    """Return the moment as the rung says it, whether or not the clock runs by then."""
    if rung.hours is not None:
        if rung.when == "before":
            return plan.due - timedelta(hours=rung.hours)
        return add_hours(plan.due, rung.hours, rung.kind, calendar).moment
    days = rung.days or 0
    day, _ = step(last_day(plan.due, calendar), days if rung.when == "after" else -days, rung.kind, calendar)
    at = calendar.at(day, rung.at or calendar.hours[0][0])
    return max(at, plan.due) if rung.when == "after" else min(at, plan.due)
