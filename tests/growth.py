"""Does work grow with the text, or with its square?  Adversarial texts made from a pattern itself, and a measure.

Work is CPU time of this thread, so a busy machine changes little; and it is never a number of seconds that is asserted,
only what four times the text costs.  Work below FLOOR is too small to measure and too small to harm: it counts as none.
"""

import ast
import re
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice, permutations
from pathlib import Path
from re import _constants as op  # the parser of the library itself: what else knows what a pattern can read
from re import _parser as parser
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("grids", "classifiers", "dispatch", "hotline")
SIZES = (500, 2000, 8000)  # characters
FLOOR = 0.005
STEEP = 8.0  # four times the text: 4 is linear, 16 is its square
METHODS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
STAND_IN = "12345678"  # for a value put into a pattern where it is used


# --- the measure -----------------------------------------------------------------------------------------------------


def steep(work: Callable[[str], object], text: Callable[[int], str], sizes: Sequence[int] = SIZES) -> float:
    """Return how much more four times the text costs, 0 where it costs next to nothing; the least of three trials."""
    for size in sizes:
        spent = _spent(work, text(size))
        if spent > FLOOR:
            break
    else:
        return 0.0
    least = 100.0
    for _ in range(3):
        small = min(_spent(work, text(size // 4)) for _ in range(3))
        least = min(least, min(spent, _spent(work, text(size))) / max(small, FLOOR / 100))
        if least < STEEP:
            break
    return least


def _spent(work: Callable[[str], object], text: str) -> float:
    begin = time.thread_time()
    work(text)
    return time.thread_time() - begin


def scan(pattern: "re.Pattern[Any]") -> Callable[[str], object]:
    """Return the work of finding every match, whichever way the code asks: who searches asks the most."""
    if isinstance(pattern.pattern, bytes):
        return lambda text: sum(1 for _ in pattern.finditer(text.encode()))
    return lambda text: sum(1 for _ in pattern.finditer(text))


# --- every pattern ---------------------------------------------------------------------------------------------------


def patterns() -> dict[str, "re.Pattern[Any]"]:
    """Return every pattern of the product by where it stands: compiled at import, or written where it is used."""
    found: dict[str, re.Pattern[Any]] = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if ".migrations." in name or name.endswith("__main__"):
                continue
            module = import_module(name)
            for key, value in vars(module).items():
                for one in [] if key.startswith("__") else _patterns_in(value, name):
                    found.setdefault(f"{name}.{key} {one.pattern!r}", one)
            for line, written, flags in _written(file, vars(module)):
                found.setdefault(f"{name}:{line} {written!r}", re.compile(written, flags))
    return found


def _patterns_in(value: Any, module: str, depth: int = 4) -> Iterator["re.Pattern[Any]"]:
    inside: list[Any] = []
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        inside = [*value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inside = [*value]
    elif isinstance(value, type) and value.__module__ == module:
        inside = [one for key, one in vars(value).items() if not key.startswith("__")]
    for one in inside if depth else []:
        yield from _patterns_in(one, module, depth - 1)


def _written(file: Path, known: dict[str, Any]) -> Iterator[tuple[int, str | bytes, int]]:
    """Yield the patterns of calls such as `re.search("...", s)` and of `Meta(pattern="...")`, with their line."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        of_re = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
        method = node.func.attr if of_re else ""
        given = [word.value for word in node.keywords if word.arg == "pattern"]
        given += node.args[:1] if method in METHODS else []
        flags = re.MULTILINE if "MULTILINE" in ast.unparse(node) else 0
        for one in given:
            text = _text(one, known)
            if text and method in {"match", "fullmatch"}:  # asked at the beginning alone
                text = rf"\A(?:{text})"
            if text:
                yield node.lineno, text, flags


def _text(node: ast.expr, known: dict[str, Any]) -> str | bytes | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str | bytes) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(_text(one, known)) for one in node.values)
    if isinstance(node, ast.FormattedValue):
        value = known.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return value if isinstance(value, str) else STAND_IN
    if isinstance(node, ast.Name) and isinstance(known.get(node.id), str):
        return str(known[node.id])
    return None


# --- texts against a pattern -----------------------------------------------------------------------------------------

MAX_PAIRS, MAX_LETTERS, MAX_PUMPS = 40, 30, 60


def texts(pattern: "re.Pattern[Any]") -> Iterator[Callable[[int], str]]:
    """Yield texts of any size that the pattern almost reads: its own letters again and again, alone, in pairs, behind
    its own beginning, and each of its repeats drawn out behind what leads to it."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    tree = parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    letters = list(dict.fromkeys([*_letters(tree), *"1a一", " ", "（", "\n"]))[:MAX_LETTERS]
    pieces = list(dict.fromkeys(letters + [w for w in (_witness(tree), *_beginnings(tree)) if w]))
    for one in pieces[: MAX_LETTERS + 10]:
        yield _repeated("", one, "")
        yield _repeated("", one, "\x00")
    for first, second in islice(permutations(letters, 2), MAX_PAIRS):
        yield _repeated("", first + second, "")
    for lead, body in islice(dict.fromkeys(_pumps(tree, "")), MAX_PUMPS):
        yield _repeated(lead, body, "\x00")
        yield _repeated("", lead + body, "\x00")
        yield _repeated("", lead + body * 7, "")


def _repeated(lead: str, body: str, end: str) -> Callable[[int], str]:
    return lambda size: lead + body * (size // len(body)) + end


def _letters(tree: Any) -> Iterator[str]:
    for code, given in tree:
        if code in {op.LITERAL, op.NOT_LITERAL}:
            yield chr(given)
        elif code is op.IN:
            yield from (one for one in _of_set(given))
        elif code is op.ANY:
            yield "中"
        for one in _inner(code, given):
            yield from _letters(one)


def _of_set(given: Any) -> list[str]:
    if given and given[0][0] is op.NEGATE:
        refused = {chr(arg) for code, arg in given[1:] if code is op.LITERAL}
        return [one for one in "中1a (" if one not in refused][:2]
    found: list[str] = []
    for code, arg in given:
        if code is op.LITERAL:
            found.append(chr(arg))
        elif code is op.RANGE:
            found.append(chr(arg[0]))
        elif code is op.CATEGORY:
            found.append({op.CATEGORY_DIGIT: "7", op.CATEGORY_SPACE: " "}.get(arg, "中"))
    return found[:6]


def _inner(code: Any, given: Any) -> list[Any]:
    if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
        return [given[2]]
    if code is op.SUBPATTERN:
        return [given[3]]
    if code is op.BRANCH:
        return list(given[1])
    if code in {op.ASSERT, op.ASSERT_NOT}:
        return [given[1]]
    if code is op.ATOMIC_GROUP:
        return [given]
    return []


def _witness(tree: Any) -> str:
    """Return a short text the pattern reads, or nearly."""
    return "".join(_witness_of(code, given) for code, given in tree)


def _witness_of(code: Any, given: Any) -> str:
    if code is op.LITERAL:
        return chr(given)
    if code is op.IN:
        return (_of_set(given) or [""])[0]
    if code in {op.ANY, op.NOT_LITERAL}:
        return "中"
    if code in {op.ASSERT_NOT, op.AT, op.GROUPREF}:
        return ""
    if code is op.ASSERT and given[0] < 0:
        return _witness(given[1])
    inner = _inner(code, given)
    least = max(given[0], 1 if given[1] else 0) if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT} else 1
    return _witness(inner[0]) * min(least, 8) if inner and code is not op.ASSERT else ""


def _beginnings(tree: Any) -> Iterator[str]:
    for code, given in tree:
        for one in _inner(code, given):
            yield _witness(one)
            yield from _beginnings(one)


def _pumps(tree: Any, lead: str) -> Iterator[tuple[str, str]]:
    """Yield (what leads to a repeat, what is repeated) for every repeat."""
    for code, given in tree:
        inner = _inner(code, given)
        if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
            bodies = [_witness(given[2]), *(_letters(given[2]))]
            yield from ((lead, body) for body in dict.fromkeys(bodies[:6]) if body)
        for one in inner:
            yield from _pumps(one, lead)
        lead += _witness_of(code, given)
