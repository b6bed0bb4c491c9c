"""One ticket: its facts, clocks, reasons, history, and the moves this reader may make."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.lifecycle import MOVES, Move
from dispatch.roles import Role
from hotline.errors import BadValue, NoSuchTicket
from hotline.flow import precheck
from hotline.flow.doors import MOVES_BY_NAME
from hotline.store import db
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages.form import decisions, dial, inputs, moves, offers, photos, recode
from hotline.web.pages.form.dial import DialAnswer
from hotline.web.pages.form.offers import Failed
from hotline.web.pages.form.photos import Posted
from hotline.web.pages.form.recode import Recode
from hotline.web.pages.login import HOMES
from hotline.web.pages.looks import Notice, of_request, office, page
from hotline.web.pages.names import Look
from hotline.wire.tickets import Clock, TicketSheet

BACK = {Role.UNIT: "/unit", Role.GRID_LEADER: "/m"}


class Tickets(Controller):
    """`/tickets/{number}` and its moves."""

    path = "/tickets"
    guards = [access.may()]  # noqa: RUF012 - Litestar's own way

    @get("/{number:str}", sync_to_thread=True)
    def page(
        self, request: Request[Any, Any, Any], here: NamedDependency[Here], number: FromPath[str]
    ) -> Response[str]:
        """Show the ticket."""
        look, done = of_request(request), request.query_params.get("done", "")
        notice = Notice(look.say("“%(move)s”已提交") % {"move": look.move(done)}) if done in MOVES_BY_NAME else None
        return _page(request, here, number, notice, 200)

    @post("/{number:str}/{move:str}", sync_to_thread=True, status_code=303, request_max_body_size=photos.LARGEST_FORM)
    def make(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        move: FromPath[str],
        posted: NamedDependency[Posted],
    ) -> Response[Any]:
        """Make a move; what does not go through keeps the writer's text."""
        look = of_request(request)
        failed = _tried(here, look, number, move, posted)
        if failed:
            notice = Notice(
                look.say("没有提交成功，您写的内容还在。") + posted.again(look.say, failed), "bad", failed.wrong
            )
            return _page(request, here, number, notice, failed.status, failed)
        return Redirect(f"/tickets/{number}?done={move}", status_code=303)

    @post("/{number:str}/advice", sync_to_thread=True, status_code=200)
    def advice(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[str]:
        """Return what a reviewer would ask about the reply so far (答复预检); writes nothing."""
        look, contacted = of_request(request, here.city, here.me), "contacted" in data
        with db.reading() as session:
            found = precheck.advice(
                session, here.city, here.hall.seal, number, data.get("note", ""), contacted, here.me, here.now
            )
        written = bool(data.get("note", "").strip())
        return page(request, "tickets/advice.html", look, found=found, written=written)

    @post("/{number:str}/caller", sync_to_thread=True, status_code=200)
    def caller(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[str]:
        """Show the full number of this ticket's caller, or of one who joined it."""
        said = dial.look_up(here, data.get("of", "") or number, data, of_request(request))
        return _page(request, here, number, None, said.status, said=said)

    @post("/{number:str}/code", sync_to_thread=True, status_code=200, guards=[access.may(*MOVES[Move.RECODE].who)])
    def code(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[str]:
        """Show a new query code of the ticket once, for who calls from its number."""
        given = recode.issue(here, number, data, of_request(request))
        return _page(request, here, number, None, given.status, coded=given)


def _tried(here: Here, look: Look, number: str, move: str, posted: Posted) -> Failed | None:
    try:
        kept = photos.cleaned(posted, here.city.rulebook.photos) if inputs.PHOTOS in moves.of(move).fields else []
    except BadValue as why:
        return offers.refused(look, move, posted.data, why)
    return offers.tried(here, look, number, move, posted.data, kept)


def _page(
    request: Request[Any, Any, Any],
    here: Here,
    number: str,
    notice: Notice | None,
    status: int,
    failed: Failed | None = None,
    said: DialAnswer | None = None,
    coded: Recode | None = None,
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        offer = offers.offered(session, here, look, number, failed)
    if offer is None:
        raise NoSuchTicket(number)
    sheet, card = offer.sheet, offer.sheet.card
    decision, groups = decisions.of_ticket(offer), offers.of_ticket(offer)
    back = BACK.get(here.me.role, "/tickets" if here.me.sight.everything else HOMES[here.me.role])
    return office(
        request,
        here,
        "tickets/page.html",
        back,
        status=status,
        notice=notice,
        sheet=sheet,
        card=card,
        base="/tickets",
        chosen="",
        decision=decision,
        groups=groups,
        keys=decisions.keys(decision, groups),
        asked=decisions.past(offer),
        whys=look.whys(sheet.why),
        back=back,
        done="" if failed else request.query_params.get("done", ""),
        recode=recode.of_ticket(here, number, coded),
        dials_of=_dials(here, look, sheet, said),
        **_beside(here, sheet),
    )


def _dials(here: Here, look: Look, sheet: TicketSheet, said: DialAnswer | None) -> dict[str, dial.Dial | None]:
    """Return how the callers of a ticket and of those joined to it are rung, by number."""
    post = f"/tickets/{sheet.card.number}/caller"
    return {one.number: dial.of_card(one, here, look.say, post, said) for one in (sheet.card, *sheet.joined)}


def _beside(here: Here, sheet: TicketSheet) -> dict[str, Any]:
    """Return what stands beside the words: the clocks, and the grid with who leads it."""
    grid, clocks, tree = sheet.card.grid, _clocks(sheet), here.city.tree
    answering = here.city.leader_of(grid, here.city.day(here.now)) if grid else None
    return {
        "clocks": clocks,
        "earlier": [one for one in sheet.clocks if one not in clocks],
        "leader": answering.name if answering else "",
        "shape": bool(grid and grid in tree and tree.get(grid).rings),
    }


def _clocks(sheet: TicketSheet) -> list[Clock]:
    """Return the clocks that run, the nearest first, those that stand still last; when none does, the last of each."""
    running = [one for one in sheet.clocks if one.stopped_at is None]
    if not running:
        return [*{one.clock: one for one in sheet.clocks}.values()]
    return sorted(running, key=lambda one: (one.paused_at is not None, one.due_at))
