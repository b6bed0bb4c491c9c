"""Step 8, callback (回访): ask the citizen about contact, result and satisfaction, then close or reopen (重办).

Nobody reached is 未接通, never satisfied; who is scored never asks.  Who joined a matter is asked on their own about
its answer: a joined ticket is closed, or re-handled, alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import callbacks, lifecycle
from dispatch.callbacks import Answers, Verdict
from dispatch.errors import IllegalMove, NotYours
from dispatch.escalation import higher
from dispatch.lifecycle import STATE_NAMES, Move, State
from dispatch.roles import Role
from grids.messages import Message, said_by
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue, NoSuchTicket, RuleSaysNo, Unanswered
from hotline.flow import assignments, calls, handle, merge, moves, promise, sampling
from hotline.flow.moves import CLOCKWORK
from hotline.flow.route import Chosen
from hotline.people import Actor, Me
from hotline.store import tickets
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.facts import NONE, Facts
from hotline.store.outbox import OutboxRow
from hotline.store.tickets import Assignment, CallbackRow, Entry, Ticket, TicketRow, carry
from hotline.wire.moves import Asked, Reasoned

TICKET, CALLBACK, ASSIGNMENT = table_of(TicketRow), table_of(CallbackRow), table_of(Assignment)
ASKED = {State.ANSWERED.value, State.JOINED.value}
UNASKED = "抽样未抽中，未回访；期满来电人未自行评价，办结归档，不计入回访触达率、解决率、满意率"
HANDS = [Role.UNIT.value, Role.GRID_LEADER.value]


def ask_joined(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Step 8, after `answer` or `pass`, and when an answered ticket gains a caller: all are called back, each alone."""
    del now
    plan(db, city, [event.number for event in events])


def plan(db: Session, city: City, numbers: Sequence[str]) -> None:
    """Put the callers who joined answered matters on the callback desk, each on their own.  Safe to repeat.

    Not twice the same caller, and not the matter's own; three statements however many joined.
    """
    named = col(TicketRow.number).in_(list(numbers)), col(TicketRow.region) == city.region, col(TicketRow.joiners) > 0
    held = carry(db, sa.select(TICKET).where(*named, col(TicketRow.answered_at).is_not(None)))
    mains = {one.id: one for one in held if one.state in {State.ANSWERED, State.CLOSED}}
    if not mains:
        return
    joined = (
        col(TicketRow.joined_to).in_(list(mains)),
        col(TicketRow.region) == city.region,
        col(TicketRow.caller_id).is_not(None),
    )
    asked: set[Any] = {(key, one.caller_id) for key, one in mains.items()}
    rows = []
    for one in carry(db, sa.select(TICKET).where(*joined).order_by(col(TicketRow.id))):
        caller: Any = (one.joined_to, one.caller_id)
        waits = one.state == State.JOINED and one.callback_due_at is None and caller not in asked
        at = _due(db, city, one, mains[caller[0]]) if waits else None
        asked.add(caller)
        rows += [{"which": one.id, "at": at}] if at is not None else []
    if rows:
        statement = sa.update(TICKET).where(
            col(TicketRow.id) == sa.bindparam("which"), col(TicketRow.state) == State.JOINED.value
        )
        db.execute(
            statement.values(
                {col(TicketRow.callback_due_at): sa.bindparam("at", type_=col(TicketRow.callback_due_at).type)}
            ),
            rows,
        )


def _due(db: Session, city: City, ticket: Ticket, main: Ticket) -> datetime | None:
    """Return by when a joined caller is called, None if not drawn: as promised for the matter."""
    book = cities.rulebook_of(db, city, main.edition)
    if main.answered_at is None or not sampling.of(city, book, ticket, main, main.outcome).call:
        return None
    if main.callback_due_at is not None and main.tries == 0:
        return main.callback_due_at
    plans = promise.Planner(city, book).plans(Move.ANSWER, main.answered_at, main.urgency, main.area, (), main.unit)
    return next((one.clock.due for one in plans if one.clock.clock == "callback"), main.answered_at)


