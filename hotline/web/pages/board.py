"""The board (看板): every rate with its sample and its definition, row by row of one dimension, and what is late.

Units are measured, never persons.  Every number opens the list of the very tickets it counts (`/board/tickets`).
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, cast, get_args
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from dispatch.kpis import MEASURE_BY_NAME, RATE_NAMES, RECEIVED
from dispatch.roles import Role
from hotline.city import City
from hotline.flow.figures import measure, topics
from hotline.flow.figures.measure import Asked, Side
from hotline.store import db
from hotline.store import lists as store
from hotline.store.figures import DIMENSIONS
from hotline.store.lists import Filters
from hotline.web import access
from hotline.web.access import Here
from hotline.web.pages.looks import of_request, office
from hotline.web.pages.span import last_days
from hotline.web.strings import Say, msgid
from hotline.wire import fields
from hotline.wire.figures import Figures

SPANS = (1, 7, 30, 90)
USUAL_DAYS = 30
THREE = ("contact", "solve", "satisfaction")
OF_A_ROW = ("solve", "satisfaction", "contact", "on_time", "sign_on_time", "returned")
BY_PLACE = ("early",)  # no unit's figure
MOST_LATE = 10
TOP = 10
MOST_ROWS = 200  # more is no table anybody reads: a street shows its own grids
BOARD_READERS = (Role.SUPERVISOR, Role.ADMIN, Role.DISPATCHER)
ROWS = {
    "unit": msgid("按单位"),
    "street": msgid("按街道"),
    "grid": msgid("按网格"),
    "area": msgid("按事项"),
    "source": msgid("按来源"),
}
SIDES = {
    "of": msgid("计入分母的工单"),
    "hits": msgid("计入分子的工单"),
    "misses": msgid("计入分母、未计入分子的工单"),
    "excluded": msgid("不计入考核的工单"),
}
Request_ = Request[Any, Any, Any]


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A count, and the list it counts."""

    label: str
    count: int
    address: str
    alarm: bool = False


OVERDUE = Filters(overdue=True)


