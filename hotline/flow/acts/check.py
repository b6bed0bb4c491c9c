"""Checks of results (审核): a submitted result (待审核) passes and becomes the answer, or is rejected (审核退回).

The unit's words stand in the history's line until they pass: the citizen hears none that were rejected.  Nobody reads
the own unit's result, and silence passes it (超时默认, `flow.defaults`).
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.errors import NotYours
from dispatch.lifecycle import Move, State, after
from grids.messages import Message
from hotline.city import City
from hotline.flow import handle, promise
from hotline.flow.moves import CLOCKWORK
from hotline.people import Actor, Me
from hotline.store import facts
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.requests import CommitmentRow
from hotline.store.tickets import Entry, Ticket
from hotline.wire.moves import Plain, Reasoned

ENTRY, COMMITMENT = table_of(Entry), table_of(CommitmentRow)


def accept(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Let a result pass (审核通过)."""
    ticket = _read_by(db, number, Move.PASS, said.seq, me)
    _pass(db, city, ticket, me.actor, now, {"check": said.note} if said.note else {})
    return ticket


def by_silence(db: Session, city: City, ticket: Ticket, why: str, now: datetime) -> None:
    """Let a result pass that nobody read in time."""
    _pass(db, city, ticket, CLOCKWORK, now, {"default": why})


def reject(db: Session, city: City, number: str, said: Reasoned, me: Me, now: datetime) -> Ticket:
    """Send a result back (审核退回), with the reason.  The promises it made were never made to anybody."""
    ticket = _read_by(db, number, Move.REJECT, said.seq, me)
    made = col(CommitmentRow.made_at) == submitted(db, ticket).at, col(CommitmentRow.settled_at).is_(None)
    dropped = {
        col(CommitmentRow.result): "waived",
        col(CommitmentRow.settled_by): me.login,
        col(CommitmentRow.settled_at): now,
        col(CommitmentRow.note): "审核退回，答复未发出",
    }
    db.execute(sa.update(COMMITMENT).where(col(CommitmentRow.ticket_id) == ticket.id, *made).values(dropped))
    promise.advance(db, city, ticket, Move.REJECT, me.actor, now, note=said.reason, why={"check": said.reason})
    return ticket


def submitted(db: Session, ticket: Ticket) -> Any:
    """Return the history's line of the result that was handed in last."""
    lines = col(Entry.ticket_id) == ticket.id, col(Entry.move) == Move.SUBMIT
    return db.execute(sa.select(ENTRY).where(*lines).order_by(col(Entry.seq).desc()).limit(1)).one()


def _read_by(db: Session, number: str, move: Move, seen: int | None, me: Me) -> Ticket:
    ticket = handle.locked_ticket(db, number, me, seen)
    after(State(ticket.state), move, me.role, ticket.pending)
    if me.unit and me.unit in {ticket.unit, *ticket.helpers}:
        raise NotYours(Message("审核人员不得审核本单位承办的结果，请由其他人员审核"), move=move, role=me.role)
    return ticket


def _pass(db: Session, city: City, ticket: Ticket, actor: Actor, now: datetime, why: dict[str, str]) -> None:
    line = submitted(db, ticket)
    known = facts.of(line.facts)
    assert known.outcome is not None, "the line of a result says what it came to"
    told: TicketChanges = {"reply": line.note, "outcome": known.outcome, "contacted": known.contacted}
    handle.finish(db, city, ticket, Move.PASS, actor, now, told, why)
