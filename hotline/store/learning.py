"""Rows of what the city taught us: editions of its rules, and trained models."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

from hotline.store.tickets import Json


class EditionRow(SQLModel, table=True):
    """One edition of a city's rules: its files as people reviewed them (name -> text).  One is active per region."""

    __tablename__ = "edition"
    region: str = Field(primary_key=True, max_length=32)
    edition: str = Field(primary_key=True, max_length=64)
    digest: str = Field(max_length=64)
    files: dict[str, str] = Field(sa_type=Json)
    active: bool = False
    applied_at: datetime
    applied_by: str = Field(default="", max_length=64)


class ProposalRow(SQLModel, table=True):
    """An edition put forward (proposed) by one person, to be put into force by another; or rejected."""

    __tablename__ = "proposal"
    region: str = Field(primary_key=True, max_length=32)
    edition: str = Field(primary_key=True, max_length=64)
    digest: str = Field(max_length=64)
    files: dict[str, str] = Field(sa_type=Json)
    proposed_by: str = Field(max_length=64)
    proposed_at: datetime
    note: str = Field(default="", sa_type=sa.Text)
    decision: str = Field(default="", max_length=16)  # approved, rejected
    decided_by: str = Field(default="", max_length=64)
    decided_at: datetime | None = None


class ModelRow(SQLModel, table=True):
    """A trained classifier: bytes (no pickle) and its card.  One is active per region and name."""

    __tablename__ = "model"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    name: str = Field(max_length=64)
    card: dict[str, Any] = Field(sa_type=Json)
    data: bytes = Field(sa_type=sa.LargeBinary)
    active: bool = False
    at: datetime
    __table_args__ = (Index("ix_model_region_name", "region", "name"),)
