"""The only event: a ticket made a move."""

import msgspec


class Moved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ticket `number` made `move`; what follows stands in `hotline.jobs.journey.NEXT`."""

    number: str
    move: str
