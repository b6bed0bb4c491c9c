"""Sample accounts: good in the sample city alone; a city of its own closes them however it came into force."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dispatch.roles import Role
from hotline import city as cities
from hotline import people, rulefiles, settings
from hotline.errors import BadLogin
from hotline.flow.editions import showcase
from hotline.jobs import follow
from hotline.people import NoSession
from hotline.sample import plant, staff
from hotline.serve import doctor
from hotline.serve.doctor import State
from hotline.store import db
from hotline.store.schema import METADATA

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
SAMPLE = rulefiles.read_folder(plant.FOLDER)
MEMBERS = staff.read(plant.FOLDER)
LOGINS = {one.login for one in MEMBERS}
REGION = "sample"


@pytest.fixture(autouse=True)
def planted(database_url: str) -> Iterator[None]:
    """The sample city with its people, and one of a city's own."""
    db.bind(database_url)
    with db.transaction() as session:
        for table in ("edition", "person", "post", "login_session", "login_try"):
            session.execute(METADATA.tables[table].delete())
        cities.apply(session, SAMPLE, cities.BY_SAMPLE, NOW)
        staff.hire(session, REGION, MEMBERS, NOW)
        people.add(session, REGION, "zhang", "张", "another-word-9", NOW)
        people.appoint(session, REGION, "zhang", Role.AGENT, "", NOW)
    yield
    db.engine().dispose()


def own(region: str = REGION) -> dict[str, str]:
    """Return the rules of a city of its own; what `city learn` makes keeps the region of the sample."""
    named = SAMPLE["city.toml"].replace('name = "示例区"', 'name = "本市"').replace("2026.1", "2026.9")
    return SAMPLE | {"city.toml": named.replace('region = "sample"', f'region = "{region}"')}


def put_into_force(files: dict[str, str]) -> None:
    with db.transaction() as session:
        cities.apply(session, files, "somebody", NOW)


def opens(login: str, word: str) -> bool:
    try:
        people.log_in(REGION, login, word, address="", device="", now=NOW)
    except BadLogin:
        return False
    return True


def left() -> set[str]:
    with db.reading() as session:
        return {login for _, login in showcase.still_public(session)}


@pytest.mark.parametrize("region", [REGION, "hk"])
def test_a_city_of_its_own_closes_them_with_their_sessions_and_tokens(region: str) -> None:
    with db.transaction() as session:
        token = people.machine_token(session, REGION, "hua01", device="", now=NOW)
    assert opens("du01", showcase.password("du01"))
    put_into_force(own(region))
    follow.up()
    assert left() == set()
    assert not opens("du01", showcase.password("du01"))
    assert opens("zhang", "another-word-9")
    with db.reading() as session, pytest.raises(NoSession):
        people.find(session, people.token_hash(token), NOW, lambda _: ())


def test_another_edition_of_the_sample_closes_nothing() -> None:
    put_into_force(SAMPLE | {"city.toml": SAMPLE["city.toml"].replace("2026.1", "2026.2")})
    follow.up()
    assert left() == LOGINS


def test_the_sample_city_itself_keeps_them() -> None:
    with db.transaction() as session:
        found = showcase.still_public(session)
        assert len(found) == len(LOGINS)
        assert showcase.close(session, cities.current(session), found, NOW) == 0
    assert left() == LOGINS


def test_who_changed_the_password_stays() -> None:
    with db.transaction() as session:
        people.set_password(session, REGION, "admin", "another-word-9")
    put_into_force(own())
    follow.up()
    assert opens("admin", "another-word-9")


def test_beside_a_city_of_its_own_they_are_an_error(database_url: str, tmp_path: object) -> None:
    given = settings.load({"HOTLINE_HOME": str(tmp_path), "HOTLINE_DATABASE_URL": database_url})
    assert doctor.sample_accounts(given).state is State.OK
    put_into_force(own())
    found = doctor.sample_accounts(given)
    assert found.state is State.ERROR
    assert all(login in found.says for login in LOGINS)
    follow.up()
    assert doctor.sample_accounts(given).state is State.OK


def test_the_sample_is_the_sample() -> None:
    head = rulefiles.head(SAMPLE)
    assert showcase.is_sample(head.region, head.name)
    assert not showcase.is_sample(head.region, "本市")
