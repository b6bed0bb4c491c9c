"""Tickets as the outside sees them: what a door may hand in, what lists and pages show."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Note = Annotated[str, Meta(min_length=1, max_length=4000)]
Short = Annotated[str, Meta(max_length=300)]
Code = Annotated[str, Meta(max_length=64)]
Phone = Annotated[str, Meta(max_length=24, pattern=r"^[0-9+*\- ]*$")]
Moment = Annotated[datetime, Meta(tz=True)]
Datum = Literal["wgs84", "gcj02", "bd09"]
Urgency = Literal["normal", "urgent", "critical"]


class NewTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A matter as it comes in at any door.  Only `text` must be there.

    area, unit  chosen by a person at the desk; empty = the rules choose
    occurred_at what the upstream system says; received_at is ours
    """

    text: Annotated[str, Meta(min_length=1, max_length=20000)]
    title: Short = ""
    source: Annotated[str, Meta(min_length=1, max_length=16)] = "web"
    source_ref: Annotated[str, Meta(max_length=128)] = ""
    kind: Annotated[str, Meta(max_length=32)] = ""
    urgency: Urgency = "normal"
    name: Annotated[str, Meta(max_length=64)] = ""
    phone: Phone = ""
    address: Annotated[str, Meta(max_length=500)] = ""
    lng: float | None = None
    lat: float | None = None
    datum: Datum = "wgs84"
    confidential: bool = False
    area: Code = ""
    grid: Code = ""
    unit: Code = ""
    occurred_at: Moment | None = None
    extra: dict[str, Any] = {}


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every move may carry: the version (`seq`) of the ticket the writer had before the eyes."""

    seq: int | None = None


class Plain(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A move that needs no words (签收, 催办)."""

    note: Annotated[str, Meta(max_length=4000)] = ""


class Worded(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A move that is its words: report (报动态), note, settle (直接解答)."""

    note: Note


class Routed(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dispatcher's choice of the unit (派单)."""

    unit: Annotated[str, Meta(min_length=1, max_length=64)]
    helpers: tuple[Code, ...] = ()
    note: Annotated[str, Meta(max_length=4000)] = ""


class Corrected(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's correction of area or grid."""

    area: Code = ""
    grid: Code = ""
    note: Annotated[str, Meta(max_length=4000)] = ""


class SentBack(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A return (退单): why, on what basis, and whose it is."""

    reason: Note
    basis: Short = ""
    unit: Code = ""


class Answer(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a unit says when it has finished (报结果)."""

    note: Note
    outcome: Literal["solved", "partly", "explained", "not_ours"] = "solved"
    contacted: bool = True


class Looked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why somebody wants to see the caller's full number (查看号码)."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class Joined(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Add this ticket to the matter of another (合并)."""

    to: Annotated[str, Meta(min_length=1, max_length=32)]
    note: Annotated[str, Meta(max_length=4000)] = ""


class Asked(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of calling the citizen (回访).  Not reached = nothing else is said."""

    reached: bool
    contacted: bool | None = None
    solved: Literal["yes", "partly", "no"] | None = None
    satisfaction: Annotated[int, Meta(ge=1, le=5)] | None = None
    reason: Annotated[str, Meta(max_length=2000)] = ""
    channel: Literal["phone", "sms", "web"] = "phone"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A caller's full number, digits only, and name as given ("" = not known).  Shown, and kept nowhere."""

    phone: str
    name: str


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a matter handed in."""

    number: str
    status: Literal["accepted", "known"]


class TicketCard(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in a list.  The caller is masked."""

    id: UUID
    number: str
    state: str
    seq: int
    source: str
    kind: str
    urgency: str
    title: str
    excerpt: str
    address: str
    caller_label: str
    area: str
    area_confidence: float
    community: str
    grid: str
    unit: str
    leader: str
    level: str
    returns: int
    redos: int
    joiners: int
    received_at: datetime
    dispatched_at: datetime | None
    progress_due_at: datetime | None
    due_at: datetime | None
    reported_at: datetime | None
    answered_at: datetime | None
    callback_due_at: datetime | None
    closed_at: datetime | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history."""

    seq: int
    at: datetime
    actor: str
    role: str
    move: str
    origin: str
    target: str
    note: str
    why: dict[str, str]
    public: bool


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One promise of a ticket."""

    clock: str
    unit: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    outcome: str
    provisional: bool
    why: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder that acted (提醒, 黄牌, 红牌, 督办)."""

    move: str
    label: str
    unit: str
    due_at: datetime
    acted_at: datetime


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call to the citizen."""

    at: datetime
    by: str
    channel: str
    reached: bool
    contacted: bool | None
    solved: str | None
    satisfaction: int | None
    reason: str
    final: bool


class TicketSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole ticket, as the people who act on it see it.  The phone number is never in it."""

    card: TicketCard
    text: str
    lng: float | None
    lat: float | None
    helpers: list[str]
    edition: str
    why: dict[str, str]
    extra: dict[str, Any]
    reply: str
    outcome: str
    contacted: bool | None
    solved: str | None
    satisfaction: int | None
    tries: int
    joined_to: str
    history: list[Line]
    clocks: list[Clock]
    cards: list[Card]
    calls: list[Call]
    joined: list[TicketCard]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list; `after` asks for the next one, None at the end."""

    items: list[TicketCard]
    after: str | None
