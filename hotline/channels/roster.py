"""Reads a sheet of who leads which grid (责任人员表) into rows to be weighed, none of them lost."""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from grids.messages import Message
from hotline.channels import values
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.flow.editions.roster import MOST, Given
from hotline.wire import nothing

ROSTER_HEADINGS = {
    "grid": ("网格编码", "网格编号", "网格", "网格名称", "编码", "grid"),
    "leader": ("网格长", "网格员", "负责人", "leader"),
    "deputy": ("副网格长", "副网格员", "deputy"),
    "since": ("起", "起始日期", "任职日期", "since"),
}
DAYS = ZoneInfo("UTC")  # days alone are read: no zone moves them
_HEAD_ROWS = 10  # rows at the top among which the headings are looked for


def read_roster(path: Path) -> list[Given]:
    """Return the rows of a file, empty ones left out.  raises Unusable: no table, no headings, too many rows"""
    records = iter(open_sheet(path).records())
    columns = _columns(path, records)
    found = []
    for record in records:
        said = {
            name: nothing.meaningful(record.cells[at]) if 0 <= at < len(record.cells) else ""
            for name, at in columns.items()
        }
        if any(said.values()) or record.trouble:
            said["grid"] = re.sub(r"\.0$", "", said["grid"])  # a number, as a workbook keeps it
            row = Given(line=record.line, trouble=record.trouble, keeps_deputy=columns["deputy"] < 0, **said)
            found.append(msgspec.structs.replace(row, since=_day(row.since)))
        if len(found) > MOST:
            raise Unusable(path.name, Message("一次最多 %(most)s 行；请分开载入", most=MOST))
    return found


def _day(said: str) -> str:
    """Return a day as 2026-12-01, however it is written; what is none as it stands, to be told of."""
    try:
        return f"{values.moment(said, DAYS):%Y-%m-%d}" if said else ""
    except ValueError:
        return said


def _columns(path: Path, records: Iterator[Record]) -> dict[str, int]:
    """Return heading -> column, -1 where it is not there; the records go on behind the headings."""
    for record in itertools.islice(records, _HEAD_ROWS):
        cells = [cell.strip().lower() for cell in record.cells]
        found = {name: _at(cells, words) for name, words in ROSTER_HEADINGS.items()}
        if found["grid"] >= 0 and found["leader"] >= 0:
            return found
    wanted = Message("网格（编码或名称）、网格长，可有副网格长、起")
    raise Unusable(
        path.name,
        Message("前 %(n)s 行里没有找到表头；需要的列：%(wanted)s", n=_HEAD_ROWS, wanted=wanted),
    )


def _at(cells: list[str], words: Sequence[str]) -> int:
    return next((cells.index(word) for word in words if word in cells), -1)
