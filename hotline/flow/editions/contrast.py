"""Compares two editions: what their rules say differently, and which other files are not the same."""

import difflib
from collections.abc import Mapping

import msgspec

from dispatch.comparison import Difference, Names, differences
from hotline import rulefiles
from hotline.rulefiles import Head

OF_RULES = frozenset({"promises.toml", "ladder.toml", "duty.csv", "units.csv", "calendar.toml"})
OF_HEAD = ("edition", "returns", "callbacks", "extensions", "exclusion")  # told as rules, or different by design
Files = Mapping[str, str]


class OtherFile(msgspec.Struct, frozen=True):
    """A file that is no table of rules (areas, places, leaders ...): how many lines are new, how many gone."""

    name: str
    added: int
    removed: int


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """What changes from one edition to another."""

    old: str
    new: str
    differences: tuple[Difference, ...]
    others: list[OtherFile]


def contrast(old: Files, new: Files) -> Contrast:
    """Return what `new` changes.  raises RulesUnreadable"""
    heads = rulefiles.head(old), rulefiles.head(new)
    books = [rulefiles.rulebook(files, head) for files, head in zip((old, new), heads, strict=True)]
    found = differences(books[0], books[1], _names(old, new))
    others = [_counted(name, old.get(name, ""), new.get(name, "")) for name in rulefiles.FILES if name not in OF_RULES]
    if _plain(heads[0]) == _plain(heads[1]):
        others = [one for one in others if one.name != "city.toml"]
    others = [one for one in others if one.added or one.removed]
    return Contrast(old=heads[0].edition, new=heads[1].edition, differences=found, others=others)


def lines(old: Files, new: Files) -> dict[str, list[str]]:
    """Return file -> its lines that are gone (-) or new (+), of the files that are not the same."""
    found = {name: _changed(old.get(name, ""), new.get(name, "")) for name in sorted(old.keys() | new.keys())}
    return {name: changed for name, changed in found.items() if changed}


def _names(old: Files, new: Files) -> Names:
    areas, places = dict[str, str](), dict[str, str]()
    for files in (old, new):
        taxonomy = rulefiles.taxonomy(files)
        areas |= {area.code: taxonomy.label(area.code) for area in taxonomy.areas}
        places |= {place.code: place.name for place in rulefiles.ground(files, "").places}
    return Names(areas=areas, places=places)


def _plain(head: Head) -> Head:
    return msgspec.structs.replace(
        head, edition="", **{name: [] if name == "exclusion" else {} for name in OF_HEAD[1:]}
    )


def _counted(name: str, before: str, after: str) -> OtherFile:
    changed = _changed(before, after)
    return OtherFile(name, sum(line[0] == "+" for line in changed), sum(line[0] == "-" for line in changed))


def _changed(before: str, after: str) -> list[str]:
    if before == after:
        return []
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]
