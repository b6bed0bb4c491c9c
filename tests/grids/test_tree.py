from __future__ import annotations

import msgspec
import pytest

from grids.errors import BrokenTree, NoSuchGrid
from grids.geometry import Bounds
from grids.tree import Level, Place, Tree, plant

DISTRICT = Place(code="990101", name="示例区", level=Level.DISTRICT)
STREET = Place(code="990101001", name="北苑街道", level=Level.STREET, parent="990101")
COMMUNITY = Place(code="990101001001", name="北苑社区", level=Level.COMMUNITY, parent="990101001")
LINE = ((0.0, 0.0), (1.0, 1.0), (0.0, 0.0))


def grid(**changes: object) -> Place:
    plain = Place(code="990101001001001", name="第一网格", level=Level.GRID, parent="990101001001")
    return msgspec.structs.replace(plain, **changes)


def test_a_chain_starts_with_the_place_and_ends_with_the_district(tree: Tree) -> None:
    codes = [place.code for place in tree.chain("990101001001002")]
    assert codes == ["990101001001002", "990101001001", "990101001", "990101"]
    assert [place.code for place in tree.chain("990101")] == ["990101"]


def test_children_keep_the_order_of_the_edition(tree: Tree) -> None:
    assert [place.code for place in tree.children(None)] == ["990101", "990102"]
    assert [place.name for place in tree.children("990101")] == ["北苑街道办事处", "南湖镇"]
    assert tree.children("990101001001001") == ()


def test_the_place_of_a_level(tree: Tree) -> None:
    street = tree.at("990101001001002", Level.STREET)
    assert street is not None
    assert street.name == "北苑街道办事处"
    assert tree.at("990101001", Level.STREET) == tree.get("990101001")
    assert tree.at("990101", Level.GRID) is None


@pytest.mark.parametrize("ask", ["get", "chain", "children"])
def test_an_unknown_code_is_refused_with_the_edition(tree: Tree, ask: str) -> None:
    with pytest.raises(NoSuchGrid, match=r"版本 2026\.1") as refused:
        getattr(tree, ask)("000000")
    assert refused.value.grid == "000000"
    assert "000000" not in tree
    assert "990101" in tree


def test_bounds_hold_everything_drawn(tree: Tree) -> None:
    assert tree.bounds() == Bounds(west=120.0, south=30.0, east=120.04, north=30.02)
    assert plant("1", [DISTRICT]).bounds() is None


def test_a_tree_survives_its_trip_through_json(tree: Tree) -> None:
    again = msgspec.json.decode(msgspec.json.encode(tree), type=Tree)
    assert again == tree
    assert again.get("990101001001001").rings == tree.get("990101001001001").rings


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (grid(code="990101001001"), "编码“990101001001”出现2次"),
        (grid(parent="990101009009"), "“第一网格”（990101001001001）的上级“990101009009”不存在"),
        (grid(parent=None), "“第一网格”（990101001001001）没有写明所属的上级"),
        (grid(parent="990101001"), "“第一网格”（990101001001001）是网格，不能直接属于街道“北苑街道”"),
        (grid(parent="990101001001001"), "“第一网格”（990101001001001）是网格，不能直接属于网格“第一网格”"),
        (grid(name=" "), "“ ”（990101001001001）缺少编码或名称"),
        (grid(level=Level.DISTRICT), "“第一网格”（990101001001001）是区，不能再有上级“990101001001”"),
        (grid(rings=(LINE,)), "“第一网格”（990101001001001）的边界只有3个点，不成面"),
        (grid(rings=((*LINE, (1.0, 1.0)),)), "的边界没有闭合"),
        (grid(rings=((*LINE[:2], (2.0, 2.0), LINE[0]),)), "的边界面积为零"),
        (grid(rings=(((0, 0), (2, 2), (2, 0), (0, 1), (0, 0)),)), "的边界自相交"),
        (grid(rings=(((0, 0), (500000, 0), (500000, 1), (0, 0)),)), "的边界含有不是经纬度的点"),
    ],
)
def test_what_is_no_tree_is_refused(wrong: Place, said: str) -> None:
    with pytest.raises(BrokenTree) as refused:
        plant("2026.1", [DISTRICT, STREET, COMMUNITY, wrong])
    assert any(said in problem for problem in refused.value.problems), refused.value.problems


def test_every_problem_is_named_not_only_the_first() -> None:
    with pytest.raises(BrokenTree) as refused:
        plant("2026.1", [DISTRICT, grid(), grid(code="990101001001002", name="第二网格")])
    assert len(refused.value.problems) == 2
