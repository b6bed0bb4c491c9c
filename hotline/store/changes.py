"""`TicketChanges`: what a move may change of a ticket beside its state."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID


class TicketChanges(TypedDict, total=False):
    """Columns of a ticket that a move sets beside its state; that, its line and its hash are `flow.moves`' own."""

    urgency: str
    text_digest: str
    query_hash: str
    confidential: bool
    area: str
    area_confidence: float
    district: str
    street: str
    community: str
    grid: str
    unit: str
    helpers: list[str]
    leader: str
    dispatched_at: datetime | None
    progress_due_at: datetime | None
    due_at: datetime | None
    reported_at: datetime | None
    answered_at: datetime | None
    callback_due_at: datetime | None
    closed_at: datetime | None
    dispatches: int
    returns: int
    redos: int
    tries: int
    reply: str
    outcome: str
    contacted: bool | None
    solved: str | None
    satisfaction: int | None
    joined_to: UUID | None
    joiners: int
    promised_from: datetime | None
    level: str
    edition: str
    why: dict[str, str]
    hard: bool
    extensions: int
    extended_days: int
    excluded: str
