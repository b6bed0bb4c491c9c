"""Natural and working time: weekends, legal holidays and 调休; add days, add hours, and say what was counted.

Sources: 民法典 art. 201 (the day of the start is not counted; hours run from the moment itself) and art. 203 (a last
day that is a legal rest day gives way to the day after the rest; it ends at 24:00, or when business closes where there
are business hours); the yearly notice of 国务院办公厅 named in `Calendar.source`.
All moments are aware, in any zone; every answer is in the calendar's own zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from grids.messages import Message

DAY = timedelta(days=1)
MIDNIGHT = time()
NOTICE = timedelta(days=60)  # the yearly notice of holidays comes out in October or November
ROUND_THE_CLOCK = "24h"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

Ends = Literal["same_time", "end_of_day", "close_of_business"]


class Kind(StrEnum):
    """What a deadline rule counts in."""

    NATURAL = "natural"
    WORKING = "working"


KIND_NAMES: dict[Kind, str] = {Kind.NATURAL: "自然日", Kind.WORKING: "工作日"}


class Roll(StrEnum):
    """What becomes of a last day that is a rest day."""

    NONE = "none"
    NEXT_WORKING = "next_working"


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The working calendar of one region.

    since, until  first and last day whose holidays are published, both included; outside Monday to Friday is assumed
    rest          legal rest days -> name of the holiday
    work          weekend days that are worked (调休) -> name of the holiday they make up for
    hours         business hours of a working day, half-open, ascending; an end of 00:00 means 24:00
    every_day     worked on every day of the year, holidays too: the calendar of a 24-hour unit (see `for_hours`)
    """

    name: str
    source: str
    since: date
    until: date
    rest: dict[date, str] = {}
    work: dict[date, str] = {}
    hours: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))
    zone: str = "Asia/Shanghai"
    every_day: bool = False

    def __post_init__(self) -> None:
        if self.since > self.until:
            raise ValueError(Message("日历的起始日 %(since)s 晚于截止日 %(until)s", since=self.since, until=self.until))
        both = self.rest.keys() & self.work.keys()
        if both:
            raise ValueError(Message("%(both)s 既列为休息日又列为上班日", both=min(both)))
        _check_hours(self.hours)

    def knows(self, day: date) -> bool:
        """Return whether the holidays around `day` are published, or do not matter."""
        return self.every_day or self.since <= day <= self.until

    def local(self, moment: datetime) -> datetime:
        """Return `moment` on the clocks of this region.  raises ValueError on a moment without zone."""
        if moment.tzinfo is None:
            raise ValueError(f"moment without time zone: {moment}")
        return moment.astimezone(ZoneInfo(self.zone))

    def at(self, day: date, clock: time) -> datetime:
        """Return the moment the region's clocks show `clock` on `day`."""
        return datetime.combine(day, clock, ZoneInfo(self.zone))


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A moment found by counting, with the days it took; `explain` says it in words.

    counted      days that were counted (of hours: days on which hours ran; none for zero hours); the last one is the
                 day it ends on, where an end at 00:00 is the 24:00 of the day before
    skipped      days in between that did not count, with the name of each
    provisional  the answer rests on a day whose holidays are not published
    amount       days or hours asked for, as `unit` says
    first_end    last day by plain counting, where it was a rest day and gave way; else None
    """

    moment: datetime
    counted: tuple[date, ...]
    skipped: tuple[tuple[date, str], ...]
    provisional: bool
    start: datetime
    amount: float
    unit: Literal["days", "hours"]
    kind: Kind
    first_end: tuple[date, str] | None = None


def works(calendar: Calendar, day: date) -> bool:
    """Return whether `day` is worked; beyond the published days Monday to Friday (ask `Calendar.knows`)."""
    if calendar.every_day or day in calendar.work:
        return True
    return day not in calendar.rest and day.weekday() < 5


def day_name(calendar: Calendar, day: date) -> str:
    """Return what people call the day: 国庆节, 国庆节调休上班, 周六, 工作日."""
    if day in calendar.work:
        return f"{calendar.work[day]}调休上班"
    if day in calendar.rest:
        return calendar.rest[day]
    return "工作日" if day.weekday() < 5 else WEEKDAYS[day.weekday()]


def add_days(
    start: datetime, days: int, kind: Kind, calendar: Calendar, roll: Roll = Roll.NONE, *, ends: Ends = "end_of_day"
) -> Counted:
    """Return the end of `days` days from `start`; the day of the start is not counted (民法典 art. 201).

    days    whole days, 0 or more; 0 = the day of the start itself
    roll    of a last day that is a rest day: 民法典 art. 203
    ends    when the last day ends: 24:00 (that is 00:00 of the next day, see `deadline_text`), at close of business,
            or at the time of day of the start
    raises  ValueError on negative days or a moment without zone
    """
    if days < 0:
        raise ValueError(f"negative days: {days}")
    start = calendar.local(start)
    day, counted, skipped, doubtful = start.date(), list[date](), list[tuple[date, str]](), False
    while len(counted) < days:
        day += DAY
        if kind is Kind.NATURAL or works(calendar, day):
            counted.append(day)
        else:
            skipped.append((day, day_name(calendar, day)))
        doubtful |= kind is Kind.WORKING and not calendar.knows(day)
    first_end = None
    if roll is Roll.NEXT_WORKING:
        rolled = tuple(_rest_from(day, calendar))
        skipped += rolled
        first_end = rolled[0] if rolled else None
        doubtful |= any(not calendar.knows(day + DAY * n) for n in range(len(rolled) + 1))
        day += DAY * len(rolled)
    return Counted(
        moment=_end(calendar, day, start, ends),
        counted=(*counted[:-1], day),
        skipped=tuple(skipped),
        provisional=doubtful,
        start=start,
        amount=days,
        unit="days",
        kind=kind,
        first_end=first_end,
    )


def add_hours(start: datetime, hours: float, kind: Kind, calendar: Calendar) -> Counted:
    """Return the moment `hours` hours after `start`, running from the moment itself (民法典 art. 201).

    hours   0 or more; parts of an hour are allowed (0.25 = 15 minutes)
    kind    natural hours run day and night; working hours only within business hours of worked days.
            Business hours are half-open: three hours from 09:00 end at 12:00, not after lunch
    raises  ValueError on negative hours or a moment without zone
    """
    if hours < 0:
        raise ValueError(f"negative hours: {hours}")
    start = calendar.local(start)
    left, moment = timedelta(hours=hours), start
    counted, skipped, doubtful = list[date](), list[tuple[date, str]](), False
    if kind is Kind.NATURAL:
        moment = calendar.local(start.astimezone(UTC) + left)
        days = (last_day(moment, calendar) - start.date()).days if left else -1
        counted = [start.date() + DAY * n for n in range(days + 1)]
    elif left:
        for opens, closes in _business_from(calendar, start, skipped):
            opened = max(opens, start)
            counted += [] if opens.date() in counted[-1:] else [opens.date()]
            doubtful |= not calendar.knows(opens.date())
            moment = min(closes, opened + left)
            left -= moment - opened
            if not left:
                break
        doubtful |= any(not calendar.knows(day) for day, _ in skipped)
    return Counted(
        moment=moment,
        counted=tuple(counted),
        skipped=tuple(skipped),
        provisional=doubtful,
        start=start,
        amount=hours,
        unit="hours",
        kind=kind,
    )


def step(day: date, days: int, kind: Kind, calendar: Calendar) -> tuple[date, bool]:
    """Return the day `days` days after `day` (before it, if negative), and whether that is only provisional."""
    one, left, doubtful = (DAY if days > 0 else -DAY), abs(days), False
    while left:
        day += one
        left -= kind is Kind.NATURAL or works(calendar, day)
        doubtful |= kind is Kind.WORKING and not calendar.knows(day)
    return day, doubtful


def business(calendar: Calendar, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the business hours of `day`, half-open, in order; none on a rest day."""
    if works(calendar, day):
        for opens, closes in calendar.hours:
            shut = calendar.at(day, closes) if closes != MIDNIGHT else calendar.at(day + DAY, MIDNIGHT)
            yield calendar.at(day, opens), shut


