"""Rows of calls through the switchboard: a code that is good once, for some minutes.  Only its keyed hash is kept."""

from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from hotline.store import bulk
from hotline.store.columns import col, table_of, values_of


class BridgeRow(SQLModel, table=True):
    """One code: for whose call, about which ticket, until when; used_at, used_by: the switchboard put it through."""

    __tablename__ = "bridge"
    region: str = Field(primary_key=True, max_length=32)
    code: str = Field(primary_key=True, max_length=64)
    ticket_id: UUID
    login: str = Field(max_length=64)
    until: datetime
    used_at: datetime | None = None
    used_by: str = Field(default="", max_length=64)


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for."""

    ticket_id: UUID
    login: str


def put(db: Session, region: str, code: str, ticket: UUID, login: str, until: datetime, now: datetime) -> bool:
    """Keep a code; False where the same code is still good.  Codes whose time is over make room."""
    table = table_of(BridgeRow)
    db.execute(
        sa.delete(table).where(
            col(BridgeRow.region) == region, col(BridgeRow.code) == code, col(BridgeRow.until) <= now
        )
    )
    row = values_of(BridgeRow, region=region, code=code, ticket_id=ticket, login=login, until=until)
    return bulk.insert_new(db, table, [row | {"used_at": None, "used_by": ""}]) == 1


def use(db: Session, region: str, code: str, by: str, now: datetime) -> Bridge | None:
    """Use a code up: who asks second, or too late, gets nothing."""
    table = table_of(BridgeRow)
    good = (
        col(BridgeRow.region) == region,
        col(BridgeRow.code) == code,
        col(BridgeRow.until) > now,
        col(BridgeRow.used_at).is_(None),
    )
    used = sa.update(table).where(*good).values({col(BridgeRow.used_at): now, col(BridgeRow.used_by): by})
    row = db.execute(used.returning(col(BridgeRow.ticket_id), col(BridgeRow.login))).first()
    return Bridge(**row._mapping) if row else None
