"""Replays what a row of a historical file says happened after triage: signed, answered, asked, closed.

A clock is judged only by what the file tells: the result by the time of the answer or the close; where the file names
no time, nobody is judged by it (void).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import Move, State
from dispatch.roles import Role
from hotline.channels.rows import Facts
from hotline.city import City
from hotline.flow import moves, promise
from hotline.flow.moves import CLOCKWORK, Step
from hotline.people import Actor
from hotline.store.changes import TicketChanges
from hotline.store.columns import Values, col, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.tickets import Assignment, CallbackRow, ClockRow, Ticket, TicketRow, carry

NOTE = "历史导入"
UNIT_OF_HISTORY = Actor("history", Role.UNIT)

TICKET, CLOCK, ASSIGNMENT, CALLBACK = (
    table_of(TicketRow),
    table_of(ClockRow),
    table_of(Assignment),
    table_of(CallbackRow),
)


def replay(db: Session, city: City, facts_of: dict[UUID, Facts]) -> int:
    """Carry tickets just triaged in this transaction as far as the file says; return how many are closed."""
    held = carry(db, sa.select(TICKET).where(col(TicketRow.id).in_(list(facts_of))))
    told = [(ticket, facts_of[ticket.id]) for ticket in held]
    closed = [(ticket, facts) for ticket, facts in told if facts.state == "closed" and ticket.state in _ARCHIVABLE]
    under_way = [(ticket, facts) for ticket, facts in told if ticket.state == State.ROUTED and facts.state != "closed"]
    steps = [_archived(ticket, facts) for ticket, facts in closed]
    planner, calls_due = promise.Planner(city), list[dict[str, Any]]()
    for ticket, facts in under_way:
        rows, due = _calls(planner, ticket, facts)
        steps += _steps(ticket, facts, due)
        calls_due += rows
    if steps:
        moves.make_many(db, steps)
    _stop(db, [(ticket, facts) for ticket, facts in (*closed, *under_way) if _over(facts)])
    promise.add(db, calls_due)
    calls = [_call(ticket, facts) for ticket, facts in closed if _asked(facts)]
    if calls:
        db.execute(CALLBACK.insert(), calls)
    return len(closed)


_ARCHIVABLE = {State.RECEIVED.value, State.ROUTED.value}


def _archived(ticket: Ticket, facts: Facts) -> Step:
    at = _ended(facts) or ticket.dispatched_at or ticket.received_at
    changes: TicketChanges = {
        "closed_at": max(at, ticket.received_at),
        "answered_at": facts.answered_at,
        "reply": facts.reply,
        "contacted": facts.contacted,
        "solved": facts.solved,
        "satisfaction": facts.satisfaction,
    }
    why = {} if _ended(facts) else {"basis": "原系统已办结，文件中没有办结时间，时限不作评判"}
    return Step(ticket=ticket, move=Move.ARCHIVE, actor=CLOCKWORK, at=at, note=NOTE, why=why, changes=changes)


def _steps(ticket: Ticket, facts: Facts, due: TicketChanges) -> list[Step]:
    """Return the moves of a ticket that is still open: signed for, answered.  due: columns of when it is called"""
    start = ticket.dispatched_at or ticket.received_at
    steps = []
    if facts.signed_at or facts.state in {"signed", "answered"}:
        at = max(facts.signed_at or start, start)
        steps.append(Step(ticket=ticket, move=Move.SIGN, actor=UNIT_OF_HISTORY, at=at, note=NOTE))
    if facts.state == "answered":
        at = max(facts.answered_at or start, start)
        changes: TicketChanges = {
            "answered_at": at,
            "reply": facts.reply,
            "contacted": facts.contacted,
            **due,
        }
        steps.append(Step(ticket=ticket, move=Move.ANSWER, actor=UNIT_OF_HISTORY, at=at, note=NOTE, changes=changes))
    return steps


def _calls(planner: promise.Planner, ticket: Ticket, facts: Facts) -> tuple[list[dict[str, Any]], TicketChanges]:
    """Return the clock by which the citizen of a replayed answer is called, and the ticket's columns that show it."""
    if facts.state != "answered":
        return [], {}
    start = ticket.dispatched_at or ticket.received_at
    at = max(facts.answered_at or start, start)
    rows, clocks = promise.rows(ticket, planner.plans(Move.ANSWER, at, ticket.urgency, ticket.area), planner)
    return rows, promise.due_columns(clocks)


def _over(facts: Facts) -> bool:
    return facts.state in {"closed", "answered"}


def _ended(facts: Facts) -> datetime | None:
    """Return when the unit had finished, as far as the file tells."""
    return facts.closed_at or facts.answered_at


def _stop(db: Session, told: list[tuple[Ticket, Facts]]) -> None:
    """Stop all clocks of tickets that are over, and end all hands; five statements for any number."""
    if not told:
        return
    judged = [(ticket, at) for ticket, facts in told if (at := facts.answered_at or facts.closed_at) is not None]
    moment = sa.bindparam("at", type_=col(ClockRow.stopped_at).type)
    running = col(ClockRow.stopped_at).is_(None)
    mine = col(ClockRow.ticket_id) == sa.bindparam("ticket", type_=col(ClockRow.ticket_id).type)
    stopped: Values = {col(ClockRow.stopped_at): moment, col(ClockRow.next_at): None}
    met = sa.update(CLOCK).where(running, mine, col(ClockRow.clock) == "result", col(ClockRow.due_at) > moment)
    late = sa.update(CLOCK).where(running, mine, col(ClockRow.clock) == "result")
    void = sa.update(CLOCK).where(running, mine)
    times = [{"ticket": ticket.id, "at": at} for ticket, at in judged]
    if times:
        db.execute(met.values(stopped | {col(ClockRow.outcome): "met"}), times)
        db.execute(late.values(stopped | {col(ClockRow.outcome): "late"}), times)
    ends = [
        {"ticket": ticket.id, "at": _ended(facts) or ticket.dispatched_at or ticket.received_at}
        for ticket, facts in told
    ]
    db.execute(void.values(stopped | {col(ClockRow.outcome): "void"}), ends)
    of_ticket = col(Assignment.ticket_id) == sa.bindparam("ticket", type_=col(Assignment.ticket_id).type)
    held = sa.update(ASSIGNMENT).where(of_ticket, col(Assignment.ended_at).is_(None))
    db.execute(held.values({col(Assignment.ended_at): moment, col(Assignment.ended_by): Move.ARCHIVE}), ends)


def _asked(facts: Facts) -> bool:
    return facts.contacted is not None or facts.solved is not None or facts.satisfaction is not None


def _call(ticket: Ticket, facts: Facts) -> dict[str, Any]:
    at = facts.called_at or facts.closed_at or ticket.closed_at or ticket.received_at
    return values_of(
        CallbackRow,
        id=new_id(at),
        region=ticket.region,
        ticket_id=ticket.id,
        at=at,
        by="history",
        channel="phone",
        reached=facts.solved is not None or facts.satisfaction is not None,
        contacted=facts.contacted,
        solved=facts.solved,
        satisfaction=facts.satisfaction,
        reason=NOTE,
        final=True,
    )
