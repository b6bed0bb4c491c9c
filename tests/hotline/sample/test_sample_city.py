"""The sample district 示例区 agrees with itself.

Read plainly (csv, json, tomllib), so that a wrong reader hides nothing.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import Point, Polygon
from shapely.ops import unary_union

CITY = Path(__file__).parents[3] / "hotline" / "sample" / "city"
LENGTH = {"district": 6, "street": 9, "community": 12, "grid": 15}
DAY = timedelta(days=1)
WHEN = ("hours", "season", "caller", "keywords")
FATES = {
    "received", "routed", "signed", "reported", "returned", "reviewing", "answered", "closed", "redone",
    "overdue_progress", "overdue_result", "settled", "joined",
}  # fmt: skip


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV of the sample city."""
    with (CITY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def toml(name: str) -> dict[str, Any]:
    """Return a TOML file of the sample city."""
    return tomllib.loads((CITY / name).read_text(encoding="utf-8"))


AREAS = {row["code"]: row for row in table("areas.csv")}
PLACES = {row["code"]: row for row in table("places.csv")}
UNITS = {row["code"]: row for row in table("units.csv")}
DUTY = table("duty.csv")
LEADERS = table("leaders.csv")
TICKETS = table("tickets.csv")
LEAVES = set(AREAS) - {row["parent"] for row in AREAS.values()}
FEATURES = json.loads((CITY / "grids.geojson").read_text(encoding="utf-8"))["features"]
RINGS = {one["properties"]["code"]: one["geometry"]["coordinates"] for one in FEATURES}
POLYGONS = {code: Polygon(rings[0]) for code, rings in RINGS.items()}
GRIDS = [code for code, row in PLACES.items() if row["level"] == "grid"]


def test_it_is_as_large_as_promised() -> None:
    levels = Counter(row["level"] for row in PLACES.values())
    assert levels == {"district": 1, "street": 6, "community": 30, "grid": 120}
    assert (len(AREAS), len(LEAVES), len(UNITS), len(DUTY)) == (70, 50, 28, 135)
    assert Counter(len(code) for code in AREAS) == {2: 15, 4: 45, 6: 10}
    assert sum(file.stat().st_size for file in CITY.iterdir()) < 1_500_000
    assert (CITY / "grids.geojson").stat().st_size < 400_000


def test_areas_hang_on_their_parents_and_say_what_they_are() -> None:
    for code, row in AREAS.items():
        assert row["parent"] == code[:-2], code
        assert 5 <= len(row["keywords"].split("|")) <= 8, code
        assert 2 <= len(row["examples"].split("|")) <= 3, code
    names = [name for row in AREAS.values() for name in {row["name"], *row["aliases"].split("|")}]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_places_hang_on_their_parents() -> None:
    for code, row in PLACES.items():
        assert len(code) == LENGTH[row["level"]]
        assert row["parent"] == (code[:-3] if row["level"] != "district" else "")
        assert row["owner"] in UNITS or row["level"] == "grid"
    assert len({row["name"] for row in PLACES.values()}) == len(PLACES)


def test_polygons_are_closed_and_have_six_decimals() -> None:
    assert set(RINGS) == set(PLACES)
    for code, rings in RINGS.items():
        assert len(rings) == 1, code
        assert rings[0][0] == rings[0][-1], code
        assert POLYGONS[code].is_valid, code
        assert POLYGONS[code].exterior.is_ccw, code
        assert all(round(number, 6) == number for point in rings[0] for number in point), code


@pytest.mark.parametrize("level", ["district", "street", "community"])
def test_children_tile_their_parent(level: str) -> None:
    for code in (code for code, row in PLACES.items() if row["level"] == level):
        parts = [POLYGONS[child] for child, row in PLACES.items() if row["parent"] == code]
        whole = unary_union(parts)
        assert len(parts) >= 3, code
        assert whole.geom_type == "Polygon", f"{code} is in several pieces"
        assert whole.symmetric_difference(POLYGONS[code]).area < 1e-12, f"{code} is not what its parts make"
        assert sum(part.area for part in parts) - whole.area < 1e-12, f"parts of {code} overlap"


def test_landmarks_stand_in_their_grid() -> None:
    rows = table("landmarks.csv")
    assert len(rows) > 250
    assert len({row["name"] for row in rows}) == len(rows)
    assert {row["place"] for row in rows} == set(GRIDS)
    for row in rows:
        assert POLYGONS[row["place"]].contains(Point(float(row["lng"]), float(row["lat"]))), row["name"]


def test_every_grid_has_one_leader_today_and_before() -> None:
    for day in (date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31)):
        leading = Counter(
            row["grid"]
            for row in LEADERS
            if row["duty"] == "leader"
            and date.fromisoformat(row["since"]) <= day <= date.fromisoformat(row["until"] or "9999-12-31")
        )
        assert leading == dict.fromkeys(GRIDS, 1), day


