"""Collects training samples from closed tickets whose area nobody disputes, more weight where a person corrected.

A sample is masked and freed of routing requests before it is kept; confidential matters and those not counted (不计入
考核) teach nothing.  A ticket teaches once, and again what it says now if it was re-opened and closed anew.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from classifiers import questions
from classifiers import text as words
from classifiers.samples import Sample
from dispatch.lifecycle import SETTLED, Move
from hotline.city import City
from hotline.flow import units as usual
from hotline.store import facts
from hotline.store.columns import col, table_of, values_of
from hotline.store.facts import Facts
from hotline.store.ids import first_id
from hotline.store.learning import SampleRow
from hotline.store.tickets import Entry, TicketRow

SAMPLE, TICKET = table_of(SampleRow), table_of(TicketRow)
SAMPLES_A_TURN = 500
log = logging.getLogger(__name__)
KIND_NAMES = {
    "history": "历史工单",
    "closure": "办结确认",
    "correction": "改正归类",
    "return": "退单改派",
    "ruling": "会商裁定",
}
_COLUMNS: tuple[sa.Column[Any], ...] = (
    col(TicketRow.number),
    col(TicketRow.text),
    col(TicketRow.title),
    col(TicketRow.area),
    col(TicketRow.unit),
    col(TicketRow.source),
    col(TicketRow.received_at),
    col(TicketRow.closed_at),
    col(TicketRow.quiet),
    col(TicketRow.returns),
)
_TAUGHT = (
    col(SampleRow.text),
    col(SampleRow.title),
    col(SampleRow.area),
    col(SampleRow.first_area),
    col(SampleRow.unit),
    col(SampleRow.place),
    col(SampleRow.source),
    col(SampleRow.kind),
    col(SampleRow.edition),
    col(SampleRow.at),
)


def collect(db: Session, city: City, now: datetime) -> Counter[str]:
    """Keep what tickets closed within the city's window teach; return how many samples of each kind were written."""
    since = now - timedelta(days=city.learning.window)
    written: Counter[str] = Counter()
    query = (
        _closed(city)
        .where(col(TicketRow.id) >= first_id(since), col(TicketRow.closed_at) >= since)
        .order_by(col(TicketRow.id))
    )
    rows = db.execute(query).mappings().all()
    for start in range(0, len(rows), SAMPLES_A_TURN):
        found = [_readable(city, row) for row in rows[start : start + SAMPLES_A_TURN]]
        fresh = [one for one in found if one is not None and one["text"]]
        keep(db, fresh)
        written.update(one["kind"] for one in fresh)
    return written


def of_file(city: City, samples: Iterable[Sample], units: Iterable[Sample] = ()) -> list[dict[str, Any]]:
    """Return the rows of samples read from a city's own file.

    units  those whose unit it names too, labelled with it
    """
    rows: dict[str, dict[str, Any]] = {}
    for one in samples:
        mark = _mark(one, one.area)
        rows[mark] = _row(
            city, f"file:{mark}", words.mask(one.text), words.mask(one.title), one.area, "history", one.at
        )
    for one in units:
        known = [code for code in one.around.places if code in city.tree]
        rows[_mark(one, one.around.settled)] |= {"unit": one.area, "place": known[-1] if known else ""}
    return list(rows.values())


def _mark(one: Sample, area: str) -> str:
    return words.digest(f"{one.title}\n{one.text}\n{area}\n{one.at or ''}")


