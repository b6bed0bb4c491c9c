"""The grid leader's phone (网格长): today's list, one ticket, an answer in three taps.  No script needed."""

from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.lifecycle import MOVES, Move, State
from dispatch.roles import Role
from hotline.errors import BadValue, NoSuchTicket, StaleTicket
from hotline.flow.acts import deeds
from hotline.store import db, notices
from hotline.store import lists as store
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages import lists
from hotline.web.pages.form import dial, offers, photos
from hotline.web.pages.form.dial import DialAnswer
from hotline.web.pages.form.photos import Posted
from hotline.web.pages.looks import Notice, of_request, page
from hotline.web.pages.names import Look
from hotline.web.pages.phone.taking import take
from hotline.web.strings import msgid
from hotline.wire.tickets import Clock, Hand, TicketSheet

FOUR = ("there", "doing", "done", "cannot")
OFFERED = {
    State.ROUTED: FOUR,
    State.SIGNED: (*FOUR, "lack"),
    State.LACKING: ("resume",),
    State.PARKED: ("review", "resume"),
}
TICKETS_A_PAGE = 20


class Leader(Controller):
    """`/m`."""

    path = "/m"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def today(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show what waits in the own grids, what is due first on top."""
        query, look = request.query_params, of_request(request, here.city, here.me)
        work = lists.at_work(here.now)
        hands = store.Filters(states=work["to_sign"].filters.states | work["working"].filters.states)
        still = store.Filters(states=work["lacking"].filters.states | work["parked"].filters.states)
        named = {
            "all": lists.Named(msgid("全部"), hands),
            "overdue": work["overdue"],
            "soon": work["soon"],
            "still": lists.Named(msgid("待补充、挂账"), still),
        }
        chosen = query.get("list", "") if query.get("list", "") in named else "all"
        with db.reading() as session:
            chips = lists.chips(session, here, named, look.say)
            found = lists.page_of(session, here, named[chosen].filters, query.get("after", ""), size=TICKETS_A_PAGE)
            unread = notices.unread(session, here.me.sight, login=here.me.login, role=here.me.role)
        done = query.get("done", "")
        said = look.say("%(number)s 已提交")
        if query.get("as") == "handled":
            said = look.say("%(number)s 已当场办结，记为未诉先办")
        elif query.get("as") == "passed":
            said = look.say("%(number)s 已转到所属网格")
        notice = Notice(said % {"number": done[:32]}) if done else None
        names = "、".join(look.place(code) for code in here.me.grids[:3])
        return page(
            request,
            "leader/list.html",
            look,
            token=here.csrf,
            notice=notice,
            done=done[:32],
            filters=chips,
            chosen=chosen,
            cards=found.items,
            after=found.after,
            grids=names,
            unread=unread,
        )

    @get("/waiting", sync_to_thread=True)
    def waiting(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the page of what waits to be sent (待传); what stands on it is the phone's own."""
        return page(request, "leader/waiting.html", of_request(request, here.city, here.me), token=here.csrf)

    @get("/{number:str}", sync_to_thread=True)
    def ticket(self, request: AnyRequest, here: NamedDependency[Here], number: FromPath[str]) -> Response[str]:
        """Show one ticket and the four answers."""
        return _ticket(request, here, number)

    @post("/{number:str}/caller", sync_to_thread=True, status_code=200)
    def caller(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[str]:
        """Show the full number; that it was looked at stands in the ticket's history."""
        asked = dial.look_up(here, number, data, of_request(request))
        return _ticket(request, here, number, status=asked.status, asked=asked)

    @post("/{number:str}", sync_to_thread=True, status_code=303, request_max_body_size=photos.LARGEST_FORM)
    def answer(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        posted: NamedDependency[Posted],
    ) -> Response[Any]:
        """Take one of the answers, with its photos; who reports on a ticket has taken it in hand."""
        look = of_request(request)
        refused = take(here, number, "answer", posted)
        if refused:
            notice, status = _refusal(look, posted, refused), errors.status(refused)
            return _ticket(request, here, number, notice, status, posted.data, refused)
        return Redirect(f"/m?done={quote(number)}", status_code=303)


def _refusal(look: Look, posted: Posted, refused: Exception) -> Notice:
    """Return what is said of a form that comes back."""
    text = (look.refusal(refused) or look.say("有一项填写有误，请核对")) + posted.again(look.say, refused)
    return Notice(text, "bad", posted.data.get("note", "") if isinstance(refused, StaleTicket) else "")


def _at(refused: Exception | None, *names: str) -> bool:
    """Say whether it is one of these fields that will not do."""
    return isinstance(refused, BadValue) and refused.path in names


def _ticket(
    request: AnyRequest,
    here: Here,
    number: str,
    notice: Notice | None = None,
    status: int = 200,
    data: dict[str, str] | None = None,
    refused: Exception | None = None,
    asked: DialAnswer | None = None,
) -> Response[str]:
    look = of_request(request, here.city, here.me)
    with db.reading() as session:
        offer = offers.offered(session, here, look, number)
    if offer is None:
        raise NoSuchTicket(number)
    sheet = msgspec.structs.replace(offer.sheet, history=offer.sheet.history[-30:])
    wrong = notice.text if notice and _at(refused, "note", "basis", "unit", photos.PHOTOS_FIELD) else ""
    given = data or {}
    if notice is None and "whistled" in request.query_params:
        notice = Notice(look.say("已吹哨，对方已收到通知"))
    names = OFFERED.get(State(sheet.card.state), ())
    return page(
        request,
        "leader/ticket.html",
        look,
        status=status,
        token=here.csrf,
        notice=None if wrong else notice,
        sheet=sheet,
        card=sheet.card,
        left=look.left(sheet.card),
        said=given,
        chosen=given.get("answer", ""),
        wrong=wrong,
        path=refused.path if isinstance(refused, BadValue) else "",
        answers=[(name, look.say(deeds.ANSWERS[name])) for name in names],
        back=offers.act_of(offer, Move.RETURN) if "cannot" in names else None,
        dial=dial.of_card(sheet.card, here, look.say, f"/m/{number}/caller", asked, preset="contact"),
        **_others(here, sheet),
    )


def _others(here: Here, sheet: TicketSheet) -> dict[str, Any]:
    """Return who else has a word in it: who was called, may be called, is silent, or was asked."""
    card = sheet.card
    return {
        "whistles": _whistles(here, sheet),
        "may_whistle": bool(here.city.rulebook.whistle.reason) and card.state in MOVES[Move.WHISTLE].origins,
        "may_pass": bool(card.grid) and card.state in MOVES[Move.REGRID].origins,
        "silent": offers.silent(sheet),
        "asked": next((line.note for line in reversed(sheet.history) if line.move == Move.LACK), ""),
    }


def _whistles(here: Here, sheet: TicketSheet) -> list[tuple[Hand, str, Clock | None]]:
    """Return who was called (吹哨), why, and the clock it answers by."""
    clocks = {one.unit: one for one in sheet.clocks if one.clock == "whistle"}
    labels = {one.code: one.label for one in here.city.rulebook.whistle.reason}
    return [
        (hand, labels.get(hand.whistle, hand.whistle), clocks.get(hand.unit)) for hand in sheet.hands if hand.whistle
    ]
