"""Step 6, handling: sign, report, send back, answer; and at the desk: dispatch, settle, note.

Each function locks the ticket, asks the rule, writes row, history and event; clocks turn through `promise`.
"""

from datetime import datetime
from typing import Protocol

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import checks, lifecycle, returns
from dispatch.errors import NotYours
from dispatch.lifecycle import Move, State
from dispatch.returns import ReturnRules, Ruling
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue, NoSuchTicket, RuleSaysNo, StaleTicket
from hotline.flow import alike, assignments, commitments, moves, precheck, promise, sampling, triage
from hotline.flow import route as routes
from hotline.people import Actor, Me, may_see
from hotline.store import tickets
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.facts import NONE, Facts
from hotline.store.tickets import Assignment, Entry, Ticket
from hotline.wire.moves import Answer, Plain, Routed, SentBack, Worded

ASSIGNMENT = table_of(Assignment)


def locked_ticket(db: Session, number: str, me: Me, seen: int | None) -> Ticket:
    """Return the ticket, locked, if this person may know of it and saw it as it is.

    raises  NoSuchTicket, StaleTicket: who may not know of it does not learn that it has moved on either
    """
    ticket = tickets.locked(db, me.region, number)
    if not may_see(db, me, ticket):
        raise NoSuchTicket(number)
    return fresh(db, ticket, seen)


def fresh(db: Session, ticket: Ticket, seen: int | None) -> Ticket:
    """Return a locked ticket if it is as the writer saw it; ask first whether the person may know of it.

    Who looked up the caller's number (查看号码) changed nothing that somebody else could have missed.
    raises  StaleTicket
    """
    if seen is not None and seen != ticket.seq and not _only_looked_at(db, ticket, seen):
        raise StaleTicket(ticket.number, seen, ticket.seq)
    return ticket


def route(db: Session, city: City, number: str, said: Routed, me: Me, now: datetime) -> Ticket:
    """Give a ticket to a unit by a person's word (派单).  The promises made to the citizen go on from their start."""
    ticket = locked_ticket(db, number, me, said.seq)
    check_units(city, said.unit, *said.helpers)
    chosen = routes.by_person(city, said.unit, f"{ROLE_NAMES[me.role]}{me.name}")
    chosen = routes.Chosen(unit=said.unit, helpers=said.helpers, why=chosen.why)
    give(db, city, ticket, Move.ROUTE, chosen, me.actor, now, note=said.note)
    return ticket


def check_units(city: City, *units: str) -> None:
    """Hold the units a person names to the table in force.  raises BadValue"""
    for code in units:
        if code not in city.units:
            raise BadValue(
                "unit", Message("承办单位编码“%(code)s”不在单位表（%(edition)s）中", code=code, edition=city.edition)
            )


def give(
    db: Session,
    city: City,
    ticket: Ticket,
    move: Move,
    chosen: routes.Chosen,
    actor: Actor,
    now: datetime,
    *,
    note: str,
    basis: str | None = None,
    giver: str | None = None,
) -> None:
    """Put a locked ticket into a unit's hands (派单, 裁定, 改派): clocks, hands and line.

    basis  what a ruling rests on;  giver  the unit it is taken from
    """
    since = ticket.promised_from if ticket.dispatched_at is None else None
    turned = promise.turn_clocks(
        db, city, ticket, move, now, unit=chosen.unit, helpers=chosen.helpers, limit=chosen.limits, since=since
    )
    why = {**ticket.why, "route": chosen.why}
    if ticket.dispatched_at is None:
        why["promise"] = promise.explained(turned.started)
    step = triage.dispatched(ticket, chosen, turned.due, actor, now, why)
    step.move, step.note = move, note
    step.why |= {} if basis is None else {"basis": basis}
    step.facts = msgspec.structs.replace(step.facts, giver=giver)
    moves.make_many(db, [step])
    assignments.ended(db, ticket, move, now)
    db.execute(ASSIGNMENT.insert(), assignments.given(ticket, chosen, ticket.leader, now))