def keep(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write samples; one that is known is told anew."""
    insert = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert
    for start in range(0, len(rows), SAMPLES_A_TURN):
        said = insert(SAMPLE).values(rows[start : start + SAMPLES_A_TURN])
        anew: dict[Any, Any] = {one: said.excluded[one.key] for one in _TAUGHT}
        db.execute(said.on_conflict_do_update(index_elements=[col(SampleRow.region), col(SampleRow.key)], set_=anew))


def known(db: Session, city: City) -> list[Sample]:
    """Return all samples of the taxonomy in force whose area is settled, oldest first."""
    mine = (
        col(SampleRow.region) == city.region,
        col(SampleRow.edition) == city.taxonomy.edition,
        col(SampleRow.area) != "",
    )
    query = sa.select(col(SampleRow.text), col(SampleRow.area), col(SampleRow.title), col(SampleRow.at)).where(*mine)
    return [
        _bare(city, Sample(**row._mapping)) for row in db.execute(query.order_by(col(SampleRow.at), col(SampleRow.key)))
    ]


def known_units(db: Session, city: City) -> list[Sample]:
    """Return the same with the unit that had each as its label; those of units that are no more are left out."""
    mine = (
        col(SampleRow.region) == city.region,
        col(SampleRow.edition) == city.taxonomy.edition,
        col(SampleRow.unit) != "",
    )
    query = sa.select(
        col(SampleRow.text),
        col(SampleRow.title),
        col(SampleRow.area),
        col(SampleRow.unit),
        col(SampleRow.place),
        col(SampleRow.source),
        col(SampleRow.at),
    )
    heirs = {code: unit.code for unit in city.rulebook.units for code in unit.formerly}
    rows = db.execute(query.where(*mine, col(SampleRow.area) != "").order_by(col(SampleRow.at), col(SampleRow.key)))
    found = [(row, heirs.get(row.unit, row.unit)) for row in rows]
    return [_with_unit(city, row, unit) for row, unit in found if unit in city.units]


def _with_unit(city: City, row: Any, unit: str) -> Sample:
    above = city.above(row.place)
    places = [above.get(level, "") for level in ("district", "street", "community")]
    beside = usual.around(city, places, row.source, row.at, settled=row.area)
    return _bare(city, Sample(text=row.text, title=row.title, area=unit, at=row.at, around=beside))


def _bare(city: City, one: Sample) -> Sample:
    """Return a kept sample as a model is asked today: the list of routing requests may have grown since."""
    text, title = questions.bare(one.text, one.title, city.phrases)
    return msgspec.structs.replace(one, text=text, title=title)


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """How many samples there are by kind, how many wait for a person, how many belong to another edition."""

    kinds: dict[str, int]
    undecided: int
    stale: int


def stock(db: Session, city: City) -> Stock:
    """Return the stock, in one statement."""
    stale = sa.case((col(SampleRow.edition) == city.taxonomy.edition, 0), else_=1)
    open_ = sa.case((col(SampleRow.area) == "", 1), else_=0)
    query = sa.select(col(SampleRow.kind), stale.label("stale"), open_.label("open"), sa.func.count().label("n"))
    kinds: Counter[str] = Counter()
    undecided = old = 0
    for row in db.execute(
        query.where(col(SampleRow.region) == city.region).group_by(col(SampleRow.kind), stale, open_)
    ):
        old += row.n if row.stale else 0
        undecided += row.n if row.open else 0
        kinds[row.kind] += row.n
    return Stock(kinds=dict(kinds), undecided=undecided, stale=old)


def _closed(city: City) -> sa.Select[Any]:
    """Return the closed tickets that may teach, with what a person did to them."""
    first = sa.select(facts.text(Facts.area)).where(
        col(Entry.ticket_id) == col(TicketRow.id), col(Entry.move) == Move.CLASSIFY, col(Entry.actor) == "clockwork"
    )
    rulings = col(Entry.ticket_id) == col(TicketRow.id), col(Entry.move) == Move.RULE
    ruled = sa.select(col(Entry.seq)).where(*rulings).exists()
    place = sa.func.coalesce(
        *(
            sa.func.nullif(one, "")
            for one in (col(TicketRow.community), col(TicketRow.street), col(TicketRow.district))
        ),
        "",
    )
    return sa.select(
        *_COLUMNS,
        place.label("place"),
        ruled.label("ruled"),
        first.order_by(col(Entry.seq)).limit(1).scalar_subquery().label("first"),
    ).where(
        col(TicketRow.region) == city.region,
        col(TicketRow.state).in_(sorted(SETTLED)),
        col(TicketRow.area) != "",
        col(TicketRow.confidential).is_(False),
        col(TicketRow.excluded) == "",
        sa.or_(col(TicketRow.solved).is_(None), col(TicketRow.solved) != "no"),
    )


def _readable(city: City, row: Any) -> dict[str, Any] | None:
    """Return a ticket's sample; None for one that cannot be read: the others teach without it."""
    try:
        return _of_ticket(city, row)
    except Exception:
        log.exception("ticket %s teaches nothing", row["number"])
        return None


def _of_ticket(city: City, row: Any) -> dict[str, Any]:
    text, title = map(words.mask, questions.bare(row["text"], row["title"], city.phrases))
    kind = "closure"
    if row["quiet"]:
        kind = "history"
    elif row["ruled"]:
        kind = "ruling"
    elif row["returns"]:
        kind = "return"
    elif row["first"] is not None and row["first"] != row["area"]:
        kind = "correction"
    made = _row(city, f"ticket:{row['number']}", text, title, row["area"], kind, row["received_at"])
    return made | {"unit": row["unit"], "place": row["place"], "source": row["source"]}


def _row(city: City, key: str, text: str, title: str, area: str, kind: str, at: datetime | None) -> dict[str, Any]:
    return values_of(
        SampleRow,
        region=city.region,
        key=key,
        text=text,
        title=title[:300],
        area=area,
        first_area=area,
        unit="",
        place="",
        source="",
        kind=kind,
        edition=city.taxonomy.edition,
        at=at,
    )
