"""Log in, log out, and the redirect from `/` to the page of one's role."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from dispatch.roles import Role
from hotline.errors import BadLogin
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages.looks import of_request, page

HOMES = {
    Role.AGENT: "/desk",
    Role.DISPATCHER: "/dispatch",
    Role.UNIT: "/unit",
    Role.GRID_LEADER: "/m",
    Role.CALLER_BACK: "/callback",
    Role.SUPERVISOR: "/board",
    Role.ADMIN: "/board",
}


class Door(Controller):
    """`/login`, `/logout` and `/`."""

    @get("/", guards=[access.may()], status_code=303)
    async def home(self, here: NamedDependency[Here]) -> Redirect:
        """Go to the page of the role."""
        return Redirect(HOMES[here.me.role], status_code=303)

    @get("/login", guards=[access.anyone])
    async def form(self, request: Request[Any, Any, Any]) -> Response[str]:
        """Show the door."""
        city = await access.hall_of(request).city()
        wanted = request.query_params.get("next", "")
        return page(
            request,
            "login/page.html",
            of_request(request, city),
            token=_token(request),
            next=wanted,
            login="",
            problem="",
        )

    @post("/login", guards=[access.anyone], status_code=303)
    async def log_in(self, request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, str]]) -> Response[Any]:
        """Open a session and go on to where the person wanted to go."""
        login, wanted = data.get("login", "").strip(), data.get("next", "")
        try:
            cookie = await access.log_in(request, login, data.get("password", ""))
        except BadLogin:
            look = of_request(request, await access.hall_of(request).city())
            return page(
                request,
                "login/page.html",
                look,
                status=401,
                token=_token(request),
                next=wanted,
                login=login[:64],
                problem=look.say("账号或密码不正确，或尝试次数过多；请核对后重试，多次失败请等待 15 分钟"),
            )
        return Redirect(wanted if _own(wanted) else "/", status_code=303, cookies=[cookie])

    @post("/logout", guards=[access.may()], status_code=303)
    async def log_out(self, request: Request[Any, Any, Any]) -> Redirect:
        """End the session."""
        return Redirect("/login", status_code=303, cookies=[await access.log_out(request)])


def _token(request: Request[Any, Any, Any]) -> str:
    hashed = request.scope.get("auth")
    return access.hall_of(request).csrf(hashed) if hashed else ""


def _own(address: str) -> bool:
    """Say whether an address to go on to is a path of this site: no other site, no script."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
