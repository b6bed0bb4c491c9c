"""Rows of the outbox (what a move set off, written in its transaction) and of the notices it leads to.

`sent_at` says the queue was told, `done_at` that the work is committed.  Only `done_at` ends a row, so a lost queue
loses nothing.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from dispatch.lifecycle import Move

TRIES = 8  # failures after which a person must look (`hotline outbox`)
NOT_DONE = sa.text("done_at IS NULL")
UNREAD = sa.text("read_at IS NULL")


class OutboxRow(SQLModel, table=True):
    """One event: ticket `number` made `move` at `at`."""

    __tablename__ = "outbox"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    number: str = Field(max_length=32)
    move: Move = Field(sa_type=sa.String(24))
    at: datetime
    sent_at: datetime | None = None
    done_at: datetime | None = None
    tries: int = 0
    error: str = Field(default="", sa_type=sa.Text)
    __table_args__ = (Index("ix_outbox_waiting", "region", "id", postgresql_where=NOT_DONE, sqlite_where=NOT_DONE),)


class Notice(SQLModel, table=True):
    """A message to a unit or a person (站内通知); its id is derived from the event, so it is written once."""

    __tablename__ = "notice"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    unit: str = Field(default="", max_length=64)
    login: str = Field(default="", max_length=64)
    number: str = Field(default="", max_length=32)
    kind: str = Field(max_length=24)
    text: str = Field(sa_type=sa.Text)
    at: datetime
    read_at: datetime | None = None
    __table_args__ = (
        Index("ix_notice_unit", "region", "unit", "id"),
        Index("ix_notice_login", "region", "login", "id"),
        Index("ix_notice_unread", "region", "unit", "login", postgresql_where=UNREAD, sqlite_where=UNREAD),
    )


def read_event(row: sa.RowMapping) -> OutboxRow:
    """Return the event of a row.  raises ValueError for a move that no table knows"""
    return OutboxRow(**{**row, "move": Move(row["move"])})
