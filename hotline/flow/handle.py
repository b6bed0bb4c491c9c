"""Step 6: sign, report, send back, answer; and what people at the desk do: dispatch, correct, settle, join, urge, note.

Each function locks the ticket, asks the rule, writes row, history and event; clocks turn through `promise`.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import returns
from dispatch.errors import NotYours
from dispatch.lifecycle import State
from dispatch.roles import ROLE_NAMES, Role
from hotline.city import City
from hotline.errors import BadValue, NoSuchTicket, RuleSaysNo, StaleTicket
from hotline.flow import locate, moves, promise, repeats, triage
from hotline.flow import route as routes
from hotline.people import Me, may_see
from hotline.store import tickets
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket
from hotline.wire.tickets import Answer, Corrected, Joined, Plain, Routed, SentBack, Worded

ASSIGNMENT, CLOCK, ENTRY = (METADATA.tables[name] for name in ("assignment", "clock", "entry"))


def held(db: Session, number: str, me: Me, seen: int | None) -> Ticket:
    """Return the ticket, locked, if this person may know of it and saw it as it is.

    Who looked up the caller's number (查看号码) changed nothing that somebody else could have missed.
    raises  NoSuchTicket, StaleTicket
    """
    ticket = tickets.locked(db, me.region, number)
    if not may_see(me, ticket):
        raise NoSuchTicket(number)
    if seen is not None and seen != ticket.seq and not _only_looked_at(db, ticket, seen):
        raise StaleTicket(number, seen, ticket.seq)
    return ticket


def route(db: Session, city: City, number: str, said: Routed, me: Me, now: datetime) -> Ticket:
    """Give a ticket to a unit by a person's word (派单).  The promises made to the citizen go on from their start."""
    ticket = held(db, number, me, said.seq)
    for code in (said.unit, *said.helpers):
        if code not in city.units:
            raise BadValue("unit", f"承办单位编码“{code}”不在单位表（{city.edition}）中")
    chosen = routes.by_person(city, said.unit, f"{ROLE_NAMES[me.role]}{me.name}")
    chosen = routes.Chosen(unit=said.unit, helpers=said.helpers, why=chosen.why)
    why = {**ticket.why, "route": chosen.why}
    first = ticket.dispatched_at is None
    started = _started(db, ticket)
    plans = promise.Planner(city).plans("route", now, ticket.urgency, ticket.area, started)
    if first:
        why["promise"] = promise.explained(plans)
    step = triage.dispatched(ticket, chosen, plans, me.actor, now, why)
    step.note = said.note
    moves.make_many(db, [step])
    triage.end_hands(db, ticket, "route", now)
    db.execute(ASSIGNMENT.insert(), triage.hands(ticket, chosen, ticket.leader, now))
    promise.turn(db, city, ticket, "route", now)
    _hand_over(db, ticket)
    return ticket


def correct(db: Session, city: City, number: str, said: Corrected, me: Me, now: datetime) -> Ticket:
    """Correct what a ticket is about or where it is (定事项地点); who acts is a dispatch of its own."""
    ticket = held(db, number, me, said.seq)
    changes: dict[str, Any] = {}
    why = dict(ticket.why)
    who = f"{ROLE_NAMES[me.role]}{me.name}"
    if said.area:
        area = city.taxonomy.find(said.area)
        if area is None:
            raise BadValue("area", f"事项“{said.area}”不在责任清单（{city.edition}）中")
        why["classify"] = f"由{who}改为“{city.area_label(area.code)}”"
        changes |= {"area": area.code, "area_confidence": 1.0}
    if said.grid:
        if said.grid not in city.tree:
            raise BadValue("grid", f"网格编码“{said.grid}”不在网格库（{city.edition}）中")
        place = locate.chosen(city, said.grid, city.day(now))
        why["locate"] = f"由{who}改为“{city.place_name(said.grid)}”"
        changes |= {
            "grid": place.grid, "community": place.community, "street": place.street, "district": place.district,
            "leader": place.leader,
        }  # fmt: skip
    said_why = {key: why[key] for key in ("classify", "locate") if why.get(key) != ticket.why.get(key)}
    moves.make(db, ticket, "classify", me.actor, now, note=said.note, why=said_why, changes={**changes, "why": why})
    return ticket


