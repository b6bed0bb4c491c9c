"""The set-based sweep writes the hash of `flow.moves.chain`; nothing but a test holds the two together."""

import pytest
import sqlalchemy as sa

from dispatch.lifecycle import MOVES, OPEN, State
from dispatch.roles import Role
from hotline.flow import escalate, moves
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import DAY, NOW, Office, counted

pytestmark = pytest.mark.postgres
CLOCK = METADATA.tables["clock"]


@pytest.fixture
def office(postgres_url: str) -> Office:
    """The office on PostgreSQL: SQLite sweeps in `flow.escalate`."""
    return Office(postgres_url)


def climb(office: Office, most: int = 500) -> int:
    at = NOW + 30 * DAY
    with db.transaction() as session:
        return escalate.climb(session.connection(), office.city.region, at, moves.stamp(at), most)


def test_a_sweep_is_one_statement_whatever_is_due(office: Office) -> None:
    for _ in range(3):
        office.ticket(State.ROUTED)
    with counted(office.engine) as sent:
        assert climb(office) == 3  # one rung of each ticket a sweep: a line has one before it
    assert len(sent) == 1


@pytest.mark.parametrize("label", ["黄牌", "引号'\"\\", "表情😀", "", "竖线|", "制表\t"])
def test_the_hash_is_the_one_of_the_chain_whatever_the_words(office: Office, label: str) -> None:
    office.ticket(State.ROUTED)
    with db.transaction() as session:
        session.execute(
            sa.update(CLOCK).values(ladder=[{"at": moves.stamp(NOW), "move": "yellow_card", "label": label}])
        )
    assert climb(office) == 1
    assert office.rows("entry")[-1].note == label
    assert office.broken_links() == []


@pytest.mark.parametrize(("state", "cards"), [("closed", 0), ("joined", 0), ("answered", 1), ("received", 1)])
def test_only_open_tickets_get_cards_but_every_clock_moves_on(office: Office, state: str, cards: int) -> None:
    ticket = office.ticket(State.ROUTED)
    one = sa.update(METADATA.tables["ticket"]).where(METADATA.tables["ticket"].c.id == ticket.id)
    with db.transaction() as session:
        session.execute(one.values({"state": state}))
    assert climb(office) == 1
    assert len(office.rows("alarm")) == cards
    assert [row.position for row in office.rows("clock")].count(1) == 1


def test_no_more_than_asked_are_taken(office: Office) -> None:
    for _ in range(4):
        office.ticket(State.ROUTED)
    assert climb(office, most=1) == 1
    assert len(office.rows("alarm")) == 1


def test_another_region_is_not_swept(office: Office) -> None:
    office.ticket(State.ROUTED)
    with db.transaction() as session:
        assert escalate.climb(session.connection(), "elsewhere", NOW + 30 * DAY, moves.stamp(NOW), 500) == 0
    assert office.rows("alarm") == []


def test_events_have_ids_that_sort_by_the_sweep_and_come_once(office: Office) -> None:
    office.ticket(State.ROUTED)
    while climb(office):
        pass
    told = [row for row in office.rows("outbox") if row.move in escalate.RUNGS]
    assert len({row.id for row in told}) == len(told) == len(office.rows("alarm"))
    assert {row.id.version for row in told} == {7}
    assert {row.id.int >> 80 for row in told} == {int((NOW + 30 * DAY).timestamp() * 1000)}


def test_the_rungs_are_moves_of_the_clockwork_from_every_open_state() -> None:
    for rung in escalate.RUNGS:
        assert (MOVES[rung].origins, MOVES[rung].target) == (OPEN, None)
        assert Role.CLOCKWORK in MOVES[rung].who
