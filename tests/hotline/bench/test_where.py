"""The invented grids of the bulk benchmark, and that one way of asking agrees with the other."""

import numpy as np

from grids.geometry import Point
from grids.polygons import Polygons
from grids.tree import Tree
from hotline.bench.where import invented


def test_grids_share_their_borders_and_hold_each_point_once() -> None:
    places, degrees = invented(6)
    assert (len(places), round(degrees, 6)) == (36, 0.06)
    polygons = Polygons(Tree("t", places))
    spots = np.random.default_rng(1).uniform((120.005, 30.005), (120.055, 30.055), (500, 2))
    held = polygons.holding(spots)
    assert None not in held
    nears = polygons.near([Point(lng, lat) for lng, lat in spots.tolist()], 0.0)
    assert held == [near[0].code for near in nears]
    assert polygons.holding(np.empty((0, 2))) == []
    assert Polygons(Tree("t", ())).holding(spots) == [None] * 500
