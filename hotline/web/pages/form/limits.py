"""What the flow's rules say of a move before it is made: allowed or not, by when, who decides, how many days."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import msgspec
from sqlmodel import Session

from dispatch.lifecycle import MOVES, Move
from dispatch.roles import Role
from dispatch.rulebook import Rulebook
from grids.messages import Message
from hotline.flow import handle
from hotline.flow.acts import requests
from hotline.web.access import Here
from hotline.web.pages.names import Look
from hotline.wire.tickets import Petition, TicketSheet


class Asked(Protocol):
    """Whose rules are asked: a ticket, who reads it, the rules it was given, the limits extensions would lead to."""

    @property
    def sheet(self) -> TicketSheet: ...
    @property
    def here(self) -> Here: ...
    @property
    def look(self) -> Look: ...
    @property
    def book(self) -> Rulebook: ...
    @property
    def ends(self) -> dict[int, datetime]: ...


class Ruled(msgspec.Struct, frozen=True):
    """Whether a move may be made, and what to know of it."""

    allowed: bool = True
    hint: str = ""


def ends(db: Session, here: Here, sheet: TicketSheet, book: Rulebook) -> dict[int, datetime]:
    """Return the limit each number of working days would lead to, where an extension may be asked for or granted."""
    card, petition = sheet.card, waiting(sheet)
    if petition is not None and petition.kind == "extension":
        most = int(petition.data.get("days", 0))
    elif (
        petition is None
        and here.me.role in MOVES[Move.ASK_EXTENSION].who
        and card.state in MOVES[Move.ASK_EXTENSION].origins
    ):
        most = book.extensions.days - card.extended_days
    else:
        return {}
    return requests.extension_ends(db, here.city, card.number, most, here.now)


def of_move(name: Move, offer: Asked) -> Ruled:
    """Return what the rules say of a move on this ticket now."""
    look = offer.look
    if name in RULES:
        return RULES[name](offer)
    kind = MOVES[name].opens
    return Ruled(hint=look.say("由%(who)s审批。") % {"who": deciders(kind, look)}) if kind else Ruled()


def deciders(kind: str, look: Look) -> str:
    """Return who may decide a request, in words."""
    found = {role for move in MOVES.values() if move.decides == kind for role in move.who}
    return "、".join(look.role(role) for role in Role if role in found - {Role.CLOCKWORK})


def waiting(sheet: TicketSheet) -> Petition | None:
    """Return the request that waits for its decision."""
    kind = sheet.card.pending
    return next((one for one in reversed(sheet.petitions) if one.kind == kind and not one.decided_at), None)


def days(name: str, offer: Asked) -> dict[str, Any]:
    """Return the working days that may be asked for or granted, each with the day it leads to."""
    petition = waiting(offer.sheet)
    most = offer.book.extensions.days - offer.sheet.card.extended_days
    if name == Move.EXTEND and petition:
        most = int(petition.data.get("days", most))
    shown = [(str(count), extended(offer, count)) for count in range(1, most + 1)]
    return {"options": shown, "now": str(most) if name == Move.EXTEND else str(min(5, most))}


def extended(offer: Asked, count: int) -> str:
    """Return so many working days and the limit they lead to, in words."""
    look, until = offer.look, offer.ends.get(count)
    if until is None:
        return look.say("%(n)s个工作日") % {"n": count}
    return look.say("%(n)s个工作日，至 %(at)s") % {"n": count, "at": look.when(until)}


def _sending_back(offer: Asked) -> Ruled:
    """Until when this holder may still return it, or why not."""
    sheet, here = offer.sheet, offer.here
    given = max((hand.assigned_at for hand in sheet.hands if hand.role == "lead"), default=sheet.card.received_at)
    ruling = handle.may_return(here.city, offer.book.returns, given, sheet.card, here.now)
    return Ruled(ruling.allowed, offer.look.sentence(ruling.why))


def _extending(offer: Asked) -> Ruled:
    card, look, due = offer.sheet.card, offer.look, requests.result_due(offer.sheet.clocks)
    ruling = requests.may_extend(
        offer.book,
        due,
        offer.ends.get(1),
        at=offer.here.now,
        days=1,
        granted=card.extensions,
        granted_days=card.extended_days,
    )
    if due is None or not ruling.allowed:
        return Ruled(ruling.allowed, look.sentence(ruling.why))
    words = look.say("须在 %(at)s 前提出，由%(who)s审批；批准前时限照常计算。")
    return Ruled(hint=words % {"at": look.when(due), "who": deciders("extension", look)})


def _parking(offer: Asked) -> Ruled:
    look = offer.look
    words = look.say("由%(who)s审批，批准前时限照常计算；挂账期间每%(n)s天复查一次并告知诉求人。")
    return Ruled(hint=words % {"who": deciders("park", look), "n": offer.book.extensions.park_days})


def _supplying(offer: Asked) -> Ruled:
    asked = next((line.note for line in reversed(offer.sheet.history) if line.move == Move.LACK), "")
    return Ruled(hint=offer.look.sentence(Message("要求补充的是：%(what)s", what=asked)) if asked else "")


RULES: dict[Move, Callable[[Asked], Ruled]] = {
    Move.RETURN: _sending_back,
    Move.ASK_EXTENSION: _extending,
    Move.ASK_PARK: _parking,
    Move.SUPPLY: _supplying,
}
