"""Rows of changes among grid leaders: leave (请假), and open work that passed to somebody else (移交)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.ids import new_id

RECENT_CHANGES = 30
LEAVE, HAND_OVER = "leave", "hand_over"


class StaffRow(SQLModel, table=True):
    """One change.  first, last: days away, both included;  back: first day there again, where that was sooner;

    taker and tickets are of a hand-over.  Nothing is deleted: a leave that is cancelled ends on its first day.
    """

    __tablename__ = "staff_change"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    login: str = Field(max_length=64)
    taker: str = Field(default="", max_length=64)
    tickets: int = 0
    first: date
    last: date
    back: date | None = None
    by: str = Field(max_length=64)
    at: datetime
    ended_by: str = Field(default="", max_length=64)
    changed_at: datetime
    __table_args__ = (
        Index("ix_staff_change_changed", "region", "changed_at"),
        Index("ix_staff_change_last", "region", "last"),
    )


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change as it is kept."""

    id: UUID
    kind: str
    login: str
    taker: str
    tickets: int
    first: date
    last: date
    back: date | None
    by: str
    at: datetime
    ended_by: str


def put(
    db: Session,
    region: str,
    kind: str,
    login: str,
    first: date,
    last: date,
    by: str,
    now: datetime,
    *,
    taker: str = "",
    tickets: int = 0,
) -> UUID:
    """Keep one (`taker` and `tickets` of a hand-over); return its id."""
    key = new_id(now)
    row = values_of(
        StaffRow,
        id=key,
        region=region,
        kind=kind,
        login=login,
        taker=taker,
        tickets=tickets,
        first=first,
        last=last,
        back=None,
        by=by,
        at=now,
        ended_by="",
        changed_at=now,
    )
    db.execute(table_of(StaffRow).insert(), row)
    return key


def leave(db: Session, region: str, key: UUID) -> Change | None:
    """Return one leave, locked; None where there is none."""
    query = _columns().where(col(StaffRow.region) == region, col(StaffRow.id) == key, col(StaffRow.kind) == LEAVE)
    row = db.execute(query.with_for_update()).first()
    return Change(**row._mapping) if row else None


def end(db: Session, key: UUID, back: date, by: str, now: datetime) -> None:
    """Write that somebody is there again from the day `back` on."""
    table = table_of(StaffRow)
    db.execute(
        table.update()
        .where(col(StaffRow.id) == key)
        .values({col(StaffRow.back): back, col(StaffRow.ended_by): by, col(StaffRow.changed_at): now})
    )


def leaves(db: Session, region: str, since: date) -> list[Change]:
    """Return the leaves that last to the day `since` or beyond, soonest first, in one statement."""
    where = col(StaffRow.region) == region, col(StaffRow.kind) == LEAVE, col(StaffRow.last) >= since
    query = _columns().where(*where, sa.or_(col(StaffRow.back).is_(None), col(StaffRow.back) > col(StaffRow.first)))
    return [Change(**row._mapping) for row in db.execute(query.order_by(col(StaffRow.first), col(StaffRow.login)))]


def recent(db: Session, region: str) -> list[Change]:
    """Return the newest changes, newest first, in one statement."""
    query = _columns().where(col(StaffRow.region) == region).order_by(col(StaffRow.at).desc(), col(StaffRow.id).desc())
    return [Change(**row._mapping) for row in db.execute(query.limit(RECENT_CHANGES))]


def spans(changes: Sequence[Change]) -> dict[str, list[tuple[date, date]]]:
    """Return login -> (first, last) day away, both included, as grids.leaders wants them."""
    found: dict[str, list[tuple[date, date]]] = {}
    for one in changes:
        last = one.last if one.back is None else min(one.last, date.fromordinal(one.back.toordinal() - 1))
        if last >= one.first:
            found.setdefault(one.login, []).append((one.first, last))
    return found


def _columns() -> sa.Select[Any]:
    return sa.select(*columns_of(StaffRow, Change.__struct_fields__))
