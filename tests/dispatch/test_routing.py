"""The duty table decides alone; ties and gaps go to a person with named candidates."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from classifiers.errors import UnknownArea
from classifiers.taxonomy import Taxonomy
from dispatch.duty import DutyRow, Unit
from dispatch.errors import BadRule, NoRoute
from dispatch.routing import Router, route
from grids.errors import NoSuchGrid
from grids.tree import Tree

DAY = date(2026, 3, 2)
EAST, WEST = "990101001", "990101002"
COMMUNITY, GRID = "990101001001", "990101001001001"

TABLE = (
    DutyRow(id="D1", area="01", unit="cgj", basis="三定规定第五条"),
    DutyRow(id="D2", area="0101", unit="hwzx", helpers=("cgj",), grid_role="现场核实"),
    DutyRow(id="D3", area="0101", place=EAST, unit="dh", support=12),
    DutyRow(id="D4", area="010102", unit="zjj"),
    DutyRow(id="D5", area="010102", place=COMMUNITY, unit="cgj"),
)
Make = Callable[..., Router]


@pytest.fixture
def router(taxonomy: Taxonomy, tree: Tree, units: tuple[Unit, ...]) -> Make:
    return lambda *rows: Router(rows or TABLE, units, taxonomy, tree)


@pytest.mark.parametrize(
    ("area", "place", "row", "others"),
    [
        ("01", None, "D1", []),
        ("0101", WEST, "D2", ["cgj"]),
        ("0101", None, "D2", ["cgj"]),
        ("010101", GRID, "D3", ["hwzx", "cgj"]),
        ("010102", WEST, "D4", ["hwzx", "cgj"]),
        ("010102", GRID, "D5", ["zjj", "dh"]),
        ("010102", EAST, "D4", ["dh", "hwzx"]),
    ],
    ids=["root", "area", "no place", "place of the area above", "leaf", "leaf and place", "area before place"],
)
def test_the_most_specific_row_wins(router: Make, area: str, place: str | None, row: str, others: list[str]) -> None:
    found = router().route(area=area, place=place, on=DAY)
    assert (found.row.id, found.unit) == (row, found.row.unit)
    assert [one.unit for one in found.candidates] == [found.unit, *others]


@pytest.mark.parametrize(
    ("area", "place", "why"),
    [
        ("01", None, "按责任表D1：事项“市容环卫”由区城管局承办（依据：三定规定第五条）"),
        (
            "010101",
            GRID,
            (
                "按责任表D3：事项“市容环卫/垃圾清运”、地点“东湖街道”由东湖街道办承办（历史派单12件）；"
                "“市容环卫/垃圾清运/生活垃圾”没有单列，按上级事项办理；地点属于东湖街道"
            ),
        ),
    ],
)
def test_why(router: Make, area: str, place: str | None, why: str) -> None:
    assert router().route(area=area, place=place, on=DAY).why == why


def test_helpers_and_the_role_of_the_grid_come_along(router: Make) -> None:
    found = router().route(area="0101", place=WEST, on=DAY)
    assert (found.helpers, found.row.grid_role) == (("cgj",), "现场核实")


def test_a_tie_is_not_decided(router: Make) -> None:
    rows = (DutyRow(id="D1", area="0101", unit="cgj", support=3), DutyRow(id="D2", area="0101", unit="hwzx", support=9))
    with pytest.raises(NoRoute) as refused:
        router(*rows).route(area="010101", place=None, on=DAY)
    assert str(refused.value) == "责任表D2、D1同样具体，分别指向环卫中心、区城管局，须由派单员裁定"
    assert [one.unit for one in refused.value.candidates] == ["hwzx", "cgj"]
    assert [one.row.id for one in refused.value.candidates if one.row] == ["D2", "D1"]


def test_two_rows_of_one_unit_are_no_tie(router: Make) -> None:
    rows = (DutyRow(id="D1", area="01", unit="cgj"), DutyRow(id="D2", area="01", unit="cgj", support=4))
    found = router(*rows).route(area="01", place=None, on=DAY)
    assert (found.row.id, len(found.candidates)) == ("D2", 1)


@pytest.mark.parametrize(
    ("place", "unit", "why"),
    [
        (GRID, "dh", "责任表无对应承办单位，按属地兜底可派东湖街道兜底单位东湖街道办"),
        (WEST, "zwj", "责任表无对应承办单位，按属地兜底可派本级兜底单位区政务服务局"),
        (None, "zwj", "责任表无对应承办单位，按属地兜底可派本级兜底单位区政务服务局"),
    ],
)
def test_a_gap_names_the_backstop_but_does_not_choose_it(router: Make, place: str | None, unit: str, why: str) -> None:
    with pytest.raises(NoRoute) as refused:
        router().route(area="0201", place=place, on=DAY)
    assert "“供热/温度不达标”" in refused.value.why
    assert "没有承办单位，请派单员确定" in refused.value.why
    assert [(one.unit, one.row, one.why) for one in refused.value.candidates] == [(unit, None, why)]


def test_a_gap_without_any_backstop(taxonomy: Taxonomy, tree: Tree) -> None:
    with pytest.raises(NoRoute) as refused:
        route((), (), taxonomy, tree, area="0201", place=GRID, on=DAY)
    assert refused.value.candidates == ()
    assert str(refused.value) == "责任表中“供热/温度不达标”在第一网格没有承办单位，请派单员确定"


def test_an_unknown_area_of_the_matter_is_for_a_person(router: Make) -> None:
    with pytest.raises(NoRoute) as refused:
        router().route(area=None, place=GRID, on=DAY)
    assert str(refused.value) == "事项未定，无法按责任表派单，请派单员确定"
    assert [one.unit for one in refused.value.candidates] == ["dh"]


@pytest.mark.parametrize(
    ("on", "unit"), [(date(2026, 6, 30), "cgj"), (date(2026, 7, 1), "hwzx"), (date(2026, 1, 1), "cgj")]
)
def test_rows_are_valid_from_and_to(router: Make, on: date, unit: str) -> None:
    rows = (
        DutyRow(id="D1", area="01", unit="cgj", until=date(2026, 6, 30)),
        DutyRow(id="D2", area="01", unit="hwzx", since=date(2026, 7, 1)),
    )
    assert router(*rows).route(area="01", place=None, on=on).unit == unit


def test_a_gap_tells_of_rows_out_of_force(router: Make) -> None:
    old = DutyRow(id="D7", area="02", unit="zjj", until=date(2025, 12, 31))
    with pytest.raises(NoRoute, match="D7不在有效期内"):
        router(old).route(area="0201", place=None, on=DAY)


def test_a_row_for_every_area(router: Make) -> None:
    found = router(DutyRow(id="D1", area="", place=EAST, unit="dh")).route(area="0201", place=GRID, on=DAY)
    assert (found.unit, found.why[:20]) == ("dh", "按责任表D1：事项“全部事项”、地点“东")


@pytest.mark.parametrize("row", [{"unit": "nobody"}, {"unit": "cgj", "helpers": ("nobody",)}])
def test_a_row_naming_nobody_stops_the_set_up(router: Make, row: dict[str, Any]) -> None:
    with pytest.raises(BadRule, match="nobody") as refused:
        router(DutyRow(id="D1", area="01", **row))
    assert refused.value.path == "duty.csv[D1]"


def test_codes_of_another_edition_are_told(router: Make) -> None:
    with pytest.raises(UnknownArea):
        router().route(area="99", place=None, on=DAY)
    with pytest.raises(NoSuchGrid):
        router().route(area="01", place="000", on=DAY)


def test_at_most_three_candidates(router: Make) -> None:
    rows = [DutyRow(id=f"D{n}", area="01", unit=unit) for n, unit in enumerate(("cgj", "hwzx", "zjj", "dh"))]
    with pytest.raises(NoRoute) as refused:
        router(*rows).route(area="01", place=None, on=DAY)
    assert [one.unit for one in refused.value.candidates] == ["cgj", "hwzx", "zjj"]
