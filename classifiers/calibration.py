"""Margins -> a confidence that means what it says, and the threshold below which a person is asked."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit

DEFAULT_THRESHOLD = 0.85  # the same: from here on the desk pre-fills a guess
DEFAULT_FLOOR = 0.95  # share of automatic guesses which must be right
LEAST_HELD_OUT = 60  # fewer held-out samples can prove no floor of 95 %
LEAST_WRONG = 5  # errors that show where errors begin
MANY_HELD_OUT = 500  # from here on only a proven bound opens the automatic way
PRIOR = 20.0  # samples' worth of trust in the default scale
SURENESS = 0.90  # of the one-sided bound on the error

_THRESHOLDS = np.arange(120, 200) / 200  # 0.600 to 0.995: below 60 % the desk shows no default, so nothing goes alone


class Scale(msgspec.Struct, frozen=True):
    """How margins become confidence: sigmoid(slope x margin + lift)."""

    slope: float
    lift: float


DEFAULT_SCALE = Scale(9.0, 3.0)  # of a model that could not be measured: about what a year of a real city gives


class Chosen(msgspec.Struct, frozen=True):
    """A threshold, and how it was found: "bound", "observed", "none_safe" or "default"."""

    threshold: float
    how: str


def confidences(margins: NDArray[Any], scale: Scale) -> NDArray[np.float64]:
    """Return sigmoid(slope x margin + lift), by row as shares of their sum; margins of shape (texts, areas).

    Unlike a softmax it leaves a text that no machine claims unclaimed, so the best of a bad lot stays low.
    """
    claims: NDArray[np.float64] = expit(np.asarray(margins, dtype=np.float64) * scale.slope + scale.lift)
    shares: NDArray[np.float64] = claims / np.maximum(claims.sum(axis=1, keepdims=True), 1e-300)
    return shares


def fit_scale(margins: NDArray[Any], truth: NDArray[np.intp]) -> Scale:
    """Return the scale under which the true areas of the held-out part are least surprising (mean log loss).

    Few held-out samples, all guessed rightly, would make any margin a certainty: the default counts as `PRIOR` more.
    """
    rows = np.arange(len(truth))

    def surprise(scale: Scale) -> float:
        loss = -np.log(np.maximum(confidences(margins, scale)[rows, truth], 1e-12)).sum()
        strange = np.log(scale.slope / DEFAULT_SCALE.slope) ** 2 + ((scale.lift - DEFAULT_SCALE.lift) / 4) ** 2
        return float((loss + PRIOR * strange) / len(truth))

    best = min((Scale(slope, lift) for slope in (2.0, 4.0, 8.0, 16.0) for lift in (-2.0, 0.0, 2.0, 4.0)), key=surprise)
    step = 0.5
    while step > 0.02:
        near = (
            Scale(best.slope * (1 + a * step), best.lift + b * 4 * step)
            for a, b in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1))
        )
        better = min(near, key=surprise)
        step = step / 2 if better == best else step
        best = better
    return best


def error_bound(errors: int, n: int) -> float:
    """Return the upper bound of the error rate after `errors` in `n` (Clopper-Pearson, one-sided, 90 %)."""
    return 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, SURENESS))


def choose_threshold(sure: NDArray[np.float64], right: NDArray[np.bool_], floor: float) -> Chosen:
    """Return the lowest threshold whose automatic guesses keep the floor on held-out samples.

    sure, right   of each held-out sample: the confidence of its best guess, and whether that guess was right
    floor         share which must be right; its error bound must keep it ("bound").  Below 500 held-out samples the
                  plain rate will do ("observed"), for a bound over so few proves little either way
    Held-out samples with hardly an error do not show where errors begin: then nothing below the default is chosen.
    Without any such threshold nothing is automatic ("none_safe"); below 60 samples the default holds.
    """
    if len(sure) < LEAST_HELD_OUT:
        return Chosen(DEFAULT_THRESHOLD, "default")
    observed: float | None = None
    lowest = DEFAULT_THRESHOLD if int((~right).sum()) < LEAST_WRONG else 0.0
    for threshold in [one for one in _THRESHOLDS if one >= lowest]:
        automatic = sure >= threshold
        n = int(automatic.sum())
        errors = n - int(right[automatic].sum())
        if error_bound(errors, n) <= 1 - floor:
            return Chosen(float(threshold), "bound")
        if observed is None and n >= LEAST_HELD_OUT // 3 and errors <= (1 - floor) * n:
            observed = float(threshold)
    if observed is not None and len(sure) < MANY_HELD_OUT:
        return Chosen(observed, "observed")
    return Chosen(1.01, "none_safe")
