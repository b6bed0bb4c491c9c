"""The law of the house, kept by machine.  Each rule is a function over one file's syntax tree, and is seen to bite."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dispatch.lifecycle import MOVES
from hotline.jobs.journey import NEXT
from tests import tree

ROOT = Path(__file__).parents[1]
PACKAGES = ("hotline", "dispatch", "classifiers", "grids")
PURE = PACKAGES[1:]
GENERATED = "hotline/store/migrations/versions/"
LINES, FUNCTION_LINES = 400, 40
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "base",
    "manager",
    "managers",
    "misc",
    "tools",
    "lib",
    "shared",
}
WALL_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "func.now",
}
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv", "os.environb"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Findings = Iterator[str]
Rule = Callable[[str, ast.Module, str], Findings]


def sources(*folders: str) -> list[str]:
    """Return the Python files below these folders, as paths from the root."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    paths = sorted(str(path.relative_to(ROOT)) for path in found)
    return [path for path in paths if "node_modules" not in path and "__pycache__" not in path]


def dotted(node: ast.AST) -> str:
    """Return "datetime.now" of `datetime.now` and of `datetime.datetime.now`."""
    if not isinstance(node, ast.Attribute):
        return ""
    owner = node.value
    last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return f"{last}.{node.attr}"


def long_file(path: str, tree: ast.Module, text: str) -> Findings:
    """At most 400 lines a file."""
    if len(text.splitlines()) > LINES:
        yield f"{path}: {len(text.splitlines())} lines"


def long_function(path: str, tree: ast.Module, text: str) -> Findings:
    """At most 40 lines a function."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node.end_lineno and node.end_lineno - node.lineno + 1 > FUNCTION_LINES:
            yield f"{path}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"


def vague_name(path: str, tree: ast.Module, text: str) -> Findings:
    """No room for things that belong nowhere."""
    if vague := VAGUE & {part.removesuffix(".py").strip("_") for part in Path(path).parts}:
        yield f"{path}: {vague}"


def talking_init(path: str, tree: ast.Module, text: str) -> Findings:
    """A package's __init__ is its docstring."""
    if path.endswith("__init__.py") and (len(tree.body) != 1 or ast.get_docstring(tree) is None):
        yield path


def hidden_import(path: str, tree: ast.Module, text: str) -> Findings:
    """Imports stand at the top, and nowhere else."""
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    kinds = (ast.Import, ast.ImportFrom)
    top = next((place for place, node in enumerate(body) if not isinstance(node, kinds)), len(body))
    allowed = {id(node) for node in body[:top]}
    yield from (f"{path}:{one.lineno}" for one in ast.walk(tree) if isinstance(one, kinds) and id(one) not in allowed)


def written_state(path: str, tree: ast.Module, text: str) -> Findings:
    """A ticket's state is written by `flow.moves`, and nowhere else."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store):
            yield f"{path}:{node.lineno} .state ="
        if isinstance(node, ast.Call):
            yield from (f"{path}:{node.lineno} {how}" for how in _writes(node))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SETS.search(node.value):
            yield f"{path}:{node.lineno} SQL"


_SETS = re.compile(r"(?is)UPDATE\s+ticket\b.*?\bSET\b[^;]*?(?<![.\w])state\s*=(?!=)")


def _writes(call: ast.Call) -> Findings:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"values", "update", "Ticket", "TicketRow", "make", "Step"}:
        given = [key.arg for key in call.keywords]
        values = [*call.args, *(key.value for key in call.keywords)]
        for one in values:
            for part in ast.walk(one):
                keys = part.keys if isinstance(part, ast.Dict) else []
                given += [key.value for key in keys if isinstance(key, ast.Constant)]
                given += [
                    key.args[0].attr
                    for key in keys
                    if isinstance(key, ast.Call) and key.args and isinstance(key.args[0], ast.Attribute)
                ]
        if "state" in given:
            yield f"{name}(state=...)"
    if name == "setattr" and len(call.args) > 1 and getattr(call.args[1], "value", "") == "state":
        yield "setattr"


def wall_clock(path: str, tree: ast.Module, text: str) -> Findings:
    """The wall clock has one reader."""
    yield from (f"{path}:{node.lineno} {dotted(node)}" for node in _attributes(tree) if dotted(node) in WALL_CLOCK)


def environment(path: str, tree: ast.Module, text: str) -> Findings:
    """The environment has one reader."""
    yield from (f"{path}:{node.lineno} {dotted(node)}" for node in _attributes(tree) if dotted(node) in ENVIRONMENT)


def _attributes(tree: ast.Module) -> list[ast.Attribute]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def loose_column(path: str, tree: ast.Module, text: str) -> Findings:
    """A statement names columns through row classes (`hotline.store.columns`), so that the type checker reads it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "tables":
            yield f"{path}:{node.lineno} tables[...]"
        if isinstance(node, ast.Attribute) and node.attr == "__table__":
            yield f"{path}:{node.lineno} __table__"
        if isinstance(node, ast.Attribute) and node.attr == "c" and getattr(node.value, "id", "a").isupper():
            yield f"{path}:{node.lineno} {node.value.id}.c"  # type: ignore[attr-defined]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "values" and node.keywords:
            yield f"{path}:{node.lineno} values(column=...)"


