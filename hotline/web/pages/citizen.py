"""The citizen's page: number and last four digits of the phone, no login.  Public lines only, no names of handlers.

A wrong number, wrong digits and a ticket without a phone get one same answer, so that numbers cannot be walked.
"""

import hmac
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Controller, Request, Response, get, post
from litestar.params import URLEncodedBody
from sqlmodel import Session

from dispatch.errors import RuleBroken
from dispatch.lifecycle import State
from hotline import clock
from hotline.city import City
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow import call_back
from hotline.store import db
from hotline.store import lists as store
from hotline.store.lists import Sight
from hotline.store.schema import METADATA
from hotline.web import access
from hotline.web.pages import fields
from hotline.web.pages.looks import of_request, page
from hotline.web.pages.names import Look
from hotline.web.pages.slow import Brake
from hotline.web.strings import msgid
from hotline.wire.tickets import Asked, Line, TicketSheet

AnyRequest = Request[Any, Any, Any]
TICKET, CALLER = METADATA.tables["ticket"], METADATA.tables["caller"]
BRAKE = Brake(tries=5)
# What a citizen reads of a move (msgid), and whether the words written with it are for the citizen.
SHOWN: dict[str, tuple[str, bool]] = {
    "receive": (msgid("已受理"), False),
    "route": (msgid("已派给%(unit)s"), False),
    "sign": (msgid("承办单位已签收"), False),
    "report": (msgid("办理进展"), True),
    "answer": (msgid("办理结果"), True),
    "settle": (msgid("已答复"), True),
    "redo": (msgid("退回承办单位重新办理"), False),
    "miss": (msgid("回访未接通"), False),
    "urge": (msgid("已催办"), False),
    "join": (msgid("已并入同一件诉求一起办理"), False),
    "close": (msgid("办结"), False),
}
STEPS = (msgid("已受理"), msgid("已派单"), msgid("办理中"), msgid("办结"))
REACHED = {
    State.RECEIVED: 0, State.RETURNED: 1, State.ROUTED: 1, State.SIGNED: 2, State.ANSWERED: 2, State.CLOSED: 3,
    State.JOINED: 1,
}  # fmt: skip


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line as a citizen reads it."""

    at: datetime
    title: str
    words: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as its citizen sees it."""

    number: str
    digits: str
    title: str
    steps: list[tuple[str, str]]
    promise: str
    lines: list[Told]
    may_rate: bool


class Citizen(Controller):
    """`/progress`."""

    path = "/progress"
    guards = [access.anyone]  # noqa: RUF012 - Litestar's own way

    @get("/")
    async def form(self, request: AnyRequest) -> Response[str]:
        """Show the two questions."""
        return await _page(request, number=request.query_params.get("number", "")[:32])

    @post("/", sync_to_thread=True, status_code=200)
    def look_up(self, request: AnyRequest, data: URLEncodedBody[dict[str, str]]) -> Response[str]:
        """Show the progress, or the one answer that tells nothing."""
        return _answer(request, data)

    @post("/rating", sync_to_thread=True, status_code=200)
    def rate(self, request: AnyRequest, data: URLEncodedBody[dict[str, str]]) -> Response[str]:
        """Take the citizen's rating."""
        return _answer(request, data, rating=True)


def _answer(request: AnyRequest, data: dict[str, str], rating: bool = False) -> Response[str]:
    city = access.hall_of(request).look_up_city()
    look, now = of_request(request, city), clock.now()
    number, digits = data.get("number", "").strip().upper()[:32], data.get("digits", "").strip()[:4]
    address = request.client.host if request.client else ""
    if not BRAKE.allows((f"address:{address}", f"number:{number}"), now.timestamp()):
        return _shown(request, look, 429, number, problem=look.say("查询过于频繁，请过一分钟再试。"))
    try:
        with db.reading() as session:
            sheet, into = _own(session, city, number, digits)
        problem = _take_rating(look, city, sheet, data, now) if rating else ""
        if rating and not problem:
            with db.reading() as session:
                sheet, into = _own(session, city, number, digits)
    except NoSuchTicket:
        return _shown(
            request, look, 404, number, problem=look.say("没有查到，请核对编号和手机号后四位，或拨打 12345。")
        )
    BRAKE.forgive(f"address:{address}")  # many citizens may share one address
    found = _found(look, sheet, into, digits)
    return _shown(
        request, look, 422 if problem else 200, number, found=found, problem=problem, thanks=rating and not problem
    )


