"""The dispatcher's desk (派单台): what the rules left for a person, what came back, disputes, requests to decide."""

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from sqlmodel import Session

from dispatch import lifecycle
from dispatch.duty import Candidate
from dispatch.lifecycle import Move, State
from dispatch.roles import Role
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import classify, handle, route, units
from hotline.flow.acts import reassign
from hotline.flow.classify import Classified
from hotline.flow.suggest import SURE
from hotline.flow.units import Usual
from hotline.people import Me
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages import lists
from hotline.web.pages.form import keys, moves, offers
from hotline.web.pages.form.deciding import Deciding
from hotline.web.pages.form.offers import Offer
from hotline.web.pages.looks import Notice, of_request
from hotline.wire import fields
from hotline.wire.moves import Corrected, Routed
from hotline.wire.tickets import Line, TicketCard, TicketSheet

JUDGING = moves.at("/dispatch")  # beside dispatching itself
LIKELY: dict[str, Move] = {State.DISPUTED: Move.RULE, State.REVIEWING: Move.PASS}  # what is open at once
MOST_UNITS = 3
UNLIKELY = 0.05  # less is no help to the dispatcher


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A unit a dispatcher may choose with one key; `area` is settled with it where it was open.

    standard  the row's standard answer (标准答复);  precedent  number of the ruling that made the row
    """

    unit: str
    row: str
    why: str
    area: str = ""
    share: float = 0.0
    standard: str = ""
    precedent: str = ""
    named: bool = False  # by who returned the ticket
    usual: str = ""  # why it is the unit that usually has it
    against: bool = False  # the duty table names another, and comes first


class Dispatching(Controller):
    """`/dispatch`."""

    path = "/dispatch"
    guards = [access.may(Role.DISPATCHER, Role.AGENT, Role.ADMIN)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the list, and one ticket with its candidates."""
        return DISPATCH_DESK.page(request, here)

    @post("/{number:str}", sync_to_thread=True, status_code=303)
    def send(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Give the ticket to a unit; the next one opens by itself."""
        look = of_request(request, here.city)
        unit, _, area = (data.get("other") or data.get("unit", "")).partition("|")
        reading = partial(fields.read, Routed, data, unit=unit)
        refused = keys.carry_out(here, number, "route", data, reading, partial(_send, area=area))
        if refused:
            text = look.say("请选择承办单位") if isinstance(refused, BadValue) and not unit else look.refusal(refused)
            status, chosen = errors.status(refused), data.get("list", "")
            return DISPATCH_DESK.page(request, here, Notice(text, "bad"), status, chosen, number, said=data)
        chosen = quote(data.get("list", ""))
        return Redirect(f"/dispatch?list={chosen}&done={quote(number)}", status_code=303)

    @post("/{number:str}/{move:str}", sync_to_thread=True, status_code=303)
    def decide(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        move: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Judge a return, rule in a dispute, decide a request; the next one opens by itself."""
        return DISPATCH_DESK.decide(request, here, number, move, data)


def _send(session: Session, city: City, number: str, said: Routed, me: Me, now: datetime, *, area: str) -> None:
    """Give a ticket to a unit; the area that was open is settled with it."""
    if area:
        settled = reassign.correct(session, city, number, Corrected(seq=said.seq, area=area), me, now)
        said = msgspec.structs.replace(said, seq=settled.seq)
    handle.route(session, city, number, said, me, now)


def _more(offer: Offer | None, chosen: str) -> dict[str, Any]:
    """Return who could take the ticket, and what else may be decided about it."""
    if offer is None:
        return {
            "candidates": [],
            "routable": False,
            "sure": _sure,
            "said": {},
            "returned": None,
            "whys": [],
            "acts": [],
        }
    here, sheet = offer.here, offer.sheet
    state = State(sheet.card.state)
    routable = chosen != "approve" and Move.ROUTE in lifecycle.allowed(state, here.me.role)
    return {
        "candidates": _choices(here, sheet) if routable else [],
        "routable": routable,
        "sure": _sure,
        "said": {},
        "returned": _returned(sheet),
        "whys": offer.look.whys(sheet.why),
        "acts": offers.some(offer, JUDGING, LIKELY.get(state, "")),
    }


DISPATCH_DESK = Deciding(
    path="/dispatch",
    template="dispatch/page.html",
    named=lists.to_dispatch,
    usual="person",
    more=_more,
    move=Move.ROUTE,
)


def _returned(sheet: TicketSheet) -> Line | None:
    """Return the last return, as long as it waits for a word."""
    if State(sheet.card.state) not in (State.RETURNED, State.DISPUTED):
        return None
    return next((line for line in reversed(sheet.history) if line.move == Move.RETURN), None)


def _sure(choice: Choice, card: TicketCard) -> bool:
    """Say whether a candidate may be chosen beforehand: named by a person, or by what is known at least so surely."""
    if choice.named:
        return True
    if choice.area or (choice.usual and not choice.why):
        return choice.share >= SURE
    return bool(card.area) and card.area_confidence >= SURE


def _choices(here: Here, sheet: TicketSheet) -> list[Choice]:
    """Return who could take it: whom a return named, then as triage weighs it; who returned it last.

    Where the matter is not settled, each likely area speaks for its own unit, and choosing it settles the area too.
    """
    card, city, on = sheet.card, here.city, here.city.day(here.now)
    asked = partial(
        route.by_rule,
        city,
        place=offers.place_of(sheet),
        on=on,
        at=card.received_at,
        text=f"{card.title}\n{sheet.text}",
        caller_kind=route.caller_kind(sheet.extra),
    )
    what = classify.of_saved(city, sheet.text, card.title, card.area, card.area_confidence)
    usual = _usual(here, sheet, what)
    tables = {area: asked(area=area) for area in dict.fromkeys([units.likely(what), card.area, *_others(what)])}
    found: list[Choice] = []
    owner = offers.owner(sheet) if State(card.state) is State.RETURNED else ""
    if owner in city.units:
        found.append(Choice(unit=owner, row="", why="", named=True))
    shares = {one.area: one.confidence for one in what.candidates} if not card.area else {}
    for place, (area, table) in enumerate(tables.items()):
        weighed = units.offered(city, table, None if place else usual)
        most = 1 if place or not (usual or card.area) else MOST_UNITS
        found += [_choice(one, area if area in shares else "", shares.get(area, 0.0)) for one in weighed[:most]]
    settled = bool(card.area and tables[card.area].unit)
    ranked = sorted(_once(found), key=lambda one: one.unit == card.unit)
    return [_marked(one, usual, settled=settled) for one in ranked[:MOST_UNITS]]


def _once(found: list[Choice]) -> list[Choice]:
    """Return the first choice of each unit, with what the rules say of whom a return named."""
    first: dict[str, Choice] = {}
    for choice in found:
        held = first.setdefault(choice.unit, choice)
        if held.named and not held.why:
            first[choice.unit] = msgspec.structs.replace(choice, named=True)
    return list(first.values())


def _others(what: Classified) -> list[str]:
    """Return the further areas likely enough to be shown."""
    return [one.area for one in what.candidates if one.confidence >= UNLIKELY and not what.area]


def _usual(here: Here, sheet: TicketSheet, what: Classified) -> Usual | None:
    """Return who usually has such a matter, asked as triage asked."""
    card, city = sheet.card, here.city
    above = city.above(offers.place_of(sheet) or "")
    places = [above.get(level, "") for level in ("district", "street", "community")]
    return units.usual(city, sheet.text, card.title, units.of_saved(city, what, places, card.source, card.received_at))


def _marked(one: Choice, found: Usual | None, *, settled: bool) -> Choice:
    """Return a choice with why it is the unit that usually has it, where it is."""
    if found is None or one.unit != found.unit:
        return one
    against = settled and not one.row and not one.named
    return msgspec.structs.replace(one, usual=found.why, share=one.share or found.confidence, against=against)


def _choice(one: Candidate, area: str = "", share: float = 0.0) -> Choice:
    row = one.row
    if row is None and one.why.startswith(units.BY_MODEL):
        return Choice(unit=one.unit, row="", why="", usual=one.why)
    return Choice(
        unit=one.unit,
        why=one.why,
        area=area,
        share=share,
        row=row.id if row else "",
        standard=row.standard if row else "",
        precedent=row.precedent if row else "",
    )
