"""One record, one matter: what is refused, what is noted, and that nothing is lost."""

import pytest

from hotline.channels import rows
from hotline.channels.columns import Map, match
from hotline.channels.csv_text import Record
from hotline.channels.rows import NOTES, ORIGIN, Facts, Given, Row
from hotline.errors import Refused
from tests.hotline.channels.cast import NOW, small_city

CITY = small_city()


def given(*headings: str, replay: bool = False) -> Given:
    return Given(
        columns=match(headings, Map()), zone=CITY.zone, source="12345", file="甲.csv", taxonomy=CITY.taxonomy,
        units=rows.units_by_name((unit.code, unit.name) for unit in CITY.rulebook.units), replay=replay, now=NOW,
        seal=lambda text: f"sealed:{len(text)}",
    )  # fmt: skip


def read(cells: dict[str, str], *, replay: bool = False) -> Row:
    held = {"工单编号": "A-1001", "诉求内容": "路灯坏了"} | cells
    return rows.read_row(given(*held, replay=replay), Record(7, tuple(held.values())))


def test_a_whole_row() -> None:
    row = read(
        {"工单标题": "路灯", "诉求类型": "投诉类", "联系人": "某某", "联系电话": "13800000000", "紧急程度": "紧急",
         "横坐标": "110.3", "纵坐标": "20.0", "受理时间": "2026/10/30 8:00", "诉求地址": "3号楼", "辖区": "甲区",
         "村居": "柳园社区", "是否保密": "是", "备注": "孤寡老人"}
    )  # fmt: skip
    new = row.new
    assert (new.source, new.source_ref, new.text, new.title, new.kind) == (
        "12345",
        "A-1001",
        "路灯坏了",
        "路灯",
        "投诉",
    )
    assert (new.name, new.phone, new.urgency, new.confidential) == ("某某", "13800000000", "urgent", True)
    assert (new.lng, new.lat, new.address) == (110.3, 20.0, "甲区柳园社区3号楼")
    assert new.occurred_at is not None
    assert new.occurred_at.isoformat() == "2026-10-30T00:00:00+00:00"
    assert new.extra["备注"] == "孤寡老人"
    assert new.extra[ORIGIN] == "甲.csv 第7行"
    assert row.notes == ()


def test_personal_data_in_other_columns_is_sealed() -> None:
    new = read({"联系电话": "13800000000", "备用手机": "13800000001", "身份证号": "x" * 18, "车辆": "货车"}).new
    assert new.extra["备用手机"] == "sealed:11"
    assert new.extra["身份证号"] == "sealed:18"
    assert new.extra["车辆"] == "货车"
    assert "联系电话" not in new.extra


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"工单编号": "1.23E+15"}, "工单编号", "科学计数"),
        ({"工单编号": ""}, "工单编号", "编号是空的"),
        ({"诉求内容": " \n "}, "诉求内容", "诉求内容是空的"),
        ({"诉求内容": "长" * 20001}, "诉求内容", "超过20000"),
        ({"受理时间": "2018/2/30"}, "受理时间", "2018年2月30日"),
        ({"事项编码": "9999"}, "事项编码", "不在责任清单中"),
    ],
)
def test_refused(cells: dict[str, str], column: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        read(cells)
    assert refused.value.column == column


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"横坐标": "东经", "纵坐标": "20"}, "不是数字"),
        ({"联系电话": "1.38E+10"}, "电话被电子表格改成了科学计数"),
        ({"紧急程度": "飞快"}, "不认识的紧急程度"),
        ({"受理时间": "2027-01-01"}, "晚于导入时间"),
        ({"行业分类1级": "绿化", "行业分类2级": "树木"}, "事项分类“绿化/树木”不在责任清单"),
        ({"诉求内容": "", "工单标题": "路灯"}, "以标题代替"),
        ({"工单标题": "题" * 301}, "标题超过300个字"),
    ],
)
def test_noted_and_taken_all_the_same(cells: dict[str, str], words: str) -> None:
    row = read(cells)
    assert any(words in note for note in row.notes)
    assert words in row.new.extra[NOTES]


def test_what_could_not_be_used_is_kept() -> None:
    extra = read({"联系电话": "打张三的电话", "工单标题": "题" * 301, "紧急程度": "飞快"}).new.extra
    assert extra["联系电话"] == "sealed:6"
    assert extra["工单标题"] == "题" * 301
    assert extra["紧急程度"] == "飞快"


@pytest.mark.parametrize(
    ("levels", "area"),
    [
        (("市容", "垃圾"), "市容/垃圾"),
        (("市容", "垃圾", "小区垃圾"), "市容/垃圾"),
        (("治安",), "治安"),
        (("市容", "停车"), ""),
        (("公园", "治安"), ""),
    ],
)
def test_areas_of_the_file(levels: tuple[str, ...], area: str) -> None:
    cells = {f"行业分类{place}级": name for place, name in enumerate(levels, 1)}
    assert CITY.area_label(read(cells).new.area) == area


def test_an_area_code_the_taxonomy_knows() -> None:
    code = CITY.taxonomy.leaves()[0].code
    assert read({"事项编码": code}).new.area == code


def test_trailing_commas_and_short_and_long_rows() -> None:
    at = given("工单编号", "诉求内容", "备注")
    assert rows.read_row(at, Record(2, ("A-1001", "甲", "", "", ""))).new.text == "甲"
    assert rows.read_row(at, Record(2, ("A-1001", "甲"))).new.text == "甲"
    with pytest.raises(Refused, match="表头只有3格"):
        rows.read_row(at, Record(2, ("A-1001", "甲", "", "多出来")))
    with pytest.raises(Refused, match="可能被换行截断"):
        rows.read_row(at, Record(2, ("后半句内容", "甲")))


def test_a_record_in_trouble() -> None:
    with pytest.raises(Refused, match="编码不同"):
        rows.read_row(given("工单编号", "诉求内容"), Record(2, ("甲", "乙"), "编码不同"))


def test_facts_are_read_only_in_a_replay() -> None:
    cells = {
        "受理时间": "2026-10-01 08:00", "派件时间": "2026-10-01 09:00", "办结时间": "2026-10-05 10:00",
        "处置单位": "甲区路灯所",
        "工单状态": "已办结", "满意度": "满意", "是否解决": "已解决", "是否联系": "是", "答复内容": "已修好",
    }  # fmt: skip
    plain = read(cells)
    assert plain.facts == Facts()
    assert plain.new.unit == ""
    assert plain.new.extra["处置单位"] == "甲区路灯所"
    told = read(cells, replay=True)
    assert CITY.unit_name(told.new.unit) == "甲区路灯所"
    assert (told.facts.state, told.facts.satisfaction, told.facts.solved, told.facts.contacted) == (
        "closed",
        4,
        "yes",
        True,
    )
    assert told.facts.reply == "已修好"
    assert told.facts.closed_at is not None
    assert told.facts.closed_at.isoformat() == "2026-10-05T02:00:00+00:00"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({}, "每一行都要有受理时间"),
        ({"受理时间": "2027-01-01"}, "晚于现在"),
        ({"受理时间": "2026-01-01", "办结时间": "2026/2/30"}, "2026年2月30日"),
    ],
)
def test_a_replay_needs_times(cells: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(cells, replay=True)


def test_a_replay_notes_what_it_does_not_know() -> None:
    told = read(
        {"受理时间": "2026-01-01", "处置单位": "别处", "工单状态": "关联", "办结时间": "2027-01-01"}, replay=True
    )
    assert len(told.notes) == 3
    assert told.facts.state == ""
