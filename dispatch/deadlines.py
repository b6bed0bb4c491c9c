"""Deadline rules (时限规则) and the clocks they start: by when a ticket is dispatched, signed, reported on, answered.

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
from dispatch.lifecycle import MOVES, Move
from grids.messages import Message

Clock = Literal[
    "dispatch",
    "sign",
    "contact",
    "progress",
    "result",
    "hold",
    "help",
    "whistle",
    "supply",
    "ruling",
    "approval",
    "review",
    "check",
    "callback",
]

CLOCK_NAMES: dict[str, str] = {
    "dispatch": "派单",
    "sign": "签收",
    "contact": "联系来电人",
    "progress": "报动态",
    "result": "报结果",
    "hold": "本单位办理",
    "help": "协办答复",
    "whistle": "吹哨响应",
    "supply": "补充材料",
    "ruling": "会商裁定",
    "approval": "延期审批",
    "review": "挂账复查",
    "check": "结果审核",
    "callback": "回访",
}

DEFAULTS = (
    Move.DEFAULT_SIGN,
    Move.EXTEND,
    Move.DENY_EXTENSION,
    Move.DENY_PARK,
    Move.RESUME,
    Move.PASS,
    Move.CLOSE,
)  # what silence may lead to (超时默认)


class Urgency(StrEnum):
    """How soon harm is done: hard to mend later = urgent, hard to mend and grave = critical."""

    NORMAL = "normal"
    URGENT = "urgent"
    CRITICAL = "critical"


URGENCY_NAMES: dict[Urgency, str] = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}
GRAVITY: dict[Urgency | None, int] = {None: 0, Urgency.NORMAL: 1, Urgency.URGENT: 2, Urgency.CRITICAL: 3}


def unknown_move(name: str) -> Message:
    """Return that a rule names a move there is not."""
    return Message("没有名为 %(move)s 的操作，可用：%(moves)s", move=name, moves=tuple(MOVES))


class DeadlineRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One time limit of the city.

    days, hours  exactly one of them; hours may be parts (0.25 = 15 minutes)
    after        name of the move that starts the clock
    stops        names of the moves that stop it
    voids        names of the moves that end it without a verdict, if it is still in time (passed on to another unit)
    pauses, resumes   between such moves it stands still (待补充, 挂账); what was lost is added to it
    undoes       names of the moves after which it runs on as if it had never stood still (审核退回)
    extends      names of the moves that lengthen it by the working days they grant (延期)
    owner        who is judged by it: the citizen is promised it, the unit holds it, each helper has one, or the desk
    urgency      only tickets of this urgency and graver ones that have no limit of their own; None = all
    area         only matters of this area and below; "" = all
    level        only units of this kind (部门, 街道, 企业: `Unit.kind`); "" = all
    only         extended: only while an extension runs; unsampled: only where the citizen was not drawn to be called
                 (抽样回访), and before one of the same clock that is for all; "" = always
    lapse        the move the machine makes when its time is out (超时默认): one of DEFAULTS; "" = none
    again        whether the same move starts it anew on the same ticket.  Left out: a citizen's clock starts once (a
                 second dispatch does not buy time), a unit's or the desk's starts for each holder
    source       document and article
    """

    clock: Clock
    after: Move
    stops: tuple[Move, ...]
    owner: Literal["citizen", "unit", "helper", "desk"]
    voids: tuple[Move, ...] = ()
    pauses: tuple[Move, ...] = ()
    resumes: tuple[Move, ...] = ()
    undoes: tuple[Move, ...] = ()
    extends: tuple[Move, ...] = ()
    days: int | None = None
    hours: float | None = None
    kind: Kind = Kind.NATURAL
    roll: Roll = Roll.NEXT_WORKING
    ends: Ends = "end_of_day"
    urgency: Urgency | None = None
    area: str = ""
    level: str = ""
    only: Literal["", "extended", "unsampled"] = ""
    lapse: str = ""
    again: bool | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if (self.days is None) == (self.hours is None):
            raise ValueError(Message("days 与 hours 须写且只写一个"))
        if (self.days or 0) < 0 or (self.hours or 0) < 0:
            raise ValueError(Message("时限不能为负"))
        going_on = *self.resumes, *self.undoes
        for move in (self.after, *self.stops, *self.voids, *self.pauses, *going_on, *self.extends):
            if move not in MOVES:
                raise ValueError(unknown_move(move))
        if bool(self.pauses) != bool(going_on):
            raise ValueError(Message("pauses 与 resumes（或 undoes）须同时写：停了要能走"))
        if self.lapse and self.lapse not in DEFAULTS:
            raise ValueError(Message("到期默认操作只能是：%(defaults)s", defaults=tuple(DEFAULTS)))

    @property
    def default(self) -> Move | None:
        """The move the machine makes when the time is out, None for none."""
        return Move(self.lapse) if self.lapse else None

    @property
    def repeats(self) -> bool:
        """Whether the clock starts anew when its move happens again."""
        return self.owner != "citizen" if self.again is None else self.again


