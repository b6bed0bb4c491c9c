"""`hotline grid load`: looked over first, written only when asked and sound."""

import json
from pathlib import Path

import pytest

from hotline import rulefiles
from hotline.cli.grid_load import grid
from tests.grids.conftest import square
from tests.hotline.channels.cast import write
from tests.hotline.channels.test_maps import feature, geojson
from tests.hotline.cli.conftest import Run

C = "990101001001"


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Two grids of a community, the ground above them, and who leads them."""
    whole = {
        "type": "Polygon",
        "coordinates": [[[120.0, 30.0], [120.02, 30.0], [120.02, 30.01], [120.0, 30.01], [120.0, 30.0]]],
    }
    above = geojson(
        tmp_path / "above.json",
        feature(whole, code="990101001", name="松岭街道"), feature(whole, code=C, name="松岭社区"),
    )  # fmt: skip
    grids = geojson(
        tmp_path / "grids.json",
        *(
            feature(
                {"type": "Polygon", "coordinates": [square(120 + n / 100)]}, code=f"{C}00{n + 1}", name=f"第{n}网格"
            )
            for n in (0, 1)
        ),
    )
    rows = [(f"{C}001", "甲某", "13800000001"), (f"{C}002", "甲某", "13800000001")]
    return above, grids, write(tmp_path / "people.csv", rows, ("网格编码", "网格长", "电话"))


def test_sound_ground_is_checked_then_written(run: Run, tables: tuple[Path, Path, Path], tmp_path: Path) -> None:
    above, grids, people = tables
    into, report = tmp_path / "mycity", tmp_path / "check.html"
    words = ("load", above, grids, "--people", people, "--root", "990101=丁区")
    dry = run(grid, *words, "--report", report)
    assert (dry.exit_code, into.exists()) == (0, False)
    assert "5 个地点，0 个错误，0 个提醒" in dry.stdout
    assert "只作检查，没有写入" in dry.stdout
    assert "没有发现问题" in report.read_text(encoding="utf-8")
    told = json.loads(run(grid, *words, "--into", into, "--json").stdout)
    assert (told["written"], told["findings"]) == (True, [])
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in into.iterdir()}
    tree = rulefiles.ground(files, "甲")
    assert [place.name for place in tree.chain(f"{C}002")] == ["第1网格", "松岭社区", "松岭街道", "丁区"]
    assert {post.grid for post in rulefiles.posts(files, tree)} == {f"{C}001", f"{C}002"}
    again = json.loads(run(grid, "load", grids, "--into", into, "--json").stdout)
    assert (again["written"], sum(again["places"].values())) == (True, 5)


def test_errors_write_nothing_and_end_with_1(run: Run, tables: tuple[Path, Path, Path], tmp_path: Path) -> None:
    done = run(grid, "load", tables[1], "--into", tmp_path / "mycity")
    assert done.exit_code == 1
    assert "的上级“990101001001”不在表中" in done.stdout
    assert "有错误，没有写入" in done.stdout
    assert not (tmp_path / "mycity").exists()


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"", (), "文件是空的"),
        (b"{]", (), "不是 GeoJSON"),
        (b"{}", ("--root", "990101"), "应写成 编码=名称"),
    ],
)
def test_bad_input_is_refused_in_words(
    run: Run, tmp_path: Path, content: bytes, options: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    done = run(grid, "load", path, *options)
    assert done.exit_code == 2
    assert said in done.stderr
