"""Rows of moves made under a key: whoever sends one again, because its answer was lost, gets the same answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel

from hotline.errors import KeyReused
from hotline.store import bulk
from hotline.store.columns import col, table_of

KEY_CHARACTERS = 128
KEYS_KEPT = timedelta(days=30)  # who asks later than that asks anew
BATCH = 1000


class MoveKeyRow(SQLModel, table=True):
    """One move of one person under the key they sent with it, written in the move's own transaction.

    digest  of the move and its body;  answer  what was answered, "" where a page was shown
    """

    __tablename__ = "move_key"
    region: str = Field(primary_key=True, max_length=32)
    login: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=KEY_CHARACTERS)
    digest: str = Field(max_length=32)
    number: str = Field(max_length=32)
    answer: str = Field(default="", sa_type=sa.Text)
    at: datetime
    __table_args__ = (Index("ix_move_key_at", "region", "at"),)


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """Under what a move is made once: whose key, and what was said with it."""

    region: str
    login: str
    key: str
    digest: str
    number: str


def digest(*said: object) -> str:
    """Return what tells whether a key came back with other words."""
    whole = msgspec.json.encode(said, order="deterministic")
    return hashlib.blake2b(whole, digest_size=16).hexdigest()


def once(db: Session, key: Key | None, now: datetime, make: Callable[[], str]) -> tuple[str, bool]:
    """Make a move unless it was made under this key; return its answer, and whether that is of the time before.

    Who comes second while the first is under way waits for it.  Without a key the move is made.
    raises  KeyReused where the key came with another body; what `make` raises, and then the key is free again
    """
    if key is None:
        return make(), False
    table = table_of(MoveKeyRow)
    mine = col(MoveKeyRow.region) == key.region, col(MoveKeyRow.login) == key.login, col(MoveKeyRow.key) == key.key
    if not bulk.insert_new(db, table, [msgspec.structs.asdict(key) | {"answer": "", "at": now}]):
        held = db.execute(
            sa.select(col(MoveKeyRow.digest), col(MoveKeyRow.number), col(MoveKeyRow.answer)).where(*mine)
        ).one()
        if held.digest != key.digest:
            raise KeyReused(key.key, held.number)
        return str(held.answer), True
    answer = make()
    if answer:
        db.execute(sa.update(table).where(*mine).values({col(MoveKeyRow.answer): answer}))
    return answer, False


def forget(db: Session, region: str, now: datetime) -> int:
    """Forget a batch of keys too old to come back; return how many."""
    table = table_of(MoveKeyRow)
    old = (
        sa.select(col(MoveKeyRow.login), col(MoveKeyRow.key))
        .where(col(MoveKeyRow.region) == region, col(MoveKeyRow.at) < now - KEYS_KEPT)
        .limit(BATCH)
    )
    pair = sa.tuple_(col(MoveKeyRow.login), col(MoveKeyRow.key))
    return len(
        db.execute(
            sa.delete(table).where(col(MoveKeyRow.region) == region, pair.in_(old)).returning(col(MoveKeyRow.key))
        ).all()
    )
