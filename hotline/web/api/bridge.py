"""The switchboard's endpoint: which number a code (直通码) calls."""

from anyio import to_thread
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from dispatch.roles import Role
from hotline import clock, people
from hotline.errors import TooMany
from hotline.flow.acts import reveal
from hotline.store import db
from hotline.web import access
from hotline.web.access import Here
from hotline.wire.tickets import Contact


@post("/bridge/{code:str}", guards=[access.may(Role.AGENT)], status_code=200)
async def put_through(code: FromPath[str], here: NamedDependency[Here]) -> Response[Contact]:
    """电话系统凭转接码换取来电人号码（供话务平台的令牌使用）：一码一次，过期或用过返回 404；连续猜错返回 429。"""

    def work() -> Contact:
        now = clock.now()
        with db.transaction() as session:
            if people.knocked(session, here.me.region, f"bridge:{here.me.login}", now):
                raise TooMany
        with db.transaction() as session:
            found = reveal.put_through(session, here.hall.seal, code, here.me, now)
            people.welcome(session, here.me.region, f"bridge:{here.me.login}")
        return found

    return Response(await to_thread.run_sync(work), headers={"Cache-Control": "no-store"})
