"""Natural and working time over National Day and Spring Festival, across years, in words."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import calendar as rules
from dispatch.calendar import (
    Calendar,
    Ends,
    Kind,
    Roll,
    add_days,
    add_hours,
    ending,
    explain,
    for_hours,
    hours_of,
    last_day,
    step,
    works,
)

At = Callable[[str], datetime]

PLAIN = Calendar(
    name="2026",
    source="",
    since=date(2026, 1, 1),
    until=date(2026, 12, 31),
    rest={date(2026, 10, day): "国庆节" for day in range(1, 8)},
    work={date(2026, 9, 20): "国庆节", date(2026, 10, 10): "国庆节"},
)
MOMENTS = st.datetimes(datetime(2026, 8, 1), datetime(2026, 11, 30), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "worked", "name"),
    [
        ("2026-09-30", True, "工作日"),
        ("2026-10-01", False, "国庆节"),
        ("2026-10-10", True, "国庆节调休上班"),
        ("2026-10-11", False, "周日"),
        ("2026-10-17", False, "周六"),
        ("2026-02-14", True, "春节调休上班"),
        ("2026-02-23", False, "春节"),
        ("2025-09-28", True, "国庆节调休上班"),
        ("2027-01-01", True, "工作日"),
    ],
)
def test_days(china: Calendar, day: str, worked: bool, name: str) -> None:
    here = date.fromisoformat(day)
    assert (works(china, here), rules.day_name(china, here)) == (worked, name)


@pytest.mark.parametrize(
    ("start", "days", "last", "why"),
    [
        ("2026-09-29 16:00", 7, "2026-10-08", "the 7th day is in National Day"),
        ("2026-09-24 09:00", 1, "2026-09-28", "中秋节, then a weekend"),
        ("2026-02-10 09:00", 7, "2026-02-24", "Spring Festival"),
        ("2026-04-29 09:00", 3, "2026-05-06", "劳动节"),
        ("2026-05-08 09:00", 1, "2026-05-09", "a Saturday that is worked"),
        ("2026-09-19 09:00", 1, "2026-09-20", "a Sunday that is worked"),
        ("2025-12-30 09:00", 3, "2026-01-04", "across the year, to a worked Sunday"),
        ("2025-09-24 09:00", 7, "2025-10-09", "National Day 2025, eight days long"),
        ("2026-10-03 10:00", 0, "2026-10-08", "zero days inside a rest period"),
        ("2026-10-12 23:59", 0, "2026-10-12", "zero days on a working day"),
        ("2026-10-12 00:00", 1, "2026-10-13", "midnight belongs to the day that begins"),
        ("2026-03-02 10:00", 3, "2026-03-05", "nothing in the way"),
    ],
)
def test_natural_days_roll_to_the_next_working_day(
    china: Calendar, at: At, start: str, days: int, last: str, why: str
) -> None:
    found = add_days(at(start), days, Kind.NATURAL, china, Roll.NEXT_WORKING)
    assert found.moment == at(f"{last} 00:00") + timedelta(days=1), why
    assert (found.counted[-1], found.provisional) == (date.fromisoformat(last), False)
    assert len(found.counted) == max(days, 1)


@pytest.mark.parametrize(
    ("start", "days", "due", "why"),
    [
        ("2025-09-26 16:00", 1, "2025-09-28 16:00", "Friday to a Sunday that works"),
        ("2025-09-30 10:00", 5, "2025-10-14 10:00", "over the holiday; Saturday the 11th works"),
        ("2025-10-03 23:59", 1, "2025-10-09 23:59", "received on a resting day"),
        ("2026-09-30 16:00", 1, "2026-10-08 16:00", "National Day 2026"),
        ("2026-09-30 16:00", 3, "2026-10-10 16:00", "the worked Saturday counts"),
        ("2026-02-13 10:00", 1, "2026-02-14 10:00", "the worked Saturday before Spring Festival"),
        ("2026-02-13 10:00", 2, "2026-02-24 10:00", "over Spring Festival"),
        ("2026-02-13 10:00", 6, "2026-02-28 10:00", "the worked Saturday after Spring Festival"),
        ("2025-12-31 10:00", 1, "2026-01-04 10:00", "across the year"),
        ("2026-10-03 10:00", 0, "2026-10-03 10:00", "zero days"),
    ],
)
def test_working_days_at_the_same_time(china: Calendar, at: At, start: str, days: int, due: str, why: str) -> None:
    assert add_days(at(start), days, Kind.WORKING, china, ends="same_time").moment == at(due), why


@pytest.mark.parametrize(
    ("ends", "due", "text"),
    [
        ("same_time", "2026-10-08 16:20", "2026-10-08 16:20"),
        ("close_of_business", "2026-10-08 17:30", "2026-10-08 17:30"),
        ("end_of_day", "2026-10-09 00:00", "2026-10-08 24:00"),
    ],
)
def test_how_the_last_day_ends(china: Calendar, at: At, ends: Ends, due: str, text: str) -> None:
    found = add_days(at("2026-09-29 16:20"), 7, Kind.NATURAL, china, Roll.NEXT_WORKING, ends=ends)
    assert found.moment == at(due)
    assert rules.deadline_text(found.moment, china) == text
    assert last_day(found.moment, china) == date(2026, 10, 8)


def test_counted_and_skipped_name_each_day_between(china: Calendar, at: At) -> None:
    found = add_days(at("2026-09-29 16:00"), 7, Kind.NATURAL, china, Roll.NEXT_WORKING)
    assert found.counted == (date(2026, 9, 30), *(date(2026, 10, day) for day in range(1, 6)), date(2026, 10, 8))
    assert found.skipped == ((date(2026, 10, 6), "国庆节"), (date(2026, 10, 7), "国庆节"))
    assert found.first_end == (date(2026, 10, 6), "国庆节")


def test_days_are_the_days_of_the_calendar_not_of_the_moment(china: Calendar, at: At) -> None:
    late = datetime(2026, 10, 12, 16, 30, tzinfo=UTC)  # 00:30 of the 13th in Shanghai
    found = add_days(late, 1, Kind.NATURAL, china)
    assert found.moment == at("2026-10-15 00:00")
    assert found.moment.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("start", "hours", "kind", "due", "why"),
    [
        ("2026-09-30 16:30", 2, "working", "2026-10-08 10:00", "over National Day"),
        ("2026-09-29 09:00", 3, "working", "2026-09-29 12:00", "ends at the bell, not after lunch"),
        ("2026-09-29 11:00", 2, "working", "2026-09-29 14:30", "over lunch"),
        ("2026-09-29 12:00", 1, "working", "2026-09-29 14:30", "the bell itself is no working time"),
        ("2026-09-29 12:30", 0.5, "working", "2026-09-29 14:00", "from the lunch break"),
        ("2026-10-10 17:00", 1, "working", "2026-10-12 09:30", "a worked Saturday, then Monday"),
        ("2026-10-03 03:00", 1, "working", "2026-10-08 10:00", "inside a rest period"),
        ("2026-09-29 07:00", 7, "working", "2026-09-29 17:30", "one whole day"),
        ("2026-09-30 23:00", 2, "natural", "2026-10-01 01:00", "natural hours know no holiday"),
        ("2026-12-31 23:45", 0.25, "natural", "2027-01-01 00:00", "fifteen minutes across the year"),
        ("2026-10-03 03:00", 0, "working", "2026-10-03 03:00", "zero hours"),
    ],
)
def test_hours(china: Calendar, at: At, start: str, hours: float, kind: str, due: str, why: str) -> None:
    found = add_hours(at(start), hours, Kind(kind), china)
    assert (found.moment, found.provisional) == (at(due), False), why


def test_hours_name_the_days_they_ran_on(china: Calendar, at: At) -> None:
    found = add_hours(at("2026-09-30 16:30"), 2, Kind.WORKING, china)
    assert found.counted == (date(2026, 9, 30), date(2026, 10, 8))
    assert found.skipped == tuple((date(2026, 10, day), "国庆节") for day in range(1, 8))
    through = add_hours(at("2026-09-30 16:30"), 30, Kind.NATURAL, china)
    assert through.counted == (date(2026, 9, 30), date(2026, 10, 1))
    midnight = add_hours(at("2026-12-31 23:45"), 0.25, Kind.NATURAL, china)
    assert midnight.counted == (date(2026, 12, 31),), "24:00 belongs to the day that ends"


@pytest.mark.parametrize("kind", Kind)
def test_zero_hours_run_on_no_day(china: Calendar, at: At, kind: Kind) -> None:
    for start in ("2026-10-03 03:00", "2026-09-29 12:30", "2026-09-29 10:00", "2026-09-30 00:00"):
        found = add_hours(at(start), 0, kind, china)
        assert (found.moment, found.counted, found.skipped) == (at(start), (), ())


@pytest.mark.parametrize(
    ("start", "hours", "unit", "due", "why"),
    [
        ("2026-09-30 23:00", 4, "24h", "2026-10-01 03:00", "no holiday stops a 24-hour unit"),
        ("2026-10-03 23:30", 0.5, "24h", "2026-10-04 00:00", "half-open: ends at 24:00 of the same day"),
        ("2027-01-01 09:00", 30, "24h", "2027-01-02 15:00", "nor does a year that is not published"),
        ("2026-09-29 11:00", 2, "08:00-20:00", "2026-09-29 13:00", "no lunch"),
        ("2026-09-30 19:00", 2, "08:00-20:00", "2026-10-08 09:00", "own hours, but the city's holidays"),
        ("2026-09-29 11:00", 2, "08:00-12:00|14:00-24:00", "2026-09-29 15:00", "a lunch of its own"),
        ("2026-09-30 23:00", 2, "00:00-24:00", "2026-10-08 01:00", "the whole of a working day is not 24h"),
        ("2026-09-30 16:30", 2, "", "2026-10-08 10:00", "nothing said: the city's hours"),
    ],
)
def test_the_hours_of_a_unit(china: Calendar, at: At, start: str, hours: float, unit: str, due: str, why: str) -> None:
    found = add_hours(at(start), hours, Kind.WORKING, for_hours(china, unit))
    assert (found.moment, found.provisional) == (at(due), False), why


def test_to_a_24_hour_unit_every_day_is_a_working_day(china: Calendar, at: At) -> None:
    always = for_hours(china, " 24H ")
    found = add_days(at("2026-09-30 16:00"), 3, Kind.WORKING, always, Roll.NEXT_WORKING, ends="close_of_business")
    assert (found.moment, found.skipped) == (at("2026-10-04 00:00"), ())
    assert add_days(at("2027-05-01 16:00"), 3, Kind.WORKING, always).provisional is False
    assert rules.day_name(always, date(2026, 10, 3)) == "国庆节", "it is still called what it is"
    assert for_hours(china, "") is china
    assert for_hours(china, "08:00-20:00").every_day is False


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("全天", "看不懂"), ("8:00-20:00", "看不懂"), ("08:00", "看不懂"), ("08:00-20:00|", "看不懂"),
        ("24:00-08:00", "看不懂"), ("08:00-20:60", "看不懂"), ("20:00-08:00", "先后有序"),
        ("08:00-12:00|11:00-20:00", "互不重叠"),
    ],
)  # fmt: skip
def test_hours_nobody_understands(china: Calendar, said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        for_hours(china, said)


def test_hours_in_a_cell() -> None:
    assert hours_of("08:00-12:00 | 13:00-00:00") == ((time(8), time(12)), (time(13), time()))
    assert (hours_of(""), hours_of("24h")) == ((), ((time(), time()),))


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2026-11-01", "日历到 2026-12-31 为止，还有 60 天"),
        ("2026-10-31", None),
        ("2026-12-31", "日历到 2026-12-31 为止，还有 0 天"),
        ("2027-01-01", "日历在 2026-12-31 已用完，此后的期限只是暂定"),
    ],
)
def test_the_end_is_told_sixty_days_before(china: Calendar, on: str, said: str | None) -> None:
    assert ending(china, date.fromisoformat(on)) == said


def test_a_unit_that_works_round_the_clock_still_rests_on_holidays(at: At) -> None:
    whole = Calendar(
        name="", source="", since=PLAIN.since, until=PLAIN.until, rest=PLAIN.rest, hours=((time(), time()),)
    )
    assert add_hours(at("2026-09-30 23:00"), 2, Kind.WORKING, whole).moment == at("2026-10-08 01:00")
    assert add_days(at("2026-09-29 23:00"), 1, Kind.WORKING, whole, ends="close_of_business").moment == at(
        "2026-10-01 00:00"
    )


@pytest.mark.parametrize(
    ("start", "days", "kind", "roll", "said"),
    [
        (
            "2026-09-29 16:00",
            7,
            "natural",
            "next_working",
            "自2026-09-29起算，第7日为2026-10-06（国庆节，休息日），顺延至2026-10-08",
        ),
        ("2026-03-02 16:00", 3, "natural", "next_working", "自2026-03-02起算，第3日为2026-03-05"),
        (
            "2026-03-02 16:00",
            5,
            "natural",
            "next_working",
            "自2026-03-02起算，第5日为2026-03-07（周六，休息日），顺延至2026-03-09",
        ),
        (
            "2026-09-30 16:00",
            4,
            "working",
            "none",
            "自2026-09-30起算，第4个工作日为2026-10-12（跳过2026-10-01至2026-10-07国庆节、2026-10-11周日）",
        ),
        ("2026-10-12 16:00", 0, "natural", "none", "自2026-10-12起算，当日为2026-10-12"),
        (
            "2026-12-30 16:00",
            7,
            "natural",
            "next_working",
            "自2026-12-30起算，第7日为2027-01-06；其间有日期的放假安排未公布，暂按周一至周五上班推算",
        ),
    ],
)
def test_explain_days(china: Calendar, at: At, start: str, days: int, kind: str, roll: str, said: str) -> None:
    assert explain(add_days(at(start), days, Kind(kind), china, Roll(roll))) == said


def test_explain_hours(china: Calendar, at: At) -> None:
    working = add_hours(at("2026-09-30 16:30"), 2, Kind.WORKING, china)
    assert explain(working) == (
        "自2026-09-30 16:30起算2个工作小时，至2026-10-08 10:00（跳过2026-10-01至2026-10-07国庆节）"
    )
    quarter = add_hours(at("2026-09-30 16:30"), 0.25, Kind.NATURAL, china)
    assert explain(quarter) == "自2026-09-30 16:30起算0.25小时，至2026-09-30 16:45"


@pytest.mark.parametrize(
    ("start", "days", "kind", "roll", "provisional"),
    [
        ("2026-12-30 10:00", 1, "working", "none", False),
        ("2026-12-30 10:00", 2, "working", "none", True),
        ("2026-12-30 10:00", 7, "natural", "none", False),
        ("2026-12-30 10:00", 7, "natural", "next_working", True),
        ("2018-03-01 10:00", 3, "working", "none", True),
    ],
)
def test_what_rests_on_unpublished_holidays_says_so(
    china: Calendar, at: At, start: str, days: int, kind: str, roll: str, provisional: bool
) -> None:
    found = add_days(at(start), days, Kind(kind), china, Roll(roll))
    assert found.provisional is provisional


def test_working_hours_beyond_the_calendar_are_provisional(china: Calendar, at: At) -> None:
    found = add_hours(at("2026-12-31 17:00"), 1, Kind.WORKING, china)
    assert (found.moment, found.provisional) == (at("2027-01-01 09:30"), True)
    assert add_hours(at("2026-12-31 17:00"), 30, Kind.NATURAL, china).provisional is False


@pytest.mark.parametrize(
    ("day", "days", "kind", "found", "provisional"),
    [
        ("2026-10-08", -1, "working", "2026-09-30", False),
        ("2026-10-08", 1, "working", "2026-10-09", False),
        ("2026-10-08", -1, "natural", "2026-10-07", False),
        ("2026-10-08", 0, "working", "2026-10-08", False),
        ("2026-12-31", 1, "working", "2027-01-01", True),
        ("2026-12-31", 1, "natural", "2027-01-01", False),
    ],
)
def test_step(china: Calendar, day: str, days: int, kind: str, found: str, provisional: bool) -> None:
    assert step(date.fromisoformat(day), days, Kind(kind), china) == (date.fromisoformat(found), provisional)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"until": date(2025, 12, 31)}, "晚于截止日"),
        ({"rest": {date(2026, 9, 20): "国庆节"}}, "既列为休息日又列为上班日"),
        ({"hours": ()}, "至少要有一段办公时间"),
        ({"hours": ((time(9), time(12)), (time(11), time(17)))}, "互不重叠"),
        ({"hours": ((time(12), time(9)),)}, "先后有序"),
        ({"hours": ((time(9), time(12, 30)), (time(12, 15), time(17)))}, "互不重叠"),
        ({"hours": ((time(9), time(12, 0, 30)), (time(12, 0, 15), time(17)))}, "互不重叠"),
    ],
)
def test_a_calendar_that_contradicts_itself(change: dict[str, object], said: str) -> None:
    values = {name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__}
    with pytest.raises(ValueError, match=said):
        Calendar(**{**values, **change})


def test_the_published_days_are_both_ends_included() -> None:
    one = Calendar(name="", source="", since=date(2026, 1, 5), until=date(2026, 1, 5))
    assert [one.knows(date(2026, 1, day)) for day in (4, 5, 6)] == [False, True, False]


def test_naive_moments_and_negative_amounts_are_refused(china: Calendar, at: At) -> None:
    with pytest.raises(ValueError, match="time zone"):
        add_days(datetime(2026, 1, 5), 1, Kind.NATURAL, china)
    with pytest.raises(ValueError, match="negative days"):
        add_days(at("2026-01-05 10:00"), -1, Kind.NATURAL, china)
    with pytest.raises(ValueError, match="negative hours"):
        add_hours(at("2026-01-05 10:00"), -1, Kind.NATURAL, china)


@settings(max_examples=60)
@given(MOMENTS, MOMENTS, st.integers(0, 15), st.sampled_from(Kind), st.sampled_from(Roll))
def test_a_later_start_never_ends_earlier(one: datetime, two: datetime, days: int, kind: Kind, roll: Roll) -> None:
    early, late = sorted((one, two))
    assert add_days(early, days, kind, PLAIN, roll).moment <= add_days(late, days, kind, PLAIN, roll).moment


@settings(max_examples=60)
@given(MOMENTS, st.integers(0, 15), st.sampled_from(Kind), st.sampled_from(Roll))
def test_more_days_never_end_earlier_and_all_days_are_told(start: datetime, days: int, kind: Kind, roll: Roll) -> None:
    one, more = add_days(start, days, kind, PLAIN, roll), add_days(start, days + 1, kind, PLAIN, roll)
    assert start < one.moment <= more.moment
    told = sorted([*more.counted, *(day for day, _ in more.skipped)])
    first = PLAIN.local(start).date()
    assert told == [first + timedelta(days=n + 1) for n in range(len(told))]
    assert len(more.counted) == days + 1
    if kind is Kind.WORKING:
        assert all(works(PLAIN, day) for day in more.counted)
    if roll is Roll.NEXT_WORKING:
        assert works(PLAIN, more.counted[-1])


@settings(max_examples=60)
@given(MOMENTS, st.integers(0, 60), st.integers(0, 60), st.sampled_from(Kind))
def test_quarter_hours_add_up(start: datetime, one: int, two: int, kind: Kind) -> None:
    there = add_hours(add_hours(start, one / 4, kind, PLAIN).moment, two / 4, kind, PLAIN).moment
    assert there == add_hours(start, (one + two) / 4, kind, PLAIN).moment


@settings(max_examples=60)
@given(st.dates(date(2026, 8, 1), date(2026, 11, 30)), st.integers(1, 20))
def test_a_step_back_undoes_a_step(day: date, days: int) -> None:
    there, _ = step(day, days, Kind.WORKING, PLAIN)
    back, _ = step(there, -days, Kind.WORKING, PLAIN)
    assert works(PLAIN, there)
    assert (back == day) is works(PLAIN, day)
