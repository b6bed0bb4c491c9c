"""Learning by the clock: once a week, late rather than never, told again while nobody has begun, carried out once."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from classifiers.errors import TooFewSamples
from classifiers.samples import Sample
from hotline import clock
from hotline.flow.learning import challenge, promotion, samples, trainings
from hotline.flow.learning.trainings import LOST, Training
from hotline.jobs import learning, training
from hotline.jobs.learning import LEARN_EVERY, TRAINING_AGAIN, Learner
from hotline.store import db
from tests.cast import DAY, HOUR, LAMP, MINUTE, NOW, RUBBISH, Office
from tests.hotline.flow import lessons

SUNDAY = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # 02:00 of Sunday 22 November in 示例区


@pytest.fixture(autouse=True)
def model(office: Office) -> Iterator[None]:
    lessons.keep(office, lessons.model("one", NOW))
    yield
    lessons.forget(office)


@pytest.fixture(name="at")
def hands_of_the_clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, to be set."""
    held = [NOW]
    monkeypatch.setattr(clock, "now", lambda: held[0])
    return held


def asked(office: Office) -> list[Training]:
    with db.reading() as session:
        return trainings.recent(session, office.city)


def test_a_weekly_training_is_asked_for_once_and_late_rather_than_never(office: Office, at: list[datetime]) -> None:
    woken: list[str] = []
    learner = Learner(woken.append)
    for moment in (NOW, SUNDAY - MINUTE):
        at[0] = moment
        learner.turn()
    assert asked(office) == []
    for moment in (SUNDAY + 3 * HOUR, SUNDAY + DAY):
        at[0] = moment
        learner.turn()
    assert [one.name for one in asked(office)] == ["weekly-2026-W47"]
    at[0] = SUNDAY + 8 * DAY
    learner.turn()
    assert [one.name for one in asked(office)] == ["weekly-2026-W48", "weekly-2026-W47"]


def test_what_nobody_begins_is_told_again_and_not_every_turn(office: Office, at: list[datetime]) -> None:
    with db.transaction() as session:
        key = trainings.ask(session, office.city, "asked", "du01", NOW)
    assert key is not None
    woken: list[str] = []
    learner = Learner(woken.append)
    for moment in (NOW, NOW + LEARN_EVERY, NOW + TRAINING_AGAIN, NOW + TRAINING_AGAIN + LEARN_EVERY):
        at[0] = moment
        learner.turn()
    assert woken == [key.hex, key.hex]


def test_without_any_model_the_first_is_a_persons(office: Office, at: list[datetime]) -> None:
    lessons.forget(office)
    at[0] = SUNDAY + DAY
    Learner(lambda _: None).turn()
    assert asked(office) == []


def test_a_training_is_carried_out_once_and_leaves_a_challenger(office: Office, at: list[datetime]) -> None:
    told = [
        Sample(text=f"{text}，第{day}天", area=area, at=NOW - day * DAY)
        for day in range(80)
        for area, text in ((RUBBISH, "小区垃圾没人清运"), (LAMP, "路口路灯不亮"))
    ]
    with db.transaction() as session:
        samples.keep(session, samples.of_file(office.city, told))
        key = trainings.ask(session, office.city, "asked", "du01", NOW, "mine")
    assert key is not None
    at[0] = NOW + DAY
    assert [training.train(key.hex), training.train(key.hex)] == [True, False]
    (done,) = asked(office)
    assert (done.status, done.share, done.error) == ("done", 1.0, "")
    with db.reading() as session:
        newest = promotion.every(session, office.city.region)[0]
    assert (newest.name, newest.active, newest.card["samples"]) == ("mine", False, 160)
    assert newest.log[0]["by"] == "du01"


def test_the_same_tickets_teach_who_usually_has_what(office: Office, at: list[datetime]) -> None:
    told = [
        Sample(text=f"{text}，第{hour}次来电", area=area, at=NOW - hour * HOUR)
        for hour in range(0, 1400, 6)
        for area, text in ((RUBBISH, "小区垃圾没人清运"), (LAMP, "路口路灯不亮"))
    ]
    with db.transaction() as session:
        rows = samples.of_file(office.city, told)
        for row in rows:
            row |= {"unit": "hwzx" if row["area"] == RUBBISH else "szzx", "place": "990101001001", "source": "12345"}
        samples.keep(session, rows)
        key = trainings.ask(session, office.city, "asked", "du01", NOW, "mine")
    assert key is not None
    at[0] = NOW + DAY
    stages: list[float] = []
    assert training.train(key.hex, lambda _, share: stages.append(share))
    assert stages == sorted(stages)
    with db.reading() as session:
        made = [one for one in promotion.every(session, office.city.region) if one.name != "one"]
    by_area, by_unit = sorted(made, key=lambda one: one.target)
    assert [(one.name, one.target, one.active) for one in (by_area, by_unit)] == [
        ("mine", "area", False),
        ("mine-units", "unit", True),
    ]
    assert by_unit.verdict["passed"], by_unit.verdict
    assert lessons.city().unit_model is not None


def test_one_that_cannot_be_done_says_why(office: Office, at: list[datetime]) -> None:
    with db.transaction() as session:
        key = trainings.ask(session, office.city, "asked", "", NOW)
    assert key is not None
    assert training.train(key.hex)
    (done,) = asked(office)
    assert (done.status, done.error) == ("failed", str(TooFewSamples(0, 0)))


def test_one_that_died_in_the_middle_is_claimed_anew(
    office: Office, at: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        key = trainings.ask(session, office.city, "asked", "", NOW)
        assert key is not None
        assert trainings.begin(session, key, NOW)
    assert not training.train(key.hex)
    at[0] = NOW + LOST + MINUTE
    with db.reading() as session:
        assert trainings.waiting(session, office.city, at[0]) == [key]
    monkeypatch.setattr(challenge, "enough", _broken)
    assert training.train(key.hex)
    assert asked(office)[0].error == "RuntimeError: no memory"


def _broken(_: object) -> None:
    raise RuntimeError("no memory")


@pytest.mark.parametrize(
    ("now", "expected"),
    [(SUNDAY, SUNDAY), (SUNDAY - MINUTE, SUNDAY - 7 * DAY), (SUNDAY + 6 * DAY, SUNDAY), (SUNDAY + HOUR / 2, SUNDAY)],
)
def test_the_last_moment_it_was_due(office: Office, now: datetime, expected: datetime) -> None:
    assert learning.latest(now, office.city) == expected
