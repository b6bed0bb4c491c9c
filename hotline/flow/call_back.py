"""Step 8: ask the citizen (回访): contacted? solved? satisfied?  Then close, or do it again.

Nobody reached is 未接通, never satisfied; who is scored never asks (a unit has no right to these moves).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import callbacks
from dispatch.callbacks import Answers, Verdict
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline.city import City
from hotline.errors import BadValue, NoSuchTicket
from hotline.flow import handle, moves, promise
from hotline.flow.moves import CLOCKWORK
from hotline.people import Actor, Me
from hotline.store import tickets
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket
from hotline.wire.tickets import Asked

TICKET, CALLBACK = METADATA.tables["ticket"], METADATA.tables["callback"]


def plan(db: Session, city: City, numbers: Sequence[str]) -> None:
    """Say by when each answered ticket is called back.  Safe to repeat: the moment follows from the answer."""
    waits = TICKET.c.number.in_(list(numbers)), TICKET.c.region == city.region, TICKET.c.state == State.ANSWERED.value
    rows = db.execute(sa.select(TICKET.c.id, TICKET.c.answered_at).where(*waits, TICKET.c.tries == 0)).all()
    rules, calendar = city.rulebook.callbacks, city.rulebook.calendar
    if rows:
        due = [{"which": row.id, "at": callbacks.plan(rules, calendar, row.answered_at)} for row in rows]
        statement = sa.update(TICKET).where(TICKET.c.id == sa.bindparam("which"))
        db.execute(statement.values(callback_due_at=sa.bindparam("at", type_=TICKET.c.callback_due_at.type)), due)


def record(db: Session, city: City, number: str, said: Asked, me: Me, now: datetime) -> Ticket:
    """Write down one call and do what follows from it: close, redo, or try again at another half-day."""
    ticket = handle.held(db, number, me, said.seq)
    return _follow(db, city, ticket, said, me.actor, now)


def citizen_rating(db: Session, city: City, number: str, said: Asked, now: datetime) -> Ticket:
    """Take the citizen's own rating of an answered ticket.  raises NoSuchTicket where there is nothing to rate"""
    ticket = tickets.locked(db, city.region, number)
    if ticket.state != State.ANSWERED:
        raise NoSuchTicket(number)
    return _follow(db, city, ticket, said, Actor("citizen", Role.CALLER_BACK), now)


def _follow(db: Session, city: City, ticket: Ticket, said: Asked, actor: Actor, now: datetime) -> Ticket:
    answers = Answers(
        reached=said.reached, contacted=said.contacted, solved=said.solved, satisfaction=said.satisfaction,
        reason=said.reason,
    )  # fmt: skip
    if not said.reached and (said.solved or said.satisfaction or said.contacted is not None):
        raise BadValue("reached", "未接通的回访不能填写评价")
    tried = [*_tried_at(db, ticket), now]
    verdict = callbacks.verdict(
        answers, ticket.redos, callbacks.half_days(city.rulebook.calendar, tried), city.rulebook.callbacks
    )
    if verdict.supervise:
        moves.make(db, ticket, "supervise", CLOCKWORK, now, note=verdict.why, changes={"level": "supervise"})
    moves.make(
        db, ticket, verdict.move, actor, now, note=said.reason, why={"callback": verdict.why}, public=True,
        changes=_changes(city, ticket, said, verdict, now),
    )  # fmt: skip
    if verdict.move == "redo":
        promise.turn(db, city, ticket, "redo", now)
    row = {"id": new_id(now), "region": city.region, "ticket_id": ticket.id, "at": now, "by": actor.login}
    row |= {name: getattr(said, name) for name in ("channel", "reached", "contacted", "solved", "satisfaction")}
    db.execute(CALLBACK.insert(), row | {"reason": said.reason, "final": verdict.valid})
    return ticket


def _changes(city: City, ticket: Ticket, said: Asked, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """Return the ticket's columns after a call.  The citizen's word on contact stands over the unit's."""
    changes: dict[str, Any] = {"tries": ticket.tries + 1}
    if said.contacted is not None:
        changes["contacted"] = said.contacted
    if verdict.move == "miss":
        return changes | {"callback_due_at": callbacks.next_try(city.rulebook.calendar, now)}
    changes |= {"solved": said.solved, "satisfaction": said.satisfaction, "callback_due_at": None}
    if verdict.move == "redo":
        due = promise.due_columns(promise.Planner(city).plans("redo", now, ticket.urgency, ticket.area, {"result"}))
        return changes | due | {"redos": ticket.redos + 1, "tries": 0, "answered_at": None}
    return changes | {"closed_at": now}


def _tried_at(db: Session, ticket: Ticket) -> list[datetime]:
    """Return when this answer's callbacks were tried before."""
    since = CALLBACK.c.ticket_id == ticket.id, CALLBACK.c.at >= (ticket.answered_at or ticket.received_at)
    return list(db.execute(sa.select(CALLBACK.c.at).where(*since)).scalars())
