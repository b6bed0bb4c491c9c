"""Is the wall clock to be believed: jumps within a process, across a restart, after a boot, and a person's word."""

from datetime import datetime, timedelta

import pytest

from dispatch.lifecycle import State
from hotline import clock
from hotline.flow.oversight import watch
from hotline.jobs import heart, relay, rounds
from hotline.jobs.heart import LEAP, OFF, Heart
from hotline.jobs.rounds import Rounds
from hotline.store import db, troubles
from tests.cast import DAY, HOUR, MINUTE, NOW, REGION, Office
from tests.servers import only

SECOND = timedelta(seconds=1)


class Clocks:
    """The wall's clock, which anybody can set, and the steady one."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW, 1000.0

    def pass_(self, real: timedelta, wall: timedelta | None = None) -> None:
        """Let real time pass, and the wall clock show as much or something else."""
        self.steady += real.total_seconds()
        self.wall += real if wall is None else wall

    def heart(self, boot: str = "boot-1") -> Heart:
        """Return the heart of a process begun now."""
        return Heart(lambda: self.wall, lambda: self.steady, boot)


@pytest.fixture(name="clocks")
def two_clocks(office: Office, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    assert office
    monkeypatch.setattr(heart, "_ahead_of_server", lambda *_: "")
    return Clocks()


def resume() -> None:
    with db.transaction() as session:
        assert troubles.clear(session, REGION, "hold") == 1


def holds(office: Office) -> list[str]:
    return [row.says for row in office.rows("trouble", kind="hold")]


def test_time_that_passes_is_believed(office: Office, clocks: Clocks) -> None:
    one = clocks.heart()
    for _ in range(100):
        assert one.turn(REGION)
        clocks.pass_(5 * SECOND)
    assert holds(office) == []
    assert [(row.boot, row.at > NOW) for row in office.rows("beat")] == [("boot-1", True)]


@pytest.mark.parametrize(("ahead", "believed"), [(LEAP - SECOND, True), (LEAP + SECOND, False), (10 * HOUR, False)])
def test_a_jump_forward_of_more_than_minutes_holds(
    office: Office, clocks: Clocks, ahead: timedelta, believed: bool
) -> None:
    one = clocks.heart()
    one.turn(REGION)
    clocks.pass_(5 * SECOND, 5 * SECOND + ahead)
    assert one.turn(REGION) is believed
    assert [True] * len(holds(office)) == ([] if believed else [True])


def test_the_night_a_process_slept_is_no_jump(office: Office, clocks: Clocks) -> None:
    one = clocks.heart()
    one.turn(REGION)
    clocks.pass_(9 * HOUR)
    assert one.turn(REGION)
    assert holds(office) == []


def test_a_person_confirms_the_time_for_every_process(office: Office, clocks: Clocks) -> None:
    one, other = clocks.heart(), clocks.heart("boot-2")
    assert [one.turn(REGION), other.turn(REGION)] == [True, True]
    clocks.pass_(5 * SECOND, 3 * HOUR)
    assert [one.turn(REGION), other.turn(REGION)] == [False, False]
    clocks.pass_(MINUTE)
    assert not one.turn(REGION), "it waits for a person"
    resume()
    assert [one.turn(REGION), other.turn(REGION)] == [True, True]
    clocks.pass_(MINUTE)
    assert [one.turn(REGION), other.turn(REGION)] == [True, True]
    assert holds(office) == []


def test_a_clock_that_is_put_right_needs_nobody(office: Office, clocks: Clocks) -> None:
    one = clocks.heart()
    one.turn(REGION)
    clocks.pass_(5 * SECOND, 3 * HOUR)
    assert not one.turn(REGION)
    clocks.pass_(MINUTE, MINUTE + 5 * SECOND - 3 * HOUR)
    assert one.turn(REGION)
    assert holds(office) == []


def test_a_clock_put_back_is_believed(office: Office, clocks: Clocks) -> None:
    one = clocks.heart()
    one.turn(REGION)
    clocks.pass_(2 * MINUTE, -3 * HOUR)
    assert one.turn(REGION)
    clocks.pass_(2 * MINUTE)
    assert one.turn(REGION)
    assert holds(office) == []


@pytest.mark.parametrize(("real", "wall", "believed"), [
    (9 * HOUR, 9 * HOUR, True),  # stopped over night
    (30 * DAY, 30 * DAY, True),  # or for a month: the steady clock counted it
    (MINUTE, 9 * HOUR, False),
])  # fmt: skip
def test_within_one_boot_a_restart_changes_nothing(
    office: Office, clocks: Clocks, real: timedelta, wall: timedelta, believed: bool
) -> None:
    clocks.heart().turn(REGION)
    clocks.pass_(real, wall)
    assert clocks.heart().turn(REGION) is believed
    assert clocks.heart().turn(REGION) is believed, "and so it is for the next process"
    assert len(holds(office)) == (not believed)


@pytest.mark.parametrize(("off", "believed"), [(9 * HOUR, True), (OFF, True), (OFF + MINUTE, False)])
def test_a_machine_that_was_off_is_believed_for_some_days(
    office: Office, clocks: Clocks, off: timedelta, believed: bool
) -> None:
    clocks.heart("boot-1").turn(REGION)
    clocks.steady = 20.0
    clocks.wall += off
    one = clocks.heart("boot-2")
    assert one.turn(REGION) is believed
    clocks.pass_(MINUTE)
    assert one.turn(REGION) is believed, "only a person can tell"
    if not believed:
        resume()
        assert one.turn(REGION)
    assert holds(office) == []


@only("postgres")  # SQLite has no server
def test_a_clock_ahead_of_the_database_server_is_not_believed(
    office: Office, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    clocks.wall = datetime.fromisoformat("2099-01-01T00:00:00+00:00")
    one = clocks.heart()
    assert not one.turn(REGION)
    resume()
    assert one.turn(REGION), "a person knows better than the server"


def test_no_card_is_shown_before_a_person_confirms(
    office: Office, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.ticket(State.SIGNED)
    monkeypatch.setattr(clock, "now", lambda: clocks.wall)
    monkeypatch.setattr(heart, "steady", lambda: clocks.steady)
    made = Rounds(lambda _: None)
    made._heart = clocks.heart()
    made.by_the_clock()
    clocks.pass_(5 * SECOND, 30 * DAY)
    made.by_the_clock()
    rounds.count(made.believed)
    assert office.rows("alarm") == []
    assert {row.outcome for row in office.rows("clock") if row.stopped_at is None} == {""}, "nor is anybody judged late"
    assert {row.login for row in office.rows("notice", kind="trouble")} == {
        f"@{one}" for one in watch.ROLES_OF_TROUBLE["hold"]
    }
    resume()
    made.by_the_clock()
    assert len(office.rows("alarm")) > 0


def test_what_was_sent_by_a_clock_that_ran_ahead_is_told_again(office: Office) -> None:
    office.received()
    told: list[str] = []
    assert relay.turn(told.extend, NOW + 3 * HOUR) == 1
    assert relay.turn(told.extend, NOW) == 1, "the clock was put right"
    assert relay.turn(told.extend, NOW + SECOND) == 0
    assert len(told) == 2
