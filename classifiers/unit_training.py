"""Trains a model of units from samples: as for areas, with habits, and confidence as on new matters."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from classifiers.calibration import DEFAULT_FLOOR
from classifiers.model import Model
from classifiers.samples import Sample
from classifiers.taxonomy import Taxonomy
from classifiers.training import Progress, crossed, train
from classifiers.units import guessed, under


def train_units(
    samples: Sequence[Sample],
    units: Taxonomy,
    *,
    areas: Taxonomy,
    trained_at: datetime,
    name: str = "",
    floor: float = DEFAULT_FLOOR,
    own_labels: bool = False,
    group_error: float | None = None,
    progress: Progress | None = None,
) -> Model:
    """Learn units from samples whose label is the unit and whose `around` holds the settled area, places and signs.

    What is held out, each stretch of time in turn, is asked under the areas a model of the rest guesses, or the
    confidence would be that of people.
    units   a taxonomy of units, of the edition of the areas
    raises  as `training.train`
    """
    tell = progress or (lambda _stage, _share: None)
    ready = _blinded(samples, areas, lambda stage, share: tell(f"事项：{stage}", 0.35 * share))
    fit = partial(train, trained_at=trained_at, name=name, floor=floor, own_labels=own_labels, units=True)
    return fit(
        ready, units, group_error=group_error, progress=lambda stage, share: tell(f"单位：{stage}", 0.35 + 0.65 * share)
    )


def of_areas(samples: Sequence[Sample]) -> list[Sample]:
    """Return what the same samples teach about areas."""
    return [
        Sample(text=one.text, title=one.title, area=one.around.settled, at=one.at)
        for one in samples
        if one.around.settled
    ]


def as_new(
    later: Sequence[Sample], earlier: Sequence[Sample], areas: Taxonomy, at: datetime, progress: Progress | None = None
) -> list[Sample]:
    """Return the later samples under the areas a model of the earlier ones guesses; as they are without one."""
    known = of_areas(earlier)
    if not later or len({one.area for one in known}) < 2:
        return list(later)
    return guessed(train(known, areas, trained_at=at, progress=progress), later)


def _blinded(samples: Sequence[Sample], areas: Taxonomy, progress: Progress) -> Sequence[Sample]:
    """Return the samples under the areas a model of the other stretches guesses; as they are where there are none."""
    known = of_areas(samples)
    if len(known) < len(samples) or len({one.area for one in known}) < 2 or any(one.at is None for one in samples):
        return samples
    codes, found = crossed(known, areas, progress)
    return under(samples, codes, found) if len(found) else samples
