"""Notices (站内通知): what the moves of others mean for this reader.  Who opens the page has read them."""

from typing import Any
from uuid import UUID

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from dispatch.roles import Role
from hotline.store import db
from hotline.store import notices as store
from hotline.store.notices import NoticeLine
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages.looks import of_request, office, page

NOTICES_A_PAGE = 50


class NoticePages(Controller):
    """`/notices`."""

    path = "/notices"
    guards = [access.may()]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def page(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show the newest; what is shown for the first time is marked, and read from now on."""
        before = _id(request.query_params.get("before", ""))
        found = _listed(here, before)
        shown = found[:NOTICES_A_PAGE]
        older = str(shown[-1].id) if len(found) > NOTICES_A_PAGE else ""
        if here.me.role is Role.GRID_LEADER:
            look = of_request(request, here.city, here.me)
            return page(request, "notices/phone.html", look, notices=shown, before=older)
        return office(request, here, "notices/page.html", "/notices", unread=0, notices=shown, before=older)


def _listed(here: Here, before: UUID | None) -> list[NoticeLine]:
    """Return a page and one more; mark all up to the newest of it as read, where that is still to be done."""
    me = here.me
    to = {"login": me.login, "unit": me.sight.unit, "role": str(me.role)}
    with db.reading() as session:
        found = store.notices(session, me.sight, **to, size=NOTICES_A_PAGE + 1, before=before)
    if any(one.read_at is None for one in found):
        newest = found[0].id
        db.when_free(lambda session: store.read_notices(session, me.sight, **to, now=here.now, newest=newest))
    return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
