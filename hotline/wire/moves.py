"""The request body of every move, with the version the writer had before the eyes."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from hotline.wire.tickets import Code, Note, Short, Urgency


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every move may carry: the version (`seq`) of the ticket the writer had before the eyes."""

    seq: Annotated[int, Meta(ge=0, le=2_147_483_647)] | None = None


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


class Reassigned(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wrong dispatch put right (改派): which unit instead, and why."""

    unit: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Note
    helpers: tuple[Code, ...] = ()


class Corrected(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's correction of area or grid; `hard` says whether the matter is complex (复杂), None = as it was.

    then  what becomes of a ticket in hand where the duty table now names another unit: it stays (keep), or goes there
          (reassign, 改派).  Left out, such a correction is refused (unit_asked) and names the unit.
    """

    area: Code = ""
    grid: Code = ""
    hard: bool | None = None
    then: Literal["", "keep", "reassign"] = ""
    note: Annotated[str, Meta(max_length=4000)] = ""


class Disclosed(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Confidentiality lifted (解除保密): why; agreed: the caller said so."""

    reason: Note
    agreed: bool = False


class SentBack(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A return (退单): why, on what basis, and whose it is."""

    reason: Note
    basis: Short = ""
    unit: Code = ""


class Reasoned(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision that needs its reason (退单不成立)."""

    reason: Note


class Regraded(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How urgent it is from now on (提级, 降级), and why; urgency "" = raised to critical, lowered to ordinary."""

    reason: Note
    urgency: Urgency | Literal[""] = ""


class Opined(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit's word in a dispute (会商意见): why, and whose it is in its view ("" = not said)."""

    note: Note
    unit: Code = ""


class Ruled(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ruling (裁定承办): the unit, and the ground that may become a row of the duty table."""

    unit: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Note
    basis: Annotated[str, Meta(min_length=1, max_length=300)]
    helpers: tuple[Code, ...] = ()


class Asking(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request (延期、挂账、作废、不计入考核、申诉).  What it must carry depends on its kind.

    days    working days of an extension;  note  how far it is by then
    until   the day a parked ticket is to go on;  ground  code of a ground of exclusion
    """

    reason: Note
    basis: Short = ""
    note: Annotated[str, Meta(max_length=4000)] = ""
    days: Annotated[int, Meta(ge=1, le=365)] | None = None
    until: date | None = None
    ground: Code = ""


class Decided(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A decision on a request.  A refusal says why; `days` grants fewer working days than were asked for."""

    reason: Annotated[str, Meta(max_length=4000)] = ""
    days: Annotated[int, Meta(ge=1, le=365)] | None = None


class Invited(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another unit to help (邀请协办), and what for."""

    unit: Annotated[str, Meta(min_length=1, max_length=64)]
    note: Note


class Whistled(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grid leader calls units to the spot (吹哨): why, of the city's list; no units = whom its rule says."""

    reason: Annotated[str, Meta(min_length=1, max_length=24)]
    units: tuple[Code, ...] = ()
    note: Annotated[str, Meta(max_length=4000)] = ""


class Regridded(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It lies in another grid (转网格): which, and how the leader knows."""

    grid: Annotated[str, Meta(min_length=1, max_length=64)]
    note: Annotated[str, Meta(max_length=4000)] = ""


class Graded(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The grid's word on a unit it had called (基层评部门): did it help?"""

    unit: Annotated[str, Meta(min_length=1, max_length=64)]
    helped: bool


class Refused(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Not accepted (不予受理): why not, where to go instead, on what ground."""

    reason: Note
    guide: Annotated[str, Meta(min_length=1, max_length=300)]
    basis: Short = ""


class Carded(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word about a card: the reason to show or drop it, or the unit's answer."""

    note: Annotated[str, Meta(max_length=4000)] = ""


class Commitment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A commitment in a reply (答复承诺), and the last day it may come true on.  proposed: found in the words"""

    text: Note
    until: date
    proposed: bool = False


class Committed(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A commitment entered after the reply."""

    note: Note
    until: date
    proposed: bool = False


class Settled(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a commitment ended, and what was seen (回头看).  waived: nobody needs it any more, it counts nowhere"""

    commitment: UUID
    note: Note
    waived: bool = False


class Answer(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a unit says when it has finished (报结果)."""

    note: Note
    outcome: Literal["solved", "partly", "explained", "not_ours"] = "solved"
    contacted: bool = True
    alone: bool = False  # finish although helpers have not answered
    commitments: Annotated[tuple[Commitment, ...], Meta(max_length=20)] = ()


class Joined(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Add this ticket to the matter of another (合并)."""

    to: Annotated[str, Meta(min_length=1, max_length=32)]
    note: Annotated[str, Meta(max_length=4000)] = ""


class Asked(Seen, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of calling the citizen (回访).  Not reached = nothing else is said.

    declined  reached, and would not rate: without it, somebody reached has said something
    cause  why not content, of the city's list (`CallbackRules.reasons`);  reason  in the citizen's own words
    """

    reached: bool
    declined: bool = False
    contacted: bool | None = None
    solved: Literal["yes", "partly", "no"] | None = None
    satisfaction: Annotated[int, Meta(ge=1, le=5)] | None = None
    cause: Annotated[str, Meta(max_length=40)] = ""
    reason: Annotated[str, Meta(max_length=2000)] = ""
    channel: Literal["phone", "sms", "web"] = "phone"
