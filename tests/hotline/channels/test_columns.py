"""Headings: what real exports call things, and what a person's own table says."""

from pathlib import Path

import pytest

from grids.geometry import Datum
from hotline.channels.columns import FIELDS, Columns, Map, find_headings, match, read_map
from hotline.channels.errors import BadMap, Unusable


def fields(*headings: str, said: Map | None = None) -> dict[str, list[str]]:
    columns = match(headings, said or Map())
    return {name: [columns.headings[place] for place in places] for name, places in columns.places.items()}


def test_no_heading_stands_for_two_fields() -> None:
    words = [word for field in FIELDS.values() for word in field.headings]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("工单编号", "number"), ("办件编号", "number"), ("工单标题", "title"), ("诉求主题", "title"),
        ("诉求内容", "text"),
        ("诉求描述", "text"), ("诉求类型", "kind"), ("诉求地址", "address"), ("横坐标", "lng"), ("纵坐标", "lat"),
        ("工单发起时间", "received"), ("受理时间", "received"), ("派件时间", "dispatched"), ("处置单位", "unit"),
        ("承办单位", "unit"), ("办理单位", "unit"), ("行业分类1级", "area"), ("事项大类", "area"), ("辖区", "district"),
        ("镇街", "street"), ("村居", "community"), ("联系人", "name"), ("联系电话", "phone"), ("紧急程度", "urgency"),
        ("工单状态", "state"), ("办结时间", "closed"), ("满意度", "satisfaction"), ("工单编号*", "number"),
        ("诉求内容（必填）", "text"), (" 工单\n编号 ", "number"), ("\ufeff工单编号", "number"), ("ＬＮＧ", "lng"),
    ],
)  # fmt: skip
def test_real_headings(heading: str, field: str) -> None:
    assert list(fields(heading)) == [field]


def test_levels_keep_the_order_of_the_file() -> None:
    assert fields("行业分类1级", "行业分类2级", "行业分类3级", "行业分类4级")["area"] == [
        "行业分类1级", "行业分类2级", "行业分类3级", "行业分类4级",
    ]  # fmt: skip


def test_unknown_and_nameless_and_repeated_headings_keep_their_places() -> None:
    columns = match(("工单编号", "", "备注", "备注", "诉求内容"), Map())
    assert columns.headings == ("工单编号", "第2列", "备注", "备注_2", "诉求内容")
    assert columns.places == {"number": (0,), "text": (4,)}


def test_the_map_comes_first() -> None:
    said = Map(columns={"text": ("补充说明",), "area": ("小类", "大类")})
    assert fields("工单编号", "诉求内容", "补充说明", "大类", "小类", said=said) == {
        "number": ["工单编号"], "text": ["补充说明"], "area": ["小类", "大类"],
    }  # fmt: skip


def test_headings_may_stand_below_a_title() -> None:
    rows = [(1, ("12345热线工单",)), (3, ("导出时间", "2026-01-01")), (4, ("工单编号", "诉求内容"))]
    line, columns = find_headings(Path("甲.csv"), rows, Map())
    assert (line, columns.headings) == (4, ("工单编号", "诉求内容"))


def test_a_missing_heading_names_what_is_needed_and_what_was_found() -> None:
    with pytest.raises(Unusable) as refused:
        find_headings(Path("甲.csv"), [(1, ("工单编号", "标题", "内文"))], Map())
    assert "表头缺少诉求内容" in str(refused.value)
    assert "工单编号、标题、内文" in str(refused.value)
    assert "--columns" in str(refused.value)


def test_a_map_naming_an_absent_heading() -> None:
    rows = [(1, ("工单编号", "诉求内容"))]
    with pytest.raises(Unusable, match="“事发地”不在表头中"):
        find_headings(Path("甲.csv"), rows, Map(columns={"address": ("事发地",)}))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_map_is_read(tmp_path: Path) -> None:
    text = '[columns]\nnumber = "编 号"\narea = ["大类", "小类"]\n[options]\ndatum = "gcj02"\nwithout_number = true\n'
    said = read_map(written(tmp_path / "m.toml", text))
    assert said.columns == {"number": ("编号",), "area": ("大类", "小类")}
    assert said.options.datum is Datum.GCJ02
    assert said.options.without_number


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[columns]\nnumber = "编号"\ntxet = "正文"\n', 3, "是不是要写 text"),
        ("[columns]\nnumber = 5\n", 2, "应写成表头名称"),
        ("[columns]\n\narea = []\n", 3, "应写成表头名称"),
        ('[colums]\nnumber = "编号"\n', 1, "是不是要写 columns"),
        ('[options]\ndatum = "wgs48"\n', 2, "wgs84、gcj02、bd09"),
        ('[options]\ndatums = "wgs84"\n', 2, "是不是要写 datum"),
        ('[columns]\nnumber = "编号\n', 2, "TOML"),
        ("columns = 3\n", 0, "两部分"),
    ],
)
def test_a_typo_is_refused_with_path_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = written(tmp_path / "m.toml", text)
    with pytest.raises(BadMap) as refused:
        read_map(path)
    assert refused.value.line == line
    assert str(refused.value).startswith(str(path))
    assert words in str(refused.value)


def test_no_map(tmp_path: Path) -> None:
    with pytest.raises(BadMap, match="读不了"):
        read_map(tmp_path / "无.toml")


def test_a_heading_of_a_field() -> None:
    columns: Columns = match(("办件编号", "诉求内容"), Map())
    assert columns.heading("number") == "办件编号"
    assert columns.heading("received") == "工单发起时间"
    assert not columns.has("received")
