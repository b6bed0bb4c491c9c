"""What follows a move: the table names every move, and each job calls the step it is for."""

import inspect

import pytest

from dispatch.lifecycle import MOVES
from hotline.flow import tell
from hotline.jobs.journey import LAST, NEXT


def test_every_move_says_what_follows_and_in_the_same_order() -> None:
    assert list(NEXT) == list(MOVES)


def test_the_moves_nothing_follows_are_done_as_they_are() -> None:
    assert set(LAST) == {move for move, then in NEXT.items() if then == ()}
    assert {"sign", "report", "close", "note", "opine", "reveal"} <= set(LAST)


@pytest.mark.parametrize("move", ["remind", "yellow_card", "red_card", "supervise"])
def test_every_rung_tells_somebody(move: str) -> None:
    assert NEXT[move] == (tell.late,)


def test_every_step_of_the_table_takes_events_in_the_flow() -> None:
    for step in {step for then in NEXT.values() for step in then}:
        assert step.__module__.startswith("hotline.flow.")
        assert list(inspect.signature(step).parameters) == ["db", "city", "events", "now"]
