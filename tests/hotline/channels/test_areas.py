"""Lists of areas as cities keep them: coded, by levels of names, TOML; what is wrong is named with its line."""

from pathlib import Path

import pytest
import xlsxwriter

from classifiers.taxonomy import build
from hotline.channels.areas import read_areas
from hotline.channels.errors import Unusable


def file(tmp_path: Path, text: str, name: str = "areas.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_coded_table_with_a_heading_above(tmp_path: Path) -> None:
    text = "示例区责任清单,,,,\n编码,名称,上级编码,关键词,原编码\n01,市容,,,\n0101,垃圾,01,垃圾桶；清运,09|0901\n"
    found = read_areas(file(tmp_path, text))
    assert [(one.code, one.parent, one.keywords, one.formerly) for one in found] == [
        ("01", None, (), ()), ("0101", "01", ("垃圾桶", "清运"), ("09", "0901")),
    ]  # fmt: skip


def test_names_by_level_get_codes_and_blank_cells_repeat_the_cell_above(tmp_path: Path) -> None:
    text = "一级,二级,三级,关键词\n市容,垃圾,生活垃圾,垃圾桶\n,,建筑垃圾,渣土\n市政,路灯,,不亮\n"
    found = build("new", read_areas(file(tmp_path, text)))
    assert {found.label(one.code) for one in found.leaves()} == {
        "市容/垃圾/建筑垃圾",
        "市容/垃圾/生活垃圾",
        "市政/路灯",
    }
    assert next(one for one in found.areas if one.name == "路灯").keywords == ("不亮",)


def test_a_workbook_reads_as_its_csv(tmp_path: Path) -> None:
    path = tmp_path / "areas.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([("编码", "名称"), (101, "垃圾"), ("0102", "公厕")]):
            sheet.write_row(row, 0, cells)
    assert [(one.code, one.name) for one in read_areas(path)] == [("101", "垃圾"), ("0102", "公厕")]


def test_toml(tmp_path: Path) -> None:
    text = '[[area]]\ncode = "01"\nname = "市容"\n[[area]]\ncode = "0101"\nname = "垃圾"\nparent = "01"\n'
    text += 'aliases = ["收垃圾"]\n'
    assert read_areas(file(tmp_path, text, "areas.toml"))[1].aliases == ("收垃圾",)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "序号,内容\n1,垃圾\n", "没有找到表头"),
        ("a.csv", "编码,名称\n01,\n", "a.csv:2"),
        ("a.csv", "一级,二级\n,垃圾\n", "缺少上一级的名称"),
        ("a.toml", "area = 1\n", "[[area]]"),
        ("a.toml", "[[area]]\ncode = 1\nname = '垃圾'\n", "$.area[0].code"),
        ("a.toml", "[[area", "不是可读的 TOML"),
        ("a.csv", "", "文件是空的"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(Unusable) as refused:
        read_areas(file(tmp_path, text, name))
    assert said in str(refused.value)
