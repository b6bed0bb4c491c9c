"""Callbacks: the next working day, three tries at different half-days, and honest verdicts."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import msgspec
import pytest

from dispatch.calendar import Calendar
from dispatch.callbacks import Answers, CallbackRules, half_days, next_try, plan, unhappy, verdict

At = Callable[[str], datetime]
RULES = CallbackRules()


@pytest.mark.parametrize(
    ("answered", "due"),
    [
        ("2026-03-02 10:00", "2026-03-03 17:30"),
        ("2026-03-06 16:00", "2026-03-09 17:30"),
        ("2026-09-30 16:00", "2026-10-08 17:30"),
        ("2026-10-09 16:00", "2026-10-10 17:30"),
        ("2026-10-03 16:00", "2026-10-08 17:30"),
    ],
    ids=["weekday", "Friday", "holiday", "worked Saturday", "answered on a rest day"],
)
def test_due_on_the_next_working_day(china: Calendar, at: At, answered: str, due: str) -> None:
    assert plan(RULES, china, at(answered)) == at(due)


@pytest.mark.parametrize(
    ("missed", "again"),
    [
        ("2026-03-02 09:30", "2026-03-02 13:30"),
        ("2026-03-02 12:00", "2026-03-03 09:00"),
        ("2026-03-02 15:00", "2026-03-03 09:00"),
        ("2026-03-02 07:00", "2026-03-02 13:30"),
        ("2026-09-30 15:00", "2026-10-08 09:00"),
        ("2026-10-03 09:00", "2026-10-08 09:00"),
    ],
)
def test_the_next_try_is_in_another_half_day(china: Calendar, at: At, missed: str, again: str) -> None:
    assert next_try(china, at(missed)) == at(again)


def test_half_days_of_business_hours_without_a_lunch_break(china: Calendar, at: At) -> None:
    through = msgspec.structs.replace(china, hours=((time(8), time()),))
    assert next_try(through, at("2026-03-02 09:30")) == at("2026-03-02 12:00")
    mornings = msgspec.structs.replace(china, hours=((time(8), time(12)),))
    assert next_try(mornings, at("2026-03-02 09:30")) == at("2026-03-03 08:00")


def test_tries_of_one_half_day_are_one(china: Calendar, at: At) -> None:
    tried = [at("2026-03-02 09:10"), at("2026-03-02 11:50"), at("2026-03-02 14:00"), at("2026-03-03 09:10")]
    assert half_days(china, tried) == 3
    assert half_days(china, []) == 0


@pytest.mark.parametrize(
    ("answers", "redone", "tries", "move", "supervise", "valid"),
    [
        ({"reached": True, "solved": "yes", "satisfaction": 5}, 0, 1, "close", False, True),
        ({"reached": True, "solved": "partly", "satisfaction": 3}, 0, 1, "close", False, True),
        ({"reached": True, "solved": "yes"}, 0, 1, "close", False, True),
        ({"reached": True, "satisfaction": 3}, 0, 1, "close", False, True),
        ({"reached": True, "solved": "no", "satisfaction": 5}, 0, 1, "redo", False, True),
        ({"reached": True, "solved": "yes", "satisfaction": 2}, 0, 1, "redo", False, True),
        ({"reached": True, "solved": "partly", "satisfaction": 1}, 0, 1, "redo", False, True),
        ({"reached": True, "solved": "no", "satisfaction": 1}, 1, 1, "close", True, True),
        ({"reached": True, "satisfaction": 2}, 2, 1, "close", True, True),
        ({"reached": True}, 0, 1, "close", False, False),
        ({"reached": True, "contacted": False}, 0, 1, "close", False, False),
        ({"reached": False}, 0, 1, "miss", False, False),
        ({"reached": False}, 0, 2, "miss", False, False),
        ({"reached": False}, 0, 3, "close", False, False),
        ({"reached": False, "solved": "yes", "satisfaction": 5}, 0, 3, "close", False, False),
    ],
)
def test_verdict(answers: dict[str, Any], redone: int, tries: int, move: str, supervise: bool, valid: bool) -> None:
    found = verdict(Answers(**answers), redone, tries, RULES)
    assert (found.move, found.supervise, found.valid) == (move, supervise, valid)


@pytest.mark.parametrize(
    ("answers", "redone", "tries", "why"),
    [
        ({"reached": True, "solved": "yes", "satisfaction": 4}, 0, 1, "来电人表示已解决、满意，办结归档"),
        (
            {"reached": True, "solved": "no", "satisfaction": 2, "reason": "井盖还是响"},
            0,
            1,
            "来电人表示未解决、不满意（井盖还是响），退回原单位重办（第1次）",
        ),
        (
            {"reached": True, "satisfaction": 1},
            1,
            1,
            "重办1次后来电人仍表示非常不满意，转督办，评价如实归档",
        ),
        ({"reached": True}, 0, 1, "已接通，来电人未作评价，如实归档，不计入解决率、满意率"),
        ({"reached": False}, 0, 1, "第1次回访未接通，换一个半天再拨（共3次）"),
        ({"reached": False}, 0, 3, "3次在不同半天回访均未接通，按“未接通”归档，不算满意，不计入满意率"),
    ],
)
def test_why(answers: dict[str, Any], redone: int, tries: int, why: str) -> None:
    assert verdict(Answers(**answers), redone, tries, RULES).why == why


def test_a_city_may_not_redo_at_all_but_must_try_once() -> None:
    never = msgspec.convert({"tries": 1, "redos": 0}, CallbackRules)
    assert verdict(Answers(reached=True, solved="no"), 0, 1, never).supervise
    for wrong in ({"tries": 0}, {"redos": -1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CallbackRules)


def test_numbers_are_the_citys() -> None:
    rules = CallbackRules(tries=1, redos=2)
    assert verdict(Answers(reached=False), 0, 1, rules).move == "close"
    assert verdict(Answers(reached=True, solved="no"), 1, 1, rules).move == "redo"
    assert verdict(Answers(reached=True, solved="no"), 2, 1, rules).supervise


@pytest.mark.parametrize("level", [1, 5])
def test_both_ends_of_the_five_levels_are_answers(level: int) -> None:
    assert msgspec.convert({"reached": True, "satisfaction": level}, Answers).satisfaction == level


@pytest.mark.parametrize(("satisfaction", "is_unhappy"), [(5, False), (4, False), (3, False), (2, True), (1, True)])
def test_the_line_between_happy_and_not(satisfaction: int, is_unhappy: bool) -> None:
    assert unhappy(Answers(reached=True, satisfaction=satisfaction)) is is_unhappy


@pytest.mark.parametrize(
    "wrong",
    [
        {"reached": True, "satisfaction": 6},
        {"reached": True, "satisfaction": 0},
        {"reached": True, "solved": "maybe"},
        {"reached": True, "score": 5},
    ],
)
def test_answers_from_outside_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Answers)
