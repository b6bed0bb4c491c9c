"""Callbacks (回访): when to ask the citizen, how often to try, and what the answers lead to.

Sources: 山东省级政务服务投诉热线管理办法 2017 (re-handling when unhappy, 督办 when unhappy after that); calling on the
next working day is the practice of bureau rules; the five levels are those of 好差评 (国办发〔2019〕51号).
Nobody reached after all tries is 未接通, never satisfied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec

from dispatch.calendar import Calendar, Ends, Kind, add_days, works

NOON = time(12)

SATISFACTION_NAMES: dict[int, str] = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
SOLVED_NAMES: dict[str, str] = {"yes": "已解决", "partly": "部分解决", "no": "未解决"}


class CallbackRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the callback rule.

    days    by when the first call is due after the answer
    tries   calls at different half-days before a citizen counts as not reached
    redos   how often one ticket is re-handled before it goes to 督办 instead
    """

    days: Annotated[int, msgspec.Meta(ge=0)] = 1
    kind: Kind = Kind.WORKING
    ends: Ends = "close_of_business"
    tries: Annotated[int, msgspec.Meta(ge=1)] = 3
    redos: Annotated[int, msgspec.Meta(ge=0)] = 1
    source: str = ""


class Answers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the citizen said, each question apart; None = not asked or not answered.

    contacted     the unit did get in touch
    solved        in the citizen's words, not the unit's
    satisfaction  5 = 非常满意 ... 1 = 非常不满意
    """

    reached: bool
    contacted: bool | None = None
    solved: Literal["yes", "partly", "no"] | None = None
    satisfaction: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    reason: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a call.

    move       close, redo or miss
    supervise  the ticket goes to 督办 before it is closed
    valid      the call counts in 解决率 and 满意率 (one denominator for both)
    """

    move: Literal["close", "redo", "miss"]
    why: str
    supervise: bool = False
    valid: bool = False


def plan(rules: CallbackRules, calendar: Calendar, answered_at: datetime) -> datetime:
    """Return by when the first call must have been made."""
    return add_days(answered_at, rules.days, rules.kind, calendar, ends=rules.ends).moment


def next_try(calendar: Calendar, missed_at: datetime) -> datetime:
    """Return when the next try may be made after a miss: the start of the next working half-day."""
    missed = calendar.local(missed_at)
    return next(opens for opens in _half_days(calendar, missed.date()) if _half(opens) > _half(missed))


def half_days(calendar: Calendar, tried_at: Sequence[datetime]) -> int:
    """Return how many tries count: two in one half-day are one."""
    return len({_half(calendar.local(at)) for at in tried_at})


def verdict(answers: Answers, redone: int, tries: int, rules: CallbackRules) -> Verdict:
    """Return what a call leads to.

    redone  how often the ticket was re-handled before
    tries   calls at different half-days so far, this one included (see `half_days`)
    """
    if not answers.reached:
        return _missed(tries, rules)
    if answers.solved is None and answers.satisfaction is None:
        return Verdict(move="close", why="已接通，来电人未作评价，如实归档，不计入解决率、满意率")
    said = _said(answers)
    if not unhappy(answers):
        return Verdict(move="close", why=f"来电人表示{said}，办结归档", valid=True)
    if redone < rules.redos:
        return Verdict(move="redo", why=f"来电人表示{said}，退回原单位重办（第{redone + 1}次）", valid=True)
    return Verdict(
        move="close", supervise=True, why=f"重办{redone}次后来电人仍表示{said}，转督办，评价如实归档", valid=True
    )


def unhappy(answers: Answers) -> bool:
    """Return whether the citizen said 未解决 or chose 不满意 or worse."""
    return answers.solved == "no" or (answers.satisfaction is not None and answers.satisfaction <= 2)


def _missed(tries: int, rules: CallbackRules) -> Verdict:
    if tries < rules.tries:
        return Verdict(move="miss", why=f"第{tries}次回访未接通，换一个半天再拨（共{rules.tries}次）")
    return Verdict(move="close", why=f"{tries}次在不同半天回访均未接通，按“未接通”归档，不算满意，不计入满意率")


def _said(answers: Answers) -> str:
    parts = [SOLVED_NAMES[answers.solved]] if answers.solved else []
    parts += [SATISFACTION_NAMES[answers.satisfaction]] if answers.satisfaction else []
    return "、".join(parts) + (f"（{answers.reason}）" if answers.reason else "")


def _half(here: datetime) -> tuple[date, bool]:
    return here.date(), here.time() >= NOON


def _half_days(calendar: Calendar, day: date) -> Iterator[datetime]:
    """Yield the opening of each working half-day from `day` on, without end."""
    while True:
        if works(calendar, day):
            morning = [opens for opens, _ in calendar.hours if opens < NOON]
            evening = [max(opens, NOON) for opens, closes in calendar.hours if closes > NOON or closes == time()]
            yield from (calendar.at(day, half[0]) for half in (morning, evening) if half)
        day += timedelta(days=1)
