"""When a row of the duty table applies beside its area and place: hours, season, who calls, words.  Pure questions.

Conditions are compared exactly, not guessed at: between the edges that two of them name nothing changes, so asking
each edge once (with both kinds of day, and of the day before) answers for every moment of every year.

Sources: "night" is what the city writes, 22:00-06:00 by 噪声污染防治法 (2021) art. 88; the heating season (采暖期) is
the city's own notice; rest days are the calendar's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache, reduce
from itertools import product
from typing import Literal

import msgspec

from grids.messages import Message

DAYS = tuple(f"{date(2024, 1, 1) + timedelta(days=n):%m-%d}" for n in range(366))
DAY_AFTER = dict(zip(DAYS, DAYS[1:] + DAYS[:1], strict=True))
DAY_NAMES = {"": "", "rest": "休息日", "work": "工作日"}

TimeOfDay = tuple[time, bool, bool]  # time of day, is it a rest day, was the day before one


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A span of the day, half-open; an end not after the start lies in the next day (00:00 to 00:00 = the whole day).

    days  kind of day on which the span begins: the night of a Sunday is still a rest day's after midnight
    """

    since: time = time.min
    until: time = time.min
    days: Literal["", "rest", "work"] = ""


class Season(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days of every year, "MM-DD", both included; it may run over the new year."""

    since: str
    until: str


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All kinds that are given must hold; within a kind any one is enough; an empty one asks nothing."""

    hours: tuple[Hours, ...] = ()
    season: tuple[Season, ...] = ()
    caller: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


ALWAYS = Condition()


class Circumstances(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One matter, as a row of the duty table is asked about it.

    on           day of the dispatch: decides which rows are in force
    at           when the matter came in, on the city's clocks; None = not known, then no condition of hours holds and
                 the season is that of `on`
    caller_kind  个人, 企业 ...; "" = not known, then no condition of callers holds
    rest, eve    whether the day of `at` is a rest day, and whether the day before it was one
    """

    area: str
    place: str | None
    on: date
    at: datetime | None = None
    text: str = ""
    caller_kind: str = ""
    rest: bool = False
    eve: bool = False

    @cached_property
    def folded(self) -> str:
        """The text without differences of width and case."""
        return fold(self.text)

    @cached_property
    def day(self) -> str:
        """What a condition of season is asked, "MM-DD"."""
        return (self.at or self.on).strftime("%m-%d")

    @cached_property
    def clock(self) -> TimeOfDay | None:
        """What a condition of hours is asked."""
        return (self.at.time(), self.rest, self.eve) if self.at else None


def fold(text: str) -> str:
    """Return a text without differences of width and case: ＡＰＰ is app."""
    return unicodedata.normalize("NFKC", text).casefold()


def fits(when: Condition, case: Circumstances) -> bool:
    """Return whether a condition holds for a matter.  What the matter does not tell is not met."""
    return (
        (not when.caller or case.caller_kind in when.caller)
        and (not when.hours or (case.clock is not None and _in_hours(when.hours, case.clock)))
        and in_season(when.season, case.day)
        and (not when.keywords or any(fold(word) in case.folded for word in when.keywords))
    )


def in_season(season: Iterable[Season], day: str) -> bool:
    """Return whether a day "MM-DD" lies in one of the spans; without spans every day does."""
    held = tuple(season)
    return not held or any(
        one.since <= day <= one.until if one.since <= one.until else day >= one.since or day <= one.until
        for one in held
    )


@lru_cache(maxsize=4096)  # a table has few conditions, and each ticket asks about the same ones
def narrower(one: Condition, two: Condition) -> bool:
    """Return whether `one` holds only when `two` does, but not the other way: then it is the more specific.

    Any condition is narrower than none.
    """
    if ALWAYS in (one, two):
        return one != two and two == ALWAYS
    return covered(one, [two]) and not covered(two, [one])


def covered(one: Condition, others: Collection[Condition]) -> bool:
    """Return whether always when `one` holds one of the others does.  Words and callers are not added up over rows."""
    able = [two for two in others if _asks_no_more(one, two)]
    days, clocks = _days([one, *able]), _clocks([one, *able])
    return bool(able) and all(
        any(_then(two, day, clock) for two in able) for day, clock in product(days, clocks) if _then(one, day, clock)
    )


def together(one: Condition, two: Condition) -> bool:
    """Return whether both can hold for one matter.  A text may hold any words."""
    if one.caller and two.caller and not set(one.caller) & set(two.caller):
        return False
    points = product(_days([one, two]), _clocks([one, two]))
    return any(_then(one, day, clock) and _then(two, day, clock) for day, clock in points)


def in_words(when: Condition) -> str:
    """Return a condition in words: 22:00至次日06:00，11-15至03-31，企业来电，提到“暖气”; "" for none."""
    parts = [_either(_hours_text(one) for one in when.hours)]
    parts += [_either(Message("%(since)s至%(until)s", since=one.since, until=one.until) for one in when.season)]
    parts += [Message("%(callers)s来电", callers=_either(when.caller)) if when.caller else ""]
    words = _either(Message("“%(word)s”", word=word) for word in when.keywords)
    parts += [Message("提到%(words)s", words=words) if words else ""]
    held = [part for part in parts if part]
    return reduce(lambda one, other: Message("%(one)s，%(other)s", one=one, other=other), held) if held else ""


def _either(parts: Iterable[str]) -> str:
    held = list(parts)
    return reduce(lambda one, other: Message("%(one)s或%(other)s", one=one, other=other), held) if held else ""


def _hours_text(one: Hours) -> Message:
    days = Message(DAY_NAMES[one.days])
    if one.since == one.until == time.min and one.days:
        return days
    span = {"since": f"{one.since:%H:%M}", "until": "24:00" if one.until == time.min else f"{one.until:%H:%M}"}
    said = Message("%(since)s至%(until)s", **span)
    if one.until != time.min and one.since >= one.until:
        said = Message("%(since)s至次日%(until)s", **span)
    return Message("%(days)s%(hours)s", days=days, hours=said) if days else said


def _in_hours(hours: Iterable[Hours], clock: TimeOfDay) -> bool:
    return any(_in_span(one, *clock) for one in hours)


def _in_span(one: Hours, clock: time, rest: bool, eve: bool) -> bool:
    if one.since < one.until:
        return one.since <= clock < one.until and _is_day(one, rest)
    return (clock >= one.since and _is_day(one, rest)) or (clock < one.until and _is_day(one, eve))


def _is_day(one: Hours, rest: bool) -> bool:
    return not one.days or (one.days == "rest") is rest


def _asks_no_more(one: Condition, two: Condition) -> bool:
    """Return whether callers and words that meet `one` meet `two`: fewer callers, words that contain the other's."""
    words = [fold(word) for word in two.keywords]
    return (not two.caller or (bool(one.caller) and set(one.caller) <= set(two.caller))) and (
        not words or (bool(one.keywords) and all(any(word in fold(own) for word in words) for own in one.keywords))
    )


def _then(when: Condition, day: str, clock: TimeOfDay) -> bool:
    return in_season(when.season, day) and (not when.hours or _in_hours(when.hours, clock))


def _days(many: Iterable[Condition]) -> set[str]:
    """Return one day of each stretch of the year between the edges of all seasons."""
    spans = [one for when in many for one in when.season]
    return {DAYS[0], *(one.since for one in spans), *(DAY_AFTER[one.until] for one in spans)}


def _clocks(many: Iterable[Condition]) -> list[TimeOfDay]:
    """Return one moment of each stretch of the day between the edges of all spans, for each kind of day."""
    edges = {time.min, *(edge for when in many for one in when.hours for edge in (one.since, one.until))}
    return list(product(sorted(edges), (False, True), (False, True)))
