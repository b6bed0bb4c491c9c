"""Records of text files: encodings, quotes, line ends, and what is broken in the middle."""

from pathlib import Path

import pytest

from hotline.channels import csv_text
from hotline.channels.csv_text import CsvFile, Record, detect
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet

GOOD = "编号,内容\r\n1,路灯坏了\r\n2,垃圾没人收\r\n"


def records(path: Path, raw: bytes) -> list[Record]:
    path.write_bytes(raw)
    return list(CsvFile(path).records())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "甲.csv"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (GOOD.encode(), "utf-8"),
        (GOOD.encode("utf-8-sig"), "utf-8"),
        (GOOD.encode("gb18030"), "gb18030"),
        (b"number,text\n1,only ascii\n", "utf-8"),
    ],
)
def test_encoding_is_found(path: Path, raw: bytes, encoding: str) -> None:
    found = records(path, raw)
    assert CsvFile(path).encoding == encoding
    assert [record.line for record in found] == list(range(1, len(found) + 1))
    if encoding != "utf-8" or raw[:3] != b"num":
        assert found[1].cells == ("1", "路灯坏了")


def test_mark_of_order_is_no_part_of_the_heading(path: Path) -> None:
    assert records(path, GOOD.encode("utf-8-sig"))[0].cells == ("编号", "内容")


@pytest.mark.parametrize(("file", "row"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_a_row_in_another_encoding_costs_that_row(path: Path, file: str, row: str) -> None:
    raw = "编号,内容\n1,路灯坏了很久\n".encode(file) + "2,垃圾没人收走\n".encode(row) + "3,井盖不见了\n".encode(file)
    found = records(path, raw)
    assert [bool(record.trouble) for record in found] == [False, False, True, False]
    assert found[2].line == 3
    assert found[2].cells == ("2", "垃圾没人收走"), "a person can read it in the file of rejects"
    assert "编码" in found[2].trouble


def test_bytes_that_are_no_text_at_all(path: Path) -> None:
    found = records(path, "编号,内容\n1,路灯坏了\n".encode() + b"2,\xff\xfe\xff\n")
    assert found[2].trouble
    assert found[2].cells[0] == "2"


@pytest.mark.parametrize(
    ("raw", "cells"),
    [
        ('1,"两行\n内容"\n', ("1", "两行\n内容")),
        ('1,"他说""不行"""\n', ("1", '他说"不行"')),
        ('1,"逗号,在里面",\n', ("1", "逗号,在里面", "")),
        ("1\t制表符\n", ("1", "制表符")),
        ("1;分号\n", ("1", "分号")),
        ("1,没有换行结尾", ("1", "没有换行结尾")),
        ("1,老式换行\r", ("1", "老式换行")),
        ('1,5"管子\n', ("1", '5"管子')),
        ('1,"甲"乙"\n', None),
        ("1,有\x00字符\n", ("1", "有字符")),
    ],
)
def test_one_record(path: Path, raw: str, cells: tuple[str, ...] | None) -> None:
    found = records(path, raw.encode())
    assert len(found) == 1
    assert found[0].cells == cells if cells else "引号" in found[0].trouble


def test_lines_are_counted_over_cells_of_several_lines(path: Path) -> None:
    found = records(path, '编号,内容\n1,"一\n二\n三"\n\n2,四\n'.encode())
    assert [record.line for record in found] == [1, 2, 6]


def test_a_quote_left_open_costs_one_line(path: Path) -> None:
    rows = "".join(f"{number},内容{number}\n" for number in range(3, 9))
    found = records(path, f'编号,内容\n1,好\n2,"没有结束\n{rows}'.encode())
    assert [record.cells[0] for record in found if not record.trouble] == ["编号", "1", *"345678"]
    assert [(record.line, record.trouble) for record in found if record.trouble] == [
        (3, "这一行的引号没有成对，无法分出各列")
    ]


def test_a_runaway_record_is_cut(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "LONGEST_RECORD", 3)
    rows = "".join(f"{number},内容\n" for number in range(3, 20))
    found = records(path, f'1,好\n2,"开\n{rows}20,"闭"\n'.encode())
    assert [record.line for record in found if record.trouble] == [2]
    assert len(found) == 20


def test_a_line_without_end_is_not_held_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "LONGEST_LINE", 1000)
    found = records(path, b"1,a\n2," + b"x" * 5500 + b"\n3,c\n")
    assert [(record.line, bool(record.trouble)) for record in found] == [(1, False), (2, True), (3, False)]
    assert len(found[1].cells[0]) <= 1000


def test_position_reaches_the_end(path: Path) -> None:
    path.write_bytes(GOOD.encode("utf-8-sig"))
    file = CsvFile(path)
    assert len(list(file.records())) == 3
    assert file.position == file.total == path.stat().st_size


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf", "空的"),
        (b"\r\n \r\n", "空的"),
        (GOOD.encode("utf-16"), "UTF-16"),
        (b"<html><table></table></html>", "网页"),
        (b"PK\x03\x04 broken", "打不开"),
        (b"\xd0\xcf\x11\xe0 broken", "打不开"),
    ],
)
def test_files_nothing_can_be_done_with(path: Path, raw: bytes, words: str) -> None:
    path.write_bytes(raw)
    with pytest.raises(Unusable, match=words):
        open_sheet(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="没有这个文件"):
        open_sheet(tmp_path / "无.csv")
    with pytest.raises(Unusable, match="文件夹"):
        open_sheet(tmp_path)


def test_the_majority_of_lines_decides() -> None:
    assert detect("路灯\n".encode() * 3 + "路灯\n".encode("gb18030")) == "utf-8"
    assert detect("路灯坏了\n".encode() + "路灯坏了\n".encode("gb18030") * 3) == "gb18030"


def test_tabs_inside_quoted_text_are_no_delimiter(tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    file.write_text('编号,内容\n1,"\n\t\t\t\t路灯不亮\n\t\t\t"\n2,"\t\t\t井盖响"\n', encoding="utf-8")
    assert [record.cells[0] for record in CsvFile(file).records()] == ["编号", "1", "2"]
