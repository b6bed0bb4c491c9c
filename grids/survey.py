"""Checks new ground before use: broken rings, overlaps, gaps, slivers, a wrong datum, codes, leaders."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any, Literal

import msgspec
import numpy as np
import shapely

from grids import codes
from grids.geometry import Datum, to_wgs84
from grids.polygons import flat_scale
from grids.tree import DEPTH, LEVEL_NAMES, Level, Place, Ring

Kind = Literal[
    "broken_ring",
    "not_degrees",
    "hole",
    "overlap",
    "gap",
    "sliver",
    "wrong_datum",
    "outside",
    "duplicate_code",
    "bad_code",
    "no_name",
    "no_parent",
    "wrong_level",
    "no_leader",
    "unknown_grid",
    "not_drawn",
]
Severity = Literal["error", "warning"]

KINDS: dict[Kind, str] = {
    "broken_ring": "边界有误",
    "not_degrees": "坐标不是经纬度",
    "hole": "面中有洞",
    "overlap": "重叠",
    "gap": "缝隙",
    "sliver": "细缝",
    "wrong_datum": "坐标系不符",
    "outside": "超出上级范围",
    "duplicate_code": "编码重复",
    "bad_code": "编码不合规则",
    "no_name": "没有名称",
    "no_parent": "没有上级",
    "wrong_level": "层级不对",
    "no_leader": "没有网格长",
    "unknown_grid": "人员表中的网格不存在",
    "not_drawn": "没有边界",
}
_ERRORS = frozenset(
    {"broken_ring", "not_degrees", "wrong_datum", "duplicate_code", "no_name", "no_parent", "wrong_level"}
)
_BETTER = 0.05  # by how much another datum must fit better, and
_FITS = 0.8  # how well, as the share of common ground, before it is named
_STRAY = 0.5  # share of a place outside what it belongs to that is worth saying


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at: which places, what, how large, and where it is drawn.

    at      a point inside it (lng, lat), none where it has no place on the map
    rings   its outline in degrees, for the map
    """

    kind: Kind
    severity: Severity
    codes: tuple[str, ...]
    message: str
    square_metres: float = 0.0
    at: tuple[float, float] | None = None
    rings: tuple[Ring, ...] = ()


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """What is too small to mention (square metres), and the mean width (metres) below which it is a sliver.

    Two layers drawn by different hands differ by a few metres all along: 213 real places gave 2,800 patches of 20
    square metres and more, nearly all of no interest to anybody.
    """

    least: float = 500.0
    sliver: float = 10.0


def survey(
    places: Sequence[Place], leaders: Collection[str] | None = None, measures: Measures | None = None
) -> tuple[Finding, ...]:
    """Return everything found, errors first.

    places   as drawn, WGS-84, not yet planted: codes may repeat, rings may be broken
    leaders  codes of the places somebody leads; none where no sheet of people came along
    """
    found = [*_names_and_codes(places), *_rings(places)]
    degrees = [place for place in places if place.rings and not any(_not_degrees(ring) for ring in place.rings)]
    if degrees:
        found += _Ground(degrees, measures or Measures()).findings()
    found += [
        _finding("not_drawn", (place,), f"{_say(place)}没有边界")
        for place in places
        if not place.rings and place.level in {Level.GRID, Level.MICRO}
    ]
    if leaders is not None:
        found += _people(places, leaders)
    return tuple(
        sorted(
            found, key=lambda one: (one.severity != "error", list(KINDS).index(one.kind), -one.square_metres, one.codes)
        )
    )


def _names_and_codes(places: Sequence[Place]) -> Iterable[Finding]:
    by_code = {place.code: place for place in places}
    for code, times in Counter(place.code for place in places).items():
        if times > 1:
            held = tuple(place for place in places if place.code == code)
            yield _finding("duplicate_code", held, f"编码“{code}”出现{times}次：{'、'.join(p.name for p in held[:4])}")
    for place in places:
        if not place.name.strip():
            yield _finding("no_name", (place,), f"编码“{place.code}”没有名称")
        above = by_code.get(place.parent or "")
        if place.level is not Level.DISTRICT and above is None:
            yield _finding("no_parent", (place,), f"{_say(place)}的上级“{place.parent or ''}”不在表中")
        elif above is not None and DEPTH[above.level] != DEPTH[place.level] - 1:
            yield _finding(
                "wrong_level", (place,), f"{_say(place)}是{LEVEL_NAMES[place.level]}，不能直接属于{_say(above)}"
            )
        if said := codes.wrong(place.code, place.level, place.parent):
            yield _finding("bad_code", (place,), f"“{place.name}”的{said}")