def record(db: Session, city: City, number: str, said: Asked, me: Me, now: datetime) -> Ticket:
    """Write down one call and do what follows from it: close, redo, or try again at another half-day.

    raises  IllegalMove for what waits for no call; NotYours for who handled it or serves its unit; Unanswered
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    if ticket.state not in ASKED or (ticket.state == State.JOINED and ticket.callback_due_at is None):
        raise IllegalMove(
            Move.CLOSE, ticket.state, move_label=Message("回访"), state_label=STATE_NAMES[State(ticket.state)]
        )
    main = answered_matter(db, ticket)
    if me.role is Role.CALLER_BACK and (
        why := callbacks.may_call(me.unit, hands(main), has_handled(db, me, ticket, main))
    ):
        raise NotYours(why, move="callback", role=me.role)
    answers = (said.contacted, said.solved, said.satisfaction)
    if said.reached and not said.declined and answers == (None, None, None):
        raise Unanswered
    return _follow(db, city, ticket, main, said, me.actor, now)


def hands(ticket: Ticket) -> set[str]:
    """Return the units that have a ticket in hand."""
    return {ticket.unit, *ticket.helpers}


def has_handled(db: Session, me: Me, *of: Ticket) -> bool:
    """Return whether this person ever acted on one of these tickets for a unit."""
    keys = {ticket.id for ticket in of}
    mine = col(Entry.ticket_id).in_(keys), col(Entry.actor) == me.login, col(Entry.role).in_(HANDS)
    return db.execute(sa.select(col(Entry.seq)).where(*mine).limit(1)).first() is not None


def answered_matter(db: Session, ticket: Ticket) -> Ticket:
    """Return the ticket a joined one was answered with, any other itself."""
    return merge.root(db, ticket)


def citizen_rating(db: Session, city: City, number: str, said: Asked, now: datetime) -> Ticket:
    """Take the citizen's own rating on the web: of an answered matter, or a changed one some days after the close.

    It closes nothing and cancels no call: who is called about the answer is called all the same, and the unit that is
    scored could not end a ticket by it.  Somebody unhappy is heard at once (redo).
    raises  NoSuchTicket where there is nothing to rate (any more)
    """
    ticket = tickets.locked(db, city.region, number)
    main = answered_matter(db, ticket)
    rules = cities.rulebook_of(db, city, main.edition).callbacks
    answered = main.answered_at is not None and ticket.state in {*ASKED, State.CLOSED.value}
    if not callbacks.may_rate(rules, answered=answered, closed_at=ticket.closed_at, now=now):
        raise NoSuchTicket(number)
    if ticket.state != State.CLOSED:
        return _voice(db, city, ticket, main, said, now)
    if calls.struck(db, ticket):
        raise NoSuchTicket(number)
    return _change(db, city, ticket, said, now)


def close_unasked(db: Session, city: City, ticket: Ticket, why: str, now: datetime) -> None:
    """Close an answered ticket that was not drawn, with what its citizen said on the web; the history says which."""
    word = callbacks.voiced(ticket.solved, ticket.satisfaction) if calls.voiced(db, ticket, ticket) else ""
    note = f"抽样未抽中，未回访；以来电人的网上评价（{word}）办结归档" if word else UNASKED
    promise.advance(
        db,
        city,
        ticket,
        Move.CLOSE,
        CLOCKWORK,
        now,
        note=note,
        why={"default": why},
        public=True,
        changes={"closed_at": now, "callback_due_at": None},
    )


def _follow(db: Session, city: City, ticket: Ticket, main: Ticket, said: Asked, actor: Actor, now: datetime) -> Ticket:
    book = cities.rulebook_of(db, city, main.edition)
    answers = _answers(book.callbacks, said)
    tried = callbacks.half_days(book.calendar, [*calls.tried_at(db, ticket, main), now])
    stands = callbacks.voiced(ticket.solved, ticket.satisfaction) if calls.voiced(db, ticket, main) else ""
    verdict = callbacks.verdict(answers, ticket.redos, tried, book.callbacks, stands)
    changes = _changes(city, ticket, said, verdict, now)
    if verdict.valid:
        calls.supersede(db, ticket, main.answered_at)
    elif stands:
        changes.pop("solved", None), changes.pop("satisfaction", None)
    if ticket.id != main.id and verdict.move != Move.MISS:
        changes = _taken(ticket, main) | changes
    if ticket.id != main.id and verdict.move == Move.REDO:
        changes |= _alone(db, ticket, main, now)
    promise.advance(
        db,
        city,
        ticket,
        verdict.move,
        actor,
        now,
        note=answers.reason,
        why={"callback": verdict.why},
        public=True,
        changes=changes,
        facts=_facts(ticket, main, verdict),
    )
    if ticket.id == main.id and verdict.move == Move.REDO and ticket.joiners:
        _hold_joiners(db, ticket)
    _watch(db, ticket, verdict, now)
    calls.keep(db, ticket, said, answers.reason, actor, now, verdict.valid)
    return ticket


def _voice(db: Session, city: City, ticket: Ticket, main: Ticket, said: Asked, now: datetime) -> Ticket:
    """Write down what a citizen says on the web of an answer that stands; the last word counts until the call."""
    book = cities.rulebook_of(db, city, main.edition)
    answers = _answers(book.callbacks, said)
    verdict = callbacks.verdict(answers, ticket.redos, 1, book.callbacks)
    alone = ticket.id != main.id and ticket.callback_due_at is None and _due(db, city, ticket, main) is None
    if verdict.move == Move.REDO or alone:  # who joined and is not drawn has nobody else to say it to
        return _follow(db, city, ticket, main, said, calls.CITIZEN, now)
    changes: TicketChanges = {"solved": said.solved, "satisfaction": said.satisfaction}
    if said.contacted is not None:
        changes["contacted"] = said.contacted
    why = f"来电人在网上表示{callbacks.voiced(said.solved, said.satisfaction)}，先记下；不代替电话回访，回访照常安排"
    moves.make(
        db,
        ticket,
        Move.VOICE,
        Actor(calls.CITIZEN.login, Role.CITIZEN),
        now,
        note=answers.reason,
        why={"callback": why},
        public=True,
        changes=changes,
    )
    calls.supersede(db, ticket, main.answered_at)
    calls.keep(db, ticket, said, answers.reason, calls.CITIZEN, now, verdict.valid)
    return ticket


def conclude(db: Session, city: City, number: str, said: Reasoned, me: Me, now: datetime) -> Ticket:
    """Let a supervisor end what the citizen said "no" to again after it was re-handled (督办结案); the rating stands.

    raises  RuleSaysNo for any other ticket
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    rules = cities.rulebook_of(db, city, ticket.edition).callbacks
    lifecycle.after(State(ticket.state), Move.CONCLUDE, me.role, ticket.pending)
    if ticket.redos <= rules.redos:
        raise RuleSaysNo(Message("只有重办后来电人仍不满意、转入督办的工单，才能由督办员结案"))
    promise.advance(
        db,
        city,
        ticket,
        Move.CONCLUDE,
        me.actor,
        now,
        note=said.reason,
        public=True,
        changes={"closed_at": now, "callback_due_at": None},
    )
    assignments.ended(db, ticket, Move.CONCLUDE, now)
    return ticket


