"""The OpenAPI document `/api/openapi.json`, and `/api/docs`, a page made from it that loads nothing foreign.

The framework describes routes and answers; bodies are decoded by hand, so they are described here, by the same structs.
"""

from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from dispatch.lifecycle import MOVES
from hotline.flow.doors import MOVES_BY_NAME
from hotline.web import access
from hotline.web.access import AnyRequest
from hotline.web.api.suggest import Typed
from hotline.web.api.tickets import Taken
from hotline.web.errors import Refusal
from hotline.wire.submissions import Submission
from hotline.wire.tickets import DraftReply, Looked, NewTicket, Phoned, TicketCard

CONFIG = OpenAPIConfig(
    title="政务热线与网格治理接口",
    version="1",
    path="/api/openapi",
    use_handler_docstrings=True,
    render_plugins=[JsonRenderPlugin(path="/framework.json")],
)
TEMPLATES = Path(__file__).with_name("templates")
PATHS_SHOWN = ("/api/v1/", "/healthz", "/readyz")
MOVE_PATH = "/api/v1/tickets/{number}/moves/{move}"
BODIES: dict[str, type] = {
    "/api/v1/tickets": NewTicket,
    "/api/v1/tickets/{number}/caller": Looked,
    "/api/v1/tickets/{number}/query-code": Phoned,
    "/api/v1/tickets/{number}/reply-check": DraftReply,
    "/api/v1/suggest": Typed,
    "/api/v1/submissions/{key}": Submission,
}
LABELS = {"callback": "登记回访结果"} | {name: move.label for name, move in MOVES.items()}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 128},
    "description": "同一键再次提交只受理一次",
}
DESCRIPTION = (
    "程序以 Authorization: Bearer 令牌访问（hotline people token 账号）。"
    "出错时返回同一种结构：code 供程序判断，message 供人阅读，fields 指出有问题的字段。"
)


@get("/api/openapi.json", guards=[access.open_door], include_in_schema=False, sync_to_thread=False)
def openapi(request: AnyRequest) -> dict[str, Any]:
    """Return the OpenAPI document."""
    return document(request.app.openapi_schema.to_schema())


@get("/api/docs", guards=[access.open_door], include_in_schema=False, sync_to_thread=True)
def api_page(request: AnyRequest) -> Response[str]:
    """Return the document as a page."""
    described = document(request.app.openapi_schema.to_schema())
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = described["components"]["schemas"]
    html = _ENVIRONMENT.get_template("api/docs.html").render(
        info=described["info"], operations=operations, schemas=schemas, kind=kind, name_of=name_of
    )
    return Response(html, media_type=MediaType.HTML)


@get("/api/docs.css", guards=[access.open_door], include_in_schema=False, sync_to_thread=False)
def style() -> Response[str]:
    """Return the page's style sheet."""
    return Response(_STYLE, media_type=MediaType.CSS, headers={"Cache-Control": "public, max-age=3600"})


def document(framework: dict[str, Any]) -> dict[str, Any]:
    """Return the whole OpenAPI document: what the framework knows, bodies, errors, and one path for each move."""
    shapes = [*BODIES.values(), *(shape for shape, _ in MOVES_BY_NAME.values()), Refusal, Taken, TicketCard]
    _, ours = msgspec.json.schema_components(list(dict.fromkeys(shapes)), ref_template="#/components/schemas/{name}")
    paths: dict[str, Any] = {}
    for path, methods in framework["paths"].items():
        if path.startswith(PATHS_SHOWN):
            paths |= _moves(methods) if path == MOVE_PATH else {path: _described(path, methods)}
    schemas = framework["components"].get("schemas", {}) | ours
    return {
        "openapi": framework["openapi"],
        "info": framework["info"] | {"description": DESCRIPTION},
        "paths": dict(sorted(paths.items())),
        "security": [{"token": []}],
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def kind(schema: dict[str, Any]) -> str:
    """Return a schema's type in a few words."""
    if "$ref" in schema:
        return name_of(schema)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(kind(one) for one in schema[key])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"{kind(schema.get('items') or {})}[]"
    found = schema.get("type", "")
    words = " | ".join(found) if isinstance(found, list) else str(found)
    return f"{words} ({schema['format']})" if "format" in schema else words


def name_of(schema: dict[str, Any]) -> str:
    """Return the name of the schema a reference points at, "" where it is none."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _described(path: str, methods: dict[str, Any]) -> dict[str, Any]:
    return {method: _complete(operation, path if method == "post" else "") for method, operation in methods.items()}


def _complete(operation: dict[str, Any], path: str) -> dict[str, Any]:
    """Return an operation with its body and with the one shape of all its errors."""
    done = operation | {"responses": _answers(operation.get("responses", {}))}
    if path in BODIES:
        done["requestBody"] = _body(BODIES[path])
    if BODIES.get(path) is NewTicket:
        taken = {"description": "已受理", "content": _content(Taken)}
        done["parameters"] = [*operation.get("parameters", []), KEY]
        done["responses"] |= {"201": taken, "200": taken | {"description": "以前已受理，返回第一次的结果"}}
    return done


def _moves(methods: dict[str, Any]) -> dict[str, Any]:
    """Return one path for each move, with its own body."""
    found = {}
    for move, (shape, _) in MOVES_BY_NAME.items():
        operation = methods["post"] | {"summary": LABELS[move], "operationId": f"Move_{move}"}
        operation["parameters"] = [*(one for one in operation["parameters"] if one["name"] != "move"), KEY]
        operation["responses"] = _answers(operation["responses"])
        found[MOVE_PATH.replace("{move}", move)] = {"post": operation | {"requestBody": _body(shape)}}
    return found


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    good = {status: answer | {"description": "办理成功"} for status, answer in given.items() if status.startswith("2")}
    return good | {"default": {"description": "未能办理", "content": _content(Refusal)}}


def _body(shape: type) -> dict[str, Any]:
    return {"required": True, "content": _content(shape)}


def _content(shape: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}


_STYLE = (TEMPLATES / "api" / "docs.css").read_text(encoding="utf-8")
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
