"""One ticket: its facts, clocks, reasons, history, and the moves this reader may make."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.lifecycle import MOVES
from dispatch.roles import Role
from hotline.errors import BadValue, NoSuchTicket
from hotline.flow import precheck
from hotline.flow.doors import MOVES_BY_NAME
from hotline.store import db
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages.form import decisions, dial, inputs, moves, offers, photos, recode
from hotline.web.pages.form.dial import Said
from hotline.web.pages.form.offers import Failed
from hotline.web.pages.form.photos import Posted
from hotline.web.pages.form.recode import Recode
from hotline.web.pages.login import HOMES
from hotline.web.pages.looks import Notice, of_request, office, page
from hotline.web.strings import Say
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
        say = of_request(request).say
        failed = _tried(here, say, number, move, posted)
        if failed:
            notice = Notice(say("没有提交成功，您写的内容还在。") + posted.again(say, failed), "bad", failed.wrong)
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
        said = dial.look_up(here, data.get("of", "") or number, data, of_request(request).say)
        return _page(request, here, number, None, said.status, said=said)

    @post("/{number:str}/code", sync_to_thread=True, status_code=200, guards=[access.may(*MOVES["recode"].who)])
    def code(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[str]:
        """Show a new query code of the ticket once, for who calls from its number."""
        given = recode.issue(here, number, data, of_request(request).say)
        return _page(request, here, number, None, given.status, coded=given)


def _tried(here: Here, say: Say, number: str, move: str, posted: Posted) -> Failed | None:
    try:
        kept = photos.cleaned(posted, say) if inputs.PHOTOS in moves.of(move).fields else []
    except BadValue as why:
        return offers.refused(say, move, posted.data, why)
    return offers.tried(here, say, number, move, posted.data, kept)


def _page(
    request: Request[Any, Any, Any],
    here: Here,
    number: str,
    notice: Notice | None,
    status: int,
    failed: Failed | None = None,
    said: Said | None = None,
    coded: Recode | None = None,
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        offer = offers.offered(session, here, look, number, failed)
    if offer is None:
        raise NoSuchTicket(number)
    sheet, card = offer.sheet, offer.sheet.card
    decision, groups = decisions.of_ticket(offer), offers.of_ticket(offer)
    clocks = _clocks(sheet)
    answering = here.city.leader_of(card.grid, here.city.day(here.now)) if card.grid else None
    shape = bool(card.grid in here.city.tree and here.city.tree.get(card.grid).rings) if card.grid else False
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
        clocks=clocks,
        earlier=[one for one in sheet.clocks if one not in clocks],
        done="" if failed else request.query_params.get("done", ""),
        leader=answering.name if answering else "",
        shape=shape,
        recode=recode.of_ticket(here, number, coded),
        dials_of={
            one.number: dial.of_card(one, here, look.say, f"/tickets/{card.number}/caller", said)
            for one in (card, *sheet.joined)
        },
    )


def _clocks(sheet: TicketSheet) -> list[Clock]:
    """Return the clocks that run, the nearest first, those that stand still last; when none does, the last of each."""
    running = [one for one in sheet.clocks if one.stopped_at is None]
    if not running:
        return [*{one.clock: one for one in sheet.clocks}.values()]
    return sorted(running, key=lambda one: (one.paused_at is not None, one.due_at))
