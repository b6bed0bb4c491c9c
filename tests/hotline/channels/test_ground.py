"""Maps and sheets of people as handed in."""

from pathlib import Path

import pytest

from grids.geometry import Datum, Point, metres
from grids.tree import Level, Place
from hotline.channels import ground
from hotline.channels.errors import Unusable
from tests.grids.drawing import to_gcj02
from tests.hotline.channels.cast import write
from tests.hotline.channels.test_maps import RING, feature, geojson

SHAPE = {"type": "Polygon", "coordinates": [RING]}
PLACES = [
    Place(code="990101001001001", name="第一网格", level=Level.GRID, parent="990101001001"),
    Place(code="990101001002001", name="第一网格", level=Level.GRID, parent="990101001002"),
    Place(code="990101001002002", name="松岭第二网格", level=Level.GRID, parent="990101001002"),
]


def read(path: Path, datum: Datum = Datum.WGS84, level: Level | None = None, code: str = "") -> list[Place]:
    return ground.drawn(path, datum, level, code, "", "")[0]


def test_usual_headings_are_known_and_the_code_says_the_level(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", feature(SHAPE, COMMUID="990101001001", NAME="甲社区"))
    assert [(p.code, p.name, p.level, p.parent) for p in read(path)] == [
        ("990101001001", "甲社区", Level.COMMUNITY, None)
    ]


def test_another_datum_is_turned_into_ours(tmp_path: Path) -> None:
    drawn = [list(to_gcj02(Point(*corner))) for corner in RING]
    path = geojson(
        tmp_path / "a.json", feature({"type": "Polygon", "coordinates": [drawn]}, code="990101", name="甲区")
    )
    place = read(path, Datum.GCJ02)[0]
    assert all(metres(Point(*a), Point(*b)) < 0.01 for a, b in zip(place.rings[0], RING, strict=True))


def test_what_is_lacking_is_named(tmp_path: Path) -> None:
    path = geojson(tmp_path / "a.json", feature(SHAPE, 编号="7", 名称="甲"))
    with pytest.raises(Unusable, match="没有编码一项，有的是：编号、名称；请用 --code 写明"):
        read(path)
    with pytest.raises(Unusable, match="看不出层级；请用 --level 写明"):
        read(path, code="编号")
    assert read(path, level=Level.GRID, code="编号")[0].code == "7"


def test_people_by_code_or_by_a_name_of_their_own(tmp_path: Path) -> None:
    headings = ("网格编码", "网格长", "副网格长", "联系电话")
    rows = [
        ("990101001001001", "甲某", "乙某", "13800000001"),
        ("松岭第二网格", "甲某", "", "13800000001"),
        ("", "", "", ""),
    ]
    found = ground.people(write(tmp_path / "p.csv", rows, headings), PLACES)
    assert [(one.grid, one.leader, one.deputy, one.leader_phone) for one in found] == [
        ("990101001001001", "甲某", "乙某", "13800000001"),
        ("990101001002002", "甲某", "", "13800000001"),
    ]
    with pytest.raises(Unusable, match="第2行：叫“第一网格”的不止一个"):
        ground.people(write(tmp_path / "q.csv", [("第一网格", "甲某", "", "")], headings), PLACES)
    with pytest.raises(Unusable, match="没有网格长一项"):
        ground.people(write(tmp_path / "r.csv", [("1", "甲")], ("网格编码", "姓名")), PLACES)
