"""District > street > community > grid > micro-grid: one edition of the ground, checked as a whole before use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated

import msgspec
import shapely

from grids.errors import BrokenTree, NoSuchGrid
from grids.geometry import Bounds
from grids.messages import Message

Ring = tuple[tuple[float, float], ...]


class Level(StrEnum):
    """How high a place stands; the order of definition is from the top down."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    MICRO = "micro"


LEVEL_NAMES = {
    Level.DISTRICT: "区",
    Level.STREET: "街道",
    Level.COMMUNITY: "社区",
    Level.GRID: "网格",
    Level.MICRO: "微网格",
}
DEPTH = {level: depth for depth, level in enumerate(Level)}


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of ground with a name.

    code    unique in the edition; Beijing style 6 district + 3 street + 3 community + 3 grid (DB11 网格化城市管理系统
            单元网格划分), but nothing here depends on its form
    parent  code of the place one level up; none for a district
    rings   closed outer rings, WGS-84 (lng, lat) pairs; more than one where the ground is in parts; none where nobody
            has drawn it
    owner   who is named as responsible for the ground (权属), empty if nobody
    households sites   how many households live there, 0 where nobody counted; key places (重点场所) by name
    since until   first and last day it is valid, both counted; none where it was always so, or still is.  Ground that
                  changes gets a new code, so that a ticket of last year stays where it was
    """

    code: str
    name: str
    level: Level
    parent: str | None = None
    rings: tuple[Ring, ...] = ()
    aliases: tuple[str, ...] = ()
    owner: str = ""
    households: Annotated[int, msgspec.Meta(ge=0)] = 0
    sites: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def valid(self, on: date) -> bool:
        """Tell whether the place exists on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


class Tree(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """One edition of a city's ground.  Made by `plant`, which checks it; a Tree made by hand is not checked."""

    edition: str
    places: tuple[Place, ...]

    @cached_property
    def _by_code(self) -> dict[str, Place]:
        return {place.code: place for place in self.places}

    @cached_property
    def _by_parent(self) -> dict[str | None, tuple[Place, ...]]:
        found: dict[str | None, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.parent, []).append(place)
        return {parent: tuple(children) for parent, children in found.items()}

    @cached_property
    def _chains(self) -> dict[str, tuple[Place, ...]]:
        return {}

    @cached_property
    def _box(self) -> Bounds | None:
        corners = [corner for place in self.places for ring in place.rings for corner in ring]
        if not corners:
            return None
        lngs, lats = [lng for lng, _ in corners], [lat for _, lat in corners]
        return Bounds(west=min(lngs), south=min(lats), east=max(lngs), north=max(lats))

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Place:
        """Return one place.  raises NoSuchGrid"""
        try:
            return self._by_code[code]
        except KeyError:
            raise NoSuchGrid(code, self.edition) from None

    def chain(self, code: str) -> tuple[Place, ...]:
        """Return the place itself first, then what it belongs to, up to the district.  raises NoSuchGrid"""
        known = self._chains.get(code)
        if known is None:
            place = self.get(code)
            known = (place,) if place.parent is None else (place, *self.chain(place.parent))
            self._chains[code] = known
        return known

    def children(self, code: str | None) -> tuple[Place, ...]:
        """Return the places directly below, in the order of the edition; the districts for None.  raises NoSuchGrid"""
        if code is not None:
            self.get(code)
        return self._by_parent.get(code, ())

    def at(self, code: str, level: Level) -> Place | None:
        """Return the place of `level` that `code` is or lies in; none where `code` is above it.  raises NoSuchGrid"""
        return next((place for place in self.chain(code) if place.level is level), None)

    def on(self, day: date) -> Tree:
        """Return the tree of the places valid on a day, without what lies in one that is not; itself where all are."""
        kept = tuple(place for place in self.places if all(above.valid(day) for above in self.chain(place.code)))
        return self if len(kept) == len(self.places) else Tree(self.edition, kept)

    def bounds(self) -> Bounds | None:
        """Return the box around everything drawn; none where no place has a ring."""
        return self._box


def plant(edition: str, places: Iterable[Place]) -> Tree:
    """Return the tree of these places.

    raises BrokenTree with all that is wrong: a code twice, a parent that is missing or not exactly one level up (a grid
    belongs to a community, never directly to a street: DB6101/T 3185-2024), a name left empty, a ring that is open,
    flat or crosses itself
    """
    held = tuple(places)
    counts = Counter(p.code for p in held)
    problems = [Message("编码“%(code)s”出现%(times)s次", code=code, times=n) for code, n in counts.items() if n > 1]
    by_code = {place.code: place for place in held}
    for place in held:
        problems += _wrong_place(place, by_code)
        problems += [
            Message("%(place)s的边界%(wrong)s", place=_named(place), wrong=wrong)
            for ring in place.rings
            if (wrong := _wrong_ring(ring))
        ]
    if problems:
        raise BrokenTree(tuple(problems))
    return Tree(edition, held)


def _named(place: Place) -> Message:
    return Message("“%(name)s”（%(code)s）", name=place.name, code=place.code)


def _wrong_place(place: Place, by_code: dict[str, Place]) -> list[Message]:
    """Return what is wrong with one place's own line."""
    here = _named(place)
    wrong = []
    if not place.code.strip() or not place.name.strip():
        wrong.append(Message("%(place)s缺少编码或名称", place=here))
    if place.since and place.until and place.until < place.since:
        span = {"until": place.until, "since": place.since}
        wrong.append(Message("%(place)s的有效期到%(until)s为止，早于开始的%(since)s", place=here, **span))
    if place.level is Level.DISTRICT:
        if place.parent is not None:
            wrong.append(Message("%(place)s是区，不能再有上级“%(parent)s”", place=here, parent=place.parent))
    elif place.parent is None:
        wrong.append(Message("%(place)s没有写明所属的上级", place=here))
    elif place.parent not in by_code:
        wrong.append(Message("%(place)s的上级“%(parent)s”不存在", place=here, parent=place.parent))
    elif DEPTH[by_code[place.parent].level] != DEPTH[place.level] - 1:
        above = by_code[place.parent]
        own, over = Message(LEVEL_NAMES[place.level]), Message(LEVEL_NAMES[above.level])
        wrong.append(
            Message(
                "%(place)s是%(level)s，不能直接属于%(above)s“%(name)s”",
                place=here,
                level=own,
                above=over,
                name=above.name,
            )
        )
    return wrong


def _wrong_ring(ring: Ring) -> Message | None:
    """Return what is wrong with a ring, as the end of a sentence; None if nothing."""
    if len(ring) < 4:
        return Message("只有%(n)s个点，不成面", n=len(ring))
    if not all(math.isfinite(lng) and math.isfinite(lat) and abs(lng) <= 180 and abs(lat) <= 90 for lng, lat in ring):
        return Message("含有不是经纬度的点")
    if ring[0] != ring[-1]:
        return Message("没有闭合")
    polygon = shapely.Polygon(ring)
    if polygon.area == 0:
        return Message("面积为零")
    if not polygon.is_valid:
        return Message("自相交或有误：%(reason)s", reason=shapely.is_valid_reason(polygon))
    return None
