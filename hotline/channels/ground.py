"""Reads maps and the sheet of people that were handed in into drawn places and who leads them."""

import re
from collections.abc import Sequence
from pathlib import Path

from grids import codes
from grids.geometry import Datum
from grids.messages import Message, named
from grids.survey import converted
from grids.tree import LEVEL_NAMES, Level, Place
from hotline.channels import maps
from hotline.channels.columns import plain_heading
from hotline.channels.errors import Unusable
from hotline.channels.maps import Shape
from hotline.channels.sheets import open_sheet
from hotline.flow.editions.lay import Leading
from hotline.wire import nothing

# headings real files use, best first; compared without regard to case
CODE = (
    "code",
    "编码",
    "网格编码",
    "网格编号",
    "网格代码",
    "区划编码",
    "社区编码",
    "街道编码",
    "GRIDID",
    "GRIDCODE",
    "GRID_CODE",
    "COMMUID",
    "COMMCODE",
    "GEOCODE",
    "WGBM",
    "BM",
    "ADCODE",
)
NAME = ("name", "名称", "网格名称", "社区名称", "街道名称", "GRIDNAME", "GRID_NAME", "WGMC", "MC")
PARENT = ("parent", "上级编码", "上级", "所属社区编码", "所属街道编码", "PARENTCODE", "PARENT_ID", "SJBM")
GRID = ("网格编码", "网格编号", "网格代码", "编码", "grid", "code", "网格名称", "网格", "名称", "name")
LEADER, DEPUTY = ("网格长", "网格员", "负责人", "leader"), ("副网格长", "副网格员", "deputy")
PHONE = ("网格长电话", "联系电话", "电话", "手机", "phone")
DEPUTY_PHONE = ("副网格长电话", "副电话", "deputy_phone")


def drawn(path: Path, datum: Datum, level: Level | None, code: str, name: str, parent: str) -> tuple[list[Place], int]:
    """Return the places of a map file in WGS-84, and how many holes in them were left out.

    level             None: as the length of each code says (6, 9, 12, 15, 18 digits)
    code name parent  headings; "" = the usual ones
    raises            Unusable where there is no code, or its level cannot be told
    """
    shapes = maps.read_shapes(path)
    heads = list(shapes[0].properties)
    by_code = _head(path, heads, code, CODE, "编码", "--code")
    by_name = _head(path, heads, name, NAME, "名称", "--name")
    by_parent = parent if parent in heads else next(iter(_known(heads, PARENT)), "")
    places = [
        Place(
            code=shape.properties.get(by_code, ""),
            name=shape.properties.get(by_name, ""),
            level=level or _level(path, shape, by_code),
            parent=shape.properties.get(by_parent) or None,
            rings=_converted(shape, datum),
        )
        for shape in shapes
    ]
    return places, sum(shape.holes for shape in shapes)


def people(path: Path, places: Sequence[Place]) -> list[Leading]:
    """Return who leads what.  A grid may be written by its code, or by a name only one place has.  raises Unusable"""
    records = open_sheet(path).records()
    first = next(records, None)
    heads = [plain_heading(cell) for cell in first.cells] if first else []
    by_grid = _head(path, heads, "", GRID, "网格编码", "")
    by_leader = _head(path, heads, "", LEADER, "网格长", "")
    named: dict[str, list[str]] = {}
    for place in places:
        named.setdefault(place.name, []).append(place.code)
    known = {place.code for place in places}
    found = []
    for record in records:
        cells = dict(zip(heads, map(nothing.meaningful, record.cells), strict=False))
        said = re.sub(r"\.0$", "", cells.get(by_grid, ""))
        if not said:
            continue
        bearers = [said] if said in known else named.get(said, [said])
        if len(bearers) > 1:
            raise Unusable(
                str(path), Message("第%(line)s行：叫“%(text)s”的不止一个，请写编码", line=record.line, text=said)
            )
        found.append(
            Leading(
                grid=bearers[0],
                leader=cells.get(by_leader, ""),
                leader_phone=_cell(cells, PHONE),
                deputy=_cell(cells, DEPUTY),
                deputy_phone=_cell(cells, DEPUTY_PHONE),
            )
        )
    return found


def _converted(shape: Shape, datum: Datum) -> tuple[tuple[tuple[float, float], ...], ...]:
    sound = all(-180 <= lng <= 180 and -90 <= lat <= 90 for ring in shape.rings for lng, lat in ring)
    return converted(shape.rings, datum) if sound else shape.rings


def _level(path: Path, shape: Shape, by_code: str) -> Level:
    code = shape.properties.get(by_code, "")
    found = codes.level_of(code)
    if found is None:
        levels = tuple(named(level.value, name) for level, name in LEVEL_NAMES.items())
        raise Unusable(
            str(path),
            Message(
                "第%(row)s个要素的编码“%(code)s”看不出层级；请用 --level 写明：%(levels)s",
                row=shape.row,
                code=code,
                levels=levels,
            ),
        )
    return found


def _head(path: Path, heads: Sequence[str], said: str, usual: Sequence[str], what: str, option: str) -> str:
    if said and said in heads:
        return said
    found = [] if said else _known(heads, usual)
    if not found:
        asked = Message("没有%(what)s一项“%(name)s”", what=Message(what), name=said)
        lacks = asked if said else Message("没有%(what)s一项", what=Message(what))
        held = Message("%(lacks)s，有的是：%(heads)s", lacks=lacks, heads=tuple(heads))
        hint = Message("%(problem)s；请用 %(option)s 写明", problem=held, option=option)
        raise Unusable(str(path), hint if option else held)
    return found[0]


def _known(heads: Sequence[str], usual: Sequence[str]) -> list[str]:
    lower = {head.lower(): head for head in reversed(heads)}
    return [lower[word.lower()] for word in usual if word.lower() in lower]


def _cell(cells: dict[str, str], usual: Sequence[str]) -> str:
    return next((cells[head] for head in _known(list(cells), usual)), "")
