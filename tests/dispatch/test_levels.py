"""How high a ticket stands, and a rung as it is stored."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from dispatch.escalation import CARDS, LEVELS, RANKS, SUPERVISED, PlannedRung, Rung, higher, planned
from dispatch.lifecycle import MOVES, Move
from dispatch.roles import Role

RUNG = PlannedRung(
    at=datetime(2026, 11, 19, tzinfo=UTC), move=Move.PROPOSE, label="黄牌，待督办员确认", to=Role.SUPERVISOR,
    card=Move.YELLOW_CARD,
)  # fmt: skip


@pytest.mark.parametrize(
    ("level", "move", "found"),
    [
        ("", Move.REMIND, "remind"),
        ("remind", Move.RED_CARD, "red_card"),
        ("supervise", Move.YELLOW_CARD, "supervise"),
        ("red_card", Move.RED_CARD, "red_card"),
        ("remind", Move.PROPOSE, "remind"),
        ("", Move.LAPSE, ""),
    ],
)
def test_a_ticket_rises_and_never_falls(level: str, move: Move, found: str) -> None:
    assert higher(level, move) == found


def test_the_levels_are_ranked_once() -> None:
    assert list(RANKS) == ["", *LEVELS]
    assert sorted(RANKS.values()) == list(RANKS.values())
    assert (CARDS[0], SUPERVISED[0]) == (Move.YELLOW_CARD, Move.SUPERVISE)


@pytest.mark.parametrize("name", [move for move in MOVES if move not in LEVELS])
def test_only_a_level_is_a_rung(name: Move) -> None:
    with pytest.raises(ValueError, match=re.escape(f"不认识的值 {name}")):
        Rung(name=name, label="x", clock="result", when="after", to=Role.UNIT, days=1)


def test_a_rung_is_stored_by_name_and_read_back() -> None:
    stored = msgspec.to_builtins(RUNG)
    assert stored == {
        "at": "2026-11-19T00:00:00Z", "move": "propose", "label": "黄牌，待督办员确认", "to": "supervisor",
        "card": "yellow_card",
    }  # fmt: skip
    assert planned(stored) == RUNG
    assert planned(stored | {"at": "2026-11-19T00:00:00.000000Z"}) == RUNG, "as those converted are written"


@pytest.mark.parametrize("wrong", [{"move": "dance"}, {"to": "nobody"}, {"at": "soon"}, {"label": None}])
def test_a_rung_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        planned(msgspec.to_builtins(RUNG) | wrong)
