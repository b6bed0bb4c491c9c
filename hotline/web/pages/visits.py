"""Visits and errands on the phone (走访、代办): one sentence, what is left, done in one tap.  Nobody is counted."""

from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from classifiers import text as words
from dispatch.roles import Role
from hotline.store import db, visits
from hotline.store.ids import new_id
from hotline.store.visits import Visit
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages.looks import Notice, of_request, page

AnyRequest = Request[Any, Any, Any]
Form = URLEncodedBody[dict[str, str]]
LONGEST, NAME = 300, 40  # characters


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
        say, city = of_request(request).say, here.city
        kind, note = city.rulebook.visit.of(data.get("kind", "")), data.get("note", "").strip()[:LONGEST]
        grid = data.get("grid") or (here.me.grids[0] if here.me.grids else "")
        if kind is None or not note or grid not in here.me.grids:
            wrong = say("请选一类") if kind is None else say("请写一句") if not note else say("请选择您的网格")
            return _page(request, here, data, Notice(wrong, "bad"), 422)
        try:
            until = date.fromisoformat(data["until"]) if data.get("until") else None
        except ValueError:
            return _page(request, here, data, Notice(say("日期请按年-月-日填写"), "bad"), 422)
        whom = data.get("whom", "").strip()[:NAME] if kind.errand else ""
        row = {
            "id": new_id(here.now), "region": city.region, "grid": grid, "login": here.me.login, "kind": kind.code,
            "note": words.mask(note), "whom_sealed": here.hall.seal.seal(whom, f"{city.region}:visit") if whom else "",
            "until": until, "at": here.now, "done_at": None,
        }  # fmt: skip
        with db.transaction() as session:
            visits.put(session, row)
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
        request, "leader/visits.html", look, status=status, token=here.csrf, notice=notice, said=said, kinds=rules.kind,
        labels={one.code: one.label for one in rules.kind}, grids=here.me.grids, today=here.city.day(here.now),
        waiting=[_shown(here, one) for one in found if one.until and not one.done_at],
        others=[_shown(here, one) for one in found if not one.until or one.done_at],
    )  # fmt: skip


def _shown(here: Here, one: Visit) -> tuple[Visit, str, str]:
    """Return a visit, for whom it is, and the address of a report with its words filled in."""
    whom = here.hall.seal.unseal(one.whom_sealed, f"{here.city.region}:visit") if one.whom_sealed else ""
    return one, whom, f"/m/report?text={quote(one.note)}&grid={quote(one.grid)}"