MOVE_FIELDS = tuple(
    field.name for field in msgspec.structs.fields(DeadlineRule) if field.type in (Move, tuple[Move, ...])
)


class ClockPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that starts at `started` and must be stopped before `due` (half-open, both in the calendar's zone)."""

    clock: Clock
    due: datetime
    started: datetime
    promise: DeadlineRule
    why: str
    counted: tuple[date, ...]
    skipped: tuple[tuple[date, str], ...]
    provisional: bool


def start_clocks(
    promises: Iterable[DeadlineRule],
    calendar: Calendar,
    move: Move,
    *,
    at: datetime,
    urgency: str,
    areas: tuple[str, ...] = (),
    started: Collection[str] = (),
    level: str = "",
    extended: bool = False,
    hours: Calendar | None = None,
    unsampled: bool = False,
    since: datetime | None = None,
) -> tuple[ClockPlan, ...]:
    """Return the clocks that `move` starts, in the order of the promises, at most one of each name.

    Apply `stopped_by` first: the same move may stop a clock and start its successor (signing anew after a dispatch).

    urgency  a value of Urgency; raises ValueError on another
    areas    the matter's area first, then each above it up to the root; () = not known
    started  names of clocks this ticket ever had, open or not: a promise to the citizen is not started twice
    level    the kind of the unit that has it;  extended  whether an extension was granted
    hours    the calendar with that unit's own duty hours, for what it is judged by; None = the city's
    unsampled  whether the citizen was not drawn to be called back
    since    what the citizen is promised counts from here, not from `at`: a ticket out of a merge (拆分)
    """
    best: dict[str, DeadlineRule] = {}
    grave, holds = Urgency(urgency), {"": True, "extended": extended, "unsampled": unsampled}
    for rule in promises:
        fits = rule.level in ("", level) and holds[rule.only]
        if not fits or not _applies(rule, move, grave, areas, started):
            continue
        held = best.get(rule.clock)
        if held is None or _rank(rule, areas) > _rank(held, areas):
            best[rule.clock] = rule
    return tuple(
        plan_for(one, hours if hours and by_own_hours(one) else calendar, since or at if one.owner == "citizen" else at)
        for one in best.values()
    )


def by_own_hours(rule: DeadlineRule) -> bool:
    """Return whether a unit's own duty hours count: what it is judged by in working time, never the natural days."""
    return rule.owner == "unit" and rule.kind is Kind.WORKING


def _applies(
    rule: DeadlineRule, move: Move, urgency: Urgency, areas: tuple[str, ...], started: Collection[str]
) -> bool:
    return (
        rule.after == move
        and GRAVITY[rule.urgency] <= GRAVITY[urgency]
        and (not rule.area or rule.area in areas)
        and (rule.repeats or rule.clock not in started)
    )


def _rank(rule: DeadlineRule, areas: tuple[str, ...]) -> tuple[int, ...]:
    """Return how specific a rule is.  Urgency comes before area: danger does not wait for the kind of matter."""
    depth = len(areas) - areas.index(rule.area) if rule.area else 0
    return rule.only == "unsampled", GRAVITY[rule.urgency], depth, bool(rule.level)


def count(rule: DeadlineRule, calendar: Calendar, at: datetime) -> Counted:
    """Return the end of the deadline rule started `at`, with the days it took."""
    if rule.hours is not None:
        return add_hours(at, rule.hours, rule.kind, calendar)
    return add_days(at, rule.days or 0, rule.kind, calendar, rule.roll, ends=rule.ends)


def plan_for(rule: DeadlineRule, calendar: Calendar, at: datetime) -> ClockPlan:
    """Return the clock of one deadline rule started `at`."""
    counted = count(rule, calendar, at)
    return ClockPlan(
        clock=rule.clock,
        due=counted.moment,
        started=counted.start,
        promise=rule,
        why=f"{limit_text(rule)}：{explain(counted)}",
        counted=counted.counted,
        skipped=counted.skipped,
        provisional=counted.provisional,
    )


def limit_text(rule: DeadlineRule) -> Message:
    """Return the rule in one phrase: 派单后7个自然日内报结果（凉政办发〔2018〕116号第十六条）."""
    if rule.hours is None:
        amount = Message("%(n)s个%(days)s", n=rule.days, days=Message(KIND_NAMES[rule.kind]))
    elif rule.kind is Kind.NATURAL:
        amount = Message("%(n)s小时", n=f"{rule.hours:g}")
    else:
        amount = Message("%(n)s个工作小时", n=f"{rule.hours:g}")
    move, clock = Message(MOVES[rule.after].label), Message(CLOCK_NAMES[rule.clock])
    limit = Message("%(move)s后%(amount)s内%(clock)s", move=move, amount=amount, clock=clock)
    if rule.urgency:
        limit = Message("%(urgency)s件%(limit)s", urgency=Message(URGENCY_NAMES[rule.urgency]), limit=limit)
    return Message("%(limit)s（%(source)s）", limit=limit, source=rule.source) if rule.source else limit
