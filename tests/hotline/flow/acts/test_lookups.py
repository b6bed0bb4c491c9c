"""The desk looks callers up by number: kept without the number, counted over processes, told, in the end refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import msgspec
import pytest

from dispatch.contact import ContactRules
from hotline import people
from hotline.city import City
from hotline.errors import LookedUpTooMuch
from hotline.flow.acts import lookups
from hotline.people import Me
from hotline.store import db
from tests.cast import AGENT, DISPATCHER, HOUR, MINUTE, NOW, Office

ALARM, MOST = 3, 5
CALLED = "13800005577"


@pytest.fixture
def city(office: Office) -> City:
    """A city that lets one person look up few numbers an hour."""
    rules = ContactRules(lookups_alarm=ALARM, lookups_most=MOST)
    return msgspec.structs.replace(office.city, rulebook=msgspec.structs.replace(office.city.rulebook, contact=rules))


def look(office: Office, city: City, phone: str, me: Me = AGENT, at: datetime = NOW) -> UUID:
    with db.transaction() as session:
        return lookups.caller(session, city, office.seal, phone, me, at)


def test_a_look_up_is_kept_without_the_number(office: Office, city: City) -> None:
    for _ in range(2):
        office.received(phone=CALLED, text="门口的路灯不亮")
    found = look(office, city, CALLED)
    [row] = office.rows("lookup")
    assert {one.caller_id for one in office.rows("ticket")} == {found}
    assert (row.login, row.found, row.at) == (AGENT.login, 2, NOW)
    assert (CALLED in str(row), row.phone_hash) == (False, office.seal.find_key(office.city.region, CALLED))


def test_a_form_that_asks_again_is_one_look_up(office: Office, city: City) -> None:
    for minute in range(5):
        look(office, city, CALLED, at=NOW + minute * MINUTE)
    assert [row.at for row in office.rows("lookup")] == [NOW]
    with db.reading() as session:
        told = [lookups.again(session, office.seal, CALLED, me, NOW) is None for me in (AGENT, DISPATCHER)]
    assert told == [False, True]


def test_many_are_told_once_and_more_are_refused(office: Office, city: City) -> None:
    for each in range(MOST):
        look(office, city, f"1390000000{each}")
    look(office, city, "13900000000")  # one of them again
    with pytest.raises(LookedUpTooMuch):
        look(office, city, CALLED)
    [notice] = office.rows("notice")
    assert (notice.login, notice.kind, notice.number) == ("@supervisor", lookups.LOOKUP_NOTICE, "")
    assert f"{AGENT.name}（{AGENT.login}）" in notice.text
    assert len(office.rows("lookup")) == MOST
    look(office, city, CALLED, DISPATCHER)  # each person for themselves
    look(office, city, CALLED, at=NOW + HOUR + MINUTE)


def test_at_the_same_moment_no_more_than_the_most(office: Office, city: City) -> None:
    with db.transaction() as session:
        people.add(session, office.city.region, AGENT.login, AGENT.name, "", NOW)

    def one(each: int) -> bool:
        try:
            look(office, city, f"1370000000{each}")
        except LookedUpTooMuch:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(10))) == MOST
    assert len(office.rows("lookup")) == MOST
