"""A city learned from a history with routing requests: its models are taught and asked without them."""

import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from hotline import city as cities
from hotline.cli.city import city, preset
from hotline.cli.model import model
from hotline.flow import classify
from hotline.store import db
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("诉求内容", "处置单位", "行业分类1级")
SENTENCES = {("市容", "环卫所"): "小区{}门口垃圾堆了很久没有人清运", ("市政", "路灯所"): "第{}号路上的路灯坏了晚上很黑"}
CALLED = {"edition", "region", "name", "short", "zone", "preset", "centre"}


@pytest.fixture
def learned(run: Run, tmp_path: Path) -> Path:
    """The folder of a city in force, and one model of it trained on the same history."""
    rows = [
        (f"市民来电反映：{text.format(n)}。请{unit}核实处理！谢谢！", unit, area)
        for (area, unit), text in SENTENCES.items()
        for n in range(12)
    ]
    file = write(tmp_path / "h.csv", rows, HEADINGS)
    run(city, "learn", file, "--name", "乙市", "--out", tmp_path / "规则", "--apply")
    run(model, "train", file, "--unit", "处置单位", "--out", "甲", "--json")
    return tmp_path / "规则"


def test_all_that_stands_above_the_first_table_is_handed_on_but_what_the_sample_is_called() -> None:
    folder = resources.files("hotline") / "sample" / "city"
    for name, given in preset().items():
        if not name.endswith(".toml"):
            continue
        own = tomllib.loads((folder / name.replace("rules", "city")).read_text(encoding="utf-8"))
        called = CALLED if name == "rules.toml" else set()
        assert set(tomllib.loads(given)) == set(own) - called, name


def test_the_learned_city_knows_the_operators_routing_requests(learned: Path) -> None:
    said = tomllib.loads((learned / "city.toml").read_text(encoding="utf-8"))
    assert "请*核实处理" in said["phrases"]
    assert (said["name"], "centre" in said) == ("乙市", False)


def test_a_model_learns_nothing_from_a_routing_request(learned: Path, home: Path) -> None:
    db.bind(f"sqlite+pysqlite:///{home / 'hotline.db'}")
    with db.reading() as session:
        held = cities.current(session)
    assert held.model is not None
    assert held.unit_model is not None
    for one in (held.model, held.unit_model):
        assert [word for word in one.columns if "核实" in word or "来电" in word] == []
    bare, asked = classify.guess_many(held, ["路灯不亮了", "路灯不亮了，请环卫所核实处理！谢谢！"], ["", ""])
    assert (bare.candidates, bare.why) == (asked.candidates, asked.why)


def test_what_a_person_asks_by_command_is_freed_of_it_too(learned: Path, run: Run) -> None:
    texts = ("路灯不亮了", "路灯不亮了，请环卫所核实处理！谢谢！")
    one, two = (json.loads(run(model, "predict", "--text", text, "--json").stdout) for text in texts)
    assert (one["candidates"], one["unit"]) == (two["candidates"], two["unit"])
