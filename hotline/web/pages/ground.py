"""The ground as GeoJSON for the maps of the pages: polygons of the city's own grids, no tiles."""

import hashlib
from functools import lru_cache

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from grids.tree import Level, Place
from hotline.city import City
from hotline.web import access
from hotline.web.access import Here

CACHED = 8


@get("/grids.json", guards=[access.may()], sync_to_thread=True)
def grids(request: Request[object, object, object], here: NamedDependency[Here]) -> Response[bytes]:  # type: ignore[type-var]  # Litestar's stub
    """Return the polygons of one level, or of one place and its neighbours."""
    level, code = request.query_params.get("level", ""), request.query_params.get("code", "")
    body = shapes(here.city, level if level in set(Level) else "", code)
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=300"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="application/geo+json", headers=headers)


def shapes(city: City, level: str, code: str) -> bytes:
    """Return the FeatureCollection; `here` marks the place asked for."""
    return _shapes(city.region, city.edition, _Ground(city), level, code)


class _Ground:
    """A city as a cache key: its edition says all."""

    def __init__(self, city: City) -> None:
        self.city = city

    def __hash__(self) -> int:
        return hash(self.city.edition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ground) and other.city.edition == self.city.edition


@lru_cache(maxsize=CACHED)
def _shapes(_region: str, _edition: str, ground: _Ground, level: str, code: str) -> bytes:
    tree = ground.city.tree
    if code in tree:
        parent = tree.get(code).parent
        places = list(tree.children(parent)) if parent else [tree.get(code)]
    else:
        places = [one for one in tree.places if one.level == (level or Level.GRID)]
    above = {one.code: one.name for one in tree.places}
    drawn = [
        _feature(one, one.name.removeprefix(above.get(one.parent or "", "")), one.code == code)
        for one in places
        if one.rings
    ]
    return msgspec.json.encode({"type": "FeatureCollection", "features": drawn})


def _feature(place: Place, name: str, asked: bool) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"code": place.code, "name": name, "here": asked},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in place.rings]},
    }
