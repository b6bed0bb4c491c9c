"""`hotline model train|evaluate|predict|list`."""

import json
from pathlib import Path

import pytest

from hotline.cli.city import city as cities
from hotline.cli.model import model
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("诉求内容", "行业分类1级", "行业分类2级")
SENTENCES = {
    ("市容", "垃圾"): "小区{}门口垃圾堆了很久没有人清运",
    ("市政", "路灯"): "第{}号路上的路灯坏了晚上很黑",
    ("治安", ""): "楼上{}室深夜打架报警没人管",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [(text.format(n), *area) for area, text in SENTENCES.items() for n in range(12)]
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


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A file whose labels are not the city's, with two rows that say nothing."""
    said = {"供水": "第{}栋家里停水没有通知", "供电": "第{}栋突然停电电压不稳"}
    rows = [(text.format(n), label) for label, text in said.items() for n in range(12)]
    return write(tmp_path / "o.csv", [*rows, ("没有标签", ""), ("", "供水")], ("诉求内容", "职能"))


@pytest.mark.usefixtures("city")
def test_a_file_of_its_own_labels_is_learned_but_never_used(run: Run, others: Path) -> None:
    told = json.loads(run(model, "train", others, "--label", "职能", "--out", "乙", "--json").stdout)
    assert (told["own_labels"], told["active"], told["samples"], told["blank"]) == (True, False, 24, 2)
    assert told["card"]["own_labels"]
    assert "不能启用" in run(model, "list").stdout
    assert run(model, "predict", "--text", "停水").exit_code == 2, "no model is in use"
    guess = json.loads(run(model, "predict", "--text", "停水了", "--model", "乙", "--json").stdout)
    assert guess["candidates"][0]["label"] == "供水"
    assert guess["reasons"][0]["word"] in "停水了"
    assert sum(one["weight"] for one in guess["reasons"]) <= 1.001


@pytest.mark.usefixtures("city")
def test_evaluation_says_the_figures_at_the_top_and_draws_them(run: Run, others: Path, tmp_path: Path) -> None:
    run(model, "train", others, "--label", "职能", "--out", "乙")
    later = write(tmp_path / "l.csv", [("又停水了", "供水"), ("停电", "供电"), ("冒烟", "消防")], ("诉求内容", "职能"))
    page = tmp_path / "r.html"
    done = run(model, "evaluate", later, "--model", "乙", "--label", "职能", "--json", "--report", page)
    told = json.loads(done.stdout)
    assert (told["n"], told["unknown"]) == (3, 1), "a label the model never saw counts as wrong"
    assert told["accuracy"] == pytest.approx(2 / 3)
    assert {"macro_f1", "top3", "ece", "coverage", "error_when_automatic", "accuracy_at_80"} <= set(told)
    assert [row["label"] for row in told["per_class"]] == ["供水", "供电"]
    drawn = page.read_text(encoding="utf-8")
    assert drawn.count("<svg") == 3
    assert "停水了" not in drawn, "a report quotes nobody"
    assert "<script" not in drawn


@pytest.mark.usefixtures("city")
def test_routing_requests_are_left_in_only_where_asked(run: Run, tmp_path: Path, home: Path) -> None:
    rows = [(f"第{n}栋漏水", "甲") for n in range(6)] + [(f"第{n}栋停电", "乙") for n in range(6)]
    file = write(tmp_path / "k.csv", rows, ("诉求内容", "职能"))
    plain = json.loads(run(model, "train", file, "--label", "职能", "--out", "一", "--json").stdout)
    again = json.loads(run(model, "train", file, "--label", "职能", "--out", "二", "--json").stdout)
    assert plain["card"]["model_digest"] == again["card"]["model_digest"]
    assert run(model, "train", file, "--label", "职能", "--keep-routing").exit_code == 0


@pytest.mark.usefixtures("city")
def test_the_error_allowed_to_go_alone_is_the_citys_to_say(run: Run, others: Path) -> None:
    teach = (model, "train", others, "--label", "职能", "--json")
    for asked, floor in ((("--error", "0.2"), 0.8), (("--error", "0.05"), 0.95), ((), 0.95)):
        told = json.loads(run(*teach, *asked).stdout)
        assert told["card"]["floor"] == pytest.approx(floor)
    refused = run(model, "train", others, "--label", "职能", "--error", "0.7")
    assert refused.exit_code == 2
    assert "0.7" in refused.stderr


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("漏水", "甲"), ("停电", "甲")], "至少要有两个事项"),
        ([("漏水", ""), ("", "甲")], "没有一行可用，正文或标签为空的有 2 行"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_words(
    run: Run, tmp_path: Path, rows: list[tuple[str, str]], said: str
) -> None:
    done = run(model, "train", write(tmp_path / "x.csv", rows, ("诉求内容", "职能")), "--label", "职能")
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("text", ["", "  ", "停" * 50_000, "The lamp is broken", "路燈壞了", "😀😀", "！！"])
def test_any_text_gets_an_answer(run: Run, file: Path, text: str) -> None:
    run(model, "train", file, "--out", "甲")
    done = run(model, "predict", "--text", text, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["why"]


@pytest.mark.usefixtures("city")
def test_a_class_with_one_row_is_learned_and_named(run: Run, tmp_path: Path, file: Path) -> None:
    rows = [("漏水", "甲"), *[(f"第{n}栋停电", "乙") for n in range(6)]]
    done = run(model, "train", write(tmp_path / "x.csv", rows, ("诉求内容", "职能")), "--label", "职能")
    assert "1 个事项只有 1 至 2 条样本：甲" in done.stdout


@pytest.mark.usefixtures("city")
def test_there_is_no_such_model(run: Run) -> None:
    assert run(model, "predict", "--text", "甲").exit_code == 2
    assert "没有名为 乙 的模型" in run(model, "predict", "--text", "甲", "--model", "乙").stderr
    assert run(model, "list").stdout == "还没有训练过模型\n"


@pytest.mark.usefixtures("city")
def test_units_are_learned_measured_and_guessed_beside_the_areas(run: Run, tmp_path: Path) -> None:
    headings = ("工单编号", "诉求内容", "职能", "处置单位", "镇街", "来源")
    street = {"东街": "东街办", "西街": "西街办"}
    rows = [
        (f"202601{n % 28 + 1:02}{n:04}", f"第{n}号门口垃圾没有人清运", "环卫", unit, where, "热线")
        for n in range(70)
        for where, unit in street.items()
    ]
    rows += [(f"202601{n % 28 + 1:02}9{n:03}", f"第{n}号路灯不亮", "路灯", "市政所", "东街", "") for n in range(70)]
    rows += [("20260105", "路灯坏了", "路灯", "", "东街", "")]
    file = write(tmp_path / "u.csv", rows, headings)
    said = ("--label", "职能", "--unit", "处置单位", "--street", "镇街", "--source", "来源")
    told = json.loads(run(model, "train", file, "--out", "甲", *said, "--json").stdout)
    assert (told["unit"]["name"], told["unit"]["card"]["samples"], told["unit"]["active"]) == ("甲-units", 210, False)
    assert told["samples"] == 211
    found = json.loads(run(model, "evaluate", file, "--model", "甲", *said, "--json").stdout)
    assert (found["n"], found["unit"]["n"]) == (211, 210)
    assert {one["label"] for one in found["unit"]["per_class"]} == {"东街办", "西街办", "市政所"}
    guess = json.loads(run(model, "predict", "--text", "路灯不亮", "--model", "甲", "--json").stdout)
    assert guess["unit"]["candidates"][0]["unit"] == "市政所"
    assert "70 件由市政所办理" in guess["unit"]["why"]
    assert "件由市政所办理" in run(model, "predict", "--text", "路灯不亮", "--model", "甲").stdout
    assert "承办单位：" in run(model, "evaluate", file, "--model", "甲", *said).stdout


@pytest.mark.usefixtures("city")
def test_without_units_in_the_file_or_a_model_of_them_it_says_so(run: Run, file: Path, others: Path) -> None:
    run(model, "train", others, "--label", "职能", "--out", "乙")
    none = run(model, "evaluate", others, "--model", "乙", "--label", "职能", "--unit", "职能")
    assert (none.exit_code, "没有名为 乙-units 的模型" in none.stderr) == (2, True)
    unknown = run(model, "train", file, "--unit", "行业分类1级", "--label", "行业分类1级", "--label", "行业分类2级")
    assert (unknown.exit_code, "没有一行写明本市单位表里的承办单位" in unknown.stderr) == (2, True)
