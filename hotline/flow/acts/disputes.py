"""Returns judged (退单审核) and disputes (会商): who decides which unit it is, when units send a ticket to and fro.

Sources: 天津热线管理办法 2024 (draft), after three dispatches the hotline designates; 湘江新区 2024, more than two
returns are taken up; 辽宁 六级联动 2023, dispute list and meeting; 安庆 宜政务〔2014〕70号, who stays away is bound
(缺席默认).
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import lifecycle, returns
from dispatch.errors import NotYours
from dispatch.lifecycle import Move, State
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import assignments, handle, promise
from hotline.flow import route as routes
from hotline.flow.moves import CLOCKWORK
from hotline.people import Actor, Me
from hotline.store import facts, tickets
from hotline.store.columns import col, table_of, values_of
from hotline.store.facts import Facts
from hotline.store.outbox import OutboxRow
from hotline.store.requests import OpinionRow
from hotline.store.tickets import Assignment, Entry, Ticket
from hotline.wire.moves import Opined, Plain, Reasoned, Ruled

ASSIGNMENT, OPINION = table_of(Assignment), table_of(OpinionRow)


def keep(db: Session, city: City, number: str, said: Reasoned, me: Me, now: datetime) -> Ticket:
    """Find a return without ground (退单不成立): the unit that sent it back goes on, and it counts as 无效退单."""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    why = f"经审核退单理由不成立：{said.reason}；由{city.unit_name(ticket.unit)}继续办理"
    promise.advance(db, city, ticket, Move.KEEP, me.actor, now, note=said.reason, why={"return": why})
    chosen = routes.Chosen(unit=ticket.unit, helpers=tuple(ticket.helpers), why=why)
    hands = assignments.given(ticket, chosen, ticket.leader, now)
    db.execute(ASSIGNMENT.insert(), [one | {"signed_at": now if one["role"] == "lead" else None} for one in hands])
    return ticket


def after_returns(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Open a dispute for each ticket returned as often as the rule allows; what a person did meanwhile stands."""
    for number in dict.fromkeys(event.number for event in events):
        ticket = tickets.locked(db, city.region, number)
        book = cities.rulebook_of(db, city, ticket.edition)
        step = returns.after_return(book.returns, ticket.returns)
        if step.designate and Move.CONVENE in lifecycle.allowed(State(ticket.state), Role.CLOCKWORK, ticket.pending):
            _convene(db, city, ticket, CLOCKWORK, step.why, now)


def convene(db: Session, city: City, number: str, said: Plain, me: Me, now: datetime) -> Ticket:
    """Open a dispute by a dispatcher's word, before the returns make it necessary."""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    _convene(db, city, ticket, me.actor, said.note, now)
    return ticket


def opine(db: Session, city: City, number: str, said: Opined, me: Me, now: datetime) -> Ticket:
    """Say whose the matter is (会商意见); only units that were invited, until the ruling.

    raises  NotYours; NoSuchTicket for a unit that may not even know of it
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    if said.unit and said.unit not in city.units:
        raise BadValue(
            "unit", Message("承办单位编码“%(code)s”不在单位表（%(edition)s）中", code=said.unit, edition=city.edition)
        )
    mine = col(OpinionRow.ticket_id) == ticket.id, col(OpinionRow.unit) == me.unit, col(OpinionRow.ruled_at).is_(None)
    if db.execute(sa.select(col(OpinionRow.unit)).where(*mine)).first() is None:
        raise NotYours(Message("工单 %(number)s 的会商没有邀请您的单位", number=number), move=Move.OPINE, role=me.role)
    owner = city.unit_name(said.unit) if said.unit else ""
    why = {"owner": owner} if owner else {}
    promise.advance(db, city, ticket, Move.OPINE, me.actor, now, note=said.note, why=why, facts=Facts(by=me.unit))
    told = {
        col(OpinionRow.note): said.note,
        col(OpinionRow.owner): said.unit,
        col(OpinionRow.said_by): me.login,
        col(OpinionRow.said_at): now,
    }
    db.execute(sa.update(OPINION).where(*mine).values(told))
    return ticket


def rule(db: Session, city: City, number: str, said: Ruled, me: Me, now: datetime) -> Ticket:
    """Designate the unit (裁定承办): it cannot send the ticket back; units that said nothing are bound all the same."""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    for code in (said.unit, *said.helpers):
        if code not in city.units:
            raise BadValue(
                "unit", Message("承办单位编码“%(code)s”不在单位表（%(edition)s）中", code=code, edition=city.edition)
            )
    open_ = col(OpinionRow.ticket_id) == ticket.id, col(OpinionRow.ruled_at).is_(None)
    asked = db.execute(
        sa.select(col(OpinionRow.unit), col(OpinionRow.said_at)).where(*open_).order_by(col(OpinionRow.unit))
    ).all()
    silent = [city.unit_name(row.unit) for row in asked if row.said_at is None]
    bound = f"；{'、'.join(silent)}未提出意见，按缺席默认受裁定约束" if silent else ""
    who = f"{ROLE_NAMES[me.role]}{me.name}"
    why = f"会商裁定由{city.unit_name(said.unit)}承办（{who}）：{said.reason}；依据：{said.basis}{bound}"
    chosen = routes.Chosen(unit=said.unit, helpers=said.helpers, why=why)
    handle.give(db, city, ticket, Move.RULE, chosen, me.actor, now, note=said.reason, basis=said.basis)
    db.execute(sa.update(OPINION).where(*open_).values({col(OpinionRow.ruled_at): now}))
    return ticket


def _convene(db: Session, city: City, ticket: Ticket, actor: Actor, why: str, now: datetime) -> None:
    units = _concerned(db, ticket)
    names = "、".join(city.unit_name(one) for one in units)
    said = f"{why}；请{names}提出意见" if why else f"请{names}提出意见"
    promise.advance(db, city, ticket, Move.CONVENE, actor, now, note=said, why={"next": said})
    rows = [
        values_of(
            OpinionRow,
            ticket_id=ticket.id,
            convened_at=now,
            unit=one,
            region=city.region,
            note="",
            owner="",
            said_by="",
            said_at=None,
            ruled_at=None,
        )
        for one in units
    ]
    if rows:
        db.execute(OPINION.insert(), rows)


def _concerned(db: Session, ticket: Ticket) -> list[str]:
    """Return the units that had the ticket, and those they named as its owner."""
    had = sa.select(col(Assignment.unit)).where(col(Assignment.ticket_id) == ticket.id, col(Assignment.role) == "lead")
    found = list(db.execute(had.order_by(col(Assignment.assigned_at))).scalars())
    returned = col(Entry.ticket_id) == ticket.id, col(Entry.move) == Move.RETURN
    found += [facts.of(one).owner or "" for one in db.execute(sa.select(col(Entry.facts)).where(*returned)).scalars()]
    return list(dict.fromkeys(unit for unit in found if unit))
