"""Pauses and what lies between: tables with the reason in words, and a naive model that counts minute by minute."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.calendar import Calendar, Ends, Kind, Roll, add_days, add_hours, for_hours, works
from dispatch.spans import days_between, shift, time_between, working_days_between

At = Callable[[str], datetime]

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PLAIN = Calendar(
    name="2026",
    source="",
    since=date(2026, 1, 1),
    until=date(2026, 12, 31),
    rest={date(2026, 10, day): "国庆节" for day in range(1, 8)},
    work={date(2026, 9, 20): "国庆节", date(2026, 10, 10): "国庆节"},
)
DATES = st.dates(date(2026, 9, 10), date(2026, 10, 25))
MINUTES = st.datetimes(datetime(2026, 9, 24), datetime(2026, 10, 14), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
MOMENTS = st.datetimes(datetime(2026, 9, 10), datetime(2026, 10, 25), timezones=st.just(UTC))
KINDS, ROLLS = st.sampled_from(Kind), st.sampled_from(Roll)
ENDS = st.sampled_from(("end_of_day", "close_of_business"))


def naive(moment: datetime, calendar: Calendar) -> bool:
    """Say whether a minute is business time, by looking at it."""
    here = calendar.local(moment)
    clock = here.hour * 60 + here.minute
    return works(calendar, here.date()) and any(
        opens.hour * 60 + opens.minute <= clock < (closes.hour * 60 + closes.minute or 1440)
        for opens, closes in calendar.hours
    )


@pytest.mark.parametrize(
    ("a", "b", "days", "why"),
    [
        ("2026-09-30", "2026-09-30", 0, "one day"),
        ("2026-09-30", "2026-10-07", 0, "all of National Day is rest"),
        ("2026-09-30", "2026-10-08", 1, "the first day after it counts, it is b itself"),
        ("2026-10-08", "2026-10-10", 2, "Friday and the worked Saturday, not the day of the start"),
        ("2026-09-19", "2026-09-20", 1, "a worked Sunday"),
        ("2026-02-13", "2026-02-24", 2, "the worked Saturday before Spring Festival and the first day after"),
        ("2026-02-13", "2026-02-28", 6, "the worked Saturday after it too"),
        ("2025-12-31", "2026-01-04", 1, "across the year: only the worked Sunday"),
        ("2026-10-08", "2026-09-30", 0, "backwards"),
    ],
)
def test_working_days_between(china: Calendar, a: str, b: str, days: int, why: str) -> None:
    assert working_days_between(date.fromisoformat(a), date.fromisoformat(b), china) == days, why


@pytest.mark.parametrize(
    ("since", "until", "natural", "working", "why"),
    [
        ("2026-09-29 09:00", "2026-09-29 12:00", 180, 180, "a morning"),
        ("2026-09-29 11:30", "2026-09-29 14:00", 150, 60, "over lunch"),
        ("2026-09-29 12:00", "2026-09-29 13:30", 90, 0, "lunch alone: the bell at 12:00 is no working time"),
        ("2026-09-29 17:00", "2026-09-30 09:30", 990, 60, "across midnight"),
        ("2026-09-30 17:00", "2026-10-08 09:15", 11055, 45, "over National Day"),
        ("2026-10-01 00:00", "2026-10-08 00:00", 10080, 0, "rest alone"),
        ("2026-10-10 16:30", "2026-10-12 10:00", 2490, 120, "a worked Saturday, then Monday"),
        ("2025-12-31 17:00", "2026-01-04 10:00", 5340, 90, "across the year"),
        ("2026-09-29 10:00", "2026-09-29 10:00", 0, 0, "no time"),
        ("2026-09-29 10:00", "2026-09-28 10:00", 0, 0, "backwards"),
    ],
)
def test_time_between(china: Calendar, at: At, since: str, until: str, natural: int, working: int, why: str) -> None:
    assert time_between(at(since), at(until), Kind.NATURAL, china) == natural * MINUTE, why
    assert time_between(at(since), at(until), Kind.WORKING, china) == working * MINUTE, why


def test_a_unit_that_works_round_the_clock_loses_no_minute(china: Calendar, at: At) -> None:
    always = for_hours(china, "24h")
    since, until = at("2026-09-30 17:00"), at("2026-10-08 09:15")
    assert time_between(since, until, Kind.WORKING, always) == until - since
    assert days_between(since, until, Kind.WORKING, always) == 8


@pytest.mark.parametrize(("due", "since", "until", "kind", "roll", "moved", "days", "why"), [
    ("2026-09-29 00:00", "2026-09-24 09:00", "2026-09-24 17:00", "natural", "next_working", "2026-09-29 00:00", 0,
     "a pause within one day gives nothing back"),
    ("2026-09-29 00:00", "2026-09-24 17:00", "2026-09-25 08:00", "natural", "none",         "2026-09-30 00:00", 1,
     "a night is a day: dates are compared, not hours"),
    ("2026-09-30 00:00", "2026-09-21 09:00", "2026-09-23 09:00", "natural", "none",         "2026-10-02 00:00", 2,
     "into National Day, where the promise does not roll"),
    ("2026-09-30 00:00", "2026-09-21 09:00", "2026-09-23 09:00", "natural", "next_working", "2026-10-09 00:00", 2,
     "over National Day, where it does: 24:00 of the 8th"),
    ("2026-10-01 00:00", "2026-09-28 09:00", "2026-09-29 09:00", "working", "none",         "2026-10-09 00:00", 1,
     "one working day, from the 30th to the 8th"),
    ("2026-09-30 17:30", "2026-09-28 09:00", "2026-09-29 09:00", "working", "none",         "2026-10-08 17:30", 1,
     "close of business stays close of business"),
    ("2026-09-30 16:20", "2026-09-28 09:00", "2026-09-30 09:00", "working", "none",         "2026-10-09 16:20", 2,
     "the time of the start stays"),
    ("2026-10-10 00:00", "2026-09-30 18:00", "2026-10-08 08:00", "working", "none",         "2026-10-11 00:00", 1,
     "a pause over the holiday is one working day; the worked Saturday takes it"),
    ("2026-10-11 00:00", "2026-10-01 10:00", "2026-10-05 10:00", "working", "none",         "2026-10-11 00:00", 0,
     "a pause inside a rest period gives no working day"),
    ("2026-10-11 00:00", "2026-10-01 10:00", "2026-10-05 10:00", "natural", "next_working", "2026-10-15 00:00", 4,
     "but four natural ones"),
    ("2026-01-01 00:00", "2025-12-30 10:00", "2025-12-31 10:00", "working", "none",         "2026-01-05 00:00", 1,
     "across the year, to the worked Sunday"),
    ("2026-10-06 00:00", "2026-09-28 10:00", "2026-09-28 11:00", "natural", "next_working", "2026-10-09 00:00", 0,
     "an end not yet rolled rolls even after a pause of nothing"),
])  # fmt: skip
def test_a_promise_in_days_moves(
    china: Calendar, at: At, due: str, since: str, until: str, kind: str, roll: str, moved: str, days: int, why: str
) -> None:
    found = shift(at(due), at(since), at(until), Kind(kind), china, unit="days", roll=Roll(roll))
    assert (found.moment, found.moved, found.provisional) == (at(moved), days, False), why


@pytest.mark.parametrize(
    ("due", "since", "until", "kind", "moved", "why"),
    [
        ("2026-09-29 10:00", "2026-09-29 08:00", "2026-09-29 08:45", "natural", "2026-09-29 10:45", "by the wall"),
        ("2026-09-30 23:00", "2026-09-30 20:00", "2026-09-30 22:00", "natural", "2026-10-01 01:00", "knows no holiday"),
        ("2026-09-30 17:00", "2026-09-29 17:00", "2026-09-30 09:30", "working", "2026-10-08 09:30", "over a rest"),
        ("2026-09-29 11:30", "2026-09-29 09:00", "2026-09-29 09:30", "working", "2026-09-29 12:00", "up to the bell"),
        ("2026-09-29 12:00", "2026-09-29 09:00", "2026-09-29 09:30", "working", "2026-09-29 14:00", "over lunch"),
        ("2026-09-29 12:00", "2026-09-29 12:00", "2026-09-29 13:30", "working", "2026-09-29 12:00", "paused at lunch"),
        ("2026-10-08 10:00", "2026-10-01 10:00", "2026-10-07 10:00", "working", "2026-10-08 10:00", "paused at rest"),
        ("2026-12-31 23:45", "2026-12-31 23:00", "2026-12-31 23:15", "natural", "2027-01-01 00:00", "across the year"),
    ],
)
def test_a_promise_in_hours_moves(
    china: Calendar, at: At, due: str, since: str, until: str, kind: str, moved: str, why: str
) -> None:
    found = shift(at(due), at(since), at(until), Kind(kind), china, unit="hours", roll=Roll.NEXT_WORKING)
    assert (found.moment, found.provisional) == (at(moved), False), why


def test_it_says_what_it_did(china: Calendar, at: At) -> None:
    pause = at("2026-09-29 09:00"), at("2026-09-30 09:00")
    days = shift(at("2026-10-01 00:00"), *pause, Kind.WORKING, china, unit="days")
    assert days.why == (
        "2026-09-29 09:00至2026-09-30 09:00暂停计时，计1个工作日，时限由2026-09-30 24:00移至2026-10-08 24:00"
    )
    pause = at("2026-09-29 09:00"), at("2026-09-29 09:20")
    hours = shift(at("2026-09-30 12:00"), *pause, Kind.WORKING, china, unit="hours")
    assert "计0.33个工作小时，" in hours.why
    hours = shift(at("2026-09-30 10:00"), *pause, Kind.NATURAL, china, unit="hours")
    assert hours.why == (
        "2026-09-29 09:00至2026-09-29 09:20暂停计时，计0.33小时，时限由2026-09-30 10:00移至2026-09-30 10:20"
    )
    doubt = shift(at("2026-12-31 17:20"), *pause, Kind.WORKING, china, unit="hours")
    assert doubt.why.endswith("移至2027-01-01 09:10；其间有日期的放假安排未公布，暂按周一至周五上班推算")
    none = shift(at("2026-10-01 00:00"), pause[0], pause[0], Kind.NATURAL, china, unit="days")
    assert none.why == "2026-09-29 09:00至2026-09-29 09:00暂停计时，计0个自然日，时限不变"


@pytest.mark.parametrize(
    ("due", "since", "until", "kind", "unit", "roll", "provisional"),
    [
        ("2026-12-31 00:00", "2026-12-28 09:00", "2026-12-29 09:00", "working", "days", "none", False),
        ("2027-01-01 00:00", "2026-12-28 09:00", "2026-12-29 09:00", "working", "days", "none", True),
        ("2027-02-01 00:00", "2026-12-31 09:00", "2027-01-04 09:00", "natural", "days", "none", False),
        ("2027-02-01 00:00", "2026-12-31 09:00", "2027-01-04 09:00", "natural", "days", "next_working", True),
        ("2026-12-31 17:00", "2026-12-31 09:00", "2026-12-31 10:00", "working", "hours", "none", True),
        ("2026-12-31 17:00", "2026-12-31 09:00", "2026-12-31 10:00", "natural", "hours", "none", False),
        ("2026-12-31 15:00", "2026-12-31 09:00", "2026-12-31 10:00", "working", "hours", "none", False),
        ("2026-12-30 00:00", "2018-01-01 09:00", "2018-01-02 09:00", "working", "days", "none", True),
        ("2026-12-30 10:00", "2018-01-02 09:00", "2018-01-02 10:00", "working", "hours", "none", True),
        # the moment is known, the days given back are not, wherever the pause began or ended
        ("2026-03-03 00:00", "2026-12-28 09:00", "2027-01-05 09:00", "working", "days", "none", True),
        ("2026-03-03 00:00", "2026-12-28 09:00", "2027-01-05 09:00", "working", "days", "next_working", True),
        ("2026-03-03 10:00", "2026-12-31 09:00", "2027-01-04 10:00", "working", "hours", "none", True),
        # the day of the start is not counted: it need not be known
        ("2026-03-03 00:00", "2025-08-31 09:00", "2025-09-02 09:00", "working", "days", "none", False),
        # an unknown Sunday that gives way to a known Monday, and no time at all on an unknown day
        ("2025-09-01 00:00", "2025-08-29 09:00", "2025-08-29 10:00", "natural", "days", "next_working", True),
        ("2026-03-03 10:00", "2027-01-09 09:00", "2027-01-09 10:00", "working", "hours", "none", False),
    ],
)
def test_what_rests_on_unpublished_holidays_says_so(
    china: Calendar, at: At, due: str, since: str, until: str, kind: str, unit: str, roll: str, provisional: bool
) -> None:
    found = shift(at(due), at(since), at(until), Kind(kind), china, unit=unit, roll=Roll(roll))
    assert found.provisional is provisional
    assert ("放假安排未公布" in found.why) is provisional


def test_an_unknown_rest_day_stays_doubtful_when_a_known_one_follows(china: Calendar, at: At) -> None:
    short, pause = msgspec.structs.replace(china, since=date(2025, 9, 7)), at("2025-09-05 09:00")
    found = shift(
        at("2025-09-07 00:00"), pause, pause, Kind.NATURAL, short, unit="days", roll=Roll.NEXT_WORKING
    )  # Saturday the 6th is unknown, Sunday and Monday are published
    assert (found.moment, found.provisional) == (at("2025-09-09 00:00"), True)


def test_backwards_and_naive_moments_are_refused(china: Calendar, at: At) -> None:
    with pytest.raises(ValueError, match="before it begins"):
        shift(at("2026-09-30 10:00"), at("2026-09-29 10:00"), at("2026-09-29 09:59"), Kind.NATURAL, china, unit="days")
    with pytest.raises(ValueError, match="time zone"):
        shift(datetime(2026, 9, 30), at("2026-09-29 10:00"), at("2026-09-29 10:00"), Kind.NATURAL, china, unit="days")


@settings(max_examples=60)
@given(DATES, st.integers(0, 20))
def test_days_added_are_the_days_between(day: date, days: int) -> None:
    start = PLAIN.at(day, datetime.min.time())
    there = add_days(start, days, Kind.WORKING, PLAIN).counted[-1]
    assert working_days_between(day, there, PLAIN) == days
    assert not days or working_days_between(day, there - DAY, PLAIN) == days - 1, "there is the first such day"


@settings(max_examples=60)
@given(DATES, DATES, DATES)
def test_days_between_add_up(one: date, two: date, three: date) -> None:
    a, b, c = sorted((one, two, three))
    assert working_days_between(a, c, PLAIN) == working_days_between(a, b, PLAIN) + working_days_between(b, c, PLAIN)


@settings(max_examples=25, deadline=None)
@given(MINUTES, st.integers(0, 6000), st.sampled_from(("", "24h", "08:30-12:00|13:00-24:00")))
def test_time_between_agrees_with_counting_minutes(since: datetime, minutes: int, hours: str) -> None:
    held = for_hours(PLAIN, hours)
    counted = sum(naive(since + MINUTE * n, held) for n in range(minutes))
    assert time_between(since, since + MINUTE * minutes, Kind.WORKING, held) == counted * MINUTE


@settings(max_examples=60)
@given(MOMENTS, st.floats(0, 90), KINDS, st.sampled_from(("", "24h", "08:00-20:00")))
def test_hours_added_are_the_time_between(start: datetime, hours: float, kind: Kind, unit: str) -> None:
    held = for_hours(PLAIN, unit)
    end = add_hours(start, hours, kind, held).moment
    assert time_between(start, end, kind, held) == timedelta(hours=hours)
    assert end == start or time_between(start, end - timedelta(microseconds=1), kind, held) < timedelta(hours=hours)


@settings(max_examples=60)
@given(MOMENTS, st.integers(0, 10), MOMENTS, MOMENTS, ENDS)
def test_a_pause_in_working_days_is_a_promise_of_so_many_days_more(
    start: datetime, days: int, one: datetime, two: datetime, ends: Ends
) -> None:
    since, until = sorted((one, two))
    more = days_between(since, until, Kind.WORKING, PLAIN)
    due = add_days(start, days, Kind.WORKING, PLAIN, ends=ends).moment
    expected = due if not more else add_days(start, days + more, Kind.WORKING, PLAIN, ends=ends).moment
    assert shift(due, since, until, Kind.WORKING, PLAIN, unit="days").moment == expected


@settings(max_examples=60)
@given(MOMENTS, st.floats(0, 40), MOMENTS, MOMENTS, KINDS)
def test_a_pause_in_hours_is_a_promise_of_so_many_hours_more(
    start: datetime, hours: float, one: datetime, two: datetime, kind: Kind
) -> None:
    since, until = sorted((one, two))
    due = add_hours(start, hours, kind, PLAIN).moment
    left = time_between(start, shift(due, since, until, kind, PLAIN, unit="hours").moment, kind, PLAIN)
    assert left == timedelta(hours=hours) + time_between(since, until, kind, PLAIN)


@settings(max_examples=60)
@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS, KINDS, ROLLS, st.sampled_from(("days", "hours")))
def test_a_longer_pause_or_a_later_moment_never_ends_earlier(
    due: datetime, one: datetime, two: datetime, three: datetime, kind: Kind, roll: Roll, unit: str
) -> None:
    since, until, longer = sorted((one, two, three))

    def moved(moment: datetime, until: datetime) -> datetime:
        return shift(moment, since, until, kind, PLAIN, unit=unit, roll=roll).moment

    assert due <= moved(due, until) <= moved(due, longer)
    assert moved(due, until) <= moved(due + DAY, until)
