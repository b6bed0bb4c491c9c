"""A redo whose explained answer is rejected once, passes by silence, is called back, closed, filed a month later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch.lifecycle import State
from hotline.flow.figures import measure, tally
from hotline.flow.figures.measure import Asked
from hotline.flow.oversight import retell
from hotline.jobs import rounds, work
from hotline.store import db
from tests.cast import CALLER_BACK, DAY, DISPATCHER, HOUR, MINUTE, NOW, SUPERVISOR, Office, unit

ANGRY = {"reached": True, "contacted": True, "solved": "no", "satisfaction": 2, "reason": "没有人来看过"}
GLAD = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 4}
EXPLAINED = {"note": "桶位占用消防通道，按规定不能恢复，已向来电人说明", "outcome": "explained"}
REDO_DUE = datetime(2026, 11, 23, 16, tzinfo=UTC)  # heard on Thursday 19, three natural days, gives way to Monday 23


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set what the jobs take for now."""
    held = [NOW]
    monkeypatch.setattr(work.clock, "now", lambda: held[0])
    return lambda moment: held.__setitem__(0, moment)


def follow(office: Office) -> None:
    """Do what follows, until nothing does."""
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        work.events(waiting)


def figures(office: Office, now: datetime) -> Any:
    """Return the figures of the day it was received, counted anew."""
    office.fold(now)
    day = office.city.day(NOW)
    with db.reading() as session:
        found = measure.figures(session, office.city, Asked(first=day, last=day), now=now)
    with db.transaction() as session:
        recount = tally.differences(session, office.city, day)
    assert (recount.sums, recount.wrong) == ([], [])
    return found.closed, {one.name: (one.hits, one.of) for one in found.rates}


def test_a_redo_that_is_read_first(office: Office, at: Any) -> None:
    number = office.ticket(State.ANSWERED, NOW).number
    follow(office)
    again = office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    assert (again.state, again.due_at) == ("signed", REDO_DUE)
    handed_in_and_rejected(office, number)
    limit = passed_by_silence(office, number, at)

    closed_at = limit + HOUR
    done = office.do("callback", number, CALLER_BACK, closed_at, **GLAD)
    assert (done.state, done.closed_at) == ("closed", closed_at)
    before = figures(office, closed_at)
    assert (before[0], before[1]["rejected"], before[1]["solve"]) == (1, (1, 1), (1, 1))

    # thirty days later, and not before
    assert office.shelve(closed_at + 30 * DAY - MINUTE) == 0
    at(closed_at + 30 * DAY)
    assert (rounds.shelve(), rounds.shelve()) == (1, 0)
    filed = office.see(number)
    assert (filed.state, filed.closed_at, filed.satisfaction) == ("archived", closed_at, 4)
    follow(office)
    assert office.rows("notice", kind="file") == []
    assert figures(office, closed_at + 31 * DAY) == before
    assert office.broken_links() == []
    with db.reading() as session:
        assert retell.stored(session, filed) == retell.recounted(session, office.city, filed)


def handed_in_and_rejected(office: Office, number: str) -> None:
    """Hand the result in on the last day; the desk rejects it the next morning."""
    # handed in on the last day: the citizen hears nothing yet, the clocks stand still, the desk has a working day
    first = REDO_DUE - 8 * HOUR
    given = office.do("answer", number, unit("hwzx"), first, **EXPLAINED)
    assert (given.state, given.reply, given.outcome, given.answered_at) == ("reviewing", "已清运完毕", "solved", None)
    line = office.rows("entry", ticket_id=given.id)[-1]
    assert (line.move, line.public, line.note) == ("submit", False, EXPLAINED["note"])
    assert line.why["check"].startswith("重办件的办理结果须经审核后答复来电人")
    clocks = office.clocks(number)
    assert (clocks["result"].paused_at, clocks["hold"].paused_at) == (first, first)
    assert (clocks["check"].owner, clocks["check"].due_at) == ("desk", datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    follow(office)
    assert [row.login for row in office.rows("notice", kind="submit")] == ["@dispatcher"]

    # rejected the next morning: the promise to the citizen is late as if nothing had been handed in, the unit gets its
    # day back
    back = office.do("reject", number, DISPATCHER, first + 17 * HOUR, reason="须附消防部门的书面意见")
    assert (back.state, back.due_at, back.reply) == ("signed", REDO_DUE, "已清运完毕")
    clocks = office.clocks(number)
    assert (clocks["result"].paused_at, clocks["result"].due_at) == (None, REDO_DUE)
    assert (clocks["hold"].paused_at, clocks["hold"].due_at) == (None, REDO_DUE + DAY)
    assert clocks["check"].outcome == "met"


def passed_by_silence(office: Office, number: str, at: Any) -> datetime:
    """Return when the desk's time was out."""
    # handed in again the same day, and nobody reads it in time
    second = REDO_DUE + 12 * HOUR
    office.do("answer", number, unit("hwzx"), second, **EXPLAINED | {"note": "已附消防部门意见并上门说明"})
    limit = office.clocks(number)["check"].due_at
    office.sweep(limit + MINUTE)
    at(limit + MINUTE)
    follow(office)
    passed = office.see(number)
    assert (passed.state, passed.outcome, passed.reply) == ("answered", "explained", "已附消防部门意见并上门说明")
    assert passed.callback_due_at is not None
    assert office.history(number)[-2:] == ["lapse", "pass"]
    line = office.rows("entry", ticket_id=passed.id)[-1]
    assert line.public
    assert "超时默认审核通过" in line.why["default"]
    clocks = office.clocks(number)
    assert (clocks["hold"].outcome, clocks["result"].outcome) == ("met", "late")
    return limit


def test_the_ordinary_answer_is_read_by_nobody(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    line = office.rows("entry", ticket_id=held.id)[-1]
    assert (line.move, line.why["check"]) == ("answer", "按规则不经审核，直接答复来电人")
    assert "check" not in office.clocks(held.number)


def test_what_waits_for_a_word_is_not_filed(office: Office) -> None:
    asked = office.ticket(State.CLOSED).number
    office.do("appeal", asked, unit("hwzx"), NOW + HOUR, reason="评价与回访记录不符", basis="回访录音")
    owed = office.ticket(State.CLOSED)
    until = office.city.day(NOW + 10 * DAY)
    office.do("commit", owed.number, unit("hwzx"), NOW + HOUR, note="十日内加装护栏", until=until)
    plain = office.ticket(State.CLOSED).number
    later = NOW + timedelta(days=40)
    assert office.shelve(later) == 1
    assert [office.see(one).state for one in (asked, owed.number, plain)] == ["closed", "closed", "archived"]
    (row,) = office.rows("commitment")
    office.do("fulfil", owed.number, DISPATCHER, later, commitment=row.id, note="护栏已装好")
    office.do("dismiss", asked, SUPERVISOR, later, reason="评价属实")
    assert office.shelve(later) == 2
