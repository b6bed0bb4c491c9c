"""From one edition of the areas to the next: what became of each old code, and where a text labelled with it belongs.

An area says itself which old codes it took over (`formerly`).  One heir: the old code was renamed, or merged with
others.  Several heirs: it was split, and the words of each new area decide text by text; what they do not decide is
left for a person, never guessed.
"""

from typing import Literal

import msgspec

from classifiers.taxonomy import Area, Taxonomy
from classifiers.text import normalise

What = Literal["new", "gone", "renamed", "moved", "merged", "split"]
WHAT_NAMES: dict[What, str] = {
    "new": "新增", "gone": "取消", "renamed": "改名", "moved": "改归属", "merged": "合并", "split": "拆分",
}  # fmt: skip


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
