"""What silence leads to, what is refused or lacks something, and cards that wait for a person."""

from datetime import datetime, timedelta

import pytest

from dispatch.lifecycle import State
from hotline.errors import BadValue
from hotline.jobs import work
from tests.cast import AGENT, DAY, HOUR, NOW, SUPERVISOR, Office, unit

SECOND = timedelta(seconds=1)


def later(office: Office, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """Let the sweep and the worker come to `at`."""
    office.sweep(at)
    monkeypatch.setattr(work.clock, "now", lambda: at)
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        assert work.events(waiting) == len(waiting)


def test_no_signature_in_time_counts_as_signed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.ROUTED).number
    due = office.clocks(number)["sign"].due_at
    later(office, monkeypatch, due - SECOND)
    assert office.see(number).state == "routed"
    later(office, monkeypatch, due)
    assert (office.see(number).state, office.clocks(number)["sign"].outcome) == ("signed", "late")
    line = [row for row in office.rows("entry") if row.move == "default_sign"][-1]
    assert "按超时默认默认签收" in line.note
    assert line.public
    later(office, monkeypatch, due + HOUR)
    assert office.history(number).count("default_sign") == 1


def test_who_signs_at_the_last_moment_signed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.ROUTED).number
    due = office.clocks(number)["sign"].due_at
    office.sweep(due)  # the time is out, the consequence not yet carried out
    office.do("sign", number, unit("hwzx"), due)
    later(office, monkeypatch, due + SECOND)
    assert "default_sign" not in office.history(number)


def test_what_lacks_goes_on_when_nobody_supplies_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.LACKING).number
    assert office.clocks(number)["hold"].paused_at is not None
    assert office.clocks(number)["result"].paused_at is None
    due = office.clocks(number)["supply"].due_at
    later(office, monkeypatch, due + SECOND)
    assert (office.see(number).state, office.clocks(number)["hold"].paused_at) == ("signed", None)
    assert office.history(number)[-1] == "resume"


def test_a_refusal_says_why_and_where_to_go(office: Office) -> None:
    number = office.received()
    office.triage()
    done = office.do("refuse", number, AGENT, NOW + HOUR, reason="已由法院受理", guide="区人民法院诉讼服务中心")
    assert (done.state, done.outcome, done.closed_at) == ("refused", "refused", NOW + HOUR)
    assert done.reply == "已由法院受理；请向区人民法院诉讼服务中心反映"
    (line,) = [row for row in office.rows("entry") if row.move == "refuse"]
    assert (line.public, line.why["guide"]) == (True, "区人民法院诉讼服务中心")
    assert {clock.stopped_at for clock in office.clocks(number).values()} == {NOW + HOUR}


def test_a_proposed_card_waits_for_a_person(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.sweep(NOW + 20 * DAY)
    proposed = [row for row in office.rows("alarm") if row.move == "propose"]
    assert [row.card for row in proposed] == ["circulate"]
    assert office.see(number).level == "supervise"  # not circulated: only proposed
    shown = office.do("circulate", number, SUPERVISOR, NOW + 20 * DAY, note="同意通报")
    assert shown.level == "circulate"
    (row,) = [row for row in office.rows("alarm") if row.move == "propose"]
    assert (row.decision, row.decided_by) == ("confirmed", "du01")
    office.do("answer_card", number, unit("hwzx"), NOW + 20 * DAY, note="设备故障，已于当日修复")
    answered = [row.answer for row in office.rows("alarm") if row.answered_at]
    assert answered == ["设备故障，已于当日修复"]
    with pytest.raises(BadValue):
        office.do("drop_card", number, SUPERVISOR, NOW + 20 * DAY, note="已经通报过了")


def test_a_dropped_card_is_dropped_with_a_reason(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.sweep(NOW + 20 * DAY)
    with pytest.raises(BadValue, match="须写明理由"):
        office.do("drop_card", number, SUPERVISOR, NOW + 20 * DAY)
    office.do("drop_card", number, SUPERVISOR, NOW + 20 * DAY, note="逾期原因为停电")
    (row,) = [row for row in office.rows("alarm") if row.move == "propose"]
    assert (row.decision, office.see(number).level) == ("dropped", "supervise")
    assert office.broken_links() == []
