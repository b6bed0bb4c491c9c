"""Points on the ground, metres between them, and coordinates as other systems write them.

Inside this product every point is WGS-84 (CGCS2000 differs by centimetres and counts as the same).  GCJ-02 (map
services) and BD-09 (Baidu) lie 100 to 700 m and up to 1.5 km away; they are converted once, at the edge.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

import msgspec

_AXIS = 6378245.0  # Krasovsky 1940, metres: the ellipsoid GCJ-02 is defined on
_FLATTENING = 0.00669342162296594323  # its squared eccentricity
_EARTH = 6371008.8  # mean radius, metres
_BD_PI = math.pi * 3000.0 / 180.0
_SLACK = 0.5  # degrees: how far outside its bounds a city's points are still believed


class Datum(StrEnum):
    """How the sender writes coordinates."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Point(msgspec.Struct, frozen=True):
    """A place on the ground: WGS-84, degrees, longitude first."""

    lng: float
    lat: float


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A box in WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lng: float, lat: float, slack: float = 0.0) -> bool:
        """Tell whether a point lies in the box grown by `slack` degrees on each side; the edge counts as inside."""
        across = self.west - slack <= lng <= self.east + slack
        return across and self.south - slack <= lat <= self.north + slack


ToDegrees = Callable[[float, float], Point]  # east and north in metres of a city's plane -> WGS-84


class Reading(msgspec.Struct, frozen=True):
    """What a pair of coordinates turned out to be.

    how     given · swapped (both with a point) · plane (with one where the city has told its plane) · missing · zero ·
            outside (without)
    """

    point: Point | None
    how: str
    why: str


def _shift(lng: float, lat: float) -> tuple[float, float]:
    """Return what GCJ-02 adds to a WGS-84 position, in degrees of longitude and latitude."""
    x, y = lng - 105.0, lat - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    radians = math.radians(lat)
    magic = 1.0 - _FLATTENING * math.sin(radians) ** 2
    root = math.sqrt(magic)
    north = math.degrees(north / (_AXIS * (1.0 - _FLATTENING) / (magic * root)))
    east = math.degrees(east / (_AXIS / root * math.cos(radians)))
    return east, north


def _abroad(lng: float, lat: float) -> bool:
    """Tell whether GCJ-02 leaves a position as it is (the box map services use for the mainland)."""
    return not (72.004 <= lng <= 137.8347 and 0.8293 <= lat <= 55.8271)


def to_wgs84(lng: float, lat: float, datum: Datum) -> Point:
    """Return the WGS-84 point of coordinates in `datum`; exact to a millimetre.

    GCJ-02 has no closed inverse: the usual single subtraction is off by up to 2 m, so this one is repeated until it
    stands still.
    """
    if datum is Datum.WGS84:
        return Point(lng, lat)
    if datum is Datum.BD09:
        x, y = lng - 0.0065, lat - 0.006
        radius = math.hypot(x, y) - 0.00002 * math.sin(y * _BD_PI)
        angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BD_PI)
        lng, lat = radius * math.cos(angle), radius * math.sin(angle)
    if _abroad(lng, lat):
        return Point(lng, lat)
    guess_lng, guess_lat = lng, lat
    for _ in range(10):
        east, north = _shift(guess_lng, guess_lat)
        next_lng, next_lat = lng - east, lat - north
        moved = abs(next_lng - guess_lng) + abs(next_lat - guess_lat)
        guess_lng, guess_lat = next_lng, next_lat
        if moved < 1e-10:
            break
    return Point(guess_lng, guess_lat)


def metres(a: Point, b: Point) -> float:
    """Return the distance over the ground (haversine; within 0.6 % of the ellipsoid)."""
    south, north = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lng = (north - south) / 2, math.radians(b.lng - a.lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(south) * math.cos(north) * math.sin(half_lng) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(chord)))


def _in_metres(one: float, other: float, bounds: Bounds, plane: ToDegrees | None) -> Reading:
    """Return the point of plane coordinates where the city knows its plane and exactly one order fits the city."""
    said = f"坐标“{one:.2f}, {other:.2f}”不是经纬度，像是地方平面坐标（米）"
    if plane is None or not (math.isfinite(one) and math.isfinite(other)):
        return Reading(None, "plane", f"{said}，未采用，按地址和内容定位")
    found = [point for point in (plane(one, other), plane(other, one)) if bounds.holds(point.lng, point.lat, _SLACK)]
    if len(found) != 1:
        return Reading(
            None, "plane", f"{said}，按本地坐标系换算后{'两种次序都' if found else '不'}在本地范围内，未采用"
        )
    return Reading(found[0], "plane", f"{said}，已按本地坐标系换算")


def read_point(
    lng: float | None, lat: float | None, datum: Datum, bounds: Bounds, plane: ToDegrees | None = None
) -> Reading:
    """Return the WGS-84 point that an export's two columns mean, or none and the reason why not.

    lng lat   as written, in `datum`; real exports leave them empty, 0,0, in the wrong order, or in metres of a local
              plane
    plane     the city's own, where it has told it: `grids.plane.Plane.to_wgs84`
    bounds    the city's; half a degree around it still counts, so that a ticket from beyond the border is seen as one.
              The other order is believed only where the given one falls outside that and the other inside: nothing is
              guessed
    """
    if lng is None or lat is None or math.isnan(lng) or math.isnan(lat):
        return Reading(None, "missing", "没有坐标")
    if abs(lng) < 1e-6 and abs(lat) < 1e-6:
        return Reading(None, "zero", "坐标为0,0，视为没有填写")
    if max(abs(lng), abs(lat)) > 360:
        return _in_metres(lng, lat, bounds, plane)
    if bounds.holds(lng, lat, _SLACK):
        return Reading(to_wgs84(lng, lat, datum), "given", "坐标有效")
    if bounds.holds(lat, lng, _SLACK):
        return Reading(to_wgs84(lat, lng, datum), "swapped", "经度和纬度填反，已对调")
    return Reading(None, "outside", f"坐标“{lng:g}, {lat:g}”不在本地范围内，未采用")
