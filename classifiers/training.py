"""Trains a model from samples: a linear support vector machine per area, with calibrated confidence.

Order of work: features; a trial model on the fitting part, measured on the held-out part (confidence scale, threshold,
scores of the card); then the model itself on everything.  Equal samples give an equal model, whatever their order.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from importlib.metadata import version

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from classifiers.agreement import agreement
from classifiers.arrays import Flags, Floats, Indices
from classifiers.calibration import (
    DEFAULT_FLOOR,
    DEFAULT_SCALE,
    LEAST_HELD_OUT,
    Chosen,
    Scale,
    Trust,
    choose_threshold,
    closed_areas,
    confidences,
    cross_trusted,
    fit_scale,
    fit_trust,
    plain_trust,
    surprise,
    trusted,
)
from classifiers.errors import TooFewSamples
from classifiers.evaluation import measure, scores
from classifiers.features import Starts, around_grams, grams, matrix, rarity, starts, vocabulary
from classifiers.guarantee import NEVER, Group, HeldOutGuesses, judged_groups, limits, sizes
from classifiers.habit import Habit, count
from classifiers.held_out import STRETCHES, held_out
from classifiers.model import FORMAT, Card, Model, display_names, learned_digest, packed
from classifiers.samples import Around, Sample
from classifiers.taxonomy import Area, Taxonomy

MOST_COLUMNS = 200_000
MOST_CELLS = 12_000_000  # areas x columns: 24 MB on disk
NAMED = 10  # areas written out in one warning
TOO_GOOD = 0.99  # accuracy that real tickets do not give: near-duplicates agree on the area only four times in five
RARE = 2  # samples: so few that the card says so
HABIT_WEIGHS = (0.0, 0.05, 0.1, 0.15, 0.2)  # of a log share beside a margin
WEAK = 0.5  # weight of a word of the taxonomy beside a real sample
SOFTNESS = 0.35  # C of the support vector machine
TOLERANCE = 0.01  # where its solver stops: ten times nearer costs three times the time and changes no figure
SOLVER_SEED = 0

Progress = Callable[[str, float], None]


class _Data(msgspec.Struct, frozen=True):
    """Rows to learn from: the real samples first (`real` of them), then the weak ones.

    arounds  of the real samples, where habits are learned too; else ()
    """

    codes: tuple[str, ...]
    columns: dict[str, int]
    idf: NDArray[np.float32]
    rows: csr_matrix
    truth: Indices
    weights: Floats
    real: int
    begin: Starts
    arounds: tuple[Around, ...]


class _Trial(msgspec.Struct, frozen=True):
    """What the held-out part taught."""

    how: str
    scale: Scale
    trust: Trust
    chosen: Chosen
    closed: dict[str, float]
    scores: dict[str, float]
    habit: float = 0.0
    groups: tuple[Group, ...] = ()
    sizes: tuple[Group, ...] = ()


def train(
    samples: Sequence[Sample],
    taxonomy: Taxonomy,
    *,
    trained_at: datetime,
    name: str = "",
    floor: float = DEFAULT_FLOOR,
    own_labels: bool = False,
    units: bool = False,
    group_error: float | None = None,
    progress: Progress | None = None,
) -> Model:
    """Learn the leaves of the taxonomy and every other area that has samples.

    The taxonomy's own words (names, aliases, keywords, examples) are learned from as weak samples, so no samples at
    all are needed; without enough to measure on, the threshold is a conservative default and the card says so.

    floor      share of automatic guesses which must be right; chooses the threshold of "ask a person"
    own_labels the taxonomy is made of the file's labels; the card says so, and no city can use the model
    units      the labels are units: habits are learned beside the words, as far as the held-out part speaks for them
    group_error   of units: share of a group's automatic guesses which may be wrong, as in `guarantee.limits`
    progress   told a stage (Chinese) and the share done, 0 to 1, never falling
    raises     UnknownArea for a sample of another taxonomy, TooFewSamples below two areas, ValueError for a bad floor
    """
    if not 0 < floor < 1:
        raise ValueError(f"floor must lie between 0 and 1, not {floor}")
    tell = progress or _silent
    ordered = sorted(samples, key=_order)
    for code in {sample.area for sample in ordered}:
        taxonomy.get(code)
    tell("读取文本", 0.0)
    data = _data(ordered, taxonomy, habits=units)
    tell("提取特征", 0.15)
    names = display_names(data.codes, taxonomy)
    trial = _trial(ordered, data, (floor, group_error), names, _part(tell, "留出检验", 0.15, 0.6))
    coef, intercept = _fit(data, np.arange(len(data.truth)), _part(tell, "训练模型", 0.6, 0.98))
    card = _card(ordered, taxonomy, data, trial, name=name, trained_at=trained_at, floor=floor)
    tell("完成", 1.0)
    card = msgspec.structs.replace(card, own_labels=own_labels, target="unit" if units else "area")
    return _made(card, data, names, trial, coef, intercept)


def _made(card: Card, data: _Data, names: tuple[str, ...], trial: _Trial, coef: Floats, intercept: Floats) -> Model:
    learned, lifts = packed(coef), intercept.astype(np.float32)
    habit = _habit(data, np.arange(data.real), trial.habit) if card.target == "unit" else None
    taught = trial.scale, trial.trust, trial.chosen, trial.closed, *([habit] if habit else [])
    mark = learned_digest(data.codes, list(data.columns), data.idf, learned, lifts, *taught)
    return Model(
        card=msgspec.structs.replace(card, model_digest=mark),
        codes=data.codes,
        names=names,
        columns=data.columns,
        idf=data.idf,
        coef=learned,
        intercept=lifts,
        scale=trial.scale,
        trust=trial.trust,
        habit=habit,
    )


def crossed(samples: Sequence[Sample], taxonomy: Taxonomy, progress: Progress) -> tuple[tuple[str, ...], Floats]:
    """Return the areas and, in the order of the samples, what a model of the other stretches of time says of each.

    Samples without enough time between them come back without a row.
    """
    order = sorted(range(len(samples)), key=lambda k: _order(samples[k]))
    data = _data([samples[k] for k in order], taxonomy, habits=False)
    real = data.truth[: data.real]
    how, parts = held_out([samples[k] for k in order], real, len(data.codes), stretched=True)
    if how != "stretches":
        return data.codes, np.zeros((0, len(data.codes)))
    seen = np.zeros((len(order), len(data.codes)))
    for turn, held in enumerate(parts):
        progress("轮流留出", turn / len(parts))
        coef, intercept = _fit(data, _others(data, held), lambda _share: None)
        seen[held] = data.rows[np.flatnonzero(held)] @ coef.T + intercept
    plain = confidences(seen, fit_scale(seen, real))
    found = np.zeros_like(seen)
    found[order] = trusted(seen, plain, fit_trust(seen, plain, real))
    return data.codes, found


def _others(data: _Data, held: Flags) -> Indices:
    return np.flatnonzero(~np.concatenate([held, np.zeros(len(data.truth) - data.real, dtype=bool)]))


def _silent(_stage: str, _share: float) -> None:
    """Nobody is watching."""


def _part(tell: Progress, stage: str, start: float, end: float) -> Callable[[float], None]:
    return lambda share: tell(stage, start + (end - start) * share)


def _order(sample: Sample) -> tuple[str, str, str, str]:
    return (sample.at.isoformat() if sample.at else "", sample.text, sample.title, sample.area)


def weak_samples(areas: Sequence[Area]) -> list[Sample]:
    """Return what the taxonomy itself says of the areas: every word alone, all together, and the examples."""
    found: list[Sample] = []
    for area in areas:
        words = (area.name, *area.aliases, *area.keywords)
        found.extend(
            Sample(text=text, area=area.code) for text in dict.fromkeys((*words, " ".join(words), *area.examples))
        )
    return found


def _data(ordered: Sequence[Sample], taxonomy: Taxonomy, *, habits: bool) -> _Data:
    labelled = {sample.area for sample in ordered}
    leaves = {area.code for area in taxonomy.leaves()}
    areas = [area for area in taxonomy.areas if area.code in labelled or area.code in leaves]
    if len(areas) < 2:
        raise TooFewSamples(len(ordered), len(areas))
    weak = weak_samples(areas)
    documents = [grams(sample.text, sample.title) + around_grams(sample.around) for sample in (*ordered, *weak)]
    kept = {gram for document in documents[len(ordered) :] for gram in document}
    most = min(MOST_COLUMNS, MOST_CELLS // len(areas))
    words = vocabulary(documents, kept, least=2 if len(ordered) > 1000 else 1, most=most)
    columns = {word: place for place, word in enumerate(words)}
    idf = rarity(documents, columns)
    places = {area.code: place for place, area in enumerate(areas)}
    return _Data(
        codes=tuple(places),
        columns=columns,
        idf=idf,
        rows=matrix(documents, columns, idf, starts(words)).astype(np.float64),
        truth=np.array([places[sample.area] for sample in (*ordered, *weak)], dtype=np.intp),
        weights=np.array([1.0] * len(ordered) + [WEAK] * len(weak)),
        real=len(ordered),
        begin=starts(words),
        arounds=tuple(sample.around for sample in ordered) if habits else (),
    )


def _trial(
    ordered: Sequence[Sample],
    data: _Data,
    asked: tuple[float, float | None],
    names: tuple[str, ...],
    tell: Callable[[float], None],
) -> _Trial:
    """Measure trial models on samples they have not seen: the scale, the threshold and the scores come from there."""
    real = data.truth[: data.real]
    units = bool(data.arounds)
    how, parts = held_out(ordered, real, len(data.codes), stretched=units)
    if not parts:
        chosen = choose_threshold(np.empty(0), np.empty(0, dtype=bool), asked[0])
        return _Trial("none", DEFAULT_SCALE, plain_trust(len(data.codes)), chosen, {}, {})
    margins, habits, truth = [], [], []
    for turn, held in enumerate(parts):
        coef, intercept = _fit(data, _others(data, held), _share_of(tell, turn, len(parts)))
        margins.append(data.rows[np.flatnonzero(held)] @ coef.T + intercept)
        habits.append(_held_habits(data, held))
        truth.append(real[held])
    right = np.concatenate(truth)
    seen, scale, weight = _weighed(np.concatenate(margins), np.concatenate(habits), right)
    plain = confidences(seen, scale)
    found, trust = cross_trusted(seen, plain, right), fit_trust(seen, plain, right)
    newest = np.arange(len(parts)) >= len(parts) - len(parts) // STRETCHES  # the last fifth
    seen_later = HeldOutGuesses(
        sure=np.round(found.max(axis=1), 4),
        best=found.argmax(axis=1),
        right=found.argmax(axis=1) == right,
        newest=np.repeat(newest & (how == "stretches"), [int(part.sum()) for part in parts]),
    )
    chosen, limit, *judged = _limited(seen_later, found, right, data, asked)
    closed = {code: float(one) for code, one in zip(data.codes, limit, strict=True) if one != chosen.threshold}
    said = scores(measure(found, right, limit, data.codes, names))
    return _Trial(how, scale, trust, chosen, closed, said, weight, *judged)


def _limited(
    held: HeldOutGuesses, found: Floats, right: Indices, data: _Data, asked: tuple[float, float | None]
) -> tuple[Chosen, Floats, tuple[Group, ...], tuple[Group, ...]]:
    """Return the threshold, that of each label, and of units the groups they are judged in and those of like size."""
    floor, group_error = asked
    if data.arounds:
        chosen, limit, group = limits(held, len(data.codes), floor, group_error)
        size = sizes(held, len(data.codes))
        by_group, by_size = (judged_groups(held, limit, cut, data.codes) for cut in (group, size))
        return chosen, limit, by_group, by_size
    chosen = choose_threshold(held.sure, held.right, floor)
    limit = np.full(len(data.codes), chosen.threshold)
    limit[list(closed_areas(found, right, chosen.threshold, floor))] = NEVER
    return chosen, limit, (), ()


def _habit(data: _Data, fitting: Indices, weight: float) -> Habit:
    found = count(data.truth[fitting].tolist(), [data.arounds[k] for k in fitting], len(data.codes))
    return msgspec.structs.replace(found, weight=weight)


def _held_habits(data: _Data, held: Flags) -> Floats:
    """Return what habits of the others say of the held-out samples, at weight one; no columns without habits."""
    if not data.arounds:
        return np.zeros((int(held.sum()), 0))
    asked = [data.arounds[k] for k in np.flatnonzero(held)]
    return _habit(data, np.flatnonzero(~held), 1.0).margins(asked)


def _weighed(margins: Floats, habits: Floats, truth: Indices) -> tuple[Floats, Scale, float]:
    """Return margins with habits, their scale, and the weight of habits under which the truth surprises least."""
    weights = HABIT_WEIGHS if habits.shape[1] else (0.0,)
    tried = []
    for weight in weights:
        seen = margins + weight * habits if weight else margins
        scale = fit_scale(seen, truth)
        tried.append((surprise(seen, truth, scale), weight, seen, scale))
    _, weight, seen, scale = min(tried, key=lambda one: one[:2])
    return seen, scale, weight


def _share_of(tell: Callable[[float], None], turn: int, turns: int) -> Callable[[float], None]:
    return lambda share: tell((turn + share) / turns)


def _fit(data: _Data, fitting: Indices, tell: Callable[[float], None]) -> tuple[Floats, Floats]:
    """Return coefficients (areas, columns) and intercepts: the mean of a plain and a balanced machine for each area.

    The plain one is right more often, the balanced one does not forget the rare areas.  Samples teach as far as their
    near-duplicates agree with them.
    """
    rows, truth = data.rows[fitting], data.truth[fitting]
    weights = data.weights[fitting] * agreement(rows[:, data.begin.words : data.begin.signs].tocsr(), truth)
    areas = len(data.codes)
    coef, intercept = np.zeros((areas, len(data.columns))), np.full(areas, -1.0)
    for area in range(areas):
        mine = truth == area
        if mine.any() and not mine.all():
            balance = np.where(mine, len(truth) / (areas * mine.sum()), 1.0)
            plain, balanced = _machine(rows, mine, weights), _machine(rows, mine, weights * balance)
            coef[area] = (plain.coef_[0] + balanced.coef_[0]) / 2
            intercept[area] = (plain.intercept_[0] + balanced.intercept_[0]) / 2
        tell((area + 1) / areas)
    return coef, intercept


def _machine(rows: csr_matrix, mine: Flags, weights: Floats) -> LinearSVC:
    machine = LinearSVC(C=SOFTNESS, dual=True, tol=TOLERANCE, max_iter=10_000, random_state=SOLVER_SEED)
    return machine.fit(rows, mine, sample_weight=weights)


def _card(
    ordered: Sequence[Sample],
    taxonomy: Taxonomy,
    data: _Data,
    trial: _Trial,
    *,
    name: str,
    trained_at: datetime,
    floor: float,
) -> Card:
    return Card(
        name=name,
        trained_at=trained_at,
        taxonomy_edition=taxonomy.edition,
        digest=_digest(ordered, taxonomy),
        samples=len(ordered),
        areas=len(data.codes),
        scores=trial.scores,
        versions=_versions(),
        threshold=trial.chosen.threshold,
        thresholds=trial.closed,
        threshold_from=trial.chosen.how,
        floor=floor,
        held_out=trial.how,
        until=max((sample.at for sample in ordered if sample.at), default=None),
        groups=trial.groups,
        sizes=trial.sizes,
        warnings=tuple(_warnings(data, trial, taxonomy, floor)),
    )


def _versions() -> dict[str, str]:
    return {"format": FORMAT} | {name: version(name) for name in ("numpy", "rjieba", "scikit-learn", "scipy")}


def _warnings(data: _Data, trial: _Trial, taxonomy: Taxonomy, floor: float) -> Iterator[str]:
    counts = np.bincount(data.truth[: data.real], minlength=len(data.codes))
    kind = "单位" if data.arounds else "事项"
    for low, high, said in ((0, 0, "没有样本，只靠事项表里的词"), (1, RARE, f"只有 1 至 {RARE} 条样本")):
        few = [taxonomy.get(data.codes[k]).name for k in np.flatnonzero((counts >= low) & (counts <= high))]
        if few:
            yield f"{len(few)} 个{kind}{said}：{'、'.join(few[:NAMED])}{'等' if len(few) > NAMED else ''}"
    said_of = {
        "default": f"样本少于 {LEAST_HELD_OUT} 条，无法检验，自动派单门槛取保守的默认值 {trial.chosen.threshold:.0%}",
        "observed": f"检验样本不足，门槛按实际差错率不超过 {1 - floor:.0%} 选取，没有统计保证",
        "none_safe": f"检验中没有任何门槛能把差错率控制在 {1 - floor:.0%} 以内，全部交人工",
    }
    names = [taxonomy.get(code).name for code, limit in trial.closed.items() if limit >= NEVER]
    if names and trial.chosen.threshold < NEVER:
        more = "等" if len(names) > NAMED else ""
        yield f"{len(names)} 个{kind}检验时差错偏多，不自动派单：{'、'.join(names[:NAMED])}{more}"
    if trial.how == "folds":
        yield "样本没有时间，只能分组轮流留出检验；用到以后的诉求上会差一些"
    if trial.scores.get("accuracy", 0.0) > TOO_GOOD:
        yield "留出的样本几乎全部猜对，多半是样本彼此雷同；用到真实诉求上会差一些"
    if trial.chosen.how in said_of:
        yield said_of[trial.chosen.how]


def _digest(ordered: Sequence[Sample], taxonomy: Taxonomy) -> str:
    """Return 32 hex digits which stand for all that was learned from."""
    return blake2b(msgspec.json.encode((ordered, taxonomy.edition, taxonomy.areas)), digest_size=16).hexdigest()
