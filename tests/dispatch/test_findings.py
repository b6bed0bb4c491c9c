"""What the check of the tables sees: each kind of finding, and that a sound table has none."""

from datetime import date, time
from typing import Any

import pytest

from classifiers.taxonomy import Taxonomy
from dispatch.calendar import Calendar, Kind
from dispatch.conditions import Condition, Hours, Season
from dispatch.deadlines import DeadlineRule, Urgency
from dispatch.duty import DutyRow, Unit
from dispatch.escalation import Rung
from dispatch.findings import (
    crossings,
    gaps,
    ties,
    units_without_people,
    unpublished,
    unreachable,
    wrong_heirs,
    wrong_ladder,
    wrong_promises,
    wrong_rows,
    wrong_units,
)
from dispatch.roles import Role
from grids.tree import Level, Place, Tree, plant

EAST, WEST, COMMUNITY = "990101001", "990101002", "990101001001"
NIGHT = Condition(hours=(Hours(time(22), time(6)),))
DAYTIME = Condition(hours=(Hours(time(6), time(22)),))
HEATING = Condition(season=(Season("11-15", "03-31"),))
FIRMS, HEAT = Condition(caller=("企业",)), Condition(keywords=("暖气",))


def promise(clock: str, after: str, stops: str, **changes: Any) -> DeadlineRule:
    values: dict[str, Any] = {"owner": "citizen", "days": 7, **changes}
    return DeadlineRule(clock=clock, after=after, stops=tuple(stops.split()), **values)


def row(name: str, area: str, unit: str, place: str = "", **changes: Any) -> DutyRow:
    return DutyRow(id=name, area=area, unit=unit, place=place, **changes)


SOUND = (
    promise("dispatch", "receive", "route"),
    promise("sign", "route", "sign return route", owner="unit"),
    promise("progress", "route", "report answer"),
    promise("result", "route", "answer"),
    promise("result", "route", "answer", urgency=Urgency.URGENT),
    promise("result", "route", "answer", area="0101"),
    promise("hold", "route", "answer", owner="unit"),
    promise("ruling", "convene", "rule", owner="desk"),
    promise("review", "park", "review resume"),
    promise("callback", "answer", "close redo", owner="desk"),
)


def test_sound_promises_have_no_findings(taxonomy: Taxonomy) -> None:
    assert list(wrong_promises(SOUND, taxonomy)) == []


@pytest.mark.parametrize(
    ("extra", "severity", "where", "said"),
    [
        (promise("result", "route", "answer"), "error", "$.promise[3]", "同样具体，只能保留一条"),
        (promise("result", "route", "answer", area="99"), "error", "$.promise[10].area", "事项表里没有“99”"),
        (promise("progress", "sign", "report"), "error", "$.promise[10].after", "不签收就不计时"),
        (promise("result", "redo", "close"), "error", "$.promise[10].stops", "没有操作能停下“报结果”计时"),
        (
            promise("result", "route", "answer", area="01", again=True),
            "warning",
            "$.promise[10].again",
            "改派会换来时间",
        ),
    ],
)
def test_a_wrong_promise(taxonomy: Taxonomy, extra: DeadlineRule, severity: str, where: str, said: str) -> None:
    first = next(iter(wrong_promises((*SOUND, extra), taxonomy)))
    assert (first.severity, first.where) == (severity, where)
    assert said in first.message


def test_missing_promises(taxonomy: Taxonomy) -> None:
    found = list(wrong_promises((promise("result", "route", "answer", area="01"),), taxonomy))
    assert [(one.severity, one.message) for one in found] == [
        ("error", "没有适用于全部工单的“报结果”时限"),
        ("warning", "没有适用于全部工单的“报动态”时限"),
        ("warning", "没有适用于全部工单的“签收”时限"),
        ("warning", "没有适用于全部工单的“派单”时限"),
        ("warning", "没有适用于全部工单的“本单位办理”时限"),
        ("warning", "没有适用于全部工单的“回访”时限"),
        ("warning", "没有适用于全部工单的“会商裁定”时限"),
        ("warning", "没有适用于全部工单的“挂账复查”时限"),
    ]


def test_ladder(taxonomy: Taxonomy) -> None:
    rung = Rung(name="remind", label="提醒", clock="contact", when="before", hours=1, kind=Kind.NATURAL, to=Role.UNIT)
    found = list(wrong_ladder((rung,), SOUND[2:4]))
    assert [(one.severity, one.where, one.message) for one in found] == [
        ("warning", "$.rung[0].clock", "没有“联系来电人”时限，“提醒”不会发生"),
        ("note", "$.rung", "“报动态”时限到期无人提醒"),
        ("note", "$.rung", "“报结果”时限到期无人提醒"),
    ]


