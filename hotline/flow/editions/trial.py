"""Rules on trial: the tickets of the last days, put to an edition that is not in force.  Reads, and writes nothing."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import trial
from dispatch.trial import Fact, Side, Trial
from hotline.city import City
from hotline.store.ids import first_id
from hotline.store.schema import METADATA

TICKET = METADATA.tables["ticket"]
PART = 1000
PLACES = ("grid", "community", "street", "district")
COLUMNS = ("number", "title", "area", *PLACES, "urgency", "received_at", "dispatched_at")


def size(db: Session, city: City, now: datetime, days: int) -> int:
    """Return how many tickets a trial of the last `days` days would take."""
    query = sa.select(sa.func.count()).select_from(TICKET).where(*_since(city, now, days))
    return int(db.execute(query).scalar_one())


def run(
    db: Session,
    city: City,
    new: City,
    now: datetime,
    days: int,
    *,
    most: int | None = None,
    on: date | None = None,
    moved: Callable[[int], object] | None = None,
) -> Trial:
    """Return what `new` would have done with the tickets received in the last `days` days, the newest `most` of them.

    One statement.  The rules in force are the other side of the comparison.
    on  the day the new duty table is asked about, today if left out: rows that begin only then can be tried
    """
    query = sa.select(*(TICKET.c[name] for name in COLUMNS)).where(*_since(city, now, days))
    rows = db.execute(query.order_by(TICKET.c.id.desc()).limit(most).execution_options(yield_per=PART))
    return trial.compare(_side(city), _side(new), _facts(rows), on or city.day(now), moved)


def _since(city: City, now: datetime, days: int) -> tuple[sa.ColumnElement[bool], ...]:
    return TICKET.c.region == city.region, TICKET.c.id >= first_id(now - timedelta(days=days))


def _side(city: City) -> Side:
    return Side(city.rulebook, city.router, city.taxonomy)


def _facts(rows: sa.Result[tuple[object, ...]]) -> Iterator[Fact]:
    for row in rows:
        place = next((code for code in (getattr(row, level) for level in PLACES) if code), "")
        at = row.dispatched_at or row.received_at
        yield Fact(number=row.number, title=row.title, area=row.area, place=place, urgency=row.urgency, at=at)
