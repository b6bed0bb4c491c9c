"""`hotline grid find|evaluate|learn`."""

import json
from pathlib import Path

import pytest

from hotline.cli.grid import grid
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = ("诉求内容", "诉求地址", "辖区", "镇街", "村居")
ROWS = [
    ("松岭街道柏树社区路灯不亮", "丁区松岭街道柏树社区", "丁区", "松岭街道", "柏树社区"),
    ("望江苑积水", "丁区松岭街道柏树社区望江苑", "丁区", "松岭街道", "柏树社区"),
    ("请看望江苑停电", "丁区松岭街道柏树社区", "丁区", "松岭街道", "柏树社区"),
    ("垃圾没有人收", "", "丁区", "松岭街道", "柏树社区"),
    ("何时停水", "", "", "", ""),
]
NAMED = ("--text", "诉求内容", "--district", "辖区", "--street", "镇街", "--community", "村居")
ASKED = {
    "n", "answered", "street_accuracy", "community_accuracy", "street_accuracy_when_answered",
    "community_accuracy_when_answered",
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "later.csv", ROWS, HEADINGS)


def test_a_file_of_another_city_is_measured_against_the_names_in_its_labels(run: Run, file: Path, city: str) -> None:
    assert city
    done = run(grid, "evaluate", file, *NAMED, "--address", "诉求地址", "--json")
    told = json.loads(done.stdout)
    assert set(told) >= ASKED
    assert (told["n"], told["rows"], told["unlabelled"], told["answered"]) == (4, 5, 1, 3)
    assert (told["street_accuracy"], told["street_accuracy_when_answered"]) == (0.75, 1.0)
    assert (told["community_accuracy"], told["failures"]) == (0.75, {"no_name": 1})
    assert "现在生效的城市只认识其中 0% 的街道" in told["gazetteer"]["source"]
    assert "不用逐行的标注" in told["gazetteer"]["source"]
    assert told["parts"]["text"]["answered"] == 1


def test_text_alone_words_and_a_floor(run: Run, file: Path, city: str) -> None:
    assert city
    told = json.loads(run(grid, "evaluate", file, *NAMED, "--json").stdout)
    assert (told["measured"], told["answered"], told["street_accuracy"]) == ("text", 1, 0.25)
    assert json.loads(run(grid, "evaluate", file, *NAMED, "--floor", "1", "--json").stdout)["answered"] == 0
    assert "只看内容：答出街道 1（25.0%）" in run(grid, "evaluate", file, *NAMED).stdout


def test_the_city_in_force_is_used_where_it_knows_the_streets(run: Run, tmp_path: Path, city: str) -> None:
    path = write(tmp_path / "own.csv", [("清河街道积水", "", "甲区", "清河街道", "柳园社区")], HEADINGS)
    told = json.loads(run(grid, "evaluate", path, *NAMED, "--json").stdout)
    assert told["gazetteer"]["source"] == f"现在生效的城市：甲市（{city}）"
    assert told["street_accuracy"] == 1.0


def test_without_any_city_the_labels_are_enough(run: Run, file: Path) -> None:
    told = json.loads(run(grid, "evaluate", file, *NAMED, "--json").stdout)
    assert told["gazetteer"]["source"].startswith("还没有城市规则")


def test_what_history_teaches_finds_the_next_text(run: Run, file: Path, tmp_path: Path) -> None:
    names = tmp_path / "names"
    done = run(grid, "learn", file, *NAMED, "--out", names, "--json")
    told = json.loads(done.stdout)
    assert (told["rows"], told["confirmed"], told["landmarks"]) == (5, 4, 1)
    found = json.loads(run(grid, "find", "--text", "望江苑漏水", "--gazetteer", names, "--json").stdout)
    assert found["names"]["community"] == "柏树社区"
    assert (found["how"], found["to_check"], found["words"]) == ("text", True, ["望江苑"])
    assert "望江苑" in found["why"]
    more = run(grid, "learn", file, *NAMED, "--gazetteer", names, "--out", tmp_path / "more")
    assert "新学到 0 个地名" in more.stdout


def test_find_by_point_in_any_order_and_in_metres(run: Run, tmp_path: Path) -> None:
    ring = [[120.0, 30.0], [120.01, 30.0], [120.01, 30.01], [120.0, 30.01], [120.0, 30.0]]
    write(tmp_path / "places.csv", [("990101", "丁区", "district")], ("code", "name", "level"))
    shape = {"properties": {"code": "990101"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "grids.geojson").write_text(json.dumps({"features": [shape]}), encoding="utf-8")
    source = ("--gazetteer", tmp_path, "--json")
    for lng, lat, how in ((120.005, 30.005, "point"), (30.005, 120.005, "point"), (0, 0, "none"), (1.2e5, 3e5, "none")):
        found = json.loads(run(grid, "find", "--lng", str(lng), "--lat", str(lat), *source).stdout)
        assert found["how"] == how
        assert found["why"]
    assert "经度和纬度填反，已对调" in run(grid, "find", "--lng", "30.005", "--lat", "120.005", *source[:2]).stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "文件是空的"), (b"a,b\n1,2\n", "表头缺少"), ("诉求内容,镇街\n甲,\n".encode(), "没有一行填写了街道")],
)
def test_bad_files_are_refused_in_words(run: Run, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    done = run(grid, "evaluate", path)
    assert done.exit_code == 2
    assert said in done.stderr


def test_nothing_asked_and_a_text_without_end(run: Run, city: str) -> None:
    assert city
    assert "请给出 --text" in run(grid, "find").stderr
    found = json.loads(run(grid, "find", "--text", "清河街道" + "啊" * 50_000, "--json").stdout)
    assert found["names"]["street"] == "清河街道"


def test_without_a_file_the_office_learns_from_its_own_tickets(run: Run, tmp_path: Path, city: str) -> None:
    assert city
    told = json.loads(run(grid, "learn", "--out", tmp_path / "own", "--json").stdout)
    assert (told["rows"], told["confirmed"], told["street"]) == (0, 0, 1)
