"""What `docs/adding-a-move.md` lists is what there is: a planted move is missed by the test of each of its tables."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dispatch.lifecycle import MOVES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-move.md").read_text(encoding="utf-8")
TESTS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
TABLES = set(re.findall(r"`((?:hotline|dispatch)(?:\.\w+)+\.[A-Z_]+)`", PAGE))
PLANTED: Any = "greet"


def test_the_page_names_tables_and_their_tests() -> None:
    assert len(TABLES) > 4
    assert len(TESTS) == 5


@pytest.mark.parametrize(("file", "name"), TESTS, ids=lambda one: Path(one).stem)
def test_a_planted_move_is_missed(file: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check = getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)
    check()
    planted = msgspec.structs.replace(MOVES["report"], name=PLANTED, label="问候")
    monkeypatch.setitem(MOVES, PLANTED, planted)
    with pytest.raises((AssertionError, LookupError, ValueError), match=r"greet|问候"):
        check()


def test_no_other_table_is_keyed_by_moves() -> None:
    found = {name for package in ("dispatch", "hotline") for name in _keyed(package)}
    assert found | {"dispatch.lifecycle.MOVES"} == TABLES


def _keyed(package: str) -> Iterator[str]:
    """Yield module.NAME of every dict of a module whose keys name moves, all but one at most."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                keys = [_move(key) for key in node.value.keys if key is not None]
                if keys.count("") <= 1 < len(keys) - keys.count(""):
                    module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
                    yield f"{module}.{ast.unparse(target)}"


def _move(key: ast.expr) -> str:
    """Return the move that a key names, as text or as a member of an enumeration, "" for none."""
    if isinstance(key, ast.Attribute):
        name = key.attr.lower() if ast.unparse(key.value) == "Move" else ""
    else:
        name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    return name if name in MOVES else ""
