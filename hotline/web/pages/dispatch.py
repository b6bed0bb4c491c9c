"""The dispatcher's desk (派单台): what the rules left for a person, what came back, and who could take it."""

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from sqlmodel import Session

from classifiers import inference
from dispatch.duty import Candidate
from dispatch.errors import RuleBroken
from dispatch.roles import Role
from hotline.errors import BadValue, HotlineError
from hotline.flow import handle, route
from hotline.store import db
from hotline.store import lists as store
from hotline.web import access, errors
from hotline.web.access import Here
from hotline.web.pages import fields, lists
from hotline.web.pages.looks import Notice, of_request, office
from hotline.wire.tickets import Corrected, Routed, TicketCard, TicketSheet

MOST = 3
UNLIKELY = 0.05  # less is no help to the dispatcher


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A unit a dispatcher may choose with one key; `area` is settled with it where it was open."""

    unit: str
    row: str
    why: str
    area: str = ""
    share: float = 0.0


class Dispatching(Controller):
    """`/dispatch`."""

    path = "/dispatch"
    guards = [access.may(Role.DISPATCHER, Role.AGENT, Role.ADMIN)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show the list, and one ticket with its candidates."""
        done = request.query_params.get("done", "")
        say = of_request(request).say
        notice = Notice(say("%(number)s 已派出") % {"number": done[:32]}) if done else None
        return _page(request, here, notice, 200)

    @post("/{number:str}", sync_to_thread=True, status_code=303)
    def send(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Give the ticket to a unit; the next one opens by itself."""
        look = of_request(request, here.city)
        unit, _, area = (data.get("other") or data.get("unit", "")).partition("|")
        try:
            said = fields.read(Routed, data, unit=unit)
            with db.transaction() as session:
                if area:
                    settled = handle.correct(
                        session, here.city, number, Corrected(seq=said.seq, area=area), here.me, here.now
                    )
                    said = msgspec.structs.replace(said, seq=settled.seq)
                handle.route(session, here.city, number, said, here.me, here.now)
        except (HotlineError, RuleBroken) as refused:
            text = look.say("请选择承办单位") if isinstance(refused, BadValue) and not unit else str(refused)
            return _page(request, here, Notice(text, "bad"), errors.told(refused)[0], data.get("list", ""), number)
        chosen = quote(data.get("list", ""))
        return Redirect(f"/dispatch?list={chosen}&done={quote(number)}", status_code=303)


def _page(
    request: Request[Any, Any, Any],
    here: Here,
    notice: Notice | None,
    status: int,
    chosen: str = "",
    number: str = "",
) -> Response[str]:
    query, look = request.query_params, of_request(request, here.city)
    named = lists.to_dispatch(here.now)
    chosen = chosen or query.get("list", "")
    with db.reading() as session:
        chips = lists.chips(session, here, named, look.say)
        if chosen not in named:
            chosen = next((one.name for one in chips if one.count), "person")
        found = lists.found(session, here, named[chosen].filters, query.get("after", ""), size=30)
        sheet = _sheet(session, here, number or query.get("ticket", ""), found.items)
    candidates = _choices(here, sheet) if sheet else []
    returned = next((line for line in reversed(sheet.history) if line.move == "return"), None) if sheet else None
    return office(
        request, here, "dispatch/page.html", "/dispatch", status=status, notice=notice, filters=chips, chosen=chosen,
        cards=found.items, after=found.after, sheet=sheet, candidates=candidates, returned=returned,
        whys=look.whys(sheet.why) if sheet else [],
    )  # fmt: skip


def _sheet(session: Session, here: Here, number: str, cards: list[TicketCard]) -> TicketSheet | None:
    wanted = number or (cards[0].number if cards else "")
    if not wanted:
        return None
    return store.sheet(session, here.me.sight, wanted)


def _choices(here: Here, sheet: TicketSheet) -> list[Choice]:
    """Return who could take it, the likeliest first; who returned it comes last.

    Where the matter is not settled, each likely area speaks for its own unit, and choosing it settles the area too.
    """
    card, on = sheet.card, here.city.day(here.now)
    place = card.grid or card.community or None
    found: list[Choice] = []
    if not card.area and here.city.model is not None:
        guess = inference.guess(here.city.model, sheet.text, card.title)
        for one in guess.candidates:
            if one.confidence < UNLIKELY:
                continue
            chosen = route.by_rule(here.city, one.area, place, on).candidates[:1]
            found += [_choice(candidate, one.area, one.confidence) for candidate in chosen]
    found += [_choice(candidate) for candidate in route.by_rule(here.city, card.area, place, on).candidates]
    first: dict[str, Choice] = {}
    for choice in found:
        first.setdefault(choice.unit, choice)
    return sorted(first.values(), key=lambda one: one.unit == card.unit)[:MOST]


def _choice(one: Candidate, area: str = "", share: float = 0.0) -> Choice:
    return Choice(unit=one.unit, row=one.row.id if one.row else "", why=one.why, area=area, share=share)
