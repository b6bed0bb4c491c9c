"""The one place that writes a state: row, history line and event together, in a chain, or not at all."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline.errors import StaleTicket
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.people import Actor
from hotline.store import db, tickets
from tests.cast import AGENT, DISPATCHER, MINUTE, NOW, Office


def make(office: Office, number: str, move: str, actor: Actor, **more: object) -> None:
    with db.transaction() as session:
        ticket = tickets.locked(session, office.city.region, number)
        moves.make(session, ticket, move, actor, NOW + MINUTE, **more)


def test_a_move_writes_row_line_and_event_together(office: Office) -> None:
    number = office.received()
    make(office, number, "note", AGENT.actor, note="来电人很着急", why={"route": "因为"}, changes={"reply": "改"})
    ticket, lines = office.see(number), office.rows("entry")
    assert (ticket.seq, ticket.state, ticket.reply) == (2, "received", "改")
    assert ticket.last_hash == lines[1].hash
    line = lines[1]
    assert (line.seq, line.actor, line.role, line.move) == (2, "hua01", "agent", "note")
    assert (line.origin, line.target, line.note, line.why) == (
        "received",
        "received",
        "来电人很着急",
        {"route": "因为"},
    )
    assert [(one.move, one.number) for one in office.rows("outbox")] == [("receive", number), ("note", number)]


def test_two_steps_of_one_ticket_are_two_links_of_its_chain(office: Office) -> None:
    number = office.received()
    with db.transaction() as session:
        ticket = tickets.locked(session, office.city.region, number)
        steps = [Step(ticket=ticket, move=move, actor=CLOCKWORK, at=NOW) for move in ("classify", "route")]
        moves.make_many(session, steps)
    assert office.history(number) == ["receive", "classify", "route"]
    assert (office.see(number).state, office.see(number).seq) == ("routed", 3)
    assert office.broken_links() == []


def test_steps_of_many_tickets_take_three_statements_whatever_their_number(office: Office) -> None:
    numbers = [office.received() for _ in range(5)]
    with db.transaction() as session:
        held = [tickets.locked(session, office.city.region, number) for number in numbers]
        steps = [Step(ticket=one, move="route", actor=CLOCKWORK, at=NOW, changes={"unit": one.number}) for one in held]
        moves.make_many(session, steps)
    assert [office.see(number).unit for number in numbers] == numbers
    assert office.broken_links() == []


@pytest.mark.parametrize(
    ("move", "actor", "refusal"),
    [("sign", AGENT.actor, IllegalMove), ("route", Actor("u", Role.UNIT), NotYours), ("fly", AGENT.actor, IllegalMove)],
)
def test_what_the_table_forbids_leaves_no_trace(
    office: Office, move: str, actor: Actor, refusal: type[Exception]
) -> None:
    number = office.received()
    with pytest.raises(refusal):
        make(office, number, move, actor)
    assert (office.see(number).seq, office.history(number)) == (1, ["receive"])


def test_a_row_that_is_not_as_it_was_read_is_refused_and_nothing_is_written(office: Office) -> None:
    number = office.received()
    stale = office.see(number)
    make(office, number, "note", AGENT.actor, note="别人先写")
    with pytest.raises(StaleTicket), db.transaction() as session:
        moves.make(session, stale, "note", DISPATCHER.actor, NOW, note="后写")
    assert office.history(number) == ["receive", "note"]
    assert office.broken_links() == []


def test_quiet_tickets_tell_nobody(office: Office) -> None:
    number = office.received(quiet=True)
    make(office, number, "note", AGENT.actor, note="历史")
    assert office.rows("outbox") == []


def test_the_chain_covers_every_column_of_a_line() -> None:
    told = ("0" * 64, 2, NOW, "hua01", "agent", "note", "received", "说明")
    plain = moves.chain(*told)
    others = ("1" * 64, 3, NOW + timedelta(microseconds=1), "hua02", "unit", "urge", "routed", "说明。")
    for place, other in enumerate(others):
        changed = [*told[:place], other, *told[place + 1 :]]
        assert moves.chain(*changed) != plain, place


def test_the_chain_writes_moments_in_utc_whatever_zone_they_came_in() -> None:
    here = datetime(2026, 11, 18, 10, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert moves.stamp(here) == moves.stamp(here.astimezone(UTC)) == "2026-11-18T02:00:00.000005Z"


def test_opening_gives_the_first_state_and_refuses_who_may_not_receive() -> None:
    row = {"id": 1, "region": "sample"}
    line = moves.opening(row, AGENT.actor, NOW)
    assert (row["state"], row["seq"], row["last_hash"]) == (State.RECEIVED.value, 1, line["hash"])
    with pytest.raises(NotYours):
        moves.opening({"id": 1, "region": "sample"}, Actor("u", Role.UNIT), NOW)
