"""A sheet of who leads which grid, as offices keep it."""

from pathlib import Path

import pytest
import xlsxwriter

from hotline.channels import roster
from hotline.channels.errors import Unusable
from hotline.flow.editions.roster import Given


def test_a_workbook_with_a_title_and_numbers_for_codes(tmp_path: Path) -> None:
    path = tmp_path / "sheet"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["2026年网格责任人员表"])
        sheet.write_row(1, 0, ["序号", "网格编码", "网格长", "副网格长", "起"])
        sheet.write_row(2, 0, [1, 990101001001001, "吴浩然", "", "2026-12-01"])
        sheet.write_row(4, 0, ["", "", "", "", ""])
        sheet.write_row(5, 0, [2, "990101001001002", "guo.huimin", "周春燕", ""])
    assert roster.read_roster(path) == [
        Given(line=3, grid="990101001001001", leader="吴浩然", since="2026-12-01"),
        Given(line=6, grid="990101001001002", leader="guo.huimin", deputy="周春燕"),
    ]


def test_a_text_without_deputies_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "sheet"
    path.write_text("网格,网格长\n松岭社区第一网格,吴浩然\n990101001001002\n", encoding="gb18030")
    assert roster.read_roster(path) == [
        Given(line=2, grid="松岭社区第一网格", leader="吴浩然", keeps_deputy=True),
        Given(line=3, grid="990101001001002", leader="", keeps_deputy=True),
    ]


def test_what_is_no_sheet_of_people(tmp_path: Path) -> None:
    path = tmp_path / "sheet"
    path.write_text("姓名,电话\n吴浩然,1\n", encoding="utf-8")
    with pytest.raises(Unusable, match="没有找到表头"):
        roster.read_roster(path)
    path.write_text("网格,网格长\n" + "a,b\n" * (roster.MOST + 1), encoding="utf-8")
    with pytest.raises(Unusable, match="一次最多"):
        roster.read_roster(path)
