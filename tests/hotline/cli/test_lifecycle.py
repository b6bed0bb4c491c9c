"""The page of the two tables is the tables."""

from pathlib import Path

from dispatch.lifecycle import MOVES, STATE_NAMES
from hotline.cli import lifecycle

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == lifecycle.page(), "run: hotline rules lifecycle > docs/lifecycle.md"


def test_every_move_and_state_stands_on_it() -> None:
    page = lifecycle.page()
    assert [move for move in MOVES if f"| {move} | {MOVES[move].label} |" not in page] == []
    assert [name for name in STATE_NAMES.values() if name not in page] == []
    assert "    routed --> signed: 签收 / 默认签收" in page
    assert "    answered --> signed: 重办" in page