def test_units(tree: Tree, units: tuple[Unit, ...]) -> None:
    rows = [row("D1", "01", "cgj", helpers=("hwzx",)), row("D2", "02", "zjj")]
    assert list(wrong_units(units, rows, tree)) == []
    bad = (*units, Unit(code="cgj", name="二号"), Unit(code="x", name="某局", place="0", backstop=True))
    found = {(one.severity, one.where, one.message) for one in wrong_units(bad, rows[:1], tree)}
    assert found == {
        ("error", "units.csv[x].place", "没有编码为“0”的地点"),
        ("error", "units.csv[cgj]", "单位编码重复"),
        ("note", "units.csv[zjj]", "区住建局在责任表中没有任何事项"),
    }


def test_backstops(tree: Tree, units: tuple[Unit, ...]) -> None:
    two = (Unit(code="a", name="甲", backstop=True), Unit(code="b", name="乙", backstop=True))
    assert [one.where for one in wrong_units(two, (), tree)] == ["units.csv[a].backstop", "units.csv[b].backstop"]
    none = list(wrong_units(units[:1], [row("D1", "01", "cgj")], tree))
    assert [(one.severity, one.message) for one in none] == [("warning", "没有兜底单位，无人承办的事项没有可派的候选")]


def test_rows(taxonomy: Taxonomy, tree: Tree) -> None:
    rows = [
        row("D1", "99", "cgj"),
        row("D2", "01", "cgj", "000"),
        row("D3", "01", "nobody"),
        row("D4", "01", "cgj", helpers=("cgj", "ghost")),
        row("D4", "", "cgj", EAST),
    ]
    found = [(one.severity, one.where) for one in wrong_rows(rows, {"cgj"}, taxonomy, tree)]
    assert found == [
        ("error", "duty.csv[D1].area"),
        ("error", "duty.csv[D2].place"),
        ("error", "duty.csv[D3].unit"),
        ("error", "duty.csv[D4].unit"),
        ("warning", "duty.csv[D4].helpers"),
        ("error", "duty.csv[D4]"),
    ]


@pytest.mark.parametrize(
    ("one", "two", "count"),
    [
        (row("D1", "01", "cgj"), row("D2", "01", "zjj"), 1),
        (row("D1", "01", "cgj"), row("D2", "01", "cgj"), 0),
        (row("D1", "01", "cgj"), row("D2", "01", "zjj", EAST), 0),
        (row("D1", "01", "cgj", until=date(2026, 6, 30)), row("D2", "01", "zjj", since=date(2026, 7, 1)), 0),
        (row("D1", "01", "cgj", until=date(2026, 6, 30)), row("D2", "01", "zjj", since=date(2026, 6, 30)), 1),
    ],
    ids=["tie", "same unit", "other place", "one after the other", "one day in common"],
)
def test_ties(one: DutyRow, two: DutyRow, count: int) -> None:
    found = list(ties((one, two)))
    assert len(found) == count
    assert all(tie.message == "D1指向cgj，D2指向zjj，同样具体，每次须由派单员裁定" for tie in found)


@pytest.mark.parametrize(
    ("one", "two", "both"),
    [
        (NIGHT, HEAT, "条件（22:00至次日06:00）和（提到“暖气”）可能同时成立，"),
        (HEAT, HEAT, ""),
        (NIGHT, DAYTIME, None),
        (NIGHT, Condition(), None),
        (Condition(hours=NIGHT.hours, keywords=("暖气",)), HEAT, None),
        (FIRMS, Condition(caller=("个人",)), None),
    ],
    ids=["both may hold", "the same", "never together", "condition before none", "narrower", "other callers"],
)
def test_ties_of_conditions(one: Condition, two: Condition, both: str | None) -> None:
    found = [one.message for one in ties((row("D1", "01", "cgj", when=one), row("D2", "01", "zjj", when=two)))]
    assert found == ([f"D1指向cgj，D2指向zjj，{both}同样具体，每次须由派单员裁定"] if both is not None else [])


ON = date(2026, 3, 2)
LATER = row("D3", "01", "zjj", when=DAYTIME, since=date(2027, 1, 1))
AREAS = [row("A1", "01", "cgj"), row("A2", "02", "cgj")]


