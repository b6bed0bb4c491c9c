"""The watchdog: what lies still is told of, put right, and costs nothing where nothing does."""

import pytest
import sqlalchemy as sa

from dispatch.lifecycle import State
from hotline import clock, settings
from hotline.flow import triage
from hotline.flow.oversight import retell, watch
from hotline.jobs import work
from hotline.jobs.watching import Watchdog
from hotline.serve import doctor
from hotline.store import db, lists, troubles
from hotline.store.lists import Filters, Sight
from hotline.store.schema import METADATA
from tests.cast import DAY, DISPATCHER, HOUR, MINUTE, NOW, REGION, RUBBISH, Office, counted

OUTBOX, CLOCK, TICKET = (METADATA.tables[name] for name in ("outbox", "clock", "ticket"))


@pytest.fixture(name="at")
def hands_of_the_clock(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The time, to be set."""
    held: list[object] = [NOW]
    monkeypatch.setattr(clock, "now", lambda: held[0])
    return held


def forgotten(office: Office, **new: object) -> str:
    """Receive a ticket whose event is marked done although nobody has triaged it."""
    number = office.received(**new)
    with db.transaction() as session:
        session.execute(sa.update(OUTBOX).values(done_at=NOW))
    return number


def notices(office: Office) -> list[tuple[str, str]]:
    return sorted((row.login, row.number) for row in office.rows("notice", kind="trouble"))


def test_a_ticket_nobody_triaged_is_told_of_and_triaged(office: Office, at: list[object]) -> None:
    number = forgotten(office, area=RUBBISH)
    dog = Watchdog()
    assert dog.turn() == 0, "a fresh one is not yet late"
    at[0] = NOW + 5 * MINUTE
    assert dog.turn() == 1
    assert office.see(number).state == State.ROUTED
    assert notices(office) == [("@dispatcher", number)]
    assert office.rows("trouble") == [], "what is put right is no trouble any more"


def test_doctor_and_machine_see_what_lies_also_where_nobody_watches(office: Office, at: list[object]) -> None:
    office.ticket(State.SIGNED)
    with db.transaction() as session:
        session.execute(sa.delete(CLOCK))
    forgotten(office)
    given = settings.load({"HOTLINE_DATABASE_URL": office.engine.url.render_as_string(hide_password=False)})
    assert doctor.attention(given).says == "工单没有责任人的时限 1"
    at[0] = NOW + 5 * MINUTE
    found = doctor.attention(given)
    assert (found.state, found.says) == (doctor.State.ERROR, "工单受理后无人分派 1；工单没有责任人的时限 1")
    with db.reading() as session:
        assert watch.trouble_counts(session, NOW + 5 * MINUTE) == {"lying": 1}


def test_one_that_cannot_be_triaged_stays_told_and_keeps_no_other_waiting(
    office: Office, at: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = forgotten(office, area=RUBBISH), forgotten(office, area=RUBBISH)
    place = triage._place

    def placed(*given: object) -> object:
        if getattr(given[3], "number", "") == bad:
            raise ValueError("这件分派不了")
        return place(*given)

    monkeypatch.setattr(triage, "_place", placed)
    at[0] = NOW + 5 * MINUTE
    Watchdog().turn()
    assert (office.see(good).state, office.see(bad).state) == (State.ROUTED, State.RECEIVED)
    assert {(row.kind, row.number) for row in office.rows("trouble")} == {("triage", bad), ("lying", bad)}
    sight = Sight(region=REGION, everything=True)
    with db.reading() as session:
        page = lists.tickets(session, sight, Filters(troubled=True), now=NOW)
    assert [card.number for card in page.items] == [bad]
    monkeypatch.undo()
    monkeypatch.setattr(clock, "now", lambda: NOW + 10 * MINUTE)
    with db.transaction() as session:
        troubles.clear(session, REGION, "triage")
    Watchdog().turn()
    assert (office.see(bad).state, office.rows("trouble")) == (State.ROUTED, [])


@pytest.mark.parametrize("state", [
    State.RECEIVED, State.ROUTED, State.SIGNED, State.RETURNED, State.DISPUTED, State.LACKING, State.PARKED,
    State.REVIEWING, State.ANSWERED,
])  # fmt: skip
def test_an_owner_without_a_clock_gets_it_back(office: Office, at: list[object], state: State) -> None:
    number = office.ticket(state, text="有一件事想说清楚") if state is State.RECEIVED else office.ticket(state)
    if state is State.RECEIVED:
        office.triage()
    ticket = office.see(number.number)
    with db.reading() as session:
        before = retell.stored(session, ticket)
    at[0] = NOW + HOUR
    assert Watchdog().turn() == 0, "nothing is missing"
    running = CLOCK.c.ticket_id == ticket.id, CLOCK.c.stopped_at.is_(None), CLOCK.c.paused_at.is_(None)
    with db.transaction() as session:
        session.execute(sa.delete(CLOCK).where(*running))
    at[0] = NOW + 2 * HOUR
    assert Watchdog().turn() == 1
    with db.reading() as session:
        assert retell.stored(session, ticket) == before
    assert notices(office) == [("@dispatcher", ticket.number)]
    assert office.rows("trouble") == []
    at[0] = NOW + 3 * HOUR
    assert Watchdog().turn() == 0


def test_a_clock_given_back_shames_nobody_for_what_is_past(office: Office, at: list[object]) -> None:
    ticket = office.ticket(State.SIGNED)
    with db.transaction() as session:
        session.execute(sa.delete(CLOCK))
    at[0] = NOW + 20 * DAY
    Watchdog().turn()
    assert office.sweep(NOW + 20 * DAY) == 0
    assert office.clocks(ticket.number)["result"].due_at < NOW + 20 * DAY


def test_who_took_a_ticket_up_before_triage_has_no_clock_and_needs_none(office: Office, at: list[object]) -> None:
    number = office.received()
    office.do("route", number, DISPATCHER, unit="hwzx")
    with db.transaction() as session:
        session.execute(sa.update(OUTBOX).values(done_at=NOW))
    work.events([])
    at[0] = NOW + HOUR
    assert Watchdog().turn() == 0
    assert office.rows("trouble") == []


def test_the_cost_follows_what_is_open(office: Office, at: list[object]) -> None:
    """What is closed is never looked at; open tickets in order cost the same few statements however many."""
    sent: list[int] = []
    for size in (1, 6):
        while len(office.rows("ticket")) < size:
            office.ticket(State.SIGNED)
        at[0] = NOW + HOUR + size * MINUTE
        with counted(office.engine) as statements:
            assert Watchdog().turn() == 0
        sent.append(len([one for one in statements if "edition" not in one.partition("WHERE")[0]]))
    assert sent[0] == sent[1] <= 5


def test_a_ticket_found_in_order_is_not_read_again_until_it_moves(office: Office, at: list[object]) -> None:
    ticket = office.ticket(State.SIGNED)
    with db.transaction() as session:
        session.execute(sa.delete(CLOCK))
        session.execute(sa.delete(METADATA.tables["entry"]))
    fine: dict[object, int] = {}
    with db.reading() as session:
        assert watch.ownerless(session, office.city, fine) == []
        assert fine == {ticket.id: ticket.seq}
        with counted(office.engine) as statements:
            assert watch.ownerless(session, office.city, fine) == []
    assert len(statements) == 1
