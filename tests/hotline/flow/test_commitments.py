"""Promises of replies: entered, told of once when due, looked at again, and counted for the unit that made them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from hotline.errors import BadValue, NoSuchTicket
from hotline.flow import commitments
from hotline.store import db, sheets
from hotline.wire.moves import Commitment
from tests.cast import AGENT, CALLER_BACK, DAY, NOW, SUPERVISOR, Office, counted, unit

HWZX = unit("hwzx")
UNTIL = date(2026, 11, 30)
DUE = datetime(2026, 11, 30, 16, tzinfo=UTC)  # the end of the day in 示例区
GLAD: dict[str, Any] = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}


def promised(office: Office, *, until: date = UNTIL) -> str:
    """Return a ticket that was answered with a promise."""
    number = office.ticket(State.SIGNED).number
    made = Commitment(text="11月30日前更换全部垃圾桶", until=until)
    office.do("answer", number, HWZX, NOW + DAY, note="已清运，11月30日前更换全部垃圾桶", commitments=(made,))
    return number


def sweep(office: Office, at: datetime, limit: int = 500) -> int:
    """Sweep once."""
    with db.transaction() as session:
        return commitments.sweep(session, office.city, at, limit)


def waiting(office: Office, at: datetime) -> list[commitments.Recheck]:
    """Return the re-check list."""
    with db.reading() as session:
        return commitments.to_check(session, office.city.region, at)


def settle(office: Office, move: str, number: str, **said: Any) -> Any:
    """Say how the ticket's one promise ended."""
    (row,) = office.rows("commitment", number=number)
    return office.do(move, number, SUPERVISOR, DUE + DAY, commitment=row.id, note="现场看过", **said)


def score(office: Office) -> dict[str, tuple[int, int, int, int]]:
    """Return made, due, kept, broken by unit."""
    with db.reading() as session:
        found = commitments.score(session, office.city.region, NOW, NOW + 60 * DAY)
    return {one.unit: (one.made, one.due, one.kept, one.broken) for one in found}


def test_a_promise_is_entered_with_the_reply(office: Office) -> None:
    number = promised(office)
    (row,) = office.rows("commitment")
    assert (row.number, row.unit, row.source, row.made_by, row.due_at) == (number, "hwzx", "handler", "hwzx01", DUE)
    with db.reading() as session:
        (line,) = sheets.sheet(session, HWZX.sight, number).commitments
    assert (line.text, line.due_at, line.result) == ("11月30日前更换全部垃圾桶", DUE, "")


def test_or_later_by_the_unit_or_at_the_callback(office: Office) -> None:
    number = office.ticket(State.ANSWERED).number
    office.do("commit", number, HWZX, NOW + DAY, note="下周再冲洗一次", until=UNTIL)
    office.do("commit", number, CALLER_BACK, NOW + 2 * DAY, note="月底前更换", until=UNTIL, proposed=True)
    office.do("callback", number, CALLER_BACK, NOW + 2 * DAY, **GLAD)
    office.do("commit", number, CALLER_BACK, NOW + 3 * DAY, note="再看一次", until=UNTIL)
    assert [row.source for row in office.rows("commitment")] == ["handler", "text", "callback"]
    assert office.history(number)[-2:] == ["close", "commit"]
    assert office.broken_links() == []


def test_who_may_not_promise_or_settle(office: Office) -> None:
    number = promised(office)
    with pytest.raises(NotYours):
        office.do("commit", number, AGENT, NOW + DAY, note="会办好的", until=UNTIL)
    with pytest.raises(NoSuchTicket):
        office.do("commit", number, unit("cgj"), NOW + DAY, note="会办好的", until=UNTIL)
    with pytest.raises(IllegalMove):
        office.do("commit", office.ticket(State.ROUTED).number, HWZX, NOW, note="会办好的", until=UNTIL)
    (row,) = office.rows("commitment")
    with pytest.raises(NotYours):  # the unit does not judge itself
        office.do("fulfil", number, HWZX, DUE, commitment=row.id, note="已办")
    with pytest.raises(BadValue):
        office.do("fulfil", office.ticket(State.ANSWERED).number, SUPERVISOR, DUE, commitment=row.id, note="别的工单")