@pytest.mark.parametrize(
    ("rows", "severity", "said"),
    [
        ([row("D1", "01", "cgj", until=date(2026, 3, 1))], "note", "已于2026-03-01失效，不会再用到"),
        ([row("D1", "01", "cgj"), row("D0", "01", "cgj")], "warning", "与D0的事项、地点、条件和单位都相同，总是用D0"),
        (
            [row("D1", "01", "cgj"), row("D2", "01", "dh", when=NIGHT), row("D3", "01", "zjj", when=DAYTIME)],
            "warning",
            "总有更具体的D2、D3先适用，永远轮不到这一行",
        ),
        ([row("D1", "", "dh", EAST), *AREAS], "warning", "总有更具体的A1、A2先适用，永远轮不到这一行"),
        (
            [row("D1", "", "dh", COMMUNITY), AREAS[0], row("A3", "02", "dh", EAST)],
            "warning",
            "总有更具体的A1、A3先适用，永远轮不到这一行",
        ),
    ],
    ids=["over", "twice", "day and night", "every area is taken", "by a wider place"],
)
def test_a_row_that_never_wins(taxonomy: Taxonomy, tree: Tree, rows: list[DutyRow], severity: str, said: str) -> None:
    found = [(one.severity, one.where, one.message) for one in unreachable(rows, taxonomy, tree, ON)]
    assert found == [(severity, "duty.csv[D1]", said)]


@pytest.mark.parametrize(
    "rows",
    [
        [row("D1", "01", "cgj", until=ON)],
        [row("D1", "01", "cgj"), row("D2", "01", "cgj", until=date(2026, 12, 31), support=9)],
        [row("D1", "01", "cgj"), row("D2", "01", "dh", when=NIGHT)],
        [row("D1", "01", "cgj"), row("D2", "01", "dh", when=NIGHT), LATER],
        [row("D1", "", "dh", EAST), AREAS[0]],
        [row("D1", "", "dh", EAST), AREAS[0], row("A2", "02", "cgj", WEST)],
        [row("D1", "", "dh", EAST), AREAS[0], row("A2", "02", "cgj", COMMUNITY)],
        [row("D1", "", "dh", EAST), AREAS[0], row("A2", "02", "cgj", when=HEATING)],
        [row("D1", "01", "cgj"), row("D2", "010101", "dh"), row("D3", "010102", "dh"), row("D4", "0101", "dh")],
    ],
    ids=["last day", "outlives", "by day", "later", "one area", "elsewhere", "smaller place", "in summer", "unsure"],
)
def test_a_row_that_can_win(taxonomy: Taxonomy, tree: Tree, rows: list[DutyRow]) -> None:
    assert list(unreachable(rows, taxonomy, tree, ON)) == []


def test_without_a_day_nothing_is_over(taxonomy: Taxonomy, tree: Tree) -> None:
    assert list(unreachable([row("D1", "01", "cgj", until=date(2020, 1, 1))], taxonomy, tree, None)) == []


@pytest.mark.parametrize(
    ("since", "until", "never"),
    [
        (date(2026, 4, 1), date(2026, 11, 14), True),
        (date(2026, 4, 1), date(2026, 11, 15), False),
        (date(2026, 3, 31), date(2026, 11, 14), False),
        (date(2026, 4, 1), None, False),
    ],
)
def test_a_season_that_never_comes(
    taxonomy: Taxonomy, tree: Tree, since: date, until: date | None, never: bool
) -> None:
    rows = [row("D1", "01", "cgj", when=HEATING, since=since, until=until)]
    found = [(one.severity, one.where) for one in wrong_rows(rows, {"cgj"}, taxonomy, tree)]
    assert found == ([("error", "duty.csv[D1].season")] if never else [])


def test_units_without_people(units: tuple[Unit, ...]) -> None:
    found = list(units_without_people(units, {"cgj", "hwzx", "zjj", "dh"}))
    assert [(one.severity, one.where) for one in found] == [("warning", "units.csv[zwj]")]
    assert found[0].message == "区政务服务局没有在岗人员，派给它的工单无人签收"


@pytest.mark.parametrize(
    ("wide", "here", "count"),
    [
        (row("D1", "0101", "cgj"), row("D2", "01", "dh", EAST), 1),
        (row("D1", "0101", "cgj", EAST), row("D2", "01", "dh", COMMUNITY), 1),
        (row("D1", "0101", "cgj"), row("D2", "", "dh", EAST), 1),
        (row("D1", "0101", "cgj"), row("D2", "0101", "dh", EAST), 0),
        (row("D1", "01", "cgj"), row("D2", "0101", "dh", EAST), 0),
        (row("D1", "0101", "dh"), row("D2", "01", "dh", EAST), 0),
        (row("D1", "0201", "cgj"), row("D2", "01", "dh", EAST), 0),
        (row("D1", "0101", "cgj", WEST), row("D2", "01", "dh", EAST), 0),
        (row("D1", "0101", "cgj", when=NIGHT), row("D2", "01", "dh", EAST, when=DAYTIME), 0),
    ],
)
def test_crossings(taxonomy: Taxonomy, tree: Tree, wide: DutyRow, here: DutyRow, count: int) -> None:
    found = list(crossings((wide, here), taxonomy, tree))
    assert [(one.severity, one.where) for one in found] == [("note", "duty.csv[D1]")] * count


