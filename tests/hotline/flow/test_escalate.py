"""Every due rung acts once, whoever sweeps and however late; both engines write the same."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.escalation import RANKS
from dispatch.lifecycle import State
from hotline.flow import clockrows, escalate, tell
from hotline.store import db, tickets
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, DAY, DISPATCHER, HOUR, MINUTE, NOW, RUBBISH, Office, counted, unit

CLOCK = METADATA.tables["clock"]
LADDER = [  # of a ticket dispatched on Wed 18 Nov 10:00 that nobody touches, by the sample city's ladder.toml
    ("contact", "remind", datetime(2026, 11, 19, 0, 0, tzinfo=UTC)),
    ("sign", "remind", datetime(2026, 11, 19, 8, 30, tzinfo=UTC)),
    ("sign", "yellow_card", datetime(2026, 11, 19, 9, 30, tzinfo=UTC)),
]


def alarms(office: Office, number: str) -> list[tuple[str, str]]:
    found = office.rows("alarm", ticket_id=office.see(number).id)
    return [(row.move, row.label) for row in sorted(found, key=lambda row: (row.due_at, str(row.clock_id)))]


def test_nothing_acts_before_its_moment_and_each_at_it(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    names = {row.id: row.clock for row in office.rows("clock")}
    for clock, move, at in LADDER:
        before = {(row.clock_id, row.position) for row in office.rows("alarm")}
        office.sweep(at - MINUTE)
        office.sweep(at)
        new = [row for row in office.rows("alarm") if (row.clock_id, row.position) not in before]
        assert (clock, move, at) in [(names[row.clock_id], row.move, row.due_at) for row in new]
        assert {row.unit for row in new} == {"hwzx"}
    assert office.see(number).level == "yellow_card"


def test_a_standstill_of_weeks_makes_up_for_every_rung_once_and_in_order(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    expected = sum(len(row.ladder) for row in office.rows("clock"))
    late = NOW + 30 * DAY
    assert office.sweep(late) == expected == len(office.rows("alarm"))
    assert office.sweep(late) == 0
    assert {(row.acted_at, row.ticket_id) for row in office.rows("alarm")} == {(late, office.see(number).id)}
    moments = {row.clock_id: [one.due_at for one in office.rows("alarm", clock_id=row.clock_id)]
               for row in office.rows("alarm")}  # fmt: skip
    assert all(found == sorted(found) for found in moments.values())
    assert len([line for line in office.rows("entry") if line.move in escalate.RUNGS]) == expected
    assert office.see(number).level == "supervise"
    assert {clock.next_at for clock in office.rows("clock")} == {None}
    assert office.broken_links() == []


def test_a_stopped_clock_climbs_no_further(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.do("answer", number, unit("hwzx"), NOW + HOUR, note="办好了")
    office.sweep(NOW + 30 * DAY)
    names = {row.id: row.clock for row in office.rows("clock")}
    assert {names[row.clock_id] for row in office.rows("alarm")} == {"callback"}


def test_the_level_only_rises(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    levels, last = [], []
    for hour in range(0, 24 * 12, 6):
        office.sweep(NOW + hour * HOUR)
        levels.append(RANKS[office.see(number).level])
        last += [RANKS[line.move] for line in office.rows("entry") if line.move in escalate.LEVELS][-1:]
    assert levels == sorted(levels)
    assert any(later < earlier for earlier, later in pairwise(last)), "a lower rung came after a higher one"


def test_a_redo_may_climb_again(office: Office) -> None:
    number = office.ticket(State.ANSWERED).number
    office.do("callback", number, CALLER_BACK, NOW + DAY, reached=True, solved="no")
    office.sweep(NOW + 20 * DAY)
    assert {"red_card", "supervise"} <= {move for move, _ in alarms(office, number)}
    assert office.see(number).state == "signed"


def test_an_event_tells_of_every_rung_and_a_quiet_ticket_has_none(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.sweep(NOW + 2 * DAY)
    told = [row.move for row in office.rows("outbox") if row.move in escalate.RUNGS]
    assert sorted(told) == sorted(move for move, _ in alarms(office, number))
    assert {row.number for row in office.rows("outbox")} == {number}


def test_the_limit_bounds_one_sweep_and_the_rest_comes_next(office: Office) -> None:
    for _ in range(5):
        office.ticket(State.ROUTED)
    at = NOW + 2 * DAY
    with db.transaction() as session:
        first = escalate.sweep(session, office.city, at, limit=3)
    assert 0 < first <= 3
    rest = office.sweep(at, limit=3)
    assert first + rest == len(office.rows("alarm"))


def test_a_sweep_with_nothing_due_is_one_small_statement(office: Office) -> None:
    office.ticket(State.ROUTED)
    with counted(office.engine) as sent, db.transaction() as session:
        assert escalate.sweep(session, office.city, NOW) == 0
    assert len(sent) == 1


def test_cards_go_to_who_holds_the_ticket_now(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.do("return", number, unit("hwzx"), NOW + HOUR, reason="不归我们")
    office.do("route", number, DISPATCHER, NOW + 2 * HOUR, unit="cgj")
    office.sweep(NOW + 30 * DAY)
    named = {row.clock_id: row.unit for row in office.rows("alarm")}
    running = {row.id: row.unit for row in office.rows("clock") if row.stopped_at is None}
    assert named.items() <= running.items()
    assert set(named.values()) == {"cgj"}


def test_a_desk_clock_has_no_unit(office: Office) -> None:
    office.received()
    office.triage()
    office.sweep(NOW + 3 * DAY)
    assert {row.unit for row in office.rows("alarm")} == {""}
    assert "supervise" in {row.move for row in office.rows("alarm")}


def _story(office: Office) -> list[tuple[Any, ...]]:
    """Let a fixed week pass; return what the sweeps wrote, without ids."""
    names = {}
    for place in range(3):
        names[office.ticket(State.ROUTED, NOW + place * HOUR, area=RUBBISH).id] = place
    for day in (1, 2, 5, 12):
        office.sweep(NOW + day * DAY)
    clocks = {row.id: row.clock for row in office.rows("clock")}
    cards = [
        (names[row.ticket_id], clocks[row.clock_id], row.position, row.move, row.label, row.due_at, row.acted_at)
        for row in office.rows("alarm")
    ]
    lines = [
        (names[row.ticket_id], row.at, row.actor, row.role, row.move, row.origin, row.target, row.note, row.public)
        for row in office.rows("entry") if row.move in escalate.LEVELS
    ]  # fmt: skip
    rows = [(names[row.id], row.level, row.seq, row.state) for row in office.rows("ticket")]
    where = [(names[row.ticket_id], row.clock, row.position, row.next_at) for row in office.rows("clock")]
    return [sorted(cards), sorted(lines), sorted(rows), sorted(where, key=str)]


@pytest.mark.postgres
def test_both_engines_write_equal_rows_and_sound_chains(sqlite_url: str, postgres_url: str) -> None:
    told = []
    for url in (sqlite_url, postgres_url):
        office = Office(url)
        told.append(_story(office))
        assert office.broken_links() == []
    assert told[0] == told[1]
    assert len(told[0][0]) >= 20


@pytest.mark.postgres
def test_two_sweepers_at_once_act_once_per_rung(postgres_url: str) -> None:
    office = Office(postgres_url)
    office.put([office.arrival(area=RUBBISH, phone=f"1380000{n:04d}") for n in range(60)])
    office.triage()
    expected = sum(len(row.ladder) for row in office.rows("clock"))
    late, start = NOW + 30 * DAY, threading.Barrier(4)

    def sweeper() -> int:
        start.wait()
        return office.sweep(late, limit=20)

    with ThreadPoolExecutor(4) as pool:
        moved = [future.result() for future in [pool.submit(sweeper) for _ in range(4)]]
    office.sweep(late)
    assert len(office.rows("alarm")) == expected
    assert sum(moved) <= expected
    assert len([line for line in office.rows("entry") if line.move in escalate.RUNGS]) == expected
    assert office.broken_links() == []


@pytest.mark.postgres
def test_a_sweep_does_not_wait_for_somebody_who_works_on_the_ticket(postgres_url: str) -> None:
    office = Office(postgres_url)
    busy, free = office.ticket(State.ROUTED), office.ticket(State.ROUTED)
    with db.transaction() as session:
        tickets.locked(session, office.city.region, busy.number)
        with db.transaction() as other:
            other.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            assert escalate.sweep(other, office.city, NOW + 2 * DAY) > 0
        assert {row.ticket_id for row in office.rows("alarm")} == {free.id}
        mine = sa.update(CLOCK).where(CLOCK.c.ticket_id == busy.id).values(stopped_at=NOW + timedelta(days=1))
        session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        session.execute(mine)
    office.sweep(NOW + 2 * DAY)
    assert {row.ticket_id for row in office.rows("alarm")} == {free.id, busy.id}


def test_the_sweep_writes_the_same_chain_as_a_move(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.sweep(NOW + 2 * DAY)
    office.do("note", number, DISPATCHER, NOW + 2 * DAY, note="之后")
    office.sweep(NOW + 30 * DAY)
    assert office.broken_links() == []


@pytest.mark.parametrize("position", [-1, -4])
def test_a_place_below_the_first_rung_is_not_counted_from_the_end(office: Office, position: int) -> None:
    office.ticket(State.ROUTED)
    rungs = list(office.rows("clock")[0].ladder)
    row = SimpleNamespace(ladder=rungs, position=position)
    assert clockrows.onward(row, [])[CLOCK.c.ladder] == []
    row = SimpleNamespace(ladder=rungs, position=1)
    assert clockrows.onward(row, [])[CLOCK.c.ladder] == rungs[:1]


def test_who_hears_of_a_rung_below_the_first_is_who_is_late(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.sweep(LADDER[0][2])
    with db.transaction() as session:
        session.execute(sa.update(METADATA.tables["alarm"]).values(position=-99))
        events = session.execute(sa.select(METADATA.tables["outbox"])).all()
        (told,) = next(iter(tell._rungs(session, events).values()))
    assert (told.to, office.see(number).unit) == ("unit", told.unit)
