"""After a change of the list of areas: old samples and open tickets pass to the areas that took theirs over.

One heir is certain.  Of several, the words of the text decide; what they do not decide waits for a person: the sample
is kept without an area, the ticket keeps its old code until somebody says.  Safe to run twice.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from classifiers import succession
from dispatch.lifecycle import OPEN, Move, State
from hotline.city import City
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.store.columns import col, table_of
from hotline.store.facts import Facts
from hotline.store.learning import SampleRow
from hotline.store.tickets import Ticket, TicketRow, carry

log = logging.getLogger(__name__)
SAMPLE, TICKET = table_of(SampleRow), table_of(TicketRow)
MOVABLE = sorted(state.value for state in OPEN - {State.ANSWERED})  # what `classify` may be made from


def samples(db: Session, city: City, limit: int = 1000) -> Counter[str]:
    """Relabel up to `limit` samples of earlier editions; return how many were kept, passed on, or left undecided."""
    stale = col(SampleRow.region) == city.region, col(SampleRow.edition) != city.taxonomy.edition
    query = sa.select(
        col(SampleRow.key), col(SampleRow.text), col(SampleRow.title), col(SampleRow.area), col(SampleRow.first_area)
    ).where(*stale)
    rows = db.execute(query.limit(limit)).all()
    told: Counter[str] = Counter()
    changes = []
    for row in rows:
        area = _heir(city, row)
        told["undecided" if not area else "kept" if area == row.area else "passed"] += 1
        changes.append({"which": row.key, "new": area})
    if changes:
        one = sa.update(SAMPLE).where(col(SampleRow.region) == city.region, col(SampleRow.key) == sa.bindparam("which"))
        db.execute(
            one.values({col(SampleRow.area): sa.bindparam("new"), col(SampleRow.edition): city.taxonomy.edition}),
            changes,
        )
    return told


def _heir(city: City, row: Any) -> str:
    """Return the area of a sample from now on; "" for one that cannot be read: it waits for a person."""
    try:
        return succession.relabel(row.area or row.first_area, row.text, row.title, city.taxonomy)
    except Exception:
        log.exception("sample %s is left to a person", row.key)
        return ""


def forecast(db: Session, city: City, taxonomy: Any) -> Counter[str]:
    """Return what `samples` would do under another taxonomy, counted; nothing is written."""
    told: Counter[str] = Counter()
    query = sa.select(col(SampleRow.text), col(SampleRow.title), col(SampleRow.area), col(SampleRow.first_area))
    for row in db.execute(query.where(col(SampleRow.region) == city.region)):
        old = row.area or row.first_area
        area = succession.relabel(old, row.text, row.title, taxonomy)
        told["undecided" if not area else "kept" if area == old else "passed"] += 1
    return told


def waiting(db: Session, city: City) -> list[UUID]:
    """Return the open tickets whose area the edition in force no longer has."""
    known = [area.code for area in city.taxonomy.areas]
    where = (
        col(TicketRow.region) == city.region,
        col(TicketRow.state).in_(MOVABLE),
        col(TicketRow.area) != "",
        col(TicketRow.area).not_in(known),
    )
    return list(db.execute(sa.select(col(TicketRow.id)).where(*where).order_by(col(TicketRow.id))).scalars())


def batch(db: Session, city: City, ids: Sequence[UUID], now: datetime) -> int:
    """Give these tickets the area that took theirs over, each with its history line; return how many got one."""
    where = col(TicketRow.region) == city.region, col(TicketRow.id).in_(ids), col(TicketRow.state).in_(MOVABLE)
    held = carry(db, sa.select(TICKET).where(*where).order_by(col(TicketRow.id)).with_for_update())
    steps = [step for step in (_step(city, ticket, now) for ticket in held) if step is not None]
    if steps:
        moves.make_many(db, steps)
    return len(steps)


def _step(city: City, ticket: Ticket, now: datetime) -> Step | None:
    area = succession.relabel(ticket.area, ticket.text, ticket.title, city.taxonomy)
    if not area or area == ticket.area:
        return None
    why = f"事项表换版，原编码 {ticket.area} 改为“{city.area_label(area)}”"
    return Step(
        ticket=ticket,
        move=Move.CLASSIFY,
        actor=CLOCKWORK,
        at=now,
        why={"classify": why},
        facts=Facts(area=area, urgency=ticket.urgency),
        changes={"area": area, "why": {**ticket.why, "classify": why}},
    )
