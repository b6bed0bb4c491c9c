"""Rows of wrong guesses at what only a citizen knows: how many under one key, and when the next may be made."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store.columns import col, table_of, values_of

MOST_FORGOTTEN = 5000  # rows one turn takes out


class GuessRow(SQLModel, table=True):
    """Wrong guesses under one key (a hash: what people type may be anything).  Forgotten at `until`."""

    __tablename__ = "guess"
    key: str = Field(primary_key=True, max_length=80)
    fails: int
    free_at: datetime  # no guess is looked at before
    until: datetime
    __table_args__ = (Index("ix_guess_until", "until"),)


class WrongGuesses(msgspec.Struct, frozen=True):
    """What is known of one key."""

    fails: int
    free_at: datetime


Rule = Callable[[str, int], tuple[datetime, datetime]]  # key, fails -> free_at, until


def wrong_guesses(db: Session, keys: Iterable[str], now: datetime, *, lock: bool = False) -> dict[str, WrongGuesses]:
    """Return the keys under which there were wrong guesses that are not forgotten, in one statement.

    lock  nobody else counts under them until the transaction ends
    """
    query = sa.select(col(GuessRow.key), col(GuessRow.fails), col(GuessRow.free_at)).where(
        col(GuessRow.key).in_(list(keys)), col(GuessRow.until) > now
    )
    query = query.order_by(col(GuessRow.key)).with_for_update() if lock else query
    return {row.key: WrongGuesses(row.fails, row.free_at) for row in db.execute(query)}


def count(db: Session, keys: Iterable[str], rule: Rule, now: datetime) -> None:
    """Count one more wrong guess under each key; two statements, the rows locked in their order."""
    table = table_of(GuessRow)
    rows = [values_of(GuessRow, key=key, fails=1, free_at=now, until=now) for key in sorted(keys)]
    new = (sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert)(table).values(rows)
    counted = new.on_conflict_do_update(
        index_elements=[col(GuessRow.key)],
        set_={col(GuessRow.fails): sa.case((col(GuessRow.until) <= now, 1), else_=col(GuessRow.fails) + 1)},
    ).returning(col(GuessRow.key), col(GuessRow.fails))
    ruled = {row.key: rule(row.key, row.fails) for row in db.execute(counted).all()}
    moment = col(GuessRow.until).type
    times = {
        col(GuessRow.free_at): sa.bindparam("free", type_=moment),
        col(GuessRow.until): sa.bindparam("gone", type_=moment),
    }
    change = sa.update(table).where(col(GuessRow.key) == sa.bindparam("which")).values(times)
    db.execute(change, [{"which": key, "free": free, "gone": gone} for key, (free, gone) in sorted(ruled.items())])


def give_back(db: Session, keys: Iterable[str], now: datetime) -> None:
    """Take back one guess of each key, and the wait it brought."""
    table = table_of(GuessRow)
    counted = sa.update(table).where(col(GuessRow.key).in_(list(keys)), col(GuessRow.fails) > 0)
    db.execute(counted.values({col(GuessRow.fails): col(GuessRow.fails) - 1, col(GuessRow.free_at): now}))


def forget(db: Session, now: datetime, *keys: str) -> int:
    """Take out these keys, or a batch of those whose time is over; return how many.  Nobody waits for a row in use."""
    table = table_of(GuessRow)
    old = sa.select(col(GuessRow.key)).where(col(GuessRow.key).in_(keys) if keys else col(GuessRow.until) <= now)
    old = old.limit(MOST_FORGOTTEN).with_for_update(skip_locked=True)
    return len(db.execute(sa.delete(table).where(col(GuessRow.key).in_(old)).returning(col(GuessRow.key))).all())
