"""What may go alone: the whole keeps the allowed error with confidence, and no group errs much more."""

import numpy as np
import pytest

from classifiers.calibration import error_bound
from classifiers.guarantee import LARGE, NEVER, HeldOutGuesses, judged_groups, limits, sizes

BIG, BAD, SMALL = 0, 1, 2
RANDOM = np.random.default_rng(7)


def held_out(*parts: tuple[int, int, float], newest_wrong: float | None = None) -> HeldOutGuesses:
    """(label, guesses, share wrong) -> held-out samples whose sureness says nothing of their error."""
    best = np.concatenate([np.full(n, label) for label, n, _ in parts])
    wrong = np.concatenate([np.arange(n) < round(n * share) for _, n, share in parts])
    mixed = RANDOM.permutation(len(best))
    best, wrong = best[mixed], wrong[mixed].copy()
    newest = np.arange(len(best)) >= 0.8 * len(best)
    if newest_wrong is not None:
        late = np.flatnonzero(newest)
        wrong[late[: round(newest_wrong * len(late))]] = True
    return HeldOutGuesses(sure=RANDOM.uniform(0.86, 0.99, len(best)), best=best, right=~wrong, newest=newest)


def test_a_group_that_errs_too_often_stays_with_people_though_the_whole_keeps_the_floor() -> None:
    found = held_out((BIG, 2000, 0.01), (BAD, 100, 0.25))
    assert error_bound(int((~found.right).sum()), 2100) <= 0.05
    chosen, limit, group = limits(found, 3, 0.95)
    assert (chosen.how, limit[BIG] < 1, limit[BAD]) == ("bound", True, NEVER)
    groups = judged_groups(found, limit, group, ("big", "bad", "small"))
    assert [(one.labels, one.n > 0) for one in groups] == [(("big",), True), (("bad",), False), (("small",), False)]
    assert groups[0].bound == round(error_bound(groups[0].wrong, groups[0].n), 4) <= 0.05
    assert groups[1].bound == 1.0, "nothing is known of what never went alone"


def test_labels_with_few_guesses_are_judged_together() -> None:
    parts = [(BIG, 2000, 0.01), *((label, 20, 0.0) for label in range(2, 12))]
    _, limit, group = limits(held_out(*parts), 20, 0.95)
    assert len(set(group[2:12])) == 1
    assert (limit[2:12] < 1).all()
    assert (limit[12:] == NEVER).all(), "of those nobody was ever guessed nothing is known"


@pytest.mark.parametrize(("wrong", "how"), [(0.02, "bound"), (0.09, "none_safe")])
def test_the_whole_keeps_the_bound_or_nothing_goes_alone(wrong: float, how: str) -> None:
    chosen, limit, _ = limits(held_out((BIG, 2000, wrong)), 1, 0.95)
    assert chosen.how == how
    assert bool(limit[BIG] < 1) == (how == "bound")


def test_the_newest_stretch_must_keep_it_too() -> None:
    found = held_out((BIG, 4000, 0.0), newest_wrong=0.08)
    assert error_bound(int((~found.right).sum()), 4000) <= 0.05
    assert limits(found, 1, 0.95)[0].how == "none_safe"


def test_too_few_prove_nothing_of_groups() -> None:
    found = held_out((BIG, 300, 0.01))
    chosen, limit, _ = limits(found, 1, 0.95)
    assert limit.tolist() == [chosen.threshold]


def test_labels_of_one_size_keep_the_error_together_though_each_group_and_the_whole_are_within_theirs() -> None:
    found = held_out((BIG, 4000, 0.01), *((label, 40, 0.075) for label in range(2, 12)))
    chosen, limit, group = limits(found, 20, 0.95)
    size = sizes(found, 20)
    assert [size[BIG], set(size[2:12].tolist()), set(size[12:].tolist())] == [LARGE, {1}, {0}]
    assert (chosen.how, limit[BIG] < 1) == ("bound", True)
    assert error_bound(30, 400, 0.5) < 0.1, "as a group they would pass"
    assert (limit[2:12] == NEVER).all()
    large, *others = judged_groups(found, limit, size, [str(k) for k in range(20)])
    assert (large.labels, large.n, large.bound <= 0.05) == (("0",), 4000, True)
    assert sorted((len(one.labels), one.n) for one in others) == [(9, 0), (10, 0)]
    assert judged_groups(found, limit, group, [str(k) for k in range(20)])[0].n == 4000


def test_large_labels_lean_on_each_other_but_none_errs_twice_as_much() -> None:
    found = held_out((BIG, 4000, 0.01), (BAD, 400, 0.075), (SMALL, 400, 0.2))
    _, limit, _ = limits(found, 3, 0.95)
    assert [limit[BIG] < 1, limit[BAD] < 1, limit[SMALL]] == [True, True, NEVER]
    (large,) = judged_groups(found, limit, sizes(found, 3), "abc")
    assert (large.n, large.wrong, large.bound <= 0.05) == (4400, 70, True)
    strict = limits(found, 3, 0.95, 0.05)[1]
    assert [strict[BIG] < 1, strict[BAD] > limit[BAD]] == [True, True]


def test_labels_of_one_size_go_from_where_they_are_proven() -> None:
    rest = held_out(*((label, 40, 0.0) for label in range(2, 12)))
    big = held_out((BIG, 4000, 0.01))
    wrong = (rest.sure < 0.93) & (np.arange(400) % 6 == 0)
    found = HeldOutGuesses(
        sure=np.concatenate([big.sure, rest.sure]), best=np.concatenate([big.best, rest.best]),
        right=np.concatenate([big.right, ~wrong]), newest=np.concatenate([big.newest, rest.newest]),
    )  # fmt: skip
    chosen, limit, _ = limits(found, 20, 0.95)
    assert limit[BIG] == chosen.threshold < 0.9 < limit[2] < 0.95
    assert len(set(limit[2:12].tolist())) == 1
    middle = judged_groups(found, limit, sizes(found, 20), [str(k) for k in range(20)])[1]
    assert (middle.n > 100, middle.bound <= 0.05) == (True, True)


def test_a_size_of_which_too_few_are_left_to_prove_anything_stays_with_people() -> None:
    big, rest = held_out((BIG, 2000, 0.0)), held_out(*((label, 30, 0.0) for label in range(2, 6)))
    wrong = big.newest & (big.sure < 0.97) & (np.arange(2000) % 6 == 0)
    found = HeldOutGuesses(
        sure=np.concatenate([big.sure, rest.sure]), best=np.concatenate([big.best, rest.best]),
        right=np.concatenate([~wrong, rest.right]), newest=np.concatenate([big.newest, rest.newest]),
    )  # fmt: skip
    chosen, limit, _ = limits(found, 6, 0.95)
    left = int((rest.sure >= chosen.threshold).sum())
    assert (chosen.how, chosen.threshold > 0.96, 0 < left < 45) == ("bound", True, True)
    assert error_bound(0, left) > 0.05
    assert (limit[2:6] == NEVER).all()
    assert all(one.bound <= 0.05 for one in judged_groups(found, limit, sizes(found, 6), "abcdef") if one.n)
