"""Turns one record of a file into one matter: what goes in, what happened afterwards, and what was noted.

Nothing is lost: every cell that has no column of its own in a ticket stays in `extra` under its heading; phone numbers,
names and ID numbers among them are sealed.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from classifiers.taxonomy import Taxonomy
from classifiers.text import normalise
from hotline.channels import values
from hotline.channels.columns import FIELDS, LEVELS_FIELD, Columns
from hotline.channels.csv_text import Record
from hotline.channels.rejects import meant
from hotline.errors import Refused
from hotline.wire import nothing
from hotline.wire.nothing import is_sum, says_nothing
from hotline.wire.tickets import NewTicket

LONGEST_TEXT, LONGEST_TITLE, LONGEST_ADDRESS, LONGEST_NAME = 20_000, 300, 500, 64  # as `wire.tickets` allows
OWN_COLUMNS = ("number", "title", "text", "kind", "name", "phone")  # wholly kept in the ticket itself
PLACE_FIELDS = ("district", "street", "community")
NOTES, ORIGIN = "导入说明", "导入位置"
_PERSONAL = re.compile(r"电话|手机|号码|联系方式|身份证|证件|姓名|联系人|来电人|诉求人")
_A_NUMBER = re.compile(r"[0-9A-Za-z_-]{4,128}")


T = TypeVar("T")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of history says happened to a ticket after it was received; None and "" = the file does not say."""

    state: str = ""
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    answered_at: datetime | None = None
    called_at: datetime | None = None
    closed_at: datetime | None = None
    reply: str = ""
    contacted: bool | None = None
    solved: Literal["yes", "partly", "no"] | None = None
    satisfaction: int | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One matter of a file, with the line it stands on."""

    line: int
    new: NewTicket
    facts: Facts
    notes: tuple[str, ...]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for all rows of a file.

    units   normalised name or code of a unit -> its code
    seal    personal text -> text that may be stored
    """

    columns: Columns
    zone: ZoneInfo
    source: str
    file: str
    taxonomy: Taxonomy
    units: dict[str, str]
    replay: bool
    now: datetime
    seal: Callable[[str], str]


class _Cells:
    """The cells of one record by field, and the notes made while reading them."""

    def __init__(self, given: Given, record: Record) -> None:
        self._places, self._cells, self._zone = given.columns.places, record.cells, given.zone
        self._headings = given.columns.headings
        self.notes: list[str] = []

    def each(self, field: str) -> list[str]:
        """Return all cells of a field."""
        return [self._cells[place] for place in self._places.get(field, ()) if place < len(self._cells)]

    def text(self, field: str) -> str:
        """Return the first cell of a field that says something, "" if none does; what says nothing is noted."""
        place = self.used(field)
        found = "" if place is None else meant(self._cells[place].strip())
        if found and _is_nothing(field, found):
            note = f"{self._headings[place or 0]}写的是“{found[:40]}”，按没有填处理"
            self.notes += [note] if note not in self.notes else []
            return ""
        return found

    def stands(self, field: str) -> str:
        """Return what stands in a field, whether it says something or not."""
        place = self.used(field)
        return "" if place is None else self._cells[place].strip()

    def used(self, field: str) -> int | None:
        """Return the place of the column `text` reads: the first that says something, else the first that is filled."""
        filled = [place for place in self._places.get(field, ()) if "".join(self._cells[place : place + 1]).strip()]
        told = (place for place in filled if not _is_nothing(field, meant(self._cells[place].strip())))
        return next(told, filled[0] if filled else None)

    def moment(self, field: str) -> datetime | None:
        """Return the time in a field, None for an empty cell.  raises Refused"""
        cell = self.text(field)
        return self.must(field, lambda text: values.moment(text, self._zone)) if cell else None

    def must(self, field: str, read: Callable[[str], T]) -> T:
        """Return a value without which the row is refused.  raises Refused"""
        cell = self.stands(field)
        try:
            return read(meant(cell))
        except ValueError as wrong:
            place = self.used(field)
            heading = FIELDS[field].label if place is None else self._headings[place]
            raise Refused(heading, cell, str(wrong)) from wrong

    def may(self, field: str, read: Callable[[str], T], otherwise: T) -> T:
        """Return a value without which the row is taken all the same, with a note."""
        try:
            return read(self.text(field))
        except ValueError as wrong:
            self.notes.append(str(wrong))
            return otherwise


