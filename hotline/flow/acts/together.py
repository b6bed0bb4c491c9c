"""Helpers (协办), lacking material (待补充) and parked matters (挂账): a ticket that several handle, or that waits.

Sources: 凉政办发〔2018〕116号 art. 17 (the lead unit coordinates, joint handling); DB11/T 2021-2022 (首接负责).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.errors import NotYours
from dispatch.lifecycle import Move
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import assignments, danger, handle, merge, promise
from hotline.flow import route as routes
from hotline.flow.acts import apart
from hotline.people import Me
from hotline.store.columns import col, table_of
from hotline.store.facts import Facts
from hotline.store.tickets import Assignment, Ticket
from hotline.wire.moves import Invited, Refused, Worded

ASSIGNMENT = table_of(Assignment)


def invite(db: Session, city: City, number: str, said: Invited, me: Me, now: datetime) -> Ticket:
    """Ask another unit to help (邀请协办): a sub-clock and an answer of its own; the lead stays responsible."""
    ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
    if said.unit not in city.units or said.unit in (ticket.unit, *ticket.helpers):
        raise BadValue("unit", Message("请选择单位表中尚未参与本工单的单位"))
    helpers = [*ticket.helpers, said.unit]
    why = {"route": f"邀请{city.unit_name(said.unit)}协办：{said.note}"}
    promise.advance(
        db,
        city,
        ticket,
        Move.INVITE,
        me.actor,
        now,
        note=said.note,
        why=why,
        changes={"helpers": helpers},
        facts=Facts(by=me.unit, helpers=(said.unit,)),
    )
    given = routes.Chosen(unit=ticket.unit, helpers=(said.unit,), why="")
    db.execute(ASSIGNMENT.insert(), [row for row in assignments.given(ticket, given, "", now) if row["role"] == "help"])
    return ticket


def help_answer(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Give a helper's own answer (协办答复) to the lead, who merges it into the one reply.  raises NotYours"""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    mine = col(Assignment.ticket_id) == ticket.id, col(Assignment.role) == "help", col(Assignment.ended_at).is_(None)
    row = db.execute(sa.select(col(Assignment.id)).where(*mine, col(Assignment.unit) == me.unit)).first()
    if row is None:
        raise NotYours(
            Message("您的单位不是工单 %(number)s 的协办单位", number=number), move=Move.HELP_ANSWER, role=me.role
        )
    promise.advance(db, city, ticket, Move.HELP_ANSWER, me.actor, now, note=said.note, facts=Facts(by=me.unit))
    told = sa.update(ASSIGNMENT).where(col(Assignment.id) == row.id)
    db.execute(told.values({col(Assignment.answer): said.note, col(Assignment.answered_at): now}))
    return ticket


def lack(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Ask the citizen for what is lacking (要求补充); the unit's holding clock stands still, the citizen's runs on."""
    ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
    promise.advance(db, city, ticket, Move.LACK, me.actor, now, note=said.note, public=True)
    return ticket


def supply(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Add what the citizen supplied (补充材料); the unit goes on, and danger in the words raises the ticket."""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    promise.advance(db, city, ticket, Move.SUPPLY, me.actor, now, note=said.note, public=True)
    danger.listen(db, city, ticket, said.note, now)
    return ticket


def resume(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Go on with a ticket that was parked or lacked something (恢复办理)."""
    ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
    promise.advance(db, city, ticket, Move.RESUME, me.actor, now, note=said.note, public=True)
    return ticket


def review(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Say how a parked matter stands (挂账复查); the citizen is told each time, and the next review is due anew."""
    ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
    promise.advance(db, city, ticket, Move.REVIEW, me.actor, now, note=said.note, public=True)
    return ticket


def refuse(db: Session, city: City, number: str, said: Refused, me: Me, now: datetime) -> Ticket:
    """Do not accept (不予受理): why not, and where to go instead; both are for the citizen to read."""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    reply = f"{said.reason}；请向{said.guide}反映"
    why = {"reason": said.reason, "guide": said.guide} | ({"basis": said.basis} if said.basis else {})
    promise.advance(
        db,
        city,
        ticket,
        Move.REFUSE,
        me.actor,
        now,
        note=said.reason,
        why=why,
        public=True,
        changes={"reply": reply, "outcome": "refused", "closed_at": now, "edition": ticket.edition or city.edition},
    )
    return ticket


def withdraw(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Take a matter back at the caller's wish (撤回); who has it in hand is told to stop.

    Who had joined it goes on without this caller; of a joined ticket the matter goes on.
    """
    ticket, main = apart.locked_with_matter(db, number, me, said.seq)
    promise.advance(
        db,
        city,
        ticket,
        Move.WITHDRAW,
        me.actor,
        now,
        note=said.note,
        public=True,
        changes={"closed_at": now, "outcome": "withdrawn", "joined_to": None, "callback_due_at": None},
    )
    assignments.ended(db, ticket, Move.WITHDRAW, now)
    merge.lose_joiner(db, main, number, Move.WITHDRAW, now)
    return ticket
