"""The query code: told once, kept as a keyed hash, given anew to who calls from the ticket's number."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from dispatch.errors import NotYours
from dispatch.lifecycle import State
from hotline.errors import NoCaller, NoSuchTicket, NotAllowed
from hotline.flow import query
from hotline.people import Me
from hotline.store import db
from hotline.wire.tickets import Coded, Phoned
from tests.cast import AGENT, CALLER_BACK, DISPATCHER, LEADER, NOW, REGION, STRANGER, Office, unit

PHONE = "13800000777"


def issue(office: Office, number: str, me: Me = AGENT, phone: str = PHONE) -> Coded:
    with db.transaction() as session:
        return query.issue(session, office.seal, number, Phoned(phone=phone), me, NOW)


def opens(office: Office, number: str, code: str) -> bool:
    with db.reading() as session:
        return query.opens(session, office.seal, REGION, number, code)


def test_the_code_comes_with_the_answer_and_is_nowhere_else(office: Office) -> None:
    arrival = office.arrival(phone=PHONE, coded=True)
    with parameters(office) as sent:
        (received,) = office.put([arrival])
    assert len(received.code) == query.DIGITS
    assert received.code.isdigit()
    assert received.number in str(sent)
    assert received.code not in str(sent)
    for table in ("ticket", "entry", "caller", "outbox", "intake_key"):
        assert received.code not in str(office.rows(table))
    assert opens(office, received.number, received.code)
    assert len(office.see(received.number).query_hash) == 64
    again = office.put([arrival])  # the same key once more: the matter is known, the code is not told again
    assert [(one.status, one.code) for one in again] == [("known", "")]
    assert opens(office, received.number, received.code)


@contextmanager
def parameters(office: Office) -> Iterator[list[str]]:
    """Collect all that is sent to the database in the block."""
    sent: list[str] = []

    def note(*facts: object) -> None:
        sent.append(str(facts[2:4]))

    event.listen(office.engine, "before_cursor_execute", note)
    yield sent
    event.remove(office.engine, "before_cursor_execute", note)


def test_equal_codes_do_not_look_equal(office: Office) -> None:
    assert query.hashed(office.seal, REGION, "A", "1") != query.hashed(office.seal, REGION, "B", "1")
    assert len({query.new_code() for _ in range(200)}) == 200


def test_what_comes_from_elsewhere_has_none(office: Office) -> None:
    number = office.received(phone=PHONE)
    assert office.see(number).query_hash == ""
    assert not any(opens(office, number, code) for code in ("", query.NEVER, "0" * query.DIGITS))
    assert not opens(office, "SL20990101000018", "")


def test_a_new_code_makes_the_old_one_void(office: Office) -> None:
    received = office.put([office.arrival(phone=PHONE, coded=True)])[0]
    given = issue(office, received.number, CALLER_BACK, "138 0000-0777")
    assert opens(office, received.number, given.query_code)
    assert not opens(office, received.number, received.code)
    line = office.rows("entry", move="recode")[0]
    assert (line.actor, line.public, line.note) == ("hui01", True, "已核对来电号码，原查询码作废")
    assert given.query_code not in str(office.rows("entry")) + str(office.rows("ticket"))
    assert office.broken_links() == []


@pytest.mark.parametrize("state", [State.RECEIVED, State.CLOSED, State.ARCHIVED, State.REFUSED])
def test_whatever_became_of_the_ticket(office: Office, state: State) -> None:
    held = office.ticket(state, phone=PHONE)
    assert opens(office, held.number, issue(office, held.number).query_code)
    assert office.see(held.number).state == state


def test_only_who_calls_from_its_number(office: Office) -> None:
    number, silent = office.received(phone=PHONE), office.received()
    with pytest.raises(NotAllowed, match="号码不同"):
        issue(office, number, phone="13800000778")
    with pytest.raises(NoCaller):
        issue(office, silent)
    assert office.rows("entry", move="recode") == []


@pytest.mark.parametrize(("me", "kind"), [
    (unit("hwzx"), NotYours), (DISPATCHER, NotYours), (LEADER, NoSuchTicket), (STRANGER, NoSuchTicket),
])  # fmt: skip
def test_no_unit_ever_gets_one(office: Office, me: Me, kind: type[Exception]) -> None:
    held = office.ticket(State.ANSWERED, phone=PHONE)
    with pytest.raises(kind):
        issue(office, held.number, me)
    assert office.see(held.number).query_hash == ""


def test_a_form_filled_in_meanwhile_is_not_stale(office: Office) -> None:
    held = office.ticket(State.ROUTED, phone=PHONE)
    issue(office, held.number)
    assert office.do("sign", held.number, unit("hwzx"), NOW, seq=held.seq).state == "signed"


@pytest.mark.parametrize(("text", "plain"), [
    ("138 000 0777", "1380000777"), ("１３８－０００－０７７７", "1380000777"), (" sl2026-1122 ", "SL20261122"),
    ("", ""), ("'; DROP TABLE", "DROPTABLE"), ("8" * 400, "8" * 32),
])  # fmt: skip
def test_typed(text: str, plain: str) -> None:
    assert query.plain_code(text) == plain
