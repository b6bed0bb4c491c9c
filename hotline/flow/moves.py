"""Writes a ticket's state, the only place: with its history line and its outbox event, all or none.

The history is a chain: each line's hash covers the line before.  `body` is what is hashed, here, in the set-based sweep
(`hotline.flow.escalate`) and in the audit alike.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import lifecycle
from dispatch.lifecycle import Move, State
from dispatch.roles import Role
from hotline.errors import StaleTicket
from hotline.people import Actor
from hotline.store import bulk
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of, values_of
from hotline.store.facts import NONE, Facts, stored
from hotline.store.ids import new_id
from hotline.store.outbox import OutboxRow
from hotline.store.requests import RequestRow
from hotline.store.tickets import Entry, Ticket, TicketRow

TICKET, ENTRY, OUTBOX, REQUEST = table_of(TicketRow), table_of(Entry), table_of(OutboxRow), table_of(RequestRow)
SEP = "\x1f"


CLOCKWORK = Actor("clockwork", Role.CLOCKWORK)


class Step(msgspec.Struct, kw_only=True):
    """One move about to be made.  `changes` are further columns of the ticket, written with it."""

    ticket: Ticket
    move: Move
    actor: Actor
    at: datetime
    note: str = ""
    why: dict[str, str] = {}
    facts: Facts = NONE
    public: bool = False
    changes: TicketChanges = {}


def make(
    db: Session,
    ticket: Ticket,
    move: Move,
    actor: Actor,
    at: datetime,
    *,
    note: str = "",
    why: dict[str, str] | None = None,
    facts: Facts = NONE,
    public: bool = False,
    changes: TicketChanges | None = None,
) -> None:
    """Make `move` on a locked ticket.  raises IllegalMove, NotYours, StaleTicket"""
    step = Step(
        ticket=ticket,
        move=move,
        actor=actor,
        at=at,
        note=note,
        why=why or {},
        facts=facts,
        public=public,
        changes=changes or {},
    )
    make_many(db, [step])


def make_many(db: Session, steps: list[Step]) -> None:
    """Make many moves in few statements.  Two steps of one ticket must stand in the order they happen.

    raises  IllegalMove, NotYours from the table; StaleTicket if a row was not as it was read
    """
    entries, events, tickets = [], [], {}
    for step in steps:
        waited = step.ticket.pending
        entries.append(_advance(step))
        if waited and not step.ticket.pending and not lifecycle.MOVES[step.move].decides:
            _fall_away(db, step, waited)
        tickets[step.ticket.id] = step.ticket
        if not step.ticket.quiet:
            events.append(event(step.ticket.region, step.ticket.id, step.ticket.number, step.move, step.at))
    was = {entry["ticket_id"]: entry["seq"] - 1 for entry in reversed(entries)}
    _update(db, [(ticket, was[key]) for key, ticket in tickets.items()], _touched(steps))
    bulk.insert(db, ENTRY, entries)
    bulk.insert(db, OUTBOX, events)


def opening(ticket: dict[str, Any], actor: Actor, at: datetime) -> dict[str, Any]:
    """Give the columns of a ticket not yet stored its first state; return its first history line.  raises NotYours"""
    state = lifecycle.after(State.DRAFT, Move.RECEIVE, actor.role).value
    line = values_of(
        Entry,
        ticket_id=ticket["id"],
        seq=1,
        region=ticket["region"],
        at=at,
        actor=actor.login,
        role=actor.role.value,
        move=Move.RECEIVE,
        origin=State.DRAFT.value,
        target=state,
        note="",
        why={},
        facts={},
        public=True,
        hash=chain("", 1, at, actor.login, actor.role.value, Move.RECEIVE, state, ""),
    )
    ticket.update(state=state, seq=1, last_hash=line["hash"])
    return line


def event(region: str, ticket_id: UUID, number: str, move: Move, at: datetime) -> dict[str, Any]:
    """Return the outbox row that says the ticket made `move`."""
    return values_of(
        OutboxRow,
        id=new_id(at),
        region=region,
        ticket_id=ticket_id,
        number=number,
        move=move,
        at=at,
        sent_at=None,
        done_at=None,
        tries=0,
        error="",
    )


def chain(
    previous: str,
    seq: int,
    at: datetime,
    actor: str,
    role: str,
    move: str,
    target: str,
    note: str,
    facts: dict[str, Any] | None = None,
) -> str:
    """Return the hash (SHA-256, hex) of a history line that follows the one hashed `previous`."""
    return hashlib.sha256(body(previous, seq, stamp(at), actor, role, move, target, note, facts).encode()).hexdigest()


def body(
    previous: str,
    seq: int,
    at: str,
    actor: str,
    role: str,
    move: str,
    target: str,
    note: str,
    facts: dict[str, Any] | None = None,
) -> str:
    """Return the text a line's hash covers; a line without facts is hashed as before there were any."""
    said = (json.dumps(facts, ensure_ascii=False, sort_keys=True),) if facts else ()
    return SEP.join((previous, str(seq), at, actor, role, move, target, note, *said))


def stamp(at: datetime) -> str:
    """Return the moment as the chain writes it: UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _advance(step: Step) -> dict[str, Any]:
    """Move the carried ticket on in memory; return the history line."""
    ticket = step.ticket
    origin = State(ticket.state)
    target = lifecycle.after(origin, step.move, step.actor.role, ticket.pending)
    ticket.state, ticket.seq = target.value, ticket.seq + 1
    ticket.pending = lifecycle.pending_after(ticket.pending, step.move)
    for column, value in step.changes.items():
        setattr(ticket, column, value)
    actor, role, facts = step.actor.login, step.actor.role.value, stored(step.facts)
    told = (ticket.seq, step.at, actor, role, step.move, target.value, step.note, facts)
    ticket.last_hash = chain(ticket.last_hash, *told)
    return values_of(
        Entry,
        ticket_id=ticket.id,
        seq=ticket.seq,
        region=ticket.region,
        at=step.at,
        actor=actor,
        role=role,
        move=step.move,
        origin=origin.value,
        target=target.value,
        note=step.note,
        why=step.why,
        facts=facts,
        public=step.public,
        hash=ticket.last_hash,
    )


def _touched(steps: list[Step]) -> tuple[str, ...]:
    columns = {column for step in steps for column in step.changes}
    return tuple(sorted(columns | {"state", "seq", "last_hash", "pending"}))


def _fall_away(db: Session, step: Step, kind: str) -> None:
    """Close a request that nobody decided: the ticket has moved on without it."""
    waits = (
        col(RequestRow.ticket_id) == step.ticket.id,
        col(RequestRow.kind) == kind,
        col(RequestRow.decided_at).is_(None),
    )
    why = f"工单已{lifecycle.MOVES[step.move].label}，{lifecycle.ASKS[kind]}自动终止"
    values = {
        col(RequestRow.decision): "lapsed",
        col(RequestRow.decided_by): step.actor.login,
        col(RequestRow.decided_at): step.at,
        col(RequestRow.why): why,
    }
    db.execute(sa.update(REQUEST).where(*waits).values(values))


def _update(db: Session, tickets: list[tuple[Ticket, int]], columns: tuple[str, ...]) -> None:
    rows = [
        {"was_id": ticket.id, "was_seq": seq} | {column: getattr(ticket, column) for column in columns}
        for ticket, seq in tickets
    ]
    if bulk.update(db, TICKET, columns, rows) not in {len(rows), -1}:
        raise StaleTicket(tickets[0][0].number, tickets[0][1], tickets[0][0].seq)
