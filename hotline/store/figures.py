"""Rows of the daily figures: what each ticket counts for, and the sums by day and by one dimension at a time.

A ticket whose `seq` is not its `counted_seq` has changed since it was counted (`ix_ticket_uncounted`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store.columns import col, table_of
from hotline.store.tickets import ClockRow, Entry, Json, TicketRow, verbatim

WHOLE = ""  # the dimension of the sums of all, and among a ticket's counts those that are no unit's own
DIMENSIONS: dict[str, str] = {"unit": "单位", "street": "街道", "grid": "网格", "area": "事项", "source": "来源"}
UNCOUNTED_PROBED = 1000  # uncounted tickets looked at to say since when; more are "at least so many"


class CountedRow(SQLModel, table=True):
    """What a ticket counts for now, so that a change can take back the old counts before it adds the new.

    keys    dimension -> the keys it counts under: {"street": ["990101001"], "area": ["0101", "01"], ...}
    counts  "" or a unit -> the names it counts for there, once each: {"": ["received", "solve"], "hwzx": [...]}
    """

    __tablename__ = "counted"
    ticket_id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    day: str = Field(max_length=10)  # the city's day it was received on
    keys: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class TallyRow(SQLModel, table=True):
    """One count of one day: of the whole (dimension "") or of one unit, street, grid, area or source."""

    __tablename__ = "tally"
    region: str = Field(primary_key=True, max_length=32)
    day: str = Field(primary_key=True, max_length=10)
    dimension: str = Field(primary_key=True, max_length=16)
    key: str = Field(primary_key=True, max_length=64)
    name: str = Field(primary_key=True, max_length=32)
    value: int = 0
    __table_args__ = (Index("ix_tally_key", "region", "dimension", "key", "day"),)


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How far the sums have got: all that happened before `as_of` is in them; `behind` tickets still wait."""

    as_of: datetime
    behind: int


def put(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of `counted` over what stood there, in one statement."""
    _upsert(db, table_of(CountedRow), rows, "")


def add(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add the values to the sums of `tally`, in one statement; two who add at once take the rows in one order."""
    _upsert(db, table_of(TallyRow), rows, "value")


def sums(
    db: Session, region: str, days: Sequence[str], by: dict[str, Sequence[str] | None], name: str = ""
) -> dict[tuple[str, str], dict[str, int]]:
    """Return (dimension, key) -> name -> sum over the days, in one statement.

    by  dimension -> its keys, None = all;  name  only this count
    """
    which = [
        col(TallyRow.dimension) == one
        if keys is None
        else sa.and_(col(TallyRow.dimension) == one, col(TallyRow.key).in_(keys))
        for one, keys in by.items()
    ]
    where = [
        col(TallyRow.region) == region,
        col(TallyRow.day).in_(days),
        col(TallyRow.dimension).in_(list(by)),
        sa.or_(*which),
    ]
    where += [col(TallyRow.name) == name] if name else []
    query = sa.select(
        col(TallyRow.dimension), col(TallyRow.key), col(TallyRow.name), sa.func.sum(col(TallyRow.value))
    ).where(*where)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for dimension, key, counted, value in db.execute(
        query.group_by(col(TallyRow.dimension), col(TallyRow.key), col(TallyRow.name))
    ):
        if value:
            found.setdefault((dimension, key), {})[counted] = int(value)
    return found


def by_day(db: Session, region: str, days: Sequence[str], dimension: str, key: str, name: str) -> dict[str, int]:
    """Return one count day by day, in one statement; days without any are 0."""
    where = (
        col(TallyRow.region) == region,
        col(TallyRow.day).in_(days),
        col(TallyRow.dimension) == dimension,
        col(TallyRow.key) == key,
        col(TallyRow.name) == name,
    )
    found = {
        day: int(value) for day, value in db.execute(sa.select(col(TallyRow.day), col(TallyRow.value)).where(*where))
    }
    return {day: found.get(day, 0) for day in days}


def freshness(db: Session, region: str, now: datetime) -> Freshness:
    """Return how far the sums have got, in one statement: the first change, or the first limit, not yet counted."""
    first = sa.case((col(TicketRow.counted_seq) < 1, 1), else_=col(TicketRow.counted_seq) + 1)
    since = (
        sa.select(col(Entry.at))
        .where(col(Entry.ticket_id) == col(TicketRow.id), col(Entry.seq) == first)
        .scalar_subquery()
    )
    order = col(TicketRow.region), col(TicketRow.id)
    waits = sa.select(since.label("at")).where(*uncounted(region)).order_by(*order)
    some = waits.limit(UNCOUNTED_PROBED).subquery()
    ran_out = sa.select(sa.func.min(col(ClockRow.due_at))).where(
        col(ClockRow.region) == region, unjudged(), col(ClockRow.due_at) <= now
    )
    query = sa.select(sa.func.count(), sa.func.min(some.c.at), ran_out.scalar_subquery()).select_from(some)
    behind, changed, late = db.execute(query).one()
    return Freshness(as_of=min([now, *(one for one in (changed, late) if one is not None)]), behind=behind)


def one_snapshot(db: Session) -> None:
    """Let every statement of this transaction see the same moment.  Call it first in a transaction that only reads."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def uncounted(region: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return what finds the uncounted tickets of a region in `ix_ticket_uncounted`; order them by region and id.

    PostgreSQL takes two columns for nearly always unequal, and would read all tickets in the order of their ids: a
    range of one region keeps the order one that the index has and the primary key has not.
    """
    here = col(TicketRow.region) >= region, col(TicketRow.region) <= region
    return *here, col(TicketRow.seq) != col(TicketRow.counted_seq)


def unjudged() -> sa.ColumnElement[bool]:
    """Return the predicate of `ix_clock_verdict`, word for word, less the clocks that stand still."""
    return sa.and_(verbatim("clock.outcome = ''"), verbatim("clock.paused_at IS NULL"))


def _upsert(db: Session, table: sa.Table, rows: Sequence[dict[str, Any]], adds: str) -> None:
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in key]
    if db.get_bind().dialect.name == "sqlite":
        given = sqlite_insert(table)
        new = {name: table.c[name] + given.excluded[name] if name == adds else given.excluded[name] for name in rest}
        db.execute(given.on_conflict_do_update(index_elements=key, set_=new), rows)
        return
    names = [*key, *rest]
    new_ones = ", ".join(f"{one} = {f'{table.name}.{one} + ' if one == adds else ''}excluded.{one}" for one in rest)
    statement = sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(f'row.{one}' for one in names)} "
        f"FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb)) AS row "
        f"ORDER BY {', '.join(f'row.{one}' for one in key)} "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {new_ones}"
    )
    db.execute(statement, {"rows": msgspec.json.encode(rows).decode()})
