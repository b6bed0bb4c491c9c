"""The citizen is not content: it is done again with a day of its own; after that it goes to supervision."""

from dispatch.lifecycle import State
from tests.cast import CALLER_BACK, DAY, HOUR, NOW, Office, unit

ANGRY = {"reached": True, "contacted": True, "solved": "no", "satisfaction": 1, "reason": "垃圾还在"}


def test_a_redo_that_helps(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW).number
    again = office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    assert (again.state, again.redos) == ("signed", 1)
    clock = office.clocks(number)["result"]
    assert (clock.unit, clock.started_at, clock.due_at) == ("hwzx", NOW + DAY, again.due_at)
    office.answer(number, unit("hwzx"), NOW + 2 * DAY, note="已重新清运")
    done = office.do("callback", number, CALLER_BACK, NOW + 3 * DAY, reached=True, solved="yes", satisfaction=4)
    assert (done.state, done.solved, done.satisfaction, done.level) == ("closed", "yes", 4, "")
    assert office.clocks(number)["result"].outcome == "met"
    assert office.sweep(NOW + 60 * DAY) == 0
    assert office.broken_links() == []


def test_a_redo_that_falls_silent_climbs_the_ladder(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW).number
    office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    office.sweep(NOW + 30 * DAY)
    assert office.see(number).level == "supervise"
    named = {row.id: row.clock for row in office.rows("clock")}
    assert {(named[row.clock_id], row.unit) for row in office.rows("alarm")} == {("result", "hwzx")}


def test_a_redo_that_does_not_help_is_supervised_and_stays_open(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW).number
    office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    office.answer(number, unit("hwzx"), NOW + 2 * DAY, note="又清运了")
    done = office.do("callback", number, CALLER_BACK, NOW + 2 * DAY + HOUR, **ANGRY)
    assert (done.state, done.level, done.redos, done.solved, done.satisfaction) == ("signed", "supervise", 2, "no", 1)
    assert office.history(number)[-2:] == ["redo", "supervise"]
    assert len(office.rows("callback")) == 2
    assert office.broken_links() == []
