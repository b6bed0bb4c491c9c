"""Rates: fixed denominators, no value without cases, notes on small numbers."""

import pytest

from dispatch.kpis import RATE_NAMES, Tally, add, rate, rates

MONTH = Tally(
    received=500,
    settled=125,
    dispatched=360,
    returned=18,
    contact_due=300,
    contacted=285,
    sign_due=378,
    sign_on_time=360,
    progress_due=340,
    progress_on_time=306,
    result_due=320,
    result_on_time=304,
    callback_due=250,
    reached=200,
    valid=160,
    solved=120,
    satisfied=144,
    answered=300,
    redone=12,
)


@pytest.mark.parametrize(
    ("name", "label", "hits", "of", "value"),
    [
        ("contact", "联系率", 285, 300, 0.95),
        ("solve", "解决率", 120, 160, 0.75),
        ("satisfaction", "满意率", 144, 160, 0.9),
        ("on_time", "按时办结率", 304, 320, 0.95),
        ("progress_on_time", "按时报动态率", 306, 340, 0.9),
        ("sign_on_time", "及时签收率", 360, 378, 360 / 378),
        ("reach", "回访触达率", 200, 250, 0.8),
        ("settled", "直接解答率", 125, 500, 0.25),
        ("returned", "退单率", 18, 360, 0.05),
        ("redone", "重办率", 12, 300, 0.04),
    ],
)
def test_rate(name: str, label: str, hits: int, of: int, value: float) -> None:
    found = rate(name, MONTH)
    assert (found.label, found.hits, found.of, found.note, found.ranked) == (label, hits, of, "", True)
    assert found.value == pytest.approx(value)


def test_every_rate_in_one_order() -> None:
    assert [one.name for one in rates(MONTH)] == list(RATE_NAMES)
    assert len(RATE_NAMES) == 10


def test_not_reached_lowers_the_reach_and_neither_of_the_citizens_rates() -> None:
    missed = add(MONTH, Tally(callback_due=50))
    assert rate("reach", missed).value == pytest.approx(200 / 300)
    assert (rate("satisfaction", missed), rate("solve", missed)) == (rate("satisfaction", MONTH), rate("solve", MONTH))


@pytest.mark.parametrize(
    ("of", "value", "note", "ranked"),
    [
        (0, None, "本期没有应计工单，不计算", False),
        (1, 1.0, "样本仅1件，数值仅供参考，不参与排名", False),
        (9, 1.0, "样本仅9件，数值仅供参考，不参与排名", False),
        (10, 1.0, "样本10件，不足30件，不参与排名", False),
        (29, 1.0, "样本29件，不足30件，不参与排名", False),
        (30, 1.0, "", True),
    ],
)
def test_small_numbers(of: int, value: float | None, note: str, ranked: bool) -> None:
    found = rate("solve", Tally(valid=of, solved=of))
    assert (found.value, found.note, found.ranked) == (value, note, ranked)


def test_counts_are_added_never_rates() -> None:
    both = add(Tally(valid=10, solved=1), Tally(valid=90, solved=90))
    assert rate("solve", both).value == pytest.approx(0.91)


@pytest.mark.parametrize("tally", [Tally(valid=3, solved=4), Tally(valid=3, solved=-1)])
def test_more_hits_than_cases_is_a_mistake_of_the_counting(tally: Tally) -> None:
    with pytest.raises(ValueError, match="解决率：分子 solved"):
        rate("solve", tally)


def test_nothing_counted_is_nothing() -> None:
    assert {(one.hits, one.of, one.value) for one in rates(Tally())} == {(0, 0, None)}


def test_an_unknown_rate() -> None:
    with pytest.raises(KeyError):
        rate("charm", MONTH)