def _rings(places: Sequence[Place]) -> Iterable[Finding]:
    for place in places:
        for ring in place.rings:
            if _not_degrees(ring):
                lng, lat = ring[0]
                swapped = 3 <= lng <= 54 and 73 <= lat <= 136
                why = "经度和纬度填反了" if swapped else "像是地方平面坐标（米），请先转换成经纬度"
                yield _finding("not_degrees", (place,), f"{_say(place)}的坐标“{lng:g}, {lat:g}”{why}")
                break
            if said := _broken(ring):
                yield msgspec.structs.replace(
                    _finding("broken_ring", (place,), f"{_say(place)}的边界{said}"), at=ring[0], rings=(ring,)
                )


def _not_degrees(ring: Ring) -> bool:
    return any(not (73 <= lng <= 136 and 3 <= lat <= 54) for lng, lat in ring)


def _broken(ring: Ring) -> str:
    """Return what is wrong with a ring, as the end of a Chinese sentence; empty if nothing."""
    if len(ring) < 4:
        return f"只有{len(ring)}个点，不成面"
    if ring[0] != ring[-1]:
        return "没有闭合"
    shape = shapely.Polygon(ring)
    if shape.area == 0:
        return "面积为零"
    return "" if shape.is_valid else f"自相交：{shapely.is_valid_reason(shape)}"


def _people(places: Sequence[Place], leaders: Collection[str]) -> Iterable[Finding]:
    known = {place.code for place in places}
    lowest = Level.GRID if any(place.level is Level.GRID for place in places) else Level.COMMUNITY
    for place in places:
        if place.level is lowest and place.code not in leaders:
            yield _finding("no_leader", (place,), f"{_say(place)}没有网格长")
    for code in sorted(set(leaders) - known):
        message = f"人员表中的网格“{code}”不在网格表中"
        yield Finding(kind="unknown_grid", severity="warning", codes=(code,), message=message)


