"""The whole ticket: what hangs on it, at what cost, and for whom."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from hotline.errors import NoSuchTicket
from hotline.store import db, sheets, veil
from hotline.store.ids import new_id
from hotline.store.lists import Sight
from hotline.store.requests import OpinionRow, RequestRow
from hotline.store.tickets import Alarm, Assignment, CallbackRow, ClockRow, Entry, TicketRow

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALL = Sight(region="r1", everything=True)


@pytest.fixture(scope="module", autouse=True)
def filled(database_url: str) -> None:
    """A disputed ticket with one of everything, a ticket joined to it, a confidential one of another unit."""
    db.bind(database_url)
    given: dict[str, Any] = {"region": "r1", "text": "路灯不亮", "source": "12345", "received_at": NOW}
    main, joined, secret = (new_id(NOW + place * DAY) for place in range(3))
    with db.transaction() as session:
        more: dict[str, Any] = {"state": "disputed", "unit": "cgj", "helpers": ["hwzx"], "pending": "park"}
        session.add(TicketRow(id=main, number="n1", hard=True, extensions=1, extended_days=5, **given | more))
        session.add(TicketRow(id=joined, number="n2", state="joined", joined_to=main, **given))
        mask = {"confidential": True, "caller_label": "王**"}
        session.add(TicketRow(id=secret, number="n3", state="closed", unit="zjj", **given | mask))
        for seq, move in enumerate(("receive", "route"), start=1):
            facts = {"unit": "cgj"} if move == "route" else {}
            line = {"seq": seq, "at": NOW, "actor": "a", "role": "agent", "move": move, "facts": facts, "hash": ""}
            session.add(Entry(ticket_id=main, region="r1", **line))
        its = {"region": "r1", "ticket_id": main}
        session.add(ClockRow(id=new_id(NOW), clock="sign", started_at=NOW, due_at=NOW + DAY, paused_at=NOW, **its))
        session.add(
            Alarm(clock_id=new_id(NOW), position=0, move="propose", card="red_card", due_at=NOW, acted_at=NOW, **its)
        )
        session.add(CallbackRow(id=new_id(NOW), at=NOW, by="b", reached=False, **its))
        asked = {"number": "n1", "kind": "park", "asked_by": "li", "asked_at": NOW, "data": {"until": "2027-03-15"}}
        session.add(RequestRow(id=new_id(NOW), **its, **asked))
        session.add(OpinionRow(convened_at=NOW, unit="szzx", **its))
        session.add(Assignment(id=new_id(NOW), role="help", unit="hwzx", assigned_at=NOW, answer="已配合", **its))


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """The statements sent to the database."""
    found: list[str] = []

    def note(*facts: Any) -> None:
        if not facts[2].startswith("BEGIN"):
            found.append(facts[2])

    event.listen(db.engine(), "before_cursor_execute", note)
    yield found
    event.remove(db.engine(), "before_cursor_execute", note)


def test_a_sheet_is_eleven_statements(sent: list[str]) -> None:
    with db.reading() as session:
        session.execute(sa.text("SELECT 1"))
        sent.clear()
        sheet = sheets.sheet(session, ALL, "n1")
    assert len(sent) == 11
    assert [(line.move, line.facts) for line in sheet.history] == [("receive", {}), ("route", {"unit": "cgj"})]
    assert [(one.clock, one.paused_at, one.shifts) for one in sheet.clocks] == [("sign", NOW, [])]
    assert [(one.move, one.card, one.decision) for one in sheet.cards] == [("propose", "red_card", "")]
    assert [one.reached for one in sheet.calls] == [False]
    assert [(one.kind, one.data["until"], one.decided_at) for one in sheet.petitions] == [("park", "2027-03-15", None)]
    assert [(one.unit, one.said_at) for one in sheet.opinions] == [("szzx", None)]
    assert [(one.role, one.unit, one.answer) for one in sheet.hands] == [("help", "hwzx", "已配合")]
    assert [card.number for card in sheet.joined] == ["n2"]
    assert (sheet.helpers, sheet.text, sheet.joined_to) == (["hwzx"], "路灯不亮", "")
    card = sheet.card
    assert (card.pending, card.hard, card.extensions, card.extended_days, card.excluded) == ("park", True, 1, 5, "")


def test_a_sheet_of_a_joined_ticket_names_the_matter() -> None:
    with db.reading() as session:
        assert sheets.sheet(session, ALL, "n2").joined_to == "n1"


@pytest.mark.parametrize(("unit", "seen"), [("cgj", True), ("hwzx", True), ("szzx", True), ("zjj", False)])
def test_who_handles_helps_or_is_asked_in_a_dispute_sees_it(unit: str, seen: bool) -> None:
    with db.reading() as session:
        if not seen:
            with pytest.raises(NoSuchTicket):
                sheets.sheet(session, Sight(region="r1", unit=unit), "n1")
            return
        assert sheets.sheet(session, Sight(region="r1", unit=unit), "n1").card.number == "n1"


@pytest.mark.parametrize("number", ["n3", "n99", ""])
def test_unseen_is_unknown(number: str) -> None:
    with db.reading() as session, pytest.raises(NoSuchTicket):
        sheets.sheet(session, Sight(region="r1", unit="cgj"), number)


def test_confidential_callers_are_for_the_desk_only() -> None:
    with db.reading() as session:
        assert sheets.sheet(session, ALL, "n3").card.caller_label == "王**"
        assert sheets.sheet(session, Sight(region="r1", unit="zjj"), "n3").card.caller_label == veil.CONFIDENTIAL
