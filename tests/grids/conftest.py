"""An invented piece of ground: two districts, squares of 0.01 degree (about 960 m by 1109 m) around 120 E 30 N.

示例区
  北苑街道办事处   北苑社区居委会: grids 1, 2 side by side (120.00 to 120.01 and 120.01 to 120.02)
                   和平社区居委会: grid 1 (120.02 to 120.03)
  南湖镇           南塘村委会, 南湖社区 (drawn as a community only, 120.03 to 120.04)
云台区
  东山街道         和平社区 (the same name again), 三台社区: one grid only, not drawn
"""

from __future__ import annotations

import pytest

from grids.addresses import Landmark
from grids.locate import Locator
from grids.tree import Level, Place, Ring, Tree, plant


def square(west: float, south: float = 30.0, side: float = 0.01) -> Ring:
    east, north = round(west + side, 6), round(south + side, 6)
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def place(
    code: str,
    name: str,
    level: Level,
    parent: str | None = None,
    rings: tuple[Ring, ...] = (),
    aliases: tuple[str, ...] = (),
) -> Place:
    return Place(code=code, name=name, level=level, parent=parent, rings=rings, aliases=aliases)


PLACES = (
    place("990101", "示例区", Level.DISTRICT),
    place("990101001", "北苑街道办事处", Level.STREET, "990101"),
    place("990101001001", "北苑社区居委会", Level.COMMUNITY, "990101001"),
    place("990101001001001", "第一网格", Level.GRID, "990101001001", (square(120.00),)),
    place("990101001001002", "北苑社区第二网格", Level.GRID, "990101001001", (square(120.01),)),
    place("990101001002", "和平社区居委会", Level.COMMUNITY, "990101001"),
    place("990101001002001", "和平社区第一网格", Level.GRID, "990101001002", (square(120.02),)),
    place("990101001002002", "和平社区第二网格", Level.GRID, "990101001002", (square(120.02, 30.01),)),
    place("990101002", "南湖镇", Level.STREET, "990101", aliases=("南湖新城",)),
    place("990101002001", "南塘村委会", Level.COMMUNITY, "990101002"),
    place("990101002002", "南湖社区", Level.COMMUNITY, "990101002", (square(120.03),)),
    place("990102", "云台区", Level.DISTRICT),
    place("990102001", "东山街道", Level.STREET, "990102"),
    place("990102001001", "和平社区", Level.COMMUNITY, "990102001"),
    place("990102001002", "三台社区", Level.COMMUNITY, "990102001"),
    place("990102001002001", "三台社区第一网格", Level.GRID, "990102001002"),
)
LANDMARKS = (
    Landmark(name="幸福里小区", place="990101001001", kind="estate"),
    Landmark(name="滨河花园", place="990101001", kind="estate", lng=120.025, lat=30.005),
    Landmark(name="清风路", place="990101001001", kind="road"),
    Landmark(name="清风路", place="990101001002", kind="road"),
    Landmark(name="清风路168号", place="990101001002002", kind="address"),
    Landmark(name="大集", place="990101002001"),
)


@pytest.fixture(scope="session")
def tree() -> Tree:
    return plant("2026.1", PLACES)


@pytest.fixture(scope="session")
def landmarks() -> tuple[Landmark, ...]:
    return LANDMARKS


@pytest.fixture(scope="session")
def locator(tree: Tree, landmarks: tuple[Landmark, ...]) -> Locator:
    return Locator(tree, landmarks)
