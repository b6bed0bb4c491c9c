"""`hotline calendar add`: with a city in force, with a file, and with nothing at all."""

import json
from importlib import resources
from pathlib import Path

import pytest

from hotline.cli.calendar_ import calendar
from tests.hotline.cli.conftest import Run

SAMPLE = Path(str(resources.files("hotline") / "sample" / "city"))


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("words", "moment"),
    [
        (("--days", "3", "--kind", "working"), "2026-10-11T00:00:00+08:00"),
        (("--days", "3"), "2026-10-04T00:00:00+08:00"),
        (("--days", "3", "--roll", "next_working"), "2026-10-09T00:00:00+08:00"),
        (("--days", "1", "--ends", "same_time"), "2026-10-01T16:00:00+08:00"),
        (("--hours", "2"), "2026-09-30T18:00:00+08:00"),
        (("--hours", "2", "--kind", "working"), "2026-10-08T09:30:00+08:00"),
    ],
)
def test_moments(run: Run, words: tuple[str, ...], moment: str) -> None:
    told = json.loads(run(calendar, "add", "2026-09-30 16:00", *words, "--json").stdout)
    assert told["moment"] == moment


@pytest.mark.usefixtures("city")
def test_counted_and_skipped_days_are_printed(run: Run) -> None:
    said = run(calendar, "add", "2026-09-30 16:00", "--days", "1", "--kind", "working").stdout
    assert "到期\t2026-10-08 24:00" in said
    assert "计入\t10-08" in said
    assert "10-01国庆节" in said


@pytest.mark.parametrize("words", [(), ("--days", "1", "--hours", "1"), ("--days", "-1")])
def test_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(calendar, "add", "2026-09-30 16:00", *words).exit_code == 2


def test_a_day_that_does_not_exist(run: Run) -> None:
    done = run(calendar, "add", "2026-02-30", "--days", "1")
    assert done.exit_code == 2
    assert "不存在" in done.stderr


@pytest.mark.parametrize(("start", "words", "moment", "counted", "skipped"), [
    ("2026-09-30 16:00", "--days 3 --kind working", "2026-10-11T00:00:00+08:00", "10-08 10-09 10-10", 7),
    ("2026-02-13 16:00", "--days 3 --kind working", "2026-02-26T00:00:00+08:00", "02-14 02-24 02-25", 9),
    ("2026-09-30 16:00", "--days 3 --kind natural", "2026-10-04T00:00:00+08:00", "10-01 10-02 10-03", 0),
    ("2025-12-31 23:59", "--days 1 --kind working", "2026-01-05T00:00:00+08:00", "01-04", 3),
    ("2026-10-03 10:00", "--days 0 --kind working", "2026-10-04T00:00:00+08:00", "10-03", 0),
    ("2026-10-03 10:00", "--hours 1 --kind working", "2026-10-08T10:00:00+08:00", "10-08", 5),
    ("2026-10-03 10:00", "--hours 0 --kind working", "2026-10-03T10:00:00+08:00", "", 0),
    ("2026-09-29 12:30", "--hours 1 --kind working", "2026-09-29T14:30:00+08:00", "09-29", 0),
    ("2026-09-29 09:00", "--hours 3 --kind working", "2026-09-29T12:00:00+08:00", "09-29", 0),
    ("2026-12-31 23:00", "--hours 2 --kind natural", "2027-01-01T01:00:00+08:00", "12-31 01-01", 0),
    ("2026-09-30T16:30:00+00:00", "--days 1", "2026-10-03T00:00:00+08:00", "10-02", 0),
])  # fmt: skip
def test_an_empty_database_counts_by_the_sample(
    run: Run, start: str, words: str, moment: str, counted: str, skipped: int
) -> None:
    told = json.loads(run(calendar, "add", start, *words.split(), "--json").stdout)
    assert (told["moment"], told["calendar"]["origin"]) == (moment, "sample")
    assert " ".join(day[5:] for day in told["counted"]) == counted
    assert len(told["skipped"]) == skipped
    assert all(day["name"] for day in told["skipped"])


@pytest.mark.parametrize("state", ["no database", "no tables", "no city"])
def test_without_a_city_it_says_whose_calendar_it_used(run: Run, home: Path, state: str) -> None:
    if state != "no city":
        (home / "hotline.db").unlink()
    if state == "no tables":
        (home / "hotline.db").touch()
    done = run(calendar, "add", "2026-09-30 16:00", "--days", "1")
    assert "日历\t示例区" in done.stdout
    assert "数据库里没有生效的城市规则，用了示例区的日历" in done.stdout
    assert (home / "hotline.db").exists() is (state != "no database"), "asking leaves no traces"


@pytest.mark.usefixtures("city")
def test_a_city_in_force_is_named(run: Run) -> None:
    said = run(calendar, "add", "2026-09-30 16:00", "--days", "1").stdout
    assert "日历\t甲市" in said
    assert "示例区" not in said


def test_a_file_asks_no_database(run: Run, home: Path, tmp_path: Path) -> None:
    (home / "hotline.db").write_bytes(b"not a database")
    file = tmp_path / "calendar.toml"
    days = '[[period]]\nname = "甲"\nsource = "乙"\nsince = 2026-01-01\nuntil = 2026-12-31\n'
    file.write_text(f'hours = [["08:00", "12:00"]]\n{days}', encoding="utf-8")
    words = ("add", "2026-09-30 11:00", "--hours", "2", "--kind", "working", "--calendar", file)
    assert json.loads(run(calendar, *words, "--json").stdout)["moment"] == "2026-10-01T09:00:00+08:00"
    assert str(file) in run(calendar, *words).stdout
    assert "没有编码为 x 的承办单位" in run(calendar, *words, "--unit", "x").stderr
    (tmp_path / "units.csv").write_text("\ufeffcode,name,hours\nx,某厂,24h\n", encoding="utf-8")
    told = json.loads(run(calendar, *words, "--unit", "x", "--json").stdout)
    assert told["moment"] == "2026-09-30T13:00:00+08:00"


@pytest.mark.parametrize(("text", "said"), [
    ("[[period]", "不是正确的 TOML"),
    ("x = 1\n[[period]]", ":1 $.x"),
    ("[[period]]\nname='1'\nsource=''\nsince=2026-01-01\nuntil=2025-01-01\n", "晚于截止日"),
])  # fmt: skip
def test_a_file_that_is_no_calendar(run: Run, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(text, encoding="utf-8")
    done = run(calendar, "add", "2026-09-30", "--days", "1", "--calendar", file)
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize(("unit", "moment"), [
    ("rlgs", "2026-09-30T21:00:00+08:00"), ("gsgs", "2026-09-30T21:00:00+08:00"),
    ("gdgs", "2026-09-30T21:00:00+08:00"), ("rqgs", "2026-09-30T21:00:00+08:00"),
    ("cgj", "2026-10-08T14:00:00+08:00"),
])  # fmt: skip
def test_heat_water_power_and_gas_of_the_sample_never_close(run: Run, unit: str, moment: str) -> None:
    words = ("--hours", "4", "--kind", "working", "--unit", unit, "--json")
    assert json.loads(run(calendar, "add", "2026-09-30 17:00", *words).stdout)["moment"] == moment
