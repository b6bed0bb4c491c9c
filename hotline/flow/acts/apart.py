"""Undoes a merge (拆分), and what the citizen of a joined ticket may still do.

Their words reach the unit that has the matter; taking one's own back takes nobody else's.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import lifecycle
from dispatch.lifecycle import OPEN, Move, State
from dispatch.roles import ROLE_NAMES
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, StaleTicket
from hotline.flow import call_back, danger, handle, merge, moves, promise
from hotline.flow.moves import CLOCKWORK
from hotline.people import Me, may_see
from hotline.store import tickets
from hotline.store.columns import col
from hotline.store.outbox import OutboxRow
from hotline.store.tickets import Ticket, TicketRow
from hotline.wire.moves import Joined, Plain, Reasoned, Worded


def locked_with_matter(db: Session, number: str, me: Me, seen: int | None) -> tuple[Ticket, Ticket | None]:
    """Return the ticket as `handle.locked_ticket` does, with the matter it is joined to: both locked, matter first.

    raises  NoSuchTicket; StaleTicket, also where it passed into another matter at this moment
    """
    was = tickets.by_number(db, me.region, number)
    main = merge.lock(db, merge.root(db, was).id)[0] if was.state == State.JOINED else None
    ticket = handle.locked_ticket(db, number, me, seen)
    if (ticket.state == State.JOINED) != (main is not None) or (main and merge.root(db, ticket).id != main.id):
        raise StaleTicket(number, was.seq, ticket.seq)
    return ticket, main


def join(db: Session, city: City, number: str, said: Joined, me: Me, now: datetime) -> Ticket:
    """Add a ticket to the matter of another (同诉): it keeps its caller and number, the other's deadline stands.

    Who had joined it goes along; a number that is itself joined stands for the matter it is in.
    """
    was, to = tickets.by_number(db, me.region, number), merge.root(db, tickets.by_number(db, city.region, said.to))
    merge.lock(db, was.id, to.id, *([was.joined_to] if was.joined_to else []))
    ticket, to = handle.locked_ticket(db, number, me, said.seq), tickets.locked(db, city.region, to.number)
    if ticket.joined_to != was.joined_to:
        raise StaleTicket(number, was.seq, ticket.seq)
    if to.id in (ticket.id, ticket.joined_to) or to.state not in OPEN or not may_see(db, me, to):
        raise BadValue("to", Message("工单 %(to)s 不能并入：须是另一件在办工单", to=said.to))
    left = merge.of_ids(db, [ticket.joined_to])[0] if ticket.joined_to and ticket.state == State.JOINED else None
    why = f"由{ROLE_NAMES[me.role]}{me.name}并入在办工单 {to.number}"
    promise.advance(
        db,
        city,
        ticket,
        Move.JOIN,
        me.actor,
        now,
        note=said.note or f"并入 {to.number}",
        why={"join": why},
        public=True,
        changes={"joined_to": to.id, "joiners": 0, "why": {**ticket.why, "join": why}},
    )
    along = merge.joiners(db, ticket, wait=True)
    merge.moved(db, along, to, now, f"{why}（随工单 {ticket.number}）")
    moves.make_many(db, [merge.gained(to, 1 + len(along), me.actor, now)])
    merge.lose_joiner(db, left, ticket.number, Move.JOIN, now)
    return ticket


def split(db: Session, city: City, number: str, said: Reasoned, me: Me, now: datetime) -> Ticket:
    """Undo a merge (取消合并): a ticket of its own again, as promised from its own receipt; triage looks at it anew."""
    del city
    ticket, main = locked_with_matter(db, number, me, said.seq)
    lifecycle.after(State(ticket.state), Move.SPLIT, me.role, ticket.pending)
    moves.make_many(db, [merge.parted(ticket, me.actor, now, said.reason)])
    merge.lose_joiner(db, main, number, Move.SPLIT, now)
    return ticket


def urge(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Press for it (催办); what a citizen adds stands in the note.  Of a joined ticket the matter is pressed for."""
    ticket, main = locked_with_matter(db, number, me, said.seq)
    if main is not None:
        moves.make(db, main, Move.URGE, me.actor, now, note=_quoted(number, "催办", said.note))
    moves.make(db, ticket, Move.URGE, me.actor, now, note=said.note, public=True)
    danger.listen(db, city, main or ticket, said.note, now)
    return ticket


def supplement(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Add what the citizen has to say beside (补充情况): the unit that has the matter reads it."""
    ticket, main = locked_with_matter(db, number, me, said.seq)
    if main is not None:
        moves.make(db, main, Move.SUPPLEMENT, me.actor, now, note=_quoted(number, "补充", said.note))
    moves.make(db, ticket, Move.SUPPLEMENT, me.actor, now, note=said.note, public=True)
    danger.listen(db, city, main or ticket, said.note, now)
    return ticket


def keep_joined(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """After a join or the end of a matter, as it stands once both are stored: nobody who joined is lost or unasked."""
    call_back.plan(db, city, keep(db, [event.ticket_id for event in events], now))


def keep(db: Session, ids: Sequence[UUID], now: datetime) -> list[str]:
    """See to who stands joined to these tickets, or to where these are joined; return the numbers of their matters.

    Safe to repeat.  Chains become one step: everybody stands in the matter that is worked on.
    """
    strays: dict[UUID, list[Ticket]] = {}
    for one in merge.of_ids(db, ids):
        strays.setdefault(merge.root(db, one).id, []).append(one)
    found = []
    for key, some in sorted(strays.items()):
        main = merge.lock(db, key)[0]
        held = merge.joiners(db, main, *some, wait=True)
        found.append(main.number)
        if main.state == State.JOINED:
            continue  # it joined another at this moment: its own event comes here again
        if not merge.serves(main):
            merge.release(db, main, held, now)
            continue
        merge.moved(db, [one for one in held if one.joined_to != main.id], main, now, f"随原工单并入 {main.number}")
        _count(db, main, now)
    return found


def _count(db: Session, main: Ticket, now: datetime) -> None:
    """Tell a locked open matter of callers it was not told of when they joined: it was held by somebody else then."""
    into = col(TicketRow.region) == main.region, col(TicketRow.joined_to) == main.id
    more = int(db.execute(sa.select(sa.func.count()).where(*into)).scalar_one()) - main.joiners
    if more > 0 and main.state in OPEN:
        moves.make_many(db, [merge.gained(main, more, CLOCKWORK, now)])


def _quoted(number: str, what: str, note: str) -> str:
    return f"同诉工单 {number} {what}" + (f"：{note}" if note else "")