def read_row(given: Given, record: Record, number: str | None = None) -> Row:
    """Return the matter of one record.

    number  where the file has no numbers: what to call the row.  None: the file's own
    raises  Refused with column, value and reason
    """
    if record.trouble:
        raise Refused("整行", "，".join(record.cells)[:200], record.trouble)
    _check_cells(given, record)
    cells = _Cells(given, record)
    said = cells.must("number", values.number) if number is None else number
    _check_width(given, record, said)
    at = _received(given, cells)
    facts = _facts(given, cells) if given.replay else Facts()
    new = _matter(given, cells, said, at)
    kept = _extra(given, record, cells)
    return Row(line=record.line, new=msgspec.structs.replace(new, extra=kept), facts=facts, notes=tuple(cells.notes))


# fields with words of their own, of which one may be what elsewhere says nothing: 未办结 is a state, 无 is "no"
_OWN: dict[str, Callable[[str], object]] = {
    "state": lambda cell: values.state(cell) or None,
    "confidential": values.yes,
    "contacted": values.yes,
    "solved": values.solved,
    "satisfaction": values.satisfaction,
}
TIMES = ("received", "dispatched", "signed", "answered", "called", "closed")
_BOUNDLESS = re.compile(r"[+-]?(?:inf|infinity|1\.#inf)", re.IGNORECASE)


def _is_nothing(field: str, cell: str) -> bool:
    if field in _OWN and _OWN[field](cell) is not None:
        return False
    return len(cell) <= 60 and (says_nothing(cell) or (field in TIMES and cell in {"0", "0.0"}))


def _check_cells(given: Given, record: Record) -> None:
    """Refuse a row of sums, which is no ticket, and one that a number too large for a spreadsheet has spoiled."""
    first = next((place for place, cell in enumerate(record.cells) if cell.strip()), 0)
    numbered = given.columns.places.get("number", ())[:1]
    for place in dict.fromkeys((first, *numbered)):
        cell = "".join(record.cells[place : place + 1]).strip()
        if is_sum(cell):
            raise Refused(_heading(given, place), cell, f"这一行是“{cell[:40]}”，不是工单")
    for place, cell in enumerate(record.cells):
        if _BOUNDLESS.fullmatch(cell.strip()):
            reason = f"“{cell.strip()}”是电子表格装不下的数字，原来的内容已经丢失；请从原系统重新导出"
            raise Refused(_heading(given, place), cell, reason)


def _heading(given: Given, place: int) -> str:
    return given.columns.headings[place] if place < len(given.columns.headings) else f"第{place + 1}列"


