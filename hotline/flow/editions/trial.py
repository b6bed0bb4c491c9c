"""Runs the tickets of the last days against an edition that is not in force.

Reads, and writes nothing.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import trial
from dispatch.trial import Fact, Side, Trial
from hotline.city import City
from hotline.store.columns import col, columns_of, table_of
from hotline.store.ids import first_id
from hotline.store.tickets import TicketRow

TICKET = table_of(TicketRow)
TRIED_A_BATCH = 1000
PLACES = ("grid", "community", "street", "district")
TRIAL_COLUMNS = (
    col(TicketRow.number),
    col(TicketRow.title),
    col(TicketRow.area),
    *columns_of(TicketRow, PLACES),
    col(TicketRow.urgency),
    col(TicketRow.received_at),
    col(TicketRow.dispatched_at),
)


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
    query = sa.select(*TRIAL_COLUMNS).where(*_since(city, now, days))
    rows = db.execute(query.order_by(col(TicketRow.id).desc()).limit(most).execution_options(yield_per=TRIED_A_BATCH))
    return trial.compare(_side(city), _side(new), _facts(rows), on or city.day(now), moved)


def _since(city: City, now: datetime, days: int) -> tuple[sa.ColumnElement[bool], ...]:
    return col(TicketRow.region) == city.region, col(TicketRow.id) >= first_id(now - timedelta(days=days))


def _side(city: City) -> Side:
    return Side(city.rulebook, city.router, city.taxonomy)


def _facts(rows: sa.Result[tuple[object, ...]]) -> Iterator[Fact]:
    for row in rows:
        place = next((code for code in (getattr(row, level) for level in PLACES) if code), "")
        at = row.dispatched_at or row.received_at
        yield Fact(number=row.number, title=row.title, area=row.area, place=place, urgency=row.urgency, at=at)
