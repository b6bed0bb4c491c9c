"""After units were renamed or merged (`formerly` in units.csv): what the old code holds passes to the new one.

Open tickets with their running clocks and open hands, and the people, invitations, commitments and unread notices of
the unit.  What is over keeps the old code: figures of the past stay what they were.  Safe to run twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import Move
from hotline import city as cities
from hotline.city import City
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.store.columns import col, table_of
from hotline.store.facts import Facts
from hotline.store.ids import new_id
from hotline.store.outbox import Notice
from hotline.store.people import PostRow
from hotline.store.reach import is_open
from hotline.store.requests import CommitmentRow, OpinionRow
from hotline.store.tickets import Assignment, ClockRow, Ticket, TicketRow, carry

TICKET, CLOCK, ASSIGNMENT, OPINION, POST, NOTICE, COMMITMENT = (
    table_of(TicketRow),
    table_of(ClockRow),
    table_of(Assignment),
    table_of(OpinionRow),
    table_of(PostRow),
    table_of(Notice),
    table_of(CommitmentRow),
)
Heirs = Mapping[str, str]


def heirs(city: City) -> dict[str, str]:
    """Return former code -> the unit that took its place."""
    return {code: unit.code for unit in city.rulebook.units for code in unit.formerly}


def waiting(db: Session, city: City) -> list[UUID]:
    """Return the open tickets that a former code holds, leads or helps; one statement, none where none is former."""
    old = list(heirs(city))
    if not old:
        return []
    helping = sa.select(col(Assignment.ticket_id)).where(
        col(Assignment.region) == city.region, col(Assignment.unit).in_(old), col(Assignment.ended_at).is_(None)
    )
    running = sa.select(col(ClockRow.ticket_id)).where(
        col(ClockRow.region) == city.region,
        col(ClockRow.unit).in_(old),
        col(ClockRow.outcome) == "",
        col(ClockRow.stopped_at).is_(None),
    )
    held = sa.or_(col(TicketRow.unit).in_(old), col(TicketRow.id).in_(helping), col(TicketRow.id).in_(running))
    return list(
        db.execute(sa.select(col(TicketRow.id)).where(*_open(city), held).order_by(col(TicketRow.id))).scalars()
    )


def batch(db: Session, city: City, ids: Sequence[UUID], now: datetime) -> int:
    """Pass these tickets on, each with its history line (单位变更); return how many passed."""
    known = heirs(city)
    query = (
        sa.select(TICKET).where(*_open(city), col(TicketRow.id).in_(ids)).order_by(col(TicketRow.id)).with_for_update()
    )
    held = carry(db, query)
    steps = [step for step in (_step(db, city, ticket, known, now) for ticket in held) if step.facts.renamed]
    if steps:
        moves.make_many(db, steps)
    keys = [ticket.id for ticket in held]
    hands = col(Assignment.ticket_id).in_(keys), col(Assignment.ended_at).is_(None)
    db.execute(_renamed(ASSIGNMENT, col(Assignment.unit), known).where(*hands))
    clocks = col(ClockRow.ticket_id).in_(keys), col(ClockRow.stopped_at).is_(None)
    db.execute(_renamed(CLOCK, col(ClockRow.unit), known).where(*clocks))
    _one_each(db, {ticket.id: ticket.unit for ticket in held}, now)
    return len(steps)


def others(db: Session, city: City, now: datetime) -> int:
    """Pass on what hangs on no held ticket: posts, invitations, commitments, unread notices; return how many posts."""
    known = heirs(city)
    if not known:
        return 0
    for code, heir in known.items():
        _pass_opinions(db, city.region, code, heir)
    unread = col(Notice.region) == city.region, col(Notice.read_at).is_(None)
    db.execute(_renamed(NOTICE, col(Notice.unit), known).where(*unread))
    owed = col(CommitmentRow.region) == city.region, col(CommitmentRow.settled_at).is_(None)
    db.execute(_renamed(COMMITMENT, col(CommitmentRow.unit), known).where(*owed))
    return _pass_posts(db, city.region, known, now)


def _renamed(table: sa.Table, unit: sa.Column[str], known: Heirs) -> sa.Update:
    return sa.update(table).where(unit.in_(list(known))).values({unit: sa.case(known, value=unit)})


def _open(city: City) -> tuple[sa.ColumnElement[bool], ...]:
    return col(TicketRow.region) == city.region, is_open()


def _step(db: Session, city: City, ticket: Ticket, known: Heirs, now: datetime) -> Step:
    """Return the line of a ticket; `renamed` is empty where another process has passed it on already."""
    unit = known.get(ticket.unit, ticket.unit)
    helpers = [code for code in dict.fromkeys(known.get(one, one) for one in ticket.helpers) if code != unit]
    renamed = {code: known[code] for code in (ticket.unit, *ticket.helpers) if code in known}
    names = {one.code: one.name for one in cities.rulebook_of(db, city, ticket.edition).units}
    said = "；".join(f"{names.get(old, old)}更名或合并为{city.unit_name(new)}" for old, new in renamed.items())
    why = dict(ticket.why)
    if why.get("owner") in known:
        why["owner"] = known[why["owner"]]
    return Step(
        ticket=ticket,
        move=Move.TRANSFER,
        actor=CLOCKWORK,
        at=now,
        note=said,
        public=True,
        facts=Facts(renamed=renamed),
        why={"route": f"{said}，在办工单和未停的时限由变更后的单位接续"},
        changes={"unit": unit, "helpers": helpers, "why": why},
    )


def _one_each(db: Session, leads: Mapping[UUID, str], now: datetime) -> None:
    """End the help of who became the lead, and all but one of helpers that became one unit."""
    hands = sa.select(col(Assignment.id), col(Assignment.ticket_id), col(Assignment.unit)).where(
        col(Assignment.ticket_id).in_(list(leads)), col(Assignment.role) == "help", col(Assignment.ended_at).is_(None)
    )
    answered_first = col(Assignment.answered_at).is_(None), col(Assignment.assigned_at), col(Assignment.id)
    spare = _spare(db.execute(hands.order_by(*answered_first)).all(), leads)
    if spare:
        left = {col(Assignment.ended_at): now, col(Assignment.ended_by): Move.TRANSFER}
        db.execute(sa.update(ASSIGNMENT).where(col(Assignment.id).in_(spare)).values(left))
    clocks = sa.select(col(ClockRow.id), col(ClockRow.ticket_id), col(ClockRow.unit)).where(
        col(ClockRow.ticket_id).in_(list(leads)), col(ClockRow.owner) == "helper", col(ClockRow.stopped_at).is_(None)
    )
    spare = _spare(db.execute(clocks.order_by(col(ClockRow.due_at), col(ClockRow.id))).all(), leads)
    if spare:
        outcome = sa.case((col(ClockRow.due_at) <= now, "late"), else_="void")
        over = {col(ClockRow.stopped_at): now, col(ClockRow.outcome): outcome, col(ClockRow.next_at): None}
        db.execute(sa.update(CLOCK).where(col(ClockRow.id).in_(spare)).values(over))


def _spare(rows: Sequence[sa.Row[Any]], leads: Mapping[UUID, str]) -> list[UUID]:
    seen, found = set[tuple[UUID, str]](), []
    for row in rows:
        key = row.ticket_id, row.unit
        if row.unit == leads[row.ticket_id] or key in seen:
            found.append(row.id)
        seen.add(key)
    return found


def _pass_opinions(db: Session, region: str, code: str, heir: str) -> None:
    """Let the heir speak in open disputes (会商); two units that became one have one voice."""
    twin = OPINION.alias("twin")
    spoken = (
        col(OpinionRow.ticket_id, twin) == col(OpinionRow.ticket_id),
        col(OpinionRow.convened_at, twin) == col(OpinionRow.convened_at),
        col(OpinionRow.unit, twin) == heir,
    )
    mine = col(OpinionRow.region) == region, col(OpinionRow.unit) == code, col(OpinionRow.ruled_at).is_(None)
    db.execute(sa.update(OPINION).where(*mine, ~sa.exists().where(*spoken)).values({col(OpinionRow.unit): heir}))
    db.execute(sa.delete(OPINION).where(*mine, col(OpinionRow.said_at).is_(None)))


def _pass_posts(db: Session, region: str, known: Heirs, now: datetime) -> int:
    """End the posts at former units and open the same at their heirs: who served where, and when, stays on record."""
    runs = sa.or_(col(PostRow.until).is_(None), col(PostRow.until) > now)
    where = col(PostRow.region) == region, col(PostRow.unit).in_(list(known)), col(PostRow.since) <= now, runs
    held = db.execute(sa.select(POST).where(*where).order_by(col(PostRow.id)).with_for_update()).mappings().all()
    if held:
        db.execute(
            sa.update(POST).where(col(PostRow.id).in_([row["id"] for row in held])).values({col(PostRow.until): now})
        )
        db.execute(
            POST.insert(),
            [dict(row) | {"id": new_id(now), "unit": known[row["unit"]], "since": now} for row in held],
        )
    return len(held)
