"""An empty database becomes a working office: rules, a model, people, and six weeks that were really lived."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatch.roles import ROLE_NAMES, Role
from hotline import city as cities
from hotline import clock, people, settings
from hotline.city import City
from hotline.errors import BadLogin
from hotline.flow import moves
from hotline.flow.figures import measure
from hotline.flow.figures.measure import Asked
from hotline.sample import plant, staff
from hotline.settings import Settings
from hotline.store import db
from hotline.store.schema import METADATA

pytestmark = pytest.mark.processes
T = METADATA.tables


@pytest.fixture(scope="module")
def given(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation whose database has just been planted."""
    plain = database_url.replace("sqlite+pysqlite", "sqlite").replace("postgresql+psycopg", "postgresql")
    home = tmp_path_factory.mktemp("home")
    held = settings.load({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": plain})
    assert plant.ensure(held) is True
    return held


@pytest.fixture
def city(given: Settings) -> City:
    """The city in force."""
    db.bind(given.database_url)
    with db.reading() as session:
        return cities.current(session)


def rows(table: str) -> list[sa.Row[tuple[object, ...]]]:
    with db.reading() as session:
        return list(session.execute(sa.select(T[table])))


def test_planting_again_changes_nothing(given: Settings, city: City) -> None:
    before = [len(rows(table)) for table in ("ticket", "entry", "person", "edition", "model")]
    assert plant.ensure(given) is False
    assert [len(rows(table)) for table in ("ticket", "entry", "person", "edition", "model")] == before
    assert city.edition == "2026.1"


def test_every_state_can_be_seen(city: City) -> None:
    assert city.region == "sample"
    states = Counter(row.state for row in rows("ticket"))
    assert set(states) == {"received", "routed", "signed", "returned", "reviewing", "answered", "closed", "joined"}
    assert states.total() == len(plant.tickets())
    assert (states["joined"], states["returned"], states["reviewing"], states["answered"]) == (4, 5, 2, 14)
    assert states["closed"] == 65


def test_every_life_was_lived_in_order_and_the_chains_are_sound(city: City) -> None:
    now = clock.now()
    last: dict[object, tuple[str, object]] = {}
    for line in sorted(rows("entry"), key=lambda row: (str(row.ticket_id), row.seq)):
        previous, before = last.get(line.ticket_id, ("", None))
        assert before is None or before <= line.at
        assert line.at < now
        told = (line.seq, line.at, line.actor, line.role, line.move, line.target, line.note, line.facts)
        assert line.hash == moves.chain(previous, *told)
        last[line.ticket_id] = (line.hash, line.at)
    assert {row.id: row.last_hash for row in rows("ticket")} == {key: link for key, (link, _) in last.items()}
    assert city.model is not None


def test_rates_are_such_as_a_city_could_believe(city: City) -> None:
    now = clock.now()
    with db.reading() as session:
        asked = Asked(first=city.day(now - timedelta(days=60)), last=city.day(now))
        found = measure.figures(session, city, asked, now=now)
    assert found.behind == 0
    values = {rate.name: rate.value for rate in found.rates}
    assert 0.7 < (values["solve"] or 0) < (values["satisfaction"] or 0) < 1
    assert 0.75 < (values["on_time"] or 0) < 0.95
    assert 0.85 < (values["contact"] or 0) < 1
    assert 0.9 < (values["reach"] or 0) < 1
    assert found.overdue >= 5


def test_cards_of_every_colour_were_given_at_their_own_moments(city: City) -> None:
    assert city.short == "SL"
    cards = rows("alarm")
    assert {row.move for row in cards} - {"lapse", "propose"} == {"remind", "yellow_card", "red_card", "supervise"}
    assert {row.acted_at - row.due_at for row in cards} == {timedelta()}


def test_the_past_is_over_nothing_of_it_is_sent_again(city: City) -> None:
    assert city.zone
    assert [row.number for row in rows("outbox") if row.done_at is None] == []
    unread = [row for row in rows("notice") if row.read_at is None]
    assert 0 < len(unread) < len(rows("notice")) / 2


def test_answered_tickets_stand_on_the_callback_desk(city: City) -> None:
    assert city.name
    waiting = [row for row in rows("ticket") if row.state == "answered"]
    assert all(row.reply for row in waiting)
    assert [row for row in waiting if row.callback_due_at]  # who was not drawn (抽样) is not on the desk
    missed = [row for row in rows("ticket") if row.state == "closed" and row.tries == 3]
    assert len(missed) == 2
    assert {(row.solved, row.satisfaction) for row in missed} == {(None, None)}


def test_personal_data_is_sealed(city: City, given: Settings) -> None:
    assert city.region
    text = repr(rows("caller")) + repr(rows("ticket"))
    assert plant.tickets()[0].phone not in text
    assert not [row for row in rows("caller") if not row.phone_sealed.startswith("1:")]
    assert given.secret_given is None


def test_each_role_has_an_account_that_opens(city: City) -> None:
    held = plant.accounts()
    assert {role for role, _, _ in held} == {ROLE_NAMES[role] for role in Role} - {"来电人", "系统"}
    _, login, password = held[0]
    assert people.log_in(city.region, login, password, address="127.0.0.1", device="test", now=clock.now())
    with pytest.raises(BadLogin):
        people.log_in(city.region, login, password + "x", address="127.0.0.1", device="test", now=clock.now())


def test_a_changed_password_is_told_to_nobody(city: City) -> None:
    with db.transaction() as session:
        people.set_password(session, city.region, "hui01", "another-word-9")
        people.close(session, city.region, "du01", clock.now())
    assert {"hui01", "du01"}.isdisjoint(login for _, login, _ in plant.accounts())


def test_another_city_has_no_public_passwords(city: City) -> None:
    edition = T["edition"]
    with db.transaction() as session:
        session.execute(sa.update(edition).values(region="elsewhere"))
    assert plant.accounts() == []
    with db.transaction() as session:
        session.execute(sa.update(edition).values(region=city.region))
    assert len(plant.accounts()) > 5


def test_planting_that_is_cut_short_leaves_the_database_empty(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "cut.db"
    copy.write_bytes(sqlite_template.read_bytes())
    held = settings.load({"HOTLINE_HOME": str(tmp_path), "HOTLINE_DATABASE_URL": f"sqlite:///{copy}"})
    monkeypatch.setattr(staff, "hire", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plant.ensure(held)
    assert [rows(table) for table in ("edition", "model", "person", "ticket")] == [[], [], [], []]
