"""Parsed files become values; every typo is refused with its path."""

import re
import tomllib
from datetime import date, time
from typing import Any

import pytest

from dispatch.calendar import Kind, Roll, works
from dispatch.conditions import ALWAYS, Condition, Hours, Season
from dispatch.deadlines import Urgency
from dispatch.decoding import (
    duty_row,
    line_of,
    read_calendar,
    read_ladder,
    read_promises,
    unit_row,
)
from dispatch.duty import DutyRow, Unit
from dispatch.errors import BadRule
from dispatch.kpis import FigureRules
from dispatch.roles import Role
from tests.dispatch.tables import read_callbacks, read_exclusions, read_figures, read_returns, read_routing

PROMISES = """
[[promise]]
clock = "progress"
after = "route"
days = 3
kind = "natural"
roll = "next_working"
ends = "end_of_day"
stops = ["report", "answer"]
owner = "citizen"

[[promise]]
clock = "result"
after = "route"
hours = 24
urgency = "urgent"
stops = ["answer"]
owner = "citizen"
source = "北京四级处置模式"
"""

LADDER = """
[[rung]]
name = "yellow_card"
label = "黄牌"
clock = "result"
when = "before"
days = 1
kind = "working"
to = "unit"
at = 08:30:00
"""

CALENDAR = """
name = "示例区"
hours = [["09:00", "12:00"], ["13:30", "24:00"]]

[[period]]
name = "2026年"
source = "国办发明电〔2025〕7号"
since = 2026-01-01
until = 2026-12-31

[[period]]
name = "2025年"
source = "国办发明电〔2024〕12号"
since = 2025-01-01
until = 2025-12-31

[[rest]]
date = 2026-10-01
until = 2026-10-07
name = "国庆节"

[[rest]]
date = 2026-01-01
name = "元旦"

[[work]]
date = 2026-10-10
name = "国庆节"
"""


def test_promises() -> None:
    progress, result = read_promises(tomllib.loads(PROMISES))
    assert (progress.clock, progress.days, progress.kind, progress.roll) == (
        "progress",
        3,
        Kind.NATURAL,
        Roll.NEXT_WORKING,
    )
    assert (progress.stops, progress.repeats) == (("report", "answer"), False)
    assert (result.hours, result.days, result.urgency, result.source) == (24, None, Urgency.URGENT, "北京四级处置模式")


