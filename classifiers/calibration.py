"""Margins -> a confidence that means what it says, and the threshold below which a person is asked.

Two steps.  The scale turns all margins of a text into shares.  The trust then says how often the best of such shares
has been right: by its share, its margin, its lead over the second, and by the area it names, for some areas are
confused more often than others.  So every area has in effect a threshold of its own; rare ones lean on the others.
"""

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
AREA_PULL = 7.0  # samples' worth of trust in an area being like the others
BELOW = 0.999  # of the best: where others are kept, so that it stays the best
NEWTON = 12  # steps; the loss is convex and smooth
SURENESS = 0.90  # of the one-sided bound on the error
CLOSED_FROM = 2  # wrong automatic guesses of an area among the held-out, to speak against it
FIRST_TESTED = 0.1  # share of the held-out samples, the surest, which the bound is first asked of

_THRESHOLDS = np.arange(120, 200) / 200  # 0.600 to 0.995: below 60 % the desk shows no default, so nothing goes alone


class Scale(msgspec.Struct, frozen=True):
    """How margins become confidence: sigmoid(slope x margin + lift)."""

    slope: float
    lift: float


DEFAULT_SCALE = Scale(9.0, 3.0)  # of a model that could not be measured: about what a year of a real city gives


class Trust(msgspec.Struct, frozen=True):
    """Log-odds of the best guess being right = bias + share x logit(share) + margin x ... + lead x ... + its area's."""

    share: float
    margin: float
    lead: float
    bias: float
    areas: tuple[float, ...]


def plain_trust(areas: int) -> Trust:
    """Return the trust of a model that could not be measured: the share itself is the confidence."""
    return Trust(1.0, 0.0, 0.0, 0.0, (0.0,) * areas)


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


def trusted(margins: NDArray[Any], shares: NDArray[np.float64], trust: Trust) -> NDArray[np.float64]:
    """Return the shares with the best of each row made what it is worth; the others keep their order below it."""
    if not len(shares):
        return shares
    rows, best = np.arange(len(shares)), shares.argmax(axis=1)
    weights = np.array([trust.share, trust.margin, trust.lead, trust.bias, *trust.areas])
    sure: NDArray[np.float64] = expit(_signs(margins, shares) @ weights)
    rest = (1 - sure) / np.maximum(1 - shares[rows, best], 1e-12)
    found: NDArray[np.float64] = np.minimum(shares * rest[:, None], BELOW * sure[:, None])
    found[rows, best] = sure
    return found


def fit_trust(margins: NDArray[Any], shares: NDArray[np.float64], truth: NDArray[np.intp]) -> Trust:
    """Return the trust that held-out samples speak for (logistic regression, drawn towards `plain_trust`)."""
    signs, right = _signs(margins, shares), shares.argmax(axis=1) == truth
    plain = np.concatenate([[1.0], np.zeros(signs.shape[1] - 1)])
    pull = np.array([PRIOR] * 3 + [1.0] + [AREA_PULL] * shares.shape[1])
    weights = plain.copy()
    for _ in range(NEWTON):
        odds = expit(signs @ weights)
        slope = signs.T @ (odds - right) + pull * (weights - plain)
        bend = (signs * (odds * (1 - odds))[:, None]).T @ signs + np.diag(pull)
        weights -= np.linalg.solve(bend, slope)
    share, margin, lead, bias, *areas = weights.tolist()
    return Trust(share, margin, lead, bias, tuple(areas))


def cross_trusted(margins: NDArray[Any], shares: NDArray[np.float64], truth: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return confidences of held-out samples in order of time, each half by the trust the other half taught."""
    middle = len(truth) // 2
    halves = slice(0, middle), slice(middle, None)
    taught = [fit_trust(margins[half], shares[half], truth[half]) for half in reversed(halves)]
    return np.concatenate([trusted(margins[h], shares[h], trust) for h, trust in zip(halves, taught, strict=True)])


def _signs(margins: NDArray[Any], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what trust is read from: logit of the best share, its margin, its lead, one, and which area it is."""
    rows, best = np.arange(len(shares)), shares.argmax(axis=1)
    top = np.clip(shares[rows, best], 1e-6, 1 - 1e-6)
    first = np.asarray(margins, dtype=np.float64)[rows, best]
    others = np.array(margins, dtype=np.float64)
    others[rows, best] = -np.inf
    lead = first - others.max(axis=1) if shares.shape[1] > 1 else np.zeros_like(first)
    which = np.zeros(shares.shape)
    which[rows, best] = 1.0
    return np.column_stack([np.log(top / (1 - top)), first, lead, np.ones_like(first), which])


def fit_scale(margins: NDArray[Any], truth: NDArray[np.intp]) -> Scale:
    """Return the scale under which the true areas of the held-out part are least surprising (mean log loss).

    Few held-out samples, all guessed rightly, would make any margin a certainty: the default counts as `PRIOR` more.
    """

    def cost(scale: Scale) -> float:
        return surprise(margins, truth, scale)

    best = min((Scale(slope, lift) for slope in (2.0, 4.0, 8.0, 16.0) for lift in (-2.0, 0.0, 2.0, 4.0)), key=cost)
    step = 0.5
    while step > 0.02:
        near = (
            Scale(best.slope * (1 + a * step), best.lift + b * 4 * step)
            for a, b in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1))
        )
        better = min(near, key=cost)
        step = step / 2 if better == best else step
        best = better
    return best


