"""Cards (亮牌): proposed by the ladder, confirmed or dropped by a person, answered by the unit.

Sources: 山东省级政务服务投诉热线管理办法 2017 for the cards; 凉政办发〔2018〕116号 art. 25: people decide on sanctions.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.escalation import CARDS, higher
from dispatch.lifecycle import MOVES, Move
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, NoSuchTicket
from hotline.flow import handle, moves
from hotline.people import Me, may_see
from hotline.store import tickets
from hotline.store.columns import col, table_of
from hotline.store.tickets import Alarm, Ticket
from hotline.wire.moves import Carded

ALARM = table_of(Alarm)


def showing(move: Move) -> Callable[..., Ticket]:
    """Return the step by which a supervisor shows a card: confirms the one proposed, or gives one of their own."""

    def show(db: Session, city: City, number: str, said: Carded, me: Me, now: datetime) -> Ticket:
        del city
        ticket = handle.locked_ticket(db, number, me, said.seq)
        row = _proposed(db, ticket, move)
        if row is None and not said.note.strip():
            raise BadValue(
                "note", Message("没有待确认的%(move)s，直接%(move)s须写明理由", move=Message(MOVES[move].label))
            )
        note = said.note or (row.label if row else "")
        moves.make(db, ticket, move, me.actor, now, note=note, changes={"level": higher(ticket.level, move)})
        if row is not None:
            _decide(db, row, "confirmed", me, now)
        return ticket

    return show


def drop(db: Session, city: City, number: str, said: Carded, me: Me, now: datetime) -> Ticket:
    """Decide that a proposed card is not shown (不予亮牌), and say why.  raises BadValue where none is proposed"""
    del city
    ticket = handle.locked_ticket(db, number, me, said.seq)
    row = _proposed(db, ticket, "")
    if row is None:
        raise BadValue("note", Message("没有待确认的亮牌"))
    if not said.note.strip():
        raise BadValue("note", Message("不予亮牌须写明理由"))
    moves.make(db, ticket, Move.DROP_CARD, me.actor, now, note=said.note, why={"card": f"不予{MOVES[row.card].label}"})
    _decide(db, row, "dropped", me, now)
    return ticket


def answer(db: Session, city: City, number: str, said: Carded, me: Me, now: datetime) -> Ticket:
    """Let who bears a card answer the newest they have not answered yet (亮牌说明): a helper, a unit that had it, too.

    raises  BadValue; NoSuchTicket for who bears none and may not know of the ticket
    """
    ticket = tickets.locked(db, me.region, number)
    mine = [col(Alarm.ticket_id) == ticket.id, col(Alarm.card).in_(CARDS), col(Alarm.answered_at).is_(None)]
    former = city.units[me.unit].formerly if me.unit in city.units else ()  # whom it was renamed or merged from
    mine += [col(Alarm.unit).in_((me.unit, *former) if me.unit else (ticket.unit, ""))]
    row = db.execute(sa.select(ALARM).where(*mine).order_by(col(Alarm.acted_at).desc()).limit(1)).first()
    if (row is None or not me.unit) and not may_see(db, me, ticket):
        raise NoSuchTicket(number)
    handle.fresh(db, ticket, said.seq)
    if row is None:
        handle.mine(ticket, me)
        raise BadValue("note", Message("没有需要说明的亮牌"))
    if not said.note.strip():
        raise BadValue("note", Message("请写明情况说明"))
    moves.make(db, ticket, Move.ANSWER_CARD, me.actor, now, note=said.note, why={"card": row.label})
    db.execute(sa.update(ALARM).where(*_key(row)).values({col(Alarm.answer): said.note, col(Alarm.answered_at): now}))
    return ticket


def _proposed(db: Session, ticket: Ticket, card: str) -> Any:
    waits = [col(Alarm.ticket_id) == ticket.id, col(Alarm.move) == Move.PROPOSE, col(Alarm.decision) == ""]
    waits += [col(Alarm.card) == card] if card else []
    return db.execute(sa.select(ALARM).where(*waits).order_by(col(Alarm.acted_at)).limit(1)).first()


def _decide(db: Session, row: Any, decision: str, me: Me, now: datetime) -> None:
    told = {col(Alarm.decision): decision, col(Alarm.decided_by): me.login, col(Alarm.decided_at): now}
    db.execute(sa.update(ALARM).where(*_key(row)).values(told))


def _key(row: Any) -> tuple[Any, ...]:
    return col(Alarm.clock_id) == row.clock_id, col(Alarm.position) == row.position
