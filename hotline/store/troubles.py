"""Rows of what needs a person: rows set aside by a round, tickets that lie still, a clock that jumped.

A round leaves out what is set aside (`aside`) until somebody puts it back (`hotline rounds retry`): one bad row never
stops its turn.  Everybody who tells of it (doctor, readyz, metrics, the dispatcher's desk) reads this one small table.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from hotline.store import bulk
from hotline.store.columns import col, columns_of, table_of

LONGEST_ERROR = 500  # characters of an error that are kept
# fmt: off
KINDS: dict[str, str] = {
    "hold":    "时钟跳变，到期处理已暂停",
    "clock":   "时限记录有误，已搁置",
    "triage":  "工单分派出错，已搁置",
    "lying":   "工单受理后无人分派",
    "owner":   "工单没有责任人的时限",
    "clocks":  "工单的时限补不上，已搁置",
    "pledge":  "答复承诺记录有误，已搁置",
    "filing":  "工单归档出错，已搁置",
    "figures": "工单统计出错，已搁置",
    "edition": "工单随规则换版出错，已搁置",
    "round":   "巡查中的一步出错",
}
# fmt: on


class TroubleRow(SQLModel, table=True):
    """One thing that needs a person.  The kinds are those of `KINDS`.

    key     of the row it is about, or made from a name (`named`);  ticket_id, number  of the ticket, where it has one
    told_at when those who can mend it got their notice
    """

    __tablename__ = "trouble"
    region: str = Field(primary_key=True, max_length=32)
    kind: str = Field(primary_key=True, max_length=16)
    key: UUID = Field(primary_key=True)
    ticket_id: UUID | None = None
    number: str = Field(default="", max_length=32)
    says: str = Field(default="", sa_type=sa.Text)
    at: datetime
    told_at: datetime | None = None


class BeatRow(SQLModel, table=True):
    """How far the rounds of one boot of one machine have got, by the wall clock and by one that cannot be set."""

    __tablename__ = "beat"
    boot: str = Field(primary_key=True, max_length=64)
    at: datetime
    steady: float  # seconds


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that needs a person."""

    region: str
    kind: str
    key: UUID
    ticket_id: UUID | None = None
    number: str = ""
    says: str = ""
    at: datetime


def named(name: str) -> UUID:
    """Return the key of what has none of its own."""
    return uuid5(NAMESPACE_OID, name)


def aside(region: str, kind: str, key: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition "not set aside" over a column of keys."""
    return ~sa.exists().where(
        col(TroubleRow.region) == region, col(TroubleRow.kind) == kind, col(TroubleRow.key) == key
    )


def note(db: Session, found: Collection[Trouble]) -> int:
    """Write down what is not written down yet; return how many were."""
    table = table_of(TroubleRow)
    rows = [msgspec.structs.asdict(one) | {"says": one.says[:LONGEST_ERROR], "told_at": None} for one in found]
    return bulk.insert_new(db, table, rows)


def clear(db: Session, region: str, kind: str, keys: Collection[UUID] | None = None) -> int:
    """Forget these troubles of a kind (None: all of it); return how many there were."""
    t = table_of(TroubleRow)
    where = [col(TroubleRow.region) == region, col(TroubleRow.kind) == kind] + (
        [col(TroubleRow.key).in_(list(keys))] if keys is not None else []
    )
    return len(db.execute(sa.delete(t).where(*where).returning(col(TroubleRow.key))).all())


def open_troubles(db: Session, region: str = "", kinds: Collection[str] = ()) -> list[Trouble]:
    """Return what needs a person, the oldest first, in one statement: of a region or all, of these kinds or all."""

    where = ([col(TroubleRow.region) == region] if region else []) + (
        [col(TroubleRow.kind).in_(list(kinds))] if kinds else []
    )
    query = (
        sa.select(*columns_of(TroubleRow, Trouble.__struct_fields__))
        .where(*where)
        .order_by(col(TroubleRow.at), col(TroubleRow.kind), col(TroubleRow.key))
    )
    return [Trouble(**row._mapping) for row in db.execute(query)]


def counted(db: Session) -> dict[str, int]:
    """Return how many there are of each kind, in one statement."""
    rows = db.execute(sa.select(col(TroubleRow.kind), sa.func.count().label("many")).group_by(col(TroubleRow.kind)))
    return {row.kind: row.many for row in rows}


def any_untold(db: Session, region: str) -> bool:
    """Return whether there is one nobody has had a notice of."""
    return (
        db.execute(
            sa.select(col(TroubleRow.key))
            .where(col(TroubleRow.region) == region, col(TroubleRow.told_at).is_(None))
            .limit(1)
        ).first()
        is not None
    )


def untold(db: Session, region: str, now: datetime) -> list[Trouble]:
    """Claim those nobody has had a notice of."""
    table = table_of(TroubleRow)
    mine = col(TroubleRow.region) == region, col(TroubleRow.told_at).is_(None)
    columns = columns_of(TroubleRow, Trouble.__struct_fields__)
    rows = db.execute(sa.update(table).where(*mine).values({col(TroubleRow.told_at): now}).returning(*columns))
    return sorted((Trouble(**row._mapping) for row in rows), key=lambda one: (one.at, one.kind, one.key))


def in_words(counts: Mapping[str, int]) -> str:
    """Return "时限记录有误，已搁置 2；…", "" for none."""
    return "；".join(f"{label} {counts[kind]}" for kind, label in KINDS.items() if counts.get(kind))
