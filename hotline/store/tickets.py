"""Rows of the matter itself: ticket, history, clocks, cards, assignments, callbacks, callers, keys.

`region` (the city or district) stands first in every index: it is the key the data could be sharded by.
No ORM relationships: joins are written in `lists`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint

from hotline.errors import NoSuchTicket
from hotline.store.columns import col, table_of

Json = sa.JSON().with_variant(JSONB(), "postgresql")
# `dispatch.lifecycle.FINAL`, as the indexes spell it
FINAL = "'closed', 'archived', 'joined', 'refused', 'withdrawn', 'voided'"
OPEN_CONDITION = "'received', 'routed', 'signed', 'lacking', 'returned', 'disputed', 'parked', 'reviewing', 'answered'"
IS_OPEN = sa.text(f"state NOT IN ({FINAL})")  # partial indexes follow open tickets, not history
IS_OVER = sa.text(f"state IN ({FINAL})")
JOINED_CONDITION = "state = 'joined'"
IS_JOINED = sa.text(JOINED_CONDITION)
UPSTREAM = "source_ref <> ''"
UNCOUNTED = sa.text("seq <> counted_seq")
PROPOSED = sa.text("move = 'propose' AND decision = ''")  # cards that wait for a person's word
TO_FILE = sa.text("state = 'closed' AND pending = ''")  # closed, and nobody has asked anything about it
UNVERIFIED = "outcome = 'unverified'"
TO_VERIFY = sa.text(UNVERIFIED)  # put right on the spot, and somebody else is to look
TO_CALL = sa.text("callback_due_at IS NOT NULL")

HAS_HELP = sa.text("helpers <> '[]'")


def verbatim(text: str) -> sa.ColumnElement[bool]:
    """Return a condition word for word as a partial index spells it, so that the planners of both engines see it.

    SQLAlchemy writes a literal of type Boolean as `(...) = 1` for SQLite, which serves no partial index there.
    """
    return sa.literal_column(f"({text})", sa.types.NullType())  # type: ignore[arg-type]  # a condition all the same


class TicketRow(SQLModel, table=True):
    """One citizen's matter (工单).  A row and no more: rules are in `dispatch`, steps in `flow`."""

    __tablename__ = "ticket"
    id: UUID = Field(primary_key=True)  # UUIDv7 of `received_at`
    region: str = Field(max_length=32)
    number: str = Field(max_length=32)
    state: str = Field(max_length=16)
    seq: int = 0  # number of history lines, and the version a writer must have seen
    last_hash: str = Field(default="", max_length=64)
    source: str = Field(max_length=16)  # 12345, 8890, web, grid, ...
    source_ref: str = Field(default="", max_length=128)
    kind: str = Field(default="", max_length=32)  # 咨询 求助 投诉 举报 建议 表扬 其他
    urgency: str = Field(default="normal", max_length=16)
    title: str = Field(default="", max_length=300)
    text: str = Field(sa_type=sa.Text)
    text_digest: str = Field(default="", max_length=32)  # of the normalised text; triage fills it in
    address: str = Field(default="", max_length=500)
    lng: float | None = None
    lat: float | None = None
    datum: str = Field(default="", max_length=8)  # the sender's: wgs84, gcj02, bd09, plane; lng and lat are WGS-84
    coordinates: str = Field(default="", max_length=64)  # as the sender wrote them
    caller_id: UUID | None = None
    caller_label: str = Field(default="", max_length=64)  # masked name and phone, for lists
    query_hash: str = Field(default="", max_length=64)  # keyed hash of the citizen's query code (查询码); "" = none
    confidential: bool = False
    area: str = Field(default="", max_length=32)
    area_confidence: float = 0.0
    district: str = Field(default="", max_length=32)
    street: str = Field(default="", max_length=32)
    community: str = Field(default="", max_length=32)
    grid: str = Field(default="", max_length=32)
    unit: str = Field(default="", max_length=64)
    helpers: list[str] = Field(default_factory=list, sa_type=Json)
    leader: str = Field(default="", max_length=64)
    received_at: datetime
    occurred_at: datetime | None = None  # what the upstream system says
    dispatched_at: datetime | None = None  # the FIRST dispatch: all promises count from here
    progress_due_at: datetime | None = None
    due_at: datetime | None = None
    reported_at: datetime | None = None
    answered_at: datetime | None = None
    callback_due_at: datetime | None = None
    closed_at: datetime | None = None
    dispatches: int = 0
    returns: int = 0
    redos: int = 0
    tries: int = 0
    reply: str = Field(default="", sa_type=sa.Text)
    outcome: str = Field(default="", max_length=16)
    contacted: bool | None = None
    solved: str | None = Field(default=None, max_length=8)
    satisfaction: int | None = None
    joined_to: UUID | None = None
    joiners: int = 0
    promised_from: datetime | None = None  # out of a merge (拆分): the citizen's promises count from its own receipt
    level: str = Field(default="", max_length=16)  # highest rung reached: remind, yellow_card, red_card, supervise
    edition: str = Field(default="", max_length=64)
    why: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    quiet: bool = False  # loaded from history: nobody is notified
    pending: str = Field(default="", max_length=16)  # what waits for a decision, of `dispatch.lifecycle.ASKS`
    hard: bool = False  # complex (复杂), by the dispatcher's word
    extensions: int = 0  # extensions granted, and
    extended_days: int = 0  # the working days they gave together
    excluded: str = Field(default="", max_length=32)  # why it is not counted (不计入考核); "" = it is
    counted_seq: int = -1  # the version the daily figures have seen
    __table_args__ = (
        UniqueConstraint("region", "number"),
        Index("ix_ticket_waiting", "region", "state", "id", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_ticket_unit_open", "region", "unit", "id", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_ticket_grid_open", "region", "grid", "id", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_ticket_received", "region", "id"),
        Index("ix_ticket_digest", "region", "text_digest"),
        Index("ix_ticket_helped", "region", "id", postgresql_where=HAS_HELP, sqlite_where=HAS_HELP),
        Index("ix_ticket_caller", "region", "caller_id", "id"),
        Index("ix_ticket_unit_over", "region", "unit", "id", postgresql_where=IS_OVER, sqlite_where=IS_OVER),
        Index("ix_ticket_grid_over", "region", "grid", "id", postgresql_where=IS_OVER, sqlite_where=IS_OVER),
        Index("ix_ticket_leader_over", "region", "leader", "id", postgresql_where=IS_OVER, sqlite_where=IS_OVER),
        Index("ix_ticket_over_joined", "region", "id", postgresql_where=IS_JOINED, sqlite_where=IS_JOINED),
        Index(
            "ix_ticket_upstream",
            "region",
            "source_ref",
            postgresql_where=sa.text(UPSTREAM),
            sqlite_where=sa.text(UPSTREAM),
        ),
        Index("ix_ticket_callback", "region", "callback_due_at", "id", postgresql_where=TO_CALL, sqlite_where=TO_CALL),
        Index("ix_ticket_closed", "region", "closed_at", "id", postgresql_where=TO_FILE, sqlite_where=TO_FILE),
        Index("ix_ticket_unverified", "region", "outcome", "id", postgresql_where=TO_VERIFY, sqlite_where=TO_VERIFY),
        Index("ix_ticket_uncounted", "region", "id", postgresql_where=UNCOUNTED, sqlite_where=UNCOUNTED),
        Index(
            "ix_ticket_joined",
            "region",
            "joined_to",
            postgresql_where=sa.text("joined_to IS NOT NULL"),
            sqlite_where=sa.text("joined_to IS NOT NULL"),
        ),
    )


class Ticket(msgspec.Struct, kw_only=True):
    """The ticket as steps carry it: the columns of its row as plain attributes.  `flow.moves` writes them.

    A row object costs 0.8 ms to make and watches every attribute.
    """

    id: UUID
    region: str
    number: str
    state: str
    seq: int = 0
    last_hash: str = ""
    source: str
    source_ref: str = ""
    kind: str = ""
    urgency: str = "normal"
    title: str = ""
    text: str
    text_digest: str = ""
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    datum: str = ""
    coordinates: str = ""
    caller_id: UUID | None = None
    caller_label: str = ""
    query_hash: str = ""
    confidential: bool = False
    area: str = ""
    area_confidence: float = 0.0
    district: str = ""
    street: str = ""
    community: str = ""
    grid: str = ""
    unit: str = ""
    helpers: list[str] = []
    leader: str = ""
    received_at: datetime
    occurred_at: datetime | None = None
    dispatched_at: datetime | None = None
    progress_due_at: datetime | None = None
    due_at: datetime | None = None
    reported_at: datetime | None = None
    answered_at: datetime | None = None
    callback_due_at: datetime | None = None
    closed_at: datetime | None = None
    dispatches: int = 0
    returns: int = 0
    redos: int = 0
    tries: int = 0
    reply: str = ""
    outcome: str = ""
    contacted: bool | None = None
    solved: str | None = None
    satisfaction: int | None = None
    joined_to: UUID | None = None
    joiners: int = 0
    promised_from: datetime | None = None
    level: str = ""
    edition: str = ""
    why: dict[str, str] = {}
    extra: dict[str, Any] = {}
    quiet: bool = False
    pending: str = ""
    hard: bool = False
    extensions: int = 0
    extended_days: int = 0
    excluded: str = ""
    counted_seq: int = -1


class Entry(SQLModel, table=True):
    """One line of a ticket's history: append-only, chained by hash per ticket."""

    __tablename__ = "entry"
    ticket_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    region: str = Field(max_length=32)
    at: datetime
    actor: str = Field(max_length=64)
    role: str = Field(max_length=16)
    move: str = Field(max_length=24)
    origin: str = Field(default="", max_length=16)
    target: str = Field(default="", max_length=16)
    note: str = Field(default="", sa_type=sa.Text)
    why: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # what clocks and figures are recounted from
    public: bool = False
    hash: str = Field(max_length=64)


class ClockRow(SQLModel, table=True):
    """One running promise.  `ladder` lists its rungs in order, `next_at` is the moment of the one at `position`.

    ladder   objects with the keys of `dispatch.escalation.PlannedRung`
    promise  its place in the promises of the ticket's edition; `shifts` are what moved `due_at` since: pauses and
             extensions, as `dispatch.clocks.Shift`
    """

    __tablename__ = "clock"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    clock: str = Field(max_length=16)
    unit: str = Field(default="", max_length=64)  # who is judged by it
    owner: str = Field(default="", max_length=8)  # who it is owed to or held by: citizen, unit, helper, desk
    promise: int = -1
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None = None
    shifts: list[Any] = Field(default_factory=list, sa_type=Json)
    stopped_at: datetime | None = None
    outcome: str = Field(default="", max_length=8)  # met, late, void
    provisional: bool = False
    ladder: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    position: int = 0
    next_at: datetime | None = None
    why: str = Field(default="", sa_type=sa.Text)
    __table_args__ = (
        Index(
            "ix_clock_next",
            "region",
            "next_at",
            postgresql_where=sa.text("next_at IS NOT NULL"),
            sqlite_where=sa.text("next_at IS NOT NULL"),
        ),
        Index("ix_clock_ticket", "ticket_id"),
        Index("ix_clock_judged", "region", "clock", "due_at"),
        Index(
            "ix_clock_verdict",
            "region",
            "due_at",
            postgresql_where=sa.text("outcome = ''"),
            sqlite_where=sa.text("outcome = ''"),
        ),
    )


class Alarm(SQLModel, table=True):
    """One rung of the ladder that acted; the key makes it act once, whoever sweeps.

    A proposed card (`move` propose) waits for a person: `decision` confirmed or dropped.  A unit may answer any card.
    """

    __tablename__ = "alarm"
    clock_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    unit: str = Field(default="", max_length=64)
    move: str = Field(max_length=24)
    label: str = Field(default="", max_length=64)
    due_at: datetime
    acted_at: datetime
    card: str = Field(default="", max_length=24)  # the card a proposal would become
    decision: str = Field(default="", max_length=16)
    decided_by: str = Field(default="", max_length=64)
    decided_at: datetime | None = None
    answer: str = Field(default="", sa_type=sa.Text)
    answered_at: datetime | None = None
    __table_args__ = (
        Index("ix_alarm_region_acted", "region", "acted_at"),
        Index("ix_alarm_ticket", "ticket_id"),
        Index("ix_alarm_proposed", "region", "acted_at", postgresql_where=PROPOSED, sqlite_where=PROPOSED),
    )


class Assignment(SQLModel, table=True):
    """A ticket in somebody's hands (派单): lead unit, helper or grid leader, from when to when."""

    __tablename__ = "assignment"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    role: str = Field(max_length=8)  # lead, help, grid
    unit: str = Field(default="", max_length=64)
    login: str = Field(default="", max_length=64)
    assigned_at: datetime
    signed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = Field(default="", max_length=24)
    answer: str = Field(default="", sa_type=sa.Text)  # a helper's own (协办答复)
    answered_at: datetime | None = None
    whistle: str = Field(default="", max_length=24)  # why a grid leader called it (吹哨); "" = it was not
    helped: bool | None = None  # the grid's word on it (基层评部门)
    __table_args__ = (Index("ix_assignment_ticket", "ticket_id"),)


class CallbackRow(SQLModel, table=True):
    """One call to the citizen after the answer (回访): tried, and what was said."""

    __tablename__ = "callback"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    ticket_id: UUID
    at: datetime
    by: str = Field(max_length=64)
    channel: str = Field(default="phone", max_length=16)
    reached: bool
    contacted: bool | None = None
    solved: str | None = Field(default=None, max_length=8)
    satisfaction: int | None = None
    reason: str = Field(default="", sa_type=sa.Text)
    final: bool = False
    __table_args__ = (Index("ix_callback_ticket", "ticket_id"), Index("ix_callback_region_at", "region", "at"))


def carry(db: Session, query: sa.Select[Any]) -> list[Ticket]:
    """Return the tickets of a query over the ticket table."""
    return [Ticket(**row) for row in db.execute(query).mappings()]


def by_number(db: Session, region: str, number: str) -> Ticket:
    """Return the ticket.  NoSuchTicket if the region has none of that number."""
    return _single(db, _numbered(region, number), number)


def locked(db: Session, region: str, number: str) -> Ticket:
    """Return the ticket, locked against other writers until the transaction ends.  NoSuchTicket as above"""
    return _single(db, _numbered(region, number).with_for_update(), number)


def _numbered(region: str, number: str) -> sa.Select[Any]:
    return sa.select(table_of(TicketRow)).where(col(TicketRow.region) == region, col(TicketRow.number) == number)


def _single(db: Session, query: sa.Select[Any], number: str) -> Ticket:
    found = carry(db, query)
    if not found:
        raise NoSuchTicket(number)
    return found[0]
