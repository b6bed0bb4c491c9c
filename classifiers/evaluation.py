"""Measures a model: over all, by area, and where it acts alone."""

from collections.abc import Sequence

import msgspec
import numpy as np

from classifiers.arrays import Flags, Floats, Indices
from classifiers.inference import shares
from classifiers.model import Model
from classifiers.samples import Sample

BINS = 15  # of the expected calibration error
SUREST = 0.8


NOT_SCORES = ("per_area", "unknown", "curves", "confused")
POINTS = 100  # of a curve


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """What the plots show.

    reliability   of each bin that holds anything: mean confidence claimed, share that was right, samples
    coverage      from the surest to the least sure: share of samples covered so far, share of these that is wrong
    """

    reliability: tuple[tuple[float, float, int], ...] = ()
    coverage: tuple[tuple[float, float], ...] = ()


class AreaScore(msgspec.Struct, frozen=True, kw_only=True):
    """One area: `n` samples of it; `automatic` of them were decided without a person, `wrong` of those wrongly."""

    area: str
    name: str
    n: int
    precision: float
    recall: float
    f1: float
    automatic: int
    wrong: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All shares 0 to 1.

    accuracy, macro_f1     of the best candidate, whether or not a person would be asked; macro over the areas which
                           occur among the samples or the guesses
    top3                   the right area is among the three offered
    coverage               share decided without a person
    error_when_automatic   share of these which is wrong (0 if there are none)
    ece                    expected calibration error, 15 bins of equal width
    accuracy_at_80         accuracy among the surest 80 %
    unknown                samples of areas the model has never heard of; they count as wrong
    confused               (true area, guessed area, samples); "" is an area unknown to the model
    """

    n: int
    accuracy: float
    macro_f1: float
    top3: float
    ece: float
    coverage: float
    error_when_automatic: float
    accuracy_at_80: float
    unknown: int
    per_area: tuple[AreaScore, ...]
    curves: Curves = Curves()
    confused: tuple[tuple[str, str, int], ...] = ()


def evaluate(model: Model, samples: Sequence[Sample]) -> Report:
    """Measure a model on samples it has not learned from.  raises ValueError without samples"""
    places = {code: place for place, code in enumerate(model.codes)}
    truth = np.array([places.get(sample.area, -1) for sample in samples], dtype=np.intp)
    texts, titles = [sample.text for sample in samples], [sample.title for sample in samples]
    found = shares(model, texts, titles, [sample.around for sample in samples])
    return measure(found, truth, model.limits, model.codes, model.names)


def measure(
    found: Floats, truth: Indices, threshold: float | Floats, codes: Sequence[str], names: Sequence[str]
) -> Report:
    """Measure confidences of shape (samples, areas) against the true areas' places; -1: unknown to the model.

    threshold   one for all, or one for each area
    """
    if not len(truth):
        raise ValueError("nothing to measure: no samples")
    ranked = np.argsort(-found, axis=1, kind="stable")[:, :3]
    best, sure = ranked[:, 0], found.max(axis=1)
    right = best == truth
    automatic = np.round(sure, 4) >= np.broadcast_to(threshold, len(codes))[best]
    areas = tuple(
        _area(codes[place], names[place], truth == place, best == place, automatic)
        for place in np.union1d(truth[truth >= 0], best)
    )
    strange = len(np.unique(truth[truth < 0]))
    surest = np.argsort(-sure, kind="stable")[: max(1, round(SUREST * len(sure)))]
    return Report(
        n=len(truth),
        accuracy=float(right.mean()),
        macro_f1=sum(area.f1 for area in areas) / (len(areas) + strange),
        top3=float((ranked == truth[:, None]).any(axis=1).mean()),
        ece=calibration_error(sure, right),
        coverage=float(automatic.mean()),
        error_when_automatic=float(1 - right[automatic].mean()) if automatic.any() else 0.0,
        accuracy_at_80=float(right[surest].mean()),
        unknown=int((truth < 0).sum()),
        per_area=areas,
        curves=_curves(sure, right),
        confused=_confused(truth, best, codes),
    )


def _curves(sure: Floats, right: Flags) -> Curves:
    bins = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
    sizes = np.bincount(bins, minlength=BINS)
    filled = np.flatnonzero(sizes)
    claimed, true = (np.bincount(bins, weights=w, minlength=BINS)[filled] / sizes[filled] for w in (sure, right * 1.0))
    order = np.argsort(-sure, kind="stable")
    wrong = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    steps = np.unique(np.linspace(1, len(order), min(len(order), POINTS)).astype(np.intp)) - 1
    return Curves(
        reliability=tuple(zip(claimed.tolist(), true.tolist(), sizes[filled].tolist(), strict=True)),
        coverage=tuple(zip(((steps + 1) / len(order)).tolist(), wrong[steps].tolist(), strict=True)),
    )


def _confused(truth: Indices, best: Indices, codes: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    pairs, counts = np.unique(np.stack([truth, best]), axis=1, return_counts=True)
    said = [(codes[t] if t >= 0 else "", codes[b], int(n)) for (t, b), n in zip(pairs.T, counts, strict=True)]
    return tuple(said)


def scores(report: Report) -> dict[str, float]:
    """Return the figures of a report that go onto a model's card, rounded to four digits."""
    plain = msgspec.structs.asdict(report)
    return {name: round(float(value), 4) for name, value in plain.items() if name not in NOT_SCORES}


def calibration_error(sure: Floats, right: Flags) -> float:
    """Return the mean gap between what was claimed and what was true, over bins of equal width, weighted by size."""
    bins = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
    sizes = np.bincount(bins, minlength=BINS)
    claimed = np.bincount(bins, weights=sure, minlength=BINS)
    true = np.bincount(bins, weights=right.astype(np.float64), minlength=BINS)
    return float(np.abs(claimed - true).sum() / sizes.sum())


def _area(code: str, name: str, mine: Flags, said: Flags, automatic: Flags) -> AreaScore:
    hits = int((mine & said).sum())
    return AreaScore(
        area=code,
        name=name,
        n=int(mine.sum()),
        precision=hits / int(said.sum()) if said.any() else 0.0,
        recall=hits / int(mine.sum()) if mine.any() else 0.0,
        f1=2 * hits / (int(mine.sum()) + int(said.sum())),
        automatic=int((mine & automatic).sum()),
        wrong=int((mine & automatic & ~said).sum()),
    )
