"""Makes a matter confidential (保密) after it was received, and undoes it: two moves, each with its history line.

From the move on every list, page and search reads the ticket through `hotline.store.veil`; what was told or printed
before cannot be called back.  Who asked not to be known decides: an agent lifts it on the caller's own word, a
supervisor with a reason (个人信息保护法 article 6; our own choice).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import lifecycle
from dispatch.lifecycle import Move, State
from dispatch.roles import Role
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow import handle, moves
from hotline.people import Me
from hotline.store.columns import col, table_of
from hotline.store.facts import NONE, Facts
from hotline.store.learning import SampleRow
from hotline.store.tickets import Ticket
from hotline.wire.moves import Disclosed, Plain

SAMPLE = table_of(SampleRow)


def conceal(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Make a ticket confidential (设为保密); the classifier forgets it.  raises RuleSaysNo where it is"""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    lifecycle.after(State(ticket.state), Move.CONCEAL, me.role, ticket.pending)
    if ticket.confidential:
        raise RuleSaysNo(Message("工单 %(number)s 已经是保密工单", number=number))
    moves.make(db, ticket, Move.CONCEAL, me.actor, now, note=said.note, changes={"confidential": True})
    db.execute(sa.delete(SAMPLE).where(col(SampleRow.region) == city.region, col(SampleRow.key) == f"ticket:{number}"))
    return ticket


def disclose(db: Session, city: City, number: str, said: Disclosed, me: Me, now: datetime) -> Ticket:
    """Lift it (解除保密), for a reason.  raises RuleSaysNo where it is not, or the caller has not agreed"""
    del city
    ticket = handle.locked_ticket(db, number, me, said.seq)
    lifecycle.after(State(ticket.state), Move.DISCLOSE, me.role, ticket.pending)
    if not said.reason.strip():
        raise BadValue("reason", Message("解除保密须写明理由"))
    if not ticket.confidential:
        raise RuleSaysNo(Message("工单 %(number)s 不是保密工单", number=number))
    if not said.agreed and me.role is not Role.SUPERVISOR:
        raise RuleSaysNo(Message("解除保密须经来电人本人同意；本人未同意而确需解除的，由督办员操作"))
    facts = Facts(agreed=True) if said.agreed else NONE
    moves.make(db, ticket, Move.DISCLOSE, me.actor, now, note=said.reason, facts=facts, changes={"confidential": False})
    return ticket
