from __future__ import annotations

import pytest

from grids.geometry import Point, metres
from grids.polygons import Polygons
from grids.tree import Level, Place, Tree, plant

OUTER = ((120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.1), (120.0, 30.0))
INNER = ((120.04, 30.04), (120.06, 30.04), (120.06, 30.06), (120.04, 30.06), (120.04, 30.04))
FAR = ((120.2, 30.0), (120.21, 30.0), (120.21, 30.01), (120.2, 30.01), (120.2, 30.0))


def test_inside_comes_first_then_what_is_near(tree: Tree) -> None:
    nears = Polygons(tree).near([Point(120.0101, 30.005)], 30)[0]
    assert [near.code for near in nears] == ["990101001001002", "990101001001001"]
    assert nears[0].metres == 0
    assert nears[1].metres == pytest.approx(metres(Point(120.0101, 30.005), Point(120.01, 30.005)), rel=0.01)


def test_distances_are_metres_in_both_directions(tree: Tree) -> None:
    polygons = Polygons(tree)
    west, south = polygons.near([Point(119.9997, 30.005), Point(120.005, 29.9997)], 50)
    assert west[0].metres == pytest.approx(28.9, abs=0.3)
    assert south[0].metres == pytest.approx(33.3, abs=0.3)


def test_many_points_at_once_keep_their_order(tree: Tree) -> None:
    points = [Point(120.035, 30.005), Point(121.0, 30.0), Point(120.005, 30.005)]
    codes = [[near.code for near in nears] for nears in Polygons(tree).near(points, 0)]
    assert codes == [["990101002002"], [], ["990101001001001"]]
    assert Polygons(tree).near([], 30) == []


def test_an_undrawn_tree_holds_no_point() -> None:
    bare = plant("1", [Place(code="1", name="示例区", level=Level.DISTRICT)])
    assert Polygons(bare).near([Point(120, 30)], 1000) == [[]]


def test_the_deepest_place_wins_and_of_one_level_the_smallest() -> None:
    tree = plant(
        "1",
        [
            Place(code="1", name="示例区", level=Level.DISTRICT),
            Place(code="11", name="北苑街道", level=Level.STREET, parent="1", rings=(INNER,)),
            Place(code="12", name="南湖街道", level=Level.STREET, parent="1"),
            Place(code="121", name="大社区", level=Level.COMMUNITY, parent="12", rings=(OUTER, FAR)),
            Place(code="122", name="小社区", level=Level.COMMUNITY, parent="12", rings=(INNER,)),
        ],
    )
    middle, part = Polygons(tree).near([Point(120.05, 30.05), Point(120.205, 30.005)], 0)
    assert [near.code for near in middle] == ["122", "121", "11"]
    assert [near.code for near in part] == ["121"]
