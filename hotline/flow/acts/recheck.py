"""Commitments in replies, by people: entered after the reply, looked at when due (回头看): kept, broken, let off.

Source: 凉政办发〔2018〕116号 art. 18.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.escalation import RANKS
from dispatch.lifecycle import Move
from dispatch.roles import Role
from grids.messages import Message
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import commitments, handle, promise
from hotline.flow.commitments import COMMITMENT
from hotline.people import Me
from hotline.store.changes import TicketChanges
from hotline.store.columns import col
from hotline.store.requests import CommitmentRow
from hotline.store.tickets import Ticket
from hotline.wire.moves import Commitment, Committed, Settled

RESULTS = {"kept": "承诺已兑现", "broken": "承诺未兑现", "waived": "承诺不再需要核查"}


def commit(db: Session, city: City, number: str, said: Committed, me: Me, now: datetime) -> Ticket:
    """Enter a commitment after the reply (答复承诺): the unit, or who heard of it at the callback.  raises BadValue"""
    ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
    source = "handler" if me.role in {Role.UNIT, Role.GRID_LEADER} else "callback"
    item = Commitment(text=said.note, until=said.until, proposed=said.proposed)
    why = {"commitment": f"承诺于{said.until}前兑现"}
    promise.advance(db, city, ticket, Move.COMMIT, me.actor, now, note=said.note, why=why, public=True)
    commitments.enter(db, city, ticket, [item], source, me, now)
    return ticket


def settling(move: Move) -> Callable[..., Ticket]:
    """Return the step that says how a commitment ended (`flow.doors`): fulfil or break, with what was seen.

    A broken one re-opens nothing; the ticket is raised to the level the rulebook names (`CallbackRules.broken`).
    """

    def settle(db: Session, city: City, number: str, said: Settled, me: Me, now: datetime) -> Ticket:
        ticket = handle.locked_ticket(db, number, me, said.seq)
        mine = (
            col(CommitmentRow.id) == said.commitment,
            col(CommitmentRow.ticket_id) == ticket.id,
            col(CommitmentRow.settled_at).is_(None),
        )
        row = db.execute(sa.select(col(CommitmentRow.id), col(CommitmentRow.text)).where(*mine)).first()
        if row is None:
            raise BadValue("commitment", Message("没有这项待核查的承诺，可能已由他人核查"))
        result = "broken" if move == Move.BREAK else "waived" if said.waived else "kept"
        changes: TicketChanges = {}
        if move == Move.BREAK:
            level = cities.rulebook_of(db, city, ticket.edition).callbacks.broken
            if RANKS[level] > RANKS[ticket.level]:
                changes["level"] = level
        why = {"commitment": f"{RESULTS[result]}：{row.text}"}
        promise.advance(db, city, ticket, move, me.actor, now, note=said.note, why=why, changes=changes)
        told = {
            col(CommitmentRow.result): result,
            col(CommitmentRow.settled_by): me.login,
            col(CommitmentRow.settled_at): now,
            col(CommitmentRow.note): said.note,
        }
        db.execute(sa.update(COMMITMENT).where(*mine).values(told))
        return ticket

    return settle