@pytest.mark.parametrize(
    ("good", "bad", "path", "said"),
    [
        ("days = 3", "dayz = 3", "$.promise[0].dayz", "不认识字段 dayz，请检查拼写"),
        ("hours = 24", "hours = 24\ndayz = 3", "$.promise[1].dayz", "不认识字段 dayz，请检查拼写"),
        ("hours = 24", 'hours = "24"', "$.promise[1].hours", "类型不对：应为 float | null，写的是 str"),
        ("hours = 24", "", "$.promise[1]", "days 与 hours 须写且只写一个"),
        ('urgency = "urgent"', 'urgency = "asap"', "$.promise[1].urgency", "不认识的值 asap"),
        ('clock = "result"', 'clock = "resultt"', "$.promise[1].clock", "不认识的值 resultt"),
        ('owner = "citizen"\n\n', "\n", "$.promise[0]", "缺少字段 owner"),
        ('stops = ["answer"]', 'stops = ["anser"]', "$.promise[1]", "没有名为 anser 的操作，可用"),
        ("[[promise]]", "[[promises]]", "$.promises", "不认识字段 promises，请检查拼写"),
    ],
)
def test_a_typo_is_refused_with_its_path(good: str, bad: str, path: str, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        read_promises(tomllib.loads(PROMISES.replace(good, bad)))
    assert refused.value.path == path
    assert refused.value.message.startswith(said)
    assert str(refused.value) == f"{path}：{refused.value.message}"


def test_ladder() -> None:
    (rung,) = read_ladder(tomllib.loads(LADDER))
    assert (rung.name, rung.days, rung.to, rung.at) == ("yellow_card", 1, Role.UNIT, time(8, 30))
    with pytest.raises(BadRule) as refused:
        read_ladder(tomllib.loads(LADDER.replace("yellow_card", "green_card")))
    assert refused.value.path == "$.rung[0].name"


def test_returns_and_callbacks() -> None:
    assert read_returns({"days": 2, "limit": 3}).limit == 3
    assert read_callbacks({}).tries == 3
    with pytest.raises(BadRule) as typo:
        read_returns({"limits": 3})
    assert typo.value.path == "$.returns.limits"
    with pytest.raises(BadRule) as none:
        read_callbacks({"tries": 0})
    assert (none.value.path, none.value.message) == ("$.callbacks.tries", "数值超出范围：须 >= 1")


def test_calendar() -> None:
    found = read_calendar(tomllib.loads(CALENDAR))
    assert (found.name, found.since, found.until) == ("示例区", date(2025, 1, 1), date(2026, 12, 31))
    assert found.source == "国办发明电〔2024〕12号；国办发明电〔2025〕7号"
    assert found.hours == ((time(9), time(12)), (time(13, 30), time()))
    assert len(found.rest) == 8
    assert [works(found, date(2026, 10, day)) for day in (7, 8, 10)] == [False, True, True]


def test_calendar_names_itself_by_its_years_and_has_usual_hours() -> None:
    bare = CALENDAR.replace('name = "示例区"', "").replace('hours = [["09:00", "12:00"], ["13:30", "24:00"]]', "")
    found = read_calendar(tomllib.loads(bare))
    assert found.name == "2025年、2026年"
    assert found.hours == ((time(9), time(12)), (time(13, 30), time(17, 30)))


def test_hours_may_be_toml_times() -> None:
    found = read_calendar(tomllib.loads(CALENDAR.replace('["09:00", "12:00"]', "[08:30:00, 12:00:00]")))
    assert found.hours[0] == (time(8, 30), time(12))


@pytest.mark.parametrize(
    ("good", "bad", "path", "said"),
    [
        ("until = 2025-12-31", "until = 2025-12-30", "$.period", "“2026年”须紧接“2025年”，从 2025-12-31 开始"),
        ("date = 2026-10-10", "date = 2026-10-07", "$", "2026-10-07 既列为休息日又列为上班日"),
        ("date = 2026-10-10", "date = 2027-10-10", "$.work[0].date", "2027-10-10 不在日历期间"),
        ("date = 2026-01-01", "date = 2026-10-02", "$.rest[1].date", "2026-10-02 写了两次"),
        ("until = 2026-10-07", "until = 2026-09-07", "$.rest[0].date", "2026-10-01 不在日历期间"),
        ('"24:00"', '"25:00"', "$.hours[1][1]", "格式不对，时间请写成 09:00"),
        ('"24:00"', '"13:00"', "$", "办公时间须先后有序"),
        ("[[work]]", "[[works]]", "$.works", "不认识字段 works"),
        ('name = "示例区"', 'zone = "Asia/Urumqi"', "$.zone", "日历的时区 Asia/Urumqi 与城市的时区"),
        ("date = 2026-10-10", 'date = "2026/10/10"', "$.work[0].date", "不是日期，请写成 2026-01-31"),
    ],
)
def test_a_wrong_calendar_is_refused_with_its_path(good: str, bad: str, path: str, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        read_calendar(tomllib.loads(CALENDAR.replace(good, bad)))
    assert refused.value.path == path
    assert refused.value.message.startswith(said)


def test_a_calendar_without_a_period() -> None:
    with pytest.raises(BadRule) as refused:
        read_calendar({"period": []})
    assert (refused.value.path, refused.value.message) == ("$.period", "至少要有1项")


def test_duty_row() -> None:
    row = {
        "id": "D1",
        "area": " 0101 ",
        "place": "",
        "unit": "hwzx",
        "helpers": "cgj| zjj |",
        "since": "2026-01-01",
        "until": "",
        "support": "12",
    }
    assert duty_row(row, 2) == DutyRow(
        id="D1", area="0101", unit="hwzx", helpers=("cgj", "zjj"), since=date(2026, 1, 1), support=12
    )
    assert duty_row({"id": "D2", "area": "*", "unit": "dh"}, 3).area == ""


def test_a_duty_row_with_conditions_and_words() -> None:
    row = {
        "id": "D1",
        "area": "0101",
        "unit": "hwzx",
        "hours": "22:00-06:00| work 18:00-24:00 |rest|休息日 09:00-12:00",
        "season": "11-15..03-31 | 12-31..12-31",
        "caller": "企业| 个体工商户",
        "keywords": "暖气",
        "limits": "5",
        "standard": "已安排维修。",
        "precedent": "〔2026〕第3号",
    }
    found = duty_row(row, 2)
    assert found.when == Condition(
        hours=(
            Hours(time(22), time(6)),
            Hours(time(18), time(0), "work"),
            Hours(time(0), time(0), "rest"),
            Hours(time(9), time(12), "rest"),
        ),
        season=(Season("11-15", "03-31"), Season("12-31", "12-31")),
        caller=("企业", "个体工商户"),
        keywords=("暖气",),
    )
    assert (found.limits, found.standard, found.precedent) == (5, "已安排维修。", "〔2026〕第3号")
    bare = duty_row({"id": "D1", "area": "01", "unit": "cgj", "hours": "", "limits": ""}, 2)
    assert (bare.when, bare.limits) == (ALWAYS, None)


def test_routing() -> None:
    assert read_routing({}).backstop == "candidate"
    assert read_routing({"backstop": "dispatch", "source": "办法"}).source == "办法"
    with pytest.raises(BadRule) as refused:
        read_routing({"backstop": "auto"})
    assert (refused.value.path, refused.value.message) == ("$.routing.backstop", "不认识的值 auto")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"area": ""}, "duty.csv:7.area", "不能为空"),
        ({"unit": "  "}, "duty.csv:7.unit", "不能为空"),
        ({"areas": "01"}, "duty.csv:7.areas", "不认识的列“areas”"),
        ({"since": "2026/1/1"}, "duty.csv:7.since", "不是日期"),
        ({"support": "many"}, "duty.csv:7.support", "类型不对：应为 int，写的是 str"),
        ({"since": "2026-02-01", "until": "2026-01-31"}, "duty.csv:7.until", "失效日 2026-01-31 早于生效日 2026-02-01"),
        ({"hours": "22:00"}, "duty.csv:7.hours", "“22:00”看不懂，时段请写成 22:00-06:00"),
        ({"hours": "24:00-06:00"}, "duty.csv:7.hours", "“24:00-06:00”看不懂"),
        ({"hours": "22:00-25:00"}, "duty.csv:7.hours", "“22:00-25:00”看不懂"),
        ({"hours": "rest|"}, "duty.csv:7.hours", "“rest|”中有空的一项"),
        ({"season": "11-15"}, "duty.csv:7.season", "“11-15”看不懂，季节请写成 11-15..03-31"),
        ({"season": "02-30..03-31"}, "duty.csv:7.season", "“02-30..03-31”看不懂"),
        ({"caller": "|企业"}, "duty.csv:7.caller", "“|企业”中有空的一项"),
        ({"keywords": "|"}, "duty.csv:7.keywords", "“|”中有空的一项"),
        ({"limits": "0"}, "duty.csv:7.limits", "数值超出范围：须 >= 1"),
        ({"when": "rest"}, "duty.csv:7.when", "不认识的列“when”"),
        ({None: ["x"]}, "duty.csv:7.?", "不认识的列“多出的单元格”"),
    ],
)
def test_a_wrong_duty_row(change: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(BadRule) as refused:
        duty_row({"id": "D1", "area": "01", "unit": "cgj", **change}, 7)
    assert refused.value.path == path
    assert refused.value.message.startswith(said)


@pytest.mark.parametrize(
    ("said", "backstop"), [("1", True), ("true", True), ("是", True), ("0", False), ("", False), ("否", False)]
)
def test_unit_row(said: str, backstop: bool) -> None:
    row = {"code": "dh", "name": "东湖街道办", "kind": "街道", "place": "990101001", "backstop": said}
    assert unit_row(row, 2) == Unit(code="dh", name="东湖街道办", kind="街道", place="990101001", backstop=backstop)


def test_a_unit_says_when_it_works() -> None:
    row = {"code": "rlgs", "name": "热力公司", "backstop": "", "hours": " 24h "}
    assert unit_row(row, 2) == Unit(code="rlgs", name="热力公司", hours="24h")
    for said, why in (("白天", "“白天”看不懂，请写 24h"), ("20:00-08:00", "办公时间须先后有序、互不重叠")):
        with pytest.raises(BadRule) as refused:
            unit_row(row | {"hours": said}, 7)
        assert refused.value.path == "units.csv:7.hours"
        assert refused.value.message.startswith(why)


def test_former_codes_of_a_unit() -> None:
    row = {"code": "zf", "name": "综合执法局", "formerly": "cg | hw|"}
    assert unit_row(row, 2).formerly == ("cg", "hw")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"backstop": "maybe"}, "units.csv:4.backstop"),
        ({"name": ""}, "units.csv:4.name"),
        ({"tel": "1"}, "units.csv:4.tel"),
    ],
)
def test_a_wrong_unit_row(change: dict[str, str], path: str) -> None:
    with pytest.raises(BadRule) as refused:
        unit_row({"code": "dh", "name": "东湖街道办", **change}, 4)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        (PROMISES, "$.promise[0].days", 5),
        (PROMISES, "$.promise[1].urgency", 16),
        (PROMISES, "$.promise[1]", 12),
        (PROMISES, "$.promise[1].missing", 12),
        (CALENDAR, "$.hours[1][1]", 3),
        (CALENDAR, "$.rest[1].date", 23),
        (CALENDAR, "$.period", 5),
        (PROMISES, "$.nothing", None),
        (PROMISES, "$", None),
    ],
)
def test_line_of(text: str, path: str, line: int | None) -> None:
    assert line_of(text, path) == line


