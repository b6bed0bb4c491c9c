"""The ladder: before and after a limit, over holidays, and for limits too short for its rungs."""

import re
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import pytest

from dispatch.calendar import Calendar, Kind
from dispatch.deadlines import DeadlineRule, Urgency, plan_for
from dispatch.escalation import Rung, moments, watching
from dispatch.roles import Role

At = Callable[[str], datetime]
SEVEN = DeadlineRule(clock="result", after="route", days=7, stops=("answer",), owner="citizen")


def rung(name: str, when: str, clock: str = "result", **changes: Any) -> Rung:
    to = Role.SUPERVISOR if name == "supervise" else Role.UNIT
    return Rung(**{"name": name, "label": name, "clock": clock, "when": when, "to": to, **changes})


LADDER = (
    rung("remind", "before", days=2),
    rung("yellow_card", "before", days=1),
    rung("red_card", "after", days=1),
    rung("supervise", "after", days=3),
)


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        (
            "2026-03-02 10:00",  # due Monday the 9th, 24:00
            ["2026-03-05 09:00", "2026-03-06 09:00", "2026-03-10 09:00", "2026-03-12 09:00"],
        ),
        (
            "2026-09-25 10:00",  # due 2026-10-08 24:00, the first working day after National Day
            ["2026-09-29 09:00", "2026-09-30 09:00", "2026-10-09 09:00", "2026-10-12 09:00"],
        ),
    ],
)
def test_cards_over_weekends_and_holidays(china: Calendar, at: At, started: str, expected: list[str]) -> None:
    found = moments(plan_for(SEVEN, china, at(started)), LADDER, china)
    assert [one.at for one in found] == [at(text) for text in expected]
    assert [one.rung for one in found] == list(LADDER)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"when": "before", "hours": 3, "kind": Kind.NATURAL}, "2026-03-02 13:00"),
        ({"when": "after", "hours": 0, "kind": Kind.NATURAL}, "2026-03-02 16:00"),
        ({"when": "after", "hours": 2, "kind": Kind.WORKING}, "2026-03-03 09:30"),
        ({"when": "after", "hours": 2, "kind": Kind.NATURAL}, "2026-03-02 18:00"),
        ({"when": "before", "hours": 10, "kind": Kind.NATURAL}, "2026-03-02 11:00"),
        ({"when": "after", "days": 0}, "2026-03-02 16:00"),
        ({"when": "after", "days": 1, "at": time(8, 30)}, "2026-03-03 08:30"),
        ({"when": "after", "days": 6, "kind": Kind.NATURAL}, "2026-03-08 09:00"),
        ({"when": "before", "days": 0}, "2026-03-02 09:00"),
    ],
    ids=[
        "hours before",
        "at once",
        "working hours",
        "hours by the wall",
        "at the start itself it is spread",
        "the same day",
        "at its time",
        "natural days",
        "the day itself",
    ],
)
def test_one_rung(china: Calendar, at: At, changes: dict[str, Any], expected: str) -> None:
    """A limit of ten hours that runs from 06:00 to 16:00 on Monday 2026-03-02."""
    ten = DeadlineRule(clock="result", after="route", hours=10, stops=("answer",), owner="citizen")
    (found,) = moments(plan_for(ten, china, at("2026-03-02 06:00")), [rung("remind", **changes)], china)
    assert found.at == at(expected)


def test_a_short_limit_spreads_what_would_come_before_its_start(china: Calendar, at: At) -> None:
    three = DeadlineRule(clock="result", after="route", hours=3, stops=("answer",), owner="citizen")
    found = moments(plan_for(three, china, at("2026-03-02 10:00")), LADDER, china)
    assert [(one.rung.name, one.at) for one in found] == [
        ("remind", at("2026-03-02 11:00")),
        ("yellow_card", at("2026-03-02 12:00")),
        ("red_card", at("2026-03-03 09:00")),
        ("supervise", at("2026-03-05 09:00")),
    ]


def test_what_does_not_fit_stays_before_what_does(china: Calendar, at: At) -> None:
    found = moments(plan_for(SEVEN, china, at("2026-09-29 16:00")), LADDER, china)
    assert [(one.rung.name, one.at) for one in found[:2]] == [
        ("remind", at("2026-09-30 00:30")),
        ("yellow_card", at("2026-09-30 09:00")),
    ]
    assert (
        found[0].why
        == "报结果时限为2026-10-08 24:00，前2个工作日已早于起算时间，改为2026-09-30 00:30：remind，告知承办单位"
    )
    assert found[1].why == "报结果时限为2026-10-08 24:00，前1个工作日为2026-09-30 09:00：yellow_card，告知承办单位"