def test_leaders_are_varied() -> None:
    now = [row for row in LEADERS if not row["until"]]
    held = Counter(row["login"] for row in now if row["duty"] == "leader")
    assert len({row["login"] for row in now}) == 120
    assert len({row["name"] for row in now}) == 120
    assert Counter(held.values()) == {1: 96, 2: 12}
    away = [row for row in LEADERS if row["away"]]
    assert {row["login"] for row in away} == {away[0]["login"]}
    deputies = {row["grid"] for row in now if row["duty"] == "deputy"}
    assert {row["grid"] for row in away} & deputies, "somebody stands in for the leader on leave"
    for row in away:
        first, last = map(date.fromisoformat, row["away"].split("/"))
        assert first <= last


def test_duty_names_known_areas_places_and_units() -> None:
    assert len({row["id"] for row in DUTY}) == len(DUTY)
    for row in DUTY:
        assert row["area"] in AREAS, row
        assert row["place"] in PLACES or not row["place"], row
        assert {row["unit"], *filter(None, row["helpers"].split("|"))} <= set(UNITS), row
        assert row["unit"] not in row["helpers"].split("|"), row
        assert row["basis"], row


def test_duty_covers_every_leaf_and_has_no_ties() -> None:
    now = [row for row in DUTY if not row["until"]]
    assert {row["area"] for row in now if not row["place"]} == set(AREAS)
    assert max(Counter((row["area"], row["place"], *(row[one] for one in WHEN)) for row in now).values()) == 1
    assert {row["unit"] for row in now} == set(UNITS)


def test_duty_shows_conditions_standard_answers_and_precedents() -> None:
    conditional = [row for row in DUTY if any(row[one] for one in WHEN)]
    assert all(any(row[one] for row in conditional) for one in WHEN), "one row at least of each kind"
    for row in conditional:
        plain = [one for one in DUTY if one["area"] == row["area"] and not any(one[column] for column in WHEN)]
        assert any(not one["place"] and not one["until"] for one in plain), "what is left has an owner too"
    assert sum(bool(row["standard"]) for row in DUTY) >= 5
    ruled = [row for row in DUTY if row["precedent"]]
    assert len(ruled) == 12
    assert all(row["precedent"] in row["basis"] for row in ruled)


def test_each_street_has_its_backstop() -> None:
    stops = [row["place"] for row in UNITS.values() if row["backstop"] == "true"]
    assert sorted(stops) == sorted(code for code, row in PLACES.items() if row["level"] == "street")


def days(rows: list[dict[str, Any]]) -> set[date]:
    """Return all days of [[rest]] or [[work]]."""
    found = set[date]()
    for row in rows:
        last = row.get("until", row["date"])
        found |= {row["date"] + DAY * n for n in range((last - row["date"]).days + 1)}
    return found


@pytest.mark.parametrize(
    ("year", "rest", "work", "source"),
    [
        (2025, 28, {"01-26", "02-08", "04-27", "09-28", "10-11"}, "国办发明电〔2024〕12号"),
        (2026, 33, {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}, "国办发明电〔2025〕7号"),
    ],
)
def test_calendar_follows_the_notices(year: int, rest: int, work: set[str], source: str) -> None:
    file = toml("calendar.toml")
    worked = {day for day in days(file["work"]) if day.year == year}
    free = {day for day in days(file["rest"]) if day.year == year}
    assert len(free) == rest
    assert {f"{day:%m-%d}" for day in worked} == work
    assert all(day.weekday() >= 5 for day in worked), "only weekends are made up"
    assert not worked & free
    period = next(one for one in file["period"] if one["since"] == date(year, 1, 1))
    assert (period["until"], period["source"]) == (date(year, 12, 31), source)


@pytest.mark.parametrize("year", [2025, 2026])
def test_days_off_are_paid_for_by_days_worked(year: int) -> None:
    """Weekdays off less weekend days worked = the 13 legal holidays (全国年节及纪念日放假办法, 2024)."""
    file = toml("calendar.toml")
    off = sum(day.weekday() < 5 for day in days(file["rest"]) if day.year == year)
    on = sum(day.year == year for day in days(file["work"]))
    assert off - on == 13