def test_figures() -> None:
    rules = read_figures({"small": 5, "ranked": 20, "weights": {"solve": 35, "contact": 0}, "source": "办法"})
    assert rules == FigureRules(small=5, ranked=20, weights={"solve": 35, "contact": 0}, source="办法")
    assert read_figures({}) == FigureRules(small=10, ranked=30, weights={})


@pytest.mark.parametrize(("data", "path", "said"), [
    ({"weights": {"charm": 1}}, "$.figures.weights.charm", "不认识的指标“charm”，只能是：contact（联系率）"),
    ({"weights": {"solve": -1}}, "$.figures.weights[...]", "数值超出范围"),
    ({"weights": {"solve": 0}}, "$.figures.weights", "权重不能都是0"),
    ({"small": 0}, "$.figures.small", "数值超出范围"),
    ({"small": 40}, "$.figures.ranked", "不能小于计算的最少件数 40"),
    ({"smal": 1}, "$.figures.smal", "不认识字段 smal"),
])  # fmt: skip
def test_wrong_figures(data: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(BadRule, match=re.escape(said)) as refused:
        read_figures(data)
    assert refused.value.path == path


@pytest.mark.parametrize("code", ["", "a-code-that-is-too-long"])
def test_a_grounds_code_fits_the_names_that_count(code: str) -> None:
    with pytest.raises(BadRule, match="编码须为1至15个字符"):
        read_exclusions([{"code": code, "label": "情形"}])
