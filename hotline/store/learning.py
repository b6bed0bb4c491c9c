"""Rows of editions of the rules, trained models and hot topics."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

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
    """A trained classifier: bytes (no pickle) and its card.  Of each target one is in use (active) per region.

    digest   SHA-256 of the bytes, as they were stored: a file that was altered is not used
    verdict  what the gate said of it (`classifiers.gate.Verdict`), {} if it was never compared
    target   what it learned: area, or unit (承办单位); one of each is in use
    log      who did what with it, when and why
    """

    __tablename__ = "model"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    name: str = Field(max_length=64)
    card: dict[str, Any] = Field(sa_type=Json)
    data: bytes = Field(sa_type=sa.LargeBinary)
    active: bool = False
    at: datetime
    digest: str = Field(default="", max_length=64)
    shadow: bool = False
    target: str = Field(default="area", max_length=8)
    verdict: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    log: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    __table_args__ = (Index("ix_model_region_name", "region", "name"),)


class SampleRow(SQLModel, table=True):
    """A labelled text: masked, freed of routing requests, of history or of a ticket that taught something.

    key      "file:" or "ticket:" and what tells it from others
    area     "" where an edition split its area and only a person can say; `first_area` is what it was labelled with
    kind     history, closure, correction, return, ruling
    edition  the taxonomy `area` belongs to
    """

    __tablename__ = "sample"
    region: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True, max_length=64)
    text: str = Field(sa_type=sa.Text)
    title: str = Field(default="", max_length=300)
    area: str = Field(max_length=32)
    first_area: str = Field(max_length=32)
    unit: str = Field(default="", max_length=64)
    place: str = Field(default="", max_length=32)
    source: str = Field(default="", max_length=16)
    kind: str = Field(max_length=16)
    edition: str = Field(max_length=64)
    at: datetime | None = None
    __table_args__ = (Index("ix_sample_edition", "region", "edition"),)


class TrainingRow(SQLModel, table=True):
    """A training asked for, and how far it is.  The row is the truth; the queue only wakes somebody.

    why     weekly, asked, edition        status  waiting, running, done, failed
    """

    __tablename__ = "training"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    name: str = Field(max_length=64)
    why: str = Field(max_length=16)
    by: str = Field(default="", max_length=64)
    at: datetime
    status: str = Field(default="waiting", max_length=16)
    stage: str = Field(default="", max_length=64)
    share: float = 0.0
    touched_at: datetime
    model_id: UUID | None = None
    error: str = Field(default="", sa_type=sa.Text)
    __table_args__ = (UniqueConstraint("region", "name"),)


class ShadowRow(SQLModel, table=True):
    """What a model in shadow would have said of a ticket, beside what the one in use said; it changes nothing."""

    __tablename__ = "shadow"
    model_id: UUID = Field(primary_key=True)
    ticket_id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    area: str = Field(max_length=32)
    automatic: bool
    was: str = Field(max_length=32)
    was_automatic: bool
    at: datetime


class DriftRow(SQLModel, table=True):
    """One week of one area ("" = all): `classifiers.drift.Week`, counted once the week is over."""

    __tablename__ = "drift"
    region: str = Field(primary_key=True, max_length=32)
    week: str = Field(primary_key=True, max_length=8)
    area: str = Field(primary_key=True, max_length=32)
    n: int
    abstained: int
    corrected: int
    grams: int = 0
    unknown: int = 0


class TopicRow(SQLModel, table=True):
    """A hot topic (热点).  It keeps its number from round to round while its tickets do; figures are of the last round.

    active  the last round found it;  mark  a person's word: project (专项), known (已知), dismissed (不是热点), "" none
    """

    __tablename__ = "topic"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    number: int
    title: str = Field(default="", max_length=300)
    words: list[str] = Field(default_factory=list, sa_type=Json)
    count: int = 0
    recent: int = 0
    expected: float | None = None
    new: bool = False
    rising: bool = False
    active: bool = True
    first_at: datetime
    last_at: datetime
    found_at: datetime
    why: str = Field(default="", sa_type=sa.Text)
    mark: str = Field(default="", max_length=16)
    marked_by: str = Field(default="", max_length=64)
    marked_at: datetime | None = None
    note: str = Field(default="", sa_type=sa.Text)
    __table_args__ = (Index("ix_topic_region", "region", "active"), sa.UniqueConstraint("region", "number"))


class TopicTicket(SQLModel, table=True):
    """A ticket of a topic; `near`: its place, 0 the most typical."""

    __tablename__ = "topic_ticket"
    topic_id: UUID = Field(primary_key=True)
    ticket_id: UUID = Field(primary_key=True)
    near: int = 0


class RoundRow(SQLModel, table=True):
    """When something that is done once in a while was last begun: whoever moves it on does it."""

    __tablename__ = "round"
    region: str = Field(primary_key=True, max_length=32)
    name: str = Field(primary_key=True, max_length=32)
    at: datetime
