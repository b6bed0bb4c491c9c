"""`hotline rules check`; the ways from one edition to the next are in test_editions."""

import json
from pathlib import Path
from typing import Any

import pytest

from hotline.cli.city import city as cities
from hotline.cli.people import people
from hotline.cli.rules import rules
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("诉求内容", "处置单位", "行业分类1级")


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    file = write(tmp_path / "h.csv", [("甲", "环卫所", "垃圾")] * 5, HEADINGS)
    run(cities, "learn", file, "--out", tmp_path / "规则", "--edition", "e.1", "--region", "yi", "--short", "YS")
    return tmp_path / "规则"


def test_check_a_folder_needs_no_database(run: Run, folder: Path, home: Path) -> None:
    (home / "hotline.db").unlink()
    done = run(rules, "check", folder)
    assert done.exit_code == 0
    assert "规则版本 e.1" in done.stdout


def test_check_fails_on_an_error(run: Run, folder: Path) -> None:
    path = folder / "promises.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('after = "route"', 'after = "sign"'), encoding="utf-8")
    done = run(rules, "check", folder, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert any(one["severity"] == "error" and "从签收起算" in one["message"] for one in told["findings"])
    assert "错误\t$.promise" in run(rules, "check", folder).stdout
    refused = run(cities, "apply", folder)
    assert refused.exit_code == 2
    assert "没有启用" in refused.stderr


def test_a_folder_is_checked_whole_and_not_built_where_it_errs(run: Run, folder: Path) -> None:
    path = folder / "duty.csv"
    row = "{0},{1},,{2},,,,,,{3},0\n"
    unit = path.read_text(encoding="utf-8").splitlines()[1].split(",")[3]
    extra = [row.format("X1", "99", unit, ""), row.format("X2", "98", "nobody", "")]
    path.write_text(path.read_text(encoding="utf-8") + "".join(extra), encoding="utf-8")
    done = run(rules, "check", folder)
    assert done.exit_code == 1
    assert all(f"错误\tduty.csv[{one}" in done.stdout for one in ("X1].area", "X2].area", "X2].unit"))
    assert "说明\tunits.csv\t只检查文件夹，没有核对各单位有无在岗人员" in done.stdout


def test_a_folder_that_cannot_be_built_is_refused(run: Run, folder: Path) -> None:
    (folder / "leaders.csv").write_text(
        "login,name,grid,duty,since\na,甲,nowhere,leader,2026-01-01\n", encoding="utf-8"
    )
    done = run(rules, "check", folder)
    assert (done.exit_code, "leaders.csv:2.grid" in done.stderr) == (2, True)


@pytest.mark.parametrize("most", [0, 21])
def test_a_number_of_photos_no_form_can_keep_is_told_with_its_line(run: Run, folder: Path, most: int) -> None:
    path = folder / "city.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("\nmost = 9\n", f"\nmost = {most}\n"), encoding="utf-8")
    done = run(rules, "check", folder)
    assert done.exit_code != 0
    assert "$.photos.most" in done.output


def test_check_on_a_day(run: Run, folder: Path) -> None:
    path = folder / "duty.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[9] = "2030-06-30"
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    over, gap = f"duty.csv[{cells[0]}]\t已于2030-06-30失效", f"areas.csv[{cells[1]}"
    before, after = (run(rules, "check", folder, "--on", day).stdout for day in ("2030-06-30", "2030-07-01"))
    assert (over in before, gap in before) == (False, False)
    assert (over in after, gap in after) == (True, True)


@pytest.mark.usefixtures("city")
def test_check_what_is_in_force(run: Run) -> None:
    told = json.loads(run(rules, "check", "--json").stdout)
    assert told["edition"] == "t.1"
    alone = _alone(told)
    unit = min(alone)
    assert run(people, "add", "gan01", "--role", "unit", "--unit", unit, "--no-password").exit_code == 0
    assert alone - _alone(json.loads(run(rules, "check", "--json").stdout)) == {unit}
    run(people, "close", "gan01")
    assert _alone(json.loads(run(rules, "check", "--json").stdout)) == alone


def _alone(told: Any) -> set[str]:
    """Return the codes of the units that are said to have nobody."""
    return {one["where"][len("units.csv[") : -1] for one in told["findings"] if "没有在岗人员" in one["message"]}
