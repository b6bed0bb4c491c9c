"""The map of the house, made from what each file says of itself: `python -m tests.tree` writes docs/map.md anew.

A Python file says it in the first sentence of its docstring, a script or style sheet in its first comment.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs" / "map.md"
ROOMS = ("grids", "classifiers", "dispatch", "hotline")
OTHER = {
    "hotline/sample/city": "The sample district (示例区): rules, places, leaders, texts and tickets, all invented",
    "hotline/sample/danger": "Sentences that tell of danger, and such as only sound like it: the classifier's ears are measured on them",
    "hotline/sample/graded": "Replies that people have graded: the reply check is measured on them",
    "hotline/store/migrations": "Alembic: how the tables came to be, one file a step",
    "hotline/web/static": "What was built: not in the repository",
    "hotline/web/locales": "Message catalogues: zh_CN (the source), en",
    "hotline/web/templates": "One folder for each page file, of the same name",
}
CLOSED = {*OTHER}  # of these the files are not listed
OTHER |= {
    "hotline/web/frontend": "Own ES modules and style sheets; esbuild writes hashed files into static/",
    "hotline/web/frontend/entries": "One entry a page: what its bundle is made of",
}
WIDTH = 31  # columns before the sentence
HEAD = """# The map of the house

Where to find what, a sentence for each file. Floors stand in the order in which they are built: each takes only from those
before it. Inside `hotline` the order is errors, settings and clock; wire; store; rule files, city and people; flow; channels; jobs and
web; bench, sample, serve, cli (`pyproject.toml`, table importlinter). Tests mirror these paths below `tests/`; `tests/stories/` tell one
ticket's whole life each. This page is written by `python -m tests.tree` and checked by `tests/test_house.py`.
"""


def files() -> list[str]:
    """Return the files of the house that the map lists, as paths from the root."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in {".py", ".js", ".mjs", ".css"}]
    paths = sorted(str(path.relative_to(ROOT)) for path in found)
    away = ("node_modules/", "__pycache__/", *(f"{room}/" for room in CLOSED))
    return [path for path in paths if not any(part in path for part in away)]


def sentence(path: Path) -> str:
    """Return what a file says of itself: its first sentence, "" if it says nothing."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        said = ast.get_docstring(ast.parse(text)) or ""
    else:
        comment = re.match(r"\s*(?:/\*+\s*(.*?)\*/|((?:\s*//[^\n]*\n)+))", text, re.DOTALL)
        said = re.sub(r"\n\s*(?://|\*)?\s*", "\n", (comment[1] or comment[2]) if comment else "").strip("/ \n")
    first = re.sub(r"\s+", " ", said.split("\n\n")[0])
    return re.split(r"(?<=[\w)）`\"”'])[.。](?=\s|$)", first)[0].strip()


def rows() -> Iterator[tuple[str, str]]:
    """Yield each folder and file in the order of the map, with its sentence; a folder's path ends in "/"."""
    for room in ROOMS:
        yield from _folder(room, [path for path in files() if path.startswith(f"{room}/")])


def _folder(room: str, held: list[str]) -> Iterator[tuple[str, str]]:
    yield f"{room}/", OTHER.get(room) or sentence(ROOT / room / "__init__.py")
    inner = {path[len(room) + 1 :]: path for path in held}
    yield from ((path, sentence(ROOT / path)) for name, path in inner.items() if "/" not in name and name != "__init__.py")
    for name in dict.fromkeys(name.partition("/")[0] for name in inner if "/" in name):
        yield from _folder(f"{room}/{name}", [path for path in held if path.startswith(f"{room}/{name}/")])
    for closed in sorted(CLOSED):
        if closed.rpartition("/")[0] == room:
            yield f"{closed}/", OTHER[closed]


def drawn() -> str:
    """Return the whole page."""
    lines = []
    for path, said in rows():
        depth = path.rstrip("/").count("/")
        name = "  " * depth + (path.rstrip("/").rpartition("/")[2] + "/" * path.endswith("/"))
        lines.append(f"{name:<{WIDTH}} {said}".rstrip())
    return f"{HEAD}\n```\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    MAP.write_text(drawn(), encoding="utf-8")
