"""Measures how much a workbook (XLSX) unfolds to before it is opened, and finds cells that hold no value.

A few kilobytes may name a cell a million rows away, repeat one long text a million times, or unpack to gigabytes.  The
parts are read as a stream here, and what is too much is refused in one sentence that names it.
"""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import msgspec

from grids.messages import HouseError, Message
from hotline.wire.nothing import NOT_RECKONED

MOST_PARTS, UNPACKED, FOLDED = 5000, 2 * 1024**3, 200  # parts, bytes of all of them, and how many times a part shrinks
SMALL = 64 * 1024**2  # bytes below which a part may shrink as it likes
SPARSE, SPREAD = 50, 2_000_000  # cells of the whole for one that is filled, and cells any sheet may spread over
REPEATED = 1024**3  # characters of all cells together
SQUARE = 16_384 / 1_048_576  # a sheet is so much wider than long
CHUNK, LONGEST_CELL = 256 * 1024, 200
_REF = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Empty = dict[tuple[int, int], str]  # row and column from 0 -> what stands in a cell that has no value


class TooMuch(HouseError):
    """What is wrong with the file, for people."""


class _Sheet(msgspec.Struct):
    """What a sheet holds."""

    filled: int = 0
    rows: int = 0
    columns: int = 0
    characters: int = 0
    lowest: tuple[int, int] = (0, 0)
    widest: tuple[int, int] = (0, 0)  # column first
    empty: Empty = {}


def survey(path: Path) -> dict[str, Empty]:
    """Return by sheet the cells that hold an error (#N/A) or a formula never reckoned.  raises TooMuch, BadZipFile"""
    with zipfile.ZipFile(path) as packed:
        _check_parts(packed.infolist())
        names = set(packed.namelist())
        lengths = _lengths(packed) if "xl/sharedStrings.xml" in names else []
        found, characters = {}, 0
        for name, part in _sheets(packed) if "xl/workbook.xml" in names else []:
            if part in names:
                sheet = _scanned(packed, part, lengths)
                characters += sheet.characters
                _check_spread(name, sheet)
                found[name] = sheet.empty
        if characters > REPEATED:
            raise TooMuch(Message("各格的文字展开后超过 1 GB；请分成几个文件，或另存为 CSV 后再导入"))
        return found


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    total = sum(one.file_size for one in parts)
    folded = [one for one in parts if one.file_size > SMALL and one.file_size > FOLDED * max(1, one.compress_size)]
    if len(parts) > MOST_PARTS or total > UNPACKED or folded:
        size = f"{total / 1024**3:.1f} GB" if total >= 1024**3 else f"{total / 1024**2:.0f} MB"
        raise TooMuch(
            Message(
                "电子表格解开后有 %(size)s、%(count)s 个部分，超出能读的范围；请分成几个文件，或另存为 CSV",
                size=size,
                count=len(parts),
            )
        )


def _check_spread(name: str, sheet: _Sheet) -> None:
    whole = sheet.rows * sheet.columns
    if whole <= SPREAD or whole <= SPARSE * sheet.filled:
        return
    down = sheet.rows * SQUARE >= sheet.columns
    row, column = sheet.lowest if down else sheet.widest[::-1]
    where = f"{_letters(column)}{row + 1}"
    raise TooMuch(
        Message(
            "工作表“%(name)s”只有 %(filled)s 格有内容，但 %(where)s 这一格离其余内容太远；"
            "请删去这一格，重新保存后再导入",
            name=name,
            filled=sheet.filled,
            where=where,
        )
    )


def _lengths(packed: zipfile.ZipFile) -> list[int]:
    """Return how long each shared text is."""
    lengths: list[int] = []

    def start(name: str, _: dict[str, str]) -> None:
        if _local(name) == "si":
            lengths.append(0)

    def data(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    with packed.open("xl/sharedStrings.xml") as part:
        _parse(part, start, lambda _: None, data)
    return lengths


def _sheets(packed: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return the name and the part of each sheet."""
    parts: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    def related(name: str, given: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            target = given.get("Target", "")
            parts[given.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def listed(name: str, given: dict[str, str]) -> None:
        if _local(name) == "sheet":
            known = next((value for key, value in given.items() if _local(key) == "id"), "")
            sheets.append((given.get("name", ""), parts.get(known, "")))

    for part, start in (("xl/_rels/workbook.xml.rels", related), ("xl/workbook.xml", listed)):
        with packed.open(part) as opened:
            _parse(opened, start, lambda _: None, lambda _: None)
    return sheets


def _scanned(packed: zipfile.ZipFile, part: str, lengths: list[int]) -> _Sheet:
    with packed.open(part) as opened:
        scan = _Scan(lengths)
        _parse(opened, scan.start, scan.end, scan.data)
    return scan.sheet


class _Scan:
    """One sheet, cell by cell."""

    def __init__(self, lengths: list[int]) -> None:
        self.sheet = _Sheet(empty={})
        self._lengths = lengths
        self._row, self._column, self._kind = -1, -1, ""
        self._inside, self._value, self._formula = "", "", ""
        self._has_formula = False

    def start(self, name: str, given: dict[str, str]) -> None:
        """Begin an element."""
        local = _local(name)
        if local == "row":
            said = given.get("r", "")
            self._row = int(said) - 1 if said.isdecimal() and len(said) < 9 else self._row + 1
            self._column = -1
        elif local == "c":
            found = _REF.fullmatch(given.get("r", ""))
            self._row, self._column = (int(found[2]) - 1, _place(found[1])) if found else (self._row, self._column + 1)
            self._kind, self._value, self._formula, self._has_formula = given.get("t", "n"), "", "", False
        elif local in {"v", "f", "t"}:
            self._inside = local
            self._has_formula |= local == "f"

    def data(self, text: str) -> None:
        """Take text."""
        if self._inside == "f":
            self._formula += text[: LONGEST_CELL - len(self._formula)]
        elif self._inside:
            self.sheet.characters += len(text)
            self._value += text[: LONGEST_CELL - len(self._value)]

    def end(self, name: str) -> None:
        """End an element."""
        local = _local(name)
        if local == "c":
            self._cell()
        elif local in {"v", "f", "t"}:
            self._inside = ""

    def _cell(self) -> None:
        sheet, here = self.sheet, (self._row, self._column)
        if self._value:
            sheet.filled += 1
            sheet.rows, sheet.columns = max(sheet.rows, here[0] + 1), max(sheet.columns, here[1] + 1)
            sheet.lowest, sheet.widest = max(sheet.lowest, here), max(sheet.widest, here[::-1])
        if self._kind == "e":
            sheet.empty[here] = self._value
        elif not self._value and self._has_formula:
            sheet.empty[here] = f"{NOT_RECKONED} ={self._formula[:40]}"
        elif self._kind == "s" and self._value.isdecimal() and int(self._value[:9]) < len(self._lengths):
            sheet.characters += self._lengths[int(self._value)]


def _parse(
    part: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    data: Callable[[str], None],
) -> None:
    parser: Any = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = _refuse
    while chunk := part.read(CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise TooMuch(Message("电子表格里有不该有的文档定义（DOCTYPE），不读取；请重新另存后再导入"))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _letters(place: int) -> str:
    said = ""
    while place >= 0:
        place, rest = divmod(place, 26)
        said, place = chr(65 + rest) + said, place - 1
    return said
