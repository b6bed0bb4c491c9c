"""A misspelled name is stopped by the type checker: planted one at a time, most are seen without a single test."""

import pytest

from tests import typos


@pytest.fixture(scope="module")
def unseen() -> list[str]:
    """Return the kinds that mypy lets pass."""
    return [typo.kind for typo, _, _, said in typos.planted() if not said]


def test_a_misspelled_name_is_stopped_by_the_type_checker(unseen: list[str]) -> None:
    assert len(typos.TYPOS) - len(unseen) >= typos.ENOUGH, unseen


@pytest.mark.parametrize("what", ["move", "rung"])
def test_no_misspelled_move_or_rung_is_let_pass(unseen: list[str], what: str) -> None:
    assert [kind for kind in unseen if what in kind] == []


def test_every_typo_is_another_word() -> None:
    assert [typos.misspelled(word) for word in ("state", "by", "3", "all", "ROUTE")] == [
        "staet",
        "yb",
        "2",
        "al",
        "ROUET",
    ]


def test_a_typo_without_a_place_is_no_success() -> None:
    with pytest.raises(LookupError, match="no place is left"):
        typos.place(typos.ROOT, typos.Typo("gone", "dispatch", r"never written (\w+)"))
