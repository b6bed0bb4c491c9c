"""Carries out events of the outbox: claim, do what `NEXT` says, mark done; all in the step's own transaction.

Done is marked what was done.  What a step could not do yet, because somebody holds the ticket, is told again at once.

One bad event does not hold up the others: the batch is tried again one by one, and what fails alone keeps its error.
"""

import logging
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import Move
from hotline import city as cities
from hotline import clock
from hotline.errors import NoCity, RulesUnreadable
from hotline.flow import triage
from hotline.jobs import apart
from hotline.jobs.journey import NEXT
from hotline.store import db as store
from hotline.store import outbox
from hotline.store.columns import col, table_of
from hotline.store.outbox import OutboxRow

OUTBOX = table_of(OutboxRow)
LONGEST_ERROR = 500
log = logging.getLogger(__name__)


def events(ids: list[str]) -> int:
    """Carry out the events with these ids (hex) that are not done; return how many were.  Safe to run twice."""
    wanted = [UUID(one) for one in ids]
    if len(wanted) > 1:
        try:
            return _together(wanted)
        except Exception:
            log.exception("a batch of %d events failed; trying one by one", len(wanted))
    return sum(_alone(one) for one in wanted)


def _alone(event: UUID) -> int:
    try:
        return _together([event])
    except Exception as wrong:
        log.exception("event %s failed", event)
        innocent = apart.passing(wrong) or isinstance(wrong, NoCity | RulesUnreadable)  # it will go well another time
        with store.transaction() as db:
            text = f"{type(wrong).__name__}: {wrong}"[:LONGEST_ERROR]
            tries = col(OutboxRow.tries) + (0 if innocent else 1)
            db.execute(
                sa.update(OUTBOX)
                .where(col(OutboxRow.id) == event)
                .values({col(OutboxRow.tries): tries, col(OutboxRow.error): text})
            )
        return 0


def _together(wanted: list[UUID]) -> int:
    """Carry out events in one transaction; what takes time is concluded before it, while only reading."""
    received = col(OutboxRow.id).in_(wanted), col(OutboxRow.done_at).is_(None), col(OutboxRow.move) == Move.RECEIVE
    with store.reading() as db:
        fresh = list(db.execute(sa.select(col(OutboxRow.ticket_id)).where(*received)).scalars())
        thoughts = triage.ahead(db, cities.current(db), clock.now(), len(fresh), fresh) if fresh else None
    with store.transaction() as db:
        db.info[triage.THOUGHTS] = thoughts
        return _carry_out(db, wanted, clock.now())


def _carry_out(db: Session, wanted: list[UUID], now: datetime) -> int:
    waiting = (
        sa.select(OUTBOX)
        .where(col(OutboxRow.id).in_(wanted), col(OutboxRow.done_at).is_(None))
        .order_by(col(OutboxRow.id))
    )
    found = [outbox.read_event(row) for row in db.execute(waiting.with_for_update(skip_locked=True)).mappings()]
    if not found:
        return 0
    city, left = cities.current(db), set[UUID]()
    for move in dict.fromkeys(event.move for event in found):
        for step in NEXT[move]:
            undone = step(db, city, [event for event in found if event.move == move], now)
            left |= {event.id for event in undone or ()}
    done = [event.id for event in found if event.id not in left]
    if done:
        db.execute(
            sa.update(OUTBOX)
            .where(col(OutboxRow.id).in_(done))
            .values({col(OutboxRow.done_at): now, col(OutboxRow.error): ""})
        )
    if left:
        db.execute(sa.update(OUTBOX).where(col(OutboxRow.id).in_(left)).values({col(OutboxRow.sent_at): None}))
    return len(done)
