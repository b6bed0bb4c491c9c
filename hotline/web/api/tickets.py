"""Endpoints of tickets: hand one in, list them, read one, move one."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response.base import ASGIResponse

from classifiers.replies import Finding
from dispatch.lifecycle import MOVES, Move, State
from dispatch.roles import Role
from grids.messages import Message
from hotline import clock
from hotline.city import City
from hotline.errors import BadValue
from hotline.flow import precheck
from hotline.flow.acts import reveal
from hotline.flow.doors import MOVES_BY_NAME
from hotline.people import Me
from hotline.store import db, lists, movekeys, numbers, sheets
from hotline.store.cursors import Order
from hotline.store.lists import Filters
from hotline.store.movekeys import KEY_CHARACTERS, Key
from hotline.store.tickets import Ticket
from hotline.web import access, bodies, callers, codes
from hotline.web.access import AnyRequest, Here
from hotline.web.bodies import ENCODER
from hotline.web.errors import NoSuchMove
from hotline.web.gate import Handed
from hotline.wire.tickets import Coded, Contact, DraftReply, Looked, NewTicket, Page, Phoned, TicketCard, TicketSheet

NEW = msgspec.json.Decoder(NewTicket)
DECODERS = {name: msgspec.json.Decoder(shape) for name, (shape, _) in MOVES_BY_NAME.items()}
REPLY = msgspec.json.Decoder(DraftReply)
LOOKED = msgspec.json.Decoder(Looked)
CARD = msgspec.json.Decoder(TicketCard)
PHONED = msgspec.json.Decoder(Phoned)
RECEIVERS = (Role.AGENT, Role.GRID_LEADER)
EARLIEST, LATEST = 1949, 9998  # years a database of ours can hold in any zone
REPLAYED = {"Idempotent-Replayed": "true"}


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a matter handed in; the same again when the same key comes back, but for the query code.

    query_code  opens the citizen's page of this ticket (查询码); told this once, for the citizen alone
    """

    number: str
    status: str = "accepted"
    query_code: str = ""


@post("/tickets", status_code=201, opt={"admits": RECEIVERS})
async def receive(request: AnyRequest) -> ASGIResponse:
    """受理一件诉求，返回 201 和工单编号。

    同一 Idempotency-Key（或同一来源编号）再次提交返回 200 和第一次的结果，内容不同则返回 409。
    query_code 是市民查询进度用的查询码，只在受理时返回一次，请直接告知市民，不要保存；再次提交时为空。
    """
    me = await access.admit(request, RECEIVERS)
    new = await bodies.read_body(request, NEW)
    hall = access.hall_of(request)
    key = _key(request.headers.get("idempotency-key"), new, me)
    _check_moment("occurred_at", new.occurred_at)
    taken = await hall.gate.put(Handed(await hall.city(), new, me.actor, key))
    body = ENCODER.encode(Taken(number=taken.number, query_code=taken.code))
    if taken.status == "known":
        return ASGIResponse(body=body, status_code=200, media_type=bodies.JSON, headers=REPLAYED)
    return ASGIResponse(body=body, status_code=201, media_type=bodies.JSON)


@get("/tickets", guards=[access.may()], sync_to_thread=True)
def listed(
    here: NamedDependency[Here],
    states: Annotated[list[State] | None, QueryParameter(name="state")] = None,
    unit: FromQuery[str] = "",
    area: FromQuery[str] = "",
    grid: FromQuery[str] = "",
    source: FromQuery[str] = "",
    source_ref: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    q: FromQuery[str] = "",
    overdue: FromQuery[bool] = False,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    order: FromQuery[Order] = "newest",
    size: Annotated[int, QueryParameter(ge=1, le=lists.LARGEST_PAGE)] = 50,
    after: FromQuery[str | None] = None,
) -> Page:
    """查询工单列表，仅限本人可见的工单。

    q 可为工单编号、上级编号，或标题与内容中的文字；热线人员还可用来电号码（每次查询都有记录并限量，超过返回 429）。
    source_ref 为上级编号，须完全相同；after 为上一页返回的翻页标记。
    order 为 due 时只列在办的，为 callback 时只列待回访的。
    back_to 不为空，表示本页只查了这一时刻以来受理的工单：用 after 继续往前查，其间的页可能为空。
    """
    filters = Filters(
        states=frozenset(one.value for one in states or ()),
        unit=unit,
        area=area,
        place=grid,
        source=source,
        kind=kind,
        source_ref=source_ref,
        overdue=overdue,
        since=aware("since", since, here.city),
        until=aware("until", until, here.city),
        **searched(here, q),
    )
    with db.reading() as session:
        return lists.tickets(session, here.me.sight, filters, now=here.now, size=size, after=after, order=order)


@get("/tickets/{number:str}", guards=[access.may()], sync_to_thread=True)
def shown(number: FromPath[str], here: NamedDependency[Here]) -> TicketSheet:
    """读取一件工单的全部内容：办理过程、时限、亮牌、回访。不可见的工单与不存在的工单同样返回 404。"""
    with db.reading() as session:
        return sheets.sheet(session, here.me.sight, number)


