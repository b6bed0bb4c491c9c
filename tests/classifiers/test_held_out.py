"""Which samples a trial does not see."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from classifiers.errors import UndatedSamples
from classifiers.held_out import FINER, MANY, STRETCHES, held_out
from classifiers.samples import Sample, stretches

START = datetime(2026, 1, 1, tzinfo=UTC)


def dated(count: int, *, a_day: int = 10) -> list[Sample]:
    return [Sample(text=f"第{n}件", area="a", at=START + timedelta(days=n // a_day)) for n in range(count)]


def test_areas_hold_out_the_newest_units_each_stretch_in_turn() -> None:
    samples, real = dated(500), np.zeros(500, dtype=np.intp)
    how, parts = held_out(samples, real, 2, stretched=False)
    assert (how, [int(part.sum()) for part in parts]) == ("time", [100])
    how, parts = held_out(samples, real, 2, stretched=True)
    assert (how, [int(part.sum()) for part in parts]) == ("stretches", [100] * STRETCHES)
    assert (np.sum(parts, axis=0) == 1).all(), "each is held out once"
    assert [int(part.argmax()) for part in parts] == [0, 100, 200, 300, 400], "in order of time"


def test_many_samples_are_held_out_in_finer_stretches() -> None:
    real = np.zeros(MANY, dtype=np.intp)
    how, parts = held_out(dated(MANY), real, 2, stretched=True)
    assert (how, [int(part.sum()) for part in parts]) == ("stretches", [MANY // FINER] * FINER)
    assert (np.sum(parts, axis=0) == 1).all(), "each is held out once"
    how, parts = held_out(dated(MANY, a_day=MANY // 6), real, 2, stretched=True)
    assert (how, len(parts)) == ("stretches", STRETCHES), "days enough for the coarser ones"
    assert held_out(dated(MANY), real, 2, stretched=False)[0] == "time"


def test_samples_of_one_moment_stay_together() -> None:
    assert set(stretches(dated(100, a_day=100), 5)) == {0}
    where = stretches(dated(100, a_day=30), 5)
    assert [len({where[n] for n in range(100) if n // 30 == day}) for day in range(4)] == [1] * 4
    assert where == tuple(sorted(where))
    with pytest.raises(UndatedSamples):
        stretches([Sample(text="无时间", area="a")], 5)


def test_without_enough_moments_folds_are_taken() -> None:
    samples = dated(300, a_day=300)
    assert held_out(samples, np.zeros(300, dtype=np.intp), 2, stretched=True)[0] == "folds"
    assert held_out(samples[:10], np.zeros(10, dtype=np.intp), 2, stretched=True) == ("none", [])