@pytest.mark.parametrize(("until", "good"), [(date(2026, 11, 18), True), (date(2026, 11, 17), False)])
def test_a_day_that_is_past_is_no_promise(office: Office, until: date, good: bool) -> None:
    number = office.ticket(State.SIGNED).number
    said = {"note": "已清运", "commitments": (Commitment(text="今天完成", until=until),)}
    if good:
        office.do("answer", number, HWZX, NOW + timedelta(hours=1), **said)
    else:
        with pytest.raises(BadValue):
            office.do("answer", number, HWZX, NOW + timedelta(hours=1), **said)
    assert office.see(number).state == ("answered" if good else "signed")
    assert len(office.rows("commitment")) == good


def test_what_is_due_is_told_once(office: Office) -> None:
    number = promised(office)
    assert sweep(office, DUE - timedelta(seconds=1)) == 0
    assert waiting(office, DUE - timedelta(seconds=1)) == []
    assert [sweep(office, at) for at in (DUE, DUE, DUE + DAY)] == [1, 0, 0]
    told = office.rows("notice", kind="commitment")
    assert sorted(row.login for row in told) == ["@caller_back", "@supervisor"]
    assert {row.number for row in told} == {number}
    (row,) = office.rows("commitment")
    assert row.told_at == DUE
    assert [one.number for one in waiting(office, DUE)] == [number]


def test_the_sweep_costs_two_statements_and_takes_the_oldest_first(office: Office) -> None:
    late = [promised(office, until=UNTIL - day * DAY) for day in range(3)]
    with counted(office.engine) as sent:
        assert sweep(office, DUE, limit=2) == 2
    assert len(sent) == 2, sent
    untold = [row.number for row in office.rows("commitment") if row.told_at is None]
    assert untold == [late[0]]
    assert sweep(office, DUE, limit=2) == 1


@pytest.mark.parametrize(
    ("move", "said", "result", "level", "counts"),
    [
        ("fulfil", {}, "kept", "", (1, 1, 1, 0)),
        ("break", {}, "broken", "supervise", (1, 1, 0, 1)),
        ("fulfil", {"waived": True}, "waived", "", None),
    ],
)
def test_how_it_ended(office: Office, move: str, said: Any, result: str, level: str, counts: Any) -> None:
    number = promised(office)
    office.do("callback", number, CALLER_BACK, NOW + 2 * DAY, **GLAD)
    sweep(office, DUE)
    done = settle(office, move, number, **said)
    assert (done.state, done.level) == ("closed", level)  # nothing is re-opened
    (row,) = office.rows("commitment")
    assert (row.result, row.settled_by, row.settled_at, row.note) == (result, "du01", DUE + DAY, "现场看过")
    assert waiting(office, DUE + DAY) == []
    assert score(office).get("hwzx") == counts
    with pytest.raises(BadValue):  # it is settled once
        settle(office, move, number, **said)
    assert office.broken_links() == []


def test_the_score_counts_what_was_made_and_what_came_due(office: Office) -> None:
    promised(office)
    promised(office, until=date(2027, 6, 30))
    assert score(office) == {"hwzx": (2, 1, 0, 0)}


def test_what_a_reply_promises_is_proposed_until_it_is_entered(office: Office) -> None:
    reply = "已清运。力争11月30日前更换全部垃圾桶。"
    (one,) = commitments.proposed(office.city, reply, NOW)
    assert (one.text, one.until) == ("力争11月30日前更换全部垃圾桶", UNTIL)
    number = office.ticket(State.ANSWERED).number
    office.do("commit", number, CALLER_BACK, NOW + DAY, note=one.text, until=UNTIL, proposed=True)
    with db.reading() as session:
        held = sheets.sheet(session, CALLER_BACK.sight, number).commitments
    assert commitments.proposed(office.city, reply, NOW, held) == []
