"""Reads drawn ground: GeoJSON, and shapefiles (.shp with .dbf) without a library.

Only polygons count.  The shapefile format is ESRI's Technical Description of July 1998; the table is dBASE III.
"""

import json
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from grids.messages import Message
from grids.tree import Ring
from hotline.channels.errors import Unusable

BIGGEST = 512 * 1024 * 1024  # bytes of one file
SHP_CODE, POLYGONS, NULL_SHAPE = 9994, {5, 15, 25}, 0


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One record: its table row, its outer rings, and how many holes were left out."""

    row: int
    properties: dict[str, str]
    rings: tuple[Ring, ...]
    holes: int = 0


def read_shapes(path: Path) -> list[Shape]:
    """Return the polygons of a file.  raises Unusable, naming the record"""
    try:
        if path.stat().st_size > BIGGEST:
            raise Unusable(str(path), Message("文件超过512MB；请按街道拆分后载入"))
        raw = path.read_bytes()
    except FileNotFoundError:
        raise Unusable(str(path), Message("没有这个文件")) from None
    except OSError as refused:
        raise Unusable(str(path), Message("文件读不了（%(reason)s）", reason=refused.strerror)) from refused
    if not raw.strip():
        raise Unusable(str(path), Message("文件是空的"))
    found = _shapefile(path, raw) if raw[:4] == struct.pack(">i", SHP_CODE) else _geojson(path, raw)
    if not found:
        raise Unusable(str(path), Message("文件里没有一个面"))
    return found


def _geojson(path: Path, raw: bytes) -> list[Shape]:
    if raw.startswith(b"PK"):
        raise Unusable(str(path), Message("这是压缩包；请解压后给出其中的 .shp 或 .geojson 文件"))
    try:
        said = json.loads(_text(path, raw))
        features = said["features"] if said.get("type") == "FeatureCollection" else [said]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise Unusable(
            str(path), Message("不是 GeoJSON（%(name)s：%(wrong)s）", name=type(wrong).__name__, wrong=wrong)
        ) from wrong
    if not isinstance(features, list):
        raise Unusable(str(path), Message("不是 GeoJSON（features 不是列表）"))
    return [_feature(path, number, one) for number, one in enumerate(features, 1)]


def _text(path: Path, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unusable(str(path), Message("文字编码认不出来；请另存为 UTF-8"))


def _feature(path: Path, number: int, feature: Any) -> Shape:
    try:
        geometry, properties = feature["geometry"], feature.get("properties") or {}
        if geometry is None:
            return Shape(row=number, properties=_strings(properties), rings=())
        if geometry["type"] not in {"Polygon", "MultiPolygon"}:
            raise Unusable(
                str(path),
                Message(
                    "第%(number)s个要素是 %(geometry)s，不是面（Polygon、MultiPolygon）",
                    number=number,
                    geometry=geometry["type"],
                ),
            )
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = tuple(tuple((float(point[0]), float(point[1])) for point in part[0]) for part in parts)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as wrong:
        raise Unusable(
            str(path),
            Message(
                "第%(number)s个要素不完整（%(name)s：%(wrong)s）", number=number, name=type(wrong).__name__, wrong=wrong
            ),
        ) from wrong
    if not all(rings):
        raise Unusable(str(path), Message("第%(number)s个要素有一个空的环", number=number))
    return Shape(row=number, properties=_strings(properties), rings=rings, holes=sum(len(part) - 1 for part in parts))


def _strings(properties: dict[str, Any]) -> dict[str, str]:
    return {str(key): _string(value) for key, value in properties.items()}


def _string(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _shapefile(path: Path, raw: bytes) -> list[Shape]:
    table = next((file for file in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if file.exists()), None)
    if table is None:
        raise Unusable(str(path), Message("缺少同名的 .dbf 文件（编码和名称在其中）"))
    _degrees(path)
    try:
        shapes, rows = list(_shp(path, raw)), list(_dbf(path, table.read_bytes()))
    except (struct.error, IndexError, ValueError) as wrong:
        raise Unusable(str(path), Message("shapefile 不完整或已损坏（%(wrong)s）", wrong=wrong)) from wrong
    if len(shapes) != len(rows):
        raise Unusable(
            str(path),
            Message(".shp 有%(shapes)s个图形，.dbf 有%(rows)s行，对不上", shapes=len(shapes), rows=len(rows)),
        )
    return [
        Shape(row=number, properties=row, rings=outer, holes=holes)
        for number, ((outer, holes), row) in enumerate(zip(shapes, rows, strict=True), 1)
    ]


def _degrees(path: Path) -> None:
    """Refuse a file whose .prj says its coordinates are metres of a plane."""
    prj = path.with_suffix(".prj")
    if prj.exists() and prj.read_text(encoding="utf-8", errors="replace").lstrip().upper().startswith("PROJCS"):
        raise Unusable(
            str(path), Message("坐标是投影后的平面坐标（米）；请在制图软件中转换为 CGCS2000 或 WGS-84 经纬度后再载入")
        )


def _shp(path: Path, raw: bytes) -> Iterator[tuple[tuple[Ring, ...], int]]:
    """Yield (outer rings, holes) of each record; outer rings run clockwise, holes the other way."""
    at = 100
    while at + 12 <= len(raw):
        length = struct.unpack_from(">i", raw, at + 4)[0] * 2
        kind = struct.unpack_from("<i", raw, at + 8)[0]
        if kind != NULL_SHAPE and kind not in POLYGONS:
            raise Unusable(str(path), Message("图形类型是 %(kind)s，不是面（5、15、25）", kind=kind))
        rings = _parts(raw, at + 8) if kind != NULL_SHAPE else []
        outer = tuple(ring for ring in rings if _clockwise(ring))
        yield outer or tuple(rings), len(rings) - len(outer) if outer else 0
        at += 8 + length


def _parts(raw: bytes, at: int) -> list[Ring]:
    parts, points = struct.unpack_from("<2i", raw, at + 36)
    starts = [*struct.unpack_from(f"<{parts}i", raw, at + 44), points]
    flat = struct.unpack_from(f"<{2 * points}d", raw, at + 44 + 4 * parts)
    corners = list(zip(flat[::2], flat[1::2], strict=True))
    return [tuple(corners[first:last]) for first, last in pairwise(starts)]


def _clockwise(ring: Ring) -> bool:
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(ring)) <= 0


def _dbf(path: Path, raw: bytes) -> Iterator[dict[str, str]]:
    """Yield the rows of a dBASE table as text; its encoding is that of the .cpg file, else UTF-8 or GB 18030."""
    rows, head, width = struct.unpack_from("<IHH", raw, 4)
    fields = []
    for at in range(32, head - 1, 32):
        if raw[at] == 0x0D:
            break
        fields.append((raw[at : at + 11].split(b"\0")[0], raw[at + 16]))
    for number in range(rows):
        at, row = head + number * width + 1, {}
        for name, size in fields:
            row[_decoded(path, name)] = _decoded(path, raw[at : at + size]).strip("\0 ")
            at += size
        yield row


def _decoded(path: Path, raw: bytes) -> str:
    said = path.with_suffix(".cpg")
    named = [said.read_text(encoding="ascii", errors="replace").strip()] if said.exists() else []
    for encoding in (*named, "utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise Unusable(str(path), Message(".dbf 的文字编码认不出来；请另附写明编码的 .cpg 文件"))
