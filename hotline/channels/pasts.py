"""Reads a file of history for what it teaches: who had what where."""

from collections.abc import Callable, Iterator

import msgspec

from grids.messages import Message
from hotline.channels import values
from hotline.channels.columns import LEVELS_FIELD, Columns, Map, plain_heading
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.load import headings
from hotline.channels.rows import PLACE_FIELDS
from hotline.channels.sheets import Sheet
from hotline.flow.learning.learn import Past
from hotline.wire import nothing

NOWHERE = {"全市", "全区", "其他"}

RowProgress = Callable[[int], None]


def with_columns(said: Map, **columns: tuple[str, ...]) -> Map:
    """Return a table of columns in which some fields are read from the headings a person named."""
    named = {field: tuple(map(plain_heading, words)) for field, words in columns.items() if words}
    options = msgspec.structs.replace(said.options, without_number=True)
    return Map(columns={**said.columns, **named}, options=options)


def pasts(sheet: Sheet, said: Map, progress: RowProgress) -> Iterator[Past]:
    """Yield what each readable row teaches.  raises Unusable without a column of areas or units"""
    columns, records = headings(sheet, said)
    needed = (("unit", Message("处置单位")), (LEVELS_FIELD, Message("行业分类")))
    absent = [label for field, label in needed if not columns.has(field)]
    if absent:
        found = "、".join(columns.headings)
        raise Unusable(
            str(sheet.path),
            Message("表头缺少%(absent)s列，无法得出责任分解表；表头是：%(found)s", absent=tuple(absent), found=found),
        )
    for record in records:
        progress(sheet.position)
        if not record.trouble:
            yield _past(columns, record)


def _past(columns: Columns, record: Record) -> Past:
    places: list[str] = []
    for field in PLACE_FIELDS:
        name = _first(columns, record, field)
        if not name or name in NOWHERE:
            break
        places.append(name)
    return Past(
        area=values.levels(cells(columns, record, LEVELS_FIELD)),
        unit=" ".join(_first(columns, record, "unit").split()),
        place=tuple(places),
    )


def _first(columns: Columns, record: Record, field: str) -> str:
    return next((cell for cell in cells(columns, record, field) if cell), "")


def cells(columns: Columns, record: Record, field: str) -> list[str]:
    """Return all cells of a field, "" for one that says nothing; a row cut short has fewer, one of sums none."""
    first = next((cell for cell in record.cells if cell.strip()), "")
    places = () if nothing.is_sum(first.strip()) else columns.places.get(field, ())
    return [nothing.meaningful(record.cells[place]) for place in places if place < len(record.cells)]
