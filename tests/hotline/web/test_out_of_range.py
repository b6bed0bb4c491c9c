"""Whatever number, identifier or day a client writes, nothing ends in 500: every route, found by walking the table."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient
from msgspec import inspect as shapes

from hotline.flow.doors import MOVES_BY_NAME
from hotline.web import docs

Web = TestClient[Litestar]
Bearer = Callable[[str], dict[str, str]]
Spot = tuple[str, str, str, tuple[str, ...], str]  # method, path with {}, who asks, names asked for, "api" or "page"
LOGINS = {
    "agent": "agent", "dispatcher": "dispatcher", "unit": "cgj", "grid_leader": "wu.haoran", "caller_back": "caller",
    "supervisor": "supervisor", "admin": "admin",
}  # fmt: skip
NUMBERS = (2**31, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30, int("9" * 400), -1, -(2**31) - 1, -(2**63) - 1)
SHARP = (str(2**31), str(2**63), "²")  # over a column's four bytes, over eight, a digit that is no number
TEXTS = (
    *SHARP, "9" * 5000, "-1", str(-(2**63) - 1), "٣", "1.5", "00000000-0000-0000-0000-000000000000", "0001-01-01",
    "9999-12-31",
)  # fmt: skip
ASKED = re.compile(r"""(?:query|query_params|data|form|said|given)(?:\.get\(|\[)"(\w+)\"""")


def handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield (method, path, handler) of every route that knows who asks."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if "static" not in route.path and not route.path.startswith(("/api/openapi", "/schema")):
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield method, route.path_format, handler


def who(handler: HTTPRouteHandler) -> str:
    """Return the login of somebody the route lets in."""
    named = [*handler.opt.get("admits", ())]
    for guard in handler.guards or ():
        named += inspect.getclosurevars(guard).nonlocals.get("roles", ())
    return LOGINS[named[0].value] if named else "supervisor"


def asked(handler: HTTPRouteHandler) -> tuple[str, ...]:
    """Return what the handler's module looks for by name in addresses and forms, and the parameters it declares."""
    function = inspect.unwrap(handler.fn)
    words = set(ASKED.findall(inspect.getsource(inspect.getmodule(function))))
    return tuple(sorted(words | set(inspect.signature(function).parameters) | {"state", "seq", "days", "skip"}))


@pytest.fixture(scope="module")
def number(running: Web, bearer: Bearer) -> str:
    """A ticket in the hands of cgj and of wu.haoran."""
    new = {"text": "路口的井盖松了", "grid": "990101001001001", "area": "010101", "phone": "13800000777"}
    found: str = running.post("/api/v1/tickets", json=new, headers=bearer("agent")).json()["number"]
    given = {"unit": "cgj", "note": "请办理"}
    done = running.post(f"/api/v1/tickets/{found}/moves/route", json=given, headers=bearer("dispatcher"))
    assert done.status_code == 200, done.text
    return found


def test_no_parameter_of_a_path_ends_in_500(app: Litestar, running: Web, bearer: Bearer, number: str) -> None:
    broken = []
    for method, path, handler in handlers(app):
        for name in re.findall(r"{(\w+)", path):
            others = re.sub(r"{(\w+)[^}]*}", lambda found: "{}" if found[1] == name else number, path)  # noqa: B023 - used at once
            for text in (one for one in TEXTS if len(one) < 1000):
                status = send(running, method, others.format(text), bearer(who(handler)))
                broken += [(method, path, name, text, status)] if status >= 500 else []
    assert broken == []


def test_no_parameter_of_an_address_ends_in_500(app: Litestar, running: Web, bearer: Bearer, number: str) -> None:
    broken = []
    for method, path, handler in handlers(app):
        if method == "GET":
            for params in wrong(asked(handler), {}):
                status = send(running, method, filled(path, number), bearer(who(handler)), params=params)
                broken += [(path, short(params), status)] if status >= 500 else []
    assert broken == []


def test_no_field_of_a_form_ends_in_500(app: Litestar, running: Web, bearer: Bearer, number: str) -> None:
    broken = []
    for method, path, handler in handlers(app):
        if method == "POST" and not path.startswith(("/api/", "/log")):
            for move in MOVES_BY_NAME if "{move}" in path else ("",):
                names = ("seq", "days", "until") if move else asked(handler)
                blank = dict.fromkeys(names, "1") | {"answer": "cannot", "note": "x", "reason": "x"}
                for data in [blank | dict.fromkeys(names, text) for text in SHARP] if move else wrong(names, blank):
                    address = filled(path.replace("{move:str}", move).replace("{move}", move), number)
                    status = send(running, method, address, bearer(who(handler)), data=data)
                    broken += [(address, short(data), status)] if status >= 500 else []
    assert broken == []


def wrong(names: tuple[str, ...], blank: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield what is sent: each bad text everywhere at once, the sharpest in one place at a time."""
    yield from (blank | dict.fromkeys(names, text) for text in TEXTS)
    yield from (blank | {name: text} for name in names for text in SHARP)


def short(sent: dict[str, str]) -> dict[str, str]:
    return {name: text[:24] for name, text in sent.items() if text != "1"}


def test_numbers_in_bodies_are_refused_with_their_name(running: Web, bearer: Bearer, number: str) -> None:
    told, bad = 0, []
    for path, shape in bodies():
        for name, value in whole(shape):
            for many in (one for one in NUMBERS if not value(one)):
                body = json.dumps(filled_in(shape) | {name: many})
                address = filled(path, number)
                answer = running.request("POST", address, content=body, headers=JSON | bearer("supervisor"))
                told += 1
                named = [one["path"] for one in answer.json().get("fields", [])]
                bad += [] if (answer.status_code, named) == (422, [name]) else [(path, name, many, answer.text)]
    assert bad == []
    assert told > 100


@pytest.mark.parametrize("seq", [1, 2**31 - 1])
def test_a_version_that_cannot_be_is_no_error_of_ours(running: Web, bearer: Bearer, number: str, seq: int) -> None:
    said = {"note": "x", "seq": seq}
    answer = running.post(f"/api/v1/tickets/{number}/moves/note", json=said, headers=bearer("supervisor"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "stale_ticket"


JSON = {"content-type": "application/json"}


def send(web: Web, method: str, address: str, headers: dict[str, str], **how: Any) -> int:
    accepts = {} if address.startswith("/api/") else {"accept": "text/html"}
    answer = web.request(method, address, headers=headers | accepts, follow_redirects=False, **how)
    return answer.status_code


def filled(path: str, number: str) -> str:
    """Return the path with a ticket's number, or an identifier, wherever one is asked for."""
    return re.sub(r"{(\w+)[^}]*}", lambda one: number if one[1] in ("number", "of") else str(UUID(int=1)), path)


def bodies() -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """Yield every JSON body the API takes, with its path."""
    yield from ((path, shape) for path, shape in docs.BODIES.items() if "submissions" not in path)
    yield from ((docs.MOVE_PATH.replace("{move}", name), shape) for name, (shape, _) in MOVES_BY_NAME.items())


def whole(shape: type[msgspec.Struct]) -> Iterator[tuple[str, Callable[[int], bool]]]:
    """Yield the names of a body's whole numbers, each with what says whether a number is inside its bounds."""
    for field in shapes.type_info(shape).fields:
        kinds = field.type.types if isinstance(field.type, shapes.UnionType) else (field.type,)
        for kind in kinds:
            if isinstance(kind, shapes.IntType):
                low, high = kind.ge, kind.le
                assert (low is None, high is None) == (False, False), f"{shape.__name__}.{field.name}: no bounds"
                assert high < 2**31
                yield field.encode_name, lambda one, low=low, high=high: low <= one <= high


def filled_in(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Return a body with something in every field that must be there."""
    some = {
        shapes.DateType: date(2026, 12, 1),
        shapes.DateTimeType: datetime(2026, 12, 1),
        shapes.UUIDType: UUID(int=1),
    }
    found: dict[str, Any] = {}
    for field in shapes.type_info(shape).fields:
        if field.required:
            value = some.get(type(field.type), True if isinstance(field.type, shapes.BoolType) else "1234567")
            found[field.encode_name] = value if isinstance(value, bool) else str(value)
    return found
