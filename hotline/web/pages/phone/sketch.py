"""The leader's map (地图): her grids and what is open on them, drawn by the server; the list below does the same work.

No tiles and no scripts: it opens without a network, and what scripts add is how far it is from where she stands.
"""

from collections.abc import Iterable, Sequence
from math import cos, radians
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency

from dispatch.roles import Role
from grids.tree import Place, Ring
from hotline.store import db
from hotline.store import lists as store
from hotline.web import access
from hotline.web.access import AnyRequest, Here
from hotline.web.pages import lists
from hotline.web.pages.looks import of_request, page
from hotline.wire.tickets import TicketCard

WIDTH, TALLEST, EDGE = 360.0, 400.0, 18.0  # units of the drawing; EDGE keeps dots whole at the border
TICKETS_BELOW = 30
Point = tuple[float, float]


class Dot(msgspec.Struct, frozen=True):
    """One ticket: its number on the map, where it is drawn, and where it lies (longitude, latitude)."""

    place: int
    x: float
    y: float
    lng: float
    lat: float


class Frame(msgspec.Struct, frozen=True):
    """From degrees to units of the drawing: `scale` for one of latitude, `scale * narrow` for one of longitude."""

    west: float
    north: float
    scale: float
    narrow: float
    width: float
    height: float

    def at(self, point: Point) -> Point:
        """Return where a point is drawn."""
        x = EDGE + (point[0] - self.west) * self.scale * self.narrow
        return round(x, 1), round(EDGE + (self.north - point[1]) * self.scale, 1)


class Ground(msgspec.Struct, frozen=True):
    """A grid as it is drawn: its outline as an SVG path, its name and where the name stands."""

    name: str
    path: str
    x: float
    y: float


class Sketching(Controller):
    """`/m/map`."""

    path = "/m/map"
    guards = [access.may(Role.GRID_LEADER)]  # noqa: RUF012 - Litestar's own way

    @get("/", sync_to_thread=True)
    def drawn(self, request: AnyRequest, here: NamedDependency[Here]) -> Response[str]:
        """Show the own grids with what is open there."""
        look, work = of_request(request, here.city, here.me), lists.at_work(here.now)
        hands = store.Filters(states=work["to_sign"].filters.states | work["working"].filters.states)
        with db.reading() as session:
            cards = lists.page_of(session, here, hands, "", size=TICKETS_BELOW).items
            points = store.points(session, [card.id for card in cards])
        places = [here.city.tree.get(code) for code in here.me.grids if code in here.city.tree]
        frame = framed([ring for one in places for ring in one.rings], list(points.values()))
        dots = _dots(cards, points, frame)
        return page(
            request,
            "leader/map.html",
            look,
            token=here.csrf,
            cards=cards,
            dots=dots,
            frame=frame,
            ground=[outlined(one, frame) for one in places if one.rings] if frame else [],
        )


def framed(rings: Sequence[Ring], points: Sequence[Point]) -> Frame | None:
    """Return the frame that holds the rings, or the points where nobody has drawn the ground; None for neither."""
    corners = [corner for ring in rings for corner in ring] or list(points)
    if not corners:
        return None
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    narrow = cos(radians((south + north) / 2))
    wide, tall = max((east - west) * narrow, 1e-5), max(north - south, 1e-5)
    scale = min((WIDTH - 2 * EDGE) / wide, (TALLEST - 2 * EDGE) / tall)
    return Frame(west, north, scale, narrow, WIDTH, round(tall * scale + 2 * EDGE, 1))


def outlined(place: Place, frame: Frame) -> Ground:
    """Return a grid's outline and the middle of its corners, where its name stands."""
    drawn = [[frame.at(corner) for corner in ring] for ring in place.rings]
    path = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in drawn)
    largest = max(drawn, key=len)[:-1]
    x, y = (round(sum(axis) / len(largest), 1) for axis in zip(*largest, strict=True))
    return Ground(place.name, path, x, y)


def _dots(cards: Iterable[TicketCard], points: dict[UUID, Point], frame: Frame | None) -> dict[UUID, Dot]:
    """Return ticket -> its dot, numbered as in the list.  What lies outside of the frame is in the list alone."""
    found = {}
    for place, card in enumerate(cards, 1):
        if frame is None or card.id not in points:
            continue
        x, y = frame.at(points[card.id])
        if 0 <= x <= frame.width and 0 <= y <= frame.height:
            found[card.id] = Dot(place, x, y, *points[card.id])
    return found
