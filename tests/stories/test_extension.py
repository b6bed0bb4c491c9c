"""More time is asked for a minute before the limit, and a minute after; and nobody answers the question."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.lifecycle import State
from hotline.errors import RuleSaysNo
from hotline.flow.figures import measure
from hotline.flow.figures.measure import Asked
from hotline.jobs import work
from hotline.store import db
from tests.cast import DAY, DISPATCHER, HOUR, MINUTE, NOW, Office, unit

DUE = datetime(2026, 11, 25, 16, tzinfo=UTC)  # Wednesday 24:00 in 示例区
ASKED = {"reason": "需更换的压缩车尚在采购", "days": 5, "note": "已清运三分之二"}


def test_a_minute_before_the_limit_it_is_asked_and_granted(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    asked = office.do("ask_extension", number, unit("hwzx"), DUE - MINUTE, **ASKED)
    assert (asked.state, asked.pending, asked.due_at) == ("signed", "extension", DUE)  # the clock runs until approved
    (row,) = office.rows("request")
    assert (row.kind, row.data["days"], row.decided_at) == ("extension", 5, None)
    done = office.do("extend", number, DISPATCHER, DUE + HOUR, days=3)
    # three working days after Wednesday 25: Thursday, Friday, Monday 30, its end
    assert done.due_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert (done.pending, done.extensions, done.extended_days) == ("", 1, 3)
    assert office.clocks(number)["hold"].due_at == done.due_at
    assert office.clocks(number)["progress"].started_at == DUE + HOUR  # progress every 3 days while extended
    (line,) = [line for line in office.rows("entry") if line.move == "extend"]
    assert line.public
    assert line.why["decision"] == "同意延期3个工作日，报结果时限改至2026-11-30 24:00"
    office.do("report", number, unit("hwzx"), DUE + 2 * DAY, note="压缩车已到")
    progress = [row.started_at for row in office.rows("clock", clock="progress")]
    assert max(progress) == DUE + 2 * DAY
    with pytest.raises(RuleSaysNo, match="最多1次"):
        office.do("ask_extension", number, unit("hwzx"), DUE + 2 * DAY, **ASKED)
    assert office.broken_links() == []


def test_a_minute_after_the_limit_it_is_refused_and_counts_as_overdue(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    with pytest.raises(RuleSaysNo, match="延期须在时限2026-11-25 24:00前提出，现已超过"):
        office.do("ask_extension", number, unit("hwzx"), DUE + MINUTE, **ASKED)
    assert office.rows("request") == []
    office.do("answer", number, unit("hwzx"), DUE + 2 * MINUTE, note="已清运")
    assert office.clocks(number)["hold"].outcome == office.clocks(number)["result"].outcome == "late"
    office.fold(DUE + DAY)
    with db.reading() as session:
        asked = Asked(first=office.city.day(NOW), last=office.city.day(NOW))
        found = measure.figures(session, office.city, asked, now=DUE + DAY)
    (rate,) = [rate for rate in found.rates if rate.name == "on_time"]
    assert (rate.hits, rate.of) == (0, 1)


def test_silence_of_the_approver_is_consent(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.ticket(State.SIGNED).number
    office.do("ask_extension", number, unit("hwzx"), NOW + DAY, **ASKED)
    limit = office.clocks(number)["approval"].due_at
    later = limit + timedelta(seconds=1)
    office.sweep(later)
    monkeypatch.setattr(work.clock, "now", lambda: later)
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        work.events(waiting)
    done = office.see(number)
    assert (done.pending, done.extended_days, done.due_at > DUE) == ("", 5, True)
    (row,) = office.rows("request")
    assert (row.decision, row.decided_by) == ("granted", "clockwork")
    assert "超时默认" in row.why
    assert office.history(number)[-2:] == ["lapse", "extend"]
    assert office.broken_links() == []


def test_who_asked_does_not_decide_and_an_answer_ends_the_question(office: Office) -> None:
    number = office.ticket(State.SIGNED).number
    office.do("ask_extension", number, unit("hwzx"), NOW + DAY, **ASKED)
    done = office.do("answer", number, unit("hwzx"), NOW + DAY + HOUR, note="提前办好了")
    assert (done.state, done.pending) == ("answered", "")
    (row,) = office.rows("request")
    assert (row.decision, row.why) == ("lapsed", "工单已报结果，延期申请自动终止")
    assert office.clocks(number)["approval"].outcome == "void"