def for_hours(calendar: Calendar, hours: str) -> Calendar:
    """Return the calendar by which a unit's own clocks run.  A citizen's clock always runs by the city's.

    hours   as in `units.csv` (`Unit.hours`).  "" = the city's own; "24h" = every day of the year, holidays too, from
            00:00 to 24:00; else the hours of the city's working days: "08:00-12:00|13:00-20:00".  "00:00-24:00" is
            the whole of a working day, but still rests on holidays
    raises  ValueError (see `hours_of`)
    """
    held = hours_of(hours)
    if not held:
        return calendar
    return msgspec.structs.replace(calendar, hours=held, every_day=hours.strip().lower() == ROUND_THE_CLOCK)


def hours_of(text: str) -> tuple[tuple[time, time], ...]:
    """Return the business hours written in a cell; () for an empty one.

    raises  ValueError, in words for people: no such form, out of order, or overlapping
    """
    said = text.strip().lower()
    if said in ("", ROUND_THE_CLOCK):
        return ((MIDNIGHT, MIDNIGHT),) if said else ()
    spans = [_SPAN.fullmatch(part.strip()) for part in said.split("|")]
    if None in spans:
        raise ValueError(
            Message(
                "“%(text)s”看不懂，请写 24h（全年昼夜值守）或 08:00-12:00|13:00-20:00 这样的时段，留空则同全市",
                text=text,
            )
        )
    found = tuple((clock_time(span[1]), clock_time(span[2])) for span in spans if span)
    _check_hours(found)
    return found


def clock_time(text: str) -> time:
    """Return "09:00" as a time; 24:00, the end of a day, is 00:00."""
    return MIDNIGHT if text == "24:00" else time.fromisoformat(text)


