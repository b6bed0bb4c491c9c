"""Sends events from the outbox to the queue, after the commit.

At least once: a row is told again until its work is done.

`sent_at` is written before the queue is told, and taken back if the queue cannot be told.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from redis.exceptions import RedisError
from sqlmodel import Session

from hotline.jobs.journey import LAST
from hotline.store import db as store
from hotline.store.columns import col, table_of
from hotline.store.outbox import TRIES, OutboxRow

OUTBOX = table_of(OutboxRow)
EVENTS_A_JOB = 100  # events one job carries out together
TURN = 2000  # events one turn takes at most
EVENT_AGAIN = timedelta(seconds=60)  # how long a sent event may take before it is told again
AHEAD = timedelta(seconds=60)  # sent later than that from now: by a clock that ran ahead, and told again
Wake = Callable[[list[str]], None]
log = logging.getLogger(__name__)


def turn(wake: Wake, now: datetime) -> int:
    """Tell the queue of every event that waits; return how many.  One small read when nothing does.

    wake    tells the queue of up to `EVENTS_A_JOB` ids; its RedisError leaves them waiting and is raised on
    """
    with store.reading() as db:
        if db.execute(sa.select(col(OutboxRow.id)).where(*_waiting(now)).limit(1)).first() is None:
            return 0
    with store.transaction() as db:
        found = _take(db, now)
    for start in range(0, len(found), EVENTS_A_JOB):
        part = found[start : start + EVENTS_A_JOB]
        try:
            wake([one.hex for one in part])
        except RedisError:
            _untake(found[start:])
            raise
    return len(found)


def _waiting(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    idle = sa.or_(
        col(OutboxRow.sent_at).is_(None),
        col(OutboxRow.sent_at) < now - EVENT_AGAIN,
        col(OutboxRow.sent_at) > now + AHEAD,
    )
    return col(OutboxRow.done_at).is_(None), col(OutboxRow.tries) < TRIES, idle


def _take(db: Session, now: datetime) -> list[UUID]:
    final = col(OutboxRow.done_at).is_(None), col(OutboxRow.move).in_(LAST)
    db.execute(sa.update(OUTBOX).where(*final).values({col(OutboxRow.done_at): now, col(OutboxRow.sent_at): now}))
    rows = sa.select(col(OutboxRow.id)).where(*_waiting(now)).limit(TURN)
    # as `ix_outbox_waiting` has them: by the id alone all are read
    rows = rows.order_by(col(OutboxRow.region), col(OutboxRow.id))
    found = list(db.execute(rows.with_for_update(skip_locked=True)).scalars())
    if found:
        db.execute(sa.update(OUTBOX).where(col(OutboxRow.id).in_(found)).values({col(OutboxRow.sent_at): now}))
    return found


def _untake(ids: list[UUID]) -> None:
    with store.transaction() as db:
        unsent = sa.update(OUTBOX).where(col(OutboxRow.id).in_(ids), col(OutboxRow.done_at).is_(None))
        db.execute(unsent.values({col(OutboxRow.sent_at): None}))
