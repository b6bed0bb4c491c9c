"""Unfolds a spreadsheet in a process of its own, with a limit of memory and time.

`python -m hotline.channels.unfold FILE` writes to its standard output, each with its length before it: what the file is
(`Opened`) or why it cannot be used (`Refusal`), then the rows, a batch at a time.  Whatever happens to the process, who
asked for the file goes on.
"""

import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError

import msgspec
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from grids.messages import Message
from hotline.channels import extent

MEMORY, SECONDS, WRITTEN = 3 * 1024**3, 300, 4 * 1024**3  # bytes, of the processor, bytes
ROWS_PER_MESSAGE = 500
EXACT = 10**15  # a spreadsheet keeps 15 digits
LENGTH = struct.Struct(">I")
BROKEN = Message("电子表格打不开：文件已损坏、设了密码，或不是 XLSX/XLS；请另存后再导入")

Cell = int | float | str | bool | time | date | datetime | timedelta


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The sheet that is read, how many others have content, and its last row."""

    name: str
    others: int
    total: int


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """Why nothing is read."""

    msgid: str
    values: dict[str, Any] = {}  # names, numbers


class Rows(msgspec.Struct, frozen=True, tag=True):
    """Rows with any content: the line, the cells."""

    rows: list[tuple[int, tuple[str, ...]]]


class End(msgspec.Struct, frozen=True, tag=True):
    """All rows were written."""


Frame = Opened | Refusal | Rows | End


def main(path: Path, out: BinaryIO) -> None:
    """Unfold a file."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    for frame in frames(path):
        data = msgspec.msgpack.encode(frame)
        out.write(LENGTH.pack(len(data)) + data)
    out.flush()


def frames(path: Path) -> Iterator[Frame]:
    """Yield what `main` writes."""
    try:
        empty = extent.survey(path) if zipfile.is_zipfile(path) else {}
        book = CalamineWorkbook.from_path(str(path))
        sheet, others = _filled(book)
    except extent.TooMuch as refused:
        yield Refusal(refused.sentence.msgid, dict(refused.sentence.values))
        return
    except (CalamineError, OSError, ValueError, KeyError, ExpatError, zipfile.BadZipFile, RuntimeError):
        yield Refusal(BROKEN.msgid)
        return
    if sheet is None:
        yield Refusal(Message("文件是空的").msgid)
        return
    yield Opened(name=sheet.name, others=others, total=1 + (sheet.end or (0, 0))[0])
    rows: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in _rows(sheet, empty.get(sheet.name, {})):
        rows.append((line, cells))
        if len(rows) == ROWS_PER_MESSAGE:
            yield Rows(rows)
            rows = []
    yield Rows(rows)
    yield End()


def _filled(book: CalamineWorkbook) -> tuple[CalamineSheet | None, int]:
    """Return the first sheet with any content, and how many others have some."""
    first, others = None, 0
    for place in range(len(book.sheet_names)):
        sheet = book.get_sheet_by_index(place)
        if sheet.height and first is None:
            first = sheet
        elif sheet.height:
            others += 1
    return first, others


def _rows(sheet: CalamineSheet, empty: extent.Empty) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield every row that has any content; lines count as the spreadsheet counts them."""
    broken: dict[int, dict[int, str]] = {}
    for (row, column), said in empty.items():
        broken.setdefault(row, {})[column] = said
    for line, held in enumerate(sheet.iter_rows(), 1):
        cells = [text(cell) for cell in held]
        for column, said in broken.get(line - 1, {}).items():
            if column < len(cells):
                cells[column] = cells[column] or said
        if any(cells):
            yield line, tuple(cells)


def text(cell: Cell) -> str:
    """Return a cell's value as text."""
    if isinstance(cell, str):
        return cell.replace("\x00", "")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)


def _number(value: float) -> str:
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - nan is not itself
        return str(value)
    if value != int(value):
        return repr(value)
    return str(int(value)) if abs(value) < EXACT else f"{value:.2E}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.stdout.buffer)
