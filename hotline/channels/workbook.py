"""Reads records of a spreadsheet (XLSX, XLS, ODS): every cell as the text a person reads in it.

Numbers of more than 15 digits have lost their end in a spreadsheet; they come out in scientific notation, so that
nobody takes them for a ticket's number.  The file is unfolded by a limited process of its own (`unfold`).
"""

import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from grids.messages import Message
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.unfold import LENGTH, Frame, Opened, Refusal, Rows

LONGEST = 900  # seconds, whatever the processor is busy with
TOO_MUCH = Message("电子表格太大或已损坏，没有读完；请分成几个文件，或另存为 CSV 后再导入")


class Workbook:
    """A spreadsheet file; its first sheet with any content is read.  `total` and `position` are rows."""

    def __init__(self, path: Path) -> None:
        self.path, self.position = path, 0
        self._rows = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the workbook
        weakref.finalize(self, self._rows.close)
        _unfold(path, self._rows)
        opened, self._start = self._frame(0)
        if isinstance(opened, Refusal):
            raise Unusable(str(path), Message(opened.msgid, **opened.values))
        if not isinstance(opened, Opened):
            raise Unusable(str(path), TOO_MUCH)
        self._opened, self.total = opened, opened.total

    @property
    def what(self) -> str:
        """What the file is, in words."""
        others = f"，其余{self._opened.others}张工作表没有读取" if self._opened.others else ""
        return f"电子表格，工作表“{self._opened.name}”{others}"

    def records(self) -> Iterator[Record]:
        """Yield every row that has any content; lines count as the spreadsheet counts them."""
        frame, at = self._frame(self._start)
        while isinstance(frame, Rows):
            for line, cells in frame.rows:
                self.position = line
                yield Record(line, cells)
            frame, at = self._frame(at)
        self.position = self.total

    def _frame(self, at: int) -> tuple[Frame, int]:
        """Return what stands at a place of the unfolded file, and where the next begins.  raises Unusable"""
        self._rows.seek(at)
        head = self._rows.read(LENGTH.size)
        size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else -1
        data = self._rows.read(size) if size >= 0 else b""
        if len(data) != size:
            raise Unusable(str(self.path), TOO_MUCH)
        frame: Frame = msgspec.msgpack.decode(data, type=Frame)
        return frame, at + LENGTH.size + size


def _unfold(path: Path, out: BinaryIO) -> None:
    """Have the file unfolded; whether it came to its end shows in what was written.  raises Unusable"""
    command = [sys.executable, "-m", "hotline.channels.unfold", str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as stopped:
        raise Unusable(str(path), TOO_MUCH) from stopped
    if done.returncode:
        raise Unusable(str(path), TOO_MUCH)
