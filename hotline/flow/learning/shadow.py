"""A model in shadow (旁路试跑): it is asked about every new ticket after the fact, and changes nothing.

What it would have said stands beside what the model in use said; once the ticket is settled, the two can be told apart.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers.model import from_bytes
from dispatch.lifecycle import SETTLED
from hotline import city as cities
from hotline.city import City
from hotline.flow import classify
from hotline.store import bulk
from hotline.store.ids import first_id
from hotline.store.schema import METADATA

SHADOW, MODEL, TICKET, ENTRY = (METADATA.tables[name] for name in ("shadow", "model", "ticket", "entry"))
BATCH = 200
log = logging.getLogger(__name__)
LATER = timedelta(hours=1)  # by then triage has seen a ticket, and no older one can still arrive


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a shadow run came to: of `n` tickets both said the same of `same`, and of the `settled` each was right."""

    n: int
    same: int
    settled: int
    right: int
    was_right: int
    automatic: int
    was_automatic: int


def turn(db: Session, city: City, now: datetime) -> int:
    """Ask the model in shadow about the next tickets; return how many, 0 without such a model or nothing new."""
    query = sa.select(MODEL.c.id, MODEL.c.data, MODEL.c.digest, MODEL.c.at)
    held = db.execute(query.where(MODEL.c.region == city.region, MODEL.c.shadow)).first()
    if held is None:
        return 0
    last = sa.select(SHADOW.c.ticket_id).where(SHADOW.c.model_id == held.id).order_by(SHADOW.c.ticket_id.desc())
    after = db.execute(last.limit(1)).scalar_one_or_none() or first_id(held.at)
    first = _first_guess()
    rows = db.execute(
        sa.select(TICKET.c.id, TICKET.c.title, TICKET.c.text, first["guess"].label("was"), first["sure"].label("sure"))
        .where(TICKET.c.region == city.region, TICKET.c.id > after, TICKET.c.id < first_id(now - LATER))
        .where(TICKET.c.seq > 1, TICKET.c.quiet.is_(False))
        .order_by(TICKET.c.id)
        .limit(BATCH)
    ).all()
    if rows:
        model = from_bytes(cities.unsealed(held.data, held.digest), city.taxonomy)
        asked = msgspec.structs.replace(city, model=model)
        bulk.insert_new(db, SHADOW, _answers(asked, held.id, rows, now))
    return len(rows)


def run(db: Session, region: str, model: UUID) -> Run:
    """Return what the shadow run of a model came to so far, in one statement."""
    settled = sa.and_(TICKET.c.state.in_(sorted(SETTLED)), TICKET.c.area != "")
    counts = {
        "n": sa.true(),
        "same": SHADOW.c.area == SHADOW.c.was,
        "settled": settled,
        "right": sa.and_(settled, SHADOW.c.area == TICKET.c.area),
        "was_right": sa.and_(settled, SHADOW.c.was == TICKET.c.area),
        "automatic": SHADOW.c.automatic,
        "was_automatic": SHADOW.c.was_automatic,
    }
    sums = [sa.func.coalesce(sa.func.sum(sa.case((what, 1), else_=0)), 0).label(name) for name, what in counts.items()]
    where = SHADOW.c.region == region, SHADOW.c.model_id == model
    row = db.execute(sa.select(*sums).join(TICKET, TICKET.c.id == SHADOW.c.ticket_id).where(*where)).one()
    return Run(**{name: int(value) for name, value in row._mapping.items()})


def _first_guess() -> dict[str, sa.ScalarSelect[str]]:
    """Return what the model in use said of a ticket when it came, from its history."""
    said = (ENTRY.c.ticket_id == TICKET.c.id, ENTRY.c.move == "classify", ENTRY.c.actor == "clockwork")
    return {
        name: sa.select(ENTRY.c.facts[name].as_string()).where(*said).order_by(ENTRY.c.seq).limit(1).scalar_subquery()
        for name in ("guess", "sure")
    }


def _answers(city: City, key: UUID, rows: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    """Return what the city's model says of each; of a ticket it fails on nothing, and the run goes on behind it."""
    try:
        return _asked(city, key, rows, now)
    except Exception:
        if len(rows) > 1:
            return [one for row in rows for one in _answers(city, key, [row], now)]
        log.exception("the model in shadow fails on ticket %s", rows[0].id)
        nothing = {"area": "", "automatic": False, "was": rows[0].was or "", "was_automatic": rows[0].sure == "yes"}
        return [{"model_id": key, "ticket_id": rows[0].id, "region": city.region, "at": now} | nothing]


def _asked(city: City, key: UUID, rows: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    texts, titles = [row.text for row in rows], [row.title for row in rows]
    return [
        {
            "model_id": key,
            "ticket_id": row.id,
            "region": city.region,
            "area": guess.candidates[0].area if guess.candidates else "",
            "automatic": guess.area is not None,
            "was": row.was or "",
            "was_automatic": row.sure == "yes",
            "at": now,
        }
        for row, guess in zip(rows, classify.guess_many(city, texts, titles), strict=True)
    ]