class _Ground:
    """The drawn places laid flat in metres, level by level."""

    def __init__(self, places: Sequence[Place], measures: Measures) -> None:
        self._measures = measures
        lats = [lat for place in places for ring in place.rings for _, lat in ring]
        self._scale = flat_scale((min(lats) + max(lats)) / 2)
        self._places = [place for place in places if any(len(ring) >= 4 for ring in place.rings)]
        self._shapes = {id(place): self._flat(place.rings) for place in self._places}

    def findings(self) -> Iterable[Finding]:
        """Yield overlaps, gaps, strays and a wrong datum."""
        ranked = sorted(self._places, key=lambda place: DEPTH[place.level])
        for _, beside in groupby(ranked, key=lambda place: place.level):
            held = list(beside)
            yield from self._overlaps(held)
            yield from self._gaps(held)
        yield from self._strays()

    def _flat(self, rings: tuple[Ring, ...]) -> Any:
        parts = [shapely.make_valid(shapely.Polygon(np.array(ring) * self._scale)) for ring in rings if len(ring) >= 4]
        return shapely.union_all(parts)

    def _degrees(self, x: float, y: float) -> tuple[float, float]:
        return float(x / self._scale[0]), float(y / self._scale[1])

    def _overlaps(self, places: list[Place]) -> Iterable[Finding]:
        shapes = np.array([self._shapes[id(place)] for place in places], dtype=object)
        ones, others = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            if one < other:
                common = shapely.intersection(shapes[one], shapes[other])
                pair = (places[one], places[other])
                yield from self._patches("overlap", pair, common, f"{_say(pair[0])}与{_say(pair[1])}重叠")

    def _gaps(self, places: list[Place]) -> Iterable[Finding]:
        """Yield holes between places of one level, and what a drawn parent has that none of its children covers."""
        drawn = {place.code: place for place in self._places}
        for parent in sorted({place.parent or "" for place in places}):
            children = [place for place in places if (place.parent or "") == parent]
            union = shapely.union_all([self._shapes[id(place)] for place in children])
            if parent in drawn:
                bare = shapely.difference(self._shapes[id(drawn[parent])], union)
                yield from self._patches("gap", (drawn[parent],), bare, f"{_say(drawn[parent])}内没有划给任何下级")
        union = shapely.union_all([self._shapes[id(place)] for place in places])
        for part in shapely.get_parts(union).tolist():
            for inner in getattr(part, "interiors", ()):
                hole = shapely.Polygon(inner)
                near = tuple(place for place in places if self._shapes[id(place)].distance(hole) < 1)[:3]
                if not any(place.parent in drawn for place in near):
                    yield from self._patches("gap", near, hole, f"{'、'.join(map(_say, near))}之间有空白")

    def _patches(self, kind: Kind, places: tuple[Place, ...], shape: Any, said: str) -> Iterable[Finding]:
        """Yield one finding for each part large enough to mention."""
        for part in shapely.get_parts(shape).tolist():
            if part.geom_type != "Polygon" or part.area < self._measures.least:
                continue
            thin = 2 * part.area / part.length < self._measures.sliver
            inside = part.representative_point()
            at = self._degrees(inside.x, inside.y)
            ring = tuple(self._degrees(x, y) for x, y in part.exterior.coords)
            yield msgspec.structs.replace(
                _finding("sliver" if thin else kind, places, f"{said}，{part.area:,.0f}平方米"),
                square_metres=round(part.area, 1),
                at=at,
                rings=(ring,),
            )

    def _strays(self) -> Iterable[Finding]:
        """Yield places that lie mostly outside what they belong to, or one finding where another datum would fit."""
        drawn = {place.code: place for place in self._places}
        pairs = [(place, drawn[place.parent]) for place in self._places if place.parent in drawn]
        if not pairs:
            return
        fits = {datum: self._fit(pairs, datum) for datum in Datum}
        best = max(fits, key=lambda datum: fits[datum])
        if best is not Datum.WGS84 and fits[best] > _FITS and fits[best] > fits[Datum.WGS84] + _BETTER:
            message = (
                f"下级与上级的边界整体错开：按现在的坐标系吻合{fits[Datum.WGS84]:.0%}，"
                f"若作为 {best} 转换则为{fits[best]:.0%}；请核对后用 --datum {best} 重新载入"
            )
            yield _finding("wrong_datum", tuple(place for place, _ in pairs[:3]), message)
            return
        for place, above in pairs:
            shape = self._shapes[id(place)]
            out = shapely.difference(shape, self._shapes[id(above)]).area
            if shape.area and out > _STRAY * shape.area:
                middle = shape.representative_point()
                yield msgspec.structs.replace(
                    _finding("outside", (place, above), f"{_say(place)}有{out / shape.area:.0%}在{_say(above)}之外"),
                    square_metres=round(out, 1),
                    at=self._degrees(middle.x, middle.y),
                    rings=place.rings,
                )

    def _fit(self, pairs: list[tuple[Place, Place]], datum: Datum) -> float:
        """Return the share of common ground of all children and all parents, the children read in `datum`."""
        children = shapely.union_all([self._flat(_shifted(place.rings, datum)) for place, _ in pairs])
        parents = shapely.union_all([self._shapes[id(above)] for above in {id(a): a for _, a in pairs}.values()])
        both = shapely.union(children, parents).area
        return float(shapely.intersection(children, parents).area / both) if both else 0.0


def _shifted(rings: tuple[Ring, ...], datum: Datum) -> tuple[Ring, ...]:
    """Return rings read in another datum, moved as their first point moves: exact to a few metres over a community."""
    if datum is Datum.WGS84:
        return rings
    lng, lat = rings[0][0]
    moved = to_wgs84(lng, lat, datum)
    east, north = moved.lng - lng, moved.lat - lat
    return tuple(tuple((x + east, y + north) for x, y in ring) for ring in rings)


def converted(rings: tuple[Ring, ...], datum: Datum) -> tuple[Ring, ...]:
    """Return rings in WGS-84, each point converted by itself."""
    if datum is Datum.WGS84:
        return rings
    points = ((to_wgs84(lng, lat, datum) for lng, lat in ring) for ring in rings)
    return tuple(tuple((point.lng, point.lat) for point in ring) for ring in points)


def _finding(kind: Kind, places: tuple[Place, ...], message: str) -> Finding:
    return Finding(
        kind=kind,
        severity="error" if kind in _ERRORS else "warning",
        codes=tuple(place.code for place in places),
        message=message,
        at=_middle(places[0]) if places else None,
    )


def _middle(place: Place) -> tuple[float, float] | None:
    corners = [corner for ring in place.rings for corner in ring]
    if not corners or not all(math.isfinite(value) for corner in corners for value in corner):
        return None
    return sum(lng for lng, _ in corners) / len(corners), sum(lat for _, lat in corners) / len(corners)


def _say(place: Place) -> str:
    return f"“{place.name or place.code}”（{place.code}）"
