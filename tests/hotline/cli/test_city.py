"""`hotline city learn|apply|show`: from a file to rules in force."""

import json
from pathlib import Path

import pytest

from hotline import city as cities
from hotline import rulefiles
from hotline.cli.city import city
from hotline.cli.intake import intake
from hotline.flow.editions import showcase
from hotline.sample import plant, staff
from hotline.store import db
from tests.hotline.channels.cast import NOW, write
from tests.hotline.cli.conftest import Run

HEADINGS = ("工单编号", "诉求内容", "处置单位", "行业分类1级", "行业分类2级", "辖区", "镇街", "村居", "受理时间")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [
        (f"A-{n:04d}", f"第{n}堆垃圾", "环卫所", "市容", "垃圾", "甲区", "清河街道", "柳园社区", "2026-03-02")
        for n in range(5)
    ]
    return write(tmp_path / "history.csv", rows, HEADINGS)


def test_learn_writes_files_to_review(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "规则"
    told = json.loads(run(city, "learn", file, "--name", "乙市", "--out", out, "--json").stdout)
    assert (told["tickets"], told["areas"], told["units"], told["places"], told["duty"]) == (5, 2, 1, 3, 1)
    assert told["applied"] is False
    assert sorted(path.name for path in out.iterdir()) == [
        "areas.csv", "calendar.toml", "city.toml", "danger.toml", "danger.tsv", "disputed.csv", "duty.csv",
        "ladder.toml", "learn.md", "places.csv", "promises.toml", "units.csv",
    ]  # fmt: skip
    assert "| 市容/垃圾 | 全市 | 环卫所 | 5 | 100% |" in (out / "learn.md").read_text(encoding="utf-8")
    assert "第0堆垃圾" not in "".join(path.read_text(encoding="utf-8") for path in out.iterdir()), (
        "no text of a citizen"
    )
    assert run(city, "show").exit_code == 2, "nothing is in force yet"


def test_reviewed_files_are_applied(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "规则"
    run(city, "learn", file, "--name", "乙市", "--out", out, "--edition", "e.1", "--region", "yi", "--short", "YS")
    done = run(city, "apply", out)
    assert done.exit_code == 0
    assert "乙市的规则版本 e.1 已启用" in done.stdout
    shown = json.loads(run(city, "show", "--json").stdout)
    assert (shown["region"], shown["short"], shown["edition"], shown["units"]) == ("yi", "YS", "e.1", 1)
    assert "乙市" in run(city, "show").stdout


def test_learn_and_apply_at_once_then_replay(run: Run, file: Path) -> None:
    done = run(city, "learn", file, "--name", "乙市", "--apply")
    assert done.exit_code == 0
    assert done.stdout.endswith("已启用\n")
    told = json.loads(run(intake, file, "--source", "12345", "--replay", "--json").stdout)
    assert (told["accepted"], told["routed"] + told["joined"]) == (5, 5)


@pytest.mark.usefixtures("city")
def test_a_learned_city_keeps_region_and_short(run: Run, file: Path) -> None:
    run(city, "learn", file, "--name", "乙市", "--apply")
    shown = json.loads(run(city, "show", "--json").stdout)
    assert (shown["name"], shown["region"], shown["short"]) == ("乙市", "test", "JS")


def test_one_column_as_area(run: Run, file: Path, tmp_path: Path) -> None:
    told = json.loads(run(city, "learn", file, "--area", "行业分类2级", "--out", tmp_path / "o", "--json").stdout)
    assert told["areas"] == 1


def test_a_rule_file_with_a_typo_is_refused_with_its_path(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "规则"
    run(city, "learn", file, "--out", out)
    path = out / "promises.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("days = 3", "dayz = 3", 1), encoding="utf-8")
    done = run(city, "apply", out)
    assert done.exit_code == 2
    assert "promises.toml:" in done.stderr
    assert "dayz" in done.stderr


def test_duty_for_an_unknown_unit_stops_activation(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "规则"
    run(city, "learn", file, "--out", out)
    path = out / "duty.csv"
    head, row, *_ = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([head, row.replace(row.split(",")[3], "nobody")]) + "\n", encoding="utf-8")
    done = run(city, "apply", out)
    assert done.exit_code == 2
    assert "nobody" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--short", "a1"), "2 到 4 个大写字母"), (("--area", "没有这列"), "没有这列")],
)
def test_refusals(run: Run, file: Path, words: tuple[str, ...], said: str) -> None:
    done = run(city, "learn", file, *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_no_folder(run: Run, tmp_path: Path) -> None:
    done = run(city, "apply", tmp_path / "无")
    assert done.exit_code == 2
    assert "缺少这个规则文件" in done.stderr


def test_a_city_of_its_own_closes_the_sample_accounts(run: Run, file: Path, tmp_path: Path, home: Path) -> None:
    db.bind(f"sqlite+pysqlite:///{home / 'hotline.db'}")
    with db.transaction() as session:
        cities.apply(session, rulefiles.read_folder(plant.FOLDER), cities.BY_SAMPLE, NOW)
        staff.hire(session, "sample", staff.read(plant.FOLDER), NOW)
    assert run(city, "learn", file, "--out", tmp_path / "new").exit_code == 0
    done = run(city, "apply", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert "11 个示例账号（密码公开）已停用" in done.output
    with db.reading() as session:
        assert showcase.still_public(session) == []
