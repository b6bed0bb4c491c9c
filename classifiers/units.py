"""Guesses the unit (承办单位): words, where, by which way and when, and who usually had such a matter.

Where routing follows place and habit (街道、区服务中心) the words alone cannot know.  The duty table still comes first;
this answers where it is silent, and says from how many past cases.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from classifiers.habit import PastCases
from classifiers.inference import OFFERED, Guess, shares
from classifiers.model import Model
from classifiers.samples import Around, Sample

NIGHT, EVENING = (22, 7), (18, 22)  # hours: from, until
WEEKEND = 6  # ISO day
NIGHT_SIGN, EVENING_SIGN, WEEKEND_SIGN = "night", "evening", "weekend"


def hours(at: datetime | None) -> tuple[str, ...]:
    """Return the signs of a moment on the city's clocks: night, evening, weekend; () where there is none."""
    if at is None:
        return ()
    night = at.hour >= NIGHT[0] or at.hour < NIGHT[1]
    evening = EVENING[0] <= at.hour < EVENING[1]
    found = [NIGHT_SIGN] * night + [EVENING_SIGN] * evening + [WEEKEND_SIGN] * (at.isoweekday() >= WEEKEND)
    return tuple(found)


def guessed(model: Model, samples: Sequence[Sample]) -> list[Sample]:
    """Return samples with what an area model would say in place of what people settled: as at a new matter."""
    return under(samples, model.codes, shares(model, [one.text for one in samples], [one.title for one in samples]))


def under(samples: Sequence[Sample], codes: Sequence[str], found: NDArray[np.float64]) -> list[Sample]:
    """Return samples under the likely areas of `found`, shares of shape (samples, codes): as many as a guess offers."""
    best = (-found).argsort(axis=1, kind="stable")[:, :OFFERED]
    told = [tuple((codes[k], round(float(row[k]), 4)) for k in likely) for row, likely in zip(found, best, strict=True)]
    return [
        msgspec.structs.replace(one, around=msgspec.structs.replace(one.around, areas=areas))
        for one, areas in zip(samples, told, strict=True)
    ]


def reason_for(guess: Guess, told: PastCases | None, area: str, place: str, unit: str) -> str:
    """Return why, for a citizen too: past cases of the same area and place, else the words.

    area, place, unit   names of what `told` and the guess mean, "" for none
    """
    if told is None:
        return guess.why
    where = f"{place}的" if told.place else ""
    what = f"同类（{area}）" if told.area else ""
    return f"过去{where}{what}工单 {told.of} 件中 {told.n} 件由{unit}办理；{guess.why}"


def habit_of(model: Model, unit: str, around: Around) -> PastCases | None:
    """Return the narrowest habit that speaks for a unit, None without one."""
    return model.habit.told(model.codes.index(unit), around) if model.habit and unit in model.codes else None
