"""Writes FILE.rejects.csv: each row not taken in, with line, column, value, reason and all its own cells.

The rows can be mended there and imported from there.  A cell that a spreadsheet would run as a formula is written with
an apostrophe before it (OWASP, CSV injection).
"""

import csv
import hashlib
import os
from pathlib import Path
from typing import TextIO

from grids.messages import Message
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.errors import Refused

REJECT_HEADINGS = ("行号", "列", "值", "原因")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_VALUE = 200  # characters of the value shown again in front


class Rejects:
    """The rejects of one run.  The file appears when the run ends; `close` says in words what became of it."""

    def __init__(self, source: Path, fallback: Path, headings: tuple[str, ...]) -> None:
        self._wanted = source.with_name(f"{source.name}.rejects.csv")
        mark = hashlib.sha256(str(source.absolute()).encode()).hexdigest()[:8]
        self._fallback = fallback / f"{source.name}.{mark}.rejects.csv"
        self._headings = headings
        self._file: TextIO | None = None
        self._target = self._wanted
        self.path: Path | None = None
        self.count = 0

    def add(self, record: Record, refused: Refused) -> None:
        """Write one row."""
        file = self._file or self._open()
        front = (str(record.line), refused.column, refused.value[:LONGEST_VALUE], refused.reason)
        csv.writer(file).writerow([safe(cell) for cell in (*front, *record.cells)])
        self.count += 1

    def close(self) -> str:
        """Put the file in its place; return a sentence, "" where nothing is to be said."""
        if self._file is None:
            return self._remove_old()
        self._file.close()
        _draft(self._target).replace(self._target)
        self.path = self._target
        elsewhere = "" if self.path == self._wanted else "（原文件所在的文件夹不可写）"
        return f"{self.count} 行未能导入，逐行原因见 {self.path}{elsewhere}"

    def drop(self) -> None:
        """Forget a run that did not come to its end: the next one reads every row again."""
        if self._file is not None:
            self._file.close()
            _unlink(_draft(self._target))

    def _open(self) -> TextIO:
        for path in (self._wanted, self._fallback):
            try:
                if path == self._fallback:
                    path.parent.mkdir(parents=True, exist_ok=True)
                number = os.open(_draft(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds personal data
            except OSError:
                continue
            self._target = path
            self._file = os.fdopen(number, "w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow((*REJECT_HEADINGS, *map(safe, self._headings)))
            return self._file
        raise Unusable(
            str(self._wanted), Message("未能导入的行写不下来：%(parent)s 也不可写", parent=self._fallback.parent)
        )

    def _remove_old(self) -> str:
        """Remove what an earlier run left, if it is ours, and say so: a clean run must not leave old complaints."""
        removed = [str(path) for path in (self._wanted, self._fallback) if _ours(path) and _unlink(path)]
        return f"全部行都已导入；上次留下的 {'、'.join(removed)} 已删除" if removed else ""


def safe(cell: str) -> str:
    """Return a cell no spreadsheet runs."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def meant(cell: str) -> str:
    """Return a cell as it was before `safe`."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _ours(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline().startswith(",".join(REJECT_HEADINGS))
    except (OSError, UnicodeDecodeError):
        return False


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
