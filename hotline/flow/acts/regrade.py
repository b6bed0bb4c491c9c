"""Changes of urgency by a person, with a reason (提级, 降级); the clocks are planned anew from it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlmodel import Session

from dispatch.lifecycle import MOVES, Move
from dispatch.roles import ROLE_NAMES
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import danger, handle
from hotline.people import Me
from hotline.store.tickets import Ticket
from hotline.wire.moves import Regraded

FAR = {Move.RAISE: "critical", Move.LOWER: "normal"}  # where a move leads that does not say how far


def regrading(move: Move) -> Callable[..., Ticket]:
    """Return the step of `raise` or `lower`."""

    def step(db: Session, city: City, number: str, said: Regraded, me: Me, now: datetime) -> Ticket:
        """Make the ticket more or less urgent.  raises BadValue where it is so already"""
        ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
        to = said.urgency or FAR[move]
        pair: tuple[Any, Any] = (to, ticket.urgency) if move == Move.RAISE else (ticket.urgency, to)
        if danger.may(ticket, move) and not danger.graver(*pair):
            raise BadValue(
                "urgency",
                Message(
                    "工单现为%(urgency)s，不能%(move)s为%(to)s",
                    urgency=Message(danger.named(ticket.urgency)),
                    move=Message(MOVES[move].label),
                    to=Message(danger.named(to)),
                ),
            )
        why = f"由{ROLE_NAMES[me.role]}{me.name}{MOVES[move].label}为{danger.named(to)}：{said.reason}"
        danger.grade(db, city, ticket, move, to, me.actor, now, said=why, note=said.reason)
        return ticket

    return step
