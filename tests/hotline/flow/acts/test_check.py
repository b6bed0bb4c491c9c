"""A result handed in to be read: who reads it, what the citizen hears, and what becomes of its promises."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline.people import Me
from hotline.store import db
from hotline.wire.moves import Commitment
from tests.cast import DAY, DISPATCHER, HOUR, LAMP, NOW, REGION, SUPERVISOR, Office, unit

WAITING = {"note": "设施已移交养护单位，列入本季更换计划", "outcome": "explained", "contacted": False}


def test_what_passes_is_the_answer(office: Office) -> None:
    held = office.ticket(State.REVIEWING)
    assert (held.reply, held.outcome, held.answered_at, held.callback_due_at) == ("", "", None, None)
    done = office.do("pass", held.number, SUPERVISOR, NOW + HOUR, note="答复有依据")
    assert (done.state, done.answered_at) == ("answered", NOW + HOUR)
    assert (done.reply, done.outcome) == ("已向来电人解释", "explained")
    assert done.callback_due_at is not None
    line = office.rows("entry", ticket_id=held.id)[-1]
    assert (line.public, line.note, line.why["check"]) == (True, "已向来电人解释", "答复有依据")
    clocks = office.clocks(held.number)
    assert {clocks[name].outcome for name in ("result", "hold", "check", "contact", "progress")} == {"met"}


def test_what_was_handed_in_in_time_and_passes_late_was_in_time(office: Office) -> None:
    held = office.ticket(State.SIGNED)
    due = office.clocks(held.number)["hold"].due_at
    office.do("answer", held.number, unit("hwzx"), due - HOUR, **WAITING)
    office.sweep(due + HOUR)
    assert "red_card" not in office.history(held.number)
    office.do("pass", held.number, DISPATCHER, due + 8 * HOUR)
    assert {office.clocks(held.number)[name].outcome for name in ("result", "hold")} == {"met"}


def test_nobody_reads_the_own_units_result(office: Office) -> None:
    held = office.ticket(State.SIGNED, area=LAMP)
    office.do("answer", held.number, unit(held.unit), NOW + HOUR, **WAITING)
    for code in (held.unit, *held.helpers):
        own = Me(login="pai09", name="本单位派单员", region=REGION, role=Role.DISPATCHER, unit=code)
        for move, said in (("pass", {}), ("reject", {"reason": "不行"})):
            with pytest.raises(NotYours, match="不得审核本单位承办的结果"):
                office.do(move, held.number, own, NOW + 2 * HOUR, **said)
    assert office.see(held.number).state == "reviewing"


def test_the_promises_of_a_rejected_reply_were_made_to_nobody(office: Office) -> None:
    held = office.ticket(State.SIGNED)
    until = office.city.day(NOW) + timedelta(days=20)
    promised = (Commitment(text="二十日内更换完毕", until=until),)
    office.do("answer", held.number, unit("hwzx"), NOW + HOUR, commitments=promised, **WAITING)
    back = office.do("reject", held.number, DISPATCHER, NOW + 2 * HOUR, reason="请写明更换日期")
    assert (back.state, back.reply) == ("signed", "")
    (row,) = office.rows("commitment")
    assert (row.result, row.settled_by, row.note) == ("waived", "pai01", "审核退回，答复未发出")
    with pytest.raises(IllegalMove):
        office.do("pass", held.number, DISPATCHER, NOW + 3 * HOUR)


def test_a_request_falls_away_with_what_is_handed_in(office: Office) -> None:
    held = office.ticket(State.SIGNED)
    office.do("ask_extension", held.number, unit("hwzx"), NOW + HOUR, reason="缺配件", days=3, note="已拆检")
    done = office.do("answer", held.number, unit("hwzx"), NOW + 2 * HOUR, **WAITING)
    assert (done.state, done.pending) == ("reviewing", "")
    with db.reading() as session:
        decision = session.execute(sa.text("SELECT decision FROM request")).scalar_one()
    assert decision == "lapsed"
    assert office.clocks(held.number)["approval"].outcome == "void"
    assert office.shelve(NOW + 90 * DAY) == 0
