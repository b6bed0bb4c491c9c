"""Puts tickets older than the index of likeness into it, the newest first, a batch at a time."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import State
from hotline.city import City
from hotline.flow import alike
from hotline.store.columns import col, table_of
from hotline.store.ids import first_id
from hotline.store.signatures import SignatureRow
from hotline.store.tickets import TicketRow

TICKET = table_of(TicketRow)
INDEXED_A_TURN = 500
log = logging.getLogger(__name__)


def older(db: Session, city: City, before: UUID, now: datetime) -> tuple[UUID | None, int]:
    """Put the newest BATCH tickets before `before` into the index; return where to go on, and how many entered.

    None is left where there is no place to go on from.  Running again changes nothing.  Joined tickets stay outside:
    the matter they joined stands for them.
    """
    since = first_id(now - timedelta(days=city.repeats.past_days))
    query = sa.select(
        col(TicketRow.id),
        col(TicketRow.title),
        sa.func.substr(col(TicketRow.text), 1, alike.HEAD).label("text"),
        col(TicketRow.received_at),
        col(TicketRow.state),
    )
    query = (
        query.where(col(TicketRow.region) == city.region, col(TicketRow.id) < before, col(TicketRow.id) >= since)
        .order_by(col(TicketRow.id).desc())
        .limit(INDEXED_A_TURN)
    )
    rows = db.execute(query).all()
    fresh = [row for row in rows if row.state != State.JOINED.value]
    try:
        with db.begin_nested():
            alike.keep(db, city, fresh)
    except Exception:
        fresh = [row for row in fresh if _alone(db, city, row)]
    return (rows[-1].id if rows else None), len(fresh)


def _alone(db: Session, city: City, row: Any) -> bool:
    """Enter one ticket; one that cannot be read stays outside, and keeps no other out."""
    try:
        with db.begin_nested():
            alike.keep(db, city, [row])
    except Exception:
        log.exception("ticket %s stays outside the index of what is alike", row.id)
        return False
    return True


def missing(db: Session, city: City) -> bool:
    """Tell whether there are tickets and the index is empty: it came with a newer version of this product."""
    held = sa.select(col(SignatureRow.key)).where(col(SignatureRow.region) == city.region).limit(1)
    some = sa.select(col(TicketRow.id)).where(col(TicketRow.region) == city.region).limit(1)
    return db.execute(some).first() is not None and db.execute(held).first() is None