def sign(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Take a ticket in hand (签收)."""
    ticket = mine(locked_ticket(db, number, me, said.seq), me)
    promise.advance(db, city, ticket, Move.SIGN, me.actor, now, note=said.note, public=True)
    lead = col(Assignment.ticket_id) == ticket.id, col(Assignment.ended_at).is_(None), col(Assignment.role) == "lead"
    db.execute(sa.update(ASSIGNMENT).where(*lead).values({col(Assignment.signed_at): now}))
    return ticket


def report(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Say how far it is (3日报动态); the citizen sees these words."""
    ticket = mine(locked_ticket(db, number, me, said.seq), me)
    promise.advance(
        db, city, ticket, Move.REPORT, me.actor, now, note=said.note, public=True, changes={"reported_at": now}
    )
    return ticket


class Returned(Protocol):
    """What is asked of a ticket, as the flow or a page has it."""

    @property
    def returns(self) -> int: ...
    @property
    def hard(self) -> bool: ...


def may_return(city: City, rules: ReturnRules, given: datetime, ticket: Returned, now: datetime) -> Ruling:
    """Say whether who holds a ticket since `given` may return it now, until when, and why (not)."""
    return returns.may_return(
        rules, city.rulebook.calendar, routed_at=given, at=now, returns=ticket.returns, hard=ticket.hard
    )


def send_back(db: Session, city: City, number: str, said: SentBack, me: Me, now: datetime) -> Ticket:
    """Return a ticket that is not ours (退单): in time, with reason, at most so often.  raises RuleSaysNo"""
    ticket = mine(locked_ticket(db, number, me, said.seq), me)
    if said.unit and said.unit not in city.units:
        raise BadValue(
            "unit", Message("承办单位编码“%(code)s”不在单位表（%(edition)s）中", code=said.unit, edition=city.edition)
        )
    rules, given = cities.rulebook_of(db, city, ticket.edition).returns, _given_at(db, ticket)
    ruling = may_return(city, rules, given, ticket, now)
    if ticket.state in {State.ROUTED, State.SIGNED} and not ruling.allowed:
        raise RuleSaysNo(ruling.why)
    if rules.needs_basis and not said.basis.strip():
        raise BadValue("basis", Message("退单须写明依据（文件或职责条目）"))
    if rules.needs_owner and not said.unit:
        raise BadValue("unit", Message("退单须提出应由哪个单位承办"))
    next_step = returns.after_return(rules, ticket.returns + 1)
    said_why = {"return": said.reason, "next": next_step.why} | ({"basis": said.basis} if said.basis else {})
    said_why |= {"owner": city.unit_name(said.unit)} if said.unit else {}
    why = {**ticket.why, "return": f"{city.unit_name(ticket.unit)}退单：{said.reason}"}
    why |= {"owner": said.unit} if said.unit else {}
    promise.advance(
        db,
        city,
        ticket,
        Move.RETURN,
        me.actor,
        now,
        note=said.reason,
        why=said_why,
        changes={"returns": ticket.returns + 1, "why": why},
        facts=Facts(by=me.unit, owner=said.unit),
    )
    assignments.ended(db, ticket, Move.RETURN, now)
    return ticket


def answer(db: Session, city: City, number: str, said: Answer, me: Me, now: datetime) -> Ticket:
    """Finish a ticket with the unit's answer (7日报结果), or hand it in to be read first (待审核), as the rules say.

    The move and its reason are in the history's line.  What waits to be read, `flow.check` lets pass or rejects.
    raises RuleSaysNo while helpers (协办) have not answered, unless the lead says that it finishes `alone`
    """
    ticket = mine(locked_ticket(db, number, me, said.seq), me)
    lifecycle.after(State(ticket.state), Move.ANSWER, me.role, ticket.pending)
    if not said.alone and (silent := silent_helpers(db, ticket)):
        names = tuple(city.unit_name(unit) for unit in silent)
        raise RuleSaysNo(Message("%(units)s尚未协办答复；确需先办结的，请勾选“仍要办结”", units=names))
    rules = cities.rulebook_of(db, city, ticket.edition).checks
    asked = checks.checked(rules, sampling.case(city, ticket, ticket, said.outcome))
    noticed = precheck.at_submission(db, city, ticket, said.note, said.contacted, now)
    facts = Facts(precheck=noticed or None)
    if asked.check:
        why = {"check": asked.why}
        facts = msgspec.structs.replace(facts, outcome=said.outcome, contacted=said.contacted)
        promise.advance(db, city, ticket, Move.SUBMIT, me.actor, now, note=said.note, why=why, facts=facts)
    else:
        why = {"check": asked.why} if rules.rule else {}
        told: TicketChanges = {"reply": said.note, "outcome": said.outcome, "contacted": said.contacted}
        finish(db, city, ticket, Move.ANSWER, me.actor, now, told, why, facts)
    commitments.enter(db, city, ticket, said.commitments, "handler", me, now)
    return ticket


def finish(
    db: Session,
    city: City,
    ticket: Ticket,
    move: Move,
    actor: Actor,
    now: datetime,
    told: TicketChanges,
    why: dict[str, str],
    facts: Facts = NONE,
) -> None:
    """Let a locked ticket be answered; by when the citizen is called (回访), a clock says.

    Who is not drawn (抽样回访) may rate by link until another clock closes the ticket.
    told  the reply, its outcome, and whether the unit says it was in touch
    """
    drawn = sampling.of(city, cities.rulebook_of(db, city, ticket.edition), ticket, ticket, told["outcome"])
    promise.advance(
        db,
        city,
        ticket,
        move,
        actor,
        now,
        note=told["reply"],
        public=True,
        why=why | {"sample": drawn.why},
        changes={**told, "answered_at": now, "tries": 0, "callback_due_at": now if drawn.call else None},
        facts=facts if drawn.call else msgspec.structs.replace(facts, unsampled=True),
    )


def silent_helpers(db: Session, ticket: Ticket) -> list[str]:
    """Return the helpers that have not answered: the lead is told before it finishes."""
    open_ = col(Assignment.ticket_id) == ticket.id, col(Assignment.role) == "help", col(Assignment.ended_at).is_(None)
    query = sa.select(col(Assignment.unit)).where(*open_, col(Assignment.answered_at).is_(None))
    return list(db.execute(query.order_by(col(Assignment.unit))).scalars())


def settle(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Answer on the line (直接解答): no unit, no callback."""
    ticket = locked_ticket(db, number, me, said.seq)
    promise.advance(
        db,
        city,
        ticket,
        Move.SETTLE,
        me.actor,
        now,
        note=said.note,
        public=True,
        changes={
            "reply": said.note,
            "outcome": "settled",
            "closed_at": now,
            "edition": ticket.edition or city.edition,
        },
    )
    alike.keep(db, city, [ticket])
    return ticket


def note(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Leave a word for colleagues (内部备注)."""
    del city
    ticket = locked_ticket(db, number, me, said.seq)
    moves.make(db, ticket, Move.NOTE, me.actor, now, note=said.note)
    return ticket


def mine(ticket: Ticket, me: Me) -> Ticket:
    """Return the ticket if it is in this person's hands.  A helper sees it, the lead unit acts."""
    if me.role is Role.UNIT and ticket.unit != me.unit:
        raise NotYours(
            Message("工单 %(number)s 由其他单位牵头，协办单位不能代为操作", number=ticket.number), role=me.role
        )
    return ticket


def _only_looked_at(db: Session, ticket: Ticket, seen: int) -> bool:
    since = sa.select(col(Entry.move)).where(col(Entry.ticket_id) == ticket.id, col(Entry.seq) > seen)
    return seen < ticket.seq and set(db.execute(since).scalars()) <= {Move.REVEAL, Move.RECODE}


def _given_at(db: Session, ticket: Ticket) -> datetime:
    """Return when the ticket came to who holds it now."""
    given = sa.select(sa.func.max(col(Assignment.assigned_at))).where(
        col(Assignment.ticket_id) == ticket.id, col(Assignment.role) == "lead"
    )
    return db.execute(given).scalar_one_or_none() or ticket.received_at
