"""延期与挂账: asked in time or not at all, ten working days together, once; a parked ticket comes back."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calendar import Calendar, works
from dispatch.errors import BadRule
from dispatch.extensions import ExtensionRules, Ground, may_ask, may_park, until
from tests.dispatch.tables import read_exclusions, read_extensions

At = Callable[[str], datetime]
RULES = ExtensionRules()
TWICE = ExtensionRules(times=2)
DUE = "2026-03-10 00:00"  # Monday the 9th, 24:00


@pytest.mark.parametrize(
    ("rules", "asked", "days", "granted", "why"),
    [
        pytest.param(
            RULES, "2026-03-09 23:59", 10, (0, 0),
            "在时限2026-03-09 24:00前提出，可延期10个工作日至2026-03-23 24:00", id="in the last minute",
        ),
        pytest.param(
            RULES, "2026-03-10 00:00", 1, (0, 0),
            "延期须在时限2026-03-09 24:00前提出，现已超过，不再受理延期，按超期计", id="at the limit itself",
        ),
        pytest.param(
            RULES, "2026-03-10 00:01", 1, (0, 0),
            "延期须在时限2026-03-09 24:00前提出，现已超过，不再受理延期，按超期计", id="one minute late",
        ),
        pytest.param(
            RULES, "2026-03-06 09:00", 1, (0, 0),
            "在时限2026-03-09 24:00前提出，可延期1个工作日至2026-03-10 24:00", id="one day at least",
        ),
        pytest.param(
            RULES, "2026-03-06 09:00", 0, (0, 0),
            "延期合计不超过10个工作日，本次可申请1至10个工作日，申请了0个", id="no day is no extension",
        ),
        pytest.param(
            RULES, "2026-03-06 09:00", -1, (0, 0),
            "延期合计不超过10个工作日，本次可申请1至10个工作日，申请了-1个", id="less than none",
        ),
        pytest.param(
            RULES, "2026-03-06 09:00", 11, (0, 0),
            "延期合计不超过10个工作日，本次可申请1至10个工作日，申请了11个", id="eleven days",
        ),
        pytest.param(
            RULES, "2026-03-06 09:00", 1, (1, 5), "该工单已延期1次（最多1次），不能再申请延期", id="once is enough",
        ),
        pytest.param(
            TWICE, "2026-03-06 09:00", 6, (1, 4),
            "在时限2026-03-09 24:00前提出，可延期6个工作日至2026-03-17 24:00", id="a second one for what is left",
        ),
        pytest.param(
            TWICE, "2026-03-06 09:00", 1, (1, 9),
            "在时限2026-03-09 24:00前提出，可延期1个工作日至2026-03-10 24:00", id="the last day that is left",
        ),
        pytest.param(
            TWICE, "2026-03-06 09:00", 7, (1, 4),
            "延期合计不超过10个工作日，本次可申请1至6个工作日，申请了7个", id="more than is left",
        ),
        pytest.param(
            TWICE, "2026-03-06 09:00", 1, (1, 10),
            "延期合计不超过10个工作日，已用满，不能再申请延期", id="all ten are used",
        ),
        pytest.param(
            ExtensionRules(times=0), "2026-03-06 09:00", 1, (0, 0),
            "该工单已延期0次（最多0次），不能再申请延期", id="a city that extends nothing",
        ),
    ],
)  # fmt: skip
def test_may_ask(
    china: Calendar, at: At, rules: ExtensionRules, asked: str, days: int, granted: tuple[int, int], why: str
) -> None:
    said = may_ask(rules, china, due=at(DUE), at=at(asked), days=days, granted=granted[0], granted_days=granted[1])
    assert (said.allowed, said.why) == (why.startswith("在时限"), why)


def test_late_is_said_before_all_else(china: Calendar, at: At) -> None:
    """Who asks too late must not be told to ask for fewer days."""
    said = may_ask(RULES, china, due=at(DUE), at=at("2026-03-11 09:00"), days=99, granted=1, granted_days=10)
    assert said.why.endswith("按超期计")


def test_who_never_asked_has_all_days(china: Calendar, at: At) -> None:
    assert may_ask(RULES, china, due=at(DUE), at=at("2026-03-06 09:00"), days=10).allowed


def test_without_a_limit_there_is_nothing_to_extend(china: Calendar, at: At) -> None:
    said = may_ask(RULES, china, due=None, at=at("2026-03-06 09:00"), days=1)
    assert (said.allowed, said.why) == (False, "没有在计的报结果时限，不需要延期")
    with pytest.raises(ValueError, match=r"^no limit to extend$"):
        until(None, 1, china)


@pytest.mark.parametrize(
    ("due", "days", "expected"),
    [
        pytest.param("2026-03-10 00:00", 1, "2026-03-11 00:00", id="24:00 stays 24:00"),
        pytest.param("2026-03-07 00:00", 1, "2026-03-10 00:00", id="Friday 24:00 and one is Monday 24:00"),
        pytest.param("2026-03-06 17:30", 1, "2026-03-09 17:30", id="the time of day stays"),
        pytest.param("2026-10-01 00:00", 3, "2026-10-11 00:00", id="over National Day, and the Saturday worked for it"),
        pytest.param("2026-03-08 00:00", 1, "2026-03-10 00:00", id="from a Saturday"),
        pytest.param("2026-02-14 00:00", 10, "2026-03-06 00:00", id="over Spring Festival and both worked Saturdays"),
    ],
)
def test_until(china: Calendar, at: At, due: str, days: int, expected: str) -> None:
    assert until(at(due), days, china) == at(expected)


@given(days=st.integers(1, 10), first=st.integers(1, 10), hour=st.integers(0, 24 * 300))
def test_two_extensions_are_worth_their_sum(china: Calendar, at: At, days: int, first: int, hour: int) -> None:
    due = datetime.fromtimestamp(at("2026-01-02 00:00").timestamp() + hour * 3600, at(DUE).tzinfo)
    both = until(until(due, first, china), days, china)
    assert both == until(due, first + days, china)
    assert both.time() == due.time()
    assert works(china, both.date() if both.hour else date.fromordinal(both.toordinal() - 1))


@pytest.mark.parametrize(
    ("day", "allowed", "why"),
    [
        pytest.param("2026-03-02", False, "拟恢复办理的日期2026-03-02须晚于今天2026-03-02", id="today"),
        pytest.param("2026-03-01", False, "拟恢复办理的日期2026-03-01须晚于今天2026-03-02", id="yesterday"),
        pytest.param("2026-03-03", True, "挂账至2026-03-03（1天）", id="tomorrow"),
        pytest.param("2026-05-31", True, "挂账至2026-05-31（90天）", id="ninety days: the review is the end"),
        pytest.param(
            "2026-06-01", True, "挂账至2026-06-01（91天），其间每90天复查一次并告知来电人", id="longer, with reviews"
        ),
    ],
)
def test_may_park(china: Calendar, at: At, day: str, allowed: bool, why: str) -> None:
    said = may_park(RULES, china, until=date.fromisoformat(day), at=at("2026-03-02 23:59"))
    assert (said.allowed, said.why) == (allowed, why)


def test_today_is_the_regions(china: Calendar, at: At) -> None:
    """23:30 of the first in London is the second in Shanghai."""
    moment = datetime.fromisoformat("2026-03-01T23:30:00+00:00")
    assert not may_park(RULES, china, until=date(2026, 3, 2), at=moment).allowed


@pytest.mark.parametrize("wrong", [{"days": -1}, {"times": -1}, {"park_days": -1}])
def test_negative_numbers(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, ExtensionRules)


def test_the_usual_numbers() -> None:
    assert (RULES.days, RULES.times, RULES.park_days) == (10, 1, 90)
    assert Ground(code="outside", label="不属于本行政区域").source == ""


def test_extensions() -> None:
    assert read_extensions({}) == ExtensionRules(days=10, times=1, park_days=90)
    given = {"days": 5, "times": 2, "park_days": 30, "source": "办法第十八条"}
    assert read_extensions(given) == ExtensionRules(days=5, times=2, park_days=30, source="办法第十八条")


def test_grounds_of_exclusion_in_their_order() -> None:
    rows = [{"code": "outside", "label": "不属于本行政区域"}, {"code": "legal", "label": "法定途径", "source": "条例"}]
    assert read_exclusions(rows) == (
        Ground(code="outside", label="不属于本行政区域"),
        Ground(code="legal", label="法定途径", source="条例"),
    )
    assert read_exclusions([]) == ()


@pytest.mark.parametrize(
    ("read", "given", "path", "said"),
    [
        (read_extensions, {"dayz": 5}, "$.extensions.dayz", "不认识字段 dayz，请检查拼写"),
        (read_extensions, {"days": -1}, "$.extensions.days", "数值超出范围：须 >= 0"),
        (read_extensions, {"park_days": "90"}, "$.extensions.park_days", "类型不对：应为 int，写的是 str"),
        (read_exclusions, [{"code": "a", "label": "甲"}, {"code": "b"}], "$.exclusion[1]", "缺少字段 label"),
        (
            read_exclusions,
            [{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}, {"code": "a", "label": "丙"}],
            "$.exclusion",
            "不计入考核的情形“a”写了两次",
        ),
    ],
)
def test_a_rule_of_extension_or_exclusion_gone_wrong(read: Any, given: Any, path: str, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        read(given)
    assert (refused.value.path, refused.value.message) == (path, said)
