"""A result that was handed in to be read (待审核): it passes and is the answer, or it goes back to the unit (审核退回).

The unit's words stand in the history's line until they pass: the citizen hears none that were rejected.  Nobody reads
the own unit's result, and silence passes it (超时默认, `flow.defaults`).
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.errors import NotYours
from dispatch.lifecycle import State, after
from grids.messages import Message
from hotline.city import City
from hotline.flow import handle, promise
from hotline.flow.moves import CLOCKWORK
from hotline.people import Actor, Me
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket
from hotline.wire.moves import Plain, Reasoned

ENTRY, COMMITMENT = METADATA.tables["entry"], METADATA.tables["commitment"]


def accept(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Let a result pass (审核通过)."""
    ticket = _read_by(db, number, "pass", said.seq, me)
    _pass(db, city, ticket, me.actor, now, {"check": said.note} if said.note else {})
    return ticket


def by_silence(db: Session, city: City, ticket: Ticket, why: str, now: datetime) -> None:
    """Let a result pass that nobody read in time."""
    _pass(db, city, ticket, CLOCKWORK, now, {"default": why})


def reject(db: Session, city: City, number: str, said: Reasoned, me: Me, now: datetime) -> Ticket:
    """Send a result back (审核退回), with the reason.  The promises it made were never made to anybody."""
    ticket = _read_by(db, number, "reject", said.seq, me)
    made = COMMITMENT.c.made_at == submitted(db, ticket).at, COMMITMENT.c.settled_at.is_(None)
    dropped = {"result": "waived", "settled_by": me.login, "settled_at": now, "note": "审核退回，答复未发出"}
    db.execute(sa.update(COMMITMENT).where(COMMITMENT.c.ticket_id == ticket.id, *made).values(dropped))
    promise.advance(db, city, ticket, "reject", me.actor, now, note=said.reason, why={"check": said.reason})
    return ticket


def submitted(db: Session, ticket: Ticket) -> Any:
    """Return the history's line of the result that was handed in last."""
    lines = ENTRY.c.ticket_id == ticket.id, ENTRY.c.move == "submit"
    return db.execute(sa.select(ENTRY).where(*lines).order_by(ENTRY.c.seq.desc()).limit(1)).one()


def _read_by(db: Session, number: str, move: str, seen: int | None, me: Me) -> Ticket:
    ticket = handle.held(db, number, me, seen)
    after(State(ticket.state), move, me.role, ticket.pending)
    if me.unit and me.unit in {ticket.unit, *ticket.helpers}:
        raise NotYours(Message("审核人员不得审核本单位承办的结果，请由其他人员审核"), move=move, role=me.role)
    return ticket


def _pass(db: Session, city: City, ticket: Ticket, actor: Actor, now: datetime, why: dict[str, str]) -> None:
    line = submitted(db, ticket)
    told = {"reply": line.note, **{name: line.facts[name] for name in ("outcome", "contacted")}}
    handle.finish(db, city, ticket, "pass", actor, now, told, why, {})
