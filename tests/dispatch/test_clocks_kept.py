"""What a clock keeps of its life, and what of the ticket it asks about when it starts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from dispatch.calendar import Calendar
from dispatch.clocks import Event, Shift, replay
from dispatch.deadlines import DeadlineRule

At = Callable[[str], datetime]


def hold(days: int = 7, **more: Any) -> DeadlineRule:
    return DeadlineRule(
        clock="hold", after="route", days=days, owner="unit", stops=("answer",),
        pauses=("lack",), resumes=("supply",), extends=("extend",), **more,
    )  # fmt: skip


def test_every_shift_is_kept_as_it_was(china: Calendar, at: At) -> None:
    moments = [at(f"2026-03-{day} 10:00") for day in ("02", "03", "05", "06")]
    events = [
        Event(move="route", at=moments[0], unit="cgj", limit=15),
        Event(move="lack", at=moments[1], unit="cgj"),
        Event(move="supply", at=moments[2], unit="cgj"),
        Event(move="extend", at=moments[3], unit="cgj", days=5, extended=True),
    ]
    (found,) = replay((hold(),), china, events)
    assert found.shifts == (
        Shift(how="limit", since=moments[0], until=moments[0], days=15),
        Shift(how="pause", since=moments[1], until=moments[2]),
        Shift(how="extend", since=moments[3], until=moments[3], days=5),
    )


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ({}, 7),
        ({"level": "街道"}, 5),
        ({"areas": ("0101", "01")}, 15),
        ({"areas": ("01",), "level": "街道"}, 15),
        ({"urgency": "urgent"}, 2),
        ({"extended": True}, 7),
    ],
    ids=["of all", "of its kind of unit", "of its matter", "the matter goes before", "of its gravity", "extended"],
)
def test_a_clock_asks_what_the_ticket_is(china: Calendar, at: At, facts: dict[str, Any], days: int) -> None:
    promises = (hold(), hold(5, level="街道"), hold(15, area="01"), hold(2, urgency="urgent"))
    (found,) = replay(promises, china, [Event(move="route", at=at("2026-03-02 10:00"), unit="cgj", **facts)])
    assert promises[found.promise].days == days
