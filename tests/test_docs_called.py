"""The functions `docs/rules.md` names as keeping a rule are those the product calls, not such that tests alone know."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.test_docs import ROOT, named

PACKAGES = ("hotline", "dispatch", "classifiers", "grids")


@cache
def calls() -> frozenset[tuple[str, str]]:
    """Return (module, name) of all that the product refers to outside its own definition."""
    found: set[tuple[str, str]] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= referred(path)
    return frozenset(found)


def referred(path: Path) -> set[tuple[str, str]]:
    """Return what one file refers to: names it imports and uses, names of modules it imports, names of its own."""
    here = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    taken: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            taken |= {one.asname or one.name: (node.module, one.name) for one in node.names}
    found: set[tuple[str, str]] = set()
    for top in tree.body:
        own = getattr(top, "name", "")
        for node in ast.walk(top):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id != own:
                found.add(taken.get(node.id, (here, node.id)))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in taken:
                module, name = taken[node.value.id]
                found.add((f"{module}.{name}", node.attr))
    return found


@pytest.mark.parametrize("name", named(3))
def test_functions_named_in_the_rules_are_called(name: str) -> None:
    module, _, function = name.rpartition(".")
    house = "hotline" if name.startswith("flow.") else "dispatch"
    assert (f"{house}.{module}", function) in calls()


def test_who_only_speaks_of_itself_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_docs_called.ROOT", tmp_path)
    path = tmp_path / "dispatch" / "alone.py"
    path.parent.mkdir()
    path.write_text("def again(n: int) -> int:\n    return again(n - 1)\n\n\ndef user() -> int:\n    return kept(1)\n")
    assert ("dispatch.alone", "again") not in referred(path)
    assert ("dispatch.alone", "kept") in referred(path)
