"""Shows a caller's full number (查看号码), so that somebody can call back: for a reason, and never without a trace.

The history says who looked, when and why; the number itself is in no line, no event and no log.
Source: 个人信息保护法 articles 6 (no more than the purpose needs) and 51 (who may access what).
"""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from classifiers import text as words
from dispatch import lifecycle
from dispatch.contact import HANDLERS, ContactRules, bridged
from dispatch.lifecycle import Move, State
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, NoCaller, NoSuchCode, NoSuchTicket, NotAllowed
from hotline.flow import moves
from hotline.people import Me, may_see
from hotline.sealing import Seal
from hotline.store import bridges, tickets
from hotline.store.callers import Caller
from hotline.store.columns import col, table_of
from hotline.store.facts import NONE, Facts
from hotline.store.tickets import Ticket, TicketRow
from hotline.wire.tickets import Contact, Looked

TICKET = table_of(TicketRow)
BRIDGED = "经话务转接，未显示号码"
CODES = 1_000_000  # a person dials six digits; how often a wrong one is tried is counted


def reveal(db: Session, city: City, seal: Seal, number: str, said: Looked, me: Me, now: datetime) -> Contact:
    """Return who called, and write down that it was looked up; or, as the city's rule is, a code for the switchboard.

    raises  NoSuchTicket; IllegalMove, NotYours; NotAllowed for handlers of a confidential ticket; NoCaller; BadValue
    """
    ticket = tickets.locked(db, me.region, number)
    if not _in_sight(db, ticket, me):
        raise NoSuchTicket(number)
    lifecycle.after(State(ticket.state), Move.REVEAL, me.role)
    reason = words.mask(said.reason.strip())
    if not reason:
        raise BadValue("reason", Message("请写明查看号码的理由"))
    if me.role in HANDLERS and (ticket.confidential or _hidden_elsewhere(db, ticket)):
        raise NotAllowed(refusal(number))
    found = _contact(db, seal, ticket)
    rules = city.rulebook.contact
    if bridged(rules, me.role):
        found, reason = _code(db, seal, ticket, me, rules, now), f"{reason}（{BRIDGED}）"
    shown = NONE if bridged(rules, me.role) else Facts(shown=True)  # from now on the person reads numbers unveiled
    moves.make(db, ticket, Move.REVEAL, me.actor, now, note=reason, facts=shown)
    return found


def put_through(db: Session, seal: Seal, code: str, me: Me, now: datetime) -> Contact:
    """Return the number a code calls, once; the ticket's history says that it was put through.  raises NoSuchCode"""
    used = bridges.use(db, me.region, seal.find_key(me.region, f"bridge:{code}"), me.login, now)
    if used is None:
        raise NoSuchCode
    [ticket] = tickets.carry(db, sa.select(TICKET).where(col(TicketRow.id) == used.ticket_id).with_for_update())
    if ticket.confidential:  # has become so since the code was given
        raise NoSuchCode
    moves.make(db, ticket, Move.REVEAL, me.actor, now, note=f"话务平台已为{used.login}转接来电人")
    return _contact(db, seal, ticket)


def _code(db: Session, seal: Seal, ticket: Ticket, me: Me, rules: ContactRules, now: datetime) -> Contact:
    until = now + timedelta(minutes=rules.minutes)
    while True:
        code = f"{secrets.randbelow(CODES):06d}"
        hashed = seal.find_key(me.region, f"bridge:{code}")
        if bridges.put(db, me.region, hashed, ticket.id, me.login, until, now):
            return Contact(phone="".join(filter(str.isdigit, rules.tel)), name="", code=code, until=until)


def refusal(number: str) -> Message:
    """Return what is said to who handles a confidential ticket, and who can grant it."""
    return Message(
        "工单 %(number)s 的来电人要求保密，承办单位和网格长不能查看号码；"
        "确需联系的，请向%(dispatcher)s或%(supervisor)s提出，由其同意后代为联系",
        number=number,
        dispatcher=Message(ROLE_NAMES[Role.DISPATCHER]),
        supervisor=Message(ROLE_NAMES[Role.SUPERVISOR]),
    )


def _in_sight(db: Session, ticket: Ticket, me: Me) -> bool:
    """Say whether this person may know of the ticket; who has the matter has all who reported it."""
    if may_see(db, me, ticket):
        return True
    into = tickets.carry(db, sa.select(TICKET).where(col(TicketRow.id) == ticket.joined_to)) if ticket.joined_to else []
    return any(may_see(db, me, one) for one in into)


def _hidden_elsewhere(db: Session, ticket: Ticket) -> bool:
    """Say whether the caller asked not to be known in another ticket of the same matter."""
    near = [col(TicketRow.id) == ticket.joined_to, col(TicketRow.joined_to) == (ticket.joined_to or ticket.id)]
    same = col(TicketRow.caller_id) == ticket.caller_id, col(TicketRow.confidential), sa.or_(*near)
    return (
        ticket.caller_id is not None
        and db.execute(sa.select(col(TicketRow.id)).where(*same).limit(1)).first() is not None
    )


def _contact(db: Session, seal: Seal, ticket: Ticket) -> Contact:
    row = db.execute(
        sa.select(col(Caller.phone_sealed), col(Caller.name_sealed)).where(col(Caller.id) == ticket.caller_id)
    ).first()
    if row is None or not row.phone_sealed:
        raise NoCaller(ticket.number)
    phone = seal.unseal(row.phone_sealed, f"{ticket.region}:phone")
    name = seal.unseal(row.name_sealed, f"{ticket.region}:name")
    first, given, _ = ticket.caller_label.partition("** ")
    another = bool(given) and first != name[:1]  # somebody else called from the same number
    return Contact(phone=phone, name="" if another else name)