@post("/tickets/{number:str}/moves/{move:str}", guards=[access.may()], status_code=200)
async def move(
    number: FromPath[str], move: FromPath[str], request: AnyRequest, here: NamedDependency[Here]
) -> Response[TicketCard]:
    """对工单执行一个操作（签收、报结果、退单等）。状态不符返回 409，无权操作返回 403，不可见返回 404。

    同一人以同一 Idempotency-Key 再次提交，返回第一次的结果，不重复操作；内容不同则返回 409。
    """
    if move not in DECODERS:
        raise NoSuchMove(move, tuple(sorted(DECODERS)))
    said = await bodies.read_body(request, DECODERS[move])
    step: Callable[..., Ticket] = MOVES_BY_NAME[move][1]
    key = _move_key(request.headers.get("idempotency-key"), here.me, number, move, said)

    def work() -> tuple[str, bool]:
        now = clock.now()
        with db.transaction() as session:

            def make() -> str:
                ticket = step(session, here.city, number, said, here.me, now)
                return ENCODER.encode(lists.card_now(session, ticket, here.me.sight)).decode()

            return movekeys.once(session, key, now, make)

    answer, again = await to_thread.run_sync(work)
    return Response(CARD.decode(answer), headers=REPLAYED if again else {})


@post("/tickets/{number:str}/reply-check", guards=[access.may()], status_code=200)
async def reply_check(number: FromPath[str], request: AnyRequest, here: NamedDependency[Here]) -> tuple[Finding, ...]:
    """答复预检：对拟发出的答复给出提示，不保存任何内容，也不阻止提交。不可见的工单返回 404。"""
    said = await bodies.read_body(request, REPLY)

    def work() -> tuple[Finding, ...]:
        with db.reading() as session:
            return precheck.advice(
                session, here.city, here.hall.seal, number, said.note, said.contacted, here.me, here.now
            )

    return await to_thread.run_sync(work)


@post("/tickets/{number:str}/caller", guards=[access.may()], status_code=200)
async def caller(number: FromPath[str], request: AnyRequest, here: NamedDependency[Here]) -> Response[Contact]:
    """查看来电人完整号码（查看号码）。须写明理由，查看人和理由记入工单的内部经过；号码不得缓存。

    没有留下号码或不可见的工单返回 404；要求保密的工单，承办单位和网格长查看返回 403。
    """
    said = await bodies.read_body(request, LOOKED)

    def work() -> Contact:
        with db.transaction() as session:
            return reveal.reveal(session, here.city, here.hall.seal, number, said, here.me, clock.now())

    return Response(await to_thread.run_sync(work), headers={"Cache-Control": "no-store"})


@post("/tickets/{number:str}/query-code", guards=[access.may(*MOVES[Move.RECODE].who)], status_code=200)
async def recode(number: FromPath[str], request: AnyRequest, here: NamedDependency[Here]) -> Response[Coded]:
    """补发查询码：核对来电号码与登记号码一致后返回新的查询码，原查询码作废，并记入工单经过。

    号码不一致返回 403；没有留下号码或不可见的工单返回 404；一刻钟内核对过多返回 429。
    """
    said = await bodies.read_body(request, PHONED)

    def work() -> Coded:
        return codes.issue(here, number, said)

    return Response(await to_thread.run_sync(work), headers={"Cache-Control": "no-store"})


def searched(here: Here, words: str) -> dict[str, Any]:
    """Return the filter a search means: a ticket's number or the upstream one, a caller's (for who may), or words."""
    text = words.strip()
    if not text:
        return {}
    refs = {"refs": numbers.upstream(text)}
    if caller := callers.asked(here, text):
        return refs | {"caller": caller}
    if text.isascii() and text.isalnum() and any(map(str.isdigit, text)) and len(text) >= 12:
        return refs | {"number": text.upper()}
    return refs | {"words": text[:50]}


def _key(given: str | None, new: NewTicket, me: Me) -> tuple[str, str] | None:
    """Return the key the matter is received once under; an upstream number beats the client's own key."""
    if given is None or new.source_ref:
        return None
    return f"api:{me.login}", _checked(given)


def _move_key(given: str | None, me: Me, number: str, move: str, said: msgspec.Struct) -> Key | None:
    """Return the key a move is made once under, None for none."""
    if given is None:
        return None
    digest = movekeys.digest(move, number, said)
    return Key(region=me.region, login=me.login, key=_checked(given), digest=digest, number=number)


def _checked(given: str) -> str:
    if not 0 < len(given) <= KEY_CHARACTERS or not given.isprintable():
        raise BadValue(
            "Idempotency-Key",
            Message("Idempotency-Key 应为 1 到 %(n)s 个可见字符", n=KEY_CHARACTERS),
        )
    return given


def _check_moment(path: str, at: datetime | None) -> None:
    if at is not None and (at.tzinfo is None or not EARLIEST <= at.year <= LATEST):
        raise BadValue(path, Message("应为带时区的时间，例如 2026-01-31T08:00:00+08:00"))


def aware(path: str, at: datetime | None, city: City) -> datetime | None:
    """Return a moment of the address; one without a zone is meant on the city's clocks.  raises BadValue"""
    found = at.replace(tzinfo=city.zone) if at is not None and at.tzinfo is None else at
    _check_moment(path, found)
    return found