def surprise(margins: NDArray[Any], truth: NDArray[np.intp], scale: Scale) -> float:
    """Return the mean log loss of the true areas under a scale, strange scales costing a little more."""
    loss = -np.log(np.maximum(confidences(margins, scale)[np.arange(len(truth)), truth], 1e-12)).sum()
    strange = np.log(scale.slope / DEFAULT_SCALE.slope) ** 2 + ((scale.lift - DEFAULT_SCALE.lift) / 4) ** 2
    return float((loss + PRIOR * strange) / len(truth))


def error_bound(errors: int, n: int, sureness: float = SURENESS) -> float:
    """Return the upper bound of the error rate after `errors` in `n` (Clopper-Pearson, one-sided, 90 %)."""
    return 1.0 if errors >= n else float(betaincinv(errors + 1, n - errors, sureness))


def choose_threshold(sure: NDArray[np.float64], right: NDArray[np.bool_], floor: float) -> Chosen:
    """Return the lowest threshold whose automatic guesses keep the floor on held-out samples.

    sure, right   of each held-out sample: the confidence of its best guess, and whether that guess was right
    floor         share which must be right; its error bound must keep it ("bound").  Below 500 held-out samples the
                  plain rate will do ("observed"), for a bound over so few proves little either way
    The bounds are asked from the strictest threshold down, and the first refusal ends it: so the one chosen keeps the
    floor with 90 % confidence although many were looked at (fixed-sequence testing), as long as what comes is like
    what was held out.  Held-out samples with hardly an error do not show where errors begin: then nothing below the
    default is chosen.  Without any such threshold nothing is automatic ("none_safe"); below 60 samples the default
    holds.
    """
    if len(sure) < LEAST_HELD_OUT:
        return Chosen(DEFAULT_THRESHOLD, "default")
    lowest = DEFAULT_THRESHOLD if int((~right).sum()) < LEAST_WRONG else 0.0
    steps = [float(one) for one in _THRESHOLDS[::-1] if one >= lowest]
    proven = _proven(sure, right, floor, steps)
    if proven is not None:
        return Chosen(proven, "bound")
    if len(sure) < MANY_HELD_OUT:
        for threshold in reversed(steps):
            automatic = sure >= threshold
            n, errors = int(automatic.sum()), int((automatic & ~right).sum())
            if n >= LEAST_HELD_OUT // 3 and errors <= (1 - floor) * n:
                return Chosen(threshold, "observed")
    return Chosen(1.01, "none_safe")


def _proven(sure: NDArray[np.float64], right: NDArray[np.bool_], floor: float, steps: list[float]) -> float | None:
    found: float | None = None
    for threshold in steps:
        automatic = sure >= threshold
        n, errors = int(automatic.sum()), int((automatic & ~right).sum())
        if n < FIRST_TESTED * len(sure) or error_bound(0, n) > 1 - floor:
            continue
        if error_bound(errors, n) > 1 - floor:
            return found
        found = threshold
    return found


def closed_areas(
    found: NDArray[np.float64], truth: NDArray[np.intp], threshold: float, floor: float
) -> tuple[int, ...]:
    """Return the areas which stay with people although the whole keeps the floor: wrong more than twice as often.

    found   confidences of held-out samples, shape (samples, areas)
    """
    best = found.argmax(axis=1)
    automatic = found.max(axis=1) >= threshold
    wrong = np.bincount(best[automatic & (best != truth)], minlength=found.shape[1])
    all_of = np.bincount(best[automatic], minlength=found.shape[1])
    closed = (wrong >= CLOSED_FROM) & (wrong > 2 * (1 - floor) * all_of)
    return tuple(np.flatnonzero(closed).tolist())
