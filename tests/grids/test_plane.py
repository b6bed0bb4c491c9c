"""A city's plane: metres to degrees and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.geometry import Bounds, Datum, Point, metres, read_point
from grids.plane import Plane
from tests.grids.drawing import from_wgs84

PLANE = Plane(meridian=120.0, east=200_000.0, north=-3_000_000.0)
CITY = Bounds(west=119.9, south=29.9, east=120.3, north=30.3)


def test_a_known_arc_of_the_meridian() -> None:
    # GRS 80: 5 540 847.042 m from the equator to 50 degrees north (Moritz 2000 gives the quarter as 10 001 965.729 m)
    east, north = from_wgs84(Plane(meridian=120.0), Point(120.0, 50.0))
    assert (east, north) == (500_000.0, pytest.approx(5_540_847.042, abs=0.01))
    assert from_wgs84(Plane(meridian=120.0), Point(120.0, 90.0))[1] == pytest.approx(10_001_965.729, abs=0.01)


@given(st.floats(-3, 3), st.floats(3, 54))
def test_there_and_back_within_a_millimetre(aside: float, lat: float) -> None:
    point = Point(120.0 + aside, lat)
    assert metres(point, PLANE.to_wgs84(*from_wgs84(PLANE, point))) < 0.001


def test_points_in_metres_are_read_in_either_order_where_the_city_knows_its_plane() -> None:
    point = Point(120.1, 30.05)
    east, north = from_wgs84(PLANE, point)
    for columns in ((east, north), (north, east)):
        found = read_point(*columns, Datum.WGS84, CITY, PLANE.to_wgs84)
        assert found.how == "plane"
        assert found.point is not None
        assert metres(found.point, point) < 0.001
        assert "已按本地坐标系换算" in found.why
        assert read_point(*columns, Datum.WGS84, CITY).point is None
    far = read_point(900_000.0, 900_000.0, Datum.WGS84, CITY, PLANE.to_wgs84)
    assert far.point is None
    assert "不在本地范围内" in far.why
