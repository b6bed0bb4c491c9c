"""Reads a file of tickets for where they are: text, address, names of district, street and community."""

from collections.abc import Iterator

import msgspec

from grids.messages import Message
from hotline.channels.columns import Columns, Map
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.load import headings
from hotline.channels.pasts import NOWHERE, cells, with_columns
from hotline.channels.rows import PLACE_FIELDS
from hotline.channels.sheets import Sheet

Names = tuple[str, str, str]  # of district, street, community; "" from the first that is not filled in


class PlacedText(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what was said, where, and the place a person confirmed; `names` are empty where nobody did."""

    text: str
    address: str
    names: Names


def read_placed(sheet: Sheet, named: dict[str, str], *, places: bool) -> Iterator[PlacedText]:
    """Yield the readable rows.

    named   field (text, address, district, street, community) -> heading; a field left out is read from the heading
            it usually has.  A file with an address alone is enough
    places  it must have a column of streets
    raises  Unusable where the file has no such heading
    """
    said = with_columns(Map(), **{field: (heading,) for field, heading in named.items() if heading})
    stand_in = next((said.columns[field] for field in ("address", "street") if field in said.columns), None)
    if "text" not in said.columns and stand_in:
        said = with_columns(said, text=stand_in)
    columns, records = headings(sheet, said)
    if places and not any(columns.has(field) for field in PLACE_FIELDS[1:]):
        found = "、".join(columns.headings)
        raise Unusable(
            str(sheet.path), Message("表头缺少街道（镇街）列；请用 --street 写明。表头是：%(found)s", found=found)
        )
    for record in records:
        if not record.trouble:
            yield _placed_text(columns, record)


def _placed_text(columns: Columns, record: Record) -> PlacedText:
    district, street, community = (_name(columns, record, field) for field in PLACE_FIELDS)
    return PlacedText(
        text=_cell(columns, record, "text"),
        address=_cell(columns, record, "address"),
        names=(district, street, community if street else ""),
    )


def _cell(columns: Columns, record: Record, field: str) -> str:
    return next(filter(None, cells(columns, record, field)), "")


def _name(columns: Columns, record: Record, field: str) -> str:
    name = "".join(_cell(columns, record, field).split())
    return "" if name in NOWHERE else name
