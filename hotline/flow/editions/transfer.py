"""A unit was renamed or merged (`formerly` in units.csv): what its old code holds passes to the new one.

Open tickets with their running clocks and open hands, and the people, invitations, commitments and unread notices of
the unit.  What is over keeps the old code: figures of the past stay what they were.  Safe to run twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from hotline import city as cities
from hotline.city import City
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.store.ids import new_id
from hotline.store.reach import is_open
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket, carry

TICKET, CLOCK, ASSIGNMENT, OPINION, POST, NOTICE, COMMITMENT = (
    METADATA.tables[name] for name in ("ticket", "clock", "assignment", "opinion", "post", "notice", "commitment")
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
    helping = sa.select(ASSIGNMENT.c.ticket_id).where(
        ASSIGNMENT.c.region == city.region, ASSIGNMENT.c.unit.in_(old), ASSIGNMENT.c.ended_at.is_(None)
    )
    running = sa.select(CLOCK.c.ticket_id).where(
        CLOCK.c.region == city.region, CLOCK.c.unit.in_(old), CLOCK.c.outcome == "", CLOCK.c.stopped_at.is_(None)
    )
    held = sa.or_(TICKET.c.unit.in_(old), TICKET.c.id.in_(helping), TICKET.c.id.in_(running))
    return list(db.execute(sa.select(TICKET.c.id).where(*_open(city), held).order_by(TICKET.c.id)).scalars())


def batch(db: Session, city: City, ids: Sequence[UUID], now: datetime) -> int:
    """Pass these tickets on, each with its history line (单位变更); return how many passed."""
    known = heirs(city)
    query = sa.select(TICKET).where(*_open(city), TICKET.c.id.in_(ids)).order_by(TICKET.c.id).with_for_update()
    held = carry(db, query)
    steps = [step for step in (_step(db, city, ticket, known, now) for ticket in held) if step.facts["renamed"]]
    if steps:
        moves.make_many(db, steps)
    keys = [ticket.id for ticket in held]
    for table, lasts in ((ASSIGNMENT, ASSIGNMENT.c.ended_at), (CLOCK, CLOCK.c.stopped_at)):
        where = table.c.ticket_id.in_(keys), lasts.is_(None), table.c.unit.in_(list(known))
        db.execute(sa.update(table).where(*where).values(unit=sa.case(known, value=table.c.unit)))
    _one_each(db, {ticket.id: ticket.unit for ticket in held}, now)
    return len(steps)


def others(db: Session, city: City, now: datetime) -> int:
    """Pass on what hangs on no held ticket: posts, invitations, commitments, unread notices; return how many posts."""
    known = heirs(city)
    if not known:
        return 0
    for code, heir in known.items():
        _pass_opinions(db, city.region, code, heir)
    for table, lasts in ((NOTICE, NOTICE.c.read_at), (COMMITMENT, COMMITMENT.c.settled_at)):
        where = table.c.region == city.region, lasts.is_(None), table.c.unit.in_(list(known))
        db.execute(sa.update(table).where(*where).values(unit=sa.case(known, value=table.c.unit)))
    return _pass_posts(db, city.region, known, now)


def _open(city: City) -> tuple[sa.ColumnElement[bool], ...]:
    return TICKET.c.region == city.region, is_open()


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
        move="transfer",
        actor=CLOCKWORK,
        at=now,
        note=said,
        public=True,
        facts={"renamed": renamed},
        why={"route": f"{said}，在办工单和未停的时限由变更后的单位接续"},
        changes={"unit": unit, "helpers": helpers, "why": why},
    )


def _one_each(db: Session, leads: Mapping[UUID, str], now: datetime) -> None:
    """End the help of who became the lead, and all but one of helpers that became one unit."""
    hands = sa.select(ASSIGNMENT.c.id, ASSIGNMENT.c.ticket_id, ASSIGNMENT.c.unit).where(
        ASSIGNMENT.c.ticket_id.in_(list(leads)), ASSIGNMENT.c.role == "help", ASSIGNMENT.c.ended_at.is_(None)
    )
    answered_first = ASSIGNMENT.c.answered_at.is_(None), ASSIGNMENT.c.assigned_at, ASSIGNMENT.c.id
    spare = _spare(db.execute(hands.order_by(*answered_first)).all(), leads)
    if spare:
        over = {"ended_at": now, "ended_by": "transfer"}
        db.execute(sa.update(ASSIGNMENT).where(ASSIGNMENT.c.id.in_(spare)).values(over))
    clocks = sa.select(CLOCK.c.id, CLOCK.c.ticket_id, CLOCK.c.unit).where(
        CLOCK.c.ticket_id.in_(list(leads)), CLOCK.c.owner == "helper", CLOCK.c.stopped_at.is_(None)
    )
    spare = _spare(db.execute(clocks.order_by(CLOCK.c.due_at, CLOCK.c.id)).all(), leads)
    if spare:
        outcome = sa.case((CLOCK.c.due_at <= now, "late"), else_="void")
        over = {"stopped_at": now, "outcome": outcome, "next_at": None}
        db.execute(sa.update(CLOCK).where(CLOCK.c.id.in_(spare)).values(over))


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
    spoken = twin.c.ticket_id == OPINION.c.ticket_id, twin.c.convened_at == OPINION.c.convened_at, twin.c.unit == heir
    mine = OPINION.c.region == region, OPINION.c.unit == code, OPINION.c.ruled_at.is_(None)
    db.execute(sa.update(OPINION).where(*mine, ~sa.exists().where(*spoken)).values(unit=heir))
    db.execute(sa.delete(OPINION).where(*mine, OPINION.c.said_at.is_(None)))


def _pass_posts(db: Session, region: str, known: Heirs, now: datetime) -> int:
    """End the posts at former units and open the same at their heirs: who served where, and when, stays on record."""
    runs = sa.or_(POST.c.until.is_(None), POST.c.until > now)
    where = POST.c.region == region, POST.c.unit.in_(list(known)), POST.c.since <= now, runs
    held = db.execute(sa.select(POST).where(*where).order_by(POST.c.id).with_for_update()).mappings().all()
    if held:
        db.execute(sa.update(POST).where(POST.c.id.in_([row["id"] for row in held])).values(until=now))
        db.execute(
            POST.insert(),
            [dict(row) | {"id": new_id(now), "unit": known[row["unit"]], "since": now} for row in held],
        )
    return len(held)
