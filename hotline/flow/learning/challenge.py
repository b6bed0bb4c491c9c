"""Trains a new model, compares it with the one in use on the newest samples, and keeps it with the verdict.

The comparison is fair: it is made by a trial model that has not seen the newest samples; where the model in use was
trained before them, neither has.  What is kept was trained on everything.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
from sqlmodel import Session

from classifiers import inference
from classifiers.errors import TooFewSamples
from classifiers.gate import Answer, GateRule, Verdict, compare
from classifiers.model import Model, to_bytes
from classifiers.samples import Sample
from classifiers.taxonomy import Taxonomy
from classifiers.training import train as _areas
from classifiers.unit_training import as_new, train_units
from hotline import city as cities
from hotline.city import City
from hotline.store.ids import new_id

NEWEST = timedelta(days=31)
Progress = Callable[[str, float], None]


class Challenger(msgspec.Struct, frozen=True, kw_only=True):
    """A model fit to be stored, and what the gate said.

    seen   how many of the newest samples the model in use may have been trained on: it is then flattered
    """

    model: Model
    verdict: Verdict
    seen: int


def make_challenger(
    samples: Sequence[Sample],
    taxonomy: Taxonomy,
    champion: Model | None,
    rule: GateRule,
    *,
    now: datetime,
    name: str,
    progress: Progress,
    areas: Taxonomy | None = None,
) -> Challenger:
    """Train twice: a trial without the newest samples, which is compared, and the model itself.

    areas   the labels are units, learned beside these areas; the newest are then asked under guessed ones
    raises  TooFewSamples
    """
    train = _areas if areas is None else partial(train_units, areas=areas)
    newest, earlier = _cut(samples, champion, rule)
    newest = newest if areas is None else as_new(newest, earlier, areas, now)
    verdict = compare([], None, [], rule, {})
    if newest:
        trial = train(earlier, taxonomy, trained_at=now, name=name, progress=part(progress, "试训练：", 0.0, 0.45))
        names = {one.area: taxonomy.label(one.area) for one in newest}
        old = answers(champion, newest) if champion else None
        verdict = compare([one.area for one in newest], old, answers(trial, newest), rule, names)
    made = train(samples, taxonomy, trained_at=now, name=name, progress=part(progress, "", 0.5, 1.0))
    before = champion.card.trained_at if champion else None
    seen = sum(1 for one in newest if before and one.at and one.at < before)
    return Challenger(model=made, verdict=verdict, seen=seen)


def answers(model: Model, samples: Sequence[Sample]) -> list[Answer]:
    """Return what a model says of each sample."""
    texts, titles = [one.text for one in samples], [one.title for one in samples]
    guesses = inference.guess_many(model, texts, titles, [one.around for one in samples])
    return [
        Answer(area=one.candidates[0].area if one.candidates else "", automatic=one.area is not None) for one in guesses
    ]


def keep(db: Session, city: City, found: Challenger, by: str, now: datetime) -> UUID:
    """Store a challenger; it is put to use by a person (`promotion`), at once only where no model can be used."""
    key = new_id(now)
    said, card = msgspec.to_builtins(found.verdict), found.model.card
    if found.seen:
        said["reasons"] = [*said["reasons"], f"现用模型可能见过其中 {found.seen} 条样本，比较对它有利"]
    cities.keep_model(
        db,
        city,
        card.name,
        to_bytes(found.model),
        msgspec.to_builtins(card),
        key,
        now,
        active=(city.model if card.target == "area" else city.unit_model) is None,
        by=by,
        verdict=said,
    )
    return key


def _cut(samples: Sequence[Sample], champion: Model | None, rule: GateRule) -> tuple[list[Sample], list[Sample]]:
    """Return (newest, earlier): the newest month, of it only what the champion cannot have seen if that is enough."""
    moments = [one.at for one in samples if one.at is not None]
    if not moments:
        return [], list(samples)
    start = max(moments) - NEWEST
    if champion and sum(at >= champion.card.trained_at for at in moments) >= rule.least:
        start = max(start, champion.card.trained_at)
    newest = [one for one in samples if one.at is not None and one.at >= start]
    earlier = [one for one in samples if one.at is None or one.at < start]
    if len({one.area for one in earlier}) < 2:
        return [], list(samples)
    return newest, earlier


def part(progress: Progress, prefix: str, start: float, end: float) -> Progress:
    """Return what tells `progress` of a piece of the work: the share done from `start` to `end`."""
    return lambda stage, share: progress(f"{prefix}{stage}", start + (end - start) * share)


def enough(samples: Sequence[Sample]) -> None:
    """raises TooFewSamples where nothing can be learned: fewer than two areas"""
    areas = {one.area for one in samples}
    if len(areas) < 2:
        raise TooFewSamples(len(samples), len(areas))
