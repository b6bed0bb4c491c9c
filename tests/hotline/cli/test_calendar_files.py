"""`hotline calendar export|import`: what goes out comes in again; problems are named by line, nothing written."""

import re
import shutil
import tomllib
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest

from dispatch.calendar import Calendar
from dispatch.decoding import CalendarFile, Days, Period, read_calendar
from hotline import clock
from hotline.cli.calendar_ import calendar
from hotline.cli.calendar_files import as_ics, as_toml
from tests.hotline.cli.conftest import Run

SAMPLE = Path(str(resources.files("hotline") / "sample" / "city"))
YEAR = "date,name,kind\n2027-01-01,元旦,rest\n2027-02-05,春节,rest\n2027-02-06,春节,work\n"


def read(path: Path) -> Calendar:
    return read_calendar(tomllib.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample's rules as they were before 2026 was published, with a remark of the city's own."""
    made = tmp_path / "规则"
    shutil.copytree(SAMPLE, made)
    text = (SAMPLE / "calendar.toml").read_text(encoding="utf-8")
    kept = [block for block in text.split("\n\n") if "2026" not in block]
    (made / "calendar.toml").write_text("\n\n".join(kept) + "\n# 本市没有另外的假日", encoding="utf-8")
    return made


@pytest.mark.parametrize("name", ["2026.csv", "2026.toml"])
def test_a_year_goes_out_and_comes_in_again(run: Run, folder: Path, tmp_path: Path, name: str) -> None:
    file, before = tmp_path / name, (folder / "calendar.toml").read_bytes()
    assert run(calendar, "export", "--year", "2026", "--out", file).exit_code == 0
    done = run(calendar, "import", file, "--into", folder, "--source", "国办发明电〔2025〕7号")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "放假 33 天，调休上班 6 天" in done.stdout
    assert "注意" not in done.stdout, "33 less 6 and the weekends are the thirteen legal holidays"
    assert read(folder / "calendar.toml") == read(SAMPLE / "calendar.toml")
    assert (folder / "calendar.toml").read_bytes().startswith(before), "what was there stays as it was"
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in SAMPLE.iterdir())


def test_the_whole_calendar_goes_out_as_it_is(run: Run) -> None:
    assert read_calendar(tomllib.loads(run(calendar, "export").stdout)) == read(SAMPLE / "calendar.toml")


@pytest.mark.usefixtures("city")
def test_what_is_in_force_goes_out(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    assert "甲市" in run(calendar, "export", "--out", file, "--format", "csv").stdout
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[:2] == ["date,name,kind", "2025-01-01,元旦,rest"]
    assert lines[-1] == "2026-10-10,国庆节,work"
    assert len(lines) == 1 + 28 + 5 + 33 + 6


@pytest.mark.parametrize(("words", "said"), [
    (("--year", "2030"), "日历里没有 2030 年"),
    (("--out", "{folder}/calendar.toml"), "文件已存在"),
    (("--out", "{folder}/无/a.csv"), "写不进去"),
])  # fmt: skip
def test_what_cannot_go_out(run: Run, folder: Path, words: tuple[str, ...], said: str) -> None:
    before = (folder / "calendar.toml").read_bytes()
    done = run(calendar, "export", *(word.format(folder=folder) for word in words))
    assert (done.exit_code, said in done.stderr) == (2, True)
    assert (folder / "calendar.toml").read_bytes() == before


def test_icalendar(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 2, 1, 0, tzinfo=UTC))
    said = run(calendar, "export", "--format", "ics", "--year", "2026").stdout_bytes.decode()
    assert said.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert said.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert said.count("BEGIN:VEVENT") == 7 + 6
    assert (
        "BEGIN:VEVENT\r\nUID:20261001-rest@hotline-grid\r\nDTSTAMP:20261102T010000Z\r\nDTSTART;VALUE=DATE:20261001\r\n"
        "DTEND;VALUE=DATE:20261008\r\nSUMMARY:国庆节（休）\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT\r\n"
    ) in said
    assert "DTSTART;VALUE=DATE:20261010\r\nDTEND;VALUE=DATE:20261011\r\nSUMMARY:国庆节调休（班）" in said


def test_names_with_odd_characters() -> None:
    period = Period(name='“甲"年', source="乙\\丙", since=date(2026, 1, 1), until=date(2026, 12, 31))
    name = "，".join(["长", 'a,b;c\\"'] * 12)
    file = CalendarFile(period=(period,), rest=(Days(date=date(2026, 1, 1), name=name),), zone="Asia/Urumqi", name="丁")
    data = tomllib.loads(as_toml(file))
    assert (data["rest"][0]["name"], data["period"][0]["source"], data["zone"]) == (name, "乙\\丙", "Asia/Urumqi")
    lines = as_ics(file, None, datetime(2026, 1, 1, tzinfo=UTC)).split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    whole = "\r\n".join(lines).replace("\r\n ", "")
    summary = re.search("SUMMARY:(.*)\r\n", whole)
    assert summary is not None
    assert re.sub(r"\\(.)", r"\1", summary[1]) == f"{name}（休）"


@pytest.mark.parametrize(("rows", "line", "said"), [
    ("2027-02-05,春节,rest",   5, "2027-02-05（周五）写了两次，另见第3行"),
    ("2027-02-06,春节,rest",   5, "2027-02-06（周六）既是休息日又是上班日，另见第4行"),
    ("2027-02-09,春节,work",   5, "2027-02-09（周二）不在周末，不会是调休上班的日子"),
    ("2028-01-03,元旦,rest",   5, "2028-01-03（周一）不在 2027-01-01 至 2027-12-31 之内"),
    ("2072-02-07,春节,rest",   5, "2072-02-07（周日）不在 2027-01-01 至 2027-12-31 之内"),
    ("2026-10-01,国庆节,rest", 5, "2026-10-01（周四）在日历里已经写过"),
    ("2027-02-30,春节,rest",   5, "这一天不存在"),
    ("明天,春节,rest",         5, "不是能识别的日期"),
    ("2027-02-08,,rest",       5, "没有写节日名称"),
    ("\n2027-02-08,春节,x",    6, "类别“x”看不懂"),
])  # fmt: skip
def test_each_problem_is_named_by_its_line(run: Run, tmp_path: Path, rows: str, line: int, said: str) -> None:
    file, into = tmp_path / "2027.csv", tmp_path / "规则"
    file.write_text(f"{YEAR}{rows}\n", encoding="utf-8")
    shutil.copytree(SAMPLE, into)
    done = run(calendar, "import", file, "--into", into)
    assert done.exit_code == 1
    assert re.search(rf"^第{line}行\t.*{re.escape(said)}", done.stdout, re.MULTILINE)
    assert "共 1 处问题，没有写入" in done.stdout
    assert (into / "calendar.toml").read_bytes() == (SAMPLE / "calendar.toml").read_bytes()


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(f"{YEAR}2027-02-09,春节,work\nx,y,rest\n2027-02-05,春节,rest\n", encoding="utf-8")
    done = run(calendar, "import", file)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()[:-1]] == ["第5行", "第6行", "第7行"]


@pytest.mark.parametrize(("year", "said"), [
    ("2026", "“2026年”与日历已有的日期重叠：2026-01-01 至 2026-12-31"),
    ("2028", "“2028年”须紧接日历已有的日期，从 2027-01-01 开始"),
    ("2023", "“2023年”须紧接日历已有的日期，到 2024-12-31 为止"),
])  # fmt: skip
def test_years_follow_each_other(run: Run, tmp_path: Path, year: str, said: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"date,name,kind\n{year}-05-01,劳动节,rest\n", encoding="utf-8")
    done = run(calendar, "import", file)
    assert (done.exit_code, f"全文\t{said}" in done.stdout) == (1, True)


def test_without_a_folder_nothing_is_written_but_shown(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_bytes(YEAR.replace("rest", "休").encode("gb18030"))
    done = run(calendar, "import", file)
    assert done.exit_code == 0
    assert '[[work]]\ndate = 2027-02-06\nname = "春节"' in done.stdout
    assert 'source = "由 2027.csv 导入，待核对"' in done.stdout
    assert "周一至周五放假 2 天，周末上班 1 天，相差 1 天；法定节假日是 13 天" in done.stdout
    assert "没有写入" in done.stdout


def test_a_notice_may_reach_into_the_year_before(run: Run, tmp_path: Path) -> None:
    """As that of 2019 did: rest on 2018-12-31 for it, work on Saturday 2018-12-29."""
    into, file = tmp_path / "规则", tmp_path / "2027.csv"
    shutil.copytree(SAMPLE, into)
    file.write_text(f"{YEAR}2026-12-31,元旦,rest\n2026-12-26,元旦,work\n", encoding="utf-8")
    done = run(calendar, "import", file, "--into", into)
    assert "2026-12-31（元旦）在日历已有的年份里，一并写入" in done.stdout
    found = read(into / "calendar.toml")
    assert (found.until, found.rest[date(2026, 12, 31)]) == (date(2027, 12, 31), "元旦")
    assert date(2026, 12, 26) in found.work


@pytest.mark.parametrize(("text", "line", "said"), [
    ("[[rest]]\ndate = 2027-02-05\nuntil = 2027-02-04\nname = '春节'\n", 8, "2027-02-04 早于 2027-02-05"),
    ("[[rest]]\ndate = 2027-02-05\nuntil = 2027-02-07\nname = '春节'\n[[work]]\ndate = 2027-02-07\nname = '春节'\n",
     12, "2027-02-07（周日）既是休息日又是上班日，另见第8行"),
])  # fmt: skip
def test_problems_of_a_toml_plan(run: Run, tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "2027.toml"
    head = "# 2027\n[[period]]\nname = '2027年'\nsource = ''\nsince = 2027-01-01\nuntil = 2027-12-31\n"
    file.write_text(head + text, encoding="utf-8")
    done = run(calendar, "import", file)
    assert (done.exit_code, f"第{line}行\t{said}" in done.stdout) == (1, True), done.stdout


@pytest.mark.parametrize(("name", "text", "said"), [
    ("a.csv",  "日,名,类\n2027-01-01,元旦,休\n",  "第一行须是列名 date、name、kind"),
    ("a.csv",  "date,name,kind\n",                "没有读到任何日子"),
    ("a.csv",  "date,name,kind\nx,y,rest\n",      "没有读到任何日子：第2行，“x”不是能识别的日期"),
    ("a.toml", "period = 1\n",                    "类型不对"),
    ("a.toml", "[[period]\n",                     "不是正确的 TOML"),
    ("a.ics",  "BEGIN:VCALENDAR\n",               "不读 iCalendar 文件"),
])  # fmt: skip
def test_files_that_are_no_plan(run: Run, tmp_path: Path, name: str, text: str, said: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    done = run(calendar, "import", file)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_a_whole_calendar_is_no_plan(run: Run) -> None:
    done = run(calendar, "import", SAMPLE / "calendar.toml")
    assert (done.exit_code, "写了 2 段" in done.stderr) == (2, True)


def test_a_folder_that_cannot_be_written(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into, file = tmp_path / "规则", tmp_path / "2027.csv"
    shutil.copytree(SAMPLE, into)
    file.write_text(YEAR, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run(calendar, "import", file, "--into", into)
    assert (done.exit_code, "写不进去（No space left on device）" in done.stderr) == (2, True)
    assert (into / "calendar.toml").read_bytes() == (SAMPLE / "calendar.toml").read_bytes()
    assert not [path for path in into.iterdir() if path.name.startswith(".")], "no draft is left"