def _watch(db: Session, ticket: Ticket, verdict: Verdict, now: datetime) -> None:
    """Put a ticket that is re-handled once more under 督办; nobody takes it off the ladder it has climbed."""
    if verdict.supervise:
        level = higher(ticket.level, Move.SUPERVISE)
        moves.make(db, ticket, Move.SUPERVISE, CLOCKWORK, now, note=verdict.why, changes={"level": level})


def _answers(rules: callbacks.CallbackRules, said: Asked) -> Answers:
    """Return what was said, with the reason as it is kept.  raises BadValue"""
    if not said.reached and (said.solved or said.satisfaction or said.contacted is not None):
        raise BadValue("reached", Message("未接通的回访不能填写评价"))
    if said.declined and (said.solved or said.satisfaction):
        raise BadValue("declined", Message("来电人不愿评价的，不能填写评价"))
    try:
        reason = callbacks.said_reason(rules, said.cause, said.reason)
    except ValueError as wrong:
        raise BadValue("cause", said_by(wrong)) from wrong
    return Answers(
        reached=said.reached,
        contacted=said.contacted,
        solved=said.solved,
        satisfaction=said.satisfaction,
        reason=reason,
    )


def _changes(city: City, ticket: Ticket, said: Asked, verdict: Verdict, now: datetime) -> TicketChanges:
    """Return the ticket's columns after a call.  The citizen's word on contact stands over the unit's."""
    changes: TicketChanges = {"tries": ticket.tries + 1}
    if said.contacted is not None:
        changes["contacted"] = said.contacted
    if verdict.move == Move.MISS:
        return changes | {"callback_due_at": callbacks.next_try(city.rulebook.calendar, now)}
    changes |= {"solved": said.solved, "satisfaction": said.satisfaction, "callback_due_at": None}
    if verdict.move == Move.REDO:
        return changes | {"redos": ticket.redos + 1, "tries": 0, "answered_at": None, "closed_at": None}
    return changes | {"closed_at": now}


