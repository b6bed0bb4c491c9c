"""Reads texts of any file with what else stands in the row: number, title, time, place, reply."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from hotline.channels import values
from hotline.channels.columns import Columns, Map
from hotline.channels.csv_text import Record
from hotline.channels.load import headings
from hotline.channels.pasts import cells, with_columns
from hotline.channels.sheets import Sheet

PLACE_COLUMNS = ("community", "street", "district")


class TextRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row.  id: its number, or which row it is where the file has none."""

    id: str
    text: str
    title: str
    reply: str
    place: str
    at: datetime | None
    replied: datetime | None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that have a text, how many rows there were, and how many could not be read or had none."""

    said: list[TextRow]
    rows: int
    left_out: int


def read_texts(sheet: Sheet, zone: ZoneInfo, **named: str) -> Reading:
    """Return the texts of a file; `named`: field -> heading, "" for the known headings.  raises Unusable"""
    chosen = {field: (heading,) for field, heading in named.items() if heading}
    columns, records = headings(sheet, with_columns(Map(), **chosen))
    said, rows = list[TextRow](), 0
    for record in records:
        rows += 1
        text = _cell(columns, record, "text")
        if text and not record.trouble:
            said.append(_text_row(columns, record, zone, rows, text))
    return Reading(said=said, rows=rows, left_out=rows - len(said))


def _text_row(columns: Columns, record: Record, zone: ZoneInfo, row: int, text: str) -> TextRow:
    place = next((found for field in PLACE_COLUMNS if (found := _cell(columns, record, field))), "")
    return TextRow(
        id=_cell(columns, record, "number") or str(row),
        text=text,
        title=_cell(columns, record, "title"),
        reply=_cell(columns, record, "reply"),
        place=place,
        at=_moment(columns, record, "received", zone),
        replied=_moment(columns, record, "answered", zone),
    )


def _cell(columns: Columns, record: Record, field: str) -> str:
    return next(filter(None, cells(columns, record, field)), "")


def _moment(columns: Columns, record: Record, field: str, zone: ZoneInfo) -> datetime | None:
    try:
        return values.moment(_cell(columns, record, field), zone)
    except ValueError:
        return None
