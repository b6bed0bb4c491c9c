"""Rows of look-ups by a caller's number: who, when, which number (by its keyed hash), how many tickets were found.

One row for a person, a number and a quarter of an hour: a form that asks again while it is typed is one look-up.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store.columns import Values, col, table_of

STEP, SPAN = 900, timedelta(hours=1)  # seconds one row stands for; what a rate is counted over
MOST_FOUND = 999


class LookupRow(SQLModel, table=True):
    """One look-up.  The number itself is nowhere; `caller` is what its ticket's caller is found by."""

    __tablename__ = "lookup"
    region: str = Field(primary_key=True, max_length=32)
    login: str = Field(primary_key=True, max_length=64)
    slot: int = Field(primary_key=True, sa_type=sa.Integer)
    phone_hash: str = Field(primary_key=True, max_length=64)
    at: datetime
    found: int = 0
    __table_args__ = (Index("ix_lookup_at", "region", "at"),)


LOOKUP = table_of(LookupRow)


def put(db: Session, region: str, login: str, phone_hash: str, found: sa.ScalarSelect[int], now: datetime) -> None:
    """Keep a look-up, in one statement; `found` counts its tickets."""
    insert = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert
    row: Values = {
        col(LookupRow.region): region,
        col(LookupRow.login): login,
        col(LookupRow.slot): _slot(now),
        col(LookupRow.phone_hash): phone_hash,
        col(LookupRow.at): now,
        col(LookupRow.found): found,
    }
    db.execute(insert(LOOKUP).values(row).on_conflict_do_nothing())


def kept(db: Session, region: str, login: str, phone_hash: str, now: datetime) -> bool:
    """Say whether this very look-up stands there already: then nothing is to be written."""
    same = (
        col(LookupRow.region) == region,
        col(LookupRow.login) == login,
        col(LookupRow.slot) == _slot(now),
        col(LookupRow.phone_hash) == phone_hash,
    )
    return db.execute(sa.select(col(LookupRow.at)).where(*same)).first() is not None


def numbers(db: Session, region: str, login: str, now: datetime, but: str) -> int:
    """Return how many different numbers a person looked up in the last hour, without this one."""
    lately = (
        col(LookupRow.region) == region,
        col(LookupRow.login) == login,
        col(LookupRow.slot) >= _slot(now - SPAN),
        col(LookupRow.at) > now - SPAN,
        col(LookupRow.phone_hash) != but,
    )
    found: int = db.execute(sa.select(sa.func.count(col(LookupRow.phone_hash).distinct())).where(*lately)).scalar_one()
    return found


def busiest(now: datetime) -> sa.Select[str, str, int]:
    """Return the query for (region, login, numbers) of the last hour, whoever looked up most first."""
    many = sa.func.count(col(LookupRow.phone_hash).distinct()).label("numbers")
    lately = (
        sa.select(col(LookupRow.region), col(LookupRow.login), many)
        .where(col(LookupRow.at) > now - SPAN)
        .group_by(col(LookupRow.region), col(LookupRow.login))
    )
    return lately.order_by(many.desc(), col(LookupRow.login))


def _slot(at: datetime) -> int:
    return int(at.timestamp()) // STEP
