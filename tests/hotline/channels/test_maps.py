"""GeoJSON and shapefiles, whole and broken."""

import json
import struct
from pathlib import Path

import pytest

from hotline.channels import maps
from hotline.channels.errors import Unusable

RING = [(120.0, 30.0), (120.0, 30.01), (120.01, 30.01), (120.01, 30.0), (120.0, 30.0)]  # clockwise
HOLE = [(120.004, 30.004), (120.006, 30.004), (120.006, 30.006), (120.004, 30.004)]


def geojson(path: Path, *features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def shapefile(path: Path, names: list[str], encoding: str = "utf-8", prj: str = "GEOGCS[") -> Path:
    """Write squares, each with a hole, and a table of codes and names."""
    points = [*RING, *HOLE]
    box = struct.pack("<4d", 120.0, 30.0, 120.01, 30.01)
    body = struct.pack("<i", 5) + box + struct.pack("<2i", 2, len(points)) + struct.pack("<2i", 0, len(RING))
    body += b"".join(struct.pack("<2d", *point) for point in points)
    records = b"".join(struct.pack(">2i", n, len(body) // 2) + body for n, _ in enumerate(names, 1))
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(records)) // 2) + struct.pack("<2i", 1000, 5) + box
    path.write_bytes(head + struct.pack("<4d", 0, 0, 0, 0) + records)
    fields = b"".join(
        name.ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
        for name, size in ((b"CODE", 15), (b"NAME", 30))
    )
    rows = b"".join(
        b" " + f"99010100100100{n}".encode().ljust(15) + name.encode(encoding).ljust(30)
        for n, name in enumerate(names, 1)
    )
    table = struct.pack("<4BIHH", 3, 26, 1, 1, len(names), 32 + 64 + 1, 46) + bytes(20) + fields + b"\r" + rows
    path.with_suffix(".dbf").write_bytes(table)
    path.with_suffix(".prj").write_text(prj, encoding="utf-8")
    return path


def test_geojson_in_parts_with_a_hole(tmp_path: Path) -> None:
    polygon = {"type": "Polygon", "coordinates": [RING, HOLE]}
    parts = {"type": "MultiPolygon", "coordinates": [[RING], [HOLE]]}
    found = maps.read_shapes(geojson(tmp_path / "a.json", feature(polygon, code=990101.0, name=None), feature(parts)))
    assert [(shape.row, len(shape.rings), shape.holes) for shape in found] == [(1, 1, 1), (2, 2, 0)]
    assert found[0].properties == {"code": "990101", "name": ""}
    assert found[0].rings[0] == tuple(RING)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_shapefile_with_its_table(tmp_path: Path, encoding: str) -> None:
    found = maps.read_shapes(shapefile(tmp_path / "a.shp", ["第一网格", "第二网格"], encoding))
    assert [shape.properties for shape in found] == [
        {"CODE": "990101001001001", "NAME": "第一网格"},
        {"CODE": "990101001001002", "NAME": "第二网格"},
    ]
    assert [(shape.rings, shape.holes) for shape in found] == [((tuple(RING),), 1)] * 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"  \n", "文件是空的"),
        (b"{", "不是 GeoJSON"),
        (b"[1]", "不是 GeoJSON"),
        (b'{"type": "FeatureCollection"}', "不是 GeoJSON"),
        (b'{"type": "FeatureCollection", "features": 3}', "不是列表"),
        (b'{"type": "FeatureCollection", "features": []}', "没有一个面"),
        (b'{"type": "FeatureCollection", "features": [7]}', "第1个要素不完整"),
        (
            b'{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}], "type": "FeatureCollection"}',
            "不是面",
        ),
        (b'{"geometry": {"type": "Polygon", "coordinates": [[]]}}', "空的环"),
        (b'{"geometry": {"type": "Polygon", "coordinates": [[[1]]]}}', "不完整"),
        (b"PK\x03\x04", "压缩包"),
        (b"\xff\xff\xff\xff\xff", "编码认不出来"),
        (struct.pack(">i", 9994) + bytes(200), "缺少同名的 .dbf"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.shp"
    path.write_bytes(content)
    with pytest.raises(Unusable, match=said):
        maps.read_shapes(path)


def test_a_missing_file_a_plane_and_a_cut_shapefile_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="没有这个文件"):
        maps.read_shapes(tmp_path / "none")
    with pytest.raises(Unusable, match="平面坐标"):
        maps.read_shapes(shapefile(tmp_path / "p.shp", ["一"], prj='PROJCS["CGCS2000_3_Degree"'))
    cut = shapefile(tmp_path / "c.shp", ["一", "二"])
    cut.write_bytes(cut.read_bytes()[:-40])
    with pytest.raises(Unusable, match="不完整或已损坏"):
        maps.read_shapes(cut)
