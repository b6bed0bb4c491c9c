"""The gate: a challenger that loses more than chance is refused, over all or in one area, and told why."""

from itertools import cycle, islice

import pytest

from classifiers.gate import Answer, GateRule, Verdict, compare

RULE = GateRule(least=100)
NAMES = {"a": "垃圾", "b": "路灯"}


def answers(areas: list[str], *, automatic: bool = True) -> list[Answer]:
    return [Answer(area=area, automatic=automatic) for area in areas]


def truth(n: int) -> list[str]:
    return list(islice(cycle("ab"), n))


def judged(champion: list[str], challenger: list[str], rule: GateRule = RULE) -> Verdict:
    return compare(truth(len(champion)), answers(champion), answers(challenger), rule, NAMES)


def test_as_good_as_before_passes_with_the_figures() -> None:
    found = judged(truth(200), truth(200))
    assert found.passed
    assert (found.champion_right, found.challenger_right, found.challenger_error) == (1.0, 1.0, 0.0)
    assert found.reasons == ("最近 200 条样本中新模型对 200 条，原来对 200 条，自动归类的差错率 0.0%",)


def test_worse_over_all_is_refused() -> None:
    found = judged(truth(200), ["b"] * 20 + truth(200)[20:])
    assert not found.passed
    assert "变差了" in found.reasons[0]


def test_a_loss_that_may_be_chance_is_no_ground() -> None:
    assert judged(truth(200), ["b", *truth(200)[1:]]).passed


def test_losses_beside_as_many_gains_are_no_ground() -> None:
    champion = ["x"] * 10 + truth(200)[10:]
    challenger = truth(200)[:190] + ["x"] * 10
    assert judged(champion, challenger).passed


def test_one_area_that_got_much_worse_is_named() -> None:
    challenger = ["a" if place < 30 else area for place, area in enumerate(truth(200))]
    found = judged(truth(200), challenger, GateRule(least=100, loss=1.0, error=1.0))
    assert not found.passed
    assert found.reasons == ("“路灯”100 件，原来对 100 件，新模型对 85 件",)
    assert [(one.area, one.worse) for one in found.areas] == [("a", False), ("b", True)]


def test_a_small_area_is_not_judged_alone() -> None:
    rule = GateRule(least=100, least_area=101, loss=1.0, error=1.0)
    assert judged(truth(200), ["a"] * 200, rule).passed


def test_too_many_wrong_where_it_acts_alone_is_refused() -> None:
    wrong = ["a"] * 24 + truth(200)[24:]
    found = compare(truth(200), None, answers(wrong), GateRule(least=100, error=0.05), NAMES)
    assert found.reasons == ("新模型自动归类的差错率 6.0%，高于 5.0%",)
    assert compare(truth(200), None, answers(wrong, automatic=False), GateRule(least=100), NAMES).passed


def test_too_few_to_compare_is_a_persons_word() -> None:
    found = judged(truth(10), truth(10))
    assert not found.passed
    assert "须由人判断" in found.reasons[0]
    assert not compare([], None, [], RULE, {}).passed


def test_unequal_lengths_are_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="length"):
        compare(["a"], answers(["a"]), [], RULE, NAMES)
