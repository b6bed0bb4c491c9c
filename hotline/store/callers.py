"""Rows of who calls, of keys under which a matter is received once, and of blocks of numbers."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint


class Caller(SQLModel, table=True):
    """Somebody who called (来电人).  Phone and name are encrypted; `phone_hash` (keyed) finds the same caller again."""

    __tablename__ = "caller"
    id: UUID = Field(primary_key=True)  # derived from the keyed hash: known before the insert
    region: str = Field(max_length=32)
    phone_hash: str = Field(max_length=64)
    phone_mask: str = Field(default="", max_length=24)
    phone_sealed: str = Field(default="", max_length=200)
    name_sealed: str = Field(default="", max_length=400)
    __table_args__ = (UniqueConstraint("region", "phone_hash"),)


class IntakeKey(SQLModel, table=True):
    """What was received under which outside key (upstream number or Idempotency-Key): received once, for ever."""

    __tablename__ = "intake_key"
    region: str = Field(primary_key=True, max_length=32)
    source: str = Field(primary_key=True, max_length=64)
    key: str = Field(primary_key=True, max_length=128)
    number: str = Field(max_length=32)
    body_hash: str = Field(max_length=32)
    at: datetime


class NumberBlock(SQLModel, table=True):
    """The next free sequence of a day; processes take blocks of it, so that intake never queues on one row."""

    __tablename__ = "number_block"
    region: str = Field(primary_key=True, max_length=32)
    day: str = Field(primary_key=True, max_length=8)
    next: int
