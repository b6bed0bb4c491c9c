"""Promises of replies, by people: entered after the reply, and looked at when due (回头看): kept, broken, let off.

Source: 凉政办发〔2018〕116号 art. 18.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.roles import Role
from grids.messages import Message
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import commitments, handle, promise
from hotline.flow.commitments import COMMITMENT
from hotline.people import Me
from hotline.store.sweep import LEVELS
from hotline.store.tickets import Ticket
from hotline.wire.moves import Commitment, Committed, Settled

C = COMMITMENT.c
RESULTS = {"kept": "承诺已兑现", "broken": "承诺未兑现", "waived": "承诺不再需要核查"}


def commit(db: Session, city: City, number: str, said: Committed, me: Me, now: datetime) -> Ticket:
    """Enter a promise after the reply (答复承诺): the unit, or who heard of it at the callback.  raises BadValue"""
    ticket = handle.mine(handle.held(db, number, me, said.seq), me)
    source = "handler" if me.role in {Role.UNIT, Role.GRID_LEADER} else "callback"
    item = Commitment(text=said.note, until=said.until, proposed=said.proposed)
    why = {"commitment": f"承诺于{said.until}前兑现"}
    promise.advance(db, city, ticket, "commit", me.actor, now, note=said.note, why=why, public=True)
    commitments.enter(db, city, ticket, [item], source, me, now)
    return ticket


def settling(move: str) -> Callable[..., Ticket]:
    """Return the step that says how a promise ended (`flow.doors`): fulfil or break, with what was seen.

    A broken one re-opens nothing; the ticket is raised to the level the rulebook names (`CallbackRules.broken`).
    """

    def settle(db: Session, city: City, number: str, said: Settled, me: Me, now: datetime) -> Ticket:
        ticket = handle.held(db, number, me, said.seq)
        mine = C.id == said.commitment, C.ticket_id == ticket.id, C.settled_at.is_(None)
        row = db.execute(sa.select(C.id, C.text).where(*mine)).first()
        if row is None:
            raise BadValue("commitment", Message("没有这项待核查的承诺，可能已由他人核查"))
        result = "broken" if move == "break" else "waived" if said.waived else "kept"
        changes = {}
        if move == "break":
            level = cities.rulebook_of(db, city, ticket.edition).callbacks.broken
            changes = {"level": level} if LEVELS.index(level) > LEVELS.index(ticket.level) else {}
        why = {"commitment": f"{RESULTS[result]}：{row.text}"}
        promise.advance(db, city, ticket, move, me.actor, now, note=said.note, why=why, changes=changes)
        told = {"result": result, "settled_by": me.login, "settled_at": now, "note": said.note}
        db.execute(sa.update(COMMITMENT).where(*mine).values(told))
        return ticket

    return settle
