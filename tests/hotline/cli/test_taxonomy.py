"""`hotline taxonomy load|show`: a dry run says what would change; a folder is written to be proposed."""

import json
from pathlib import Path

import pytest

from hotline import rulefiles
from hotline.cli.city import city as city_command
from hotline.cli.intake import intake
from hotline.cli.rules import rules
from hotline.cli.taxonomy import taxonomy
from tests.hotline.channels.cast import write
from tests.hotline.cli.conftest import Run

HEADINGS = "编码,名称,上级编码,原编码\n"


def renamed(run: Run, tmp_path: Path) -> tuple[Path, str]:
    """Return a list in which the first leaf of the city's own has another code, and that code."""
    held = json.loads(run(taxonomy, "show", "--json").stdout)
    parents = {one.get("parent") for one in held}
    first = next(one["code"] for one in held if one["code"] not in parents)
    lines = [
        f"{'X1' if one['code'] == first else one['code']},{one['name']},{one.get('parent') or ''},"
        f"{first if one['code'] == first else ''}"
        for one in held
    ]
    path = tmp_path / "areas.csv"
    path.write_text(HEADINGS + "\n".join(lines) + "\n", encoding="utf-8")
    return path, first


@pytest.mark.usefixtures("city")
def test_a_dry_run_writes_nothing_and_names_what_would_break(run: Run, tmp_path: Path) -> None:
    path, first = renamed(run, tmp_path)
    seen = json.loads(run(taxonomy, "load", path, "--json").stdout)
    assert [(one["what"], one["code"], one["heirs"]) for one in seen["changes"]] == [("renamed", first, ["X1"])]
    said = run(taxonomy, "load", path).stdout
    assert "变化 1 处" in said
    assert "没有改动任何数据" in said
    assert ("须先改正" in said) == bool(seen["errors"])


def test_a_folder_is_written_with_a_new_edition(run: Run, tmp_path: Path, city: str) -> None:
    path, _ = renamed(run, tmp_path)
    done = run(taxonomy, "load", path, "--into", tmp_path / "new", "--edition", "t.2")
    assert done.exit_code == 0
    files = rulefiles.read_folder(tmp_path / "new")
    assert rulefiles.head(files).edition == "t.2"
    assert "X1" in {area.code for area in rulefiles.taxonomy(files).areas}
    assert run(rules, "check", tmp_path / "new").stdout
    refused = run(taxonomy, "load", path, "--into", tmp_path / "other", "--edition", city)
    assert (refused.exit_code, (tmp_path / "other").exists()) == (2, False)


