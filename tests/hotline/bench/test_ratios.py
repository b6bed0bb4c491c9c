"""Ratios: what pairs of slices say, and when they say nothing."""

import pytest

from hotline.bench.ratios import Count, alternate, ratio


@pytest.mark.parametrize(
    ("pairs", "goal", "at_least", "outcome", "middle"),
    [
        ([(30, 100), (20, 100), (26, 100)], 0.25, True, "met", 0.26),
        ([(30, 100), (20, 100), (24, 100)], 0.25, True, "missed", 0.24),
        ([(25, 100)], 0.25, True, "met", 0.25),
        ([(29, 10), (31, 10), (28, 10)], 3, False, "met", 2.9),
        ([(29, 10), (31, 10), (32, 10)], 3, False, "missed", 3.1),
        ([(30, 100), (40, 301)], 0.1, True, "undecided", None),
        ([(30, 100), (40, 300)], 0.1, True, "met", None),
        ([(1, 100), (1, 900)], None, True, "told", None),
    ],
)
def test_outcome(
    pairs: list[tuple[float, float]], goal: float | None, at_least: bool, outcome: str, middle: float | None
) -> None:
    found = ratio("x", "x", pairs, goal=goal, at_least=at_least)
    assert found.outcome == outcome
    if middle is not None:
        assert found.median == pytest.approx(middle)


def test_median_is_of_the_paired_ratios_not_of_the_sides() -> None:
    found = ratio("x", "x", [(1, 2), (10, 10), (9, 3)])
    assert (found.low, found.median, found.high) == (0.5, 1.0, 3.0)
    assert found.swing == 5.0


def test_void_beats_a_goal_that_was_reached() -> None:
    assert ratio("x", "x", [(2, 1)], goal=1, void=True).outcome == "void"


def test_no_pair_is_no_result() -> None:
    with pytest.raises(ValueError, match="no pair"):
        ratio("x", "x", [])


def test_alternate_runs_every_side_once_a_round_in_changing_order() -> None:
    ran: list[str] = []
    sides = {name: lambda name=name: ran.append(name) or name for name in "abc"}
    taken = alternate(sides, 8, seed=1)
    assert taken == [{"a": "a", "b": "b", "c": "c"}] * 8
    rounds = ["".join(ran[at : at + 3]) for at in range(0, 24, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert len(set(rounds)) > 1


@pytest.mark.parametrize(("value", "met"), [(1, True), (1.01, False), (0, True)])
def test_a_count_is_met_up_to_its_limit(value: float, met: bool) -> None:
    assert Count(name="x", label="x", value=value, most=1).met is met
