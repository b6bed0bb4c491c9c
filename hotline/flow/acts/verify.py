"""Verification (核查): somebody else looks whether it was put right on the spot; what is untrue becomes work."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.errors import NotYours
from dispatch.lifecycle import Move, State, after
from grids.messages import Message
from hotline.city import City
from hotline.errors import NoSuchTicket, RuleSaysNo
from hotline.flow import handle, promise
from hotline.people import Me
from hotline.store import tickets
from hotline.store.changes import TicketChanges
from hotline.store.columns import col
from hotline.store.tickets import Entry, Ticket
from hotline.wire.moves import Worded

WAITS, TRUE = "unverified", "forestalled"  # outcomes of what was put right on the spot


def ground(city: City, me: Me) -> str | None:
    """Return the place whose events this person looks after: "" for all, None for none."""
    if me.sight.everything:
        return ""
    unit = city.units.get(me.unit)
    return unit.place if unit and unit.place else None


def confirm(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Say that it was put right (核查属实), and what was seen.

    raises  NoSuchTicket, IllegalMove; NotYours for the reporter, whatever post they hold by now; RuleSaysNo where
            nothing waits to be verified
    """
    return _say(db, city, number, Move.VERIFY, said, me, now, {"outcome": TRUE})


def disprove(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Say that it was not (核查不实): it no longer counts as done before anybody called, and is to be dispatched."""
    return _say(db, city, number, Move.DISPROVE, said, me, now, {"outcome": "", "reply": "", "closed_at": None})


def _say(
    db: Session, city: City, number: str, move: Move, said: Worded, me: Me, now: datetime, changes: TicketChanges
) -> Ticket:
    ticket = tickets.locked(db, me.region, number)
    mine = ground(city, me)
    if mine is None or (mine and mine not in city.above(ticket.grid).values()):
        raise NoSuchTicket(number)
    handle.fresh(db, ticket, said.seq)
    after(State(ticket.state), move, me.role, ticket.pending)
    if ticket.outcome != WAITS:
        raise RuleSaysNo(Message("工单 %(number)s 没有待核查的当场处理", number=number))
    closed = col(Entry.ticket_id) == ticket.id, col(Entry.move) == Move.FORESTALL, col(Entry.actor) == me.login
    if db.execute(sa.select(col(Entry.seq)).where(*closed)).first():
        raise NotYours(Message("上报人不能核查自己的上报，请由其他人员核查"), move=move, role=me.role)
    promise.advance(db, city, ticket, move, me.actor, now, note=said.note, why={"verify": said.note}, changes=changes)
    return ticket