def test_promises_say_three_and_seven_from_the_first_dispatch() -> None:
    general = {
        one["clock"]: one
        for one in toml("promises.toml")["promise"]
        if "urgency" not in one and "area" not in one and one["after"] in ("receive", "route")
    }
    assert set(general) == {"dispatch", "sign", "contact", "progress", "result", "hold", "help"}
    for clock, number in (("progress", 3), ("result", 7)):
        said = general[clock]
        assert (said["days"], said["kind"], said["roll"], said["after"]) == (number, "natural", "next_working", "route")
    hours = {
        one.get("urgency"): one.get("hours") for one in toml("promises.toml")["promise"] if one["clock"] == "result"
    }
    assert hours["critical"] < hours["urgent"] <= 48


def test_head_names_the_district_and_its_centre() -> None:
    head = toml("city.toml")
    assert (head["region"], head["name"], head["preset"]) == ("sample", "示例区", "3/7/10")
    assert POLYGONS["990101"].contains(Point(*head["centre"]))


def test_people_cover_every_role_and_hold_no_password() -> None:
    people = toml("people.toml")["person"]
    roles = Counter(one["role"] for one in people)
    assert roles == {
        "agent": 2, "dispatcher": 1, "unit": 3, "grid_leader": 2, "caller_back": 1, "supervisor": 1, "admin": 1,
    }  # fmt: skip
    led = {(row["login"], row["grid"]) for row in LEADERS if row["duty"] == "leader" and not row["until"]}
    for one in people:
        assert one["sample"] is True
        assert "password" not in one
        assert one["unit"] in UNITS or one["role"] in ("grid_leader", "caller_back")  # who scores serves no unit
        assert {(one["login"], grid) for grid in one["grids"]} <= led
        assert bool(one["grids"]) == (one["role"] == "grid_leader")


def test_samples_teach_every_leaf() -> None:
    rows = table("samples.csv")
    counts = Counter(row["area"] for row in rows)
    assert set(counts) == LEAVES
    assert min(counts.values()) >= 40
    assert len({row["text"] for row in rows}) == len(rows)
    assert not [row["text"] for row in rows if re.search(r"[{}]", row["text"] + row["title"])]


def test_tickets_know_their_area_and_show_every_state() -> None:
    fates = Counter(row["fate"] for row in TICKETS)
    assert set(fates) == FATES
    assert len(TICKETS) >= 160
    assert {row["area"] for row in TICKETS} == LEAVES
    assert {row["source"] for row in TICKETS} == {"12345", "8890", "web", "grid"}
    assert {row["kind"] for row in TICKETS} == {"投诉", "求助", "咨询", "建议", "举报", "表扬"}
    for row in TICKETS:
        assert re.fullmatch(r"1380000\d{4}", row["phone"]), row["phone"]
        assert 0 <= float(row["days_ago"]) <= 45
        assert row["urgency"] in {"normal", "urgent"}
        assert bool(row["reply"]) == (row["fate"] in {"reviewing", "answered", "closed", "redone", "settled"}), row[
            "text"
        ]
        assert bool(row["contacted"]) == (row["fate"] in {"closed", "redone"}), row["text"]


def test_tickets_show_rates_a_city_could_believe() -> None:
    valid = [row for row in TICKETS if row["solved"]]
    solved = sum(row["solved"] == "yes" for row in valid) / len(valid)
    pleased = sum(row["satisfaction"] >= "3" for row in valid) / len(valid)
    assert 0.7 < solved < pleased < 0.95
    assert all(row["solved"] in {"yes", "partly", "no"} and row["satisfaction"] in set("12345") for row in valid)
    assert [row for row in TICKETS if row["fate"] == "closed" and not row["solved"]], "somebody was not reached"


def test_tickets_mostly_lie_in_the_district_and_some_points_are_bad_on_purpose() -> None:
    given = [(float(row["lng"]), float(row["lat"])) for row in TICKETS if row["lng"]]
    bad = [point for point in given if not POLYGONS["990101"].contains(Point(*point))]
    assert len(given) > 90
    assert Counter(point == (0, 0) for point in bad) == {True: 2, False: 1}
    swapped = next(point for point in bad if point != (0, 0))
    assert POLYGONS["990101"].contains(Point(*reversed(swapped)))


def test_a_joined_ticket_repeats_one_still_open_at_the_same_address() -> None:
    joined = [row for row in TICKETS if row["fate"] == "joined"]
    same_caller = 0
    for row in joined:
        opening = row["text"][:30]
        first = [one for one in TICKETS if one["text"].startswith(opening) and one["fate"] in {"routed", "signed"}]
        assert len(first) == 1, row["text"]
        assert first[0]["address"] == row["address"]
        assert float(first[0]["days_ago"]) > float(row["days_ago"])
        same_caller += first[0]["phone"] == row["phone"]
    assert (len(joined), same_caller) == (4, 3)
