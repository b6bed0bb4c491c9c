"""Each (clock, rung) acts exactly once: two sweepers at once, one killed in the middle, clocks that jump.

The sweepers are real processes on one database; only their clock is set.
"""

import subprocess
import sys
from datetime import datetime

import pytest

from dispatch.lifecycle import State
from hotline.flow import escalate
from tests.cast import DAY, HOUR, NOW, REGION, Office

TICKETS = 10
LATE = NOW + 30 * DAY  # every rung of every clock is due
_SWEEPER = """
import sys
from datetime import datetime
from types import SimpleNamespace
from hotline.flow import escalate
from hotline.store import db
url, at, most, region = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
db.bind(url)
here = SimpleNamespace(region=region)  # all a sweep asks of the city
sys.stdin.readline()
moved = 1
while moved:
    with db.transaction() as session:
        moved = escalate.sweep(session, here, at, most)
    print(moved, flush=True)
"""


@pytest.fixture(name="due")
def rungs_due(office: Office) -> int:
    """Tickets nobody touches; how many rungs they have in all."""
    for place in range(TICKETS):
        office.ticket(State.ROUTED, NOW + place * HOUR / 10)
    return sum(len(row.ladder) for row in office.rows("clock"))


def start(office: Office, at: datetime = LATE, most: int = 7) -> "subprocess.Popen[str]":
    """Start a sweeper that waits for a line before it begins."""
    url = office.engine.url.render_as_string(hide_password=False)
    words = [sys.executable, "-c", _SWEEPER, url, at.isoformat(), str(most), REGION]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finish(*sweepers: "subprocess.Popen[str]") -> list[int]:
    """Let them begin together; return how many clocks each moved on."""
    for one in sweepers:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    told = [one.communicate()[0] for one in sweepers]
    assert [one.returncode for one in sweepers] == [0] * len(sweepers)
    return [sum(map(int, lines.split())) for lines in told]


def acted_once(office: Office, due: int) -> None:
    """Cards, history lines and events are one a rung; no rung is left out; the chain of every ticket holds."""
    alarms = office.rows("alarm")
    lines = [row for row in office.rows("entry") if row.move in escalate.RUNGS]
    events = [row for row in office.rows("outbox") if row.move in escalate.RUNGS]
    assert (len(alarms), len(lines), len(events)) == (due, due, due)
    assert {"propose", "lapse", "remind", "supervise"} <= {row.move for row in alarms}
    seqs = {(line.ticket_id, line.seq) for line in lines}
    assert len(seqs) == due
    for clock in {row.clock_id for row in alarms}:
        rungs = sorted((row for row in alarms if row.clock_id == clock), key=lambda row: int(row.position))
        assert [row.position for row in rungs] == list(range(len(rungs)))
    assert office.broken_links() == []


def test_two_sweepers_at_once_share_the_work(office: Office, due: int) -> None:
    assert sum(finish(start(office), start(office))) == due
    acted_once(office, due)


def test_a_sweeper_killed_in_the_middle_loses_and_repeats_nothing(office: Office, due: int) -> None:
    first = start(office, most=3)
    assert first.stdin is not None
    assert first.stdout is not None
    first.stdin.write("\n")
    first.stdin.flush()
    assert int(first.stdout.readline()) == 3
    first.kill()
    first.communicate()
    assert 3 <= len(office.rows("alarm")) < due
    finish(start(office), start(office, most=5))
    acted_once(office, due)


def test_clocks_that_jump_act_neither_early_nor_twice(office: Office, due: int) -> None:
    assert finish(start(office, NOW - 365 * DAY), start(office, NOW)) == [0, 0]
    ahead, behind = finish(start(office, LATE), start(office, NOW + DAY))
    assert ahead + behind == due
    assert finish(start(office, NOW + DAY), start(office, LATE + 365 * DAY)) == [0, 0]
    acted_once(office, due)
