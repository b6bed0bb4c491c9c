"""The door: sessions, tokens, forged requests, roles, scope; and that no route stands open by mistake."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar, Request, Response, Router, post
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient

from dispatch.roles import Role
from hotline import clock, people
from hotline.city import City
from hotline.settings import Settings
from hotline.store import db
from hotline.store.schema import METADATA
from hotline.web import access
from hotline.web.app import create_app
from tests.hotline.web.conftest import PASSWORD

Web = TestClient[Litestar]
SESSION = METADATA.tables["login_session"]
MOVE = "/api/v1/tickets/SL260101000017/moves/sign"


@post("/test/in", guards=[access.anyone], status_code=200)
async def door(request: Request[Any, Any, Any]) -> Response[str]:
    """Log in."""
    form = await request.json()
    return Response(access.csrf_of(request), cookies=[await access.log_in(request, form["login"], form["password"])])


@post("/test/out", guards=[access.may()], status_code=200)
async def out(request: Request[Any, Any, Any]) -> Response[str]:
    """Log out."""
    return Response("", cookies=[await access.log_out(request)])


@post("/test/form", guards=[access.may(Role.AGENT)], status_code=200)
async def form(request: Request[Any, Any, Any]) -> str:
    """Take a form."""
    return str((await request.form()).get("word", ""))


@post("/test/token", guards=[access.may()], status_code=200)
async def token(request: Request[Any, Any, Any]) -> str:
    """Tell the token of forms."""
    return access.csrf_of(request)


@pytest.fixture(scope="module")
def web(config: Settings, rules: City) -> Iterator[Web]:
    """The application, with doors of the test's own."""
    assert rules.region
    app = create_app(config)
    app.register(Router("/", route_handlers=[door, out, form, token], include_in_schema=False))
    with TestClient(app) as client:
        yield client


@pytest.fixture
def login(web: Web) -> Iterator[Callable[[str], str]]:
    """A function that logs somebody in and returns the session's token."""

    def enter(name: str) -> str:
        answer = web.post("/test/in", json={"login": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return answer.cookies[access.SESSION_COOKIE]

    web.cookies.clear()
    yield enter
    web.cookies.clear()


def status(web: Web, **headers: str) -> int:
    return web.get("/api/v1/tickets", headers=headers).status_code


def test_cookie_is_safe_and_new_at_each_login(web: Web, login: Callable[[str], str]) -> None:
    first = login("agent")
    answer = web.post(
        "/test/in", json={"login": "agent", "password": PASSWORD}, headers={"origin": "http://testserver.local"}
    )
    second = answer.cookies[access.SESSION_COOKIE]
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert first != second
    web.cookies.clear()
    assert status(web, cookie=f"{access.SESSION_COOKIE}={first}") == 401
    assert status(web, cookie=f"{access.SESSION_COOKIE}={second}") == 200


def test_an_invented_session_is_nobody(web: Web) -> None:
    assert status(web, cookie=f"{access.SESSION_COOKIE}=invented") == 401
    assert status(web, authorization="Bearer invented") == 401
    assert status(web, authorization="Basic YTpi") == 401
    assert status(web) == 401


def test_only_the_hash_is_stored(web: Web, login: Callable[[str], str]) -> None:
    given = login("agent")
    with db.reading() as session:
        stored = session.execute(sa.select(SESSION)).all()
    assert people.token_hash(given) in {row.token_hash for row in stored}
    assert not any(given in str(row) for row in stored)


def test_logout_kills_at_once(web: Web, login: Callable[[str], str]) -> None:
    given = login("agent")
    assert status(web) == 200
    csrf = web.post("/test/token", json={}, headers={"sec-fetch-site": "same-origin"}).text
    assert web.post("/test/out", headers={"x-csrf-token": csrf}).status_code == 200
    assert status(web, cookie=f"{access.SESSION_COOKIE}={given}") == 401


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver.local"}, 403),
        ({"origin": "http://testserver.local"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"x-csrf-token": "wrong"}, 403),
        ({"x-csrf-token": "好"}, 403),
    ],
)
def test_forged_json(web: Web, login: Callable[[str], str], headers: dict[str, str], expected: int) -> None:
    login("agent")
    sent = {name: value.encode() for name, value in headers.items()}
    answer = web.post("/test/token", json={}, headers=sent)
    assert answer.status_code == expected, answer.text
    if expected == 403:
        assert answer.json()["code"] == "forged_request"


