"""Plants one typo at a time into a copy of the tree and asks mypy, as `make check` does: which of them are stopped?

    python tests/typos.py     prints the table; ends with 1 where fewer than ENOUGH are stopped

A typo is told by a pattern, not by a file: it finds its place again wherever the line is moved to.  Group 1 of the
pattern is what is misspelled: its last two letters change places.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PACKAGES = ("hotline", "dispatch", "classifiers", "grids")
GENERATED = "hotline/store/migrations/versions/"
ENOUGH = 19


class Typo(NamedTuple):
    """What is misspelled, where it is looked for, and the pattern of its place."""

    kind: str
    under: str
    pattern: str


# fmt: off
TYPOS = (
    Typo("column in a WHERE",            "hotline",  r"\(TicketRow\.(state)\b"),
    Typo("column of an event",           "hotline",  r"\(OutboxRow\.(done_at)\b"),
    Typo("column in an ORDER BY",        "hotline",  r"order_by\(col\(ClockRow\.(next_at)\b"),
    Typo("column of a card",             "hotline",  r"\(Alarm\.(answered_at)\b"),
    Typo("attribute of a ticket",        "hotline/flow", r"\bticket\.(urgency)\b"),
    Typo("attribute given to a ticket",  "hotline/flow", r"\bticket\.(pending) = "),
    Typo("change: when it was closed",   "hotline/flow", r"changes=(?:\w+\(|\{\"?)(closed_at)\b"),
    Typo("change: the level",            "hotline/flow", r"changes=(?:\w+\(|\{\"?)(level)\b"),
    Typo("fact: by whom",                "hotline/flow", r"facts=(?:[\w.]+\(|\{\"?)(by)\b"),
    Typo("fact: extended",               "hotline/flow", r"\"?\b(extended)\"?[:=] ?True\b"),
    Typo("move in the table of moves",   "dispatch", r"_move\(\s*(?:\"|Move\.)(reassign|REASSIGN)\b"),
    Typo("move that something follows",  "hotline",  r"^    (?:\"|Move\.)(hand_over|HAND_OVER)\"?: "),
    Typo("move that is made",            "hotline/flow", r"moves\.make\(\s*db, \w+, (?:\"|Move\.)(\w+)\b"),
    Typo("move that is asked for",       "hotline/flow", r"(?<!\.)\bmove == (?:\"|Move\.)(\w+)\b"),
    Typo("move in a table of the pages", "hotline/web", r"^    (?:\"|Move\.)(supplement|SUPPLEMENT)\"?: "),
    Typo("move in a set of rules",       "dispatch", r"\": frozenset\(\{(?:\"|Move\.)(\w+)\b"),
    Typo("key of a row",                 "hotline/flow", r"\brow\.(asked_by|answered_at|decided_at)\b"),
    Typo("field of a rung",              "hotline",  r"\brung(?:\[(3)\]|\.(to)) [!=]= Role\.UNIT"),
    Typo("request that a move opens",    "dispatch", r"(?:\?|\bopens=(?:\"|\w+\.)?)(extension|EXTENSION)\b"),
    Typo("keyword of a move",            "dispatch", r"_move\(.*(?:=(?=extension\")(extension)|\b(grants)=\")"),
)
# fmt: on


def misspelled(word: str) -> str:
    """Return the word with its last two letters in each other's place, a number or a word of equals changed else."""
    if word.isdigit():
        return str(int(word) - 1)
    turned = word[:-2] + word[-1] + word[-2]
    return turned if turned != word else word[:-1]


def place(root: Path, typo: Typo) -> tuple[Path, re.Match[str]]:
    """Return the file and the match of the first place a typo can be made.  raises LookupError where there is none"""
    for path in sorted((root / typo.under).rglob("*.py")):
        if GENERATED in path.as_posix():
            continue
        for found in re.finditer(typo.pattern, path.read_text(encoding="utf-8"), re.MULTILINE):
            return path, found
    raise LookupError(f"no place is left for the typo “{typo.kind}”: {typo.pattern}")


def copied(to: Path) -> None:
    """Copy what mypy reads, with what it remembers of it."""
    shutil.copy2(ROOT / "pyproject.toml", to)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, to / name, ignore=_no_python)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", to / ".mypy_cache")


def _no_python(folder: str, names: list[str]) -> set[str]:
    dull = {"node_modules", "__pycache__"}
    return {
        name for name in names
        if name in dull or ((Path(folder) / name).is_file() and not name.endswith((".py", ".pyi", ".typed")))
    }  # fmt: skip


def complaints(root: Path) -> list[str]:
    """Return what mypy says about the tree, [] if it is content.  raises RuntimeError if it could not look"""
    here = {**os.environ, "PYTHONPATH": str(root)}
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--no-color-output"], cwd=root, env=here,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode not in (0, 1):
        raise RuntimeError(ran.stdout + ran.stderr)
    return [line for line in ran.stdout.splitlines() if ": error:" in line]


def planted() -> Iterator[tuple[Typo, str, str, str]]:
    """Yield each typo with its place, what was made of it, and mypy's first complaint, "" where it goes unseen."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copied(root)
        if wrong := complaints(root):
            raise RuntimeError(f"mypy is not content with the tree as it is: {wrong[0]}")
        for typo in TYPOS:
            path, found = place(root, typo)
            text, group = path.read_text(encoding="utf-8"), found.lastindex or 0
            line = text.count("\n", 0, found.start(group)) + 1
            made = misspelled(found[group])
            path.write_text(text[: found.start(group)] + made + text[found.end(group) :], encoding="utf-8")
            said = [line for line in complaints(root) if line.startswith(f"{path.relative_to(root)}:")]
            path.write_text(text, encoding="utf-8")
            os.utime(path, (0, 0))  # mypy tells a file anew by second and size: a quick run would see the typo still
            if complaints(root):
                raise RuntimeError(f"mypy still sees the typo “{typo.kind}” that was taken back")
            yield typo, f"{path.relative_to(root)}:{line}", made, said[0] if said else ""


def main() -> int:
    """Print the table; return 1 where too few typos are stopped."""
    stopped = 0
    for typo, where, made, said in planted():
        stopped += bool(said)
        print(f"{'stopped' if said else 'UNSEEN ':8} {typo.kind:30} {where} {made}  {said.partition(': error: ')[2]}")
    print(f"{stopped} of {len(TYPOS)} stopped")
    return int(stopped < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
