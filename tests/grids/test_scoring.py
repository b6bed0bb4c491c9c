"""Figures over answers and labels."""

from __future__ import annotations

import pytest

from grids.locate import Located
from grids.scoring import Finder, Label, score
from grids.tree import Tree

NORTH, NORTH_1, PEACE, LAKE, EAST = "990101001", "990101001001", "990101001002", "990101002", "990102001"


def located(street: str | None, community: str | None = None, confidence: float = 0.9) -> Located:
    district = street[:6] if street else None
    return Located(
        grid=None, community=community, street=street, district=district, how="text", confidence=confidence, why=""
    )


def test_figures_and_failures(tree: Tree) -> None:
    rows = [
        (located(NORTH, NORTH_1), Label(NORTH, NORTH_1)),
        (located(NORTH, PEACE), Label(NORTH, NORTH_1)),
        (located(LAKE), Label(NORTH, NORTH_1)),
        (located(EAST), Label(NORTH, None, has_community=False)),
        (located(NORTH, confidence=0.5), Label(NORTH, NORTH_1)),
        (located(None), Label(NORTH, NORTH_1)),
        (located(NORTH), Label(None, None)),
    ]
    got = score(tree, rows, 0.6)
    assert (got.n, got.answered, got.community_n, got.community_answered) == (7, 5, 6, 2)
    assert (got.street_accuracy, got.street_accuracy_when_answered) == (0.2857, 0.4)
    assert (got.community_accuracy, got.community_accuracy_when_answered) == (0.1667, 0.5)
    assert got.failures == {
        "unknown_label": 1, "no_name": 1, "doubted": 1, "other_district": 1, "other_street": 1, "community": 1,
    }  # fmt: skip


def test_nothing_answered_has_no_share(tree: Tree) -> None:
    got = score(tree, [(located(None), Label(NORTH, None))], 0.6)
    assert (got.street_accuracy, got.street_accuracy_when_answered) == (0.0, None)
    assert score(tree, [], 0.6).n == 0


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (("示例区", "北苑街道", "北苑社区"), ("990101", NORTH, NORTH_1)),
        (("示例区", "北苑街办", "和平居委会"), ("990101", NORTH, PEACE)),
        (("", "南湖镇", ""), (None, LAKE, None)),
        (("", "", "和平社区"), (None, None, None)),
        (("", "", "三台社区"), (None, None, "990102001002")),
        (("示例区", "东山街道", ""), ("990101", None, None)),
    ],
)
def test_names_of_a_label_become_codes(tree: Tree, names: tuple[str, ...], codes: tuple[str | None, ...]) -> None:
    assert Finder(tree).find(names) == codes