def test_only_the_rungs_of_the_clock(china: Calendar, at: At) -> None:
    other = rung("remind", "before", clock="sign", hours=1, kind=Kind.NATURAL)
    plan = plan_for(SEVEN, china, at("2026-03-02 10:00"))
    assert moments(plan, [other], china) == ()
    assert [one.rung.name for one in moments(plan, [*LADDER[::-1], other], china)] == [one.name for one in LADDER]


def test_equal_moments_keep_the_order_of_the_ladder(china: Calendar, at: At) -> None:
    pair = (rung("yellow_card", "after", days=1), rung("remind", "after", days=1))
    found = moments(plan_for(SEVEN, china, at("2026-03-02 10:00")), pair, china)
    assert [one.rung.name for one in found] == ["yellow_card", "remind"]
    assert found[0].at == found[1].at


def test_a_rung_at_the_limit_says_so(china: Calendar, at: At) -> None:
    (found,) = moments(
        plan_for(SEVEN, china, at("2026-03-02 10:00")), [rung("supervise", "after", hours=0, kind=Kind.NATURAL)], china
    )
    assert found.why == "报结果时限为2026-03-09 24:00，到期时为2026-03-09 24:00：supervise，告知督办员"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"when": "after", "days": 1}, "后1个工作日为2026-03-10 09:00"),
        ({"when": "after", "days": 1, "kind": Kind.NATURAL}, "后1个自然日为2026-03-10 09:00"),
        ({"when": "after", "hours": 1.5, "kind": Kind.NATURAL}, "后1.5小时为2026-03-10 01:30"),
        ({"when": "before", "hours": 2, "kind": Kind.NATURAL}, "前2小时为2026-03-09 22:00"),
    ],
)
def test_a_rung_says_how_far_from_the_limit(china: Calendar, at: At, changes: dict[str, Any], said: str) -> None:
    (found,) = moments(plan_for(SEVEN, china, at("2026-03-02 10:00")), [rung("remind", **changes)], china)
    assert found.why == f"报结果时限为2026-03-09 24:00，{said}：remind，告知承办单位"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "days 与 hours 须写且只写一个"),
        ({"days": 1, "hours": 1}, "days 与 hours 须写且只写一个"),
        ({"days": -1}, "提前或推后的时间不能为负"),
        ({"hours": -0.5, "kind": Kind.NATURAL}, "提前或推后的时间不能为负"),
        ({"hours": 2}, '提前的小时数只能按自然时间计算，请写 kind = "natural"'),
    ],
)
def test_a_rung_that_makes_no_sense(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        rung("remind", "before", **changes)


@pytest.mark.parametrize(
    ("changes", "urgency", "areas", "watched"),
    [
        ({}, "normal", (), True),
        ({"urgency": Urgency.NORMAL}, "normal", (), True),
        ({"urgency": Urgency.URGENT}, "normal", (), False),
        ({"urgency": Urgency.URGENT}, "urgent", (), True),
        ({"urgency": Urgency.URGENT}, "critical", (), True),
        ({"urgency": Urgency.CRITICAL}, "urgent", (), False),
        ({"area": "02"}, "normal", ("0201", "02"), True),
        ({"area": "02"}, "normal", ("0101", "01"), False),
        ({"area": "02"}, "normal", (), False),
        ({"area": "02", "urgency": Urgency.URGENT}, "normal", ("02",), False),
        ({"area": "02", "urgency": Urgency.URGENT}, "urgent", ("01",), False),
    ],
    ids=[
        "for all", "ordinary and graver", "not for ordinary", "this urgency", "and graver", "not for lesser",
        "an area below", "another area", "an area not known", "urgency and area: not urgent", "and: not there",
    ],
)  # fmt: skip
def test_who_is_watched(changes: dict[str, Any], urgency: str, areas: tuple[str, ...], watched: bool) -> None:
    one, other = rung("remind", "after", days=1, **changes), rung("red_card", "after", days=1)
    assert watching((one, other), urgency, areas) == ((one, other) if watched else (other,))


def test_an_unknown_urgency_is_not_watched_as_ordinary() -> None:
    with pytest.raises(ValueError, match="asap"):
        watching(LADDER, "asap", ())


def test_a_rung_that_a_person_confirms_is_only_proposed() -> None:
    assert rung("circulate", "after", days=5, confirm=True).acts == ("propose", "circulate，待督办员确认")
    assert rung("circulate", "after", days=5).acts == ("circulate", "circulate")
    assert [one.acts[0] for one in LADDER] == ["remind", "yellow_card", "red_card", "supervise"]
