"""Rows of a ticket's callbacks: what was said in each, and which of them counts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.roles import Role
from hotline.people import Actor
from hotline.store.columns import col, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.requests import RequestRow
from hotline.store.tickets import CallbackRow, Ticket
from hotline.wire.moves import Asked

CALLBACK = table_of(CallbackRow)
CITIZEN = Actor("citizen", Role.CALLER_BACK)


def voiced(db: Session, ticket: Ticket, main: Ticket) -> bool:
    """Return whether the citizen's own word on the web stands for this answer."""
    if ticket.solved is None and ticket.satisfaction is None:
        return False
    own = col(CallbackRow.ticket_id) == ticket.id, col(CallbackRow.final), col(CallbackRow.by) == CITIZEN.login
    since = col(CallbackRow.at) >= (main.answered_at or ticket.received_at)
    return db.execute(sa.select(col(CallbackRow.id)).where(*own, since).limit(1)).first() is not None


def supersede(db: Session, ticket: Ticket, answered_at: datetime | None) -> None:
    """Let what was said of this answer before count no more: it is kept, a later word stands."""
    old = col(CallbackRow.ticket_id) == ticket.id, col(CallbackRow.at) >= (answered_at or ticket.received_at)
    db.execute(sa.update(CALLBACK).where(*old, col(CallbackRow.final)).values({col(CallbackRow.final): False}))


def keep(db: Session, ticket: Ticket, said: Asked, reason: str, actor: Actor, now: datetime, valid: bool) -> None:
    row = values_of(
        CallbackRow,
        id=new_id(now),
        region=ticket.region,
        ticket_id=ticket.id,
        at=now,
        by=actor.login,
        channel=said.channel,
        reached=said.reached,
        contacted=said.contacted,
        solved=said.solved,
        satisfaction=said.satisfaction,
        reason=reason,
        final=valid,
    )
    db.execute(CALLBACK.insert(), row)


def struck(db: Session, ticket: Ticket) -> bool:
    """Return whether an upheld appeal ended the rating of this ticket."""
    upheld = (
        col(RequestRow.ticket_id) == ticket.id,
        col(RequestRow.kind) == "appeal",
        col(RequestRow.decision) == "granted",
    )
    return db.execute(sa.select(col(RequestRow.id)).where(*upheld).limit(1)).first() is not None


def tried_at(db: Session, ticket: Ticket, main: Ticket) -> list[datetime]:
    """Return when this answer's callbacks were tried before."""
    since = col(CallbackRow.ticket_id) == ticket.id, col(CallbackRow.at) >= (main.answered_at or ticket.received_at)
    return list(db.execute(sa.select(col(CallbackRow.at)).where(*since)).scalars())