class Board(Controller):
    """`/board`."""

    path = "/board"
    guards = [access.may(*BOARD_READERS)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def board(self, request: Request_, here: NamedDependency[Here]) -> Response[str]:
        """Show the figures of the last days."""
        say, query = of_request(request).say, request.query_params
        days = fields.whole(query.get("days", ""), USUAL_DAYS, SPANS)
        asked = _asked(query, here, *last_days(days, here.now, here.city.zone))
        asked = msgspec.structs.replace(asked, key=None)
        with db.reading() as session:
            figures = measure.figures(session, here.city, asked, now=here.now)
            before = measure.figures(session, here.city, _before(asked), now=here.now).by_area
            hot = topics.listed(session, here.city.region, size=TOP)
            late = store.tickets(session, here.me.sight, OVERDUE, now=here.now, size=MOST_LATE, order="due").items
        by_day = list(figures.by_day.items())
        return office(
            request,
            here,
            "board/page.html",
            "/board",
            figures=figures,
            late=late,
            days=days,
            asked=asked,
            spans=[(one, say("今天") if one == 1 else say("近%(n)s天") % {"n": one}) for one in SPANS],
            three=THREE,
            row_rates=[(name, say(RATE_NAMES[name])) for name in _of_a_row(asked.by)],
            most=MOST_ROWS,
            dimensions=[(name, say(label)) for name, label in ROWS.items()],
            means=MEASURE_BY_NAME,
            at=_addresses(asked, days),
            counted_at=_lists(asked),
            deeper=_deeper(here.city, asked.by),
            tiles=_tiles(figures, asked, say),
            by_day=by_day,
            tallest=max((count for _, count in by_day), default=0),
            by_area=list(figures.by_area.items())[:TOP],
            before=before,
            counted_before=_lists(_before(asked)),
            hot=hot,
            recent=here.city.topics.recent,
        )

    @get("/tickets", sync_to_thread=True)
    def tickets(self, request: Request_, here: NamedDependency[Here]) -> Response[str]:
        """List the tickets a figure counts."""
        look, query = of_request(request, here.city), request.query_params
        days = last_days(USUAL_DAYS, here.now, here.city.zone)
        asked = _asked(query, here, _day(query.get("first", ""), days[0]), _day(query.get("last", ""), days[1]))
        rate, side, ground = query.get("rate", RECEIVED), _side(query.get("side", "of")), query.get("ground", "")
        with db.reading() as session:
            found = measure.counted(
                session, here.city, asked, rate, side, ground=ground, after=_after(query.get("after", ""))
            )
        more = f"{_lists(asked)(rate, side, asked.key, ground)}&after={found.after or ''}"
        names = {"unit": look.unit, "area": look.area, "street": look.place, "grid": look.place, "source": look.source}
        grounds = {one.code: one.label for one in here.city.rulebook.exclusions}
        return office(
            request,
            here,
            "board/tickets.html",
            "/board",
            found=found,
            more=more,
            asked=asked,
            rate=rate,
            heading=look.say(RATE_NAMES[rate]) if rate in RATE_NAMES else look.say("受理"),
            side=look.say(SIDES[side]) if rate in RATE_NAMES else "",
            ground=grounds.get(ground, ground),
            row=names[asked.by](asked.key) if asked.key else look.say("未定") if asked.key == "" else "",
            means=look.say(MEASURE_BY_NAME[rate].means) if rate in RATE_NAMES else "",
        )


def _asked(query: Any, here: Here, first: date, last: date) -> Asked:
    """Return what the address asks for; a dimension or an order nobody knows is the usual one."""
    by, order, under = query.get("by", ""), query.get("order", ""), query.get("under", "")
    known = under in here.city.tree or here.city.taxonomy.find(under) is not None if under else False
    return Asked(
        first=first,
        last=last,
        by=by if by in DIMENSIONS else "unit",
        key=query.get("key"),
        under=under if known else "",
        order=order if order in (measure.BY_NAME, *RATE_NAMES) else measure.BY_TICKETS,
    )


def _before(asked: Asked) -> Asked:
    """Return the same question of the days just before, as many."""
    days = asked.last - asked.first + timedelta(days=1)
    return msgspec.structs.replace(asked, first=asked.first - days, last=asked.last - days)


def _addresses(asked: Asked, days: int) -> Callable[..., str]:
    """Return what makes the address of this board with something changed."""

    def at(**changed: Any) -> str:
        held = {"days": days, "by": asked.by, "under": asked.under, "order": asked.order} | changed
        return f"/board?{urlencode({name: value for name, value in held.items() if value})}"

    return at


def _lists(asked: Asked) -> Callable[..., str]:
    """Return what makes the address of the tickets a figure counts."""

    def at(rate: str, side: str = "of", key: str | None = None, ground: str = "", by: str = asked.by) -> str:
        held = {"rate": rate, "side": side, "ground": ground, "by": by}
        held |= {"first": asked.first.isoformat(), "last": asked.last.isoformat()}
        given = {name: value for name, value in held.items() if value} | ({} if key is None else {"key": key})
        return f"/board/tickets?{urlencode(given)}"

    return at


def _deeper(city: City, by: str) -> Callable[[str], tuple[str, str] | None]:
    """Return what says which rows lie below a row: (dimension, key), or None."""
    parents = {one.parent for one in city.taxonomy.areas}

    def below(key: str) -> tuple[str, str] | None:
        if by == "street" and key:
            return "grid", key
        return ("area", key) if by == "area" and key in parents else None

    return below


def _tiles(figures: Figures, asked: Asked, say: Say) -> list[Tile]:
    days = urlencode({"since": asked.first.isoformat(), "until": asked.last.isoformat()})
    return [
        Tile(label=say("受理"), count=figures.received, address=_lists(asked)(RECEIVED)),
        Tile(label=say("在办"), count=figures.open, address=f"/tickets?list=open&{days}"),
        Tile(label=say("办结"), count=figures.closed, address=f"/tickets?list=closed&{days}"),
        Tile(label=say("未诉先办"), count=_hits(figures, "early"), address=_lists(asked)("early", "hits")),
        Tile(label=say("已超时"), count=figures.overdue, address="/tickets?list=overdue", alarm=True),
    ]


def _hits(figures: Figures, name: str) -> int:
    return next(one.hits for one in figures.rates if one.name == name)


def _of_a_row(by: str) -> tuple[str, ...]:
    return (*OF_A_ROW, *BY_PLACE) if by in ("street", "grid") else OF_A_ROW


def _side(text: str) -> Side:
    return cast(Side, text) if text in get_args(Side) else "of"


def _day(text: str, usual: date) -> date:
    try:
        return date.fromisoformat(text) if text else usual
    except ValueError:
        return usual


def _after(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
