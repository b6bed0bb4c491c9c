"""The clocks of one ticket: what each move does to them, as tables; and the same again from the history."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from dispatch.calendar import Calendar, Kind, Roll, for_hours
from dispatch.clocks import Event, Running, replay, turn
from dispatch.deadlines import DeadlineRule, Urgency

At = Callable[[str], datetime]


def promise(clock: str, after: str, stops: str, owner: str = "unit", **more: Any) -> DeadlineRule:
    given: dict[str, Any] = {"days": 7, "roll": Roll.NONE, **more}
    return DeadlineRule(clock=clock, after=after, stops=tuple(stops.split()), owner=owner, **given)


PAUSES: dict[str, Any] = {"pauses": ("lack", "return"), "resumes": ("supply", "keep"), "extends": ("extend",)}
RESULT = promise("result", "route", "answer", "citizen", extends=("extend",), pauses=("park",), resumes=("resume",))
HOLD = promise("hold", "route", "answer", voids=("route",), **PAUSES)
SIGN = promise("sign", "route", "sign return", days=1, kind=Kind.WORKING, ends="close_of_business")
HELP = promise("help", "route", "help_answer", "helper", days=3, voids=("answer",))
CONTACT = promise("contact", "route", "report", days=None, hours=24, pauses=("lack",), resumes=("supply",))
BOOK = (RESULT, HOLD, SIGN, HELP, CONTACT)


def named(one: Running) -> str:
    """Return the clock's name, a helper's with its unit."""
    return f"{one.clock} {one.unit}" if one.owner == "helper" else one.clock


def lived(china: Calendar, *events: Event, book: tuple[DeadlineRule, ...] = BOOK) -> dict[str, Running]:
    """Return the clocks of a history, by name."""
    return {named(one): one for one in replay(book, china, events)}


def test_a_dispatch_starts_a_clock_for_each_promise_and_each_helper(china: Calendar, at: At) -> None:
    found = lived(china, Event(move="route", at=at("2026-03-02 10:00"), unit="cgj", helpers=("a", "b")))
    assert set(found) == {"result", "hold", "sign", "help a", "help b", "contact"}
    assert found["result"].due_at == found["hold"].due_at == at("2026-03-10 00:00")
    assert {one.unit for one in found.values()} == {"cgj", "a", "b"}


@pytest.mark.parametrize(
    ("moves", "clock", "due", "why"),
    [
        (("lack 2026-03-04 15:00", "supply 2026-03-06 09:00"), "hold", "2026-03-12 00:00", "two days are given back"),
        (("lack 2026-03-04 09:00", "supply 2026-03-04 17:00"), "hold", "2026-03-10 00:00", "a pause within a day"),
        (("lack 2026-03-02 12:00", "supply 2026-03-02 14:00"), "contact", "2026-03-03 12:00", "hours for hours"),
        (("lack 2026-03-04 15:00", "supply 2026-03-06 09:00"), "result", "2026-03-10 00:00", "it never stops"),
        (("return 2026-03-03 10:00", "keep 2026-03-05 10:00"), "hold", "2026-03-12 00:00", "the review is not its own"),
        (("park 2026-03-03 10:00", "resume 2026-04-03 10:00"), "result", "2026-04-10 00:00", "parked for a month"),
        (("lack 2026-03-12 10:00", "supply 2026-03-16 10:00"), "hold", "2026-03-10 00:00", "late stays late"),
    ],
)  # fmt: skip
def test_pauses(china: Calendar, at: At, moves: tuple[str, ...], clock: str, due: str, why: str) -> None:
    told = [Event(move=text.split()[0], at=at(text.split(" ", 1)[1]), unit="cgj") for text in moves]
    found = lived(china, Event(move="route", at=at("2026-03-02 10:00"), unit="cgj"), *told)
    assert (found[clock].due_at, found[clock].paused_at) == (at(due), None), why


def test_an_extension_counts_working_days_from_the_limit(china: Calendar, at: At) -> None:
    start = Event(move="route", at=at("2026-03-02 10:00"), unit="cgj")
    found = lived(china, start, Event(move="extend", at=at("2026-03-06 10:00"), unit="cgj", days=5, extended=True))
    assert found["result"].due_at == found["hold"].due_at == at("2026-03-17 00:00")  # Mon 9 + 5 working days
    assert "经批准延期5个工作日" in found["result"].why


@pytest.mark.parametrize(
    ("move", "when", "outcomes", "why"),
    [
        ("answer", "2026-03-09 23:59", {"result": "met", "hold": "met", "help a": "late"}, "half-open: 24:00 is late"),
        ("answer", "2026-03-10 00:00", {"result": "late", "hold": "late", "help a": "late"}, "at the very moment"),
        ("withdraw", "2026-03-04 10:00", {"result": "void", "hold": "void", "help a": "void"}, "nobody is judged"),
        (
            "withdraw",
            "2026-03-11 00:00",
            {"result": "late", "hold": "late", "help a": "late"},
            "late is late",
        ),
        ("route", "2026-03-04 10:00", {"result": "", "hold": "void", "help a": ""}, "passed on in time"),
    ],
)
def test_endings(china: Calendar, at: At, move: str, when: str, outcomes: dict[str, str], why: str) -> None:
    start = Event(move="route", at=at("2026-03-02 10:00"), unit="cgj", helpers=("a",))
    last = Event(move=move, at=at(when), final=move == "withdraw", unit="zjj" if move == "route" else "cgj")
    held = turn(BOOK, china, turn(BOOK, china, (), start), last)
    first = {named(one): one for one in held[:5]}
    assert {key: first[key].outcome for key in outcomes} == outcomes, why


def test_a_new_dispatch_hands_the_citizens_clock_over_and_starts_a_holding_clock(china: Calendar, at: At) -> None:
    first = Event(move="route", at=at("2026-03-02 10:00"), unit="cgj")
    held = replay(BOOK, china, (first, Event(move="route", at=at("2026-03-05 10:00"), unit="zjj")))
    results = [one for one in held if one.clock == "result"]
    holds = [one for one in held if one.clock == "hold"]
    assert [(one.unit, one.due_at) for one in results] == [("zjj", at("2026-03-10 00:00"))]
    assert [(one.unit, one.outcome) for one in holds] == [("cgj", "void"), ("zjj", "")]
    assert holds[1].due_at == at("2026-03-13 00:00")  # its own seven days


def test_only_its_own_helper_stops_a_helpers_clock(china: Calendar, at: At) -> None:
    start = Event(move="route", at=at("2026-03-02 10:00"), unit="cgj", helpers=("a", "b"))
    found = lived(china, start, Event(move="help_answer", at=at("2026-03-03 10:00"), unit="cgj", by="a"))
    assert (found["help a"].outcome, found["help b"].outcome) == ("met", "")


def test_the_row_of_the_duty_table_may_promise_its_own_days_but_not_for_what_is_urgent(china: Calendar, at: At) -> None:
    start = Event(move="route", at=at("2026-03-02 10:00"), unit="cgj", limit=15)
    found = lived(china, start)
    assert found["result"].due_at == found["hold"].due_at == at("2026-03-18 00:00")
    assert "责任表" in found["result"].why
    urgent = msgspec.structs.replace(RESULT, urgency=Urgency.URGENT, days=2)
    pressed = lived(china, msgspec.structs.replace(start, urgency="urgent"), book=(urgent,))
    assert pressed["result"].due_at == at("2026-03-05 00:00")


def test_a_unit_on_duty_round_the_clock_signs_on_a_sunday(china: Calendar, at: At) -> None:
    saturday = Event(move="route", at=at("2026-03-07 10:00"), unit="rlgs", hours=for_hours(china, "24h"))
    found = lived(china, saturday)
    assert found["sign"].due_at == at("2026-03-09 00:00")  # Sunday, its end; the city's hours would say Monday 17:30
    assert found["hold"].due_at == found["result"].due_at  # natural days are everybody's


def test_a_renamed_unit_keeps_its_clocks(china: Calendar, at: At) -> None:
    start = Event(move="route", at=at("2026-03-02 10:00"), unit="cgj")
    renamed = Event(move="transfer", at=at("2026-03-03 10:00"), unit="zf", renamed={"cgj": "zf"})
    found = lived(china, start, renamed)
    assert {one.unit for one in found.values()} == {"zf"}
    assert found["hold"].due_at == at("2026-03-10 00:00")


READ = (
    msgspec.structs.replace(
        RESULT, stops=("answer", "pass"), pauses=("park", "submit"), undoes=("reject",), roll=Roll.NEXT_WORKING
    ),
    msgspec.structs.replace(
        HOLD, stops=("answer", "pass"), pauses=(*HOLD.pauses, "submit"), resumes=(*HOLD.resumes, "reject"),
        roll=Roll.NEXT_WORKING,
    ),
)  # fmt: skip


def ended(china: Calendar, at: At, start: str, lines: list[str]) -> list[str]:
    """Return how result and hold stand: the last day, and the outcome."""
    moves = (f"{start} route", *lines)
    events = [Event(move=line.split()[2], at=at("2026-" + line[:11]), unit="cgj",
                    final=line.endswith("withdraw")) for line in moves]  # fmt: skip
    found = lived(china, *events, book=READ)
    kept = [found["result"], found["hold"]]
    return [f"{one.due_at - timedelta(seconds=1):%m-%d} {one.outcome or 'runs'}" for one in kept]


@pytest.mark.parametrize(
    ("lines", "result", "hold"),
    [
        # handed in on the last day, read two days later: it was in time
        (["03-09 16:00 submit", "03-11 10:00 pass"], "03-09 met", "03-09 met"),
        (["03-10 16:00 submit", "03-11 10:00 pass"], "03-09 late", "03-09 late"),
        # rejected: the citizen's limit stands, the unit gets two days back
        (["03-09 16:00 submit", "03-11 10:00 reject"], "03-09 runs", "03-11 runs"),
        (["03-09 16:00 submit", "03-11 10:00 reject", "03-11 18:00 answer"], "03-09 late", "03-11 met"),
        # rejected on the same day gives nothing, and late stays late
        (["03-05 09:00 submit", "03-05 17:00 reject"], "03-09 runs", "03-09 runs"),
        (["03-10 16:00 submit", "03-12 10:00 reject"], "03-09 runs", "03-09 runs"),
        # handed in a second time
        (
            ["03-05 09:00 submit", "03-06 09:00 reject", "03-10 09:00 submit", "03-12 09:00 pass"],
            "03-09 late", "03-10 met",
        ),
        (["03-09 16:00 submit", "03-10 10:00 withdraw"], "03-09 void", "03-09 void"),
    ],
)  # fmt: skip
def test_a_result_that_is_read_first(china: Calendar, at: At, lines: list[str], result: str, hold: str) -> None:
    assert ended(china, at, "03-02 10:00", lines) == [result, hold]


def test_a_pause_in_the_days_a_limit_gave_way_to_comes_after_them(china: Calendar, at: At) -> None:
    # the seventh day is Sunday the 8th, which gives way to Monday: Monday was the unit's, it lost two days
    assert ended(china, at, "03-01 10:00", ["03-09 09:00 submit", "03-11 09:00 reject"]) == ["03-09 runs", "03-11 runs"]
    # one that began before ends where it always did: the weekend is not given twice
    assert ended(china, at, "03-01 10:00", ["03-05 09:00 submit", "03-06 09:00 reject"]) == ["03-09 runs", "03-09 runs"]
