"""The supervisor's desk (督办台): proposed cards, requests only a supervisor decides, what is watched."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from dispatch.escalation import LEVELS
from dispatch.lifecycle import Move
from dispatch.roles import Role
from hotline.web import access
from hotline.web.access import AnyRequest, Here
from hotline.web.pages import lists
from hotline.web.pages.form import moves, offers
from hotline.web.pages.form.deciding import Deciding
from hotline.web.pages.form.offers import NO, YES, Act, Group, Offer
from hotline.web.pages.names import Look
from hotline.wire.tickets import Card

WATCHING = moves.at("/supervise")


class Supervising(Controller):
    """`/supervise`."""

    path = "/supervise"
    guards = [access.may(Role.SUPERVISOR)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the lists, and one ticket with what waits for a word."""
        return SUPERVISOR_DESK.page(request, here)

    @post("/{number:str}/{move:str}", sync_to_thread=True, status_code=303)
    def decide(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        move: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Make a move; the next one opens by itself."""
        return SUPERVISOR_DESK.decide(request, here, number, move, data)


def _more(offer: Offer | None, _chosen: str) -> dict[str, Any]:
    """Return the card that waits for a word, its two answers, and what else may be done."""
    if offer is None:
        return {"proposed": None, "show": None, "drop": None, "groups": []}
    waiting = [one for one in offer.sheet.cards if one.move == Move.PROPOSE and not one.decision]
    card = waiting[0] if waiting else None
    show, drop, groups = _acts(offer, card, offer.look)
    return {"proposed": card, "show": show, "drop": drop, "groups": groups}


def _acts(offer: Offer, card: Card | None, look: Look) -> tuple[Act | None, Act | None, list[Group]]:
    """Return the two answers to a proposed card, and what else may be done."""
    found = {act.name: act for act in offers.some(offer, WATCHING)}
    show = found.pop(card.card, None) if card else None
    drop = found.pop(Move.DROP_CARD, None)
    cards = [act for name, act in found.items() if name in LEVELS]
    others = [act for name, act in found.items() if name not in LEVELS]
    return (
        offers.keyed(show, YES) if show else None,
        offers.keyed(drop, NO, look.move(Move.DROP_CARD)) if drop else None,
        [
            Group(name="next", label="", acts=others),
            Group(name="cards", label=look.say("直接亮牌"), acts=cards, open=any(act.open for act in cards)),
        ],
    )


SUPERVISOR_DESK = Deciding(
    path="/supervise", template="supervise/page.html", named=lists.to_supervise, usual="cards", more=_more
)
