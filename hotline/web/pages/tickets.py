"""One ticket: its facts, clocks, reasons, history, and the moves this reader may make."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.errors import RuleBroken
from dispatch.roles import Role
from hotline.errors import BadValue, HotlineError, NoSuchTicket, NotAllowed, StaleTicket
from hotline.flow.doors import MOVES_BY_NAME
from hotline.store import db
from hotline.store import lists as store
from hotline.web import access, errors
from hotline.web.access import Here
from hotline.web.pages import acts, dial, fields
from hotline.web.pages.acts import Failed
from hotline.web.pages.dial import Said
from hotline.web.pages.login import HOMES
from hotline.web.pages.looks import Notice, of_request, office

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

    @post("/{number:str}/{move:str}", sync_to_thread=True, status_code=303)
    def make(
        self,
        request: Request[Any, Any, Any],
        here: NamedDependency[Here],
        number: FromPath[str],
        move: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Make a move; what does not go through keeps the writer's text."""
        if move not in MOVES_BY_NAME:
            raise NotAllowed(of_request(request).say("没有这个操作"))
        kind, function = MOVES_BY_NAME[move]
        given = {"contacted": "contacted" in data} if move == "answer" else {}
        try:
            said = fields.read(kind, data, **given)
            with db.transaction() as session:
                function(session, here.city, number, said, here.me, here.now)
        except NoSuchTicket:
            raise
        except (HotlineError, RuleBroken) as refused:
            return _refused(request, here, number, move, data, refused)
        return Redirect(f"/tickets/{number}?done={move}", status_code=303)

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


def _refused(
    request: Request[Any, Any, Any], here: Here, number: str, move: str, data: dict[str, str], refused: Exception
) -> Response[str]:
    say = of_request(request).say
    path = refused.path if isinstance(refused, BadValue) else ""
    text = str(refused) or say("请填写必填的内容后再提交")
    seen = refused.seen if isinstance(refused, StaleTicket) else None
    if seen is None and not isinstance(refused, BadValue) and data.get("seq", "").isdigit():
        seen = int(data["seq"])
    failed = Failed(name=move, said=data, wrong=text, path=path, seen=seen)
    notice = Notice(say("没有提交成功，您写的内容还在。"), "bad", text)
    return _page(request, here, number, notice, errors.told(refused)[0], failed)


def _page(
    request: Request[Any, Any, Any],
    here: Here,
    number: str,
    notice: Notice | None,
    status: int,
    failed: Failed | None = None,
    said: Said | None = None,
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        sheet = store.sheet(session, here.me.sight, number)
    card = sheet.card
    running = {one.clock: one for one in sheet.clocks}  # of each promise the one started last
    answering = here.city.leader_of(card.grid, here.city.day(here.now)) if card.grid else None
    shape = bool(card.grid in here.city.tree and here.city.tree.get(card.grid).rings) if card.grid else False
    back = BACK.get(here.me.role, "/tickets" if here.me.sight.everything else HOMES[here.me.role])
    return office(
        request, here, "tickets/page.html", back, status=status, notice=notice, sheet=sheet, card=card,
        acts=acts.of_ticket(sheet, here, look.say, failed), whys=look.whys(sheet.why), back=back,
        clocks=[*running.values()], earlier=[one for one in sheet.clocks if running[one.clock] is not one],
        done="" if failed else request.query_params.get("done", ""),
        leader=answering.name if answering else "", shape=shape,
        dials_of={one.number: dial.of_card(one, here, look.say, f"/tickets/{card.number}/caller", said)
                  for one in (card, *sheet.joined)},
    )  # fmt: skip
