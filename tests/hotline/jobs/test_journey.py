"""What follows a move: the table names every move, and each job calls the step it is for."""

import inspect

import pytest

from dispatch.lifecycle import MOVES
from hotline.jobs import steps
from hotline.jobs.journey import LAST, NEXT


def test_every_move_says_what_follows_and_in_the_same_order() -> None:
    assert list(NEXT) == list(MOVES)


def test_the_moves_nothing_follows_are_done_as_they_are() -> None:
    assert set(LAST) == {move for move, then in NEXT.items() if then == ()}
    assert {"sign", "report", "close", "note", "opine", "reveal"} <= set(LAST)


@pytest.mark.parametrize("move", ["remind", "yellow_card", "red_card", "supervise"])
def test_every_rung_tells_somebody(move: str) -> None:
    assert NEXT[move] == (steps.tell_late,)


def test_every_step_of_the_table_is_a_job_of_steps() -> None:
    used = {step for then in NEXT.values() for step in then}
    assert used == {step for name, step in inspect.getmembers(steps, inspect.isfunction)
                    if step.__module__ == steps.__name__}  # fmt: skip
