"""Rungs of one ticket that fall due in one sweep give one notice, the highest; the history keeps every line."""

from datetime import datetime

import pytest

from dispatch.escalation import LEVELS
from dispatch.lifecycle import State
from hotline import clock
from hotline.jobs import relay, rounds, work
from tests.cast import DAY, HOUR, NOW, Office

LATER = NOW + 30 * DAY


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: LATER)


def tell(office: Office, at: datetime = LATER) -> list[str]:
    """Carry out all events; return the kinds of the ladder's notices to the unit."""
    while relay.turn(lambda ids: work.events(ids) and None, at):
        pass
    return [row.kind for row in office.rows("notice", unit="hwzx") if row.kind in LEVELS]


def acted(office: Office) -> list[str]:
    return [row.move for row in office.rows("entry") if row.move in LEVELS]


def test_one_notice_a_ticket_after_a_standstill(office: Office) -> None:
    for _ in range(2):
        office.ticket(State.SIGNED)
    rounds.sweep()
    lines = acted(office)
    assert len(lines) > 4
    highest = max(lines, key=LEVELS.index)
    assert tell(office) == [highest] * 2
    assert acted(office) == lines


def test_whatever_order_the_events_are_carried_out_in(office: Office) -> None:
    office.ticket(State.SIGNED)
    rounds.sweep()
    for row in sorted(office.rows("outbox"), key=lambda row: row.move):
        work.events([row.id.hex])
        work.events([row.id.hex])
    assert len(tell(office)) == 1


def test_rungs_of_different_sweeps_are_told_of_each(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.SIGNED).number
    first, *_, last = [rung for rung in office.clocks(number)["result"].ladder if rung["move"] in LEVELS]
    for moment in (first["at"], last["at"]):
        at = datetime.fromisoformat(moment) + HOUR
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        rounds.sweep()
        tell(office, at)
    assert len(tell(office, at)) == 2
