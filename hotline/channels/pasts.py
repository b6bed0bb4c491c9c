"""A file of history read for what it teaches: who had what where (`pasts`), and labelled texts (`labelled`)."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from classifiers.samples import Sample
from classifiers.taxonomy import Taxonomy
from classifiers.text import strip_routing
from hotline.channels import values
from hotline.channels.columns import LEVELS, Columns, Map, plain
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.load import headings
from hotline.channels.rows import PLACES, find_area
from hotline.channels.sheets import Sheet
from hotline.flow.learn import Past

NOWHERE = {"全市", "全区", "其他", "无", "不详"}

Progress = Callable[[int], None]


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """Samples of a file, and the labels the taxonomy does not know, with how often each occurs."""

    samples: list[Sample]
    rows: int
    unknown: dict[str, int]
    unreadable: int


def with_columns(said: Map, **columns: tuple[str, ...]) -> Map:
    """Return a table of columns in which some fields are read from the headings a person named."""
    named = {field: tuple(map(plain, words)) for field, words in columns.items() if words}
    options = msgspec.structs.replace(said.options, without_number=True)
    return Map(columns={**said.columns, **named}, options=options)


def pasts(sheet: Sheet, said: Map, progress: Progress) -> Iterator[Past]:
    """Yield what each readable row teaches.  raises Unusable without a column of areas or units"""
    columns, records = headings(sheet, said)
    absent = [label for field, label in (("unit", "处置单位"), (LEVELS, "行业分类")) if not columns.has(field)]
    if absent:
        found = "、".join(columns.headings)
        raise Unusable(str(sheet.path), f"表头缺少{'、'.join(absent)}列，无法得出责任分解表；表头是：{found}")
    for record in records:
        progress(sheet.position)
        if not record.trouble:
            yield _past(columns, record)


def labelled(sheet: Sheet, said: Map, taxonomy: Taxonomy, zone: ZoneInfo, phrases: tuple[str, ...]) -> Labelled:
    """Return the texts of a file with the areas their labels name.  raises Unusable without a column of labels"""
    columns, records = headings(sheet, said)
    if not columns.has(LEVELS):
        found = "、".join(columns.headings)
        raise Unusable(str(sheet.path), f"表头缺少事项分类列；请用 --label 写明。表头是：{found}")
    samples, unknown, rows, unreadable = list[Sample](), Counter[str](), 0, 0
    known: dict[tuple[str, ...], str] = {}
    for record in records:
        rows += 1
        if record.trouble:
            unreadable += 1
            continue
        label = values.levels(_all(columns, record, LEVELS))
        if label not in known:
            known[label] = find_area(taxonomy, label)
        text = strip_routing(_first(columns, record, "text"), phrases)
        if not known[label]:
            unknown["/".join(label) or "（空）"] += 1
        elif text:
            title = strip_routing(_first(columns, record, "title"), phrases)
            at = _moment(columns, record, zone)
            samples.append(Sample(text=text, area=known[label], title=title, at=at))
    if samples and any(sample.at is None for sample in samples):
        samples = [msgspec.structs.replace(sample, at=None) for sample in samples]
    return Labelled(samples=samples, rows=rows, unknown=dict(unknown.most_common()), unreadable=unreadable)


def _past(columns: Columns, record: Record) -> Past:
    places: list[str] = []
    for field in PLACES:
        name = _first(columns, record, field)
        if not name or name in NOWHERE:
            break
        places.append(name)
    return Past(
        area=values.levels(_all(columns, record, LEVELS)),
        unit=" ".join(_first(columns, record, "unit").split()),
        place=tuple(places),
    )


def _all(columns: Columns, record: Record, field: str) -> list[str]:
    return [record.cells[place] for place in columns.places.get(field, ()) if place < len(record.cells)]


def _first(columns: Columns, record: Record, field: str) -> str:
    return next((cell.strip() for cell in _all(columns, record, field) if cell.strip()), "")


def _moment(columns: Columns, record: Record, zone: ZoneInfo) -> datetime | None:
    try:
        return values.moment(_first(columns, record, "received"), zone)
    except ValueError:
        return None
