"""Which samples a trial model does not see: the newest, or each stretch of time in turn; without time, folds."""

from collections.abc import Sequence

import numpy as np

from classifiers.arrays import Flags, Indices
from classifiers.calibration import LEAST_HELD_OUT
from classifiers.samples import Sample, split_by_time, stretches
from classifiers.text import digest

LATER = 0.2  # share of dated samples held out
FOLDS = 5
STRETCHES = 5  # of time, each held out in turn where units are learned: a fifth alone proves little of any of them
FINER, MANY = 10, 5_000  # stretches of so many samples: a model of nine tenths is nearer to the one put into use
MOST_FOLDED = 60_000  # samples x areas: undated samples up to here are all held out in turn; beyond, one fold will do
FOLD_SEED = 0


def held_out(ordered: Sequence[Sample], real: Indices, areas: int, *, stretched: bool) -> tuple[str, list[Flags]]:
    """Return how the held-out part is made, and for each trial which of the real samples it holds out."""
    if len(ordered) < LEAST_HELD_OUT:
        return "none", []
    if all(sample.at for sample in ordered):
        for count in (FINER, STRETCHES) if stretched else ():
            which = np.array(stretches(ordered, count))
            if which.max() == count - 1 and (count == STRETCHES or len(ordered) >= MANY):
                return "stretches", [which == k for k in range(count)]
        earlier, later = split_by_time(ordered, LATER)
        if earlier and len(later) >= LEAST_HELD_OUT:
            start = later[0].at
            return "time", [np.array([sample.at >= start for sample in ordered])]  # type: ignore[operator]  # every sample has a time here
    # Equal texts stay on one side, or the answer would be among what was learned.
    groups = np.unique([digest(sample.text) for sample in ordered], return_inverse=True)[1]
    shuffled = np.random.default_rng(FOLD_SEED).permutation(groups.max() + 1)
    area = np.zeros(len(shuffled), dtype=np.intp)
    area[groups] = real
    turns = np.empty(len(shuffled), dtype=np.intp)
    turns[shuffled[np.argsort(area[shuffled], kind="stable")]] = np.arange(len(shuffled)) % FOLDS
    fold = turns[groups]
    return "folds", [fold == k for k in range(FOLDS if len(ordered) * areas <= MOST_FOLDED else 1)]
