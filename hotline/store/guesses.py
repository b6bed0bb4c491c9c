"""Rows of wrong guesses at what only a citizen knows: how many under one key, and when the next may be made."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Index, Session, SQLModel

MOST_FORGOTTEN = 5000  # rows one turn takes out


class GuessRow(SQLModel, table=True):
    """Wrong guesses under one key (a hash: what people type may be anything).  Forgotten at `until`."""

    __tablename__ = "guess"
    key: str = Field(primary_key=True, max_length=80)
    fails: int
    free_at: datetime  # no guess is looked at before
    until: datetime
    __table_args__ = (Index("ix_guess_until", "until"),)


class Held(msgspec.Struct, frozen=True):
    """What is known of one key."""

    fails: int
    free_at: datetime


Rule = Callable[[str, int], tuple[datetime, datetime]]  # key, fails -> free_at, until


def held(db: Session, keys: Iterable[str], now: datetime, *, lock: bool = False) -> dict[str, Held]:
    """Return the keys under which there were wrong guesses that are not forgotten, in one statement.

    lock  nobody else counts under them until the transaction ends
    """
    table = SQLModel.metadata.tables["guess"]
    query = sa.select(table.c.key, table.c.fails, table.c.free_at).where(
        table.c.key.in_(list(keys)), table.c.until > now
    )
    query = query.order_by(table.c.key).with_for_update() if lock else query
    return {row.key: Held(row.fails, row.free_at) for row in db.execute(query)}


def count(db: Session, keys: Iterable[str], rule: Rule, now: datetime) -> None:
    """Count one more wrong guess under each key; two statements, the rows locked in their order."""
    table = SQLModel.metadata.tables["guess"]
    rows = [{"key": key, "fails": 1, "free_at": now, "until": now} for key in sorted(keys)]
    new = (sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert)(table).values(rows)
    counted = new.on_conflict_do_update(
        index_elements=["key"], set_={"fails": sa.case((table.c.until <= now, 1), else_=table.c.fails + 1)}
    ).returning(table.c.key, table.c.fails)
    ruled = {row.key: rule(row.key, row.fails) for row in db.execute(counted).all()}
    moment = table.c.until.type
    change = (
        sa.update(table)
        .where(table.c.key == sa.bindparam("which"))
        .values(free_at=sa.bindparam("free", type_=moment), until=sa.bindparam("gone", type_=moment))
    )
    db.execute(change, [{"which": key, "free": free, "gone": gone} for key, (free, gone) in sorted(ruled.items())])


def give_back(db: Session, keys: Iterable[str], now: datetime) -> None:
    """Take back one guess of each key, and the wait it brought."""
    table = SQLModel.metadata.tables["guess"]
    counted = sa.update(table).where(table.c.key.in_(list(keys)), table.c.fails > 0)
    db.execute(counted.values(fails=table.c.fails - 1, free_at=now))


def forget(db: Session, now: datetime, *keys: str) -> int:
    """Take out these keys, or a batch of those whose time is over; return how many.  Nobody waits for a row in use."""
    table = SQLModel.metadata.tables["guess"]
    old = sa.select(table.c.key).where(table.c.key.in_(keys) if keys else table.c.until <= now)
    old = old.limit(MOST_FORGOTTEN).with_for_update(skip_locked=True)
    return len(db.execute(sa.delete(table).where(table.c.key.in_(old)).returning(table.c.key)).all())
