"""Per-label thresholds: what may go alone so that the whole and the labels of each size keep the allowed error.

A label with many held-out guesses is a group of its own; the others are pooled by size, for a bound over a handful
proves nothing.  Each group has its own lower limit; above it stands that of all labels of its size, above these a
common threshold.  Both are found as in `calibration`: from the strictest down, the first refusal ends it.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from classifiers.arrays import Flags, Floats, Indices
from classifiers.calibration import (
    DEFAULT_THRESHOLD,
    FIRST_TESTED,
    LEAST_HELD_OUT,
    LEAST_WRONG,
    MANY_HELD_OUT,
    Chosen,
    choose_threshold,
    error_bound,
)

OWN_GROUP, MIDDLE = 50, 15  # guesses from DEFAULT_THRESHOLD up: a group of its own, a group with those like it
LARGE = 2  # the size of labels with OWN or more
FEWEST_GUESSES = 20  # automatic guesses of a group to judge it by
EVEN = 0.5  # sureness of a group's bound: its error is as likely below as above
GROUP_TIMES = 2.0  # a group may err so many times as often as the whole
LOWEST_LIMIT = 0.8  # below it nothing goes alone, however well it did: months differ
NEVER = 1.01


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Labels that are judged together: `n` of their held-out guesses would have gone alone, `wrong` of them wrongly.

    threshold   from which they go, the lowest of theirs; above 1: never
    bound       of the error (Clopper-Pearson, one-sided, 90 %)
    """

    labels: tuple[str, ...]
    threshold: float
    n: int
    wrong: int
    bound: float


class HeldOutGuesses(msgspec.Struct, frozen=True, kw_only=True):
    """Held-out samples in order of time: how sure the best guess was, which label it named, whether it was right.

    newest   those of the last stretch of time: what is to come is most like them
    """

    sure: Floats
    best: Indices
    right: Flags
    newest: Flags


def sizes(held: HeldOutGuesses, labels: int) -> Indices:
    """Return of each label its size by its held-out guesses: 0 small, 1 middle, 2 large."""
    counts = np.bincount(held.best[held.sure >= DEFAULT_THRESHOLD], minlength=labels)
    return np.digitize(counts, (MIDDLE, OWN_GROUP)).astype(np.intp)


def limits(
    held: HeldOutGuesses, labels: int, floor: float, group_error: float | None = None
) -> tuple[Chosen, Floats, Indices]:
    """Return how the common threshold was found, the limit of each label, and which group each belongs to.

    floor   share of what goes alone which must be right.  The whole and, each for itself, the labels of each size keep
            it with 90 % confidence, the newest stretch as it was counted; no group errs more than `group_error`, at
            even odds
    group_error   None: `GROUP_TIMES` as often as the whole may
    Below `MANY_HELD_OUT` samples nothing can be proven of groups: the threshold of `calibration` holds for all.
    """
    size = sizes(held, labels)
    group = np.where(size == LARGE, np.arange(labels), labels + 1 - size)
    if len(held.sure) < MANY_HELD_OUT:
        chosen = choose_threshold(held.sure, held.right, floor)
        return chosen, np.full(labels, chosen.threshold), group
    allowed = group_error if group_error is not None else GROUP_TIMES * (1 - floor)
    lower, upper = np.full(labels, NEVER), np.zeros(labels)
    for one in np.unique(group):
        mine = group == one
        lower[mine] = _of_group(held, mine[held.best], allowed)
    for like in np.unique(size):
        mine = size == like
        found, upper[mine] = _of_size(held, lower, mine, 1 - floor)
        lower[mine] = np.maximum(lower[mine], found)
    common = _common(held, lower, upper, floor)
    if common is None:
        return Chosen(NEVER, "none_safe"), np.full(labels, NEVER), group
    return Chosen(common, "bound"), _at(common, lower, upper), group


def judged_groups(held: HeldOutGuesses, limit: Floats, group: Indices, codes: Sequence[str]) -> tuple[Group, ...]:
    """Return the groups with what the held-out samples say of them, those that send most first."""
    alone = held.sure >= limit[held.best]
    found = []
    for one in np.unique(group):
        mine = np.flatnonzero(group == one).tolist()
        here = alone & (group[held.best] == one)
        n, wrong = int(here.sum()), int((here & ~held.right).sum())
        found.append(
            Group(
                labels=tuple(codes[k] for k in mine),
                threshold=round(float(limit[mine].min()), 3),
                n=n,
                wrong=wrong,
                bound=round(error_bound(wrong, n), 4),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.n, one.labels)))


def _steps(lowest: float) -> list[float]:
    return [step / 200 for step in range(199, round(200 * lowest) - 1, -1)]


def _of_group(held: HeldOutGuesses, mine: Flags, allowed: float) -> float:
    """Return the lowest threshold at which a group's bound is within what is allowed; NEVER without one."""
    found = NEVER
    for step in _steps(LOWEST_LIMIT):
        n, wrong = _counted(held, mine & (held.sure >= step))
        if n >= FEWEST_GUESSES and error_bound(wrong, n, EVEN) <= allowed:
            found = step
    return found


def _at(step: float, lower: Floats, upper: Floats) -> Floats:
    """Return the limit of each label under a common threshold; NEVER above `upper`, where nothing was proven of it."""
    return np.where(step <= upper, np.maximum(lower, step), NEVER)


def _of_size(held: HeldOutGuesses, lower: Floats, mine: Flags, allowed: float) -> tuple[float, float]:
    """Return the lowest threshold proven for labels, each above its own lower limit, and the highest; else NEVER, 0."""
    found, first = NEVER, 0.0
    every, _ = _counted(held, _alone(held, lower, LOWEST_LIMIT, mine))
    for step in _steps(LOWEST_LIMIT):
        n, wrong = _counted(held, _alone(held, lower, step, mine))
        if n < FIRST_TESTED * every or error_bound(0, n) > allowed:
            continue
        if error_bound(wrong, n) > allowed:
            break
        found, first = step, first or step
    return found, first


def _alone(held: HeldOutGuesses, lower: Floats, step: float, mine: Flags) -> Flags:
    return mine[held.best] & (held.sure >= np.maximum(lower, step)[held.best])


def _common(held: HeldOutGuesses, lower: Floats, upper: Floats, floor: float) -> float | None:
    found: float | None = None
    few_wrong = int((~held.right).sum()) < LEAST_WRONG
    for step in _steps(DEFAULT_THRESHOLD if few_wrong else LOWEST_LIMIT):
        alone = held.sure >= _at(step, lower, upper)[held.best]
        n, wrong = _counted(held, alone)
        if n < FIRST_TESTED / 2 * len(held.sure) or error_bound(0, n) > 1 - floor:
            continue
        late, late_wrong = _counted(held, alone & held.newest)
        if error_bound(wrong, n) > 1 - floor or (late >= LEAST_HELD_OUT and late_wrong > (1 - floor) * late):
            return found
        found = step
    return found


def _counted(held: HeldOutGuesses, which: NDArray[Any]) -> tuple[int, int]:
    return int(which.sum()), int((which & ~held.right).sum())
