"""`hotline taxonomy load|show`: a dry run says what would change; a folder is written to be proposed."""

import json
from pathlib import Path

import pytest

from hotline import rulefiles
from hotline.cli.rules import rules
from hotline.cli.taxonomy import taxonomy
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