def units_by_name(units: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what a file may call a unit (code, name) -> its code."""
    return {normalise(word): code for code, name in units for word in (code, name)}


def address(cells: list[str], said: str) -> str:
    """Return an address with the district, street and community that stand in columns of their own before it."""
    parts = [cell for cell in cells if cell and cell not in said and cell != "全市"]
    return "".join((*dict.fromkeys(parts), said))


def find_area(taxonomy: Taxonomy, said: tuple[str, ...]) -> str:
    """Return the code of the finest area that levels from the top down name; "" where the taxonomy has none of them.

    One word of several is not enough: 其他 and 投诉 mean something else in every taxonomy.
    """
    for depth in range(len(said), min(2, len(said)) - 1, -1):
        found = taxonomy.find("/".join(said[:depth])) if depth else None
        if found is not None:
            return found.code
    return ""


def _check_width(given: Given, record: Record, number: str) -> None:
    """Refuse a row cut off or shifted.  Empty cells at the end (a trailing comma) are nothing."""
    width, cells = len(given.columns.headings), record.cells
    if any(cell.strip() for cell in cells[width:]):
        reason = f"这一行有{len(cells)}格，表头只有{width}格，可能多了逗号或少了引号"
        raise Refused(f"第{width + 1}列", cells[width], reason)
    last = max(place for name in ("number", "text") for place in given.columns.places.get(name, (0,))[:1])
    if len(cells) < width and (len(cells) <= last or not _A_NUMBER.fullmatch(number)):
        raise Refused("整行", "，".join(cells)[:200], f"这一行只有{len(cells)}格，表头有{width}格，可能被换行截断")


def _received(given: Given, cells: _Cells) -> datetime | None:
    at = cells.moment("received")
    heading = given.columns.heading("received")
    if at is None and given.replay:
        stands = cells.stands("received")
        said = f"{heading}写的是“{stands[:40]}”，等于没有填" if stands else f"{heading}是空的"
        raise Refused(heading, stands, f"{said}；按历史导入（--replay）时每一行都要有受理时间")
    if at is not None and at > given.now:
        if given.replay:
            raise Refused(heading, cells.text("received"), f"{heading}晚于现在，不能按历史导入")
        cells.notes.append(f"{heading}晚于导入时间")
    return at


def _matter(given: Given, cells: _Cells, number: str, at: datetime | None) -> NewTicket:
    text, title = _words(cells)
    return NewTicket(
        text=text,
        title=title[:LONGEST_TITLE],
        source=given.source,
        source_ref=number,
        kind=values.kind(cells.text("kind")),
        urgency=cells.may("urgency", values.urgency, "normal"),
        name=cells.text("name")[:LONGEST_NAME],
        phone=cells.may("phone", values.phone, ""),
        address=address([cells.text(name) for name in PLACE_FIELDS], cells.text("address"))[:LONGEST_ADDRESS],
        lng=cells.may("lng", values.degrees, None),
        lat=cells.may("lat", values.degrees, None),
        datum=given.columns.options.datum.value,
        confidential=values.yes(cells.text("confidential")) is True,
        area=_area(given, cells),
        unit=_unit(given, cells) if given.replay else "",
        occurred_at=at,
    )


def _words(cells: _Cells) -> tuple[str, str]:
    text, title = cells.text("text").replace("\r\n", "\n").replace("\r", "\n"), " ".join(cells.text("title").split())
    if not text and title:
        cells.notes.append("没有诉求内容，以标题代替")
        text = title
    if not text:
        stands = cells.stands("text")
        reason = f"诉求内容写的是“{stands[:40]}”，等于没有填" if stands else "诉求内容是空的"
        raise Refused(FIELDS["text"].label, stands, reason)
    if len(text) > LONGEST_TEXT:
        raise Refused(FIELDS["text"].label, text[:200], f"诉求内容有{len(text)}个字，超过{LONGEST_TEXT}个")
    if len(title) > LONGEST_TITLE:
        cells.notes.append(f"标题超过{LONGEST_TITLE}个字，后面的部分见原始数据")
    return text, title


def _area(given: Given, cells: _Cells) -> str:
    code = values.plain(cells.text("area_code"))
    if code:
        found = given.taxonomy.find(code)
        if found is None:
            reason = f"事项编码“{code[:40]}”不在责任清单中"
            raise Refused(given.columns.heading("area_code"), cells.text("area_code"), reason)
        return found.code
    said = values.levels([nothing.meaningful(cell) for cell in cells.each(LEVELS_FIELD)])
    found_code = find_area(given.taxonomy, said)
    if said and not found_code:
        cells.notes.append(f"事项分类“{'/'.join(said)}”不在责任清单中，由系统重新判断")
    return found_code


def _unit(given: Given, cells: _Cells) -> str:
    said = cells.text("unit")
    code = given.units.get(normalise(said), "") if said else ""
    if said and not code:
        cells.notes.append(f"承办单位“{said[:40]}”不在单位表中，由系统重新判断")
    return code


def _facts(given: Given, cells: _Cells) -> Facts:
    said = cells.text("state")
    state = values.state(said)
    if said and not state:
        cells.notes.append(f"不认识的工单状态“{said[:20]}”，按在办处理")
    times = {name: _past(given, cells, name) for name in ("dispatched", "signed", "answered", "called", "closed")}
    return Facts(
        state="closed" if times["closed"] and not state else state,
        dispatched_at=times["dispatched"],
        signed_at=times["signed"],
        answered_at=times["answered"],
        called_at=times["called"],
        closed_at=times["closed"],
        reply=cells.text("reply"),
        contacted=values.yes(cells.text("contacted")),
        solved=values.solved(cells.text("solved")),
        satisfaction=values.satisfaction(cells.text("satisfaction")),
    )


def _past(given: Given, cells: _Cells, field: str) -> datetime | None:
    at = cells.moment(field)
    if at is not None and at > given.now:
        cells.notes.append(f"{given.columns.heading(field)}晚于现在，未采用")
        return None
    return at


def _extra(given: Given, record: Record, cells: _Cells) -> dict[str, str]:
    """Return what has no column of its own; the first column of each own field is left out, if nothing was cut off."""
    own = {cells.used(name) for name in OWN_COLUMNS}
    cut = {"title": len(cells.text("title")) > LONGEST_TITLE, "name": len(cells.text("name")) > LONGEST_NAME}
    for field, lost in (cut | {"phone": not _kept_whole(cells)}).items():
        if lost:
            own.discard(cells.used(field))
    found: dict[str, str] = {}
    for place, heading in enumerate(given.columns.headings):
        cell = record.cells[place].strip() if place < len(record.cells) else ""
        if cell and place not in own:
            found[heading] = given.seal(cell) if _PERSONAL.search(heading) else cell
    if cells.notes:
        found[NOTES] = "；".join(cells.notes)
    return found | {ORIGIN: f"{given.file} 第{record.line}行"}


def _kept_whole(cells: _Cells) -> bool:
    """Say whether the phone's cell went whole into the ticket."""
    cell = cells.text("phone")
    try:
        return values.phone(cell) == values.plain(cell)
    except ValueError:
        return False
