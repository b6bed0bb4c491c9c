"""Asks the pure rule `dispatch.callbacks.sampled` whether a ticket is drawn for a callback."""

from dispatch import callbacks
from dispatch.callbacks import Case, Sampled
from dispatch.escalation import SUPERVISED
from dispatch.rulebook import Rulebook
from hotline.city import City
from hotline.store.tickets import Ticket

WISH = "callback"  # in `ticket.extra`: the caller asked to be called back (要求回访)


def of(city: City, book: Rulebook, ticket: Ticket, matter: Ticket, outcome: str) -> Sampled:
    """Return whether the caller of `ticket` is called about the answer to `matter`, the one it was joined to or itself.

    A city that draws but does not say what becomes of the others (no deadline rule for them) calls everyone.
    """
    found = callbacks.sampled(book.callbacks, case(city, ticket, matter, outcome))
    if found.call or any(promise.only == "unsampled" for promise in book.promises):
        return found
    return Sampled(True, "按规则全部回访")


def case(city: City, ticket: Ticket, matter: Ticket, outcome: str) -> Case:
    """Return the answer to `matter` as the pure rules see it, of sampling and of checks (`dispatch.checks`) alike."""
    unit = city.units.get(matter.unit)
    return Case(
        number=ticket.number,
        source=ticket.source,
        kind=ticket.kind,
        urgency=matter.urgency,
        areas=tuple(area.code for area in city.taxonomy.path(matter.area)) if matter.area else (),
        level=unit.kind if unit else "",
        outcome=outcome,
        redone=max(ticket.redos, matter.redos) > 0,
        supervised=matter.level in SUPERVISED,
        extended=matter.extensions > 0,
        caller=ticket.caller_id is not None,
        wished=bool(ticket.extra.get(WISH)),
    )
