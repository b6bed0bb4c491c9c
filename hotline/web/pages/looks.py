"""Renders templates with the catalogue, the built assets and the headers every page carries."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from hotline import clock
from hotline.city import City
from hotline.people import Me
from hotline.store import db, notices
from hotline.web import errors, strings
from hotline.web.access import Here
from hotline.web.pages.assets import phone_policy
from hotline.web.pages.names import Look

WEB = Path(__file__).parents[1]
LARGE = "large"  # the cookie of large print (大字版)
VARY = {"Vary": "Cookie, Accept-Language, HX-Request"}  # the rest is the doorway's
HTMX = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "allowScriptTags": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "timeout": 20000,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "4..", "swap": True, "error": False},
            {"code": "...", "swap": False, "error": True},
        ],
    }
)


def of_request(request: ASGIConnection[Any, Any, Any, Any], city: City | None = None, me: Me | None = None) -> Look:
    """Return how this reader sees pages."""
    lang = errors.language_of(request)
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    query = urlencode(kept)
    path = f"{request.url.path}?{query}" if query else request.url.path
    return Look(
        lang=lang,
        say=strings.SAYERS[lang],
        now=clock.now(),
        path=path,
        city=city,
        me=me,
        large=bool(request.cookies.get(LARGE)),
    )


def page(
    request: Request[Any, Any, Any],
    template: str,
    look: Look,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response[str]:
    """Return a rendered page."""
    body = environment(look.lang).get_template(template).render(look=look, me=look.me, **values)
    given = VARY | {"Content-Language": look.lang} | dict(headers or {})
    if template.startswith("leader/") or template == "notices/phone.html":
        given["Content-Security-Policy"] = phone_policy()
    cookies = []
    if request.query_params.get("lang") == look.lang:
        cookies.append(Cookie(strings.LANGUAGE_COOKIE, value=look.lang, path="/", max_age=31_536_000, samesite="lax"))
    return Response(
        body,
        media_type="text/html; charset=utf-8",
        status_code=status,
        headers=given,
        cookies=cookies,
    )


class Notice(msgspec.Struct, frozen=True):
    """One sentence on top of a page: what happened, what is kept, what to do.  tone: "" good, warn, bad."""

    text: str
    tone: str = ""
    more: str = ""


def office(
    request: Request[Any, Any, Any],
    here: Here,
    template: str,
    desk: str,
    *,
    status: int = 200,
    notice: Notice | None = None,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response[str]:
    """Return a page of those who work here; `desk` is its place in the navigation."""
    look = of_request(request, here.city, here.me)
    given = {"here": desk, "token": here.csrf, "notice": notice} | values
    if "unread" not in given:
        given["unread"] = unread(here) if request.headers.get("hx-request") != "true" else 0  # a part has no header
    return page(request, template, look, status=status, headers=headers, **given)


def unread(here: Here) -> int:
    """Return how many notices wait for this reader, in one statement."""
    me = here.me
    with db.reading() as session:
        return notices.unread(session, me.sight, login=me.login, unit=me.sight.unit, role=me.role)


@lru_cache(maxsize=8)
def environment(language: str) -> Environment:
    """Return the templates in one language; what a template forgets to be given is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    say = strings.SAYERS[language]
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        say, lambda one, many, n: say(one if n == 1 else many), newstyle=True
    )
    made.globals["htmx_config"] = HTMX
    made.globals["form_key"] = lambda: uuid4().hex
    return made
