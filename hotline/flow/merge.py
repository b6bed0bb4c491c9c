"""Merges (同诉): who joins, who leaves, and where each goes when the matter ends without an answer for them.

Everybody who locks both locks the matter first, then who joined it; several of a kind by id.  A matter that ends lets
go whom it can lock at once; who is held by somebody else, or joined at that very moment, follows by the event.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import MOVES, OPEN, SETTLED, STATE_NAMES, Move, State
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.people import Actor
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.tickets import Ticket, TicketRow, carry

TICKET = table_of(TicketRow)


def serves(main: Ticket) -> bool:
    """Say whether who joined this matter is, or will be, answered with it."""
    return main.state in OPEN or (main.state in SETTLED and main.answered_at is not None)


def root(db: Session, ticket: Ticket) -> Ticket:
    """Return the matter a ticket stands in at last, itself where it is not joined; not locked."""
    seen: set[UUID] = set()
    while ticket.state == State.JOINED and ticket.joined_to is not None and ticket.id not in seen:
        seen.add(ticket.id)
        ticket = of_ids(db, [ticket.joined_to])[0]
    return ticket


def of_ids(db: Session, ids: Sequence[UUID]) -> list[Ticket]:
    """Return these tickets, oldest first, not locked."""
    return carry(db, sa.select(TICKET).where(col(TicketRow.id).in_(list(ids))).order_by(col(TicketRow.id)))


def lock(db: Session, *ids: UUID) -> list[Ticket]:
    """Return these tickets, locked in the order of their ids."""
    return carry(db, sa.select(TICKET).where(col(TicketRow.id).in_(ids)).order_by(col(TicketRow.id)).with_for_update())


def joiners(db: Session, *mains: Ticket, wait: bool) -> list[Ticket]:
    """Return who stands joined to these locked matters, oldest first, locked.  wait: also for who is held now"""
    into = col(TicketRow.joined_to).in_([main.id for main in mains]), col(TicketRow.state) == State.JOINED.value
    query = sa.select(TICKET).where(col(TicketRow.region) == mains[0].region, *into).order_by(col(TicketRow.id))
    return carry(db, query.with_for_update(skip_locked=not wait))


def gained(main: Ticket, more: int, actor: Actor, now: datetime) -> Step:
    """Return the line that tells a matter of more callers."""
    note = f"又有{more}人次反映同一事项，已并入，时限不变"
    joined: TicketChanges = {"joiners": main.joiners + more}
    return Step(ticket=main, move=Move.GAIN, actor=actor, at=now, note=note, public=True, changes=joined)


def lose_joiner(db: Session, main: Ticket | None, number: str, move: Move, now: datetime) -> None:
    """Tell a locked matter that is open still of a caller less: who left, and by which move."""
    if main is not None and main.state in OPEN:
        note = f"同诉工单 {number} 已{MOVES[move].label}，本工单照常办理"
        left: TicketChanges = {"joiners": max(0, main.joiners - 1)}
        moves.make(db, main, Move.LOSE, CLOCKWORK, now, note=note, changes=left)


def parted(ticket: Ticket, actor: Actor, now: datetime, note: str, **changes: Unpack[TicketChanges]) -> Step:
    """Return the step that makes a joined ticket one of its own: as promised to its citizen from its own receipt.

    What the machine once guessed of it is guessed anew.
    """
    blank: TicketChanges = {
        "joined_to": None,
        "promised_from": ticket.received_at,
        "callback_due_at": None,
        "tries": 0,
        "why": {name: text for name, text in ticket.why.items() if name != "join"} | {"split": note},
    }
    if ticket.edition and ticket.area_confidence < 1:
        blank |= {"area": "", "area_confidence": 0.0}
    return Step(
        ticket=ticket,
        move=Move.SPLIT,
        actor=actor,
        at=now,
        note=note,
        why={"split": note},
        public=True,
        changes=blank | changes,
    )


def moved(db: Session, held: Sequence[Ticket], to: Ticket, now: datetime, why: str) -> None:
    """Let locked joined tickets stand in another matter from now on, each with its line."""
    steps = [
        Step(
            ticket=one,
            move=Move.JOIN,
            actor=CLOCKWORK,
            at=now,
            note=f"并入 {to.number}",
            why={"join": why},
            public=True,
            changes={"joined_to": to.id, "why": {**one.why, "join": why}},
        )
        for one in held
    ]
    if steps:
        moves.make_many(db, steps)


def release(db: Session, main: Ticket, held: Sequence[Ticket], now: datetime) -> None:
    """Let go who joined a locked matter that ended without an answer: the oldest goes on, the others with it."""
    if not held:
        return
    first, *others = held
    ended = f"原并入的工单 {main.number}（{STATE_NAMES[State(main.state)]}）没有答复本件，本件继续办理"
    moves.make_many(db, [parted(first, CLOCKWORK, now, ended, joiners=len(others))])
    moved(db, others, first, now, f"{ended}；与 {first.number} 反映同一事项")
    if main.state not in OPEN:
        db.execute(sa.update(TICKET).where(col(TicketRow.id) == main.id).values({col(TicketRow.joiners): 0}))
        main.joiners = 0