@pytest.mark.parametrize(
    ("field", "header", "site", "expected"),
    [
        ("good", "", "same-origin", 200),
        ("", "good", "same-origin", 200),
        ("", "", "same-origin", 403),
        ("bad", "", "same-origin", 403),
        ("good", "", "cross-site", 403),
        ("good", "", "", 200),
        ("stale", "", "same-origin", 403),
    ],
)
def test_forged_forms(web: Web, login: Callable[[str], str], field: str, header: str, site: str, expected: int) -> None:
    login("agent2")
    own = {"sec-fetch-site": "same-origin"}
    stale = web.post("/test/token", json={}, headers=own).text
    login("agent")
    tokens = {"good": web.post("/test/token", json={}, headers=own).text, "bad": "0" * 64, "stale": stale, "": ""}
    sent = ({"x-csrf-token": tokens[header]} if header else {}) | ({"sec-fetch-site": site} if site else {})
    answer = web.post("/test/form", data={"word": "好", "csrf_token": tokens[field]}, headers=sent)
    assert answer.status_code == expected, answer.text
    assert answer.text == "好" if expected == 200 else answer.json()["code"] == "forged_request"


def test_bearer_needs_no_form_token(web: Web, rules: City) -> None:
    with db.transaction() as session:
        machine = people.machine_token(session, rules.region, "agent", device="pbx", now=clock.now())
    headers = {"authorization": f"Bearer {machine}", "origin": "http://elsewhere.example"}
    assert web.post("/test/form", data={"word": "好"}, headers=headers).text == "好"


def test_another_post_counts_within_two_seconds(web: Web, rules: City, login: Callable[[str], str]) -> None:
    with db.transaction() as session:
        people.add(session, rules.region, "mover", "调岗人", PASSWORD, clock.now() - timedelta(days=1))
        people.appoint(session, rules.region, "mover", Role.AGENT, "", clock.now() - timedelta(days=1))
        machine = people.machine_token(session, rules.region, "mover", device="x", now=clock.now())
    bearer = {"authorization": f"Bearer {machine}"}
    given = login("mover")
    assert web.post("/test/form", data={"word": "a"}, headers=bearer).status_code == 200
    with db.transaction() as session:
        people.appoint(session, rules.region, "mover", Role.DISPATCHER, "", clock.now())
    access.hall_of_app(web.app).forget("mover")
    web.cookies.clear()
    assert web.post("/test/form", data={"word": "a"}, headers=bearer).status_code == 403
    assert status(web, cookie=f"{access.SESSION_COOKIE}={given}") == 401


def test_wrong_logins_are_told_alike(web: Web) -> None:
    web.cookies.clear()
    answers = [
        web.post("/test/in", json={"login": name, "password": word})
        for name, word in [("agent", "wrong-password"), ("nobody", PASSWORD), ("", ""), ("agent", PASSWORD * 20)]
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


def test_login_from_another_site_is_refused(web: Web) -> None:
    web.cookies.clear()
    body = {"login": "agent", "password": PASSWORD}
    assert web.post("/test/in", json=body, headers={"origin": "http://evil.example"}).status_code == 403


def test_every_route_has_a_guard(app: Litestar) -> None:
    bare = [
        (route.path, handler.handler_name)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and handler.http_methods != {"OPTIONS"}
        if not any(getattr(guard, "__module__", "") == access.__name__ for guard in handler.resolve_guards())
        and not route.path.startswith("/api/openapi")
        and "admits" not in handler.opt
    ]
    assert bare == []
