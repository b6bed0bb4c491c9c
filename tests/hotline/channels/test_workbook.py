"""Spreadsheets: every cell as a person reads it."""

from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.channels.unfold import text
from hotline.channels.workbook import Workbook


def book(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as out:
        out.add_worksheet("空表")
        sheet = out.add_worksheet("工单")
        day = out.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(2, 0, ["工单编号", "诉求内容", "受理时间", "横坐标"])
        sheet.write_string(3, 0, "20260101000001")
        sheet.write_string(3, 1, "两行\n内容")
        sheet.write_datetime(3, 2, datetime(2026, 1, 2, 3, 4), day)
        sheet.write_number(3, 3, 110.25)
        sheet.write_number(5, 0, 20260101000002)
        sheet.write_string(5, 1, "数字编号")
        sheet.write_number(6, 0, 1234567890123456)
        sheet.write_string(6, 1, "数字太长")
    return path


def test_rows_are_read_with_the_lines_of_the_sheet(tmp_path: Path) -> None:
    sheet = open_sheet(book(tmp_path / "甲.xlsx"))
    assert isinstance(sheet, Workbook)
    found = list(sheet.records())
    assert [(record.line, record.cells[0]) for record in found] == [
        (3, "工单编号"),
        (4, "20260101000001"),
        (6, "20260101000002"),
        (7, "1.23E+15"),
    ]
    assert found[1].cells == ("20260101000001", "两行\n内容", "2026-01-02 03:04:00", "110.25")
    assert sheet.position == sheet.total
    assert sheet.what == "电子表格，工作表“工单”"


def test_other_sheets_are_named_as_not_read(tmp_path: Path) -> None:
    path = tmp_path / "两张.xlsx"
    with xlsxwriter.Workbook(str(path)) as out:
        for name in ("一月", "二月"):
            out.add_worksheet(name).write_row(0, 0, ["工单编号", "诉求内容"])
    assert open_sheet(path).what == "电子表格，工作表“一月”，其余1张工作表没有读取"


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    assert isinstance(open_sheet(book(tmp_path / "导出.csv")), Workbook)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (True, "TRUE"),
        (3.0, "3"),
        (-2, "-2"),
        (0.1, "0.1"),
        ("有\x00字", "有字"),
        (datetime(2026, 1, 2), "2026-01-02 00:00:00"),
    ],
)
def test_cells(cell: str | float | bool | datetime, said: str) -> None:
    assert text(cell) == said


def test_an_empty_workbook(tmp_path: Path) -> None:
    path = tmp_path / "空.xlsx"
    with xlsxwriter.Workbook(str(path)) as out:
        out.add_worksheet("一")
    with pytest.raises(Unusable, match="空的"):
        open_sheet(path)
