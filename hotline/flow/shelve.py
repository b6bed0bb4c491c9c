"""Files (归档) tickets that were closed long ago, by the rule of the edition in force; nobody is told.

A batch a round, the oldest first, from an index that holds the closed tickets nobody has asked anything about
(`ix_ticket_closed`).  What is held back: a request that waits for a decision, a commitment of the reply that nobody has
looked at yet, or that was broken.  No figure changes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import filing
from dispatch.lifecycle import Move
from hotline.city import City
from hotline.flow import moves
from hotline.flow.acts import verify
from hotline.flow.moves import CLOCKWORK, Step
from hotline.store import troubles
from hotline.store.columns import col, table_of
from hotline.store.requests import CommitmentRow
from hotline.store.tickets import TO_FILE, TicketRow, carry

TICKET, COMMITMENT = table_of(TicketRow), table_of(CommitmentRow)
SHELVED_A_ROUND = 200  # tickets a round takes


def sweep(
    db: Session, city: City, now: datetime, limit: int = SHELVED_A_ROUND, only: Sequence[UUID] | None = None
) -> int:
    """File up to `limit` tickets that are due and held back by nothing; return how many.  Others' are left to them.

    only    of these alone
    """
    rules = city.rulebook.filing
    which = (*_due(city, now), *([col(TicketRow.id).in_(only)] if only else []))
    query = sa.select(TICKET).where(*which).order_by(col(TicketRow.closed_at), col(TicketRow.id)).limit(limit)
    found = carry(db, query.with_for_update(skip_locked=True, of=TICKET))
    why = {"file": f"办结满{rules.days}日，归档" + (f"（{rules.source}）" if rules.source else "")}
    if found:
        moves.make_many(db, [Step(ticket=one, move=Move.FILE, actor=CLOCKWORK, at=now, why=why) for one in found])
    return len(found)


def due(db: Session, city: City, now: datetime, limit: int = SHELVED_A_ROUND) -> list[tuple[UUID, UUID, str]]:
    """Return (ticket, ticket, number) of what a sweep would file."""
    query = (
        sa.select(col(TicketRow.id), col(TicketRow.number))
        .where(*_due(city, now))
        .order_by(col(TicketRow.closed_at), col(TicketRow.id))
        .limit(limit)
    )
    return [(row.id, row.id, row.number) for row in db.execute(query)]


def _due(city: City, now: datetime) -> tuple[Any, ...]:
    owed = sa.exists().where(
        col(CommitmentRow.ticket_id) == col(TicketRow.id), col(CommitmentRow.result).in_(["", "broken"])
    )
    looked, until = col(TicketRow.outcome) != verify.WAITS, filing.closed_until(city.rulebook.filing, now)
    left = troubles.aside(city.region, "filing", col(TicketRow.id))
    return col(TicketRow.region) == city.region, TO_FILE, looked, col(TicketRow.closed_at) <= until, ~owed, left
