"""What stands where nobody had anything to say; one list for every door."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hotline.channels import areas, load, pasts, placed, roster, texts
from hotline.channels.columns import Map
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.errors import BadValue
from hotline.store import db
from hotline.store.schema import METADATA
from hotline.wire import nothing
from tests.cast import Office
from tests.hotline.channels import cast as files

TICKET = METADATA.tables["ticket"]
NOTHING = (
    "-", "--", "——", "—", "－", "/", "\\", "//", "*", "...", "？", "_", "NULL", "null", "(null)", "<NULL>", "\\N",
    "None",
    "nan", "NaN", "N/A", "n/a", "#N/A", "#DIV/0!", "#NAME?", "#REF!", "undefined", "无", "无。", "（无）", "暂无",
    "没有", "空",
    "不详", "未知", "未填写", "未办结", "尚未办结", "未签收", "还没办结", "0000-00-00", "0000-00-00 00:00:00",
    "1900-01-01",
    "1900/1/0", "1970-01-01", "1970-01-01 08:00:00", "1970-01-01T00:00:00Z", "1899-12-30", "9999-12-31",
    "0001-01-01 00:00:00",
)  # fmt: skip
SOMETHING = (
    "0", "1", "否", "是", "A-1", "无名路", "无锡路3号", "空调外机", "张三", "2026-11-30", "2026-01-01", "未来路",
    "没有水", "未办结证明",
    "停水1970年", "-1", "😀", "N座", "北苑/和平", "Nan Lu",
)  # fmt: skip


def test_the_list() -> None:
    assert [one for one in NOTHING if not nothing.says_nothing(one)] == []
    assert [one for one in SOMETHING if nothing.says_nothing(one)] == []
    assert nothing.meaningful("  张三 ") == "张三"
    sums = ("合计", "合 计", "小计：", "总计4件", "本页合计", "全区总计", "Total", "sum:12", "平均值")
    assert [one for one in sums if not nothing.is_sum(one)] == []
    assert not any(map(nothing.is_sum, ("合计有误请核实", "总计划书", "A-1", "汇总表里没有我家", "")))


@pytest.fixture(scope="module")
def city() -> City:
    return files.small_city()


def _tickets(*columns: str) -> list[tuple[Any, ...]]:
    with db.reading() as session:
        return [
            tuple(row) for row in session.execute(TICKET.select().with_only_columns(*(TICKET.c[c] for c in columns)))
        ]


def _rejects(path: Path) -> list[str]:
    return path.with_name(f"{path.name}.rejects.csv").read_text("utf-8-sig").splitlines()[1:]


@pytest.mark.parametrize("word", NOTHING)
def test_a_number_that_is_none_is_refused_with_what_stands_there(
    city: City, database_url: str, tmp_path: Path, word: str
) -> None:
    files.use_empty(database_url)
    path = files.write(tmp_path / "a.csv", [files.matter(word, "路灯坏了"), files.matter("A-0001", "垃圾没收")])
    closing = files.bring(files.door(city, tmp_path), path)
    assert (closing.accepted, closing.rejected) == (1, 1)
    assert (word if "#" not in word else "#") in _rejects(path)[0]


@pytest.mark.parametrize("word", NOTHING)
def test_an_optional_field_that_says_nothing_is_empty_and_noted(
    city: City, database_url: str, tmp_path: Path, word: str
) -> None:
    files.use_empty(database_url)
    columns = (
        "工单编号",
        "诉求内容",
        "诉求地址",
        "受理时间",
        "办结时间",
        "联系人",
        "联系电话",
        "横坐标",
        "行业分类1级",
        "镇街",
        "诉求类型",
    )
    path = files.write(tmp_path / "a.csv", [("A-0001", "路灯不亮", *[word] * 9)], columns)
    closing = files.bring(files.door(city, tmp_path), path)
    assert (closing.accepted, closing.rejected) == (1, 0)
    assert _tickets("address", "occurred_at", "caller_label", "lng", "kind") == [("", None, "", None, "")]
    assert closing.noted["诉求地址写的是，按没有填处理"] == 1
    (extra,) = _tickets("extra")[0]
    assert f"联系人写的是“{word}”" in extra["导入说明"]


def test_words_a_field_knows_itself_keep_their_meaning(city: City, database_url: str, tmp_path: Path) -> None:
    files.use_empty(database_url)
    columns = ("工单编号", "诉求内容", "受理时间", "工单状态", "办结时间", "是否保密", "处置单位")
    rows = [("A-1001", "路灯不亮", "2026-10-30 08:00", "未办结", "未办结", "无", "甲区路灯所")]
    closing = files.bring(files.door(city, tmp_path, replay=True), files.write(tmp_path / "a.csv", rows, columns))
    assert (closing.accepted, closing.closed) == (1, 0)
    assert _tickets("confidential", "state", "closed_at") == [(False, "routed", None)]


def test_a_second_column_counts_where_the_first_says_nothing(city: City, database_url: str, tmp_path: Path) -> None:
    files.use_empty(database_url)
    path = files.write(
        tmp_path / "a.csv", [("-", "B-0001", "路灯不亮", "3号楼")], ("工单编号", "编号", "诉求内容", "地址")
    )
    assert files.bring(files.door(city, tmp_path), path).accepted == 1
    assert _tickets("source_ref", "address") == [("B-0001", "3号楼")]


@pytest.mark.parametrize("word", ["合计", "小计", "总计：", "合 计", "本页合计", "Total"])
def test_a_row_of_sums_is_no_ticket(city: City, database_url: str, tmp_path: Path, word: str) -> None:
    files.use_empty(database_url)
    rows = [files.matter("A-0001"), (word, "", "4", "", "", ""), ("", word, "路灯4件", "", "", "")]
    path = files.write(tmp_path / "a.csv", rows)
    closing = files.bring(files.door(city, tmp_path), path)
    assert (closing.accepted, closing.rejected) == (1, 2)
    assert all("不是工单" in line and word in line for line in _rejects(path))


@pytest.mark.parametrize("word", ["inf", "-inf", "Infinity", "1.#INF"])
def test_a_number_too_large_spoils_its_row_alone(city: City, database_url: str, tmp_path: Path, word: str) -> None:
    files.use_empty(database_url)
    path = files.write(
        tmp_path / "a.csv", [(*files.matter("A-1"), word), (*files.matter("A-2"), "")], (*files.HEADINGS, "")
    )
    closing = files.bring(files.door(city, tmp_path), path)
    assert (closing.accepted, closing.rejected) == (1, 1)
    assert f"“{word}”" in _rejects(path)[0]


def test_other_readers_take_the_same_list(tmp_path: Path) -> None:
    columns = ("工单编号", "诉求内容", "受理时间", "辖区", "镇街", "村居", "行业分类1级", "处置单位")
    rows = [
        ("A-1", "路灯不亮", "1970-01-01", "甲区", "N/A", "无", "市政", "--"),
        ("合计", "1", "", "甲区", "x", "y", "z", "w"),
    ]
    path = files.write(tmp_path / "a.csv", rows, columns)
    one, two = pasts.pasts(open_sheet(path), Map(), lambda _: None)
    assert (one.place, one.unit, one.area) == (("甲区",), "", ("市政",))
    assert (two.place, two.unit, two.area) == ((), "", ())
    assert next(placed.read_placed(open_sheet(path), {}, places=True)).names == ("甲区", "", "")
    (said,) = texts.read_texts(open_sheet(path), ZoneInfo("Asia/Shanghai")).said
    assert said.at is None
    sheet = files.write(
        tmp_path / "b.csv", [("9901", "wu.haoran", "-", "暂无")], ("网格编码", "网格长", "副网格长", "起")
    )
    assert [(row.leader, row.deputy, row.since) for row in roster.read_roster(sheet)] == [("wu.haoran", "", "")]
    days = ("2026-12-01", "2026/12/1", "2026年12月1日", "20261201", "46357", "十二月")
    heads = ("网格编码", "网格长", "副网格长", "起")
    sheet = files.write(tmp_path / "c.csv", [("9901", "wu.haoran", "", day) for day in days], heads)
    assert [row.since for row in roster.read_roster(sheet)] == ["2026-12-01"] * 5 + ["十二月"]
    sheet = files.write(tmp_path / "d.csv", [("01", "市容", "无"), ("合计", "1", "")], ("编码", "名称", "上级编码"))
    assert [(area.code, area.parent) for area in areas.read_areas(sheet)] == [("01", None)]


@pytest.mark.parametrize("word", ["-", "无", "NULL", "1970-01-01"])
def test_the_other_doors_take_it_too(office: Office, word: str) -> None:
    with pytest.raises(BadValue, match=f"上级编号写的是“{word}”"):
        office.received(source_ref=word)
    with pytest.raises(BadValue, match=f"诉求内容写的是“{word}”"):
        office.received(text=word)
    ticket = office.see(office.received(name=word, address=word, kind=word, title=word))
    assert (ticket.address, ticket.kind, ticket.caller_label) == ("", "", "")
    assert f"姓名写的是“{word}”" in ticket.extra["填写说明"]
    assert ticket.title not in {word, ""}


def test_nothing_of_it_touches_a_real_row(city: City, database_url: str, tmp_path: Path) -> None:
    files.use_empty(database_url)
    closing = files.bring(files.door(city, tmp_path), files.write(tmp_path / "a.csv", [files.matter("A-0001")]))
    assert (closing.accepted, closing.noted) == (1, {})
    assert _tickets("occurred_at") == [(datetime(2026, 10, 30, tzinfo=UTC),)]
    assert load.gist("甲“乙”丙") == "甲丙"
