"""What was closed long ago is put away: in batches, once, by two at a time, and from an index."""

import pytest
import sqlalchemy as sa

from dispatch.errors import IllegalMove
from dispatch.lifecycle import State
from hotline.errors import NoSuchTicket
from hotline.flow import call_back, shelve
from hotline.store import db
from hotline.wire.moves import Asked
from tests.cast import CALLER_BACK, DAY, MINUTE, NOW, SUPERVISOR, Office, counted, unit

LATER = NOW + 31 * DAY


def test_batches_the_oldest_first(office: Office) -> None:
    numbers = [office.ticket(State.CLOSED, NOW + n * 10 * MINUTE).number for n in range(3)]
    with db.transaction() as session:
        assert shelve.sweep(session, office.city, LATER, limit=2) == 2
    assert [office.see(one).state for one in numbers] == ["archived", "archived", "closed"]
    assert office.shelve(LATER) == 1
    assert office.shelve(LATER) == 0
    assert office.broken_links() == []


def test_a_filed_ticket_is_over(office: Office) -> None:
    held = office.ticket(State.ARCHIVED)
    assert office.history(held.number)[-1] == "file"
    for move, me, said in (
        ("appeal", unit("hwzx"), {"reason": "不符", "basis": "录音"}),
        ("commit", unit("hwzx"), {"note": "再来一次", "until": LATER.date()}),
    ):
        with pytest.raises(IllegalMove):
            office.do(move, held.number, me, LATER, **said)
    with pytest.raises(IllegalMove):
        office.do("callback", held.number, CALLER_BACK, LATER, reached=True, solved="no")
    said = Asked(reached=True, solved="no", satisfaction=1, channel="web")
    with pytest.raises(NoSuchTicket), db.transaction() as session:
        call_back.citizen_rating(session, office.city, held.number, said, held.closed_at + DAY)
    assert office.do("note", held.number, SUPERVISOR, LATER, note="调阅").state == "archived"


def test_the_cost_is_that_of_what_is_due(office: Office) -> None:
    for n in range(3):
        office.ticket(State.CLOSED, NOW + n * 10 * MINUTE)
    with counted(office.engine) as sent:
        assert office.shelve(LATER) == 3
    three = len(sent)
    for n in range(6):
        office.ticket(State.CLOSED, NOW + n * 10 * MINUTE)
    with counted(office.engine) as sent:
        assert office.shelve(LATER) == 6
    assert len(sent) == three
    with counted(office.engine) as sent:
        assert office.shelve(LATER) == 0
    assert len(sent) == 1


def test_what_is_due_is_found_by_its_index(office: Office) -> None:
    office.ticket(State.CLOSED)
    query = (
        "SELECT id FROM ticket WHERE region = 'sample' AND state = 'closed' AND pending = '' "
        "AND closed_at <= '2027-01-01 00:00:00' ORDER BY closed_at, id LIMIT 200"
    )
    with db.reading() as session:
        if office.engine.dialect.name == "sqlite":
            plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {query}")).all()
        else:
            session.execute(sa.text("SET LOCAL enable_seqscan = off"))
            session.execute(sa.text("SET LOCAL enable_sort = off"))
            plan = session.execute(sa.text(f"EXPLAIN {query}")).all()
    assert "ix_ticket_closed" in str(plan)