def _own(session: Session, city: City, number: str, digits: str) -> tuple[TicketSheet, TicketSheet | None]:
    """Return the ticket, and the one it was joined to.  raises NoSuchTicket unless the digits are its caller's"""
    query = sa.select(CALLER.c.phone_mask).join(TICKET, TICKET.c.caller_id == CALLER.c.id)
    mask = session.execute(
        query.where(TICKET.c.region == city.region, TICKET.c.number == number)
    ).scalar_one_or_none()  # fmt: skip
    held = (mask or "")[-4:]
    if not hmac.compare_digest(held.encode(), digits.encode()) or len(held) != 4 or not held.isdigit():
        raise NoSuchTicket(number)
    sight = Sight(region=city.region, everything=True)
    sheet = store.sheet(session, sight, number)
    return sheet, store.sheet(session, sight, sheet.joined_to) if sheet.joined_to else None


def _take_rating(look: Look, city: City, sheet: TicketSheet, data: dict[str, str], now: datetime) -> str:
    """Write the rating down; return what is wrong with it, "" if nothing."""
    given = {name: data.get(name, "") for name in ("solved", "satisfaction", "reason")}
    if not given["solved"] or not given["satisfaction"]:
        return look.say("请选择是否解决和是否满意。")
    contacted = {"yes": True, "no": False}.get(data.get("contacted", ""))
    try:
        said = fields.read(Asked, given, reached=True, contacted=contacted, channel="web")
        with db.transaction() as session:
            call_back.citizen_rating(session, city, sheet.card.number, said, now)
    except (HotlineError, RuleBroken):
        return look.say("这件诉求现在不能评价，可能已经评价过了。")
    return ""


def _found(look: Look, sheet: TicketSheet, into: TicketSheet | None, digits: str) -> Found:
    lead = into or sheet
    reached = REACHED.get(State(lead.card.state), 0)
    steps = [
        (look.say(name), "here" if place == reached else "done" if place < reached else "")
        for place, name in enumerate(STEPS)
    ]
    lines = [_told(look, line, sheet) for line in sheet.history if line.public and line.move in SHOWN]
    if into:
        lines += [
            _told(look, line, into) for line in into.history if line.public and SHOWN.get(line.move, ("", False))[1]
        ]
    due, state = lead.card.due_at, State(lead.card.state)
    waits = due is not None and state in {State.ROUTED, State.SIGNED, State.RETURNED}
    promise = look.say("承诺在 %(at)s 前答复您。") % {"at": look.when(due)} if waits and due else ""
    return Found(
        number=sheet.card.number, digits=digits, steps=steps,
        title=sheet.card.title or look.area_short(sheet.card.area),
        promise=promise, lines=sorted(lines, key=lambda line: line.at)[::-1],
        may_rate=State(sheet.card.state) is State.ANSWERED,
    )  # fmt: skip


def _told(look: Look, line: Line, sheet: TicketSheet) -> Told:
    title, for_citizen = SHOWN[line.move]
    words = look.say(title)
    if "%(unit)s" in words:
        words %= {"unit": look.unit(sheet.card.unit)}
    return Told(at=line.at, title=words, words=line.note if for_citizen else "")


async def _page(request: AnyRequest, number: str) -> Response[str]:
    city = await access.hall_of(request).city()
    return _shown(request, of_request(request, city), 200, number)


def _shown(
    request: AnyRequest,
    look: Look,
    status: int,
    number: str,
    *,
    found: Found | None = None,
    problem: str = "",
    thanks: bool = False,
) -> Response[str]:
    hashed = request.scope.get("auth")
    token = access.hall_of(request).csrf(hashed) if hashed else ""
    return page(
        request, "citizen/page.html", look, status=status, token=token, number=number, found=found, problem=problem,
        thanks=thanks, solved_names=look.solved_names(), satisfaction_names=look.satisfaction_names(),
    )  # fmt: skip
