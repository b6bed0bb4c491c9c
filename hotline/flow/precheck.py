"""Checks a reply before it is sent (答复预检): advice to who writes it, and what was known when it was sent.

Nothing here refuses a reply.  What stood there at submission is kept with the line of the history (`facts`).
"""

import re
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import replies
from classifiers.replies import Draft, Finding
from dispatch import commitments
from dispatch.lifecycle import Move
from grids import reading
from hotline.city import City
from hotline.errors import NoSuchTicket
from hotline.people import Me, may_see
from hotline.sealing import Seal
from hotline.store import facts, tickets, veil
from hotline.store.callers import Caller
from hotline.store.columns import col, table_of
from hotline.store.tickets import Entry, Ticket, TicketRow

TICKET = table_of(TicketRow)
PROBED, OTHERS = 1000, 30  # newest tickets looked through for replies of the unit, and replies compared
NUMBER = re.compile(r"(?<!\d)\+?\d[\d -]{5,18}\d(?!\d)")


def advice(
    db: Session, city: City, seal: Seal, number: str, reply: str, contacted: bool, me: Me, now: datetime
) -> tuple[Finding, ...]:
    """Return what a reviewer would ask about this reply; writes nothing.  raises NoSuchTicket"""
    ticket = tickets.by_number(db, me.region, number)
    if not may_see(db, me, ticket):
        raise NoSuchTicket(number)
    reply = reading.head(reply)
    read = veil.OPEN if not me.handles or _looked(db, ticket, me) else _read(db, ticket, me)
    if read is veil.OPEN:
        return _checked(db, city, ticket, reply, contacted, now, _own_numbers(seal, ticket, reply))
    said = msgspec.structs.replace(ticket, text=read.text(ticket.text), title=read.text(ticket.title))
    found = _checked(db, city, said, reply, contacted, now, ())  # no number told from another: it would be a guess told
    return tuple(msgspec.structs.replace(one, words=read.text(one.words)) for one in found)


def _read(db: Session, ticket: Ticket, me: Me) -> veil.Veil:
    if not ticket.confidential:
        return me.sight.reads(False)
    name = sa.select(col(Caller.name_sealed)).where(col(Caller.id) == ticket.caller_id)
    return me.sight.reads(True, db.execute(name).scalar_one_or_none())


def at_submission(
    db: Session, city: City, ticket: Ticket, reply: str, contacted: bool, now: datetime
) -> list[dict[str, str]]:
    """Return code, severity and sentence of each finding, for the history's line."""
    found = _checked(db, city, ticket, reply, contacted, now, ())
    return [{"code": one.code, "severity": one.severity, "text": one.text} for one in found]


def _checked(
    db: Session, city: City, ticket: Ticket, reply: str, contacted: bool, now: datetime, numbers: tuple[str, ...]
) -> tuple[Finding, ...]:
    reply = reading.head(reply)
    promised = commitments.find_commitments(reply, city.day(now), city.rulebook.calendar)
    draft = Draft(
        demand=reading.head(ticket.text),
        title=ticket.title,
        reply=reply,
        numbers=numbers,
        others=_others(db, ticket),
        dated=any(one.until for one in promised),
        contacted=contacted,
    )
    return replies.check(draft, city.replies)


def _looked(db: Session, ticket: Ticket, me: Me) -> bool:
    """Say whether this person was shown the caller's number (查看号码): nothing of it is to be hidden any more."""
    mine = col(Entry.ticket_id) == ticket.id, col(Entry.move) == Move.REVEAL, col(Entry.actor) == me.login
    return not ticket.confidential and any(
        facts.of(one).shown for one in db.execute(sa.select(col(Entry.facts)).where(*mine)).scalars()
    )


def _own_numbers(seal: Seal, ticket: Ticket, reply: str) -> tuple[str, ...]:
    """Return the numbers in a reply that are the caller's: by their keyed hash, so that nothing is opened."""
    said = {re.sub(r"\D", "", hit[0]) for hit in NUMBER.finditer(reply)}
    return tuple(one for one in sorted(said) if seal.caller_id(seal.find_key(ticket.region, one)) == ticket.caller_id)


def _others(db: Session, ticket: Ticket) -> tuple[str, ...]:
    """Return the newest replies of the same unit to other matters; what joined this one may well be answered alike."""
    newest = (
        sa.select(col(TicketRow.id))
        .where(col(TicketRow.region) == ticket.region)
        .order_by(col(TicketRow.id).desc())
        .limit(PROBED)
        .subquery()
    )
    where: list[Any] = [
        col(TicketRow.unit) == ticket.unit,
        col(TicketRow.reply) != "",
        col(TicketRow.id) != ticket.id,
        col(TicketRow.joined_to).is_(None),
    ]
    query = (
        sa.select(col(TicketRow.reply))
        .join(newest, col(TicketRow.id, newest) == col(TicketRow.id))
        .where(*where)
        .order_by(col(TicketRow.id).desc())
        .limit(OTHERS)
    )
    return tuple(db.execute(query).scalars())
