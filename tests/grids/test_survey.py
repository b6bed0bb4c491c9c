"""Ground looked over: every kind of finding on an invented quarter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.geometry import Datum, Point, metres
from grids.survey import Measures, converted, survey
from grids.tree import Level, Place, Ring
from tests.grids.conftest import place, square
from tests.grids.drawing import to_gcj02

D, S, C = "990101", "990101001", "990101001001"
BIG = ((120.0, 30.0), (120.02, 30.0), (120.02, 30.01), (120.0, 30.01), (120.0, 30.0))


def ground(*grids: Place, community: tuple[Ring, ...] = (BIG,)) -> list[Place]:
    return [
        place(D, "甲区", Level.DISTRICT),
        place(S, "乙街道", Level.STREET, D),
        place(C, "丙社区", Level.COMMUNITY, S, community),
        *grids,
    ]


def grid(number: int, ring: Ring, code: str = "", parent: str = C) -> Place:
    return place(code or f"{C}{number:03d}", f"第{number}网格", Level.GRID, parent, (ring,))


def kinds(places: list[Place], leaders: set[str] | None = None) -> list[str]:
    return [one.kind for one in survey(places, leaders)]


def test_sound_ground_has_nothing_to_say() -> None:
    places = ground(grid(1, square(120.0)), grid(2, square(120.01)))
    assert survey(places, {f"{C}001", f"{C}002"}) == ()


BOW = ((120.0, 30.0), (120.01, 30.01), (120.01, 30.0), (120.0, 30.01), (120.0, 30.0))
CASES: list[tuple[str, list[Place], set[str] | None]] = [
    ("overlap", ground(grid(1, square(120.0)), grid(2, square(120.008)), grid(3, square(120.01))), None),
    ("gap", ground(grid(1, square(120.0))), None),
    ("sliver", ground(grid(1, square(120.0)), grid(2, square(120.00995)), grid(3, square(120.01))), None),
    ("broken_ring", ground(grid(1, BOW), grid(2, square(120.01))), None),
    ("broken_ring", ground(grid(1, square(120.0)[:-1]), grid(2, square(120.01))), None),
    ("broken_ring", ground(grid(1, square(120.0)[:2]), grid(2, square(120.01))), None),
    ("duplicate_code", ground(grid(1, square(120.0)), grid(1, square(120.01))), None),
    ("bad_code", ground(grid(1, square(120.0), "G1"), grid(2, square(120.01))), None),
    ("no_parent", ground(grid(1, square(120.0), "990101001009001", "990101001009"), grid(2, square(120.01))), None),
    ("wrong_level", ground(grid(1, square(120.0), parent=S), grid(2, square(120.01))), None),
    ("outside", ground(grid(1, square(120.0)), grid(2, square(120.01)), grid(3, square(120.03))), None),
    ("not_degrees", ground(grid(1, ((30.0, 120.0), (30.1, 120.0), (30.1, 120.1), (30.0, 120.0)))), None),
    ("not_degrees", ground(grid(1, ((1e5, 2e5), (2e5, 2e5), (2e5, 3e5), (1e5, 2e5)))), None),
    ("no_leader", ground(grid(1, square(120.0)), grid(2, square(120.01))), {f"{C}001"}),
    ("unknown_grid", ground(grid(1, square(120.0)), grid(2, square(120.01))), {f"{C}001", f"{C}002", "9"}),
    ("no_name", [*ground(), place(f"{C}001", "", Level.GRID, C)], None),
    ("not_drawn", [*ground(), place(f"{C}001", "一", Level.GRID, C)], None),
]


@pytest.mark.parametrize(("kind", "places", "leaders"), CASES)
def test_each_kind_is_found_and_named(kind: str, places: list[Place], leaders: set[str] | None) -> None:
    found = [one for one in survey(places, leaders) if one.kind == kind]
    assert found
    assert all(one.message and one.codes for one in found)


def test_an_overlap_says_where_and_how_large() -> None:
    places = ground(grid(1, square(120.0)), grid(2, square(120.008)), grid(3, square(120.01)))
    one = next(one for one in survey(places) if one.kind == "overlap" and one.codes == (f"{C}001", f"{C}002"))
    assert one.at is not None
    assert 120.008 < one.at[0] < 120.01
    assert one.square_metres == pytest.approx(0.002 * 111_320 * 0.866 * 0.01 * 110_900, rel=0.01)


def test_what_is_small_is_not_mentioned() -> None:
    places = ground(grid(1, square(120.0)), grid(2, square(120.0099)), grid(3, square(120.01)))
    assert "overlap" in kinds(places)
    assert [one.kind for one in survey(places, None, Measures(least=1e7))] == []


def test_a_map_in_another_datum_is_named_once() -> None:
    def drawn_as_gcj(ring: Ring) -> Ring:
        return tuple(to_gcj02(Point(*corner)) for corner in ring)

    shifted = ground(grid(1, drawn_as_gcj(square(120.0))), grid(2, drawn_as_gcj(square(120.01))))
    found = [one for one in survey(shifted) if one.kind in {"wrong_datum", "outside"}]
    assert [one.kind for one in found] == ["wrong_datum"]
    assert "--datum gcj02" in found[0].message
    assert found[0].severity == "error"
    mended = [
        Place(code=p.code, name=p.name, level=p.level, parent=p.parent, rings=converted(p.rings, Datum.GCJ02))
        if p.level is Level.GRID
        else p
        for p in shifted
    ]
    assert "wrong_datum" not in kinds(mended)
    assert metres(Point(*mended[-1].rings[0][0]), Point(*square(120.01)[0])) < 0.01


@given(st.permutations(ground(grid(1, square(120.0)), grid(2, square(120.008)), grid(3, square(120.03)), grid(3, BOW))))
def test_the_order_of_the_file_changes_nothing(places: list[Place]) -> None:
    first = survey(ground(grid(1, square(120.0)), grid(2, square(120.008)), grid(3, square(120.03)), grid(3, BOW)))
    assert sorted(kinds(places)) == sorted(one.kind for one in first)
