"""Random lives under the promises of the sample city: what no sequence of moves may do to the clocks."""

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.calendar import Calendar, for_hours
from dispatch.clocks import Event, Running, own, recounted, replay, turn
from dispatch.deadlines import DeadlineRule
from dispatch.decoding import read_promises
from dispatch.lifecycle import FINAL, MOVES, State, after, allowed, pending_after
from dispatch.roles import Role

At = Callable[[str], datetime]
SAMPLE = Path(__file__).parents[2] / "hotline/sample/city/promises.toml"
PROMISES = read_promises(tomllib.loads(SAMPLE.read_text(encoding="utf-8")))
UNDER_WAY = frozenset(map(State, ("routed", "signed", "lacking", "returned", "disputed", "parked", "reviewing")))
NIGHT_SHIFT = "rq"  # the unit that serves round the clock

# one step of a life: which of the moves that are possible now, minutes since the last, the unit, days granted
Step = tuple[int, int, str, int]
STEPS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.one_of(st.integers(0, 90), st.integers(0, 6_000)),
        st.sampled_from(["cgj", "zjj", NIGHT_SHIFT]),
        st.integers(1, 10),
    ),
    min_size=1,
    max_size=24,
)


def lives(china: Calendar, start: datetime, steps: list[Step], urgency: str) -> list[tuple[State, Event]]:
    """Return a life that the table of moves allows, each event with the state it leads to."""
    around = for_hours(china, "24h")
    state, pending, unit, extended, now = State.DRAFT, "", "", False, start
    found = []
    for choice, minutes, other, days in steps:
        moves = [(name, role) for role in Role for name in allowed(state, role, pending)]
        if not moves:
            break
        move, role = moves[choice % len(moves)]
        state, pending = after(state, move, role, pending), pending_after(pending, move)
        now += timedelta(minutes=minutes)
        unit = other if move in ("route", "rule") else unit
        extended |= move == "extend"
        event = Event(
            move=move, at=now, final=MOVES[move].target in FINAL, unit=unit, level="部门", by=other, urgency=urgency,
            helpers=("cgj",) if move in ("invite", "route") else (), extended=extended,
            days=days if move == "extend" else 0, limit=15 if move == "route" and days == 1 else None,
            hours=around if unit == NIGHT_SHIFT else None,
        )  # fmt: skip
        found.append((state, event))
    return found


@settings(deadline=None, max_examples=150)
@given(steps=STEPS, urgency=st.sampled_from(["normal", "urgent", "critical"]), hour=st.integers(0, 24 * 300))
def test_no_life_breaks_a_clock(china: Calendar, at: At, steps: list[Step], urgency: str, hour: int) -> None:
    held: tuple[Running, ...] = ()
    lived = lives(china, at("2026-01-01 00:00") + timedelta(hours=hour), steps, urgency)
    for state, event in lived:
        before, held = held, turn(PROMISES, china, held, event)
        assert_kept(before, held, event)
        assert_sound(held, event, china)
        running = [one for one in held if one.stopped_at is None]
        assert state not in FINAL or not running
        if state in UNDER_WAY:  # nobody's ticket does not exist, nor one without a promise to the citizen
            assert [one for one in running if (one.clock, one.owner) == ("result", "citizen")]
    assert replay(PROMISES, china, [event for _, event in lived]) == held


def assert_kept(before: tuple[Running, ...], held: tuple[Running, ...], event: Event) -> None:
    """Clocks are never lost, nor is what they began with, nor what they ended with."""
    for was, one in zip(before, held, strict=False):
        assert (was.clock, was.owner, was.promise, was.started_at) == (
            one.clock,
            one.owner,
            one.promise,
            one.started_at,
        )
        assert was.stopped_at is None or was == one
        assert was.shifts == one.shifts[: len(was.shifts)]
        assert one.due_at >= was.due_at  # a pause and an extension give; nothing takes
        out = (was.paused_at or event.at) >= was.due_at
        assert not out or event.move == "extend" or one.due_at == was.due_at  # late stays late
    assert len(held) >= len(before)


def assert_sound(held: tuple[Running, ...], event: Event, china: Calendar) -> None:
    for one in held:
        promise: DeadlineRule = PROMISES[one.promise]
        hours = event.hours if one.unit == event.unit else None
        assert one.promise == PROMISES.index(promise)
        assert (one.stopped_at is None) is (one.outcome == "")
        if one.stopped_at is None and one.unit == event.unit:
            assert recounted(one, promise, own(promise, hours, china)) == one
        if one.stopped_at is not None:
            late = (one.paused_at or one.stopped_at) >= one.due_at
            assert (one.outcome == "late") is late
