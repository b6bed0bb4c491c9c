"""Visits and errands on the phone (走访、代办): one sentence, what is left, done in one tap.  Nobody is counted."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from dispatch.roles import Role
from hotline.errors import BadValue, SaidBefore
from hotline.flow.acts import deeds
from hotline.store import db, visits
from hotline.store.visits import Visit
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.looks import Notice, of_request, page
from hotline.web.pages.phone.taking import Form


class Visiting(Controller):
    """`/m/visits`."""

    path = "/m/visits"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def listed(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show what is left to do, what was noted last, and the form."""
        said = of_request(request).say("已记下") if "done" in request.query_params else ""
        return _page(request, here, {}, Notice(said) if said else None)

    @post("/", sync_to_thread=True, status_code=303)
    def note(self, request: AnyRequest, here: NamedDependency[Here], data: Form) -> Response[Any]:
        """Note a visit or an errand down."""
        try:
            with db.transaction() as session:
                deeds.once_said(session, here, "visit", "", data)
                deeds.visit(session, here, here.hall.seal, data, here.now)
        except (BadValue, SaidBefore) as wrong:
            notice = Notice(of_request(request).refusal(wrong), "bad")
            return _page(request, here, data, notice, errors.status(wrong))
        return Redirect("/m/visits?done=1", status_code=303)

    @post("/{key:uuid}/done", sync_to_thread=True, status_code=303)
    def done(self, here: NamedDependency[Here], key: FromPath[UUID]) -> Response[Any]:
        """Note that it is done: one tap."""
        with db.transaction() as session:
            if not visits.done(session, here.city.region, here.me.grids, key, here.now):
                raise NotFoundException
        return Redirect("/m/visits?done=1", status_code=303)


def _page(
    request: AnyRequest, here: Here, said: dict[str, str], notice: Notice | None = None, status: int = 200
) -> Response[str]:
    look, rules = of_request(request, here.city, here.me), here.city.rulebook.visit
    with db.reading() as session:
        found = visits.listed(session, here.city.region, here.me.grids)
    return page(
        request,
        "leader/visits.html",
        look,
        status=status,
        token=here.csrf,
        notice=notice,
        said=said,
        kinds=rules.kind,
        labels={one.code: one.label for one in rules.kind},
        grids=here.me.grids,
        today=here.city.day(here.now),
        waiting=[_shown(here, one) for one in found if one.until and not one.done_at],
        others=[_shown(here, one) for one in found if not one.until or one.done_at],
    )


def _shown(here: Here, one: Visit) -> tuple[Visit, str, str]:
    """Return a visit, for whom it is, and the address of a report with its words filled in."""
    whom = here.hall.seal.unseal(one.whom_sealed, f"{here.city.region}:visit") if one.whom_sealed else ""
    return one, whom, f"/m/report?text={quote(one.note)}&grid={quote(one.grid)}"
