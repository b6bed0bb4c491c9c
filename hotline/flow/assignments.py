"""Who has a ticket in hand: lead, helpers and grid leader, each with its row from the dispatch to the end."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import Move
from hotline.flow.route import Chosen
from hotline.store.columns import col, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.tickets import Assignment, Ticket

ASSIGNMENT = table_of(Assignment)


def given(ticket: Ticket, who: Chosen, leader: str, at: datetime) -> list[dict[str, Any]]:
    """Return the assignment rows: lead unit (牵头), helpers (协办), grid leader."""
    given = [("lead", who.unit, ""), *(("help", unit, "") for unit in who.helpers)]
    given += [("grid", "", leader)] if leader else []
    return [
        values_of(
            Assignment,
            id=new_id(at),
            region=ticket.region,
            ticket_id=ticket.id,
            role=role,
            unit=unit,
            login=login,
            assigned_at=at,
            signed_at=None,
            ended_at=None,
            ended_by="",
            answer="",
            answered_at=None,
            whistle="",
            helped=None,
        )
        for role, unit, login in given
    ]


def ended(db: Session, ticket: Ticket, move: Move, at: datetime) -> None:
    """Note that the ticket has left all given that held it."""
    still = col(Assignment.ticket_id) == ticket.id, col(Assignment.ended_at).is_(None)
    db.execute(
        sa.update(ASSIGNMENT).where(*still).values({col(Assignment.ended_at): at, col(Assignment.ended_by): move})
    )