def _taken(ticket: Ticket, main: Ticket) -> TicketChanges:
    """Let a joined ticket be what its matter was, for who is judged by it, and for what; return the columns.

    Its clocks ask for them before they are kept.
    """
    contacted = main.contacted if ticket.contacted is None else ticket.contacted  # what the caller said on the web
    taken: TicketChanges = {
        "unit": main.unit,
        "helpers": main.helpers,
        "leader": main.leader,
        "area": main.area,
        "district": main.district,
        "street": main.street,
        "community": main.community,
        "grid": main.grid,
        "reply": main.reply,
        "outcome": main.outcome,
        "edition": main.edition,
        "answered_at": main.answered_at,
        "contacted": contacted,
    }
    for name, value in taken.items():
        setattr(ticket, name, value)
    return taken


def _alone(db: Session, ticket: Ticket, main: Ticket, now: datetime) -> TicketChanges:
    """Give a joined ticket that is re-handled into the hands of its matter's unit; return the columns."""
    chosen = Chosen(unit=main.unit, helpers=tuple(main.helpers), why="")
    rows = [row | {"signed_at": now} for row in assignments.given(ticket, chosen, main.leader, now)]
    db.execute(ASSIGNMENT.insert(), rows)
    return {"dispatched_at": ticket.dispatched_at or now, "dispatches": ticket.dispatches + 1}


def _facts(ticket: Ticket, main: Ticket, verdict: Verdict) -> Facts:
    """Return what figures and clocks of a joined ticket are recounted from."""
    if ticket.id == main.id or verdict.move == Move.MISS:
        return NONE
    return Facts(unit=main.unit, helpers=tuple(main.helpers), area=main.area, urgency=ticket.urgency)


def _hold_joiners(db: Session, main: Ticket) -> None:
    """Ask nobody about an answer that does not stand: who joined and was not heard yet is asked after the next one."""
    waits = (
        col(TicketRow.joined_to) == main.id,
        col(TicketRow.region) == main.region,
        col(TicketRow.state) == State.JOINED.value,
    )
    db.execute(sa.update(TICKET).where(*waits).values({col(TicketRow.callback_due_at): None, col(TicketRow.tries): 0}))


def _change(db: Session, city: City, ticket: Ticket, said: Asked, now: datetime) -> Ticket:
    """Let the last rating of a closed ticket count; the first unhappy one sends it back like any other."""
    rules = cities.rulebook_of(db, city, ticket.edition).callbacks
    answers = _answers(rules, said)
    verdict = callbacks.verdict(answers, ticket.redos, 1, rules)
    calls.supersede(db, ticket, ticket.answered_at)
    changes = _changes(city, ticket, said, verdict, now)
    if verdict.move == Move.REDO:
        changes |= _alone(db, ticket, ticket, now) if ticket.dispatched_at is None else {}
        promise.advance(
            db,
            city,
            ticket,
            Move.REDO,
            calls.CITIZEN,
            now,
            note=answers.reason,
            why={"callback": verdict.why},
            public=True,
            changes=changes,
        )
        _watch(db, ticket, verdict, now)
    else:
        del changes["closed_at"]
        moves.make(
            db,
            ticket,
            Move.RATE,
            Actor("citizen", Role.CITIZEN),
            now,
            note=answers.reason,
            why={"callback": verdict.why},
            public=True,
            changes=changes,
        )
    calls.keep(db, ticket, said, answers.reason, calls.CITIZEN, now, verdict.valid)
    return ticket
