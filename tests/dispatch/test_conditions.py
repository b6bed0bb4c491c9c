"""Conditions hold as people read them, and are compared exactly: a walk over every hour of the year agrees."""

from datetime import date, datetime, time
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.conditions import (
    ALWAYS,
    Circumstances,
    Condition,
    Hours,
    Season,
    covered,
    fits,
    in_words,
    narrower,
    together,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Condition(hours=(Hours(time(22), time(6)),))
REST = Condition(hours=(Hours(days="rest"),))
OFF_DUTY = Condition(hours=(Hours(days="rest"), Hours(time(17, 30), time(9), "work")))
REST_NIGHT = Condition(hours=(Hours(time(22), time(6), "rest"),))
HEATING = Condition(season=(Season("11-15", "03-31"),))
FIRMS = Condition(caller=("企业", "个体工商户"))
HEAT = Condition(keywords=("暖气", "ＡＰＰ"))


def case(
    at: str = "2026-03-02 10:00", text: str = "", caller: str = "", rest: bool = False, eve: bool = False
) -> Circumstances:
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    return Circumstances(
        area="01", place=None, on=date(2026, 3, 2), at=moment, text=text, caller_kind=caller, rest=rest, eve=eve
    )


@pytest.mark.parametrize(
    ("when", "asked", "held"),
    [
        (ALWAYS, case(), True),
        (NIGHT, case("2026-03-02 21:59"), False),
        (NIGHT, case("2026-03-02 22:00"), True),
        (NIGHT, case("2026-03-02 00:00"), True),
        (NIGHT, case("2026-03-02 05:59"), True),
        (NIGHT, case("2026-03-02 06:00"), False),
        (REST, case(rest=True), True),
        (REST, case(eve=True), False),
        (OFF_DUTY, case("2026-03-02 12:00"), False),
        (OFF_DUTY, case("2026-03-02 12:00", rest=True), True),
        (OFF_DUTY, case("2026-03-02 18:00"), True),
        (OFF_DUTY, case("2026-03-02 08:59"), True),
        (OFF_DUTY, case("2026-03-02 08:59", eve=True), False),
        (REST_NIGHT, case("2026-03-02 02:00", eve=True), True),
        (REST_NIGHT, case("2026-03-02 02:00", rest=True), False),
        (REST_NIGHT, case("2026-03-02 23:00", rest=True), True),
        (HEATING, case("2026-11-14 23:59"), False),
        (HEATING, case("2026-11-15 00:00"), True),
        (HEATING, case("2027-03-31 23:59"), True),
        (HEATING, case("2027-04-01 00:00"), False),
        (Condition(season=(Season("06-01", "08-31"),)), case("2026-08-31 12:00"), True),
        (Condition(season=(Season("06-01", "08-31"),)), case("2026-12-31 12:00"), False),
        (FIRMS, case(caller="企业"), True),
        (FIRMS, case(caller="个人"), False),
        (FIRMS, case(), False),
        (HEAT, case(text="家里暖气不热"), True),
        (HEAT, case(text="打开app报修"), True),
        (HEAT, case(text="路灯不亮"), False),
        (Condition(caller=("企业",), keywords=("暖气",)), case(text="暖气不热"), False),
    ],
)
def test_fits(when: Condition, asked: Circumstances, held: bool) -> None:
    assert fits(when, asked) is held


def test_what_is_not_known_is_not_met_but_the_season_is_that_of_the_dispatch() -> None:
    bare = Circumstances(area="01", place=None, on=date(2026, 12, 1))
    assert [fits(one, bare) for one in (NIGHT, REST, FIRMS, HEAT)] == [False] * 4
    assert fits(HEATING, bare)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (NIGHT, ALWAYS),
        (Condition(hours=(Hours(time(23), time(5)),)), NIGHT),
        (REST_NIGHT, NIGHT),
        (REST, OFF_DUTY),
        (Condition(hours=NIGHT.hours, season=HEATING.season), NIGHT),
        (Condition(season=(Season("12-01", "02-15"),)), HEATING),
        (Condition(caller=("企业",)), FIRMS),
        (Condition(keywords=("暖气片漏水",)), HEAT),
        (Condition(keywords=("暖气",)), HEAT),
        (Condition(keywords=("暖气",), caller=("企业",)), FIRMS),
    ],
)
def test_narrower_goes_one_way(one: Condition, two: Condition) -> None:
    assert narrower(one, two)
    assert not narrower(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (NIGHT, NIGHT),
        (NIGHT, REST),
        (HEAT, FIRMS),
        (HEAT, Condition(keywords=("漏水",))),
        (NIGHT, Condition(hours=(Hours(time(22), time(0)), Hours(time(0), time(6))))),
        (HEATING, Condition(season=(Season("01-01", "03-31"), Season("11-15", "12-31")))),
        (Condition(season=(Season("11-01", "12-01"),)), HEATING),
    ],
)
def test_side_by_side(one: Condition, two: Condition) -> None:
    assert not narrower(one, two)
    assert not narrower(two, one)


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        (NIGHT, ALWAYS, True),
        (NIGHT, Condition(hours=(Hours(time(6), time(22)),)), False),
        (NIGHT, Condition(hours=(Hours(time(5, 59), time(22)),)), True),
        (REST, Condition(hours=(Hours(days="work"),)), False),
        (REST_NIGHT, Condition(hours=(Hours(time(0), time(6), "work"),)), True),
        (HEATING, Condition(season=(Season("04-01", "11-14"),)), False),
        (HEATING, Condition(season=(Season("03-31", "11-14"),)), True),
        (FIRMS, Condition(caller=("个人",)), False),
        (HEAT, Condition(keywords=("漏水",)), True),
        (HEAT, Condition(caller=("个人",), hours=NIGHT.hours), True),
    ],
)
def test_together(one: Condition, two: Condition, both: bool) -> None:
    assert together(one, two) is together(two, one) is both


