"""The board (看板): the three rates, what is late, by unit, by day, by matter.  Units are measured, never persons."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from dispatch.kpis import RATE_NAMES
from dispatch.roles import Role
from hotline.flow import measure
from hotline.store import db
from hotline.store import lists as store
from hotline.store.lists import Filters
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages import fields
from hotline.web.pages.looks import of_request, office
from hotline.web.pages.span import between, last_days
from hotline.web.strings import Say
from hotline.wire.figures import Figures

SPANS = (1, 7, 30, 90)
USUAL = 30
THREE = ("contact", "solve", "satisfaction")
SHOWN = (*THREE, "on_time", "sign_on_time", "reach")
BY_UNIT = (*THREE, "on_time")
LATE = 10


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A count, and the list it counts."""

    label: str
    count: int
    address: str
    alarm: bool = False


class Board(Controller):
    """`/board`."""

    @get("/board", guards=[access.may(Role.SUPERVISOR, Role.ADMIN, Role.DISPATCHER)], sync_to_thread=True)
    def board(self, request: Request[Any, Any, Any], here: NamedDependency[Here]) -> Response[str]:
        """Show the figures of the last days."""
        say = of_request(request).say
        days = fields.whole(request.query_params.get("days", ""), USUAL, SPANS)
        first, last = last_days(days, here.now, here.city.zone)
        since, until = between(first.isoformat(), last.isoformat(), here.city.zone)
        if since is None or until is None:
            raise ValueError(days)
        with db.reading() as session:
            figures = measure.figures(session, here.city, since, until, None, now=here.now)
            late = store.tickets(
                session, here.me.sight, Filters(overdue=True), now=here.now, size=LATE, order="due"
            ).items  # fmt: skip
        query = urlencode({"since": first.isoformat(), "until": last.isoformat()})
        by_day = list(figures.by_day.items())
        return office(
            request, here, "board/page.html", "/board", figures=figures, late=late, days=days, span_query=query,
            first=first.isoformat(), last=last.isoformat(),
            spans=[(one, say("今天") if one == 1 else say("近%(n)s天") % {"n": one}) for one in SPANS],
            three=THREE, shown_rates=SHOWN, unit_rates=[(name, say(RATE_NAMES[name])) for name in BY_UNIT],
            tiles=_tiles(figures, query, say), by_day=by_day, tallest=max((count for _, count in by_day), default=0),
            by_area=list(figures.by_area.items())[:10],
        )  # fmt: skip


def _tiles(figures: Figures, query: str, say: Say) -> list[Tile]:
    return [
        Tile(label=say("受理"), count=figures.received, address=f"/tickets?{query}"),
        Tile(label=say("在办"), count=figures.open, address=f"/tickets?list=open&{query}"),
        Tile(label=say("办结"), count=figures.closed, address=f"/tickets?list=closed&{query}"),
        Tile(label=say("已超时"), count=figures.overdue, address="/tickets?list=overdue", alarm=True),
    ]
