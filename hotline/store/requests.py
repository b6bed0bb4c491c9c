"""Rows of what one person asks and another decides, what units said at a meeting, and the commitments in replies."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from hotline.store.tickets import Json

UNDECIDED = sa.text("decided_at IS NULL")
UNSETTLED = sa.text("settled_at IS NULL")


class RequestRow(SQLModel, table=True):
    """A request (延期、挂账、作废、不计入考核、申诉): asked by one person, decided by another, or fallen away.

    kind      one of `dispatch.lifecycle.ASKS`; data  what is asked for: {"days": 5}, {"until": "2027-03-15"}
    decision  granted, denied, lapsed (silence, or the ticket moved on)
    """

    __tablename__ = "request"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    number: str = Field(max_length=32)
    kind: str = Field(max_length=16)
    unit: str = Field(default="", max_length=64)
    asked_by: str = Field(max_length=64)
    asked_at: datetime
    reason: str = Field(default="", sa_type=sa.Text)
    basis: str = Field(default="", max_length=300)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    decision: str = Field(default="", max_length=16)
    decided_by: str = Field(default="", max_length=64)
    decided_at: datetime | None = None
    why: str = Field(default="", sa_type=sa.Text)
    __table_args__ = (
        Index("ix_request_waiting", "region", "kind", "id", postgresql_where=UNDECIDED, sqlite_where=UNDECIDED),
        Index("ix_request_ticket", "ticket_id"),
    )


class OpinionRow(SQLModel, table=True):
    """A unit's part in a dispute (会商): invited, and what it said; who said nothing is bound (缺席默认)."""

    __tablename__ = "opinion"
    ticket_id: UUID = Field(primary_key=True)
    convened_at: datetime = Field(primary_key=True)
    unit: str = Field(primary_key=True, max_length=64)
    region: str = Field(max_length=32)
    note: str = Field(default="", sa_type=sa.Text)
    owner: str = Field(default="", max_length=64)  # whose it is, in this unit's view
    said_by: str = Field(default="", max_length=64)
    said_at: datetime | None = None
    ruled_at: datetime | None = None
    __table_args__ = (Index("ix_opinion_waiting", "region", "unit", "ruled_at"),)


class CommitmentRow(SQLModel, table=True):
    """A commitment made in a reply (答复承诺), with the day it must be true by, and how the re-check (回头看) ended.

    source  handler, callback, text (proposed from the words and confirmed);  result  kept, broken, waived
    """

    __tablename__ = "commitment"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    number: str = Field(max_length=32)
    unit: str = Field(default="", max_length=64)
    text: str = Field(sa_type=sa.Text)
    source: str = Field(default="handler", max_length=16)
    made_by: str = Field(max_length=64)
    made_at: datetime
    due_at: datetime
    told_at: datetime | None = None  # the sweep has put it on the re-check list
    result: str = Field(default="", max_length=16)
    settled_by: str = Field(default="", max_length=64)
    settled_at: datetime | None = None
    note: str = Field(default="", sa_type=sa.Text)
    __table_args__ = (
        Index("ix_commitment_due", "region", "due_at", postgresql_where=UNSETTLED, sqlite_where=UNSETTLED),
        Index("ix_commitment_ticket", "ticket_id"),
        Index("ix_commitment_unit", "region", "unit", "due_at"),
    )