def sign(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Take a ticket in hand (签收)."""
    ticket = _mine(held(db, number, me, said.seq), me)
    moves.make(db, ticket, "sign", me.actor, now, note=said.note, public=True)
    lead = ASSIGNMENT.c.ticket_id == ticket.id, ASSIGNMENT.c.ended_at.is_(None), ASSIGNMENT.c.role == "lead"
    db.execute(sa.update(ASSIGNMENT).where(*lead).values(signed_at=now))
    promise.turn(db, city, ticket, "sign", now)
    return ticket


def report(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Say how far it is (3日报动态); the citizen sees these words."""
    ticket = _mine(held(db, number, me, said.seq), me)
    moves.make(db, ticket, "report", me.actor, now, note=said.note, public=True, changes={"reported_at": now})
    promise.turn(db, city, ticket, "report", now)
    return ticket


def send_back(db: Session, city: City, number: str, said: SentBack, me: Me, now: datetime) -> Ticket:
    """Return a ticket that is not ours (退单): in time, with reason, at most so often.  raises RuleSaysNo"""
    ticket = _mine(held(db, number, me, said.seq), me)
    if said.unit and said.unit not in city.units:
        raise BadValue("unit", f"承办单位编码“{said.unit}”不在单位表（{city.edition}）中")
    rules, given = city.rulebook.returns, _given_at(db, ticket)
    ruling = returns.may_return(rules, city.rulebook.calendar, routed_at=given, at=now, returns=ticket.returns)
    if ticket.state in {State.ROUTED, State.SIGNED} and not ruling.allowed:
        raise RuleSaysNo(ruling.why)
    next_step = returns.after_return(rules, ticket.returns + 1)
    said_why = {"return": said.reason, "next": next_step.why} | ({"basis": said.basis} if said.basis else {})
    said_why |= {"owner": city.unit_name(said.unit)} if said.unit else {}
    why = {**ticket.why, "return": f"{city.unit_name(ticket.unit)}退单：{said.reason}"}
    why |= {"owner": said.unit} if said.unit else {}
    moves.make(
        db,
        ticket,
        "return",
        me.actor,
        now,
        note=said.reason,
        why=said_why,
        changes={"returns": ticket.returns + 1, "why": why},
    )
    triage.end_hands(db, ticket, "return", now)
    promise.turn(db, city, ticket, "return", now)
    return ticket


def answer(db: Session, city: City, number: str, said: Answer, me: Me, now: datetime) -> Ticket:
    """Finish a ticket with the unit's answer (7日报结果); the callback (回访) follows from the event."""
    ticket = _mine(held(db, number, me, said.seq), me)
    moves.make(
        db, ticket, "answer", me.actor, now, note=said.note, public=True,
        changes={
            "reply": said.note, "outcome": said.outcome, "answered_at": now, "contacted": said.contacted,
        },
    )  # fmt: skip
    promise.turn(db, city, ticket, "answer", now)
    return ticket


def settle(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Answer on the line (直接解答): no unit, no callback."""
    ticket = held(db, number, me, said.seq)
    moves.make(
        db, ticket, "settle", me.actor, now, note=said.note, public=True,
        changes={
            "reply": said.note, "outcome": "settled", "closed_at": now, "edition": ticket.edition or city.edition,
        },
    )  # fmt: skip
    promise.stop_all(db, ticket, now)
    return ticket


def join(db: Session, city: City, number: str, said: Joined, me: Me, now: datetime) -> Ticket:
    """Add a ticket to the matter of another (同诉): it keeps its caller and number, the other's deadline stands."""
    ticket = held(db, number, me, said.seq)
    to = tickets.locked(db, city.region, said.to)
    if to.id == ticket.id or to.state in {State.JOINED, State.CLOSED} or not may_see(me, to):
        raise BadValue("to", f"工单 {said.to} 不能并入：须是另一件在办工单")
    why = f"由{ROLE_NAMES[me.role]}{me.name}并入在办工单 {to.number}"
    moves.make(
        db, ticket, "join", me.actor, now, note=said.note or f"并入 {to.number}", why={"join": why}, public=True,
        changes={"joined_to": to.id, "why": {**ticket.why, "join": why}},
    )  # fmt: skip
    promise.stop_all(db, ticket, now)
    repeats.count(db, {ticket.id: repeats.Repeat(id=to.id, number=to.number, why=why)}, me.actor, now)
    return ticket


def urge(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Press for it (催办); what a citizen adds stands in the note."""
    del city
    ticket = held(db, number, me, said.seq)
    moves.make(db, ticket, "urge", me.actor, now, note=said.note, public=True)
    return ticket


def note(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Leave a word for colleagues (内部备注)."""
    del city
    ticket = held(db, number, me, said.seq)
    moves.make(db, ticket, "note", me.actor, now, note=said.note)
    return ticket


def _mine(ticket: Ticket, me: Me) -> Ticket:
    """Return the ticket if it is in this person's hands.  A helper sees it, the lead unit acts."""
    if me.role is Role.UNIT and ticket.unit != me.unit:
        raise NotYours(f"工单 {ticket.number} 由其他单位牵头，协办单位不能代为操作", role=me.role)
    return ticket


def _only_looked_at(db: Session, ticket: Ticket, seen: int) -> bool:
    since = sa.select(ENTRY.c.move).where(ENTRY.c.ticket_id == ticket.id, ENTRY.c.seq > seen)
    return seen < ticket.seq and set(db.execute(since).scalars()) == {"reveal"}


def _started(db: Session, ticket: Ticket) -> set[str]:
    return set(db.execute(sa.select(CLOCK.c.clock).where(CLOCK.c.ticket_id == ticket.id)).scalars())


def _given_at(db: Session, ticket: Ticket) -> datetime:
    """Return when the ticket came to who holds it now."""
    given = sa.select(sa.func.max(ASSIGNMENT.c.assigned_at)).where(
        ASSIGNMENT.c.ticket_id == ticket.id, ASSIGNMENT.c.role == "lead"
    )
    return db.execute(given).scalar_one_or_none() or ticket.received_at


def _hand_over(db: Session, ticket: Ticket) -> None:
    """Let the running promises to the citizen be the new unit's to keep."""
    running = CLOCK.c.ticket_id == ticket.id, CLOCK.c.stopped_at.is_(None), CLOCK.c.unit != ""
    db.execute(sa.update(CLOCK).where(*running).values(unit=ticket.unit))