def ending(calendar: Calendar, on: date) -> Message | None:
    """Return that the published holidays end within NOTICE of day `on`, or have ended; else None."""
    left = calendar.until - on
    if left > NOTICE:
        return None
    if left < timedelta():
        return Message("日历在 %(until)s 已用完，此后的期限只是暂定", until=calendar.until)
    return Message("日历到 %(until)s 为止，还有 %(n)s 天", until=calendar.until, n=left.days)


def last_day(moment: datetime, calendar: Calendar) -> date:
    """Return the day a deadline belongs to: 00:00 is the 24:00 of the day before."""
    return (calendar.local(moment) - timedelta(microseconds=1)).date()


def deadline_text(moment: datetime, calendar: Calendar) -> str:
    """Return a deadline as people write it: 2026-10-08 24:00, never 2026-10-09 00:00."""
    here = calendar.local(moment)
    return f"{last_day(here, calendar):%Y-%m-%d} 24:00" if here.time() == MIDNIGHT else f"{here:%Y-%m-%d %H:%M}"


def explain(counted: Counted) -> Message:
    """Return how the moment was counted, each skipped day named."""
    said = _said_days(counted) if counted.unit == "days" else _said_hours(counted)
    if not counted.provisional:
        return said
    return Message("%(counted)s；其间有日期的放假安排未公布，暂按周一至周五上班推算", counted=said)


def _said_days(counted: Counted) -> Message:
    days, last = int(counted.amount), counted.counted[-1]
    working = Message("第%(n)s个工作日", n=days) if counted.kind is Kind.WORKING else Message("第%(n)s日", n=days)
    first = counted.first_end[0] if counted.first_end else last
    given = {"start": f"{counted.start:%Y-%m-%d}", "nth": working if days else Message("当日"), "day": first}
    said = Message("自%(start)s起算，%(nth)s为%(day)s", **given)
    if counted.first_end:
        name = _called(counted.first_end[1])
        return Message("%(counted)s（%(name)s，休息日），顺延至%(last)s", counted=said, name=name, last=last)
    return _skipping(said, counted)


def _said_hours(counted: Counted) -> Message:
    n = f"{counted.amount:g}"
    hours = Message("%(n)s个工作小时", n=n) if counted.kind is Kind.WORKING else Message("%(n)s小时", n=n)
    since, until = f"{counted.start:%Y-%m-%d %H:%M}", f"{counted.moment:%Y-%m-%d %H:%M}"
    said = Message("自%(start)s起算%(hours)s，至%(until)s", start=since, hours=hours, until=until)
    return _skipping(said, counted)


def _skipping(said: Message, counted: Counted) -> Message:
    if not counted.skipped:
        return said
    return Message("%(counted)s（跳过%(days)s）", counted=said, days=_spans(counted.skipped))


def _called(name: str) -> str:
    """Return what a day is called: a weekday's name is ours, a holiday's is the city's own."""
    return Message(name) if name in WEEKDAYS else name


def _spans(skipped: tuple[tuple[date, str], ...]) -> tuple[Message, ...]:
    """Return runs of days with one name as one: 2026-10-01至2026-10-07国庆节."""
    runs: list[tuple[date, date, str]] = []
    for day, name in skipped:
        if runs and runs[-1][1] + DAY == day and runs[-1][2] == name:
            runs[-1] = (runs[-1][0], day, name)
        else:
            runs.append((day, day, name))
    return tuple(
        Message("%(day)s%(name)s", day=one, name=_called(name))
        if one == two
        else Message("%(since)s至%(until)s%(name)s", since=one, until=two, name=_called(name))
        for one, two, name in runs
    )


def _rest_from(day: date, calendar: Calendar) -> Iterator[tuple[date, str]]:
    """Yield the rest days from `day` up to the next working day, with their names."""
    while not works(calendar, day):
        yield day, day_name(calendar, day)
        day += DAY


def _end(calendar: Calendar, day: date, start: datetime, ends: Ends) -> datetime:
    if ends == "same_time":
        return calendar.at(day, start.time())
    closes = calendar.hours[-1][1] if ends == "close_of_business" else MIDNIGHT
    return calendar.at(day, closes) if closes != MIDNIGHT else calendar.at(day + DAY, MIDNIGHT)


def _business_from(
    calendar: Calendar, start: datetime, skipped: list[tuple[date, str]]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the business hours that end after `start`, without end; rest days passed are added to `skipped`."""
    day = start.date()
    while True:
        if not works(calendar, day):
            skipped.append((day, day_name(calendar, day)))
        yield from (span for span in business(calendar, day) if span[1] > start)
        day += DAY


_SPAN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)")


def _check_hours(hours: tuple[tuple[time, time], ...]) -> None:
    if not hours:
        raise ValueError(Message("至少要有一段办公时间"))
    flat = [edge for opens, closes in hours for edge in (_seconds(opens), _seconds(closes) or 86_400)]
    if any(one >= two for one, two in pairwise(flat)):
        raise ValueError(Message("办公时间须先后有序、互不重叠"))


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
