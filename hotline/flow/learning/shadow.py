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
from dispatch.lifecycle import SETTLED, Move
from hotline import city as cities
from hotline.city import City
from hotline.flow import classify
from hotline.store import bulk, facts
from hotline.store.columns import col, table_of, values_of
from hotline.store.facts import Facts
from hotline.store.ids import first_id
from hotline.store.learning import ModelRow, ShadowRow
from hotline.store.tickets import Entry, TicketRow

SHADOW, TICKET = table_of(ShadowRow), table_of(TicketRow)
SHADOWED_A_TURN = 200
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
    query = sa.select(col(ModelRow.id), col(ModelRow.data), col(ModelRow.digest), col(ModelRow.at))
    held = db.execute(query.where(col(ModelRow.region) == city.region, col(ModelRow.shadow))).first()
    if held is None:
        return 0
    last = (
        sa.select(col(ShadowRow.ticket_id))
        .where(col(ShadowRow.model_id) == held.id)
        .order_by(col(ShadowRow.ticket_id).desc())
    )
    after = db.execute(last.limit(1)).scalar_one_or_none() or first_id(held.at)
    first = _first_guess()
    rows = db.execute(
        sa.select(
            col(TicketRow.id),
            col(TicketRow.title),
            col(TicketRow.text),
            first["guess"].label("was"),
            first["sure"].label("sure"),
        )
        .where(
            col(TicketRow.region) == city.region, col(TicketRow.id) > after, col(TicketRow.id) < first_id(now - LATER)
        )
        .where(col(TicketRow.seq) > 1, col(TicketRow.quiet).is_(False))
        .order_by(col(TicketRow.id))
        .limit(SHADOWED_A_TURN)
    ).all()
    if rows:
        model = from_bytes(cities.unsealed(held.data, held.digest), city.taxonomy)
        asked = msgspec.structs.replace(city, model=model)
        bulk.insert_new(db, SHADOW, _answers(asked, held.id, rows, now))
    return len(rows)


def run(db: Session, region: str, model: UUID) -> Run:
    """Return what the shadow run of a model came to so far, in one statement."""
    settled = sa.and_(col(TicketRow.state).in_(sorted(SETTLED)), col(TicketRow.area) != "")
    counts = {
        "n": sa.true(),
        "same": col(ShadowRow.area) == col(ShadowRow.was),
        "settled": settled,
        "right": sa.and_(settled, col(ShadowRow.area) == col(TicketRow.area)),
        "was_right": sa.and_(settled, col(ShadowRow.was) == col(TicketRow.area)),
        "automatic": col(ShadowRow.automatic),
        "was_automatic": col(ShadowRow.was_automatic),
    }
    sums = [sa.func.coalesce(sa.func.sum(sa.case((what, 1), else_=0)), 0).label(name) for name, what in counts.items()]
    where = col(ShadowRow.region) == region, col(ShadowRow.model_id) == model
    row = db.execute(sa.select(*sums).join(TICKET, col(TicketRow.id) == col(ShadowRow.ticket_id)).where(*where)).one()
    return Run(**{name: int(value) for name, value in row._mapping.items()})


def _first_guess() -> dict[str, sa.ScalarSelect[str]]:
    """Return what the model in use said of a ticket when it came, from its history."""
    said = (
        col(Entry.ticket_id) == col(TicketRow.id),
        col(Entry.move) == Move.CLASSIFY,
        col(Entry.actor) == "clockwork",
    )
    return {
        name: sa.select(fact).where(*said).order_by(col(Entry.seq)).limit(1).scalar_subquery()
        for name, fact in (("guess", facts.text(Facts.guess)), ("sure", facts.text(Facts.sure)))
    }


def _answers(city: City, key: UUID, rows: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    """Return what the city's model says of each; of a ticket it fails on nothing, and the run goes on behind it."""
    try:
        return _asked(city, key, rows, now)
    except Exception:
        if len(rows) > 1:
            return [one for row in rows for one in _answers(city, key, [row], now)]
        log.exception("the model in shadow fails on ticket %s", rows[0].id)
        return [_row(city, key, rows[0], "", False, now)]


def _asked(city: City, key: UUID, rows: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    texts, titles = [row.text for row in rows], [row.title for row in rows]
    return [
        _row(city, key, row, guess.candidates[0].area if guess.candidates else "", guess.area is not None, now)
        for row, guess in zip(rows, classify.guess_many(city, texts, titles), strict=True)
    ]


def _row(city: City, key: UUID, row: Any, area: str, automatic: bool, now: datetime) -> dict[str, Any]:
    return values_of(
        ShadowRow,
        model_id=key,
        ticket_id=row.id,
        region=city.region,
        area=area,
        automatic=automatic,
        was=row.was or "",
        was_automatic=row.sure == "yes",
        at=now,
    )
