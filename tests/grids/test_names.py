from __future__ import annotations

import pytest

from grids.errors import NoSuchGrid
from grids.names import plain, spellings, stem, tail, title
from grids.tree import Level, Place, Tree


def named(name: str, level: Level, *aliases: str) -> Place:
    return Place(code="1", name=name, level=level, aliases=aliases)


@pytest.mark.parametrize(
    ("place", "forms"),
    [
        (named("北苑街道办事处", Level.STREET), {"北苑街道", "北苑街办", "北苑街道办", "北苑街道办事处"}),
        (named("北苑街道", Level.STREET), {"北苑街道", "北苑街办", "北苑街道办", "北苑街道办事处"}),
        (named("南湖镇", Level.STREET), {"南湖镇", "南湖镇政府", "南湖镇人民政府"}),
        (
            named("南塘村委会", Level.COMMUNITY),
            {"南塘村委会", "南塘村", "南塘村委", "南塘村民委员会"},
        ),
        (named("东风里", Level.COMMUNITY, "老东风"), {"东风里", "老东风"}),
        (named("第一网格", Level.GRID), {"第一网格"}),
    ],
)
def test_the_official_ending_has_several_forms(place: Place, forms: set[str]) -> None:
    assert set(spellings(place)) == forms
    assert spellings(place)[0] == place.name


def test_a_community_of_residents_is_written_as_a_community() -> None:
    assert {"北苑社区", "北苑社区居委会", "北苑居委会"} <= set(spellings(named("北苑社区居委会", Level.COMMUNITY)))


@pytest.mark.parametrize(
    ("place", "short"),
    [
        (named("北苑街道办事处", Level.STREET), "北苑"),
        (named("盐河一社区居委会", Level.COMMUNITY), "盐河一"),
        (named("丁村村委会", Level.COMMUNITY), "丁村"),
        (named("丁村", Level.COMMUNITY), ""),
        (named("东风里", Level.COMMUNITY), ""),
    ],
)
def test_a_stem_has_two_characters_or_is_none(place: Place, short: str) -> None:
    assert stem(place) == short


def test_plain_form() -> None:
    assert plain(named("北苑社区居委会", Level.COMMUNITY)) == "北苑社区"
    assert plain(named("东风里", Level.COMMUNITY)) == "东风里"


@pytest.mark.parametrize("name", ["第二网格", "北苑第二网格", "北苑社区第二网格", "北苑社区居委会第二网格"])
def test_a_grids_own_part(name: str) -> None:
    assert tail(named(name, Level.GRID), named("北苑社区居委会", Level.COMMUNITY)) == "第二网格"


def test_a_grid_named_like_its_community_keeps_its_name() -> None:
    assert tail(named("北苑社区", Level.GRID), named("北苑社区", Level.COMMUNITY)) == "北苑社区"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("990101001001001", "北苑社区第一网格"),
        ("990101001001002", "北苑社区第二网格"),
        ("990101001001", "北苑社区居委会"),
        ("990101", "示例区"),
    ],
)
def test_a_title_says_which_first_grid(tree: Tree, code: str, said: str) -> None:
    assert title(tree, code) == said


def test_a_title_of_nothing_is_refused(tree: Tree) -> None:
    with pytest.raises(NoSuchGrid):
        title(tree, "0")