def test_day_and_night_cover_all_but_words_and_callers_are_not_added_up() -> None:
    day = Condition(hours=(Hours(time(6), time(22)),))
    assert covered(ALWAYS, [NIGHT, day])
    assert not covered(ALWAYS, [NIGHT, Condition(hours=(Hours(time(6, 1), time(22)),))])
    assert covered(ALWAYS, [REST, Condition(hours=(Hours(days="work"),))])
    assert covered(HEAT, [NIGHT, day])
    assert covered(FIRMS, [FIRMS])
    assert not covered(ALWAYS, [FIRMS, Condition(caller=("个人",))])
    assert not covered(ALWAYS, [])


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (ALWAYS, ""),
        (NIGHT, "22:00至次日06:00"),
        (OFF_DUTY, "休息日或工作日17:30至次日09:00"),
        (Condition(hours=(Hours(time(18), time(0)), Hours())), "18:00至24:00或00:00至24:00"),
        (
            Condition(season=HEATING.season, caller=FIRMS.caller, keywords=("暖气", "漏水")),
            "11-15至03-31，企业或个体工商户来电，提到“暖气”或“漏水”",
        ),
    ],
)
def test_said(when: Condition, text: str) -> None:
    assert in_words(when) == text


EDGES = st.sampled_from([time(hour) for hour in (0, 6, 9, 18, 22)])
DAYS = ("01-01", "02-29", "03-31", "04-01", "07-01", "11-15", "12-31")
SPANS = st.builds(Hours, EDGES, EDGES, st.sampled_from(["", "rest", "work"]))
SEASONS = st.builds(Season, st.sampled_from(DAYS), st.sampled_from(DAYS))
CONDITIONS = st.builds(
    Condition,
    hours=st.lists(SPANS, max_size=2).map(tuple),
    season=st.lists(SEASONS, max_size=2).map(tuple),
    caller=st.sampled_from([(), (), ("企业",), ("企业", "个人")]),
    keywords=st.sampled_from([(), (), ("暖气",), ("暖气", "漏水"), ("暖气片",)]),
)
TEXTS, CALLERS = ("", "暖气片漏水", "漏水", "暖气"), ("", "企业", "个人")
TURNS = sorted({*DAYS, "01-02", "02-28", "03-01", "04-02", "07-02", "11-14", "11-16"})
FLAGS = tuple(product((False, True), (False, True)))
YEAR = [
    case(f"2028-{day} {hour:02}:00", text, caller, *flags)
    for day, hour, flags, text, caller in product(TURNS, (0, 5, 6, 9, 18, 22), FLAGS, TEXTS, CALLERS)
]


@given(CONDITIONS, CONDITIONS)
def test_comparing_agrees_with_asking_all_year(one: Condition, two: Condition) -> None:
    first = {n for n, asked in enumerate(YEAR) if fits(one, asked)}
    second = {n for n, asked in enumerate(YEAR) if fits(two, asked)}
    assert together(one, two) == bool(first & second)
    if covered(one, [two]):
        assert first <= second
    if narrower(one, two):
        assert first <= second
        assert not narrower(two, one)


@given(CONDITIONS, st.lists(CONDITIONS, max_size=3))
def test_what_is_covered_is_met_all_year(one: Condition, others: list[Condition]) -> None:
    left = [asked for asked in YEAR if fits(one, asked) and not any(fits(two, asked) for two in others)]
    assert not (covered(one, others) and left)
    plain = [two for two in others if not two.caller and not two.keywords]
    if len(plain) == len(others) and not left and others:
        assert covered(one, others)
