from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.geometry import Bounds, Datum, Point, metres, read_point, to_wgs84
from tests.grids.drawing import to_gcj02

CITY = Bounds(west=120.0, south=30.0, east=120.2, north=30.1)


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        # well-known pairs of the published algorithm, six decimals
        ((116.391305, 39.907333), (116.397548, 39.908736)),
        ((121.469999, 31.230001), (121.474519, 31.228054)),
    ],
)
def test_gcj02_of_known_points(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    lng, lat = to_gcj02(Point(*wgs))
    assert metres(Point(lng, lat), Point(*gcj)) < 5
    assert metres(Point(*wgs), Point(*gcj)) > 100


@given(st.floats(74, 134), st.floats(18, 53))
def test_gcj02_there_and_back_is_exact_to_a_millimetre(lng: float, lat: float) -> None:
    drawn = to_gcj02(Point(lng, lat))
    assert metres(to_wgs84(*drawn, Datum.GCJ02), Point(lng, lat)) < 0.001


def test_bd09_lies_about_a_kilometre_from_wgs84_and_comes_back() -> None:
    point = to_wgs84(116.404, 39.915, Datum.BD09)
    assert (round(point.lng, 4), round(point.lat, 4)) == (116.3914, 39.9073)
    assert 1000 < metres(point, Point(116.404, 39.915)) < 1600


def test_wgs84_and_places_abroad_stay_as_they_are() -> None:
    assert to_wgs84(120.1, 30.1, Datum.WGS84) == Point(120.1, 30.1)
    assert to_wgs84(2.35, 48.85, Datum.GCJ02) == Point(2.35, 48.85)
    assert to_gcj02(Point(2.35, 48.85)) == (2.35, 48.85)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Point(120, 30), Point(120, 30), 0),
        (Point(120, 30), Point(120, 31), 111_195),
        (Point(120, 60), Point(121, 60), 55_597),
        (Point(0, 0), Point(180, 0), 20_015_115),
    ],
)
def test_metres(a: Point, b: Point, expected: float) -> None:
    assert metres(a, b) == pytest.approx(expected, abs=1)
    assert metres(a, b) == metres(b, a)


@pytest.mark.parametrize(
    ("lng", "lat", "how", "why"),
    [
        (120.1, 30.05, "given", "坐标有效"),
        (120.6, 30.5, "given", "坐标有效"),
        (30.05, 120.1, "swapped", "经度和纬度填反，已对调"),
        (None, 30.05, "missing", "没有坐标"),
        (120.1, None, "missing", "没有坐标"),
        (math.nan, 30.05, "missing", "没有坐标"),
        (0.0, 0.0, "zero", "坐标为0,0，视为没有填写"),
        (
            198721.7,
            211840.07,
            "plane",
            "坐标“198721.70, 211840.07”不是经纬度，像是地方平面坐标（米），未采用，按地址和内容定位",
        ),
        (math.inf, 30.05, "plane", "坐标“inf, 30.05”不是经纬度，像是地方平面坐标（米），未采用，按地址和内容定位"),
        (120.1, 30.7, "outside", "坐标“120.1, 30.7”不在本地范围内，未采用"),
        (30.7, 120.1, "outside", "坐标“30.7, 120.1”不在本地范围内，未采用"),
        (0.0, 30.05, "outside", "坐标“0, 30.05”不在本地范围内，未采用"),
    ],
)
def test_what_two_columns_mean(lng: float | None, lat: float | None, how: str, why: str) -> None:
    reading = read_point(lng, lat, Datum.WGS84, CITY)
    assert (reading.how, reading.why) == (how, why)
    assert (reading.point is not None) == (how in {"given", "swapped"})


@pytest.mark.parametrize("columns", [(120.1, 30.05), (30.05, 120.1)])
def test_both_orders_give_the_same_point_in_the_right_datum(columns: tuple[float, float]) -> None:
    assert read_point(*columns, Datum.WGS84, CITY).point == Point(120.1, 30.05)
    assert read_point(*columns, Datum.GCJ02, CITY).point == to_wgs84(120.1, 30.05, Datum.GCJ02)


def test_nothing_is_swapped_where_both_orders_would_do() -> None:
    square = Bounds(west=30.0, south=30.0, east=40.0, north=40.0)
    assert read_point(31.0, 39.0, Datum.WGS84, square).point == Point(31.0, 39.0)
