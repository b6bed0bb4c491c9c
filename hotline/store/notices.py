"""Reads notices (站内通知) of a person, a unit or a role: the newest, what is unread, marking them read."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from hotline.store import veil
from hotline.store.columns import col, columns_of, table_of
from hotline.store.lists import Sight
from hotline.store.outbox import Notice
from hotline.store.tickets import TicketRow

NOTICE, TICKET = table_of(Notice), table_of(TicketRow)
MOST_UNREAD = 100


class NoticeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One message to the person or the unit."""

    id: UUID
    number: str
    kind: str
    text: str
    at: datetime
    read_at: datetime | None


def notices(
    db: Session, sight: Sight, *, login: str, unit: str = "", role: str = "", size: int = 30, before: UUID | None = None
) -> list[NoticeLine]:
    """Return the newest messages to the person, to the person's unit and role, in one statement.

    before  only what is older than this message: the last one of the page before
    """
    columns = columns_of(Notice, NoticeLine.__struct_fields__)
    newest = _newest(sight, login, unit, role, size, before)
    of = sa.and_(col(TicketRow.region) == col(Notice.region), col(TicketRow.number) == col(Notice.number))
    query = sa.select(
        *columns, sa.func.coalesce(col(TicketRow.confidential), sa.false()).label("confidential"), veil.hidden_name()
    )
    query = query.join(TICKET, of, isouter=True).where(col(Notice.id).in_(sa.select(col(Notice.id, newest))))
    found = db.execute(query.order_by(col(Notice.id).desc()).limit(size))
    return [_notice(dict(row._mapping), sight) for row in found]


def _notice(values: dict[str, Any], sight: Sight) -> NoticeLine:
    read = sight.reads(values.pop("confidential"), values.pop("name_sealed"))
    return NoticeLine(**values | {"text": read.text(values["text"])})


def unread(db: Session, sight: Sight, *, login: str, unit: str = "", role: str = "") -> int:
    """Return how many of the newest messages have not been read, at most MOST_UNREAD of each box."""
    newest = _newest(sight, login, unit, role, MOST_UNREAD)
    query = sa.select(sa.func.count()).select_from(newest).where(col(Notice.read_at, newest).is_(None))
    found: int = db.execute(query).scalar_one()
    return found


def read_notices(
    db: Session, sight: Sight, *, login: str, unit: str, role: str = "", now: datetime, newest: UUID | None = None
) -> None:
    """Mark the messages, up to the `newest` that was shown, as read; those to a unit or a role for all of them."""
    mine = sa.or_(*(sa.and_(*box) for box in _boxes(sight, login, unit, role)))
    shown = [col(Notice.id) <= newest] if newest else []
    db.execute(sa.update(NOTICE).where(mine, col(Notice.read_at).is_(None), *shown).values({col(Notice.read_at): now}))


def _newest(sight: Sight, login: str, unit: str, role: str, size: int, before: UUID | None = None) -> sa.Subquery:
    """Return the newest messages of each box: one short range of an index each, however long the past is."""
    older = [col(Notice.id) < before] if before else []
    each = [
        sa.select(col(Notice.id), col(Notice.read_at))
        .where(*box, *older)
        .order_by(col(Notice.id).desc())
        .limit(size)
        .subquery()
        for box in _boxes(sight, login, unit, role)
    ]
    return sa.union_all(*(sa.select(one) for one in each)).subquery()


def _boxes(sight: Sight, login: str, unit: str, role: str) -> list[tuple[sa.ColumnElement[bool], ...]]:
    """Return the conditions of the boxes a person reads: the own, the role's, the unit's.  Nothing is in two of them"""
    region = col(Notice.region) == sight.region
    to = [name for name in (login, role and f"@{role}") if name]
    boxes = [(region, col(Notice.login) == name) for name in to]
    return boxes + ([(region, col(Notice.unit) == unit, col(Notice.login) == "")] if unit else []) or [(sa.false(),)]
