"""The citizen is asked: close, do it again, or try at another half-day; nobody reached is never satisfied."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from hotline.errors import BadValue, NoSuchTicket, Unanswered
from hotline.flow import call_back
from hotline.flow.figures import measure
from hotline.store import db
from hotline.store.tickets import Ticket
from hotline.wire.moves import Asked
from tests.cast import AGENT, CALLER_BACK, DAY, HOUR, NOW, Office, unit

GLAD: dict[str, Any] = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}
ANGRY: dict[str, Any] = {"reached": True, "contacted": False, "solved": "no", "satisfaction": 1, "reason": "没人来"}
TOMORROW = NOW + DAY


def test_the_call_is_due_by_the_close_of_the_next_working_day(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    due = datetime(2026, 11, 19, 9, 30, tzinfo=UTC)
    assert held.callback_due_at == office.see(held.number).callback_due_at == due
    assert office.clocks(held.number)["callback"].due_at == due


def test_a_content_citizen_closes_the_ticket(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    done = office.do("callback", held.number, CALLER_BACK, TOMORROW, **GLAD)
    assert (done.state, done.closed_at, done.solved, done.satisfaction) == ("closed", TOMORROW, "yes", 5)
    assert (done.tries, done.callback_due_at, done.contacted) == (1, None, True)
    (call,) = office.rows("callback")
    assert (call.by, call.channel, call.reached, call.final) == ("hui01", "phone", True, True)


def test_the_citizens_word_on_contact_stands_over_the_units(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    assert held.contacted is True
    assert office.do("callback", held.number, CALLER_BACK, TOMORROW, **GLAD | {"contacted": False}).contacted is False


@pytest.mark.parametrize("said", [
    ANGRY, {"reached": True, "solved": "no"}, {"reached": True, "solved": "yes", "satisfaction": 2},
])  # fmt: skip
def test_an_unhappy_citizen_sends_it_back_once_with_a_new_clock(office: Office, said: dict[str, Any]) -> None:
    held = office.ticket(State.ANSWERED)
    done = office.do("callback", held.number, CALLER_BACK, TOMORROW, **said)
    assert (done.state, done.redos, done.tries, done.answered_at, done.closed_at) == ("signed", 1, 0, None, None)
    clock = office.clocks(held.number)["result"]
    # Thu 19 Nov + 3 natural days = Sun 22 → Mon 23, its end
    assert (clock.started_at, clock.stopped_at) == (TOMORROW, None)
    assert clock.due_at == done.due_at == office.see(held.number).due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert clock.unit == "hwzx"


def test_an_unhappy_citizen_after_a_redo_leads_to_supervision_and_is_filed_as_said(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    office.do("callback", held.number, CALLER_BACK, TOMORROW, **ANGRY)
    office.answer(held.number, unit("hwzx"), NOW + 2 * DAY, note="又办了")
    done = office.do("callback", held.number, CALLER_BACK, NOW + 3 * DAY, **ANGRY)
    assert (done.state, done.level, done.satisfaction, done.solved) == ("signed", "supervise", 1, "no")
    assert office.history(held.number)[-3:] == ["pass", "redo", "supervise"]
    assert office.broken_links() == []


def test_three_misses_at_different_half_days_close_as_not_reached(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    states = []
    for at in (NOW + 4 * HOUR, NOW + 5 * HOUR, NOW + DAY, NOW + DAY + 5 * HOUR):
        done = office.do("callback", held.number, CALLER_BACK, at, reached=False)
        states.append(done.state)
    assert states == ["answered", "answered", "answered", "closed"]  # the first two were one half-day
    assert (done.solved, done.satisfaction, done.tries) == (None, None, 4)
    assert {row.final for row in office.rows("callback")} == {False}


def test_a_miss_says_when_to_try_again(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    done = office.do("callback", held.number, CALLER_BACK, NOW + HOUR, reached=False)
    assert (done.state, done.callback_due_at) == ("answered", datetime(2026, 11, 18, 5, 30, tzinfo=UTC))


def test_reached_without_a_rating_is_filed_and_does_not_count(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    done = office.do("callback", held.number, CALLER_BACK, TOMORROW, reached=True, declined=True)
    assert (done.state, done.solved, done.satisfaction) == ("closed", None, None)
    assert [row.final for row in office.rows("callback")] == [False]


def test_a_callback_without_an_answer_closes_nothing(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    with pytest.raises(Unanswered):
        office.do("callback", held.number, CALLER_BACK, TOMORROW, reached=True, reason="聊了几句")
    with pytest.raises(BadValue):
        office.do("callback", held.number, CALLER_BACK, TOMORROW, reached=True, declined=True, solved="yes")
    assert (office.see(held.number).state, office.rows("callback")) == ("answered", [])


@pytest.mark.parametrize("said", [{"solved": "yes"}, {"satisfaction": 5}, {"contacted": True}])
def test_who_was_not_reached_said_nothing(office: Office, said: dict[str, Any]) -> None:
    held = office.ticket(State.ANSWERED)
    with pytest.raises(BadValue):
        office.do("callback", held.number, CALLER_BACK, TOMORROW, reached=False, **said)
    assert office.rows("callback") == []


@pytest.mark.parametrize("me", [AGENT, unit("hwzx")])
def test_who_is_scored_or_only_listens_never_asks(office: Office, me: Any) -> None:
    held = office.ticket(State.ANSWERED)
    with pytest.raises(NotYours):
        office.do("callback", held.number, me, TOMORROW, **GLAD)
    assert (office.see(held.number).state, office.rows("callback")) == ("answered", [])


def rate(office: Office, number: str, at: datetime, **said: Any) -> Ticket:
    """Let the citizen rate on the web."""
    with db.transaction() as session:
        return call_back.citizen_rating(session, office.city, number, Asked(reached=True, channel="web", **said), at)


def counted(office: Office) -> list[tuple[str, int | None, bool]]:
    """Return who said what, and what of it counts."""
    return [(row.channel, row.satisfaction, row.final) for row in office.rows("callback")]


def test_citizens_rate_an_answered_ticket_themselves_and_nothing_else(office: Office) -> None:
    held, open_ = office.ticket(State.ANSWERED), office.ticket(State.SIGNED)
    done = rate(office, held.number, TOMORROW, solved="yes", satisfaction=5)
    assert (done.state, done.solved, done.satisfaction) == ("answered", "yes", 5)
    assert (done.callback_due_at, done.tries, done.closed_at) == (held.callback_due_at, 0, None)  # the call is made
    assert [(row.by, row.channel) for row in office.rows("callback")] == [("citizen", "web")]
    assert [(row.move, row.role, row.public) for row in office.rows("entry", actor="citizen")] == [
        ("voice", "citizen", True)
    ]
    with pytest.raises(NoSuchTicket):
        rate(office, open_.number, TOMORROW, solved="yes", satisfaction=5)


def test_what_is_said_on_the_phone_stands_over_what_was_said_on_the_web(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    rate(office, held.number, NOW + HOUR, solved="yes", satisfaction=5)
    done = office.do("callback", held.number, CALLER_BACK, TOMORROW, **ANGRY)
    assert (done.state, done.redos, done.satisfaction, done.contacted) == ("signed", 1, 1, False)
    assert counted(office) == [("web", 5, False), ("phone", 1, True)]


@pytest.mark.parametrize(("said", "why"), [
    ({"reached": False}, "3次在不同半天回访均未接通，以来电人的网上评价（已解决、满意）归档"),
    ({"reached": True, "declined": True}, "已接通，来电人未另作评价，以其网上评价（已解决、满意）归档"),
])  # fmt: skip
def test_the_word_on_the_web_counts_where_the_call_brings_no_other(
    office: Office, said: dict[str, Any], why: str
) -> None:
    held = office.ticket(State.ANSWERED)
    rate(office, held.number, NOW + HOUR, solved="yes", satisfaction=4)
    for at in (NOW + 4 * HOUR, NOW + DAY, NOW + DAY + 5 * HOUR):
        done = office.do("callback", held.number, CALLER_BACK, at, **said)
        if done.state == "closed":
            break
    assert (done.state, done.solved, done.satisfaction) == ("closed", "yes", 4)
    assert office.rows("entry", move="close")[0].why["callback"] == why
    assert [row.final for row in office.rows("callback") if row.channel == "web"] == [True]
    assert {one.name: (one.hits, one.of) for one in rates(office)} == {
        "reach": (1, 1), "solve": (1, 1), "satisfaction": (1, 1)
    }  # fmt: skip


def rates(office: Office) -> list[Any]:
    """Return the rates that come from what citizens say."""
    office.fold(NOW + 30 * DAY)
    with db.reading() as session:
        asked = measure.Asked(first=office.city.day(NOW), last=office.city.day(NOW))
        found = measure.figures(session, office.city, asked, now=NOW + 30 * DAY)
    return [one for one in found.rates if one.name in ("reach", "solve", "satisfaction")]


def test_a_rating_on_the_web_after_a_missed_call_leaves_the_next_one_due(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    missed = office.do("callback", held.number, CALLER_BACK, NOW + HOUR, reached=False)
    done = rate(office, held.number, TOMORROW, solved="yes", satisfaction=4)
    assert (done.state, done.callback_due_at, done.tries) == ("answered", missed.callback_due_at, 1)
    assert counted(office) == [("phone", None, False), ("web", 4, True)]


def test_who_is_unhappy_on_the_web_is_heard_at_once(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    done = rate(office, held.number, NOW + HOUR, solved="no", satisfaction=1)
    assert (done.state, done.redos) == ("signed", 1)
    office.answer(held.number, unit("hwzx"), NOW + 2 * DAY, note="又办了")
    done = rate(office, held.number, NOW + 3 * DAY, solved="no", satisfaction=1)
    assert (done.state, done.level, done.redos) == ("signed", "supervise", 2)
    office.answer(held.number, unit("hwzx"), NOW + 3 * DAY + HOUR, note="再办了")
    done = office.do("callback", held.number, CALLER_BACK, NOW + 4 * DAY, **GLAD)
    assert (done.state, done.satisfaction) == ("closed", 5)
    assert counted(office) == [("web", 1, True), ("web", 1, True), ("phone", 5, True)]


def test_a_new_answer_is_not_judged_by_the_word_on_the_old_one(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    rate(office, held.number, NOW + HOUR, solved="no", satisfaction=1)
    office.answer(held.number, unit("hwzx"), NOW + 2 * DAY, note="又办了")
    done = office.do("callback", held.number, CALLER_BACK, NOW + 3 * DAY, reached=True, declined=True)
    assert (done.state, done.solved, done.satisfaction) == ("closed", None, None)
    assert {one.name: one.of for one in rates(office)} == {"reach": 1, "solve": 0, "satisfaction": 0}


def test_who_was_never_reached_may_still_rate_for_a_week(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    for at in (NOW + 4 * HOUR, NOW + DAY, NOW + DAY + 5 * HOUR):
        done = office.do("callback", held.number, CALLER_BACK, at, reached=False)
    assert (done.state, done.satisfaction) == ("closed", None)
    assert rate(office, held.number, NOW + 4 * DAY, solved="partly", satisfaction=3).satisfaction == 3
    assert [row.final for row in office.rows("callback")] == [False, False, False, True]


def test_the_last_rating_counts_and_all_are_kept(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    office.do("callback", held.number, CALLER_BACK, NOW + DAY, **GLAD)
    done = rate(office, held.number, NOW + 3 * DAY, solved="partly", satisfaction=3)
    assert (done.state, done.solved, done.satisfaction, done.closed_at) == ("closed", "partly", 3, NOW + DAY)
    assert counted(office) == [("phone", 5, False), ("web", 3, True)]
    assert office.history(held.number)[-2:] == ["close", "rate"]
    with pytest.raises(NoSuchTicket):
        rate(office, held.number, NOW + 8 * DAY, solved="yes", satisfaction=5)
    assert (office.see(held.number).satisfaction, office.broken_links()) == (3, [])


def test_a_rating_changed_to_unhappy_reopens_and_then_under_supervision(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    office.do("callback", held.number, CALLER_BACK, NOW + DAY, **GLAD)
    done = rate(office, held.number, NOW + 2 * DAY, solved="no", satisfaction=1, cause="事情没有解决")
    assert (done.state, done.redos, done.closed_at, done.answered_at) == ("signed", 1, None, None)
    assert office.rows("callback")[-1].reason == "【事情没有解决】"
    with pytest.raises(NoSuchTicket):
        rate(office, held.number, NOW + 2 * DAY, solved="yes", satisfaction=5)
    office.answer(held.number, unit("hwzx"), NOW + 3 * DAY, note="又办了")
    office.do("callback", held.number, CALLER_BACK, NOW + 4 * DAY, **GLAD)
    done = rate(office, held.number, NOW + 5 * DAY, solved="no", satisfaction=1)
    assert (done.state, done.level, done.satisfaction) == ("signed", "supervise", 1)
    assert [row.final for row in office.rows("callback")] == [False, True, False, True]
    assert office.broken_links() == []


def test_a_reason_that_is_not_on_the_list_is_refused(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    with pytest.raises(BadValue) as refused:
        office.do("callback", held.number, CALLER_BACK, TOMORROW, **ANGRY | {"cause": "心情不好"})
    assert (refused.value.path, office.rows("callback")) == ("cause", [])


def test_who_serves_the_unit_or_acted_for_it_does_not_ask(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    of_unit = msgspec.structs.replace(CALLER_BACK, unit="hwzx")
    moved = msgspec.structs.replace(CALLER_BACK, login="hwzx01")  # signed and answered it before the change of post
    for me in (of_unit, moved):
        with pytest.raises(NotYours, match="不得回访"):
            office.do("callback", held.number, me, TOMORROW, **GLAD)
    other = msgspec.structs.replace(CALLER_BACK, unit="cgj")
    assert office.do("callback", held.number, other, TOMORROW, **GLAD).state == "closed"


@pytest.mark.parametrize("state", [State.SIGNED, State.CLOSED, State.JOINED])
def test_a_call_where_none_is_waited_for_is_refused(office: Office, state: State) -> None:
    with pytest.raises(IllegalMove):
        office.do("callback", office.ticket(state).number, CALLER_BACK, TOMORROW, **ANGRY)
