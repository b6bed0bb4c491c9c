"""Who may see a caller's number, that it leaves a trace, and that the number itself does not."""

import logging
from typing import Any

import msgspec
import pytest

from dispatch.contact import ContactRules
from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from hotline.errors import BadValue, NoCaller, NoSuchTicket, NotAllowed, StaleTicket
from hotline.flow.acts import reveal
from hotline.people import Me
from hotline.store import db, lists, sheets
from hotline.wire.tickets import Contact, Looked
from tests.cast import ADMIN, AGENT, CALLER_BACK, DISPATCHER, LEADER, NOW, STRANGER, SUPERVISOR, Office, unit

PHONE, NAME = "13800005577", "王小明"
GRID = "990101001001001"
STAFF = [AGENT, DISPATCHER, CALLER_BACK, SUPERVISOR, LEADER, unit("hwzx")]
BY_LOGIN = {"ids": lambda me: me.login}


def look(office: Office, number: str, me: Me, reason: str = "联系诉求人") -> Contact:
    """Look the number up in a city whose handlers see it; through the switchboard: `web/test_api_reveal`."""
    city = msgspec.structs.replace(
        office.city, rulebook=msgspec.structs.replace(office.city.rulebook, contact=ContactRules())
    )
    with db.transaction() as session:
        return reveal.reveal(session, city, office.seal, number, Looked(reason=reason), me, NOW)


def given(office: Office, state: State = State.SIGNED, **new: Any) -> str:
    return office.ticket(state, phone=PHONE, name=NAME, grid=GRID, **new).number


@pytest.mark.parametrize("me", STAFF, **BY_LOGIN)
def test_each_role_sees_it_and_leaves_one_line(office: Office, me: Me) -> None:
    number = given(office)
    before = office.see(number)
    assert look(office, number, me, "  核实情况 ") == Contact(phone=PHONE, name=NAME)
    line = office.rows("entry", ticket_id=before.id)[-1]
    assert (line.move, line.note, line.public, line.actor) == ("reveal", "核实情况", False, me.login)
    assert (office.see(number).seq, office.see(number).state) == (before.seq + 1, before.state)
    look(office, number, me)
    assert office.history(number).count("reveal") == 2
    assert office.broken_links() == []


@pytest.mark.parametrize("state", [one for one in State if one not in {State.DRAFT, State.JOINED}])
def test_in_every_state(office: Office, state: State) -> None:
    assert look(office, given(office, state), AGENT).phone == PHONE


def test_a_draft_has_no_number_to_see(office: Office) -> None:
    assert "reveal" not in office.history(given(office))
    with pytest.raises(IllegalMove):
        reveal.lifecycle.after(State.DRAFT, "reveal", AGENT.role)


def test_who_runs_the_system_sees_no_numbers(office: Office) -> None:
    number = given(office)
    with pytest.raises(NotYours, match="管理员不能操作"):
        look(office, number, ADMIN)
    assert "reveal" not in office.history(number)


@pytest.mark.parametrize("me", [unit("cgj"), STRANGER, LEADER], **BY_LOGIN)
def test_what_one_may_not_see_does_not_exist(office: Office, me: Me) -> None:
    number = office.ticket(State.SIGNED, phone=PHONE, grid="990101004001001").number
    for one in (number, "SL0"):
        with pytest.raises(NoSuchTicket):
            look(office, one, me)
    assert "reveal" not in office.history(number)


@pytest.mark.parametrize("me", [unit("hwzx"), LEADER], **BY_LOGIN)
def test_handlers_of_a_confidential_ticket_are_told_who_can_grant_it(office: Office, me: Me) -> None:
    number = given(office, confidential=True)
    with pytest.raises(NotAllowed, match=f"{number} 的来电人要求保密.*请向派单员或督办员提出"):
        look(office, number, me)
    assert "reveal" not in office.history(number)
    assert look(office, number, DISPATCHER).phone == PHONE


def test_each_joined_ticket_has_its_own_caller(office: Office) -> None:
    first = given(office, State.ROUTED)
    second = office.received(phone="13800005588", name="李某", area="010101")
    office.do("join", second, AGENT, to=first)
    assert look(office, second, unit("hwzx")) == Contact(phone="13800005588", name="李某")
    assert look(office, first, unit("hwzx")).phone == PHONE
    assert (office.history(first).count("reveal"), office.history(second).count("reveal")) == (1, 1)
    with pytest.raises(NoSuchTicket):
        look(office, second, unit("cgj"))


@pytest.mark.parametrize("new", [{}, {"name": "王某"}, {"phone": "123"}])
def test_nobody_to_call(office: Office, new: dict[str, str]) -> None:
    number = office.ticket(State.SIGNED, **new).number
    with pytest.raises(NoCaller, match="没有留下来电号码"):
        look(office, number, AGENT)
    assert "reveal" not in office.history(number)


def test_another_persons_name_is_not_told(office: Office) -> None:
    given(office)
    assert look(office, office.received(phone=PHONE, name="赵某"), AGENT) == Contact(phone=PHONE, name="")
    assert look(office, office.received(phone=PHONE), AGENT) == Contact(phone=PHONE, name=NAME)


def test_a_reason_is_asked_for_and_holds_no_number(office: Office) -> None:
    number = given(office)
    with pytest.raises(BadValue, match="请写明查看号码的理由"):
        look(office, number, AGENT, "  ")
    look(office, number, AGENT, f"回拨 {PHONE}")
    assert office.rows("entry", ticket_id=office.see(number).id)[-1].note == "回拨 〔电话〕"


def test_what_somebody_writes_meanwhile_is_not_stale(office: Office) -> None:
    number = given(office)
    seen = office.see(number).seq
    look(office, number, AGENT)
    look(office, number, unit("hwzx"))
    office.do("report", number, unit("hwzx"), seq=seen, note="已到现场")
    with pytest.raises(StaleTicket):
        office.do("report", number, unit("hwzx"), seq=seen, note="又到现场")
    with pytest.raises(StaleTicket):
        office.do("report", number, unit("hwzx"), seq=99, note="还没发生")


def test_the_number_is_nowhere_else(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    number = given(office)
    with caplog.at_level(logging.DEBUG):
        assert look(office, number, AGENT, f"回访 {PHONE}").phone == PHONE
    for table in ("ticket", "entry", "outbox", "notice", "caller"):
        held = str([tuple(row) for row in office.rows(table)])
        assert (table, PHONE in held, NAME in held) == (table, False, False)
    with db.reading() as session:
        sheet = sheets.sheet(session, AGENT.sight, number)
        page = lists.tickets(session, AGENT.sight, now=NOW)
    assert PHONE.encode() not in msgspec.json.encode((sheet, page))
    assert PHONE not in caplog.text
