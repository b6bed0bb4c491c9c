"""Local plane coordinates in metres (Gauss-Krüger), as a city's own survey writes them, to WGS-84 and back.

Each city sets its own meridian and origin, so nothing can be done without them: they are the city's data.  Krüger's
series to the fourth order in the third flattening, after Karney, Transverse Mercator with an accuracy of a few
nanometers, J. Geodesy 85 (2011); exact to a millimetre within 3 degrees of the meridian.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

from grids.geometry import Point

_AXIS = 6378137.0  # CGCS2000, metres
_N = (1 / 298.257222101) / (2 - 1 / 298.257222101)
_RADIUS = _AXIS / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ECCENTRICITY = 2 * math.sqrt(_N) / (1 + _N)
_BACK = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)


class Plane(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A city's plane: its central meridian (degrees), and what is added to east and north (metres)."""

    meridian: Annotated[float, msgspec.Meta(ge=73, le=136)]
    east: float = 500_000.0
    north: float = 0.0
    scale: Annotated[float, msgspec.Meta(gt=0.9, lt=1.1)] = 1.0

    def to_wgs84(self, east: float, north: float) -> Point:
        """Return the point of plane coordinates; CGCS2000 counts as WGS-84."""
        xi = (north - self.north) / (self.scale * _RADIUS)
        eta = (east - self.east) / (self.scale * _RADIUS)
        turns = [(2 * (order + 1), factor) for order, factor in enumerate(_BACK)]
        straight = xi - sum(factor * math.sin(turn * xi) * math.cosh(turn * eta) for turn, factor in turns)
        aside = eta - sum(factor * math.cos(turn * xi) * math.sinh(turn * eta) for turn, factor in turns)
        tau = math.sin(straight) / math.hypot(math.sinh(aside), math.cos(straight))
        lng = self.meridian + math.degrees(math.atan2(math.sinh(aside), math.cos(straight)))
        return Point(lng, math.degrees(_latitude(tau)))


def _conformal(tau: float) -> float:
    """Return the tangent of the conformal latitude from that of the geographic one."""
    sigma = math.sinh(_ECCENTRICITY * math.atanh(_ECCENTRICITY * tau / math.hypot(1, tau)))
    return tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)


def _latitude(conformal: float) -> float:
    """Return the geographic latitude of a conformal tangent, by Newton's method."""
    tau = conformal
    for _ in range(5):
        there = _conformal(tau)
        rest = 1 - _ECCENTRICITY**2
        slope = rest * math.hypot(1, there) * math.hypot(1, tau) / (1 + rest * tau**2)
        tau += (conformal - there) / slope
    return math.atan(tau)
