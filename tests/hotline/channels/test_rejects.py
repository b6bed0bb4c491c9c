"""FILE.rejects.csv: nothing is lost, nothing runs, nothing stale stays behind."""

import csv
from pathlib import Path

import pytest

from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.rejects import Rejects, meant, safe
from hotline.errors import Refused

HEADINGS = ("工单编号", "诉求内容")


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_each_row_with_line_column_value_reason_and_its_own_cells(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path / "甲.csv", tmp_path / "home", HEADINGS)
    rejects.add(Record(12, ("1.23E+15", "两行\n内容")), Refused("工单编号", "1.23E+15", "编号丢失"))
    said = rejects.close()
    path = tmp_path / "甲.csv.rejects.csv"
    assert rejects.path == path
    assert str(path) in said
    assert records(path) == [
        ["行号", "列", "值", "原因", "工单编号", "诉求内容"],
        ["12", "工单编号", "1.23E+15", "编号丢失", "1.23E+15", "两行\n内容"],
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe(f"a{cell}") == f"a{cell}"
    assert meant(safe(cell)) == cell


def test_an_apostrophe_of_ones_own_stays() -> None:
    assert meant("'tis") == "'tis"


def test_a_run_without_end_leaves_nothing(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path / "甲.csv", tmp_path / "home", HEADINGS)
    rejects.drop()
    rejects.add(Record(2, ("a", "b")), Refused("工单编号", "a", "甲"))
    rejects.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path / "没有这个文件夹" / "甲.csv", tmp_path / "home", HEADINGS)
    rejects.add(Record(2, ("a", "b")), Refused("工单编号", "a", "甲"))
    said = rejects.close()
    assert rejects.path is not None
    assert rejects.path.parent == tmp_path / "home"
    assert "不可写" in said
    assert len(records(rejects.path)) == 2


def test_nowhere_to_write(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    rejects = Rejects(tmp_path / "没有" / "甲.csv", tmp_path / "home", HEADINGS)
    with pytest.raises(Unusable, match="不可写"):
        rejects.add(Record(2, ("a", "b")), Refused("工单编号", "a", "甲"))


def test_a_clean_run_removes_the_old_rejects_and_says_so(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path / "甲.csv", tmp_path / "home", HEADINGS)
    rejects.add(Record(2, ("a", "b")), Refused("工单编号", "a", "甲"))
    rejects.close()
    said = Rejects(tmp_path / "甲.csv", tmp_path / "home", HEADINGS).close()
    assert "已删除" in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_ours_stays(tmp_path: Path) -> None:
    other = tmp_path / "甲.csv.rejects.csv"
    other.write_text("别人的文件\n")
    assert Rejects(tmp_path / "甲.csv", tmp_path / "home", HEADINGS).close() == ""
    assert other.read_text() == "别人的文件\n"
