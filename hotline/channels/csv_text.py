"""Records of a delimited text file, one after the other, whatever is wrong with some of them.

Lines are read as Latin-1, which loses nothing, split into cells, and only then decoded record by record: so one record
in a foreign encoding costs that record, not the file.  That is sound because neither UTF-8 nor GB18030 uses the bytes
of comma, quote and line end inside a character.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from grids.messages import Message
from hotline.channels.errors import Unusable

SAMPLE = 256 * 1024  # bytes looked at to find encoding and delimiter
LONGEST_LINE = 1024 * 1024  # characters
LONGEST_RECORD = 2000  # lines; beyond that a quote was left open
BIGGEST_RECORD = 2 * 1024 * 1024  # characters
TELLING = 3  # three-byte characters after which text is UTF-8 and no accident
DELIMITERS = ",\t;"
QUOTED = re.compile(r'"[^"]*(?:"|$)')

Encoding = Literal["utf-8", "gb18030"]
ENCODING_NAMES: dict[Encoding, str] = {"utf-8": "UTF-8", "gb18030": "GB18030"}


class Record(msgspec.Struct, frozen=True):
    """One record and the line of the file (XLSX: of the sheet) it begins on; `trouble` says why it cannot be used."""

    line: int
    cells: tuple[str, ...]
    trouble: str = ""


class _Runaway(Exception):
    """A record that does not end: too many lines, or too long a line."""


class CsvFile:
    """A delimited text file.  `total` and `position` are bytes, for a progress bar."""

    def __init__(self, path: Path) -> None:
        self.path, self.total, self.position = path, path.stat().st_size, 0
        with path.open("rb") as file:
            self._skip, sample = _sample(path, file)
        self.encoding: Encoding = detect(sample)
        self.delimiter = _delimiter(sample)

    @property
    def what(self) -> str:
        """What the file is, in words."""
        return f"CSV，{ENCODING_NAMES[self.encoding]}"

    def records(self) -> Iterator[Record]:
        """Yield every record that has any content, in order."""
        with self.path.open("rb") as raw:
            raw.seek(self._skip)
            feed = _Feed(raw)
            while True:
                record = self._next(feed)
                self.position = self._skip + feed.read
                if record is None:
                    return
                if record.trouble or any(cell.strip() for cell in record.cells):
                    yield record

    def _next(self, feed: "_Feed") -> Record | None:
        feed.begin()
        try:
            cells = next(csv.reader(feed, delimiter=self.delimiter, strict=True))
        except StopIteration:
            return None
        except (_Runaway, csv.Error) as broken:
            return self._broken(feed, broken)
        return self._decoded(feed.line, cells)

    def _broken(self, feed: "_Feed", broken: Exception) -> Record:
        """Give the first line of a broken record up, with all that is in it, and go on with the second."""
        lines = feed.taken
        if isinstance(broken, csv.Error) and len(lines) == 1:
            loose = next(csv.reader(lines, delimiter=self.delimiter))  # a quote inside a cell, closed on the same line
            if lines[0].count('"') % 2 == 0:
                return self._decoded(feed.line, loose)
        unpaired, long = Message("这一行的引号没有成对，无法分出各列"), Message("这一行过长，无法读取")
        reason = unpaired if len(lines[0]) < LONGEST_LINE else long
        record = self._decoded(feed.line, [lines[0].strip("\r\n")[:BIGGEST_RECORD]])
        feed.give_back()
        return Record(record.line, record.cells, reason)

    def _decoded(self, line: int, cells: list[str]) -> Record:
        raw = [cell.encode("latin-1") for cell in cells]
        whole = b"\x1f".join(raw)
        foreign = self.encoding == "gb18030" and looks_utf8(whole)
        if not foreign and _decodes(whole, self.encoding):
            return Record(line, tuple(_clean(cell.decode(self.encoding)) for cell in raw))
        readable = tuple(_clean(_by_any_means(cell, self.encoding)) for cell in raw)
        rest = ENCODING_NAMES[self.encoding]
        reason = Message("这一行的文字编码与文件其余部分（%(rest)s）不同，无法可靠读取", rest=rest)
        return Record(line, readable, reason)


class _Feed(Iterator[str]):
    """Lines for one record at a time; what was taken can be given back but for the first."""

    def __init__(self, raw: BinaryIO) -> None:
        self._text = TextIOWrapper(raw, encoding="latin-1", newline="")
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.line, self.read, self._size = 1, 0, 0

    def begin(self) -> None:
        """Start a record."""
        self.line += len(self.taken)
        self.taken, self._size = [], 0

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._readline()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        if len(self.taken) > LONGEST_RECORD or self._size > BIGGEST_RECORD or len(line) >= LONGEST_LINE:
            raise _Runaway
        return line

    def give_back(self) -> None:
        """Put all lines but the first back."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]

    def _readline(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        self.read += len(line)
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(LONGEST_LINE)
            self.read += len(rest)
        return line


def detect(sample: bytes) -> Encoding:
    """Return the encoding most lines of the sample are written in; a sample without Chinese is UTF-8."""
    lines = [line for line in sample.splitlines() if not line.isascii()]
    as_utf8 = sum(_decodes(line, "utf-8") for line in lines)
    return "utf-8" if 2 * as_utf8 >= len(lines) else "gb18030"


def looks_utf8(raw: bytes) -> bool:
    """Say whether bytes are UTF-8 and cannot well be anything else."""
    return not raw.isascii() and _decodes(raw, "utf-8") and sum(0xE3 <= byte <= 0xE9 for byte in raw) >= TELLING


def _sample(path: Path, file: BinaryIO) -> tuple[int, bytes]:
    """Return how many bytes of mark to skip, and the first lines without them."""
    sample = file.read(SAMPLE)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")) or sample[:200].count(0) > 10:
        raise Unusable(str(path), Message("文件是 UTF-16 编码或不是文本；请另存为“CSV UTF-8”或 XLSX 后再导入"))
    if sample.lstrip()[:9].lower().startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml")):
        raise Unusable(str(path), Message("文件其实是网页（HTML 或 XML）；请用电子表格软件打开，另存为 XLSX 后再导入"))
    skip = 3 if sample.startswith(b"\xef\xbb\xbf") else 0
    sample = sample[skip:]
    whole = sample[: sample.rfind(b"\n") + 1] if len(sample) >= SAMPLE - 3 else sample
    if not sample.strip():
        raise Unusable(str(path), Message("文件是空的"))
    return skip, whole or sample


def _delimiter(sample: bytes) -> str:
    """Return what stands between cells most often; what is quoted is text, and text may be full of tabs."""
    head = sample[:4096].decode("latin-1")
    bare = QUOTED.sub("", head)
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), head.count(sign)))


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_any_means(raw: bytes, encoding: Encoding) -> str:
    """Return what a person can read of bytes in an unknown encoding, for the file of rejects."""
    if looks_utf8(raw):
        return raw.decode()
    for other in (encoding, "gb18030"):
        if _decodes(raw, other):
            return raw.decode(other)
    return raw.decode(encoding, errors="replace")


def _clean(cell: str) -> str:
    """Return a cell without characters no database takes."""
    return cell.replace("\x00", "") if "\x00" in cell else cell


csv.field_size_limit(BIGGEST_RECORD)
