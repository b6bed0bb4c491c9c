"""Opens a file of tickets of any format; its content decides, not the ending of its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from grids.messages import Message
from hotline.channels.csv_text import CsvFile, Record
from hotline.channels.errors import Unusable
from hotline.channels.workbook import Workbook

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Sheet(Protocol):
    """Records, streamed; `position` of `total` (bytes or rows) says how far the reader is."""

    path: Path
    total: int
    position: int

    @property
    def what(self) -> str:
        """What the file is, in words."""

    def records(self) -> Iterator[Record]:
        """Yield the records in order."""


def open_sheet(path: Path) -> Sheet:
    """Return the file's records.  raises Unusable: no such file, a folder, unreadable, empty, not a table"""
    if path.is_dir():
        raise Unusable(str(path), Message("这是文件夹，请给出一个 CSV、XLSX 或 XLS 文件"))
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        raise Unusable(str(path), Message("没有这个文件")) from None
    except OSError as refused:
        raise Unusable(str(path), Message("文件读不了（%(reason)s），请检查权限", reason=refused.strerror)) from refused
    if not head:
        raise Unusable(str(path), Message("文件是空的"))
    return Workbook(path) if head.startswith((ZIP, OLE)) else CsvFile(path)
