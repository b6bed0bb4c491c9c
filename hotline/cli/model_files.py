"""Labelled files on the way into `hotline model`: how they are read, and what is told of them."""

from collections.abc import Sequence
from functools import partial
from itertools import accumulate, takewhile
from pathlib import Path
from typing import Any

import msgspec

from classifiers.evaluation import Report
from classifiers.model import Card
from grids.messages import Message
from hotline.channels import pasts
from hotline.channels.columns import Map
from hotline.channels.labelled import Beside, Labelled, labelled
from hotline.channels.pasts import NOWHERE
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.errors import HotlineError
from hotline.flow import locate

LABELS_SHOWN = 10  # unknown labels named one by one
DATED = {
    "column": "时间取自时间列",
    "number": "时间取自工单编号开头的日期",
    "order": "时间取自文件里的先后次序",
    "none": "文件里没有时间，不能按时间留出",
}


class NoLabels(HotlineError):
    """A file of which no row has both a text and a label."""

    code = "no_labels"


class ColumnChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of the file's columns; "" and () leave it to the built-in headings."""

    text: str
    title: str
    labels: tuple[str, ...]
    at: str = ""
    in_order: bool = False
    keep_routing: bool = False
    unit: str = ""
    street: str = ""
    community: str = ""
    source: str = ""


def read(file: Path, city: City, said: ColumnChoice, own: bool | None) -> Labelled:
    """Read a labelled file; `own` as in `channels.labelled`.  raises NoLabels, Unusable"""
    columns = pasts.with_columns(
        Map(),
        text=_as_columns(said.text),
        title=_as_columns(said.title),
        area=said.labels,
        received=_as_columns(said.at),
        unit=_as_columns(said.unit),
        street=_as_columns(said.street),
        community=_as_columns(said.community),
    )
    phrases = () if said.keep_routing else city.phrases
    sheet = open_sheet(file)
    found = labelled(
        sheet,
        columns,
        city.taxonomy,
        city.zone,
        phrases,
        own=own,
        in_order=said.in_order,
        beside=Beside(source=said.source, places=partial(places, city)) if said.unit else None,
    )
    if not found.samples:
        names = "、".join(list(found.unknown)[:LABELS_SHOWN])
        unknown = f"；没有一个事项在现在的事项表（{city.edition}）中，文件里写的是：{names}" if names else ""
        raise NoLabels(
            Message(
                "%(file)s：%(rows)s 行里没有一行可用，正文或标签为空的有 %(blank)s 行%(unknown)s",
                file=file,
                rows=found.rows,
                blank=found.blank,
                unknown=unknown,
            )
        )
    return found


def places(city: City, names: list[str], text: str, address: str) -> Sequence[str]:
    """Return the codes triage would find for a place; where none, the names themselves, down to the first gap.

    Names are for files of their own labels: no ticket is ever asked about under them.
    """
    known = locate.codes(city, city.locator.locate(text, "".join(names) + address, None))
    if any(known):
        return known
    told = takewhile(lambda name: name and name not in NOWHERE, names)
    return list(accumulate(told, lambda wide, name: f"{wide}/{name}"))


def _as_columns(heading: str) -> tuple[str, ...]:
    return (heading,) if heading else ()


def file_notes(found: Labelled) -> list[str]:
    """Return what a person should know of the file."""
    lines = [f"读取 {found.rows:,} 行，可用样本 {len(found.samples):,} 条，{DATED[found.dated]}"]
    if found.own:
        labels = len(found.taxonomy.areas)
        lines.append(f"标签不是本市事项表里的事项：按文件自带的 {labels} 个标签处理，这样的模型不能启用")
    if found.blank:
        lines.append(f"{found.blank:,} 行的正文或标签为空，未使用")
    if found.unreadable:
        lines.append(f"{found.unreadable:,} 行读不出来，未使用")
    if found.unknown:
        some = "、".join(f"{label} {count}" for label, count in list(found.unknown.items())[:LABELS_SHOWN])
        lines.append(f"{sum(found.unknown.values()):,} 行的事项不在事项表中，未使用：{some}")
    return lines


def measured(card: Card, report: Report, found: Labelled) -> dict[str, Any]:
    """Return the figures as JSON: the main ones at the top, one row a class, the whole report below."""
    figures = {name: getattr(report, name) for name in FIGURES}
    rows = [
        {
            "label": row.name,
            "code": row.area,
            "n": row.n,
            "precision": row.precision,
            "recall": row.recall,
            "f1": row.f1,
            "automatic": row.automatic,
            "wrong": row.wrong,
        }
        for row in report.per_area
    ]
    return {
        "model": card.name,
        **figures,
        "per_class": rows,
        "own_labels": card.own_labels,
        "floor": card.floor,
        "threshold": card.threshold,
        "threshold_from": card.threshold_from,
        "model_digest": card.model_digest,
        "rows": found.rows,
        "blank": found.blank,
        "unreadable": found.unreadable,
        "unknown_labels": found.unknown,
        "report": report,
    }


FIGURES = (
    "n",
    "accuracy",
    "macro_f1",
    "top3",
    "ece",
    "coverage",
    "error_when_automatic",
    "accuracy_at_80",
    "unknown",
)
