"""What became of each old area code in the next edition of the areas, and where a text labelled with it belongs.

An area says itself which old codes it took over (`formerly`).  One heir: the old code was renamed, or merged with
others.  Several heirs: it was split, and the words of each new area decide text by text; what they do not decide is
left for a person, never guessed.

Codes follow names: an area whose names, from the root down, were known keeps its code in every later list, a new one
gets a code nobody ever had.  Another name for a code is what a person says (`formerly`, or a table with codes).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from classifiers.taxonomy import Area, Taxonomy
from classifiers.text import normalise

Path = tuple[str, ...]  # names from the root down
What = Literal["new", "gone", "renamed", "moved", "merged", "split"]
CHANGE_NAMES: dict[What, str] = {
    "new": "新增",
    "gone": "取消",
    "renamed": "改名",
    "moved": "改归属",
    "merged": "合并",
    "split": "拆分",
}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference; `heirs` are the codes of the new edition, and `text` a sentence for people."""

    what: What
    code: str
    heirs: tuple[str, ...]
    text: str


def heirs(code: str, new: Taxonomy) -> tuple[str, ...]:
    """Return the areas of `new` that an old code lives on in: itself first, then those that took it over; () = none."""
    kept = (code,) if any(area.code == code for area in new.areas) else ()
    return (*kept, *(area.code for area in new.areas if code in area.formerly and area.code != code))


def changes(old: Taxonomy, new: Taxonomy) -> tuple[Change, ...]:
    """Return all differences, in the order of the old table, then what is new."""
    took = [code for area in new.areas for code in area.formerly]
    found = [change for area in old.areas if (change := _change(area, old, new, took))]
    known = {area.code for area in old.areas}
    for area in new.areas:
        if area.code not in known and not known & set(area.formerly):
            label = new.label(area.code)
            found.append(Change(what="new", code=area.code, heirs=(area.code,), text=f"新增“{label}”（{area.code}）"))
    return tuple(found)


def _change(area: Area, old: Taxonomy, new: Taxonomy, took: list[str]) -> Change | None:
    now = heirs(area.code, new)
    said = f"“{old.label(area.code)}”（{area.code}）"
    names = "、".join(f"“{new.label(code)}”（{code}）" for code in now)
    if not now:
        return Change(what="gone", code=area.code, heirs=(), text=f"{said}取消，没有事项接替")
    if len(now) > 1:
        return Change(what="split", code=area.code, heirs=now, text=f"{said}拆分为{names}")
    if now[0] != area.code:
        others = any(one != area.code and one in took for one in new.get(now[0]).formerly)
        merged = others or now[0] in {one.code for one in old.areas}
        word = "并入" if merged else "改为"
        return Change(what="merged" if merged else "renamed", code=area.code, heirs=now, text=f"{said}{word}{names}")
    if new.get(area.code).parent != area.parent:
        return Change(what="moved", code=area.code, heirs=now, text=f"{said}改归属为“{new.label(area.code)}”")
    if new.get(area.code).name != area.name:
        return Change(what="renamed", code=area.code, heirs=now, text=f"{said}改名为“{new.get(area.code).name}”")
    return None


def relabel(code: str, text: str, title: str, new: Taxonomy) -> str:
    """Return the code of `new` for a text labelled with an old code, "" where only a person can say.

    Of several heirs, the one whose words (name, aliases, keywords) the text and title hold most of, if it is alone.
    """
    now = heirs(code, new)
    if len(now) < 2:
        return now[0] if now else ""
    plain = normalise(f"{title}\n{text}")
    hits = {one: _hits(new.get(one), plain) for one in now}
    best = max(hits.values())
    leaders = [one for one, count in hits.items() if count == best]
    return leaders[0] if best and len(leaders) == 1 else ""


def _hits(area: Area, plain: str) -> int:
    words = {normalise(word) for word in (area.name, *area.aliases, *area.keywords)}
    return sum(1 for word in words if word and word in plain)


class KnownCodes(msgspec.Struct, frozen=True, kw_only=True):
    """Which code each path of (normalised) names has, by all editions so far, and every code that was ever used."""

    codes: dict[Path, str] = {}
    used: frozenset[str] = frozenset()


NONE_HELD = KnownCodes()


def known_codes(editions: Sequence[Taxonomy]) -> KnownCodes:
    """Return what the names are called by now.  editions: the oldest first, the one in force last"""
    codes: dict[Path, str] = {}
    used: set[str] = set()
    for edition in editions:
        now = {_plain(_path(edition, area.code)): area.code for area in edition.areas}
        taken = set(now.values())
        codes = {path: code for path, code in codes.items() if code not in taken} | now
        used |= taken | {code for area in edition.areas for code in area.formerly}
    return KnownCodes(codes=codes, used=frozenset(used))


def codes_of(
    paths: Iterable[Path],
    known: KnownCodes = NONE_HELD,
    formerly: Mapping[Path, Sequence[str]] | None = None,
) -> dict[Path, str]:
    """Return a code for each area and each above it: the one its names have, else the next that is free below its own.

    formerly   old codes an area says it took over: one alone, whose own names are gone, is the same area renamed, and
               what stands below it is looked for under its old names
    """
    every = sorted({path[:depth] for path in paths for depth in range(1, len(path) + 1)})
    plain = {_plain(path) for path in every}
    names = {code: path for path, code in known.codes.items()}
    codes: dict[Path, str] = {(): ""}
    old: dict[Path, Path] = {(): ()}  # by which names a path was known
    taken, given = set(known.used), set[str]()
    for path in sorted(every, key=lambda path: (len(path), path)):
        said = [code for code in (formerly or {}).get(path, ()) if code in names]
        renamed = names[said[0]] if len(said) == 1 and names[said[0]] not in plain else None
        old[path] = renamed or (*old[path[:-1]], *_plain(path[-1:]))
        code = known.codes.get(old[path]) or known.codes.get(_plain(path))
        if code is None or code in given:
            code = _next(codes[path[:-1]], sum(one[:-1] == path[:-1] for one in every), taken)
        codes[path] = code
        taken.add(code)
        given.add(code)
    del codes[()]
    return codes


def moved(old: Taxonomy, new: Taxonomy) -> tuple[tuple[str, str], ...]:
    """Return (old code, new code) of areas that keep their names, lost their code, and do not say so in `formerly`."""
    before, now = _named(old), _named(new)
    pairs = ((before[path], now[path]) for path in before if path in now)
    return tuple((was, code) for was, code in pairs if was != code and was not in new.get(code).formerly)


def _named(of: Taxonomy) -> dict[Path, str]:
    """Return path -> code of areas that bear their names alone."""
    paths = [(_plain(_path(of, area.code)), area.code) for area in of.areas]
    borne = Counter(path for path, _ in paths)
    return {path: code for path, code in paths if borne[path] == 1}


def _next(above: str, beside: int, taken: set[str]) -> str:
    width, n = max(2, len(str(beside))), 1
    while f"{above}{n:0{width}d}" in taken:
        n += 1
    return f"{above}{n:0{width}d}"


def _path(of: Taxonomy, code: str) -> Path:
    return tuple(area.name for area in reversed(of.path(code)))


def _plain(path: Path) -> Path:
    return tuple("".join(normalise(name).split()) for name in path)
