"""Rates: fixed denominators, intervals, no value from small numbers, a score that says what it lacks."""

from datetime import datetime
from statistics import NormalDist

import pytest

from dispatch.counting import Aid, Call, Commitment, Facts, Hold, Judged
from dispatch.kpis import (
    MEASURE_BY_NAME,
    MEASURES,
    RATE_NAMES,
    RECEIVED,
    Z95,
    FigureRules,
    counts_of,
    place,
    rate,
    rates,
    score,
    wilson,
)
from tests.dispatch.conftest import SHANGHAI

NOON = datetime(2026, 11, 18, 12, tzinfo=SHANGHAI)

RULES = FigureRules()
WEIGHED = FigureRules(weights={"solve": 35, "satisfaction": 35, "contact": 30})
ALL = Facts(
    state="closed", unit="a", answered=True, contacted=True, rejected=True, call=Call(True, True, "yes", 5),
    holds=(Hold("b", NOON, "return"), Hold("a", NOON, "return"), Hold("a", NOON)),
    commitments=(Commitment("a", True),),
    clocks=tuple(Judged(clock, "a", NOON, "met") for clock in ("sign", "hold", "progress", "result", "whistle")),
    aids=(Aid("a", True),),
)  # fmt: skip


def test_every_rate_in_one_order_with_its_definition() -> None:
    assert [one.name for one in rates({}, RULES)] == [one.name for one in MEASURES] == list(RATE_NAMES)
    assert list(RATE_NAMES.values()) == [
        "联系率", "响应率", "解决率", "满意率", "按时办结率", "按期报结果率", "按时报动态率", "及时签收率",
        "回访触达率", "直接解答率", "未诉先办率", "首派准确率", "承诺兑现率", "吹哨按时响应率", "基层评价率", "退单率",
        "无效退单率", "重办率", "审核退回率", "延期率",
    ]  # fmt: skip
    assert all("÷" in one.means for one in MEASURES)
    assert [one.name for one in MEASURES if not one.up] == [
        "returned", "invalid_return", "redone", "rejected", "extended",
    ]  # fmt: skip


def test_names_fit_the_column_they_are_stored_in() -> None:
    assert max(len(name) for name in RATE_NAMES) + len("-") + 15 <= 32


def test_a_ticket_counts_once_in_each_rate_it_is_a_case_of() -> None:
    found = counts_of(ALL)
    assert found[RECEIVED] == 1
    assert {name for name in found if name in MEASURE_BY_NAME} == set(RATE_NAMES)
    assert set(found.values()) == {1}
    assert {name.removesuffix("+") for name in found if name.endswith("+")} == set(RATE_NAMES) - {
        "settled", "early", "first_right", "redone", "extended",
    }  # fmt: skip


def test_what_is_excluded_is_received_and_named_with_its_ground_in_every_rate_it_left() -> None:
    excluded = Facts(**{**{name: getattr(ALL, name) for name in Facts.__struct_fields__}, "excluded": "untrue"})
    assert counts_of(excluded) == {RECEIVED: 1} | {f"{name}-untrue": 1 for name in RATE_NAMES}
    found = rate("solve", counts_of(excluded), RULES)
    assert (found.of, found.excluded) == (0, {"untrue": 1})


@pytest.mark.parametrize("state", ["voided", "draft"])
def test_a_mistake_counts_nowhere(state: str) -> None:
    assert counts_of(Facts(state=state, unit="a", holds=(Hold("a", NOON),))) == {}


def test_a_unit_receives_what_it_was_given() -> None:
    assert RECEIVED in counts_of(ALL, "b")
    assert RECEIVED not in counts_of(Facts(state="closed", unit="a", joined=True, call=Call(True, True, "no", 1)), "a")


