"""A ticket passes to the grid it lies in (转网格), and a leader's open work to another leader (移交).

The unit and its clocks stay as they are; only who walks there changes, with a line in the history.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import Move
from dispatch.roles import Role
from grids.messages import Message
from grids.tree import Level
from hotline import people
from hotline.city import City
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow import handle, locate, moves, promise
from hotline.people import Me
from hotline.store import bulk, facts, staff
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of, values_of
from hotline.store.facts import Facts
from hotline.store.ids import new_id
from hotline.store.reach import is_open
from hotline.store.tickets import Assignment, Entry, Ticket, TicketRow, carry
from hotline.wire.moves import Regridded

ASSIGNMENT, TICKET = table_of(Assignment), table_of(TicketRow)


def offers(
    city: City, *, text: str, address: str, lng: float | None, lat: float | None, grid: str, now: datetime
) -> list[str]:
    """Return the grids a ticket may lie in instead: those the locator names first, then the others of its street."""
    found = locate.ask(city, text, address, lng, lat)
    named = [one for one in (found.grid, *found.nearby) if one]
    street = city.above(grid).get("street", "")
    valid = city.tree.on(city.day(now)).places
    near = [one.code for one in valid if street and city.above(one.code).get("street") == street]
    grids = {one.code for one in valid if one.level is Level.GRID}
    return [one for one in dict.fromkeys([*named, *near]) if one in grids and one != grid]


def give(db: Session, city: City, number: str, said: Regridded, me: Me, now: datetime) -> Ticket:
    """Pass a ticket to the grid it lies in.  raises BadValue for a grid the city does not have, or the ticket's own

    raises RuleSaysNo where that grid has passed it on already: then a dispatcher decides, by a return (退单)
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    if said.grid not in city.tree or said.grid == ticket.grid or "grid" not in city.above(said.grid):
        raise BadValue("grid", Message("请选择另一个网格"))
    lines = sa.select(col(Entry.facts)).where(col(Entry.ticket_id) == ticket.id, col(Entry.move) == Move.REGRID)
    if any(facts.of(one).left == said.grid for one in db.execute(lines).scalars()):
        raise RuleSaysNo(
            Message("%(place)s已把此件转出过；请选“办不了”退单，由派单员定", place=city.place_name(said.grid))
        )
    place = locate.chosen(city, said.grid, city.day(now))
    why = f"网格长{me.name}说明不在{city.place_name(ticket.grid)}，转到“{city.place_name(said.grid)}”"
    left = ticket.grid
    promise.advance(
        db,
        city,
        ticket,
        Move.REGRID,
        me.actor,
        now,
        note=said.note or why,
        why={"locate": why},
        changes={
            "grid": place.grid,
            "community": place.community,
            "street": place.street,
            "district": place.district,
            "leader": place.leader,
            "why": {**ticket.why, "locate": why},
        },
        facts=Facts(left=left),
    )
    _hands(db, [ticket], Move.REGRID, place.leader, now)
    return ticket


def hand_over(
    db: Session, city: City, giver: str, taker: str, by: str, now: datetime, *, grids: Sequence[str] = ()
) -> list[str]:
    """Pass all open tickets of one grid leader (in `grids`, if named) to another; return their numbers.

    Who leads which grid from now on, the city's leaders table says.  raises NoSuchPerson, BadValue
    """
    if people.serving(db, city.region, taker, now).role is not Role.GRID_LEADER:
        raise BadValue("to", Message("%(taker)s 现在不是网格长", taker=taker))
    if giver == taker:
        raise BadValue("to", Message("不能移交给本人"))
    open_ = [col(TicketRow.region) == city.region, col(TicketRow.leader) == giver, is_open()]
    open_ += [col(TicketRow.grid).in_(grids)] if grids else []
    held = carry(db, sa.select(TICKET).where(*open_).order_by(col(TicketRow.id)).with_for_update())
    note = f"网格长由{giver}移交给{taker}"
    known = Facts(giver=giver, taker=taker, asked_by=by)
    steps = [_handed(one, taker, note, known, now) for one in held]
    if steps:
        moves.make_many(db, steps)
        _hands(db, held, Move.HAND_OVER, taker, now)
        day = city.day(now)
        staff.put(db, city.region, staff.HAND_OVER, giver, day, day, by, now, taker=taker, tickets=len(held))
    return [one.number for one in held]


def _handed(ticket: Ticket, taker: str, note: str, known: Facts, now: datetime) -> moves.Step:
    passed: TicketChanges = {"leader": taker}
    return moves.Step(
        ticket=ticket, move=Move.HAND_OVER, actor=moves.CLOCKWORK, at=now, note=note, facts=known, changes=passed
    )


def _hands(db: Session, held: Sequence[Ticket], move: Move, leader: str, now: datetime) -> None:
    mine = col(Assignment.ticket_id).in_([one.id for one in held]), col(Assignment.role) == "grid"
    ended = sa.update(ASSIGNMENT).where(*mine, col(Assignment.ended_at).is_(None))
    db.execute(ended.values({col(Assignment.ended_at): now, col(Assignment.ended_by): move}))
    if leader:
        rows = [
            values_of(
                Assignment,
                id=new_id(now),
                region=one.region,
                ticket_id=one.id,
                role="grid",
                unit="",
                login=leader,
                assigned_at=now,
                signed_at=None,
                ended_at=None,
                ended_by="",
                answer="",
                answered_at=None,
                whistle="",
                helped=None,
            )
            for one in held
        ]
        bulk.insert(db, ASSIGNMENT, rows)
