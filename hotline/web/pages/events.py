"""Events of the ground (网格事件): the grid's own finds and the hotline's matters in one list, map and hand-over sheet.

A street or a community office sees its own ground, whoever acts there; the desk sees all.  No caller, no person's rank.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from dispatch.lifecycle import OPEN, State
from dispatch.roles import Role
from grids.messages import Message
from grids.tree import Level
from hotline.errors import NotAllowed
from hotline.flow.acts import verify
from hotline.flow.doors import MOVES_BY_NAME
from hotline.store import db, events
from hotline.store.events import Which
from hotline.web import access, errors
from hotline.web.access import AnyRequest, Here
from hotline.web.pages.form import keys, moves
from hotline.web.pages.looks import Notice, of_request, office
from hotline.web.pages.phone import sketch
from hotline.web.pages.span import between
from hotline.web.strings import Say, msgid
from hotline.wire import fields
from hotline.wire.moves import Worded

EVENT_READERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.CALLER_BACK, Role.UNIT)
EVENTS_A_PAGE, DRAWN, SHEET = 50, 40, 200
EVENT_CHIPS = {
    "all": msgid("全部"),
    "grid": msgid("网格上报"),
    "called": msgid("热线来电"),
    "spot": msgid("当场处理"),
    "verify": msgid("待核查"),
    "open": msgid("在办"),
}
SEEN = ("verify", "disprove")


class EventQuery(msgspec.Struct, frozen=True):
    """What the address asks for: the day, the place (on the reader's ground), the list."""

    day: date
    place: str
    chosen: str


class Events(Controller):
    """`/events`."""

    path = "/events"
    guards = [access.may(*EVENT_READERS)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def listed(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show a day's events on the reader's ground."""
        return _page(request, here)

    @post("/{number:str}", sync_to_thread=True, status_code=303)
    def seen(
        self,
        request: AnyRequest,
        here: NamedDependency[Here],
        number: FromPath[str],
        data: URLEncodedBody[dict[str, str]],
    ) -> Response[Any]:
        """Take the word of who went and looked: true or not, and what was seen."""
        say, move, note = of_request(request).say, data.get("move", ""), data.get("note", "").strip()[:4000]
        if move not in SEEN or not note:
            return _page(request, here, Notice(say("请写明到场看到的情况"), "bad"), 422, {number: data})
        refused = keys.carry_out(here, number, move, data, partial(Worded, note=note), MOVES_BY_NAME[move][1])
        if refused:
            return _page(
                request,
                here,
                Notice(of_request(request).refusal(refused), "bad"),
                errors.status(refused),
                {number: data},
            )
        return Redirect(f"/events?list=verify&done={SEEN.index(move)}", status_code=303)

    @get("/handover/{grid:str}", sync_to_thread=True)
    def handover(self, request: AnyRequest, here: NamedDependency[Here], grid: FromPath[str]) -> Response[str]:
        """Show what a grid has in hand, for who takes it over (交接单): to print."""
        city = here.city
        mine = verify.ground(city, here.me)
        above = city.above(grid)
        if mine is None or above.get("grid") != grid or (mine and mine not in above.values()):
            raise NotFoundException
        with db.reading() as session:
            held = events.listed(session, city.region, Which(place=grid, states=_states(OPEN)), SHEET)
            called = events.whistles(session, city.region, grid)
            notes = events.notes(session, city.region, grid, here.now)
        on = city.day(here.now)
        return office(
            request,
            here,
            "events/handover.html",
            "/events",
            events=held,
            most=SHEET,
            grid=grid,
            above=above,
            on=on,
            posts=city.serving(grid, on),
            whistles=called,
            notes=notes,
            reasons={one.code: one.label for one in city.rulebook.whistle.reason},
        )


def _page(
    request: AnyRequest,
    here: Here,
    notice: Notice | None = None,
    status: int = 200,
    said: dict[str, dict[str, str]] | None = None,
) -> Response[str]:
    city, look, query = here.city, of_request(request, here.city, here.me), request.query_params
    mine = verify.ground(city, here.me)
    if mine is None:
        raise NotAllowed(Message("您的单位没有对应的街道或社区，看不到网格事件；如需开通请联系管理员"))
    asked = _asked(query, here, mine)
    named = _named(here, asked)
    skip = fields.number(query.get("skip", ""), 99_999) or 0
    with db.reading() as session:
        counts = events.counts(session, city.region, named)
        found = events.listed(session, city.region, named[asked.chosen], EVENTS_A_PAGE + 1, skip)
    if notice is None and query.get("done", "") in ("0", "1"):
        notice = Notice(look.say(moves.of(SEEN[int(query["done"])]).done))
    shown = found[:EVENTS_A_PAGE]
    frame, dots, ground = _drawn(here, asked.place, shown)
    return office(
        request,
        here,
        "events/page.html",
        "/events",
        status=status,
        notice=notice,
        events=shown,
        asked=asked,
        chips=_chips(counts, look.say),
        more=skip + EVENTS_A_PAGE if len(found) > EVENTS_A_PAGE else 0,
        said=said or {},
        places=_places(here, mine),
        frame=frame,
        dots=dots,
        ground=ground,
        mine=mine,
        may_open=mine == "",
    )


def _asked(query: Any, here: Here, mine: str) -> EventQuery:
    city, place, chosen = here.city, query.get("place", ""), query.get("list", "")
    if place not in city.tree or (mine and mine not in city.above(place).values()):
        place = mine
    try:
        day = date.fromisoformat(query.get("day", ""))
    except ValueError:
        day = city.day(here.now)
    return EventQuery(day, place, chosen if chosen in EVENT_CHIPS else "all")


def _named(here: Here, asked: EventQuery) -> dict[str, Which]:
    """Return what each chip means; what waits to be verified waits from whatever day."""
    since, until = between(asked.day.isoformat(), asked.day.isoformat(), here.city.zone)
    today = Which(place=asked.place, since=since, until=until)
    grid = frozenset(here.city.rulebook.figures.early)
    spot = frozenset({verify.WAITS, verify.TRUE})
    replace = msgspec.structs.replace
    return {
        "all": today,
        "grid": replace(today, sources=grid),
        "called": replace(today, called=grid),
        "spot": replace(today, outcomes=spot),
        "verify": Which(place=asked.place, outcomes=frozenset({verify.WAITS}), states=_states({State.CLOSED})),
        "open": replace(today, states=_states(OPEN)),
    }


def _states(states: frozenset[State] | set[State]) -> frozenset[str]:
    return frozenset(one.value for one in states)


def _chips(counts: dict[str, int], say: Say) -> list[tuple[str, str, int]]:
    return [(name, say(label), counts[name]) for name, label in EVENT_CHIPS.items()]


def _places(here: Here, mine: str) -> list[tuple[str, str]]:
    """Return the streets, communities and grids of the ground to choose from: of the region, its streets alone."""
    tree, on = here.city.tree.on(here.city.day(here.now)), here.city
    wanted = {Level.STREET} if not mine else {Level.STREET, Level.COMMUNITY, Level.GRID}
    within = [one for one in tree.places if one.level in wanted and (not mine or mine in on.above(one.code).values())]
    return [(one.code, on.place_name(one.code)) for one in within]


def _drawn(here: Here, place: str, shown: Sequence[events.Event]) -> tuple[Any, list[Any], list[Any]]:
    """Return frame, dots and outlines of the day's map: the grids of the place, the streets of the whole region."""
    city = here.city
    level = Level.GRID if place else Level.STREET
    places = [one for one in city.tree.on(city.day(here.now)).places if one.level is level and one.rings]
    places = [one for one in places if not place or place in city.above(one.code).values()]
    points = [(one.lng, one.lat) for one in shown if one.lng is not None and one.lat is not None]
    frame = sketch.framed([ring for one in places for ring in one.rings], points)
    if frame is None:
        return None, [], []
    dots = []
    for position, one in enumerate(shown[:DRAWN], 1):
        if one.lng is not None and one.lat is not None:
            x, y = frame.at((one.lng, one.lat))
            if 0 <= x <= frame.width and 0 <= y <= frame.height:
                dots.append((position, one, x, y))
    return frame, dots, [sketch.outlined(one, frame) for one in places]
