"""A desk that decides (派单台、督办台): its lists, one ticket open; after a move the next one opens by itself."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.response import Redirect

from dispatch.lifecycle import Move
from hotline.store import db
from hotline.web.access import Here
from hotline.web.pages import lists
from hotline.web.pages.form import decisions, offers
from hotline.web.pages.form.offers import Failed, Offer
from hotline.web.pages.lists import Named
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.pages.names import Look


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one desk from the other.

    named  its lists;  usual  the one that is open where none holds anything
    move   what is done here where the address names no move
    more   (the ticket that is open, the list) -> what only this desk's template asks for
    """

    path: str
    template: str
    named: Callable[[datetime], Mapping[str, Named]]
    usual: str
    more: Callable[[Offer | None, str], dict[str, Any]]
    move: str = ""

    def page(
        self,
        request: Request[Any, Any, Any],
        here: Here,
        notice: Notice | None = None,
        status: int = 200,
        chosen: str = "",
        number: str = "",
        failed: Failed | None = None,
        **values: Any,
    ) -> Response[str]:
        """Show the lists, and one ticket: the one that is named, else the first of the list."""
        query, look = request.query_params, of_request(request, here.city, here.me)
        named = self.named(here.now)
        chosen = chosen or query.get("list", "")
        with db.reading() as session:
            chips = lists.chips(session, here, named, look.say)
            chosen = lists.chosen(chips, chosen, self.usual)
            queue = lists.queue(session, here, named[chosen].filters, query.get("after", ""))
            offer = offers.offered(session, here, look, number or query.get("ticket", "") or queue.first, failed)
        done, move = query.get("done", "") if status == 200 else "", query.get("move", self.move)
        given = {
            "notice": notice or _last(look, done, move),
            "filters": chips,
            "chosen": chosen,
            "queue": queue,
            "sheet": offer.sheet if offer else None,
            "card": offer.sheet.card if offer else None,
            "base": self.path,
            "decision": decisions.of_ticket(offer) if offer else None,
            "done": f"{done[:32]}:{move[:32]}" if done else "",
        }
        more = self.more(offer, chosen)
        return office(request, here, self.template, self.path, status=status, **(given | more | values))

    def decide(
        self, request: Request[Any, Any, Any], here: Here, number: str, move: str, data: dict[str, str]
    ) -> Response[Any]:
        """Make a move; the next ticket opens by itself, what was refused stays open with what was typed."""
        failed = offers.tried(here, of_request(request), number, move, data)
        if failed:
            notice = Notice(failed.wrong, "bad")
            return self.page(request, here, notice, failed.status, data.get("list", ""), number, failed)
        query = urlencode({"list": data.get("list", ""), "done": number, "move": move})
        return Redirect(f"{self.path}?{query}", status_code=303)


def _last(look: Look, number: str, move: str) -> Notice | None:
    """Return what is said of the move made last."""
    if not number:
        return None
    if move == Move.ROUTE:
        return Notice(look.say("%(number)s 已派出") % {"number": number[:32]})
    return Notice(look.say("%(number)s：“%(move)s”已提交") % {"number": number[:32], "move": look.move(move)})
