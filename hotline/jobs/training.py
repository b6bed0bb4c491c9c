"""Carries out a training on the slow queue, away from the journey; alone in needing scikit-learn.

Safe to be told twice: who claims the row carries it out; one without a sign of life for a while is claimed anew.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from classifiers.errors import ClassifierError
from classifiers.samples import Sample
from hotline import city as cities
from hotline import clock
from hotline.city import City
from hotline.flow.learning import challenge, samples, trainings
from hotline.flow.learning.challenge import Progress
from hotline.flow.learning.trainings import Training
from hotline.store import db as store
from hotline.store.columns import Values, col
from hotline.store.learning import TrainingRow

UNITS = "-units"  # after the name of a training: its model of units
REPORT_EVERY = timedelta(seconds=2)  # how often a running one says how far it is
log = logging.getLogger(__name__)


def train(key: str, watch: Progress | None = None) -> bool:
    """Carry out a training that waits or was lost; False where another worker has it, or it is over.

    watch   told a stage and the share done, beside the row
    """
    which = UUID(key)
    with store.transaction() as db:
        if not trainings.begin(db, which, clock.now()):
            return False
    try:
        _run(which, watch)
    except ClassifierError as refused:
        _note(which, {col(TrainingRow.status): "failed", col(TrainingRow.error): str(refused)})
    except Exception as wrong:
        log.exception("training %s failed", key)
        said = f"{type(wrong).__name__}: {wrong}"[:500]
        _note(which, {col(TrainingRow.status): "failed", col(TrainingRow.error): said})
    return True


def _run(which: UUID, watch: Progress | None) -> None:
    with store.transaction() as db:
        city = cities.current(db)
        asked = trainings.get(db, which)
        samples.collect(db, city, clock.now())
    with store.reading() as db:
        known, by_unit = samples.known(db, city), samples.known_units(db, city)
    challenge.enough(known)
    too = len(by_unit) >= city.learning.gate.least and len({one.area for one in by_unit}) > 1
    tell = _Telling(which, watch)
    made = challenge.make_challenger(
        known,
        city.taxonomy,
        city.model,
        city.learning.gate,
        now=clock.now(),
        name=asked.name,
        progress=challenge.part(tell, "", 0.0, 0.5 if too else 1.0),
    )
    with store.transaction() as db:
        key = challenge.keep(db, city, made, asked.by, clock.now())
    if too:
        _units(city, by_unit, asked, challenge.part(tell, "承办单位：", 0.5, 1.0))
    _note(
        which,
        {
            col(TrainingRow.status): "done",
            col(TrainingRow.stage): "完成",
            col(TrainingRow.share): 1.0,
            col(TrainingRow.model_id): key,
        },
    )


def _units(city: City, known: Sequence[Sample], asked: Training, tell: Progress) -> None:
    """Train, compare and keep a model of units from the same tickets, under the training's name and `UNITS`."""
    made = challenge.make_challenger(
        known,
        city.unit_list,
        city.unit_model,
        city.learning.gate,
        now=clock.now(),
        name=f"{asked.name}{UNITS}",
        progress=tell,
        areas=city.taxonomy,
    )
    with store.transaction() as db:
        challenge.keep(db, city, made, asked.by, clock.now())


class _Telling:
    """Writes down how far a training is, every few seconds."""

    def __init__(self, which: UUID, watch: Progress | None) -> None:
        self._which, self._watch, self._last = which, watch, clock.now() - REPORT_EVERY

    def __call__(self, stage: str, share: float) -> None:
        now = clock.now()
        if self._watch:
            self._watch(stage, share)
        if now - self._last >= REPORT_EVERY:
            self._last = now
            _note(self._which, {col(TrainingRow.stage): stage[:64], col(TrainingRow.share): round(share, 3)})


def _note(which: UUID, values: Values) -> None:
    with store.transaction() as db:
        trainings.note(db, which, clock.now(), values)
