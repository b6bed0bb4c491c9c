"""What a phone hands in when it has a network again: one filled-in form, and the files that follow it."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from dispatch.photos import LARGEST
from hotline.wire.tickets import Moment

Field = Annotated[str, Meta(min_length=1, max_length=40)]
Value = Annotated[str, Meta(max_length=4000)]


class FileNamed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that follows on its own: the phone's identifier of it, and its bytes as they will be sent."""

    id: UUID
    kind: Literal["photo", "voice"]
    size: Annotated[int, Meta(ge=1, le=12_000_000)]


class Submission(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form as it was filled in: which, of which ticket ("" for a report of one's own or a visit), the fields by name.

    files                 no more than the city allows (`[photos]` in city.toml)
    occurred_at, sent_at  by the phone's clock, which may be wrong: only the time between them is believed
    """

    kind: Literal["answer", "report", "whistle", "regrid", "visit"]
    number: Annotated[str, Meta(max_length=32)] = ""
    said: Annotated[dict[Field, Value], Meta(max_length=20)]
    files: Annotated[tuple[FileNamed, ...], Meta(max_length=LARGEST)] = ()
    occurred_at: Moment
    sent_at: Moment


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: the identifier it was handed in under, the ticket and its version after it; "" and 0 for a visit.

    A phone takes nothing for a receipt that does not carry the identifier it made.
    """

    id: UUID
    number: str
    seq: int
