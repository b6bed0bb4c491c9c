"""What follows a new edition: nothing where nothing changed, everything where the rounds first meet it.

The two stories (tests/stories/test_late_calendar.py, test_renamed_unit.py) tell what follows; this, by whom and when.
"""

import pytest

from dispatch.lifecycle import State
from hotline import city as cities
from hotline import clock, rulefiles
from hotline.errors import NoCity
from hotline.jobs import follow, rounds
from hotline.settings import load
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import DAY, NOW, SAMPLE, Office, counted

FILES = rulefiles.read_folder(SAMPLE)


def renamed() -> dict[str, str]:
    """Return an edition in which hwzx is called hjzx."""
    files = {name: text.replace("hwzx", "hjzx") for name, text in FILES.items()}
    head, *lines = files["units.csv"].splitlines()
    lines = [f"{line},{'hwzx' if line.startswith('hjzx,') else ''}" for line in lines]
    files["units.csv"] = "\n".join([f"{head},formerly", *lines]) + "\n"
    files["city.toml"] = files["city.toml"].replace('edition = "2026.1"', 'edition = "2026.2"')
    return files


@pytest.fixture(autouse=True)
def first(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with db.transaction() as session:
        office.city = cities.apply(session, FILES, "test", NOW - 30 * DAY)


def test_nothing_to_follow_costs_little(office: Office) -> None:
    office.ticket(State.SIGNED)
    follow.up()  # the city is built once a process
    with counted(office.engine) as sent:
        assert follow.up() == follow.Followed(transferred=0, relabelled=0, recounted=0, posts=0)
    assert len(sent) == 3  # which edition, which former areas, which estimated clocks


def test_the_rounds_follow_up_an_edition_they_meet(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.SIGNED).number
    with db.transaction() as session:
        cities.apply(session, renamed(), "du01", NOW)
    turns: list[int] = []

    class Once(rounds.Bell):
        def is_rung(self) -> bool:
            turns.append(1)
            return len(turns) > 1

    monkeypatch.setattr(rounds, "Bell", Once)
    monkeypatch.setattr(rounds.signal, "signal", lambda *_: None)
    monkeypatch.setattr(rounds, "relay_turn", lambda _: 0)
    monkeypatch.setattr(rounds, "sweep", lambda: 0)
    monkeypatch.setattr(rounds.store, "bind", lambda _: None)
    monkeypatch.setattr(rounds, "RELAY_EVERY", 0)
    rounds.run(load({}))
    assert (office.see(number).unit, office.history(number)[-1]) == ("hjzx", "transfer")


def test_without_a_city_there_is_nothing_to_follow(office: Office) -> None:
    assert office.city
    with db.transaction() as session:
        session.execute(METADATA.tables["edition"].delete())
    with pytest.raises(NoCity):
        follow.Follower().turn()
