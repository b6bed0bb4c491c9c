"""The supervisor's desk (督办台): proposed cards, requests only a supervisor decides, what is watched."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.roles import Role
from hotline.store import db
from hotline.store.sweep import LEVELS
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages import lists
from hotline.web.pages.dispatch import told
from hotline.web.pages.form import decisions, offers
from hotline.web.pages.form.offers import NO, YES, Act, Failed, Group, Offer
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.pages.names import Look
from hotline.wire.tickets import Card

WATCHING = ("pass", "reject", "reassign", "conclude", *LEVELS[2:], "drop_card", "urge", "note")


class Supervising(Controller):
    """`/supervise`."""

    path = "/supervise"
    guards = [access.may(Role.SUPERVISOR)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show the lists, and one ticket with what waits for a word."""
        query = request.query_params
        return _page(request, here, told(of_request(request), query.get("done", ""), query.get("move", "")), 200)

    @post("/{number:str}/{move:str}", sync_to_thread=True, status_code=303)
    def decide(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        move: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Make a move; the next one opens by itself."""
        failed = offers.tried(here, of_request(request).say, number, move, data)
        if failed:
            notice = Notice(failed.wrong, "bad")
            return _page(request, here, notice, failed.status, data.get("list", ""), number, failed)
        query = urlencode({"list": data.get("list", ""), "done": number, "move": move})
        return Redirect(f"/supervise?{query}", status_code=303)


def _page(
    request: Request[Any, Any, Any],
    here: Here,
    notice: Notice | None,
    status: int,
    chosen: str = "",
    number: str = "",
    failed: Failed | None = None,
) -> Response[str]:
    query, look = request.query_params, of_request(request, here.city, here.me)
    named = lists.to_supervise(here.now)
    chosen = chosen or query.get("list", "")
    with db.reading() as session:
        chips = lists.chips(session, here, named, look.say)
        if chosen not in named:
            chosen = next((one.name for one in chips if one.count), "cards")
        queue = lists.queue(session, here, named[chosen].filters, query.get("after", ""))
        offer = offers.offered(session, here, look, number or query.get("ticket", "") or queue.first, failed)
    done = query.get("done", "") if status == 200 else ""
    sheet = offer.sheet if offer else None
    card = next((one for one in sheet.cards if one.move == "propose" and not one.decision), None) if sheet else None
    show, drop, groups = _acts(offer, card, look) if offer else (None, None, [])
    return office(
        request,
        here,
        "supervise/page.html",
        "/supervise",
        status=status,
        notice=notice,
        filters=chips,
        chosen=chosen,
        queue=queue,
        sheet=sheet,
        card=sheet.card if sheet else None,
        base="/supervise",
        proposed=card,
        show=show,
        drop=drop,
        groups=groups,
        decision=decisions.of_ticket(offer) if offer else None,
        done=f"{done[:32]}:{query.get('move', '')[:32]}" if done else "",
    )


def _acts(offer: Offer, card: Card | None, look: Look) -> tuple[Act | None, Act | None, list[Group]]:
    """Return the two answers to a proposed card, and what else may be done."""
    found = {act.name: act for act in offers.some(offer, WATCHING)}
    show = found.pop(card.card, None) if card else None
    drop = found.pop("drop_card", None)
    cards = [act for name, act in found.items() if name in LEVELS]
    others = [act for name, act in found.items() if name not in LEVELS]
    return (
        offers.keyed(show, YES) if show else None,
        offers.keyed(drop, NO, look.move("drop_card")) if drop else None,
        [
            Group(name="next", label="", acts=others),
            Group(name="cards", label=look.say("直接亮牌"), acts=cards, open=any(act.open for act in cards)),
        ],
    )