def foreign_why(path: str, tree: ast.Module, text: str) -> Findings:
    """Every `why` could be read to a citizen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "why":
            parts = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
            said = "".join(part for part in parts if isinstance(part, str))
            fixed = isinstance(node.value, ast.Constant | ast.JoinedStr)
            if fixed and re.search(r"[A-Za-z]", said) and not CHINESE.search(said):
                yield f"{path}:{node.value.lineno} {said!r}"


def unformatted(path: str, tree: ast.Module, text: str) -> Findings:
    """The formatter lays out all but whole tables (`# fmt: off` to `# fmt: on`)."""
    skipped = [number for number, line in enumerate(text.splitlines(), 1) if re.search(r"#\s*fmt:\s*skip", line)]
    yield from (f"{path}:{number} fmt: skip" for number in skipped)
    if len(re.findall(r"#\s*fmt:\s*off", text)) != len(re.findall(r"#\s*fmt:\s*on", text)):
        yield f"{path}: fmt: off without an end"


_SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore)(?::[\sA-Z\d,]*\d)?(?:\[[\w\s,-]*\])?([^\n]*)")


def silenced(path: str, tree: ast.Module, text: str) -> Findings:
    """A check that is silenced says beside it why."""
    for line, words in ((text.count("\n", 0, one.start()) + 1, one[1]) for one in _SILENCED.finditer(text)):
        if not re.search(r"[^\W\d_]{2}", words):
            yield f"{path}:{line}"


STATE_WRITERS = {"hotline/flow/moves.py", "hotline/store/intake.py"}
RULES: list[tuple[Rule, tuple[str, ...], set[str]]] = [
    # rule           folders                exempt
    (long_file, (*PACKAGES, "tests"), set()),
    (long_function, (*PACKAGES, "tests"), set()),
    (vague_name, (*PACKAGES, "tests"), set()),
    (talking_init, PACKAGES, set()),
    (hidden_import, (*PACKAGES, "tests"), set()),
    (written_state, ("hotline",), STATE_WRITERS),
    (wall_clock, PACKAGES, {"hotline/clock.py"}),
    (environment, PACKAGES, {"hotline/settings.py"}),
    (foreign_why, PACKAGES, set()),
    (unformatted, PACKAGES, set()),
    (loose_column, ("hotline",), {"hotline/store/columns.py", "hotline/bench/pasts.py"}),
    (silenced, (*PACKAGES, "tests"), {"tests/test_house.py"}),  # which shows what it looks like
]


@pytest.mark.parametrize(("rule", "folders", "exempt"), RULES, ids=[rule.__name__ for rule, _, _ in RULES])
def test_the_house_keeps(rule: Rule, folders: tuple[str, ...], exempt: set[str]) -> None:
    broken = []
    for path in sources(*folders):
        if path not in exempt and not path.startswith(GENERATED):
            text = (ROOT / path).read_text(encoding="utf-8")
            broken += rule(path, ast.parse(text), text)
    assert broken == []


# fmt: off
BREACHES: list[tuple[Rule, str, str]] = [
    (long_file,     "hotline/a.py",        "x = 1\n" * 401),
    (long_function, "hotline/a.py",        "def f():\n" + "    x = 1\n" * 40),
    (long_function, "hotline/a.py",        "class A:\n    async def f(self):\n" + "        x = 1\n" * 40),
    (vague_name,    "hotline/utils.py",    ""),
    (vague_name,    "grids/common/a.py",   ""),
    (talking_init,  "grids/__init__.py",   '"""Grids."""\nfrom grids import tree\n'),
    (talking_init,  "grids/__init__.py",   ""),
    (hidden_import, "hotline/a.py",        "def f():\n    import os\n"),
    (hidden_import, "hotline/a.py",        "if True:\n    import os\n"),
    (hidden_import, "hotline/a.py",        '"""A."""\nx = 1\nimport os\n'),
    (written_state, "hotline/a.py",        "ticket.state = 'closed'\n"),
    (written_state, "hotline/a.py",        "setattr(ticket, 'state', 'closed')\n"),
    (written_state, "hotline/a.py",        "db.execute(sa.update(T).values(state='closed'))\n"),
    (written_state, "hotline/a.py",        "db.execute(sa.update(T).values({'state': 'closed'}))\n"),
    (written_state, "hotline/a.py",        "db.execute(sa.update(T).values({col(TicketRow.state): 'closed'}))\n"),
    (written_state, "hotline/a.py",        "moves.make(db, t, 'note', a, n, changes={'state': 'closed'})\n"),
    (written_state, "hotline/a.py",        "Ticket(state='closed')\n"),
    (written_state, "hotline/a.py",        "sa.text('UPDATE ticket SET seq = 1, state = :s')\n"),
    (wall_clock,    "dispatch/a.py",       "from datetime import datetime\nx = datetime.now()\n"),
    (wall_clock,    "dispatch/a.py",       "import datetime\nx = datetime.datetime.utcnow()\n"),
    (wall_clock,    "dispatch/a.py",       "import time\nx = time.time()\n"),
    (environment,   "hotline/a.py",        "import os\nx = os.environ['A']\n"),
    (loose_column,  "hotline/a.py",        "T = METADATA.tables['ticket']\n"),
    (loose_column,  "hotline/a.py",        "x = TICKET.c.state\n"),
    (loose_column,  "hotline/a.py",        "x = Ticket.__table__\n"),
    (loose_column,  "hotline/a.py",        "sa.update(T).values(seq=1)\n"),
    (foreign_why,   "hotline/a.py",        "Chosen(unit='', why='no rule')\n"),
    (foreign_why,   "hotline/a.py",        "Chosen(unit='', why=f'no rule for {x}')\n"),
    (unformatted,   "hotline/a.py",        "x = [1,\n     2]  # fmt: skip\n"),
    (unformatted,   "hotline/a.py",        "# fmt: off\nx = [1,\n     2]\n"),
    (silenced,      "hotline/a.py",        "x = 1  # noqa\n"),
    (silenced,      "hotline/a.py",        "x = 1  # noqa: B008\n"),
    (silenced,      "tests/a.py",          "x = 1  # noqa: B008, S101 -\n"),
    (silenced,      "tests/a.py",          "x = 1  # type: ignore[arg-type]\n"),
    (silenced,      "hotline/a.py",        "x = 1  # type: ignore\n"),
]
# fmt: on


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES)
def test_each_rule_bites(rule: Rule, path: str, text: str) -> None:
    assert len(list(rule(path, ast.parse(text), text))) == 1


@pytest.mark.parametrize(("rule", "text"), [
    (written_state, "if ticket.state == 'closed': pass\n"), (written_state, "Leg(state='办结')\n"),
    (written_state, "sa.text('UPDATE ticket SET seq = 1 WHERE ticket.state = 1')\n"),
    (foreign_why, "Chosen(why='由人工选定')\n"), (foreign_why, "Chosen(why=f'{a}；{b}')\n"),
    (foreign_why, "Chosen(why=found.why)\n"), (wall_clock, "import time\nx = time.monotonic()\n"),
    (hidden_import, '"""A."""\nfrom __future__ import annotations\nimport os\nx = 1\n'),
    (silenced, "x = 1  # noqa: B008 - frozen\n"), (silenced, "x = 1  # type: ignore[misc, index]  # one row always\n"),
    (silenced, "x = 1  # noqa: B008, S101 - 见上\n"),
])  # fmt: skip
def test_no_rule_bites_the_innocent(rule: Rule, text: str) -> None:
    assert list(rule("hotline/a.py", ast.parse(text), text)) == []


def test_the_floors_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]


def test_the_two_tables_carry_the_same_names() -> None:
    assert list(NEXT) == list(MOVES)


def test_the_pure_rules_touch_no_files() -> None:
    calls = {"open", "input", "print", "exec", "eval"}
    named = []
    for path in sources(*PURE):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in calls:
                named.append(f"{path}:{node.lineno} {node.func.id}")
    assert named == []


def test_the_map_says_of_each_file_what_the_file_says_of_itself() -> None:
    assert tree.parts(tree.MAP.read_text(encoding="utf-8"))[1] == tree.drawn(), "python -m tests.tree writes it anew"


def test_the_map_leaves_no_file_out_and_has_a_sentence_for_each() -> None:
    rows = dict(tree.rows())
    rooms = [path for path in sources(*PACKAGES) if not path.endswith("__init__.py") and not path.startswith(GENERATED)]
    assert [path for path in rooms if path not in rows] == []
    assert [path for path, said in rows.items() if len(said.split()) < 2] == []


@pytest.mark.parametrize(("name", "text", "said"), [
    ("a.py", '"""One thing.  Another.\n\nMore."""\n', "One thing"), ("b.py", "x = 1\n", ""),
    ("c.py", '"""Why `a.b` is so:\nlong."""\n', "Why `a.b` is so: long"),
    ("d.js", "// One\n// thing. Another.\n\nlet a;\n", "One thing"), ("e.css", "/* a style. */\n", "a style"),
])  # fmt: skip
def test_a_file_says_what_it_is_for(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert tree.sentence(tmp_path / name) == said


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-build.lock",
                                  "requirements-node.lock"])  # fmt: skip
def test_every_locked_requirement_has_its_hashes_and_names_no_host(lock: str) -> None:
    assert unlocked((ROOT / lock).read_text(encoding="utf-8")) == []


def unlocked(text: str) -> list[str]:
    """Return the lines of a lock that do not hold what was reviewed."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    entries = [entry.strip() for entry in re.split(r"(?<!\\)\n", plain) if entry.strip()]
    assert entries
    pinned = re.compile(r"[\w.\-\[\]]+==[\w.+!]+[^\n]*?(\s*\\\n\s+--hash=sha256:[0-9a-f]{64})+")
    return [entry.splitlines()[0] for entry in entries if "://" in entry or not pinned.fullmatch(entry)]


@pytest.mark.parametrize(("entry", "right"), [
    (f"a==1 \\\n    --hash=sha256:{'0' * 64}", True), (f"a==1 ; x \\\n    --hash=sha256:{'0' * 64}", True),
    ("a==1", False), (f"a>=1 \\\n    --hash=sha256:{'0' * 64}", False), ("--index-url https://x.test/simple", False),
    (f"a @ https://x.test/a.whl \\\n    --hash=sha256:{'0' * 64}", False),
])  # fmt: skip
def test_a_lock_that_is_none_is_seen(entry: str, right: bool) -> None:
    assert (unlocked(f"{entry}\n") == []) is right


def test_the_node_lock_names_no_host_and_every_hash() -> None:
    held = json.loads((ROOT / "hotline/web/frontend/package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, one in held["packages"].items() if "resolved" in one]
    assert not [name for name, one in held["packages"].items() if name and "integrity" not in one]
