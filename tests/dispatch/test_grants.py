"""Of the two moves that decide a request, one grants it: the table of moves says which."""

import pytest

from dispatch.lifecycle import ASKS, MOVES, Move


@pytest.mark.parametrize("kind", ASKS)
def test_each_request_is_granted_by_one_move_and_denied_by_another(kind: str) -> None:
    found = {move.name: move.grants for move in MOVES.values() if move.decides == kind}
    assert sorted(found.values()) == [False, True]
    assert next(name for name, grants in found.items() if grants) in {
        Move.EXTEND, Move.PARK, Move.VOID, Move.EXCLUDE, Move.UPHOLD
    }  # fmt: skip
    assert [move.name for move in MOVES.values() if move.opens == kind] != []


def test_what_decides_nothing_grants_nothing() -> None:
    assert [move.name for move in MOVES.values() if move.grants and not move.decides] == []


def test_the_table_has_a_row_for_every_name() -> None:
    assert list(MOVES) == list(Move)