def test_gaps(taxonomy: Taxonomy, tree: Tree) -> None:
    rows = [row("D1", "010101", "cgj"), row("D2", "0101", "dh", COMMUNITY), row("D3", "010102", "dh", WEST)]
    found = [(one.where, one.message) for one in gaps(rows, taxonomy, tree, None)]
    assert found == [
        ("areas.csv[010102]", "“市容环卫/垃圾清运/建筑垃圾”在石桥社区没有承办单位"),
        ("areas.csv[0201]", "“供热/温度不达标”没有承办单位"),
    ]


def test_gaps_where_no_place_is_covered_name_the_highest(taxonomy: Taxonomy, tree: Tree) -> None:
    found = list(gaps([row("D1", "", "dh", EAST)], taxonomy, tree, None))
    assert [one.message for one in found] == [
        "“市容环卫/垃圾清运/生活垃圾”在西岭街道没有承办单位",
        "“市容环卫/垃圾清运/建筑垃圾”在西岭街道没有承办单位",
        "“供热/温度不达标”在西岭街道没有承办单位",
    ]
    assert list(gaps([row("D1", "", "dh", EAST), row("D2", "", "dh", WEST)], taxonomy, tree, None)) == []


@pytest.mark.parametrize(("streets", "said"), [(3, "甲街、乙街、丙街"), (4, "甲街、乙街、丙街等4处")])
def test_many_gaps_are_cut_short(taxonomy: Taxonomy, streets: int, said: str) -> None:
    places = [Place(code="99", name="区", level=Level.DISTRICT)]
    places += [
        Place(code=f"99{n}", name=f"{name}街", level=Level.STREET, parent="99")
        for n, name in enumerate("丁甲乙丙戊"[: streets + 1])
    ]
    found = next(gaps([row("D1", "", "dh", "990")], taxonomy, plant("1", places), None))
    assert found.message == f"“市容环卫/垃圾清运/生活垃圾”在{said}没有承办单位"


def test_gaps_on_a_day(taxonomy: Taxonomy, tree: Tree) -> None:
    rows = [row("D1", "", "cgj", until=date(2026, 6, 30))]
    assert list(gaps(rows, taxonomy, tree, date(2026, 6, 30))) == []
    assert len(list(gaps(rows, taxonomy, tree, date(2026, 7, 1)))) == 3


@pytest.mark.parametrize(
    ("on", "said"),
    [("2026-10-31", []), ("2026-11-01", ["还有 60 天"]), ("2027-01-01", ["已用完"]), (None, [])],
)
def test_a_calendar_about_to_end(china: Calendar, on: str | None, said: list[str]) -> None:
    found = list(unpublished(china, date.fromisoformat(on) if on else None))
    assert [(one.severity, one.where) for one in found] == [("warning", "calendar.toml")] * len(said)
    assert all(words in one.message for words, one in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row("D1", "", "cgj", when=NIGHT), row("D2", "", "dh", when=DAYTIME)], None),
        ([row("D1", "", "cgj", when=NIGHT), row("D2", "01", "dh", when=DAYTIME), AREAS[1]], None),
        ([row("D1", "", "cgj", when=NIGHT)], "只在一定条件下有承办单位（D1），其余时候没有"),
        (
            [row("D1", "", "cgj", when=FIRMS), row("D2", "", "dh", when=HEAT)],
            "只在一定条件下有承办单位（D1、D2），其余",
        ),
        ([row("D1", "", "cgj", EAST), row("D2", "", "dh", WEST, when=NIGHT)], "在西岭街道没有承办单位"),
    ],
)
def test_gaps_of_conditions(taxonomy: Taxonomy, tree: Tree, rows: list[DutyRow], said: str | None) -> None:
    found = list(gaps(rows, taxonomy, tree, None))
    assert len(found) == (3 if said else 0)
    assert all(str(said) in one.message for one in found)


def test_former_codes_pass_to_one_unit_that_took_their_place() -> None:
    heir = Unit(code="zf", name="综合执法局", formerly=("cg", "hw"))
    assert list(wrong_heirs((heir, Unit(code="sz", name="市政所")))) == []
    living = list(wrong_heirs((heir, Unit(code="hw", name="环卫所"))))
    assert [(one.severity, one.where) for one in living] == [("error", "units.csv[zf].formerly")]
    assert "“hw”仍在单位表中" in living[0].message
    twice = list(wrong_heirs((heir, Unit(code="sz", name="市政所", formerly=("cg",)))))
    assert [one.where for one in twice] == ["units.csv[zf].formerly", "units.csv[sz].formerly"]
    assert "被2个单位写为原编码" in twice[0].message
