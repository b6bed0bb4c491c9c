"""Login and authorisation: cookie session or bearer token, guards by role, protection against forged requests.

One guard does all of it before the handler runs, so that a hot handler needs no dependency for it.  Cookie sessions are
open to forgery by other sites; three things stand against it: SameSite=Lax, the browser's own word on where a request
comes from (Sec-Fetch-Site, Origin), and, for whatever an HTML form can send, a token bound to the session.
"""

import hmac
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from anyio import CapacityLimiter, to_thread
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, FormMultiDict
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message
from hotline import clock, people
from hotline.city import City
from hotline.errors import NotAllowed
from hotline.people import Me, NoSession
from hotline.store import db
from hotline.web import bodies, peers
from hotline.web.bodies import JSON
from hotline.web.hall import Hall, Session

SESSION_COOKIE = "hotline_session"
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf_token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOGINS_AT_ONCE = CapacityLimiter(2)  # a password check takes a core for 50 ms and 19 MiB

AnyRequest = Request[Any, Any, Any]


class ForgedRequest(NotAllowed):
    """The request may come from another site's page."""

    code = "forged_request"

    def __init__(self) -> None:
        super().__init__(Message("页面已过期或请求来自其他网站，未作任何改动；请刷新页面后重新提交"))


class Here(msgspec.Struct, frozen=True):
    """The one context object of a handler behind a `may` guard."""

    me: Me
    city: City
    hall: Hall
    now: datetime
    csrf: str


def may(*roles: Role) -> Guard:
    """Return the guard that lets in who serves as one of `roles`; with none named, whoever is logged in.

    The guard raises NoSession, NotAllowed, ForgedRequest.
    """

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        await admit(connection, roles)

    return guard


async def admit(connection: ASGIConnection[Any, Any, Any, Any], roles: tuple[Role, ...]) -> Me:
    """Return who asks, if one of `roles`.  What a `may` guard does; the hot route calls it itself.

    The framework copies the route for each guard it asks, which costs as much as decoding a ticket.
    raises  NoSession, NotAllowed, ForgedRequest
    """
    bearer = _bearer(connection)
    token = bearer or connection.cookies.get(SESSION_COOKIE)
    if not token:
        raise NoSession
    session = await hall_of(connection).session(token)
    connection.scope["user"], connection.scope["auth"] = session.me, session.hashed
    if roles and session.me.role not in roles:
        names = tuple(Message(ROLE_NAMES[role]) for role in roles)
        raise NotAllowed(
            Message(
                "此功能由%(roles)s使用，您的岗位是%(role)s；如需开通请联系管理员",
                roles=names,
                role=Message(ROLE_NAMES[session.me.role]),
            )
        )
    if not bearer and _changes(connection):
        await _refuse_forged(connection, session)
    return session.me


async def anyone(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard of public routes: everybody may come in, but not from another site's page.

    `request.user` is who is logged in, or None; such a route does nothing that needs to be somebody.
    """
    if _changes(connection) and _origin(connection) == "foreign":
        raise ForgedRequest
    connection.scope["user"], connection.scope["auth"] = None, None
    token = _bearer(connection) or connection.cookies.get(SESSION_COOKIE)
    if token:
        with suppress(NoSession):
            session = await hall_of(connection).session(token)
            connection.scope["user"], connection.scope["auth"] = session.me, session.hashed


async def open_door(_: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler) -> None:
    """Guard of what knows nobody and changes nothing: health, metrics, static files."""


def hall_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Hall:
    """Return the hall of the application that serves this connection."""
    return hall_of_app(connection.app)


def hall_of_app(app: Litestar) -> Hall:
    """Return the hall of an application."""
    hall: Hall = app.state["hall"]
    return hall


def me(request: AnyRequest) -> Me:
    """Dependency `me`: who asks.  Behind a `may` guard only."""
    found: Me = request.scope["user"]
    return found


def csrf_of(request: AnyRequest) -> str:
    """Return the token forms of this browser's session must carry; "" where nobody is logged in."""
    hashed = request.scope.get("auth")
    return hall_of(request).csrf(hashed) if hashed else ""


async def here(request: AnyRequest) -> Here:
    """Dependency `here`: who asks, the city in force, now.  Behind a `may` guard only."""
    hall = hall_of(request)
    return Here(me(request), await hall.city(), hall, clock.now(), csrf_of(request))


async def log_in(request: AnyRequest, login: str, password: str) -> Cookie:
    """Return the cookie of a new session; a session the browser held before is ended.  raises BadLogin"""
    hall = hall_of(request)
    city = await hall.city()

    def work() -> str:
        address, device = peers.network(request), request.headers.get("user-agent", "")
        return people.log_in(city.region, login, password, address=address, device=device, now=clock.now())

    token = await to_thread.run_sync(work, limiter=LOGINS_AT_ONCE)
    await _end(request)
    return _cookie(request, token, int(people.ABSOLUTE["browser"].total_seconds()))


async def log_out(request: AnyRequest) -> Cookie:
    """End the browser's session now; return the cookie that makes it forget."""
    await _end(request)
    return _cookie(request, "", 0)


async def _end(request: AnyRequest) -> None:
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return
    hashed = people.token_hash(token)

    def work() -> None:
        with db.transaction() as session:
            people.log_out(session, token)

    await to_thread.run_sync(work)
    hall_of(request).forget_session(hashed)


def _cookie(request: AnyRequest, token: str, max_age: int) -> Cookie:
    secure = request.scope["scheme"] == "https"
    return Cookie(
        key=SESSION_COOKIE, value=token, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure
    )


def _bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _changes(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    return connection.scope.get("method") not in SAFE


async def _refuse_forged(connection: ASGIConnection[Any, Any, Any, Any], session: Session) -> None:
    """Raise ForgedRequest unless the request is this site's own, as far as can be told."""
    origin = _origin(connection)
    json = connection.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON
    if origin == "foreign":
        raise ForgedRequest
    form = not json and connection.scope.get("method") == "POST"
    if not form and origin == "own":  # no other site's page can send this type or method without asking us first
        return
    given = connection.headers.get(CSRF_HEADER)
    posted = await bodies.form(connection) if not given and isinstance(connection, Request) else FormMultiDict()
    token = given or posted.get(CSRF_FIELD, "")
    expected = hall_of(connection).csrf(session.hashed).encode()
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), expected):
        await posted.close()
        raise ForgedRequest


def _origin(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return "own", "foreign", or "unknown" where the browser says nothing."""
    site = connection.headers.get("sec-fetch-site", "")
    if site:
        return "own" if site in {"same-origin", "none"} else "foreign"
    origin = connection.headers.get("origin", "")
    if not origin:
        return "unknown"
    scheme, _, host = origin.partition("://")
    downgraded = connection.scope["scheme"] == "https" and scheme != "https"
    return "own" if host == connection.headers.get("host", "") and not downgraded else "foreign"
