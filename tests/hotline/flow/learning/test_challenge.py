"""A challenger is compared on samples that neither has seen, and kept with the verdict; only people put it to use."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from classifiers.errors import TooFewSamples
from classifiers.gate import GateRule
from classifiers.samples import Sample
from classifiers.taxonomy import Area, build
from classifiers.training import train
from hotline.flow.learning import challenge, promotion
from hotline.flow.learning.challenge import Challenger
from hotline.store import db
from tests.cast import DAY, HOUR, LAMP, NOW, RUBBISH, Office
from tests.hotline.flow import lessons

RULE = GateRule(least=20, least_area=5, error=1.0)
TEXTS = {RUBBISH: "小区垃圾桶满了没人清运", LAMP: "路口的路灯坏了一直不亮"}


@pytest.fixture(autouse=True)
def no_models(office: Office) -> Iterator[None]:
    yield
    lessons.forget(office)


TOWN = build("town", [
    Area(code=RUBBISH, name="垃圾清运", keywords=("垃圾", "清运")),
    Area(code=LAMP, name="路灯", keywords=("路灯", "不亮")),
])  # fmt: skip
TOWN_MODEL = train([], TOWN, trained_at=NOW - 110 * DAY, name="old")


def daily(first: datetime, days: int, swapped: bool = False) -> list[Sample]:
    """Return two samples a day, their labels exchanged where `swapped`."""
    other = {RUBBISH: LAMP, LAMP: RUBBISH}
    return [
        Sample(text=f"{text}，第{day}天", area=other[area] if swapped else area, at=first + day * DAY)
        for day in range(days)
        for area, text in TEXTS.items()
    ]


def make(samples: list[Sample], champion: object = None) -> Challenger:
    stages: list[float] = []
    found = challenge.make_challenger(
        samples, TOWN, champion, RULE, now=NOW, name="new",
        progress=lambda _, share: stages.append(share),
    )  # fmt: skip
    assert stages == sorted(stages)
    assert stages[-1] == 1.0
    return found


def test_the_newest_month_decides_and_the_model_learns_all() -> None:
    found = make(daily(NOW - 60 * DAY, 60), TOWN_MODEL)
    assert found.verdict.passed
    assert (found.verdict.n, found.seen) == (64, 0)
    assert found.model.card.samples == 120
    assert found.verdict.challenger_right == 1.0


def test_samples_the_champion_may_have_seen_are_counted() -> None:
    found = make(daily(NOW - 60 * DAY, 60), train([], TOWN, trained_at=NOW - 5 * DAY))
    assert found.verdict.n == 64
    assert found.seen == 64 - 10


def test_what_was_learned_from_wrong_labels_does_not_pass() -> None:
    wrong = daily(NOW - 100 * DAY, 60, swapped=True) + daily(NOW - 30 * DAY, 30)
    found = make(wrong, TOWN_MODEL)
    assert not found.verdict.passed
    assert found.verdict.champion_right > found.verdict.challenger_right
    assert {one.area for one in found.verdict.areas if one.worse} == {RUBBISH, LAMP}


def test_without_dates_nothing_can_be_compared() -> None:
    undated = [Sample(text=one.text, area=one.area) for one in daily(NOW, 30)]
    found = make(undated, TOWN_MODEL)
    assert (found.verdict.passed, found.verdict.n) == (False, 0)


def test_nothing_can_be_learned_from_one_area() -> None:
    with pytest.raises(TooFewSamples):
        challenge.enough([Sample(text="路灯", area=LAMP)])


def test_it_is_kept_aside_where_a_model_is_in_use_and_used_where_none_is(office: Office) -> None:
    made = make(daily(NOW - 60 * DAY, 60))
    for used in (False, True):
        if used:
            lessons.keep(office, lessons.model("one"))
        with db.transaction() as session:
            challenge.keep(session, lessons.city(), made, "du01", NOW + HOUR * (1 + used))
        with db.reading() as session:
            newest = promotion.every(session, office.city.region)[0]
        assert newest.active is not used
        assert newest.verdict["n"] == made.verdict.n
