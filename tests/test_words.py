"""Words: names say what they are, once in a package; and `docs/glossary.md` knows every word of the trade."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from dispatch.calendar import KIND_NAMES
from dispatch.deadlines import CLOCK_NAMES, URGENCY_NAMES
from dispatch.escalation import LEVELS
from dispatch.kpis import MEASURES
from dispatch.lifecycle import ASKS, MOVES, STATE_NAMES
from dispatch.roles import ROLE_NAMES
from grids.tree import LEVEL_NAMES

ROOT = Path(__file__).parents[1]
PACKAGES = ("hotline", "dispatch", "classifiers", "grids")
SAY_NOTHING = {"one", "found", "said", "held", "told"}
# The same under the same name: the table of a row class, the module's own log, a type variable.
MADE_ALIKE = {"table_of", "getLogger", "TypeVar"}

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
LINES = re.findall(r"^\| .*`.*$", GLOSSARY, re.MULTILINE)
ROWS = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in LINES]


@cache
def modules(*packages: str) -> list[tuple[str, ast.Module]]:
    found = []
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                found.append((name, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield each name a module defines, with where."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        for target in node.targets if isinstance(node, ast.Assign) else []:
            yield from ((name.id, node) for name in ast.walk(target) if isinstance(name, ast.Name))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


def package_of(module: str) -> str:
    """Return the package whose words a module shares: one of the three of rules, or a room of the office."""
    first, *rest = module.split(".")
    return f"{first}.{rest[0]}" if first == "hotline" and len(rest) > 1 else first


def made_alike(node: ast.stmt) -> bool:
    """Return whether it is made by nothing but calls that give the same for the same name."""
    value = getattr(node, "value", None)
    calls = [ast.unparse(one.func).rpartition(".")[2] for one in ast.walk(value or node) if isinstance(one, ast.Call)]
    return value is not None and bool(calls) and set(calls) <= MADE_ALIKE


@cache
def public() -> dict[tuple[str, str], list[tuple[str, bool]]]:
    """Return (package, name) -> (module, is it a function) of each module that defines the public name."""
    found = defaultdict(list)
    for module, tree in modules(*PACKAGES):
        for name, node in dict(defined(tree)).items():
            if not name.startswith("_") and not made_alike(node):
                function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                found[package_of(module), name].append((module, function))
    return found


def test_no_name_of_a_module_says_nothing() -> None:
    found = [
        f"{module}.{name}"
        for module, tree in modules(*PACKAGES, "tests")
        for name, _ in defined(tree)
        if name.strip("_").lower() in SAY_NOTHING
    ]
    assert found == []


def test_a_class_an_alias_or_a_constant_is_defined_once_in_a_package() -> None:
    found = {key: where for key, where in public().items() if len(where) > 1}
    assert {key for key, where in found.items() if not all(function for _, function in where)} == set()


def test_a_table_of_one_name_is_one_table() -> None:
    tables: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for module, tree in modules("hotline"):
        for node in tree.body:
            if isinstance(node, ast.Assign) and made_alike(node) and "table_of" in ast.unparse(node.value):
                names, made = (ast.unparse(part).strip("()") for part in (node.targets[0], node.value))
                for name, table in zip(names.split(", "), made.split(", "), strict=True):
                    tables[package_of(module), name].add(table.strip("()"))
    assert {name: values for (_, name), values in tables.items() if len(values) > 1} == {}


def test_a_verb_of_several_modules_is_called_through_its_module() -> None:
    several = {(module, name) for (_, name), where in public().items() if len(where) > 1 for module, _ in where}
    bare = [
        f"{importer}: {node.module}.{one.name}"
        for importer, tree in modules(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for one in node.names
        if (node.module, one.name) in several
    ]
    assert bare == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_word_of_the_glossary_is_there(row: list[str]) -> None:
    assert len(row) == 4
    assert all(row)
    match = re.fullmatch(r"`([a-z_.]+[a-z_])(?:\.([\w.]+))?(?:\[\"(\w+)\"\])?`", row[1])
    assert match, row[1]
    path, key = row[1].strip("`").partition("[")[0].split("."), match[3]
    cut = next(n for n in range(len(path), 0, -1) if _is_module(".".join(path[:n])))
    value = import_module(".".join(path[:cut]))
    for name in path[cut:]:
        value = getattr(value, name)
    if key:
        assert key in value  # type: ignore[operator]  # a dict by name


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_each_word_stands_once() -> None:
    for column in (0, 1):
        assert [word for word, count in Counter(row[column] for row in ROWS).items() if count > 1] == []


NAMED = {
    **{f"dispatch.lifecycle.State.{state.name}": name for state, name in STATE_NAMES.items()},
    **{f"dispatch.roles.Role.{role.name}": name for role, name in ROLE_NAMES.items()},
    **{f"dispatch.deadlines.Urgency.{urgency.name}": name for urgency, name in URGENCY_NAMES.items()},
    **{f'dispatch.deadlines.CLOCK_NAMES["{clock}"]': name for clock, name in CLOCK_NAMES.items()},
    **{f'dispatch.lifecycle.ASKS["{kind}"]': name for kind, name in ASKS.items()},
    **{f"dispatch.lifecycle.Move.{level.name}": MOVES[level].label for level in LEVELS},
    **{f'dispatch.kpis.MEASURE_BY_NAME["{measure.name}"]': measure.label for measure in MEASURES},
    **{f"dispatch.calendar.Kind.{kind.name}": name for kind, name in KIND_NAMES.items()},
    **{f"grids.tree.Level.{level.name}": name for level, name in LEVEL_NAMES.items()},
}


@pytest.mark.parametrize(("code", "name"), NAMED.items())
def test_the_glossary_knows_every_word_of_the_trade(code: str, name: str) -> None:
    chinese = {row[1].strip("`"): row[0] for row in ROWS}
    assert name in chinese.get(code, "")
