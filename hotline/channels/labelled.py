"""Reads a file of labelled texts into samples: whose labels they are, and in which order they came.

Labels the city's taxonomy knows become its areas.  A file whose labels are others' keeps its own: what is learned from
it is a model of those labels, and not the city's.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from classifiers import questions
from classifiers.samples import Around, Sample
from classifiers.taxonomy import Area, Taxonomy, build
from grids.messages import Message
from hotline.channels import values
from hotline.channels.columns import LEVELS_FIELD, Columns, Map
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.load import headings
from hotline.channels.pasts import cells
from hotline.channels.rows import PLACE_FIELDS, find_area
from hotline.channels.sheets import Sheet

KNOWN = 0.5  # share of the labelled rows the taxonomy must know for the labels to be the city's
TIMED = 0.95  # share of the rows which must have a time for the times to count
STEP = timedelta(minutes=1)  # between two rows whose order is the only time they have

Dated = Literal["column", "number", "order", "none"]

_DATED_NUMBER = re.compile(r"\D{0,8}((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """What a file teaches.

    taxonomy    what the samples' areas belong to: the city's, or (`own`) one made of the file's labels
    unknown     labels the taxonomy does not know -> rows; their rows are no samples
    blank       rows without a label or without a text
    unreadable  rows which are broken
    dated       where the times come from: a column, ticket numbers that begin with a date, the order of the file
    units       of each sample: the unit that had it, as written, and what is known beside its words; [] if not asked
    """

    samples: list[Sample]
    taxonomy: Taxonomy
    own: bool
    rows: int
    unknown: dict[str, int]
    blank: int
    unreadable: int
    dated: Dated
    units: list[tuple[str, Around]] = []


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What is read beside the words where units are learned.

    source  heading of the column that says by which way it came, "" for none
    places  names of district, street and community, text, address -> codes from the widest to the narrowest
    """

    source: str
    places: Callable[[list[str], str, str], Sequence[str]]


class _Row(msgspec.Struct, frozen=True):
    levels: tuple[str, ...]
    label: str
    text: str
    title: str
    told: datetime | None
    numbered: datetime | None
    unit: str
    source: str
    places: tuple[str, ...]
    address: str


def _no_labels(names: tuple[str, ...]) -> Message:
    return Message("表头缺少事项分类列；请用 --label 写明。表头是：%(names)s", names=names)


def labelled(
    sheet: Sheet,
    said: Map,
    taxonomy: Taxonomy,
    zone: ZoneInfo,
    phrases: tuple[str, ...],
    *,
    own: bool | None = None,
    in_order: bool = False,
    beside: Beside | None = None,
) -> Labelled:
    """Read a labelled file.

    phrases   the operators' routing requests, taken out of each text; () leaves them in (a leak)
    own       True: the labels are what the file says; False: areas of the taxonomy; None: areas if it knows half
    in_order  the rows stand in the order of time
    beside    what to read for units; None: nothing
    raises    Unusable without a column of labels
    """
    read = _read(sheet, said, zone, beside.source if beside else "")
    rows = [row for row in read if row is not None and row.label and row.text]
    unreadable = read.count(None)
    areas = {levels: find_area(taxonomy, levels) for levels in {row.levels for row in rows}}
    if own is None:
        own = sum(bool(areas[row.levels]) for row in rows) < KNOWN * len(rows)
    times, dated = _times(rows, zone, in_order=in_order)
    told = [(row, row.label if own else areas[row.levels], at) for row, at in zip(rows, times, strict=True)]
    kept = [(row, area, at) for row, area, at in told if area]
    unknown = Counter(row.label for row, area, _ in told if not area)
    return Labelled(
        samples=[_sample(*one, phrases) for one in kept],
        taxonomy=own_labels(row.label for row in rows) if own else taxonomy,
        own=own,
        rows=len(read),
        unknown=dict(unknown.most_common()),
        blank=len(read) - unreadable - len(rows),
        unreadable=unreadable,
        dated=dated,
        units=[(row.unit, _around(row, area, beside, _here(at, dated, zone))) for row, area, at in kept if beside],
    )


