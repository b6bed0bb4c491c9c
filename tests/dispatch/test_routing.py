"""The duty table decides alone; ties and gaps go to a person with named candidates."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.errors import UnknownArea
from classifiers.taxonomy import Taxonomy
from dispatch.calendar import Calendar
from dispatch.conditions import ALWAYS, Circumstances, Condition, Hours, Season, narrower
from dispatch.duty import DutyRow, RoutingRules, Unit, holds
from dispatch.errors import BadRule, NoRoute
from dispatch.routing import Route, Router
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
SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = Condition(hours=(Hours(time(22), time(6)),))
REST = Condition(hours=(Hours(days="rest"),))
HEATING = Condition(season=(Season("11-15", "03-31"),))
FIRMS = Condition(caller=("企业",))
HEAT = Condition(keywords=("暖气",))


def route(duty: Iterable[DutyRow], units: Iterable[Unit], taxonomy: Taxonomy, tree: Tree, **matter: Any) -> Route:
    """Return the route of one matter by a table of its own."""
    return Router(duty, units, taxonomy, tree).route(**matter)


@pytest.fixture(scope="session")
def router(taxonomy: Taxonomy, tree: Tree, units: tuple[Unit, ...], china: Calendar) -> Make:
    return lambda *rows, **rules: Router(rows or TABLE, units, taxonomy, tree, china, RoutingRules(**rules))


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


@pytest.mark.parametrize(
    ("row", "path", "said"),
    [
        ({"unit": "nobody"}, "duty.csv[D1]", "承办单位“nobody”不在单位表中"),
        ({"helpers": ("nobody",)}, "duty.csv[D1]", "承办单位“nobody”不在单位表中"),
        ({"area": "99"}, "duty.csv[D1].area", "事项表里没有“99”"),
        ({"place": "000"}, "duty.csv[D1].place", "没有编码为“000”的地点"),
        ({"id": "D0"}, "duty.csv[D0]", "编号“D0”出现不止一次"),
    ],
)
def test_a_row_that_errs_stops_the_set_up(router: Make, row: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        router(DutyRow(id="D0", area="01", unit="cgj"), DutyRow(**({"id": "D1", "area": "01", "unit": "cgj"} | row)))
    assert (refused.value.path, refused.value.message) == (path, said)


def test_rest_days_need_a_calendar(taxonomy: Taxonomy, tree: Tree, units: tuple[Unit, ...]) -> None:
    with pytest.raises(BadRule, match="没有工作日历") as refused:
        Router([DutyRow(id="D1", area="01", unit="cgj", when=REST)], units, taxonomy, tree)
    assert refused.value.path == "duty.csv[D1].hours"
    night = [DutyRow(id="D1", area="01", unit="cgj", when=NIGHT)]
    late = datetime(2026, 3, 2, 23, tzinfo=SHANGHAI)
    assert route(night, units, taxonomy, tree, area="01", place=None, on=DAY, at=late).unit == "cgj"
    with pytest.raises(ValueError, match="without time zone"):
        route(night, units, taxonomy, tree, area="01", place=None, on=DAY, at=late.replace(tzinfo=None))


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


CONDITIONAL = (
    DutyRow(id="D1", area="01", unit="cgj"),
    DutyRow(id="D2", area="01", unit="hwzx", when=NIGHT),
    DutyRow(id="D3", area="01", unit="zjj", when=Condition(hours=NIGHT.hours, keywords=("渣土",))),
    DutyRow(id="D4", area="0101", unit="zwj", when=FIRMS),
    DutyRow(id="D5", area="01", place=EAST, unit="dh"),
    DutyRow(id="D6", area="02", unit="zjj", when=REST),
    DutyRow(id="D7", area="02", unit="cgj"),
    DutyRow(id="D8", area="0201", unit="hwzx", when=HEATING),
)


@pytest.mark.parametrize(
    ("asked", "row", "others"),
    [
        ({"area": "01"}, "D1", []),
        ({"area": "01", "at": "2026-03-02 12:00"}, "D1", []),
        ({"area": "01", "at": "2026-03-02 23:00"}, "D2", ["cgj"]),
        ({"area": "01", "at": "2026-03-02 23:00", "text": "渣土车扰民"}, "D3", ["hwzx", "cgj"]),
        ({"area": "01", "at": "2026-03-02 23:00", "place": GRID}, "D5", ["hwzx", "cgj"]),
        ({"area": "010101", "at": "2026-03-02 23:00", "caller": "企业", "place": GRID}, "D4", ["dh", "hwzx"]),
        ({"area": "010101", "caller": "个人"}, "D1", []),
        ({"area": "02", "at": "2026-02-16 10:00"}, "D6", ["cgj"]),
        ({"area": "02", "at": "2026-02-14 10:00"}, "D7", []),
        ({"area": "0201", "at": "2026-11-14 23:59"}, "D6", ["cgj"]),
        ({"area": "0201", "at": "2026-11-16 00:00"}, "D8", ["cgj"]),
    ],
    ids=[
        "nothing known", "day", "night", "night and word", "place before condition", "area before condition",
        "other caller", "spring festival", "a Saturday worked", "a Saturday", "first heating day",
    ],
)  # fmt: skip
def test_a_condition_that_holds_comes_before_none(
    router: Make, asked: dict[str, Any], row: str, others: list[str]
) -> None:
    if "at" in asked:
        asked = asked | {"at": datetime.fromisoformat(asked["at"]).replace(tzinfo=SHANGHAI)}
    found = router(*CONDITIONAL).route(**({"place": None, "on": DAY} | asked))
    assert found.row.id == row
    assert [one.unit for one in found.candidates][1:] == others


def test_hours_are_those_of_the_city(router: Make) -> None:
    utc = datetime.fromisoformat("2026-03-02T15:00:00+00:00")
    assert router(*CONDITIONAL).route(area="01", place=None, on=DAY, at=utc).unit == "hwzx"


def test_two_conditions_that_hold_are_a_dispute(router: Make) -> None:
    rows = (
        DutyRow(id="D1", area="01", unit="cgj", when=HEAT),
        DutyRow(id="D2", area="01", unit="hwzx", when=FIRMS),
        DutyRow(id="D3", area="01", unit="zjj"),
    )
    asked = {"area": "01", "place": None, "on": DAY, "text": "暖气不热"}
    assert router(*rows).route(**asked).unit == "cgj"
    with pytest.raises(NoRoute, match="责任表D1、D2同样具体") as refused:
        router(*rows).route(**asked, caller="企业")
    assert [one.unit for one in refused.value.candidates] == ["cgj", "hwzx"]


def test_the_why_tells_condition_and_precedent(router: Make) -> None:
    row = DutyRow(id="D1", area="02", unit="zjj", when=HEATING, basis="供热办法", precedent="〔2026〕第3号")
    found = router(row).route(area="02", place=None, on=DAY)
    said = "按责任表D1：事项“供热”、条件（11-15至03-31）由区住建局承办（依据：供热办法，曾按会商裁定〔2026〕第3号办理）"
    assert found.why == said
    assert [one.row for one in found.candidates] == [row]


def test_a_gap_tells_of_conditions_that_did_not_hold(router: Make) -> None:
    with pytest.raises(NoRoute, match="请派单员确定；D1只适用于22:00至次日06:00"):
        router(DutyRow(id="D1", area="02", unit="zjj", when=NIGHT)).route(area="0201", place=None, on=DAY)


def test_a_city_may_give_gaps_to_the_backstop_at_once(router: Make) -> None:
    rules = {"backstop": "dispatch", "source": "某市办法第九条"}
    found = router(**rules).route(area="0201", place=GRID, on=DAY)
    assert (found.unit, found.helpers, found.row) == ("dh", (), None)
    assert found.why == (
        "责任表中“供热/温度不达标”在第一网格没有承办单位；按属地兜底直接派东湖街道办"
        "（city.toml [routing] backstop = dispatch，某市办法第九条）"
    )
    with pytest.raises(NoRoute, match="事项未定"):
        router(**rules).route(area=None, place=GRID, on=DAY)


def test_two_backstops_are_never_chosen_between(taxonomy: Taxonomy, tree: Tree, units: tuple[Unit, ...]) -> None:
    two = (*units, Unit(code="dh2", name="东湖二办", place=EAST, backstop=True))
    with pytest.raises(NoRoute) as refused:
        Router((), two, taxonomy, tree, rules=RoutingRules(backstop="dispatch")).route(area="01", place=EAST, on=DAY)
    assert [one.unit for one in refused.value.candidates] == ["dh", "dh2"]


BOTH = Condition(hours=NIGHT.hours, caller=("企业",)), Condition(hours=REST.hours, season=HEATING.season)
WHENS = st.sampled_from([ALWAYS, NIGHT, REST, HEATING, FIRMS, HEAT, *BOTH, Condition(keywords=("暖气", "漏水"))])
MOMENTS = datetime(2026, 3, 2, 23, tzinfo=SHANGHAI), datetime(2026, 8, 2, 3, tzinfo=SHANGHAI)  # the latter a Sunday
AREAS = ["", "01", "0101", "010101", "02"]
ROWS = st.lists(
    st.builds(
        DutyRow,
        id=st.just(""),
        area=st.sampled_from(AREAS),
        place=st.sampled_from(["", EAST, WEST, COMMUNITY, GRID]),
        unit=st.sampled_from(["cgj", "hwzx", "zjj"]),
        support=st.integers(0, 2),
        since=st.sampled_from([None, date(2026, 6, 1)]),
        when=WHENS,
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: [msgspec.structs.replace(row, id=f"D{n}") for n, row in enumerate(rows)])
ASKED = st.fixed_dictionaries(
    {
        "area": st.sampled_from(AREAS[1:]),
        "place": st.sampled_from([None, EAST, WEST, COMMUNITY, GRID]),
        "on": st.sampled_from([DAY, date(2026, 7, 1)]),
        "at": st.sampled_from([None, *MOMENTS]),
        "text": st.sampled_from(["", "暖气不热", "漏水"]),
        "caller": st.sampled_from(["", "企业", "个人"]),
    }
)


def outcome(router: Router, asked: dict[str, Any]) -> Any:
    try:
        return router.route(**asked)
    except NoRoute as refused:
        return refused.why, refused.candidates


@given(ROWS, ASKED, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_file_nor_asking_twice_matters(
    router: Make, rows: list[DutyRow], asked: dict[str, Any], dice: Any
) -> None:
    shuffled = rows.copy()
    dice.shuffle(shuffled)
    first = router(*rows)
    assert outcome(first, asked) == outcome(router(*shuffled), asked) == outcome(first, asked)


@given(ROWS, ASKED)
def test_no_row_that_holds_is_more_specific_than_the_chosen_one(
    router: Make, taxonomy: Taxonomy, tree: Tree, rows: list[DutyRow], asked: dict[str, Any]
) -> None:
    case = Circumstances(
        area=asked["area"], place=asked["place"], on=asked["on"], at=asked["at"], text=asked["text"],
        caller_kind=asked["caller"], rest=asked["at"] == MOMENTS[1], eve=asked["at"] == MOMENTS[1],
    )  # fmt: skip
    areas = [*(one.code for one in taxonomy.path(case.area)), ""]
    places = [*(one.code for one in tree.chain(case.place)), ""] if case.place else [""]
    able = [row for row in rows if row.area in areas and row.place in places and holds(row, case)]

    def before(one: DutyRow, two: DutyRow) -> bool:
        ranks = [(areas.index(row.area), places.index(row.place)) for row in (one, two)]
        return ranks[0] < ranks[1] or (ranks[0] == ranks[1] and narrower(one.when, two.when))

    best = [row for row in able if not any(before(other, row) for other in able)]
    found = outcome(router(*rows), asked)
    if len({row.unit for row in best}) == 1:
        assert found.row in best
    else:
        assert {one.unit for one in found[1]} == ({row.unit for row in best} or {found[1][0].unit})
        assert ("同样具体" if best else "没有承办单位") in found[0]
