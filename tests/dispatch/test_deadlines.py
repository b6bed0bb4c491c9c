"""Promises become clocks: which apply, when they end, and that a second dispatch does not buy time."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from dispatch.calendar import Calendar, Kind
from dispatch.deadlines import DEFAULTS, DeadlineRule, Urgency, limit_text, plan_for, start_clocks
from dispatch.lifecycle import MOVES
from dispatch.roles import Role

At = Callable[[str], datetime]


def promise(clock: str = "result", after: str = "route", **changes: Any) -> DeadlineRule:
    given: dict[str, Any] = {"stops": ("answer",), "owner": "citizen", **changes}
    if "hours" not in given:
        given.setdefault("days", 7)
    return DeadlineRule(clock=clock, after=after, **given)


SIGN = promise("sign", days=1, kind=Kind.WORKING, stops=("sign", "return", "route"), owner="unit")
PROGRESS = promise("progress", days=3, stops=("report", "answer"))
RESULT = promise(source="凉政办发〔2018〕116号第十六条")
CITY = (
    promise("dispatch", "receive", hours=24, stops=("route", "settle", "join"), owner="desk"),
    SIGN,
    PROGRESS,
    RESULT,
    promise("result", days=15, area="01"),
    promise("result", days=10, area="0101"),
    promise("result", hours=24, urgency=Urgency.URGENT),
    promise("result", "redo", days=3, again=True),
)


def test_day_three_and_day_seven_run_from_the_first_dispatch(china: Calendar, at: At) -> None:
    clocks = start_clocks(CITY, china, "route", at=at("2026-09-29 16:00"), urgency="normal")
    assert [(one.clock, one.due) for one in clocks] == [
        ("sign", at("2026-10-01 00:00")),
        ("progress", at("2026-10-09 00:00")),
        ("result", at("2026-10-09 00:00")),
    ]
    result = clocks[-1]
    assert result.why == (
        "派单后7个自然日内报结果（凉政办发〔2018〕116号第十六条）："
        "自2026-09-29起算，第7日为2026-10-06（国庆节，休息日），顺延至2026-10-08"
    )
    assert (result.started, result.promise, result.provisional) == (at("2026-09-29 16:00"), RESULT, False)
    assert result.counted[-1] == date(2026, 10, 8)
    assert result.skipped == ((date(2026, 10, 6), "国庆节"), (date(2026, 10, 7), "国庆节"))


def test_signing_starts_nothing(china: Calendar, at: At) -> None:
    assert start_clocks(CITY, china, "sign", at=at("2026-03-02 10:00"), urgency="normal") == ()


def test_a_second_dispatch_starts_only_what_the_unit_holds(china: Calendar, at: At) -> None:
    had = ("dispatch", "sign", "progress", "result")
    again = start_clocks(CITY, china, "route", at=at("2026-03-04 10:00"), urgency="normal", started=had)
    assert [one.clock for one in again] == ["sign"]
    redo = start_clocks(CITY, china, "redo", at=at("2026-03-04 10:00"), urgency="normal", started=had)
    assert [(one.clock, one.due) for one in redo] == [("result", at("2026-03-10 00:00"))]


@pytest.mark.parametrize(
    ("areas", "urgency", "days", "hours"),
    [
        ((), "normal", 7, None),
        (("02",), "normal", 7, None),
        (("01",), "normal", 15, None),
        (("010101", "0101", "01"), "normal", 10, None),
        (("010101", "0101", "01"), "urgent", None, 24),
        ((), "critical", None, 24),
    ],
    ids=["general", "other area", "area", "narrower area wins", "urgency before area", "graver takes the urgent limit"],
)
def test_the_most_specific_promise_wins(
    china: Calendar, at: At, areas: tuple[str, ...], urgency: str, days: int | None, hours: float | None
) -> None:
    clocks = start_clocks(CITY, china, "route", at=at("2026-03-02 10:00"), urgency=urgency, areas=areas)
    (result,) = (one.promise for one in clocks if one.clock == "result")
    assert (result.days, result.hours) == (days, hours)


def test_a_limit_of_its_own_goes_before_that_of_a_lesser_urgency(china: Calendar, at: At) -> None:
    graded = (promise(hours=24, urgency=Urgency.URGENT), promise(hours=2, urgency=Urgency.CRITICAL))
    for held in (graded, graded[::-1]):
        (clock,) = start_clocks(held, china, "route", at=at("2026-03-02 10:00"), urgency="critical")
        assert clock.due == at("2026-03-02 12:00")
    assert start_clocks(graded, china, "route", at=at("2026-03-02 10:00"), urgency="normal") == ()


def test_a_limit_for_ordinary_matters_goes_before_the_general_one(china: Calendar, at: At) -> None:
    graded = (promise(days=5), promise(days=3, urgency=Urgency.NORMAL))
    for held in (graded, graded[::-1]):
        (clock,) = start_clocks(held, china, "route", at=at("2026-03-02 10:00"), urgency="normal")
        assert clock.promise.days == 3


def test_a_limit_for_a_kind_of_unit_and_one_for_extended_tickets(china: Calendar, at: At) -> None:
    street, extended = promise(days=5, level="街道"), promise("progress", "extend", days=3, only="extended", again=True)
    both: dict[str, Any] = {"at": at("2026-03-02 10:00"), "urgency": "normal"}
    for level, days in (("街道", 5), ("部门", 7), ("", 7)):
        (clock,) = start_clocks((RESULT, street), china, "route", level=level, **both)
        assert clock.promise.days == days
    assert start_clocks((extended,), china, "extend", **both) == ()
    assert [one.clock for one in start_clocks((extended,), china, "extend", extended=True, **both)] == ["progress"]


def test_a_promise_may_be_for_the_same_day(china: Calendar, at: At) -> None:
    assert plan_for(promise(days=0), china, at("2026-03-02 10:00")).due == at("2026-03-03 00:00")
    assert plan_for(promise(hours=0), china, at("2026-03-02 10:00")).due == at("2026-03-02 10:00")


def test_an_unknown_urgency_is_refused_not_treated_as_normal(china: Calendar, at: At) -> None:
    with pytest.raises(ValueError, match="asap"):
        start_clocks(CITY, china, "route", at=at("2026-03-02 10:00"), urgency="asap")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (RESULT, "派单后7个自然日内报结果（凉政办发〔2018〕116号第十六条）"),
        (SIGN, "派单后1个工作日内签收"),
        (promise(hours=0.5, urgency=Urgency.CRITICAL, clock="contact"), "特急件派单后0.5小时内联系来电人"),
        (promise("dispatch", "return", hours=4, kind=Kind.WORKING), "退单后4个工作小时内派单"),
    ],
)
def test_limit_text(held: DeadlineRule, said: str) -> None:
    assert limit_text(held) == said


def test_a_clock_that_rests_on_unpublished_holidays_is_marked(china: Calendar, at: At) -> None:
    clock = plan_for(RESULT, china, at("2026-12-30 10:00"))
    assert clock.provisional
    assert clock.why.endswith("暂按周一至周五上班推算")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": None}, "days 与 hours 须写且只写一个"),
        ({"hours": 3}, "days 与 hours 须写且只写一个"),
        ({"days": -1}, "时限不能为负"),
        ({"days": None, "hours": -0.25}, "时限不能为负"),
        ({"after": "fly"}, f"没有名为 fly 的操作，可用：{'、'.join(MOVES)}"),
        ({"stops": ("answer", "fly")}, f"没有名为 fly 的操作，可用：{'、'.join(MOVES)}"),
        ({"voids": ("fly",)}, f"没有名为 fly 的操作，可用：{'、'.join(MOVES)}"),
        ({"pauses": ("fly",), "resumes": ("supply",)}, f"没有名为 fly 的操作，可用：{'、'.join(MOVES)}"),
        ({"pauses": ("lack",), "resumes": ("fly",)}, f"没有名为 fly 的操作，可用：{'、'.join(MOVES)}"),
        ({"extends": ("fly",)}, f"没有名为 fly 的操作，可用：{'、'.join(MOVES)}"),
        ({"pauses": ("lack",)}, "pauses 与 resumes（或 undoes）须同时写：停了要能走"),
        ({"resumes": ("lack",)}, "pauses 与 resumes（或 undoes）须同时写：停了要能走"),
        ({"lapse": "answer"}, f"到期默认操作只能是：{'、'.join(DEFAULTS)}"),
    ],
)
def test_a_promise_that_makes_no_sense(changes: dict[str, Any], said: str) -> None:
    values = {name: getattr(RESULT, name) for name in RESULT.__struct_fields__}
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        DeadlineRule(**{**values, **changes})


def test_a_narrower_limit_for_a_kind_of_unit_goes_after_urgency_and_area(china: Calendar, at: At) -> None:
    street = promise(days=5, level="街道")
    more = (RESULT, street, promise(days=15, area="01"), promise(hours=24, urgency=Urgency.URGENT))
    for held in (more, more[::-1]):
        for urgency, areas, expected in (
            ("normal", (), street),
            ("normal", ("01",), more[2]),
            ("urgent", ("01",), more[3]),
        ):
            (clock,) = start_clocks(
                held, china, "route", at=at("2026-03-02 10:00"), urgency=urgency, areas=areas, level="街道"
            )
            assert clock.promise == expected


@pytest.mark.parametrize("move", DEFAULTS)
def test_what_silence_may_lead_to_is_a_move_of_the_machine(move: str) -> None:
    assert Role.CLOCKWORK in MOVES[move].who
    assert promise(lapse=move).lapse == move


def test_a_clock_of_the_desk_starts_for_each_and_a_promise_to_the_citizen_once() -> None:
    owners: tuple[Any, ...] = ("citizen", "unit", "helper", "desk")
    assert [promise(owner=owner).repeats for owner in owners] == [False, True, True, True]
    assert [promise(owner=owner, again=True).repeats for owner in owners] == [True] * 4
    assert [promise(owner=owner, again=False).repeats for owner in owners] == [False] * 4


def test_nobody_drawn_to_call_goes_before_all(china: Calendar, at: At) -> None:
    every, unsampled = promise("callback", "answer", days=1), promise("callback", "answer", days=5, only="unsampled")
    urgent = promise("callback", "answer", hours=2, urgency=Urgency.URGENT)
    for held in ((every, unsampled, urgent), (urgent, unsampled, every)):
        for drawn, expected in ((True, urgent), (False, unsampled)):
            (clock,) = start_clocks(
                held, china, "answer", at=at("2026-03-02 10:00"), urgency="urgent", unsampled=not drawn
            )
            assert clock.promise == expected


def test_of_two_equally_specific_limits_the_first_counts(china: Calendar, at: At) -> None:
    first, second = promise(days=5), promise(days=9)
    (clock,) = start_clocks((first, second), china, "route", at=at("2026-03-02 10:00"), urgency="normal")
    assert clock.promise == first


def test_who_says_nothing_of_the_draw_means_drawn(china: Calendar, at: At) -> None:
    every, unsampled = promise("callback", "answer", days=1), promise("callback", "answer", days=5, only="unsampled")
    (clock,) = start_clocks((every, unsampled), china, "answer", at=at("2026-03-02 10:00"), urgency="normal")
    assert clock.promise == every