def _read(sheet: Sheet, said: Map, zone: ZoneInfo, source: str) -> list[_Row | None]:
    """Return the rows of a file, None for one that cannot be read.  raises Unusable without a column of labels"""
    columns, records = headings(sheet, said)
    if not columns.has(LEVELS_FIELD):
        raise Unusable(str(sheet.path), _no_labels(columns.headings))
    return [None if record.trouble else _row(columns, record, zone, source) for record in records]


def by_unit(found: Labelled, known: Taxonomy) -> tuple[list[Sample], Taxonomy]:
    """Return the samples labelled with their units, and the units: the city's, or the file's own where labels are.

    known  the city's units; samples of units it does not know are left out
    """
    pairs = zip(found.samples, found.units, strict=True) if found.units else ()
    told = [(one, unit, around) for one, (unit, around) in pairs if unit]
    codes = {unit: unit if found.own else getattr(known.find(unit), "code", "") for _, unit, _ in told}
    samples = [
        msgspec.structs.replace(one, area=codes[unit], around=around) for one, unit, around in told if codes[unit]
    ]
    return samples, own_labels(one.area for one in samples) if found.own else known


def _sample(row: _Row, area: str, at: datetime | None, phrases: tuple[str, ...]) -> Sample:
    text, title = questions.bare(row.text, row.title, phrases)
    return Sample(text=text, title=title, area=area, at=at)


def _here(at: datetime | None, dated: Dated, zone: ZoneInfo) -> datetime | None:
    """Return a moment on the city's clocks; None where a day is all that is known."""
    return at.astimezone(zone) if at and dated == "column" else None


def _around(row: _Row, area: str, beside: Beside, at: datetime | None) -> Around:
    places = beside.places(list(row.places), row.text, row.address)
    return questions.beside(places, row.source, at, settled=area)


def own_labels(labels: Iterable[str]) -> Taxonomy:
    """Return a taxonomy of bare labels; its edition stands for exactly these."""
    names = sorted(set(labels))
    mark = blake2b("\n".join(names).encode(), digest_size=4).hexdigest()
    return build(f"自带标签-{mark}", [Area(code=name, name=name) for name in names])


def _row(columns: Columns, record: Record, zone: ZoneInfo, source: str) -> _Row:
    said = cells(columns, record, LEVELS_FIELD)
    levels = values.levels(said)
    read = ("text", "title", "number", "unit", "address", *PLACE_FIELDS)
    first = {name: next(filter(None, cells(columns, record, name)), "") for name in read}
    way = columns.headings.index(source) if source in columns.headings else len(record.cells)
    return _Row(
        levels=levels,
        label=said[0] if len(said) == 1 else "/".join(levels),
        text=first["text"],
        title=first["title"],
        told=_moment(cells(columns, record, "received"), zone),
        numbered=_of_number(first["number"], zone),
        unit=" ".join(first["unit"].split()),
        source="".join(record.cells[way : way + 1]).strip(),
        places=tuple(first[name] for name in PLACE_FIELDS),
        address=first["address"],
    )


def _times(rows: list[_Row], zone: ZoneInfo, *, in_order: bool) -> tuple[list[datetime | None], Dated]:
    """Return a time for every row, or for none; the few rows without one count as the earliest."""
    if in_order:
        first = datetime(2000, 1, 1, tzinfo=zone)
        return [first + STEP * place for place in range(len(rows))], "order"
    for name, dated in (("told", "column"), ("numbered", "number")):
        found: list[datetime | None] = [getattr(row, name) for row in rows]
        known = [one for one in found if one is not None]
        if known and len(known) >= TIMED * len(rows) and len(set(known)) > 1:
            return [one or min(known) for one in found], dated  # type: ignore[return-value]  # none is None any more
    return [None] * len(rows), "none"


def _moment(said: list[str], zone: ZoneInfo) -> datetime | None:
    try:
        return values.moment(next(filter(None, said), ""), zone)
    except ValueError:
        return None


def _of_number(number: str, zone: ZoneInfo) -> datetime | None:
    found = _DATED_NUMBER.match(number)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=zone) if found else None
    except ValueError:
        return None
