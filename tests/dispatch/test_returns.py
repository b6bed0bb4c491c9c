"""退单: one working day, two if complex; after two returns a person designates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dispatch.calendar import Calendar
from dispatch.returns import ReturnRules, after_return, may_return

At = Callable[[str], datetime]
RULES = ReturnRules()


@pytest.mark.parametrize(
    ("routed", "asked", "hard", "allowed", "until"),
    [
        ("2026-03-02 10:00", "2026-03-03 23:59", False, True, "2026-03-04 00:00"),
        ("2026-03-02 10:00", "2026-03-04 00:00", False, False, "2026-03-04 00:00"),
        ("2026-03-02 10:00", "2026-03-04 09:00", True, True, "2026-03-05 00:00"),
        ("2026-09-30 17:00", "2026-10-08 18:00", False, True, "2026-10-09 00:00"),
        ("2026-09-30 17:00", "2026-10-09 00:00", False, False, "2026-10-09 00:00"),
    ],
    ids=["in time", "at the last moment", "complex", "a holiday between", "after the holiday"],
)
def test_in_time(china: Calendar, at: At, routed: str, asked: str, hard: bool, allowed: bool, until: str) -> None:
    ruling = may_return(RULES, china, routed_at=at(routed), at=at(asked), returns=0, hard=hard)
    assert (ruling.allowed, ruling.until) == (allowed, at(until))


@pytest.mark.parametrize(
    ("returns", "asked", "why"),
    [
        (
            1,
            "2026-03-03 10:00",
            "可在2026-03-03 24:00前说明理由退单（自2026-03-02起算，第1个工作日为2026-03-03）",
        ),
        (
            1,
            "2026-03-05 10:00",
            "退单须在2026-03-03 24:00前提出（自2026-03-02起算，第1个工作日为2026-03-03），已超过，由现单位办理",
        ),
        (2, "2026-03-03 10:00", "该工单已退单2次，由派单员指定承办单位，不能再退"),
    ],
)
def test_why(china: Calendar, at: At, returns: int, asked: str, why: str) -> None:
    ruling = may_return(RULES, china, routed_at=at("2026-03-02 10:00"), at=at(asked), returns=returns)
    assert ruling.why == why
    assert ruling.until == at("2026-03-04 00:00")
    assert ruling.allowed is why.startswith("可在")


@pytest.mark.parametrize(
    ("returns", "designate", "why"),
    [
        (1, False, "第1次退单，由派单员核实理由后重新派单"),
        (2, True, "已退单2次（上限2次），须由派单员指定承办单位，指定后不能再退"),
        (3, True, "已退单3次（上限2次），须由派单员指定承办单位，指定后不能再退"),
    ],
)
def test_who_decides_next(returns: int, designate: bool, why: str) -> None:
    after = after_return(RULES, returns)
    assert (after.designate, after.why) == (designate, why)


def test_numbers_are_the_citys(china: Calendar, at: At) -> None:
    rules = ReturnRules(days=2, complex_days=3, limit=1, ends="same_time")
    ruling = may_return(rules, china, routed_at=at("2026-03-02 10:00"), at=at("2026-03-04 09:59"), returns=0)
    assert (ruling.allowed, ruling.until) == (True, at("2026-03-04 10:00"))
    assert after_return(rules, 1).designate


def test_a_city_may_allow_no_return_at_all(china: Calendar, at: At) -> None:
    never = ReturnRules(days=0, complex_days=0, limit=0)
    ruling = may_return(never, china, routed_at=at("2026-03-02 10:00"), at=at("2026-03-02 10:01"), returns=0)
    assert not ruling.allowed


@pytest.mark.parametrize("wrong", [{"days": -1}, {"complex_days": -1}, {"limit": -1}])
def test_negative_numbers(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^退单的天数与次数不能为负$"):
        ReturnRules(**wrong)
