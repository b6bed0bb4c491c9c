"""Tickets as they enter and leave: a new matter, the cards of lists, the whole sheet of a page.

Moves are in `moves`.
"""

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
    urgency     "" = as the words say; what the words say is the least, but at the desk a person decides
    occurred_at what the upstream system says; received_at is ours
    """

    text: Annotated[str, Meta(min_length=1, max_length=20000)]
    title: Short = ""
    source: Annotated[str, Meta(min_length=1, max_length=16)] = "web"
    source_ref: Annotated[str, Meta(max_length=128)] = ""
    kind: Annotated[str, Meta(max_length=32)] = ""
    urgency: Urgency | Literal[""] = ""
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


class Looked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why somebody wants to see the caller's full number (查看号码)."""

    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class DraftReply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply as it stands while it is written; `contacted`: the handler says that the citizen was called."""

    note: Annotated[str, Meta(max_length=4000)]
    contacted: bool = True


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A caller's full number, digits only, and name as given ("" = not known).  Shown, and kept nowhere.

    code, until  instead of the caller's number: `phone` is the switchboard's, which asks for the code, good till then
    """

    phone: str
    name: str
    code: str = ""
    until: datetime | None = None


class Phoned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number somebody calls from who asks for a new query code (补发查询码)."""

    phone: Annotated[Phone, Meta(min_length=7)]


class Coded(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket's query code (查询码), read out to its caller.  Shown, and kept nowhere."""

    number: str
    query_code: str


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a matter handed in.  code: the citizen's query code, "" where none was made or it was told."""

    number: str
    status: Literal["accepted", "known"]
    code: str = ""


class TicketCard(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in a list.  The caller is masked; who handles the matter sees less, and no numbers of persons in words.

    source_ref  the upstream number (上级编号), "" = none
    confidential  the caller asked not to be known (保密): handlers do not learn who it is
    pending   what waits for a decision, of `dispatch.lifecycle.ASKS`;  hard  complex (复杂)
    extensions, extended_days  extensions granted, and the working days they gave together
    excluded  the ground on which it is not counted (不计入考核), "" = it is
    """

    id: UUID
    number: str
    state: str
    seq: int
    source: str
    source_ref: str
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
    pending: str
    hard: bool
    extensions: int
    extended_days: int
    excluded: str
    confidential: bool = False
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
    facts: dict[str, Any]
    public: bool


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of a ticket: a time limit as it runs.

    owner   who is judged by it: citizen (owed to the citizen), unit, helper, desk
    shifts  what moved `due_at` since: pauses and extensions, as `dispatch.clocks.Shift`
    """

    clock: str
    unit: str
    owner: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    shifts: list[Any]
    stopped_at: datetime | None
    outcome: str
    provisional: bool
    why: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder that acted (提醒, 黄牌, 红牌, 督办), or is proposed (`move` propose).

    card  what it is or would become;  decision  of a proposed one: confirmed, dropped, "" while it waits
    """

    move: str
    label: str
    unit: str
    due_at: datetime
    acted_at: datetime
    card: str
    decision: str
    decided_at: datetime | None
    answer: str
    answered_at: datetime | None


class Petition(msgspec.Struct, frozen=True, kw_only=True):
    """What one person asked for and another decides (延期、挂账、作废、不计入考核、申诉).

    data      what is asked for: {"days": 5, "note": ...}, {"until": "2027-03-15"}, {"ground": "outside"}
    decision  granted, denied, lapsed; "" while it waits;  why  the decider's words, or the rule's
    """

    kind: str
    unit: str
    asked_by: str
    asked_at: datetime
    reason: str
    basis: str
    data: dict[str, Any]
    decision: str
    decided_by: str
    decided_at: datetime | None
    why: str


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's part in a dispute (会商): invited when, what it said and whose it is in its view."""

    unit: str
    convened_at: datetime
    note: str
    owner: str
    said_at: datetime | None
    ruled_at: datetime | None


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """Who had the ticket: lead unit, helper (协办) with its answer, grid leader.  role: lead, help, grid.

    whistle  the reason a grid leader called it for (吹哨), "" = it was not;  helped  the grid's word on it
    """

    role: str
    unit: str
    assigned_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    answer: str
    answered_at: datetime | None
    whistle: str = ""
    helped: bool | None = None


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


class CommitmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One commitment of a reply: until when (the moment its day ends), and how the re-check ended ("" = not yet)."""

    id: UUID
    text: str
    unit: str
    source: str
    made_at: datetime
    due_at: datetime
    result: str
    settled_at: datetime | None
    note: str


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """A photo or a voice note beside a line of the history (`seq`); not `done`: it is still on its way."""

    id: UUID
    seq: int
    role: str
    kind: str
    media: str
    width: int
    height: int
    done: bool
    at: datetime


class TicketSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The whole ticket, as the people who act on it see it.  The phone number is never in it.

    lng, lat     WGS-84;  datum, coordinates  what they were in and how they were written when they came
    street, district  where no narrower place is known, the widest that is
    """

    card: TicketCard
    text: str
    street: str
    district: str
    lng: float | None
    lat: float | None
    datum: str
    coordinates: str
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
    petitions: list[Petition]
    opinions: list[Opinion]
    hands: list[Hand]
    commitments: list[CommitmentLine]
    files: list[FileLine]
    joined: list[TicketCard]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list; `after` asks for the next one, None at the end.

    back_to  the list was looked for among tickets received since then; `after` looks further back
    """

    items: list[TicketCard]
    after: str | None
    back_to: datetime | None = None
