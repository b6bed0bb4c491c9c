"""Which tests a change can have touched, the nearest first: `python -m tests.quick` prints their files (make quick).

Near is a test that mirrors a changed file, or imports it, or mirrors or imports what imports it, and so on up the
imports, until the time is used up; what is changed and its mirrors are always there.  A file that is no Python (a
template, a rule file, a catalogue) counts as what names it.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.turns import GUESS, RECORD

ROOT = Path(__file__).parents[1]
FOLDERS = ("hotline", "dispatch", "classifiers", "grids", "tests")
ALWAYS = ("tests/test_house.py",)
BUDGET = 120.0  # seconds of tests, by what the files took last
STEPS = 3  # up the imports: further off everything depends on everything


def changed() -> list[str]:
    """Return what differs from `main` (where that is another commit), or from the last commit; new files too."""
    base = _git("merge-base", "main", "HEAD") or ["HEAD"]
    return sorted({*_git("diff", "--name-only", base[0]), *_git("ls-files", "--others", "--exclude-standard")})


def _git(*words: str) -> list[str]:
    done = subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def sources(root: Path = ROOT) -> dict[str, str]:
    """Return path -> text of every Python file of the house."""
    files = (file for folder in FOLDERS for file in sorted((root / folder).rglob("*.py")))
    return {str(file.relative_to(root)): file.read_text("utf-8") for file in files if "node_modules" not in file.parts}


def users(texts: dict[str, str]) -> dict[str, set[str]]:
    """Return path -> the files that import it."""
    paths = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in texts}
    found: dict[str, set[str]] = {path: set() for path in texts}
    for path, text in texts.items():
        for name in _imports(ast.parse(text)):
            if name in paths:
                found[paths[name]].add(path)
    return found


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def mirrors(path: str, texts: Iterable[str]) -> set[str]:
    """Return the tests named after a file: test_NAME.py and test_NAME_more.py in the mirrored folder."""
    folder, _, name = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")
    start = f"tests/{folder}/test_{name}"
    return {one for one in texts if one.startswith((f"{start}.py", f"{start}_"))}


def near(paths: Iterable[str], texts: dict[str, str]) -> list[str]:
    """Return the test files these changes can have touched, the nearest first; what is told apart by "" is sure."""
    used, seen, order = users(texts), set[str](), list[str]()
    level = {one for path in paths for one in ([path] if path in texts else _named(path, texts))}
    for step in range(STEPS + 1):
        seen |= level
        tests = {one for path in level for one in (path, *mirrors(path, texts))}
        order += sorted(one for one in tests if "/test_" in one and one not in order)
        order += [""] if step == 0 else []
        known = {one for path in level for one in (*used[path], *(_below(path, texts) if not step else ()))}
        level = {one for one in known if not one.endswith("conftest.py")} - seen
    return order


def _named(path: str, texts: dict[str, str]) -> set[str]:
    name = Path(path).name
    return {one for one, text in texts.items() if f'"{name}' in text or f'/{name}"' in text}


def _below(path: str, texts: dict[str, str]) -> set[str]:
    """Return what lies in the folder of a conftest."""
    return {one for one in texts if path.endswith("conftest.py") and one.startswith(path.removesuffix("conftest.py"))}


def affordable(order: list[str], seconds: dict[str, float], texts: dict[str, str]) -> list[str]:
    """Return the sure ones, and of the others as many as the time allows."""
    sure = order.index("")
    chosen = [*dict.fromkeys([*ALWAYS, *order[:sure]])]
    left = BUDGET - sum(_cost(one, seconds, texts) for one in chosen)
    for one in order[sure + 1 :]:
        cost = _cost(one, seconds, texts)
        if cost <= left:
            chosen.append(one)
            left -= cost
    return chosen


def _cost(file: str, seconds: dict[str, float], texts: dict[str, str]) -> float:
    return seconds.get(file, GUESS * 4 * texts[file].count("\ndef test_"))


def main() -> None:
    """Print the files; say what is left for the whole suite."""
    texts = sources()
    record = ROOT / ".pytest_cache/v" / RECORD
    known = json.loads(record.read_text("utf-8")) if record.exists() else {}
    seconds = {file: spent for file, (_, spent) in known.items()}
    order = near(changed(), texts)
    chosen = affordable(order, seconds, texts)
    left = {*order} - {*chosen, ""}
    print(f"{len(chosen)} files of tests; {len(left)} further off are left to `make test`", file=sys.stderr)
    print(" ".join(chosen))


if __name__ == "__main__":
    main()
