"""What the city's rules say of a move before it is made: whether it may be, by when, who decides, how many days."""

from collections.abc import Callable
from typing import Any

import msgspec

from dispatch import extensions, returns
from dispatch.lifecycle import MOVES
from dispatch.roles import Role
from dispatch.rulebook import Rulebook
from hotline.web.pages.names import Look
from hotline.wire.tickets import Petition, TicketSheet


class Ruled(msgspec.Struct, frozen=True):
    """Whether a move may be made, and what to know of it."""

    allowed: bool = True
    hint: str = ""


def of_move(name: str, sheet: TicketSheet, book: Rulebook, look: Look) -> Ruled:
    """Return what the rules say of a move on this ticket now."""
    if name in RULES:
        return RULES[name](sheet, book, look)
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


def days(name: str, sheet: TicketSheet, book: Rulebook, look: Look) -> dict[str, Any]:
    """Return the working days that may be asked for or granted, each with the day it leads to."""
    card, petition = sheet.card, waiting(sheet)
    most = book.extensions.days - card.extended_days
    if name == "extend" and petition:
        most = int(petition.data.get("days", most))
    shown = [(str(count), extended(sheet, book, look, count)) for count in range(1, most + 1)]
    return {"options": shown, "now": str(most) if name == "extend" else str(min(5, most))}


def extended(sheet: TicketSheet, book: Rulebook, look: Look, count: int) -> str:
    """Return so many working days and the limit they lead to, in words."""
    if sheet.card.due_at is None:
        return look.say("%(n)s个工作日") % {"n": count}
    until = extensions.until(sheet.card.due_at, count, book.calendar)
    return look.say("%(n)s个工作日，至 %(at)s") % {"n": count, "at": look.when(until)}


def _sending_back(sheet: TicketSheet, book: Rulebook, look: Look) -> Ruled:
    """Until when this holder may still return it, or why not."""
    given = [hand.assigned_at for hand in sheet.hands if hand.role == "lead"]
    ruling = returns.may_return(
        book.returns,
        book.calendar,
        routed_at=max(given, default=sheet.card.received_at),
        at=look.now,
        returns=sheet.card.returns,
        hard=sheet.card.hard,
    )
    return Ruled(ruling.allowed, ruling.why)


def _extending(sheet: TicketSheet, book: Rulebook, look: Look) -> Ruled:
    card = sheet.card
    running = [one.due_at for one in sheet.clocks if one.clock == "result" and not one.stopped_at]
    due = running[-1] if running else card.due_at
    ruling = extensions.may_ask(
        book.extensions,
        book.calendar,
        due=due,
        at=look.now,
        days=1,
        granted=card.extensions,
        granted_days=card.extended_days,
    )
    if due is None or not ruling.allowed:
        return Ruled(ruling.allowed, ruling.why)
    words = look.say("须在 %(at)s 前提出，由%(who)s审批；批准前时限照常计算。")
    return Ruled(hint=words % {"at": look.when(due), "who": deciders("extension", look)})


def _parking(sheet: TicketSheet, book: Rulebook, look: Look) -> Ruled:
    del sheet
    words = look.say("由%(who)s审批，批准前时限照常计算；挂账期间每%(n)s天复查一次并告知诉求人。")
    return Ruled(hint=words % {"who": deciders("park", look), "n": book.extensions.park_days})


def _supplying(sheet: TicketSheet, book: Rulebook, look: Look) -> Ruled:
    del book
    asked = next((line.note for line in reversed(sheet.history) if line.move == "lack"), "")
    return Ruled(hint=look.say("要求补充的是：%(what)s") % {"what": asked} if asked else "")


RULES: dict[str, Callable[[TicketSheet, Rulebook, Look], Ruled]] = {
    "return": _sending_back,
    "ask_extension": _extending,
    "ask_park": _parking,
    "supply": _supplying,
}
