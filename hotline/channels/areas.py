"""Reads the list of areas (责任清单) as cities keep it: a table (XLSX, XLS, CSV) or TOML; nothing is guessed.

Two kinds of tables: with a code in each row (编码, 名称, 上级编码 ...), or without codes, names level by level (一级 to
四级); codes then follow from the names: known names keep their code, new ones get a new one.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from classifiers.succession import KnownCodes, codes_of
from classifiers.taxonomy import DEEPEST, Area
from dispatch import decoding
from dispatch.errors import BadRule
from grids.messages import Message
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.wire import nothing

AREA_HEADINGS = {
    "code": ("编码", "事项编码", "代码", "code"),
    "name": ("名称", "事项名称", "事项", "name"),
    "parent": ("上级", "上级编码", "父级编码", "parent"),
    "aliases": ("别名", "简称", "aliases"),
    "keywords": ("关键词", "关键字", "keywords"),
    "examples": ("示例", "样例", "examples"),
    "formerly": ("原编码", "旧编码", "formerly"),
}
LEVEL_HEADINGS = tuple(
    (f"{name}级", f"{name}级分类", f"{name}级事项", f"level{place}") for place, name in enumerate("一二三四", 1)
)
SEVERAL = ("aliases", "keywords", "examples", "formerly")
_APART = re.compile(r"[|；;、\n]")
_HEAD_ROWS = 10  # rows at the top among which the headings are looked for


def read_areas(path: Path, known: KnownCodes = KnownCodes()) -> list[Area]:  # noqa: B008 - frozen
    """Return the areas of a file.  known: the codes names have already.  raises Unusable naming the line"""
    if path.suffix.lower() == ".toml":
        return _of_toml(path)
    found = (record for record in open_sheet(path).records() if not record.trouble)
    records = [(one.line, one.cells) for one in found if not nothing.is_sum(next(filter(None, one.cells), ""))]
    for place, (_, cells) in enumerate(records[:_HEAD_ROWS]):
        columns, levels = _columns(cells), _levels(cells)
        if {"code", "name"} <= set(columns):
            return [_area(path, line, row, columns) for line, row in records[place + 1 :]]
        if levels:
            return list(_by_names(path, records[place + 1 :], levels, columns, known))
    wanted = Message("编码、名称（可有上级编码、别名、关键词、示例、原编码），或一级、二级……各级名称")
    raise Unusable(
        str(path),
        Message("前 %(n)s 行里没有找到表头；需要的列：%(wanted)s", n=_HEAD_ROWS, wanted=wanted),
    )


def _columns(cells: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for field, words in AREA_HEADINGS.items():
        at = next((place for place, cell in enumerate(cells) if cell.strip().lower() in words), None)
        if at is not None:
            found[field] = at
    return found


def _levels(cells: tuple[str, ...]) -> list[int]:
    found = []
    for words in LEVEL_HEADINGS:
        at = next((place for place, cell in enumerate(cells) if cell.strip().lower() in words), None)
        if at is None:
            break
        found.append(at)
    return found


def _area(path: Path, line: int, row: tuple[str, ...], columns: Mapping[str, int]) -> Area:
    cells = {
        field: said for field, place in columns.items() if (said := nothing.meaningful("".join(row[place : place + 1])))
    }
    if cells.get("code", "").endswith(".0"):
        cells["code"] = cells["code"].removesuffix(".0")  # a spreadsheet's number
    data: dict[str, Any] = {field: _split(cell) if field in SEVERAL else cell for field, cell in cells.items()}
    return _made(data, f"{path}:{line}")


def _by_names(
    path: Path,
    rows: list[tuple[int, tuple[str, ...]]],
    levels: list[int],
    columns: Mapping[str, int],
    known: KnownCodes,
) -> Iterator[Area]:
    """Yield the areas of a table of names: each row tells of its deepest; a blank one repeats the cell above."""
    described: dict[tuple[str, ...], dict[str, Any]] = {}
    last: tuple[str, ...] = ()
    for line, row in rows:
        names = [nothing.meaningful(row[place]) if place < len(row) else "" for place in levels]
        depth = max((place + 1 for place, name in enumerate(names) if name), default=0)
        path_of = tuple(name or (last[place] if place < len(last) else "") for place, name in enumerate(names[:depth]))
        if not depth or not all(path_of):
            raise Unusable(f"{path}:{line}", Message("这一行缺少上一级的名称"))
        last = path_of
        cells = {field: nothing.meaningful(row[place]) for field, place in columns.items() if place < len(row)}
        described[path_of] = {field: _split(cells[field]) for field in SEVERAL if cells.get(field)}
    formerly = {names: cells["formerly"] for names, cells in described.items() if "formerly" in cells}
    codes = codes_of(described, known, formerly)
    for names_of, code in codes.items():
        parent = codes.get(names_of[:-1])
        said = described.get(names_of, {})
        if "formerly" in said:
            said = said | {"formerly": [old for old in said["formerly"] if old != code]}
        data = said | {"code": code, "name": names_of[-1]} | ({"parent": parent} if parent else {})
        yield _made(data, str(path))


def _of_toml(path: Path) -> list[Area]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise Unusable(str(path), Message("不是可读的 TOML（%(wrong)s）", wrong=wrong)) from wrong
    rows = data.get("area")
    if not isinstance(rows, list) or not rows:
        raise Unusable(str(path), Message("没有 [[area]] 表"))
    return [_made(row, f"{path} $.area[{place}]") for place, row in enumerate(rows)]


def _split(cell: str) -> list[str]:
    return [part.strip() for part in _APART.split(cell) if part.strip()]


def _made(data: Mapping[str, Any], where: str) -> Area:
    try:
        return decoding.convert(dict(data), Area, where)
    except BadRule as wrong:
        raise Unusable(wrong.path, wrong.message) from wrong


assert len(LEVEL_HEADINGS) == DEEPEST
