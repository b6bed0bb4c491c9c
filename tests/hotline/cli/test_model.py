"""`hotline model train|evaluate|predict|list`."""

import json
from pathlib import Path

import pytest

from hotline.cli.city import city as cities
from hotline.cli.model import model
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("诉求内容", "行业分类1级", "行业分类2级")
SAID = {
    ("市容", "垃圾"): "小区{}门口垃圾堆了很久没有人清运",
    ("市政", "路灯"): "第{}号路上的路灯坏了晚上很黑",
    ("治安", ""): "楼上{}室深夜打架报警没人管",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [(text.format(n), *area) for area, text in SAID.items() for n in range(12)]
    return write(tmp_path / "h.csv", [*rows, ("树倒了", "园林", "树木")], HEADINGS)


@pytest.mark.usefixtures("city")
def test_train_list_predict_evaluate(run: Run, file: Path) -> None:
    done = run(model, "train", file, "--out", "第一版", "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (told["name"], told["rows"], told["samples"], told["unknown"]) == ("第一版", 37, 36, {"园林/树木": 1})
    listed = json.loads(run(model, "list", "--json").stdout)
    assert [(one["name"], one["active"]) for one in listed] == [("第一版", True)]
    guess = json.loads(run(model, "predict", "--text", "我家门口的垃圾没有人清运", "--json").stdout)
    assert guess["candidates"][0]["label"] == "市容/垃圾"
    report = json.loads(run(model, "evaluate", file, "--model", "第一版", "--json").stdout)["report"]
    assert (report["n"], report["accuracy"]) == (36, 1.0)


@pytest.mark.usefixtures("city")
def test_words(run: Run, file: Path) -> None:
    said = run(model, "train", file, "--out", "甲").stdout
    assert "可用样本 36 条" in said
    assert "园林/树木 1" in said
    assert "模型 甲 已启用" in said
    assert "* 甲" in run(model, "list").stdout
    assert "市容/垃圾" in run(model, "predict", "--text", "垃圾没有人清运").stdout
    assert "正确率 100.0%" in run(model, "evaluate", file).stdout


@pytest.mark.usefixtures("city")
def test_a_model_of_other_areas_is_refused_in_words(run: Run, file: Path, tmp_path: Path) -> None:
    run(model, "train", file, "--out", "甲")
    other = write(tmp_path / "o.csv", [("甲", "公园局", "公园")] * 4, ("诉求内容", "处置单位", "行业分类1级"))
    run(cities, "learn", other, "--apply")
    done = run(model, "predict", "--text", "垃圾")
    assert done.exit_code == 2
    assert "模型不能使用" in done.stderr
    assert "重新训练" in done.stderr
    assert "不能用" in run(model, "list").stdout


@pytest.mark.usefixtures("city")
def test_nothing_to_learn_from(run: Run, tmp_path: Path) -> None:
    done = run(model, "train", write(tmp_path / "x.csv", [("甲", "园林", "树木")], HEADINGS))
    assert done.exit_code == 2
    assert "园林/树木" in done.stderr
    assert run(model, "predict", "--text", "甲").exit_code == 2
    assert "没有名为 乙 的模型" in run(model, "predict", "--text", "甲", "--model", "乙").stderr
    assert run(model, "list").stdout == "还没有训练过模型\n"
