"""Turns ground that was handed in into places, posts and files of a city's folder; what is there stays."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from grids import codes
from grids.tree import Level, Place

PLACE_COLUMNS = ("code", "name", "level", "parent", "aliases", "owner", "households", "sites", "since", "until")
POST_HEADS = ("grid", "login", "name", "duty", "since", "until", "away")


class Leading(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the sheet of people: who leads a grid, who is the deputy."""

    grid: str
    leader: str = ""
    leader_phone: str = ""
    deputy: str = ""
    deputy_phone: str = ""


def placed(drawn: Iterable[Place], held: Mapping[str, Place]) -> list[Place]:
    """Return drawn places with what they belong to, as far as the drawing, the folder or the code's form says.

    held    places already in the folder: a place of the same code keeps its aliases, owner and dates
    drawn   a place without a code of its own gets the next free one of what it belongs to
    """
    found = []
    asked = list(drawn)
    taken = {*held, *(one.code for one in asked)}
    for given in asked:
        one = given
        if not one.code and one.parent and codes.level_of(one.parent):
            one = msgspec.structs.replace(one, code=codes.build(one.parent, taken))
            taken.add(one.code)
        before = held.get(one.code)
        above = one.parent or (before.parent if before else None) or codes.parent_of(one.code)
        parent = None if one.level is Level.DISTRICT else above
        if before is None:
            found.append(msgspec.structs.replace(one, parent=parent))
        else:
            name = one.name or before.name
            found.append(msgspec.structs.replace(before, name=name, level=one.level, parent=parent, rings=one.rings))
    return found


def merged(new: Sequence[Place], held: Sequence[Place]) -> list[Place]:
    """Return the places of a folder with the new ones in the place of those of the same code."""
    taken = {place.code for place in new}
    return sorted([*new, *(place for place in held if place.code not in taken)], key=lambda place: place.code)


def logins(people: Sequence[Leading]) -> dict[tuple[str, str], str]:
    """Return a login for each (name, phone): the same person in several grids has one."""
    known = {(one.leader, one.leader_phone) for one in people} | {(one.deputy, one.deputy_phone) for one in people}
    return {
        who: f"wg{hashlib.blake2b('|'.join(who).encode(), digest_size=4).hexdigest()}"
        for who in sorted(known)
        if who[0]
    }


def files(places: Sequence[Place], people: Sequence[Leading], since: date) -> dict[str, str]:
    """Return places.csv, grids.geojson and, where people came along, leaders.csv and accounts.csv."""
    rows = [
        (
            one.code,
            one.name,
            one.level.value,
            one.parent or "",
            "|".join(one.aliases),
            one.owner,
            one.households or "",
            "|".join(one.sites),
            one.since or "",
            one.until or "",
        )
        for one in places
    ]
    shapes = [_shape(one) for one in places if one.rings]
    found = {
        "places.csv": _csv(PLACE_COLUMNS, rows),
        "grids.geojson": json.dumps({"type": "FeatureCollection", "features": shapes}, ensure_ascii=False),
    }
    if people:
        login = logins(people)
        posts = [
            (one.grid, login[who], who[0], duty, since.isoformat(), "", "")
            for one in people
            for duty, who in (("leader", (one.leader, one.leader_phone)), ("deputy", (one.deputy, one.deputy_phone)))
            if who[0]
        ]
        found["leaders.csv"] = _csv(POST_HEADS, posts)
        found["accounts.csv"] = _csv(("login", "name", "phone"), [(login[who], *who) for who in sorted(login)])
    return found


def _shape(place: Place) -> dict[str, Any]:
    """Return a place's border as a GeoJSON feature."""
    geometry = {"type": "MultiPolygon", "coordinates": [[ring] for ring in place.rings]}
    return {"type": "Feature", "properties": {"code": place.code, "name": place.name}, "geometry": geometry}


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()
