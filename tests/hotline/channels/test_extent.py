"""What a small file may unfold to is asked before anything is built; the rest of the office goes on whatever it is."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from hotline.channels import extent, unfold, workbook
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.channels.cast import bring, door, small_city, use_empty

HEADINGS = ("工单编号", "诉求内容", "诉求地址", "联系人")
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData></worksheet>'


def book(path: Path, fill: Callable[[xlsxwriter.Workbook, "xlsxwriter.worksheet.Worksheet"], None]) -> Path:
    with xlsxwriter.Workbook(str(path)) as out:
        sheet = out.add_worksheet("工单")
        sheet.write_row(0, 0, HEADINGS)
        for line in range(1, 4):
            sheet.write_row(line, 0, (f"A-{line:04}", f"第{line}盏路灯不亮", "柳园社区3号楼", "某人"))
        fill(out, sheet)
    return path


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Return the file with one part written anew, as another program might have written it."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


def cells(row: int, *said: str) -> str:
    """Return a row of cells written out in place."""
    told = "".join(f'<c t="inlineStr"><is><t>{one}</t></is></c>' for one in said)
    return f'<row r="{row}">{told}</row>'


FAR = [
    (1_048_575, 16_383, "XFD1048576", "own"), (1_048_575, 5, "F1048576", "own"), (3, 16_383, "XFD4", "own"),
    (1_048_575, 16_383, "XFD1048576", "another"), (900_000, 1, "B900001", "another"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "column", "where", "which"), FAR)
def test_one_far_cell_is_named_or_ignored(tmp_path: Path, row: int, column: int, where: str, which: str) -> None:
    def fill(out: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        (sheet if which == "own" else out.add_worksheet("附表")).write(row, column, "x")

    path = book(tmp_path / "甲.xlsx", fill)
    assert path.stat().st_size < 20_000
    if (row + 1) * max(column + 1, len(HEADINGS) if which == "own" else 1) <= extent.SPREAD:
        assert [one.line for one in open_sheet(path).records()][:4] == [1, 2, 3, 4]
        return
    with pytest.raises(Unusable, match=f"{where} 这一格离其余内容太远"):
        open_sheet(path)


def test_a_far_cell_that_is_only_coloured_is_nothing(tmp_path: Path) -> None:
    def fill(out: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        sheet.write_blank(1_048_575, 16_383, None, out.add_format({"bg_color": "red"}))

    assert len(list(open_sheet(book(tmp_path / "甲.xlsx", fill)).records())) == 4


def test_a_large_sheet_that_is_filled_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "甲.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as out:
        sheet = out.add_worksheet()
        for line in range(3000):
            sheet.write_row(line, 0, [f"{line}-{place}" for place in range(40)])
    found = list(open_sheet(path).records())
    assert (len(found), len(found[-1].cells), found[-1].line) == (3000, 40, 3000)


def bomb(path: Path, part: str, data: str) -> Path:
    return rewritten(book(path, lambda *_: None), part, lambda _: data)


@pytest.mark.parametrize(
    ("part", "data", "said"),
    [
        ("xl/worksheets/sheet1.xml", SHEET.format("", cells(1, "长" * 30_000_000)), "超出能读的范围"),
        ("xl/sharedStrings.xml", f"<sst><si><t>{'长' * 30_000_000}</t></si></sst>", "超出能读的范围"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row", "打不开"),
        ("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><workbook>&b;</workbook>', "DOCTYPE"),
    ],
    ids=["a long text", "a long shared text", "cut off", "entities"],
)
def test_what_unfolds_to_too_much_or_to_nothing_is_one_sentence(
    tmp_path: Path, part: str, data: str, said: str
) -> None:
    path = bomb(tmp_path / "甲.xlsx", part, data)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(Unusable, match=said):
        open_sheet(path)


def test_one_text_repeated_in_every_cell_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        for line in range(10, 200):
            sheet.write_row(line, 0, ["长" * 1000] * 20)

    path = book(tmp_path / "甲.xlsx", fill)
    extent.survey(path)
    monkeypatch.setattr(extent, "REPEATED", 1_000_000)
    with pytest.raises(extent.TooMuch, match="展开"):
        extent.survey(path)


def test_a_process_that_dies_costs_the_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "甲.xlsx", lambda *_: None)
    monkeypatch.setattr(workbook.sys, "executable", "/bin/false")
    with pytest.raises(Unusable, match="没有读完"):
        open_sheet(path)


def test_the_process_is_limited(tmp_path: Path) -> None:
    code = (
        "import sys, resource; from pathlib import Path; from hotline.channels import unfold; unfold.MEMORY = 2**28;"
        "unfold.extent.survey = lambda path: {} ; unfold.main(Path(sys.argv[1]), sys.stdout.buffer)"
    )
    path = book(tmp_path / "甲.xlsx", lambda _, sheet: sheet.write(1_048_575, 16_383, "x"))
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False)
    assert done.returncode != 0


def test_rows_may_be_read_twice_and_left_half_read(tmp_path: Path) -> None:
    sheet = open_sheet(book(tmp_path / "甲.xlsx", lambda *_: None))
    assert next(iter(sheet.records())).cells == HEADINGS
    assert len(list(sheet.records())) == len(list(sheet.records())) == 4


# --- cells without a value -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city() -> City:
    return small_city()


def broken(path: Path) -> Path:
    """Return a file in which single cells of single rows are errors, never reckoned, not a number or without bounds."""

    def fill(_: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        sheet.write_formula(1, 1, "=VLOOKUP(1,A:B,2)", None, "#N/A")
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(3, 3, "=foo", None, "#NAME?")
        sheet.write_row(4, 0, ("A-0004", "第4盏路灯不亮", "柳园社区", "某人"))
        sheet.write_row(5, 0, ("A-0005", "第5盏路灯不亮", "柳园社区", "某人"))
        sheet.write_formula(6, 0, '="T9"&"006"', None, "")
        sheet.write_row(6, 1, ("第6盏路灯不亮", "柳园社区", "某人"))
        sheet.write_row(7, 0, ("A-0007", "第7盏路灯不亮", "柳园社区", "某人"))
        sheet.write_number(4, 4, 123456)
        sheet.write_number(7, 3, 654321)

    def spoiled(xml: str) -> str:
        return xml.replace("<v>123456</v>", "<v>1e999</v>").replace("<v>654321</v>", "<v>NaN</v>")

    return rewritten(book(path, fill), "xl/worksheets/sheet1.xml", spoiled)


def test_a_row_is_refused_with_what_stands_in_its_cell_and_the_others_are_taken(
    city: City, database_url: str, tmp_path: Path
) -> None:
    use_empty(database_url)
    path = broken(tmp_path / "甲.xlsx")
    closing = bring(door(city, tmp_path, batch=10), path)
    lines = path.with_name("甲.xlsx.rejects.csv").read_text("utf-8-sig").splitlines()[1:]
    refused = {int(line.split(",")[0]): line for line in lines}
    words = {2: "#N/A", 3: "#DIV/0!", 5: "inf", 7: "T9"}
    assert set(refused) == set(words)
    assert [line for line, word in words.items() if word not in refused[line]] == []
    assert (closing.accepted, closing.rejected) == (3, 4)
    with db.reading() as session:
        taken = session.execute(METADATA.tables["ticket"].select()).mappings().all()
    assert {row["source_ref"] for row in taken} == {"A-0003", "A-0005", "A-0007"}
    notes = {row["source_ref"]: row["extra"].get("导入说明", "") for row in taken}
    assert "联系人写的是“#NAME?”" in notes["A-0003"]
    assert "联系人写的是“nan”" in notes["A-0007"]


def test_cells_stand_where_they_stand(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        sheet.write_formula(9, 2, "=1/0", None, "#DIV/0!")
        sheet.write(9, 3, "右")

    last = list(open_sheet(book(tmp_path / "甲.xlsx", fill)).records())[-1]
    assert (last.line, last.cells) == (10, ("", "", "#DIV/0!", "右"))
    assert unfold.text(float("nan")) == "nan"
