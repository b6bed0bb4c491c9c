"""The clocks of one ticket: what each move stops, pauses, lengthens, hands over and starts, as small histories.

A history is lines of "03-02 10:00 route unit=cgj" (2026; Monday the 2nd of March); the lead unit stays until a line
names another.  A clock is shown as "hold cgj 03-09 24:00 runs": what, whose, until when, how it stands.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest

from dispatch.calendar import Calendar, Ends, Kind, Roll, deadline_text, for_hours
from dispatch.clocks import Event, Running, limited, recounted, replay, turn
from dispatch.deadlines import DeadlineRule, Urgency
from dispatch.lifecycle import FINAL, MOVES

At = Callable[[str], datetime]

WORKING: dict[str, Any] = {"kind": Kind.WORKING, "roll": Roll.NONE, "ends": "close_of_business"}
RESULT = DeadlineRule(
    clock="result", after="route", days=7, stops=("answer",), owner="citizen",
    pauses=("park",), resumes=("resume",), extends=("extend",),
)  # fmt: skip
HOLD = DeadlineRule(
    clock="hold", after="route", days=7, stops=("answer",), owner="unit", voids=("route", "rule"),
    pauses=("lack", "return", "park"), resumes=("supply", "keep", "resume"), extends=("extend",),
)  # fmt: skip
SIGN = DeadlineRule(clock="sign", after="route", days=1, stops=("sign", "return", "route"), owner="unit", **WORKING)
HELP = DeadlineRule(
    clock="help", after="route", days=3, stops=("help_answer",), voids=("answer", "return"), owner="helper", **WORKING
)
CITY = (
    DeadlineRule(clock="dispatch", after="receive", hours=24, stops=("route",), owner="desk"),
    SIGN,
    RESULT,
    HOLD,
    HELP,
    msgspec.structs.replace(HELP, after="invite"),
    DeadlineRule(clock="supply", after="lack", days=5, stops=("supply",), owner="desk", lapse="resume", **WORKING),
    DeadlineRule(clock="callback", after="answer", days=1, stops=("close", "redo"), owner="desk", **WORKING),
    DeadlineRule(clock="callback", after="answer", days=5, stops=("close",), owner="desk", only="unsampled", **WORKING),
    DeadlineRule(clock="result", after="redo", days=3, stops=("answer",), owner="citizen", again=True),
    DeadlineRule(
        clock="progress", after="extend", days=3, stops=("report",), owner="citizen", again=True, only="extended"
    ),
    DeadlineRule(
        clock="progress", after="report", days=3, stops=("report",), owner="citizen", again=True, only="extended"
    ),
)


def history(at: At, lines: Sequence[str], **more: Any) -> list[Event]:
    """Return the lines as events; the lead unit and a granted extension hold from their line on."""
    held: dict[str, Any] = {"unit": "", "extended": False}
    found = []
    for line in lines:
        day, clock, move, *facts = line.split()
        given: dict[str, Any] = dict(fact.split("=") for fact in facts)
        held = {"unit": given.pop("unit", held["unit"]), "extended": held["extended"] or move == "extend"}
        given |= {name: int(given[name]) for name in ("days", "limit") if name in given}
        given["helpers"] = tuple(given.pop("helpers", "").split("+")) if "helpers" in given else ()
        moment = at(f"2026-{day} {clock}")
        found.append(Event(move=move, at=moment, final=MOVES[move].target in FINAL, **(held | given | more)))
    return found


def shown(one: Running, calendar: Calendar) -> str:
    how = one.outcome or ("stands" if one.paused_at else "runs")
    return f"{one.clock} {one.unit or '-'} {deadline_text(one.due_at, calendar)[5:]} {how}"


def life(
    china: Calendar, at: At, lines: Sequence[str], promises: Sequence[DeadlineRule] = CITY, **more: Any
) -> list[str]:
    return [shown(one, china) for one in replay(promises, china, history(at, lines, **more))]


ROUTE = "03-02 10:00 route unit=cgj"  # the seventh day is Monday the 9th
FRIDAY = "02-27 10:00 route unit=cgj"  # the seventh day is Friday the 6th
MAKE_UP = "02-28 10:00 route unit=cgj"  # a worked Saturday: the seventh day is Saturday the 7th, so Monday the 9th


@pytest.mark.parametrize(
    ("lines", "clock", "expected"),
    [
        pytest.param([ROUTE, "03-03 17:29 sign"], "sign", ["cgj 03-03 17:30 met"], id="signed in the last minute"),
        pytest.param([ROUTE, "03-03 17:30 sign"], "sign", ["cgj 03-03 17:30 late"], id="signed at the limit is late"),
        pytest.param([ROUTE, "03-03 10:00 report"], "sign", ["cgj 03-03 17:30 runs"], id="another move stops nothing"),
        pytest.param([ROUTE, "03-09 23:59 answer"], "result", ["cgj 03-09 24:00 met"], id="answered in time"),
        pytest.param([ROUTE, "03-10 00:00 answer"], "result", ["cgj 03-09 24:00 late"], id="answered at 24:00: late"),
        pytest.param(
            ["03-02 09:00 receive", ROUTE], "dispatch", ["- 03-03 09:00 met"], id="the desk's clock has no unit"
        ),
        pytest.param(
            [ROUTE, "03-04 10:00 route unit=zjj"], "result", ["zjj 03-09 24:00 runs"],
            id="a second dispatch buys the citizen no day; the promise is the new holder's to keep",
        ),
        pytest.param(
            [ROUTE, "03-04 10:00 route unit=zjj"], "hold", ["cgj 03-09 24:00 void", "zjj 03-11 24:00 runs"],
            id="passed on in time: no verdict, and the next unit pays nothing for the first",
        ),
        pytest.param(
            [ROUTE, "03-11 10:00 route unit=zjj"], "hold", ["cgj 03-09 24:00 late", "zjj 03-18 24:00 runs"],
            id="passed on when its time was out: late",
        ),
        pytest.param(
            [ROUTE, "03-04 10:00 route unit=zjj"], "sign", ["cgj 03-03 17:30 late", "zjj 03-05 17:30 runs"],
            id="each holder signs anew",
        ),
        pytest.param(
            [ROUTE, "03-05 16:00 answer"], "callback", ["- 03-06 17:30 runs"], id="the answer starts the callback"
        ),
        pytest.param(
            [ROUTE, "03-05 16:00 answer", "03-06 09:00 redo"], "result",
            ["cgj 03-09 24:00 met", "cgj 03-09 24:00 runs"], id="a redo starts a result of its own",
        ),
        pytest.param(
            [ROUTE, "03-05 16:00 answer unsampled=1"], "callback", ["- 03-12 17:30 runs"],
            id="not drawn: closed after its own days",
        ),
    ],
)  # fmt: skip
def test_stops_and_starts(china: Calendar, at: At, lines: list[str], clock: str, expected: list[str]) -> None:
    found = life(china, at, lines)
    assert [one.removeprefix(f"{clock} ") for one in found if one.startswith(clock)] == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([ROUTE, "03-03 09:00 lack", "03-03 16:00 supply"], "03-09 24:00 runs", id="within one day: none"),
        pytest.param([ROUTE, "03-03 09:00 lack", "03-05 16:00 supply"], "03-11 24:00 runs", id="two days given back"),
        pytest.param([ROUTE, "03-03 09:00 lack"], "03-09 24:00 stands", id="while it stands, the limit stands too"),
        pytest.param(
            [ROUTE, "03-03 09:00 lack", "03-08 16:00 supply"], "03-16 24:00 runs",
            id="five days back end on Saturday the 14th and give way to Monday",
        ),
        pytest.param(
            [MAKE_UP, "03-03 09:00 lack", "03-04 09:00 supply"], "03-09 24:00 runs",
            id="Saturday and one day is Sunday: Monday as before, the weekend is not given twice",
        ),
        pytest.param(
            [ROUTE, "03-03 09:00 lack", "03-04 09:00 supply", "03-05 09:00 return", "03-06 09:00 keep"],
            "03-11 24:00 runs", id="two pauses add up",
        ),
        pytest.param(
            [ROUTE, "03-03 09:00 lack", "03-05 09:00 return", "03-06 09:00 keep"], "03-12 24:00 runs",
            id="a second pause inside the first counts from the first",
        ),
        pytest.param([ROUTE, "03-03 09:00 resume"], "03-09 24:00 runs", id="going on without a pause changes nothing"),
        pytest.param(
            [ROUTE, "03-03 09:00 lack", "03-05 16:00 supply", "03-11 23:59 answer"], "03-11 24:00 met",
            id="in time by the days given back",
        ),
        pytest.param(
            [FRIDAY, "03-07 10:00 lack", "03-08 10:00 supply", "03-09 10:00 answer"], "03-06 24:00 late",
            id="late before the pause is late after it: no weekend launders it",
        ),
        pytest.param(
            [FRIDAY, "03-07 00:00 lack", "03-08 10:00 supply", "03-09 10:00 answer"], "03-06 24:00 late",
            id="a pause at the limit itself comes too late",
        ),
        pytest.param(
            [FRIDAY, "03-06 23:00 lack", "03-20 10:00 withdraw"], "03-06 24:00 void",
            id="a clock that stands is judged up to where it stood",
        ),
        pytest.param(
            [FRIDAY, "03-07 00:00 lack", "03-20 10:00 withdraw"], "03-06 24:00 late",
            id="it stood still only when its time was out",
        ),
    ],
)  # fmt: skip
def test_a_holding_clock_stands_still(china: Calendar, at: At, lines: list[str], expected: str) -> None:
    found = life(china, at, lines)
    assert [one for one in found if one.startswith("hold")] == [f"hold cgj {expected}"]


def test_what_the_citizen_was_promised_runs_on_while_the_unit_waits(china: Calendar, at: At) -> None:
    found = life(china, at, [ROUTE, "03-03 09:00 lack", "03-05 16:00 supply"])
    assert "result cgj 03-09 24:00 runs" in found
    assert "hold cgj 03-11 24:00 runs" in found
    assert "supply - 03-10 17:30 met" in found


def test_a_pause_of_hours_gives_back_the_hours(china: Calendar, at: At) -> None:
    natural = msgspec.structs.replace(HOLD, days=None, hours=24)
    working = msgspec.structs.replace(HOLD, days=None, hours=8, kind=Kind.WORKING)
    lines = [ROUTE, "03-02 16:30 lack", "03-03 09:30 supply"]
    assert life(china, at, lines, (natural,)) == ["hold cgj 03-04 03:00 runs"]
    # eight business hours end at 11:00 on the 3rd; the pause took one on the 2nd and a half on the 3rd
    assert life(china, at, lines, (working,)) == ["hold cgj 03-03 14:00 runs"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([ROUTE, "03-06 09:00 extend days=5"], "03-16 24:00 runs", id="working days from the limit"),
        pytest.param([ROUTE, "03-06 09:00 extend"], "03-09 24:00 runs", id="no days granted, nothing moves"),
        pytest.param([ROUTE, "03-06 09:00 ask_extension days=5"], "03-09 24:00 runs", id="asked for is not granted"),
        pytest.param(
            ["09-23 10:00 route unit=cgj", "09-29 09:00 extend days=10"], "10-20 24:00 runs",
            id="over National Day: the holiday is no working day, the Saturday worked for it is",
        ),
        pytest.param(
            [MAKE_UP, "03-04 09:00 extend days=5"], "03-16 24:00 runs",
            id="from the Monday the limit gave way to, as it was asked for",
        ),
        pytest.param(
            [ROUTE, "03-03 09:00 park", "03-05 09:00 resume", "03-06 09:00 extend days=5"], "03-18 24:00 runs",
            id="a pause, then an extension",
        ),
        pytest.param(
            [ROUTE, "03-03 09:00 extend days=5", "03-04 09:00 park", "03-06 09:00 resume"], "03-18 24:00 runs",
            id="an extension, then a pause",
        ),
        pytest.param(
            [ROUTE, "03-03 09:00 park", "03-04 09:00 extend days=5"], "03-16 24:00 stands",
            id="lengthened while it stands, it stands on",
        ),
        pytest.param(
            [ROUTE, "03-03 09:00 park", "03-04 09:00 extend days=5", "03-05 09:00 resume"], "03-18 24:00 runs",
            id="and the pause is given back too",
        ),
    ],
)  # fmt: skip
def test_an_extension_moves_both_limits(china: Calendar, at: At, lines: list[str], expected: str) -> None:
    found = life(china, at, lines)
    assert [f"{one} cgj {expected}" in found for one in ("result", "hold")] == [True, True]


def test_while_extended_progress_is_due_again_and_again(china: Calendar, at: At) -> None:
    lines = [ROUTE, "03-03 09:00 report", "03-06 09:00 extend days=5", "03-09 09:00 report", "03-13 09:00 report"]
    assert [one for one in life(china, at, lines) if one.startswith("progress")] == [
        "progress cgj 03-09 24:00 met",
        "progress cgj 03-12 24:00 late",
        "progress cgj 03-16 24:00 runs",
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            [f"{ROUTE} helpers=hwzx+zjj", "03-03 09:00 help_answer by=hwzx"],
            ["hwzx 03-05 17:30 met", "zjj 03-05 17:30 runs"], id="only the own answer stops it",
        ),
        pytest.param(
            [f"{ROUTE} helpers=hwzx", "03-03 09:00 help_answer by=cgj"], ["hwzx 03-05 17:30 runs"],
            id="the lead cannot answer for it",
        ),
        pytest.param(
            [f"{ROUTE} helpers=hwzx", "03-05 16:00 answer"], ["hwzx 03-05 17:30 void"],
            id="the lead answered first: no verdict",
        ),
        pytest.param(
            [f"{ROUTE} helpers=hwzx", "03-06 09:00 answer"], ["hwzx 03-05 17:30 late"],
            id="never answered, and the time was out",
        ),
        pytest.param(
            [f"{ROUTE} helpers=hwzx", "03-04 09:00 invite helpers=zjj"],
            ["hwzx 03-05 17:30 runs", "zjj 03-09 17:30 runs"], id="who is invited later has days of its own",
        ),
        pytest.param([ROUTE], [], id="no helper, no clock"),
    ],
)  # fmt: skip
def test_each_helper_has_a_clock_of_its_own(china: Calendar, at: At, lines: list[str], expected: list[str]) -> None:
    found = life(china, at, lines)
    assert [one.removeprefix("help ") for one in found if one.startswith("help ")] == expected


@pytest.mark.parametrize(
    ("changes", "limit", "expected"),
    [
        pytest.param({}, 15, "03-17 24:00", id="the row's days"),
        pytest.param({}, 5, "03-09 24:00", id="the fifth day is Saturday and gives way"),
        pytest.param({}, 0, "03-02 24:00", id="the same day"),
        pytest.param({"clock": "hold", "owner": "unit"}, 15, "03-17 24:00", id="what the unit is judged by follows"),
        pytest.param({"clock": "contact", "owner": "unit"}, 15, "03-09 24:00", id="no other clock"),
        pytest.param({"urgency": Urgency.URGENT}, 15, "03-09 24:00", id="what is urgent keeps its own"),
        pytest.param({"days": None, "hours": 24}, 15, "03-03 10:00", id="what is promised in hours keeps them"),
    ],
)
def test_the_row_of_the_duty_table_sets_the_limit(
    china: Calendar, at: At, changes: dict[str, Any], limit: int, expected: str
) -> None:
    promise = msgspec.structs.replace(RESULT, **changes)
    (found,) = replay((promise,), china, history(at, [f"{ROUTE} limit={limit}"], urgency="urgent"))
    assert deadline_text(found.due_at, china) == f"2026-{expected}"
    assert ("责任表" in found.why) is (found.shifts != ())


def test_a_limit_of_the_row_outlives_pause_and_extension(china: Calendar, at: At) -> None:
    lines = [f"{ROUTE} limit=15", "03-03 09:00 lack", "03-05 09:00 supply", "03-10 09:00 extend days=5"]
    (found,) = replay((HOLD,), china, history(at, lines))
    assert shown(found, china) == "hold cgj 03-26 24:00 runs"  # the 17th, two days back, five working days more
    assert found.why == (
        "派单后15个自然日内本单位办理（责任表）：自2026-03-02起算，第15日为2026-03-17；"
        "2026-03-03 09:00至2026-03-05 09:00暂停计时，改至2026-03-19 24:00；"
        "经批准延期5个工作日，改至2026-03-26 24:00"
    )


def test_a_pause_that_gives_nothing_back_says_so(china: Calendar, at: At) -> None:
    (found,) = replay((HOLD,), china, history(at, [ROUTE, "03-03 09:00 lack", "03-03 16:00 supply"]))
    assert found.why.endswith("2026-03-03 09:00至2026-03-03 16:00暂停计时，时限不变")


@pytest.mark.parametrize(
    ("owner", "kind", "expected"),
    [
        pytest.param("unit", Kind.WORKING, "03-07 24:00", id="working days of who serves every day: Saturday counts"),
        pytest.param("unit", Kind.NATURAL, "03-09 24:00", id="natural days are everybody's"),
        pytest.param("citizen", Kind.WORKING, "03-09 17:30", id="the citizen's clock runs by the city's"),
        pytest.param("desk", Kind.WORKING, "03-09 17:30", id="the desk's too"),
    ],
)
def test_own_hours(china: Calendar, at: At, owner: Any, kind: Kind, expected: str) -> None:
    ends: Ends = "close_of_business" if kind is Kind.WORKING else "end_of_day"
    promise = DeadlineRule(clock="hold", after="route", days=1, kind=kind, ends=ends, owner=owner, stops=("answer",))
    lines = ["03-06 16:00 route unit=cgj"]
    (found,) = replay((promise,), china, history(at, lines, hours=for_hours(china, "24h")))
    assert deadline_text(found.due_at, china) == f"2026-{expected}"


def test_own_hours_hold_for_the_rows_limit_and_after_a_pause(china: Calendar, at: At) -> None:
    promise = msgspec.structs.replace(HOLD, kind=Kind.WORKING)
    events = history(at, ["03-06 16:00 route unit=cgj limit=2"], hours=for_hours(china, "24h"))
    (held,) = replay((promise,), china, events)
    assert shown(held, china) == "hold cgj 03-08 24:00 runs"  # Saturday and Sunday are worked
    more = history(at, ["03-07 10:00 lack unit=cgj", "03-08 10:00 supply"], hours=for_hours(china, "24h"))
    assert shown(replay((promise,), china, [*events, *more])[0], china) == "hold cgj 03-09 24:00 runs"


def test_own_hours_are_those_of_the_lead_alone(china: Calendar, at: At) -> None:
    """The clock of a unit that has it no longer is not counted by the hours of the one that has it now."""
    promise = msgspec.structs.replace(HOLD, kind=Kind.WORKING, voids=(), days=1, again=False)
    held = replay((promise,), china, history(at, ["03-06 16:00 route unit=cgj", "03-06 17:00 return"]))
    event = history(at, ["03-07 10:00 keep unit=rq"], hours=for_hours(china, "24h"))[0]
    (found,) = turn((promise,), china, held, event)
    assert shown(found, china) == "hold cgj 03-09 24:00 runs"


def test_who_goes_on_takes_the_promise_over_with_its_pause(china: Calendar, at: At) -> None:
    promise = msgspec.structs.replace(RESULT, pauses=("return",), resumes=("route",))
    lines = [ROUTE, "03-03 09:00 return", "03-05 09:00 route unit=zjj"]
    assert life(china, at, lines, (promise,)) == ["result zjj 03-11 24:00 runs"]


def test_a_renamed_unit_keeps_its_clocks(china: Calendar, at: At) -> None:
    held = replay(CITY, china, history(at, [f"{ROUTE} helpers=cgj2", "03-03 09:00 sign"]))
    moved = history(at, ["03-04 09:00 transfer unit=cg"], renamed={"cgj": "cg"})[0]
    found = turn(CITY, china, held, moved)
    assert [shown(one, china) for one in found] == [
        "sign cgj 03-03 17:30 met",
        "result cg 03-09 24:00 runs",
        "hold cg 03-09 24:00 runs",
        "help cgj2 03-05 17:30 runs",
    ]


@pytest.mark.parametrize("move", [name for name, move in MOVES.items() if move.target in FINAL])
def test_a_final_state_ends_every_clock(china: Calendar, at: At, move: str) -> None:
    """What is in time ends without a verdict, what is late is late, and nothing starts after the end."""
    promise = DeadlineRule(clock="review", after=move, days=1, stops=("review",), owner="desk")
    promises = (HELP, RESULT, promise)
    found = life(china, at, [f"{ROUTE} helpers=hwzx", f"03-06 10:00 {move}"], promises)
    assert found == ["help hwzx 03-05 17:30 late", "result cgj 03-09 24:00 void"]


def test_what_the_final_move_stops_is_met(china: Calendar, at: At) -> None:
    found = life(china, at, [ROUTE, "03-05 16:00 answer", "03-06 10:00 close"])
    assert [one for one in found if not one.endswith("met")] == ["sign cgj 03-03 17:30 late"]


def test_what_stopped_is_never_touched_again(china: Calendar, at: At) -> None:
    before = replay(CITY, china, history(at, [ROUTE, "03-02 11:00 sign", "03-05 16:00 answer"]))
    after = turn(CITY, china, before, history(at, ["03-20 09:00 withdraw unit=zjj"])[0])
    assert [one for one in before if one.outcome] == [one for one in after if one.stopped_at != at("2026-03-20 09:00")]


def test_published_late_the_days_are_counted_anew(china: Calendar, at: At) -> None:
    unknown = msgspec.structs.replace(china, until=at("2026-09-22 00:00").date(), rest={}, work={})
    lines = ["09-23 10:00 route unit=cgj", "09-29 09:00 extend days=10"]
    (held,) = replay((HOLD,), unknown, history(at, lines))
    assert (shown(held, china), held.provisional) == ("hold cgj 10-14 24:00 runs", True)
    found = recounted(held, HOLD, china)
    assert (shown(found, china), found.provisional) == ("hold cgj 10-20 24:00 runs", False)
    assert found.shifts == held.shifts
    assert limited(found, HOLD, None, china) is found


def test_an_extension_beyond_the_published_days_is_provisional(china: Calendar, at: At) -> None:
    lines = ["12-21 10:00 route unit=cgj", "12-24 09:00 extend days=5"]
    (before,), (after,) = (replay((HOLD,), china, history(at, lines[:n])) for n in (1, 2))
    assert (before.provisional, after.provisional) == (False, True)
    (fresh,) = replay((HOLD,), china, history(at, ["12-28 10:00 route unit=cgj"]))
    assert fresh.provisional
