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
    "hotline/sample/danger": "Sentences that tell of danger, and such as only sound like it",
    "hotline/sample/graded": "Replies that people have graded: the reply check is measured on them",
    "hotline/store/migrations/versions": "One file a step, newest last",
    "hotline/web/static": "What was built: not in the repository",
    "hotline/web/locales": "Message catalogues: zh_CN (the source), en",
    "hotline/web/templates": "One folder for each page file, of the same name",
}
CLOSED = {*OTHER}  # of these the files are not listed
OTHER |= {
    "hotline/store/migrations": "Alembic: how the tables came to be",
    "hotline/web/frontend": "Own ES modules and style sheets; esbuild writes hashed files into static/",
    "hotline/web/frontend/entries": "What each bundle is made of: one for the office, the phone, the citizen's page",
    "hotline/web/frontend/office": "Scripts of the office pages",
    "hotline/web/frontend/phone": "Scripts of the grid leader's phone",
    "hotline/web/frontend/styles": "Style sheets",
}
KINDS = {".py", ".js", ".mjs", ".css"}
WIDTH = 31  # columns before the sentence
BEGIN = "## The map of the house"


def files() -> list[str]:
    """Return the files of the house that the map lists, as paths from the root."""
    found = [
        path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in {".py", ".js", ".mjs", ".css"}
    ]
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
    yield from (
        (path, sentence(ROOT / path)) for name, path in inner.items() if "/" not in name and name != "__init__.py"
    )
    for name in dict.fromkeys(name.partition("/")[0] for name in inner if "/" in name):
        yield from _folder(f"{room}/{name}", [path for path in held if path.startswith(f"{room}/{name}/")])
    for closed in sorted(CLOSED):
        if closed.rpartition("/")[0] == room:
            yield f"{closed}/", OTHER[closed]


def drawn() -> str:
    """Return the tree as the page holds it, between its fences."""
    lines = []
    for path, said in rows():
        depth = path.rstrip("/").count("/")
        name = "  " * depth + (path.rstrip("/").rpartition("/")[2] + "/" * path.endswith("/"))
        lines.append(f"{name:<{WIDTH}} {said}".rstrip() + "\n")
    return "".join(lines)


def parts(page: str) -> tuple[str, str, str]:
    """Return what stands before the tree, the tree, and what stands after it."""
    head, begin, rest = page.partition(BEGIN)
    before, open_, tree = rest.partition("```\n")
    tree, close, after = tree.partition("```\n")
    return head + begin + before + open_, tree, close + after


if __name__ == "__main__":
    above, _, below = parts(MAP.read_text(encoding="utf-8"))
    MAP.write_text(above + drawn() + below, encoding="utf-8")
