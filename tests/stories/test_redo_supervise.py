"""A redo with half the time: it goes past its day, gets a red card, does not help, and ends by a supervisor's word."""

from datetime import UTC, datetime

from dispatch.lifecycle import State
from tests.cast import CALLER_BACK, DAY, HOUR, NOW, SUPERVISOR, Office, unit

ANGRY = {"reached": True, "contacted": True, "solved": "no", "satisfaction": 2, "cause": "事情没有解决"}


def test_a_redo_that_ends_in_supervision(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW).number
    first = office.clocks(number)["result"]
    again = office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    assert (again.state, again.redos, again.callback_due_at) == ("signed", 1, None)
    redo = office.clocks(number)["result"]
    # half of 7 natural days: Thu 19 Nov + 3 = Sun 22, gives way to Mon 23, its end
    assert (redo.started_at, redo.due_at) == (NOW + DAY, datetime(2026, 11, 23, 16, tzinfo=UTC))
    assert first.outcome == "met"

    office.sweep(redo.due_at + 3 * HOUR)
    assert "red_card" not in office.history(number)
    office.sweep(redo.due_at + 12 * HOUR)  # business has opened on the first working day after
    red = office.see(number)
    assert red.level == "red_card"

    late = redo.due_at + DAY
    office.answer(number, unit("hwzx"), late, note="又清运了一次")
    assert office.clocks(number)["result"].outcome == "late"
    done = office.do("callback", number, CALLER_BACK, late + DAY, **ANGRY)
    assert (done.state, done.level, done.redos) == ("signed", "supervise", 2)  # open until it is solved
    assert (done.solved, done.satisfaction) == ("no", 2)  # filed as said
    moves = office.history(number)
    assert moves.count("redo") == 2
    assert moves.index("redo") < moves.index("red_card") < moves.index("supervise")
    assert [row.final for row in office.rows("callback")] == [True, True]
    done = office.do("conclude", number, SUPERVISOR, late + 2 * DAY, reason="诉求超出政策，已当面说明")
    assert (done.state, done.level, done.solved) == ("closed", "supervise", "no")
    assert all(one.stopped_at for one in office.rows("clock"))
    office.sweep(late + 60 * DAY)
    assert office.see(number).seq == done.seq  # nothing climbs any more
    assert office.broken_links() == []
