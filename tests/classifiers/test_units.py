"""Two streets whose words are alike: who acts follows the place, and the words alone cannot know."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from classifiers import guarantee, held_out, training
from classifiers.errors import StaleModel
from classifiers.evaluation import evaluate
from classifiers.guarantee import HeldOutGuesses
from classifiers.habit import PastCases
from classifiers.inference import guess
from classifiers.model import Model, from_bytes, to_bytes
from classifiers.samples import NOTHING, Around, Sample
from classifiers.taxonomy import Area, Taxonomy, build
from classifiers.training import train
from classifiers.unit_training import of_areas, train_units
from classifiers.units import guessed, habit_of, hours, reason_for

AT = datetime(2026, 3, 1, tzinfo=UTC)
AREAS = build("2026.1", [Area(code="01", name="垃圾清运"), Area(code="02", name="路灯维护")])
UNITS = build("2026.1", [Area(code=code, name=name) for code, name in
                         (("e", "东街办事处"), ("w", "西街办事处"), ("l", "路灯管理所"))])  # fmt: skip
TEXTS = {"01": ("垃圾桶满了没人清", "垃圾堆积发臭", "垃圾无人清运"), "02": ("路灯不亮", "路灯坏了", "路灯一闪一闪")}


def sample(n: int) -> Sample:
    area, street = ("01", "02")[n % 2], ("east", "west")[n // 2 % 2]
    unit = "l" if area == "02" else street[0]
    around = Around(settled=area, places=("town", street), signs=hours(AT - timedelta(hours=n)))
    return Sample(text=f"{n % 29}号门口{TEXTS[area][n % 3]}", area=unit, at=AT - timedelta(hours=n), around=around)


SAMPLES = [sample(n) for n in range(400)]


@cache
def head() -> Model:
    return train_units(SAMPLES, UNITS, areas=AREAS, trained_at=AT, name="单位")


def test_the_place_decides_where_words_cannot() -> None:
    east, west = (Around(settled="01", places=("town", street)) for street in ("east", "west"))
    found = [guess(head(), "门口垃圾没人清", around=around) for around in (east, west)]
    assert [one.candidates[0].area for one in found] == ["e", "w"]
    lamp = Around(settled="02", places=("town", "east"))
    assert guess(head(), "路灯坏了", around=lamp).candidates[0].area == "l"
    words = train([msgspec.structs.replace(one, around=NOTHING) for one in SAMPLES], UNITS, trained_at=AT)
    blind = evaluate(words, [sample(n) for n in range(400, 440)]).accuracy
    assert evaluate(head(), [sample(n) for n in range(400, 440)]).accuracy > blind + 0.1


def test_the_card_says_what_it_is() -> None:
    assert head().card.target == "unit"
    assert head().card.held_out == "stretches"
    assert head().habit is not None
    assert "rjieba" in head().card.versions
    assert train(of_areas(SAMPLES), AREAS, trained_at=AT).card.target == "area"


def test_the_newest_fifth_is_looked_at_however_fine_the_stretches_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[HeldOutGuesses] = []

    def looked(found: HeldOutGuesses, *asked: Any) -> Any:
        seen.append(found)
        return guarantee.limits(found, *asked)

    monkeypatch.setattr(training, "limits", looked)
    for many in (held_out.MANY, 400):
        monkeypatch.setattr(held_out, "MANY", many)
        made = train_units(SAMPLES, UNITS, areas=AREAS, trained_at=AT)
        assert {label for one in made.card.sizes for label in one.labels} == {"e", "w", "l"}
    assert [np.flatnonzero(found.newest).tolist() for found in seen] == [list(range(320, 400))] * 2


def test_a_copy_is_the_same_and_equal_samples_give_an_equal_head() -> None:
    copy = from_bytes(to_bytes(head()), UNITS)
    assert copy.habit == head().habit
    asked = Around(settled="01", places=("town", "west"), signs=("night",))
    assert guess(copy, "垃圾没人清", around=asked) == guess(head(), "垃圾没人清", around=asked)
    again = train_units(SAMPLES[::-1], UNITS, areas=AREAS, trained_at=AT, name="单位")
    assert again.card.model_digest == head().card.model_digest


def test_a_unit_that_is_no_more_makes_the_head_stale() -> None:
    fewer = Taxonomy(UNITS.edition, UNITS.areas[:2])
    with pytest.raises(StaleModel, match="单位表里已没有“l”"):
        from_bytes(to_bytes(head()), fewer)


def test_signs_are_never_named_as_words() -> None:
    found = guess(head(), "垃圾", around=Around(places=("town", "east"), signs=("night",)))
    assert set("".join(found.words)) <= set("垃圾")
    assert guess(head(), "", around=Around(places=("town", "east"))).candidates


def test_what_is_held_out_is_asked_under_guessed_areas() -> None:
    areas = train(of_areas(SAMPLES), AREAS, trained_at=AT)
    blind = guessed(areas, SAMPLES[:3])
    assert [one.around.settled for one in blind] == [one.around.settled for one in SAMPLES[:3]]
    assert all(one.around.areas[0][0] == one.around.settled and one.around.areas[0][1] < 1 for one in blind)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (datetime(2026, 3, 2, 10, tzinfo=UTC), ()),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), ("night",)),
        (datetime(2026, 3, 2, 6, 59, tzinfo=UTC), ("night",)),
        (datetime(2026, 3, 7, 18, tzinfo=UTC), ("evening", "weekend")),
        (None, ()),
    ],
)
def test_hours(at: datetime | None, found: tuple[str, ...]) -> None:
    assert hours(at) == found


def test_why_tells_the_cases() -> None:
    around = Around(settled="01", places=("town", "east"))
    one = guess(head(), "垃圾没人清", around=around)
    told = habit_of(head(), "e", around)
    assert told is not None
    assert (told.area, told.place, told.n) == ("01", "east", told.of)
    why = reason_for(one, PastCases(n=80, of=87, area="01", place="east"), "垃圾清运", "东街", "东街办事处")
    assert why.startswith("过去东街的同类（垃圾清运）工单 87 件中 80 件由东街办事处办理；")
    assert reason_for(one, PastCases(n=3, of=4, area="", place=""), "", "", "甲").startswith(
        "过去工单 4 件中 3 件由甲办理；"
    )
    assert reason_for(one, None, "", "", "") == one.why
    assert habit_of(head(), "nobody", around) is None
