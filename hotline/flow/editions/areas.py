"""Previews a new list of areas: what changes, and what it does to samples and open tickets."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import succession
from classifiers.succession import Change
from classifiers.taxonomy import Area, Taxonomy
from dispatch import rulebook
from dispatch.findings import Finding
from grids.messages import Message
from hotline.city import City
from hotline.flow.alike import OPEN_STATES
from hotline.flow.editions import relabel
from hotline.store.columns import col
from hotline.store.tickets import TicketRow

NUMBERS_SHOWN = 20  # numbers named of an area that is gone
AREA_COLUMNS = ("code", "name", "parent", "aliases", "keywords", "examples", "formerly")
_EDITION = re.compile(r'^edition\s*=\s*"[^"]*"', re.MULTILINE)


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What a new list would do.  `samples` and `tickets`: how many stay, pass on, or are undecided; nothing is written.

    retired  areas that no area takes over, with the open tickets a person must look at
    errors   rows of the other tables that name codes the new list no longer has
    """

    areas: int
    changes: tuple[Change, ...]
    samples: dict[str, int]
    tickets: dict[str, int]
    retired: tuple["Retired", ...] = ()
    errors: tuple[Finding, ...]


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """An area that is gone: its open tickets in number, and the oldest `NUMBERS_SHOWN` of them."""

    code: str
    label: str
    open: int
    numbers: tuple[str, ...]


def outlook(db: Session, city: City, new: Taxonomy) -> Outlook:
    """Return what changes from the list in force to `new`."""
    found = rulebook.check(city.rulebook, new, city.tree)
    changes = succession.changes(city.taxonomy, new)
    moved = (
        Finding(
            "error",
            f"areas.csv {now}",
            Message("“%(area)s”原来的编码是 %(was)s，须写在原编码（formerly）中", area=new.label(now), was=was),
        )
        for was, now in succession.moved(city.taxonomy, new)
    )
    return Outlook(
        areas=len(new.areas),
        changes=changes,
        samples=dict(relabel.forecast(db, city, new)),
        tickets=dict(_tickets(db, city, new)),
        retired=tuple(_retired(db, city, [one.code for one in changes if one.what == "gone"])),
        errors=(*moved, *(one for one in found if one.severity == "error")),
    )


def _retired(db: Session, city: City, codes: Sequence[str]) -> Iterator[Retired]:
    where = col(TicketRow.region) == city.region, col(TicketRow.state).in_(OPEN_STATES), col(TicketRow.area).in_(codes)
    query = sa.select(col(TicketRow.area), col(TicketRow.number)).where(*where).order_by(col(TicketRow.id))
    held: dict[str, list[str]] = {code: [] for code in codes}
    for area, number in db.execute(query) if codes else ():
        held[area].append(number)
    for code, numbers in held.items():
        label, few = city.area_label(code), tuple(numbers[:NUMBERS_SHOWN])
        yield Retired(code=code, label=label, open=len(numbers), numbers=few)


def folder(files: Mapping[str, str], areas: Sequence[Area], edition: str) -> dict[str, str]:
    """Return the rule files in force with the new list and a new edition, ready to be reviewed and proposed."""
    head = _EDITION.sub(f'edition = "{edition}"', files["city.toml"], count=1)
    return {**files, "city.toml": head, "areas.csv": as_csv(areas)}


def as_csv(areas: Sequence[Area]) -> str:
    """Return areas.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(AREA_COLUMNS)
    for area in areas:
        cells = (getattr(area, name) for name in AREA_COLUMNS)
        writer.writerow(["|".join(cell) if isinstance(cell, tuple) else cell or "" for cell in cells])
    return out.getvalue()


def _tickets(db: Session, city: City, new: Taxonomy) -> Counter[str]:
    where = col(TicketRow.region) == city.region, col(TicketRow.state).in_(relabel.MOVABLE), col(TicketRow.area) != ""
    told: Counter[str] = Counter()
    for row in db.execute(sa.select(col(TicketRow.area), col(TicketRow.text), col(TicketRow.title)).where(*where)):
        area = succession.relabel(row.area, row.text, row.title, new)
        told["undecided" if not area else "kept" if area == row.area else "passed"] += 1
    return told
