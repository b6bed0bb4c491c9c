"""Time between two moments, and where a due moment moves when its clock stood still in between.

The counting is that of `dispatch.calendar`: the day of the start is not counted (民法典 art. 201), business hours are
half-open, a last day that is a rest day gives way (art. 203) where the rule says so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import msgspec

from dispatch.calendar import (
    DAY,
    KIND_NAMES,
    MIDNIGHT,
    Calendar,
    Kind,
    Roll,
    add_hours,
    business,
    deadline_text,
    last_day,
    step,
    works,
)

HOUR = timedelta(hours=1)


class Shifted(msgspec.Struct, frozen=True, kw_only=True):
    """A due moment after a pause.

    moment       when it is due now, in the calendar's zone
    moved        days or hours of the clock's kind that were given back
    provisional  the answer rests on a day whose holidays are not published
    """

    moment: datetime
    moved: float
    provisional: bool
    why: str


def working_days_between(a: date, b: date, calendar: Calendar) -> int:
    """Return how many days after `a`, up to and including `b`, are worked; 0 if `b` is not after `a`."""
    return sum(works(calendar, a + DAY * n) for n in range(1, (b - a).days + 1))


def days_between(since: datetime, until: datetime, kind: Kind, calendar: Calendar) -> int:
    """Return how many days of `kind` lie between the local dates of two moments; 0 on one day or backwards."""
    first, last = calendar.local(since).date(), calendar.local(until).date()
    return working_days_between(first, last, calendar) if kind is Kind.WORKING else max((last - first).days, 0)


def time_between(since: datetime, until: datetime, kind: Kind, calendar: Calendar) -> timedelta:
    """Return how long a clock of `kind` runs in [since, until): by the wall, or only in business hours; 0 backwards."""
    since, until = calendar.local(since), calendar.local(until)
    if kind is Kind.NATURAL:
        return max(until.astimezone(UTC) - since.astimezone(UTC), timedelta())
    days = (since.date() + DAY * n for n in range((until.date() - since.date()).days + 1))
    spans = ((max(opens, since), min(shut, until)) for day in days for opens, shut in business(calendar, day))
    return sum((shut - opens for opens, shut in spans if shut > opens), timedelta())


def shift(
    moment: datetime,
    since: datetime,
    until: datetime,
    kind: Kind,
    calendar: Calendar,
    *,
    unit: Literal["days", "hours"],
    roll: Roll = Roll.NONE,
) -> Shifted:
    """Return where a due moment moves when its clock was paused in [since, until).

    days   it moves by the days of `kind` between the two local dates (a pause within one day gives nothing back), then,
           if it rolls, on to a working day; its time of day stays: 24:00 (00:00 is read as the 24:00 of the day
           before), close of business, or the time of the start.
           A moment that had already rolled is moved from there.  Who re-counts a history with several pauses gives
           the end before rolling (`Counted.first_end`) and rolls with the last pause, or days are given twice
    hours  it moves by the natural or the business time that passed; `roll` does not matter

    unit    what the rule counts in
    raises  ValueError if the pause ends before it begins, or on a moment without zone
    """
    moment, since, until = calendar.local(moment), calendar.local(since), calendar.local(until)
    if until < since:
        raise ValueError(f"a pause that ends at {until}, before it begins at {since}")
    moved = _by_days if unit == "days" else _by_hours
    due, amount, doubtful = moved(moment, since, until, kind, calendar, roll)
    doubt = "；其间有日期的放假安排未公布，暂按周一至周五上班推算" if doubtful else ""
    each = "个" + KIND_NAMES[kind] if unit == "days" else "小时" if kind is Kind.NATURAL else "个工作小时"
    why = f"{since:%Y-%m-%d %H:%M}至{until:%Y-%m-%d %H:%M}暂停计时，计{round(amount, 2):g}{each}"
    to = f"时限由{deadline_text(moment, calendar)}移至{deadline_text(due, calendar)}" if due != moment else "时限不变"
    return Shifted(moment=due, moved=amount, provisional=doubtful, why=f"{why}，{to}{doubt}")


def _by_days(
    moment: datetime, since: datetime, until: datetime, kind: Kind, calendar: Calendar, roll: Roll
) -> tuple[datetime, float, bool]:
    amount = days_between(since, until, kind, calendar)
    was = last_day(moment, calendar)
    day, doubtful = step(was, amount, kind, calendar)
    if kind is Kind.WORKING and amount:
        doubtful |= not (calendar.knows(since.date() + DAY) and calendar.knows(until.date()))
    if roll is Roll.NEXT_WORKING:
        while not works(calendar, day):
            doubtful |= not calendar.knows(day)
            day += DAY
        doubtful |= not calendar.knows(day)
    # an end of 24:00 stands on the day after
    due = calendar.at(day + DAY, MIDNIGHT) if moment.time() == MIDNIGHT else calendar.at(day, moment.time())
    return due, amount, doubtful


def _by_hours(
    moment: datetime, since: datetime, until: datetime, kind: Kind, calendar: Calendar, _roll: Roll
) -> tuple[datetime, float, bool]:
    passed = time_between(since, until, kind, calendar)
    added = add_hours(moment, passed / HOUR, kind, calendar)
    unknown = kind is Kind.WORKING and not (calendar.knows(since.date()) and calendar.knows(until.date()))
    return added.moment, passed / HOUR, added.provisional or (unknown and passed > timedelta())