@pytest.mark.parametrize(("hits", "of", "low", "high"), [
    # E. B. Wilson's interval, worked by hand from his formula with z = 1.96
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    (20, 20, 0.8389, 1.0), (5, 10, 0.2366, 0.7634),
])  # fmt: skip
def test_wilson(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_the_interval_is_of_ninety_five_percent() -> None:
    assert pytest.approx(NormalDist().inv_cdf(0.975)) == Z95


def test_a_rate_with_all_its_parts() -> None:
    found = rate("solve", {"solve": 160, "solve+": 120, "solve-untrue": 2, "solve-legal": 0, "settled": 9}, RULES)
    assert (found.label, found.hits, found.of, found.value, found.note, found.ranked) == (
        "解决率", 120, 160, 0.75, "", True,
    )  # fmt: skip
    assert found.excluded == {"untrue": 2}
    assert found.low is not None
    assert found.high is not None
    assert 0.67 < found.low < 0.75 < found.high < 0.82


@pytest.mark.parametrize(("of", "value", "note", "ranked"), [
    (0, None, "本期没有应计工单，不计算", False), (1, None, "样本仅1件，样本少，不计算", False),
    (9, None, "样本仅9件，样本少，不计算", False), (10, 1.0, "样本10件，不足30件，不参与排名", False),
    (29, 1.0, "样本29件，不足30件，不参与排名", False), (30, 1.0, "", True),
])  # fmt: skip
def test_small_numbers(of: int, value: float | None, note: str, ranked: bool) -> None:
    found = rate("solve", {"solve": of, "solve+": of}, RULES)
    assert (found.value, found.note, found.ranked) == (value, note, ranked)
    assert (found.low is None) == (found.high is None) == (value is None)


def test_the_thresholds_are_the_citys() -> None:
    found = rate("solve", {"solve": 5, "solve+": 5}, FigureRules(small=5, ranked=5))
    assert (found.value, found.ranked, found.note) == (1.0, True, "")


@pytest.mark.parametrize("counts", [{"solve": 3, "solve+": 4}, {"solve": 3, "solve+": -1}])
def test_more_hits_than_cases_is_a_mistake_of_the_counting(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="解决率：分子"):
        rate("solve", counts, RULES)


def test_an_unknown_rate() -> None:
    with pytest.raises(KeyError):
        rate("charm", {}, RULES)


def share(name: str, hits: int, of: int) -> dict[str, int]:
    return {name: of, f"{name}+": hits}


def test_the_score_is_weighed() -> None:
    counts = share("solve", 80, 100) | share("satisfaction", 90, 100) | share("contact", 100, 100)
    found = score(rates(counts, WEIGHED), WEIGHED)
    assert found.value == pytest.approx(0.35 * 80 + 0.35 * 90 + 0.30 * 100)
    assert (found.missing, found.ranked) == ((), True)


def test_the_score_says_what_it_could_not_count() -> None:
    counts = share("solve", 8, 9) | share("satisfaction", 90, 100) | share("contact", 20, 20)
    found = score(rates(counts, WEIGHED), WEIGHED)
    assert found.value == pytest.approx((35 * 90 + 30 * 100) / 65)
    assert (found.missing, found.ranked) == (("解决率",), False)


def test_where_less_is_better_the_score_takes_the_rest() -> None:
    rules = FigureRules(weights={"returned": 1, "solve": 0})
    assert score(rates(share("returned", 20, 100), rules), rules).value == pytest.approx(80)


@pytest.mark.parametrize("rules", [RULES, WEIGHED])
def test_no_score_without_weights_or_cases(rules: FigureRules) -> None:
    found = score(rates({}, rules), rules)
    assert (found.value, found.ranked) == (None, False)


def test_rows_stand_best_first_and_small_ones_last() -> None:
    def of(name: str, hits: int, cases: int) -> tuple[int, float]:
        return place(rate(name, share(name, hits, cases), RULES))

    assert of("solve", 90, 100) < of("solve", 80, 100) < of("solve", 12, 12) < of("solve", 11, 12) < of("solve", 9, 9)
    assert of("returned", 10, 100) < of("returned", 20, 100) < of("returned", 0, 5)
