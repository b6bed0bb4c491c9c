"""The rounds by the clock: sweep to the end, go on after a failure, stop when told."""

import os
import signal
import threading
import time

import pytest
from sqlalchemy.exc import OperationalError

from dispatch.lifecycle import State
from hotline import clock, settings
from hotline.errors import NoCity
from hotline.jobs import rounds
from hotline.store import db
from hotline.store.schema import METADATA
from hotline.wire.moves import Commitment
from tests.cast import DAY, NOW, RUBBISH, Office, unit


def test_a_round_sweeps_until_nothing_is_due(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.ticket(State.ROUTED)
    expected = sum(len(row.ladder) for row in office.rows("clock"))
    monkeypatch.setattr(clock, "now", lambda: NOW + 30 * DAY)
    assert rounds.sweep() == expected
    assert rounds.sweep() == 0


def test_a_round_tells_of_promises_that_are_due_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.SIGNED).number
    made = Commitment(text="明天再冲洗一次", until=(NOW + DAY).date())
    office.do("answer", number, unit("hwzx"), NOW, note="已清运", commitments=(made,))
    monkeypatch.setattr(clock, "now", lambda: NOW + 3 * DAY)
    assert [rounds.recheck(), rounds.recheck()] == [1, 0]
    assert len(office.rows("notice", kind="commitment")) == 2


def test_a_round_counts_what_has_changed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.ticket(State.SIGNED)
    monkeypatch.setattr(clock, "now", lambda: NOW + DAY)
    assert (rounds.count(), rounds.count()) == (1, 0)
    assert {(row.seq, row.counted_seq) for row in office.rows("ticket")} == {(4, 4)}


def test_a_round_takes_what_is_too_old_out_of_the_index(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.ticket(State.ROUTED)
    kept = len(office.rows("signature"))
    monkeypatch.setattr(clock, "now", lambda: NOW + 2 * 365 * DAY)
    assert (rounds.forget(), rounds.forget()) == (kept, 0)
    assert kept > 0


def test_without_a_city_there_is_nothing_to_sweep(office: Office) -> None:
    with db.transaction() as session:
        session.execute(METADATA.tables["edition"].delete())
    with pytest.raises(NoCity):
        rounds.sweep()
    Office(str(office.engine.url.render_as_string(hide_password=False)))


@pytest.mark.parametrize("wrong", [None, NoCity(), OperationalError("select", {}, Exception("gone"))])
def test_rounds_go_on_after_a_failure_and_stop_at_the_signal(
    database_url: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch, wrong: Exception | None
) -> None:
    office = Office(database_url)
    number = office.received(area=RUBBISH)
    plain = database_url.replace("sqlite+pysqlite", "sqlite").replace("postgresql+psycopg", "postgresql")
    given = settings.load({"HOTLINE_HOME": str(tmp_path), "HOTLINE_DATABASE_URL": plain,
                           "HOTLINE_REDIS_URL": "redis://127.0.0.1:1/0"})  # fmt: skip
    turns = []

    def sweep() -> int:
        turns.append(1)
        if wrong is not None and len(turns) == 1:
            raise wrong
        return 0

    monkeypatch.setattr(rounds, "sweep", sweep)
    monkeypatch.setattr(rounds, "SWEEP_EVERY", 1)
    monkeypatch.setattr(rounds, "RELAY_EVERY", 0.01)
    held = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}

    def stop_later() -> None:
        end = time.monotonic() + 20
        while len(turns) < 3 and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    killer = threading.Thread(target=stop_later)
    killer.start()
    rounds.run(given)
    killer.join()
    for name, handler in held.items():
        signal.signal(name, handler)
    assert len(turns) >= 3
    assert office.see(number).state == "routed"
    assert office.see(number).counted_seq > 0
