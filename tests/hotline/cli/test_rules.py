"""`hotline rules check|diff`."""

import json
from pathlib import Path

import pytest

from hotline.cli.city import city as cities
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


@pytest.mark.usefixtures("city")
def test_check_what_is_in_force(run: Run) -> None:
    assert json.loads(run(rules, "check", "--json").stdout)["edition"] == "t.1"


def test_diff_of_editions_and_folders(run: Run, folder: Path) -> None:
    run(cities, "apply", folder)
    assert "没有不同" in run(rules, "diff", folder).stdout
    path = folder / "city.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("e.1", "e.2"), encoding="utf-8")
    assert json.loads(run(rules, "diff", "e.1", folder, "--json").stdout) == {
        "city.toml": ['-edition = "e.1"', '+edition = "e.2"']
    }
    assert "== city.toml" in run(rules, "diff", "e.1", folder).stdout


def test_no_such_edition(run: Run) -> None:
    done = run(rules, "diff", "无")
    assert done.exit_code == 2
    assert "没有名为 无" in done.stderr
