"""My page on the phone (我的): large print (大字版), suggestions (意见建议), leaving; administrators read them."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.response import Redirect

from dispatch.roles import Role
from hotline.errors import SaidBefore
from hotline.flow.acts import deeds
from hotline.store import db, opinions
from hotline.web import access
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.looks import LARGE, Notice, of_request, office, page
from hotline.web.pages.phone.taking import Form

YEAR = 31_536_000


class Mine(Controller):
    """`/m/me`."""

    path = "/m/me"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def mine(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the page."""
        said = of_request(request).say("意见建议已收到，管理员看得到，谢谢") if "said" in request.query_params else ""
        return _mine(request, here, Notice(said) if said else None)

    @post("/print", sync_to_thread=False, status_code=303)
    def large(self, data: Form) -> Response[Any]:
        """Turn large print on or off, for this browser."""
        on = data.get("large") == "1"
        kept = Cookie(LARGE, value="1" if on else "", path="/", max_age=YEAR if on else 0, samesite="lax")
        return Redirect("/m/me?fresh=1", status_code=303, cookies=[kept])

    @post("/opinion", sync_to_thread=True, status_code=303)
    def opinion(self, request: AnyRequest, here: NamedDependency[Here], data: Form) -> Response[Any]:
        """Keep a suggestion."""
        text = data.get("text", "").strip()
        if not text:
            return _mine(request, here, Notice(of_request(request).say("请先写下意见或建议"), "bad"), 422, data)
        try:
            with db.transaction() as session:
                deeds.once_said(session, here, "opinion", "", data)
                opinions.put(session, here.city.region, here.me.login, here.me.role.value, text, here.now)
        except SaidBefore as asked:
            return _mine(request, here, Notice(of_request(request).say(str(asked)), "bad"), 409, data)
        return Redirect("/m/me?said=1", status_code=303)


class Opinions(Controller):
    """`/opinions`."""

    path = "/opinions"
    guards = [access.may(Role.ADMIN)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def listed(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show what was suggested, the newest first."""
        with db.reading() as session:
            found = opinions.listed(session, here.city.region, _id(request.query_params.get("before", "")))
        shown = found[: opinions.SIZE]
        older = str(shown[-1].id) if len(found) > opinions.SIZE else ""
        return office(request, here, "mine/opinions.html", "/opinions", opinions=shown, before=older)


def _mine(
    request: AnyRequest, here: Here, notice: Notice | None, status: int = 200, said: dict[str, str] | None = None
) -> Response[str]:
    look, on = of_request(request, here.city, here.me), here.city.day(here.now)
    posts = [(code, here.city.serving(code, on)) for code in here.me.grids]
    return page(
        request,
        "leader/me.html",
        look,
        status=status,
        token=here.csrf,
        notice=notice,
        posts=posts,
        on=on,
        said=said or {},
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
