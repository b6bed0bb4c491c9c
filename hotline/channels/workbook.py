"""Records of a spreadsheet (XLSX, XLS, ODS): every cell as the text a person reads in it.

Numbers of more than 15 digits have lost their end in a spreadsheet; they come out in scientific notation, so that
nobody takes them for a ticket's number.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable

EXACT = 10**15  # a spreadsheet keeps 15 digits

Cell = int | float | str | bool | time | date | datetime | timedelta


class Workbook:
    """A spreadsheet file; its first sheet with any content is read.  `total` and `position` are rows."""

    def __init__(self, path: Path) -> None:
        self.path, self.position = path, 0
        try:
            book = CalamineWorkbook.from_path(str(path))
            sheets = (book.get_sheet_by_index(place) for place in range(len(book.sheet_names)))
            filled = [sheet for sheet in sheets if sheet.height]
        except (CalamineError, OSError, ValueError) as broken:
            message = "电子表格打不开：文件已损坏、设了密码，或不是 XLSX/XLS；请另存后再导入"
            raise Unusable(str(path), message) from broken
        if not filled:
            raise Unusable(str(path), "文件是空的")
        self._sheet, self._others = filled[0], len(filled) - 1
        self.total = 1 + (self._sheet.end or (0, 0))[0]

    @property
    def what(self) -> str:
        """What the file is, in words."""
        others = f"，其余{self._others}张工作表没有读取" if self._others else ""
        return f"电子表格，工作表“{self._sheet.name}”{others}"

    def records(self) -> Iterator[Record]:
        """Yield every row that has any content; lines count as the spreadsheet counts them."""
        for line, row in enumerate(self._sheet.iter_rows(), 1):
            self.position = line
            cells = tuple(text(cell) for cell in row)
            if any(cells):
                yield Record(line, cells)


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
    if value != int(value):
        return repr(value)
    return str(int(value)) if abs(value) < EXACT else f"{value:.2E}"
