"""The forms of a place's name: what people write for 北苑社区居委会, and how to say which 第一网格 is meant."""

from __future__ import annotations

from grids.tree import Level, Place, Tree

_ENDINGS: dict[Level, tuple[tuple[str, ...], ...]] = {
    # endings of one group mean the same and are tried for each other; longest first within a group
    Level.DISTRICT: (("区人民政府", "区政府", "区"), ("县人民政府", "县政府", "县"), ("市人民政府", "市政府", "市")),
    Level.STREET: (
        ("街道办事处", "街道办", "街办", "街道"),
        ("镇人民政府", "镇政府", "镇"),
        ("乡人民政府", "乡政府", "乡"),
    ),
    Level.COMMUNITY: (
        ("社区居民委员会", "社区居委会", "社区居委", "居民委员会", "居委会", "社区"),
        ("村民委员会", "村委会", "村委", "村"),
    ),
    Level.GRID: (),
    Level.MICRO: (),
}


def spellings(place: Place) -> tuple[str, ...]:
    """Return the forms of a place's names with an official ending, each once; the names themselves first."""
    forms = [place.name, *place.aliases]
    for name in (place.name, *place.aliases):
        for group in _ENDINGS[place.level]:
            ending = next((ending for ending in group if name.endswith(ending) and len(name) > len(ending)), None)
            if ending:
                forms += [name[: -len(ending)] + other for other in group]
                break
    return tuple(dict.fromkeys(forms))


def stem(place: Place) -> str:
    """Return a place's name without its official ending; empty where fewer than two characters would remain."""
    for group in _ENDINGS[place.level]:
        for ending in group:
            if place.name.endswith(ending):
                rest = place.name[: -len(ending)]
                return rest if len(rest) >= 2 else ""
    return ""


def tail(grid: Place, community: Place) -> str:
    """Return a grid's own part of its name: 第二网格 of 北苑社区第二网格."""
    heads = (*spellings(community), stem(community))
    head = max((head for head in heads if head and grid.name.startswith(head)), key=len, default="")
    return grid.name[len(head) :] or grid.name


def title(tree: Tree, code: str) -> str:
    """Return the name people would say: a grid carries its community's, in the short form.  raises NoSuchGrid"""
    place = tree.get(code)
    if place.parent is None or place.level not in {Level.GRID, Level.MICRO}:
        return place.name
    above = tree.get(place.parent)
    if place.level is Level.MICRO:
        return place.name if place.name.startswith(above.name) else title(tree, above.code) + place.name
    return plain(above) + tail(place, above)


def plain(place: Place) -> str:
    """Return the name with the plain form of its official ending: 北苑社区 for 北苑社区居委会."""
    for group in _ENDINGS[place.level]:
        for ending in group:
            if place.name.endswith(ending) and len(place.name) > len(ending):
                return place.name[: -len(ending)] + group[-1]
    return place.name
