"""What `hotline model evaluate` says of what goes alone is what `hotline intake` then does."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from hotline.cli.city import city
from hotline.cli.intake import intake
from hotline.cli.model import model
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("工单编号", "诉求内容", "处置单位", "行业分类1级", "受理时间")
SENTENCES = {
    ("市容", "环卫所"): "小区{}门口垃圾堆了很久没有人清运",
    ("市政", "路灯所"): "第{}号路上的路灯坏了晚上很黑",
    ("治安", "派出所"): "楼上{}室深夜打架报警没人管",
}
START = date(2026, 1, 1)


def rows(first: int, count: int, units: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    """Return `count` tickets of each kind, a few a day from day `first` on; `units` renames who had them."""
    return [
        (
            f"T{area}{first + n:05d}",
            f"{text.format(first + n)}。请{unit}核实处理！",
            (units or {}).get(unit, unit),
            area,
            f"{START + timedelta(days=(first + n) // 5)}",
        )
        for (area, unit), text in SENTENCES.items()
        for n in range(count)
    ]


@pytest.fixture
def learned(run: Run, tmp_path: Path) -> Path:
    """The history of a city in force with both its models."""
    file = write(tmp_path / "h.csv", rows(0, 200), HEADINGS)
    run(city, "learn", file, "--name", "乙市", "--region", "yi", "--short", "YS", "--apply")
    done = run(model, "train", file, "--unit", "处置单位", "--out", "甲", "--json")
    assert json.loads(done.stdout)["unit"]["card"]["threshold_from"] == "bound"
    return file


def evaluated(run: Run, file: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads(run(model, "evaluate", file, "--unit", "处置单位", "--json").stdout)["alone"]
    return told


@pytest.mark.usefixtures("learned")
def test_what_is_foretold_of_later_tickets_is_what_intake_does(run: Run, tmp_path: Path) -> None:
    later = write(tmp_path / "later.csv", rows(300, 20), HEADINGS)
    told = evaluated(run, later)
    assert (told["n"], told["earlier"], told["unknown"]) == (60, 0, 0)
    whole = told["all"]
    assert isinstance(whole, dict)
    assert (whole["sent"] > 50, whole["wrong"], told["shown"]) == (True, 0, 1.0)
    assert sum(one["sent"] for one in told["sizes"]) == whole["sent"]  # type: ignore[attr-defined,index]  # read from JSON
    assert 0 == whole["low"] < whole["high"] < 0.08
    done = json.loads(run(intake, later, "--source", "12345", "--as-of", "2026-06-01 08:00", "--json").stdout)
    assert (done["accepted"], done["routed"]) == (60, whole["sent"])


def test_rows_it_learned_from_are_told_of(run: Run, learned: Path) -> None:
    assert evaluated(run, learned)["earlier"] == 600
    assert "不晚于训练样本" in run(model, "evaluate", learned, "--unit", "处置单位").stdout


@pytest.mark.usefixtures("learned")
def test_a_unit_that_was_renamed_counts_as_wrong(run: Run, tmp_path: Path) -> None:
    later = write(tmp_path / "later.csv", rows(300, 20, {"路灯所": "照明中心"}), HEADINGS)
    told = evaluated(run, later)
    assert (told["n"], told["unknown"]) == (60, 20)
    assert told["shown"] == pytest.approx(40 / 60)
    assert told["all"]["wrong"] == told["all"]["sent"] - 40 > 10, "they are sent, to the unit of old"
    words = run(model, "evaluate", later, "--unit", "处置单位").stdout
    assert "20 行的承办单位不在单位表中" in words
    assert "按单位规模：" in words
    assert "按单位组：" in words
