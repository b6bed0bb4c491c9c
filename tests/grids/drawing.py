"""The way there, where the product only knows the way back: from WGS-84 to a map as it is drawn and a city's plane."""

import math

from grids.geometry import Point, _abroad, _shift
from grids.plane import _N, _RADIUS, Plane, _conformal

_FORWARD = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)


def to_gcj02(point: Point) -> tuple[float, float]:
    """Return (longitude, latitude) of a point as a Chinese map service draws it."""
    if _abroad(point.lng, point.lat):
        return point.lng, point.lat
    east, north = _shift(point.lng, point.lat)
    return point.lng + east, point.lat + north


def from_wgs84(plane: Plane, point: Point) -> tuple[float, float]:
    """Return east and north of a point."""
    lat, aside = math.radians(point.lat), math.radians(point.lng - plane.meridian)
    tau = _conformal(math.tan(lat))
    xi = math.atan2(tau, math.cos(aside))
    eta = math.asinh(math.sin(aside) / math.hypot(tau, math.cos(aside)))
    turns = [(2 * (order + 1), factor) for order, factor in enumerate(_FORWARD)]
    straight = xi + sum(factor * math.sin(turn * xi) * math.cosh(turn * eta) for turn, factor in turns)
    across = eta + sum(factor * math.cos(turn * xi) * math.sinh(turn * eta) for turn, factor in turns)
    return plane.east + plane.scale * _RADIUS * across, plane.north + plane.scale * _RADIUS * straight
