"""A matter that becomes more or less urgent: its clocks are planned anew, and nobody is late at once for it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from dispatch.calendar import Calendar
from dispatch.clocks import Event, Running, recounted, replay
from dispatch.deadlines import Urgency
from tests.dispatch.test_clocks_cases import promise

At = Callable[[str], datetime]
PAUSES: dict[str, Any] = {"pauses": ("park",), "resumes": ("resume",), "extends": ("extend",)}
RESULT = promise("result", "route", "answer", "citizen", **PAUSES)
GRAVE = promise("result", "route", "answer", "citizen", days=None, hours=24, urgency=Urgency.CRITICAL, **PAUSES)
SIGN = promise("sign", "route", "sign", days=None, hours=24)
QUICK = promise("sign", "route", "sign", days=None, hours=1, urgency=Urgency.CRITICAL)
CALL = promise("contact", "route", "report", days=None, hours=1, urgency=Urgency.CRITICAL)
BOOK = (RESULT, GRAVE, SIGN, QUICK, CALL)


def lived(china: Calendar, at: At, *moves: str, **first: Any) -> dict[str, Running]:
    """Return the clocks after these moves: "raise 2026-03-03 10:00"; the first is the dispatch."""
    urgency, events = first.pop("urgency", "normal"), []
    for said in moves:
        move, _, when = said.partition(" ")
        urgency = {"raise": "critical", "lower": "normal"}.get(move, urgency)
        events.append(Event(move=move, at=at(when), unit="cgj", urgency=urgency, **(first if move == "route" else {})))
    return {one.clock: one for one in replay(BOOK, china, events)}


ROUTE, PARK, RAISE = "route 2026-03-02 10:00", "park 2026-03-03 10:00", "raise 2026-03-03 10:00"


@pytest.mark.parametrize(
    ("moves", "clock", "due", "outcome"),
    [
        ((), "result", "2026-03-10 00:00", ""),
        (("raise 2026-03-03 10:00",), "result", "2026-03-04 10:00", ""),
        (("raise 2026-03-09 20:00",), "result", "2026-03-10 00:00", ""),  # never later than before
        (("raise 2026-03-02 11:00",), "sign", "2026-03-02 12:00", ""),
        (("raise 2026-03-02 11:00",), "contact", "2026-03-02 12:00", ""),  # only a critical matter has it
        (("sign 2026-03-02 12:00", "raise 2026-03-02 13:00"), "sign", "2026-03-03 10:00", "met"),
        (("raise 2026-03-04 11:00",), "sign", "2026-03-03 10:00", ""),  # late stays late
        (("raise 2026-03-03 10:00", "lower 2026-03-03 12:00"), "result", "2026-03-10 00:00", ""),
        (("raise 2026-03-09 20:00", "lower 2026-03-09 21:00"), "result", "2026-03-10 00:00", ""),
        (("raise 2026-03-02 11:00", "lower 2026-03-02 11:30"), "contact", "2026-03-02 12:00", "void"),
        ((PARK, "raise 2026-03-05 10:00", "resume 2026-03-06 10:00"), "result", "2026-03-07 10:00", ""),
        ((RAISE, "park 2026-03-03 12:00", "resume 2026-03-05 12:00"), "result", "2026-03-06 10:00", ""),
        (
            ("raise 2026-03-03 10:00", "park 2026-03-03 12:00", "resume 2026-03-05 12:00", "lower 2026-03-05 13:00"),
            "result", "2026-03-12 00:00", "",
        ),
    ],
)  # fmt: skip
def test_clocks_after_the_matter_became_more_or_less_urgent(
    china: Calendar, at: At, moves: tuple[str, ...], clock: str, due: str, outcome: str
) -> None:
    found = lived(china, at, ROUTE, *moves)[clock]
    assert (found.due_at, found.outcome) == (at(due), outcome)


def test_what_is_raised_says_so_and_what_is_lowered_too(china: Calendar, at: At) -> None:
    found = lived(china, at, ROUTE, "raise 2026-03-03 10:00")["result"]
    assert found.why.startswith("特急件派单后24小时内报结果")
    assert "2026-03-03 10:00提级，自提级时起算，不晚于原时限" in found.why
    found = lived(china, at, ROUTE, "raise 2026-03-03 10:00", "lower 2026-03-03 12:00")["result"]
    assert "2026-03-03 12:00降级，不早于已定时限" in found.why


def test_the_duty_tables_own_days_are_not_for_what_is_critical(china: Calendar, at: At) -> None:
    assert lived(china, at, ROUTE, limit=15)["result"].due_at == at("2026-03-18 00:00")
    assert lived(china, at, ROUTE, "raise 2026-03-03 10:00", limit=15)["result"].due_at == at("2026-03-04 10:00")
    back = lived(china, at, ROUTE, "raise 2026-03-03 10:00", "lower 2026-03-03 12:00", limit=15)
    assert back["result"].due_at == at("2026-03-18 00:00")


def test_counting_again_finds_the_same(china: Calendar, at: At) -> None:
    moves = ("raise 2026-03-03 10:00", "park 2026-03-03 12:00", "resume 2026-03-05 12:00", "lower 2026-03-05 13:00")
    for last in range(len(moves) + 1):
        for one in lived(china, at, ROUTE, *moves[:last]).values():
            if one.stopped_at is None:
                assert recounted(msgspec.structs.replace(one, why=""), BOOK[one.promise], china) == one
