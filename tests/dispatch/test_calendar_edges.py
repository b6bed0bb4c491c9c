"""Where the published days begin and end, and other edges of counting."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import msgspec
import pytest

from dispatch.calendar import Calendar, Kind, Roll, add_days, add_hours, hours_of, last_day, step

At = Callable[[str], datetime]


@pytest.mark.parametrize(
    ("day", "days", "found"),
    [
        ("2027-01-06", -4, "2026-12-31"),
        ("2025-08-28", 3, "2025-09-02"),
    ],
)
def test_a_step_over_unknown_days_stays_doubtful_where_it_ends_on_a_known_one(
    china: Calendar, day: str, days: int, found: str
) -> None:
    assert step(date.fromisoformat(day), days, Kind.WORKING, china) == (date.fromisoformat(found), True)


def test_days_and_hours_that_began_unknown_are_provisional_where_they_end_known(china: Calendar, at: At) -> None:
    for roll in Roll:
        assert add_days(at("2025-08-28 10:00"), 3, Kind.WORKING, china, roll).provisional
    assert add_hours(at("2025-08-29 16:30"), 2, Kind.WORKING, china).provisional
    weekend_known = msgspec.structs.replace(china, since=date(2025, 8, 30))
    assert add_hours(at("2025-08-29 16:30"), 2, Kind.WORKING, weekend_known).provisional


@pytest.mark.parametrize(
    ("until", "start", "provisional"),
    [
        pytest.param("2026-12-31", "2026-12-30 10:00", False, id="the last published day is worked"),
        pytest.param("2026-11-14", "2026-11-13 10:00", True, id="it is a Saturday and gives way to unknown days"),
        pytest.param("2026-11-15", "2026-11-13 10:00", True, id="to an unknown Monday"),
        pytest.param("2026-11-16", "2026-11-13 10:00", False, id="to the last published one"),
    ],
)
def test_a_day_that_gives_way_asks_for_the_days_it_gives_way_to(
    china: Calendar, at: At, until: str, start: str, provisional: bool
) -> None:
    short = msgspec.structs.replace(china, until=date.fromisoformat(until))
    assert add_days(at(start), 1, Kind.NATURAL, short, Roll.NEXT_WORKING).provisional is provisional


def test_the_first_instant_of_a_day_is_the_end_of_the_day_before_and_no_other(china: Calendar, at: At) -> None:
    midnight = at("2026-03-03 00:00")
    assert last_day(midnight, china) == date(2026, 3, 2)
    assert last_day(midnight + timedelta(microseconds=1), china) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("start", "hours", "days"),
    [
        ("2026-03-02 09:00", 5, [2]),
        ("2026-03-02 16:30", 2, [2, 3]),
        ("2026-03-02 17:30", 1, [3]),
        ("2026-03-02 12:00", 1, [2]),
    ],
    ids=["over lunch it is one day", "over night two", "at the bell the day is over", "at lunch it is not"],
)
def test_working_hours_name_each_day_once(china: Calendar, at: At, start: str, hours: float, days: list[int]) -> None:
    found = add_hours(at(start), hours, Kind.WORKING, china)
    assert [day.day for day in found.counted] == days
    assert found.unit == "hours"


@pytest.mark.parametrize("cell", ["09:00-12:00|12:00-17:00", "09:00-09:00", "13:00-17:00|09:00-12:00"])
def test_business_hours_that_touch_stand_still_or_run_backwards(cell: str) -> None:
    with pytest.raises(ValueError, match=r"^办公时间须先后有序、互不重叠$"):
        hours_of(cell)


def test_a_day_without_hours_is_no_working_day(china: Calendar) -> None:
    with pytest.raises(ValueError, match=r"^至少要有一段办公时间$"):
        msgspec.structs.replace(china, hours=())