@pytest.mark.usefixtures("city")
def test_a_list_that_contradicts_itself_is_refused_with_its_code(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编码,名称,上级编码\n01,甲,02\n", encoding="utf-8")
    done = run(taxonomy, "load", path)
    assert done.exit_code == 2
    assert "broken_taxonomy" in done.stderr


HISTORY = ("工单编号", "诉求内容", "处置单位", "行业分类1级", "行业分类2级", "辖区", "镇街", "受理时间")
AREAS = (("城管", "占道"), ("城管", "垃圾"), ("交通", "公交"), ("交通", "停车"), ("物业", "电梯"))


def learned(run: Run, tmp_path: Path, areas: tuple[tuple[str, str], ...], *words: str) -> None:
    rows = [
        (f"H-{n:04d}-{m}", f"第{n}{m}件{area}的事", f"{top}局", top, area, "甲区", "清河街道", "2026-03-02")
        for n, (top, area) in enumerate(areas)
        for m in range(4)
    ]
    done = run(city_command, "learn", write(tmp_path / "history.csv", rows, HISTORY), "--name", "乙市", *words)
    assert done.exit_code == 0, done.output


def coded(run: Run) -> dict[str, str]:
    lines = run(taxonomy, "show").stdout.splitlines()
    return {label: code for code, label in (line.split("\t") for line in lines)}


def names(tmp_path: Path, areas: tuple[tuple[str, str], ...]) -> Path:
    return write(tmp_path / "list.csv", areas, ("一级分类", "二级分类"))


def test_a_list_of_names_never_relabels_the_city(run: Run, tmp_path: Path) -> None:
    learned(run, tmp_path, AREAS, "--apply", "--edition", "e.1")
    before = coded(run)
    run(intake, tmp_path / "history.csv", "--source", "12345", "--json")
    same = json.loads(run(taxonomy, "load", names(tmp_path, AREAS), "--json").stdout)
    assert (same["changes"], same["errors"], same["tickets"].get("passed", 0)) == ([], [], 0)
    more = (("交通", "保通"), ("安全", "燃气"), *AREAS)
    seen = json.loads(run(taxonomy, "load", names(tmp_path, more), "--json").stdout)
    assert {one["what"] for one in seen["changes"]} == {"new"}
    assert len(seen["changes"]) == 3
    assert (seen["errors"], seen["tickets"]) == ([], same["tickets"])
    done = run(taxonomy, "load", tmp_path / "list.csv", "--into", tmp_path / "new", "--edition", "e.2")
    assert done.exit_code == 0
    assert run(city_command, "apply", tmp_path / "new", "--alone", "--by", "路知行").exit_code == 0
    assert coded(run).items() >= before.items()


def test_a_name_that_is_gone_is_a_retired_area_with_its_tickets(run: Run, tmp_path: Path) -> None:
    learned(run, tmp_path, AREAS, "--apply", "--edition", "e.1")
    run(intake, tmp_path / "history.csv", "--source", "12345")
    fewer = tuple(area for area in AREAS if area != ("交通", "停车"))
    seen = json.loads(run(taxonomy, "load", names(tmp_path, (*fewer, ("交通", "违章"))), "--json").stdout)
    assert sorted(one["what"] for one in seen["changes"]) == ["gone", "new"]
    (retired,) = seen["retired"]
    assert (retired["label"], retired["open"], len(retired["numbers"])) == ("交通/停车", 4, 4)
    assert seen["tickets"]["undecided"] == 4
    assert "须人工改派事项" in run(taxonomy, "load", tmp_path / "list.csv").stdout


def test_what_is_learned_again_keeps_its_codes(run: Run, tmp_path: Path) -> None:
    learned(run, tmp_path, AREAS, "--apply", "--edition", "e.1")
    before = coded(run)
    more = (("交通", "保通"), ("安全", "燃气"), *AREAS)
    learned(run, tmp_path, more, "--out", str(tmp_path / "again"), "--edition", "e.2")
    files = rulefiles.read_folder(tmp_path / "again")
    again = rulefiles.taxonomy(files)
    assert {again.label(area.code): area.code for area in again.areas}.items() >= before.items()
    units = (tmp_path / "again" / "units.csv").read_text("utf-8-sig")
    learned(run, tmp_path, AREAS, "--out", str(tmp_path / "again"), "--edition", "e.3")
    third = rulefiles.taxonomy(rulefiles.read_folder(tmp_path / "again"))
    assert {third.label(area.code): area.code for area in third.areas}.items() <= before.items()
    assert set((tmp_path / "again" / "units.csv").read_text("utf-8-sig").splitlines()) <= set(units.splitlines())


@pytest.mark.usefixtures("city")
def test_a_table_in_which_an_area_silently_changes_its_code_is_refused(run: Run, tmp_path: Path) -> None:
    path, first = renamed(run, tmp_path)
    path.write_text(path.read_text("utf-8").replace(f",{first}\n", ",\n"), encoding="utf-8")
    seen = json.loads(run(taxonomy, "load", path, "--json").stdout)
    assert any(f"原来的编码是 {first}" in one["message"] for one in seen["errors"])
    run(taxonomy, "load", path, "--into", tmp_path / "new", "--edition", "t.2")
    areas, duty = tmp_path / "new" / "areas.csv", tmp_path / "new" / "duty.csv"
    assert areas.is_file()
    duty.write_text(duty.read_text("utf-8").replace(f",{first},", ",X1,"), encoding="utf-8")
    refused = run(city_command, "apply", tmp_path / "new", "--alone", "--by", "路知行")
    assert refused.exit_code == 2
    assert "原编码" in refused.stderr
