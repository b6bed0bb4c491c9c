"""Responsibility areas (责任清单事项): codes in up to four levels, with an edition."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

import msgspec

from classifiers.errors import BrokenTaxonomy, UnknownArea
from classifiers.text import normalise
from grids.messages import Message

DEEPEST = 4  # levels of the city's list of areas


class Area(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One area (事项).  `keywords` and `examples` are weak samples: a city without history starts from them.

    formerly  codes of earlier editions that this area took over, whole or in part
    """

    code: str
    name: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()


class Taxonomy(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """All areas of one edition.  Make it with `build`, which checks it."""

    edition: str
    areas: tuple[Area, ...]

    @cached_property
    def _by_code(self) -> dict[str, Area]:
        return {area.code: area for area in self.areas}

    @cached_property
    def _by_word(self) -> dict[str, Area]:
        """Normalised label, name or alias -> the one area it can only mean; what two areas share is left out."""
        words: dict[str, Area] = {}
        for kind in (_labels, _names, _aliases):
            found = [(normalise(word), area) for area in self.areas for word in kind(self, area)]
            shared = Counter(word for word, _ in set(found))
            words = {word: area for word, area in found if word and shared[word] == 1} | words
        return words

    @cached_property
    def _parents(self) -> frozenset[str]:
        return frozenset(area.parent for area in self.areas if area.parent is not None)

    def get(self, code: str) -> Area:
        """raises UnknownArea"""
        area = self._by_code.get(code)
        if area is None:
            raise UnknownArea(code, self.edition)
        return area

    def find(self, code_or_name: str) -> Area | None:
        """Return the area of a code, a whole label ("市容环卫/垃圾清运"), a name or an alias, in this order.

        None if there is none, or several share the word.
        """
        return self._by_code.get(code_or_name.strip()) or self._by_word.get(normalise(code_or_name))

    def path(self, code: str) -> tuple[Area, ...]:
        """Return the area itself, then its parent, up to the root.  raises UnknownArea"""
        area = self.get(code)
        path = [area]
        while area.parent is not None:
            area = self.get(area.parent)
            path.append(area)
        return tuple(path)

    def leaves(self) -> tuple[Area, ...]:
        """Return the areas which have no children, in the order of the table."""
        return tuple(area for area in self.areas if area.code not in self._parents)

    def label(self, code: str) -> str:
        """Return names from the root down: "市容环卫/垃圾清运".  raises UnknownArea"""
        return "/".join(area.name for area in reversed(self.path(code)))


def build(edition: str, areas: Iterable[Area]) -> Taxonomy:
    """raises BrokenTaxonomy: an empty or repeated code, no name, a missing parent, a loop, more than four levels"""
    known: dict[str, Area] = {}
    for area in areas:
        if not area.code.strip() or area.code != area.code.strip():
            raise BrokenTaxonomy(area.code, Message("编码为空或首尾有空格"))
        if not area.name.strip():
            raise BrokenTaxonomy(area.code, Message("没有名称"))
        if area.code in known:
            raise BrokenTaxonomy(area.code, Message("编码重复"))
        known[area.code] = area
    for area in known.values():
        _check_path(area, known)
    return Taxonomy(edition, tuple(known.values()))


def _check_path(area: Area, known: dict[str, Area]) -> None:
    seen = {area.code}
    here = area
    while here.parent is not None:
        if here.parent not in known:
            raise BrokenTaxonomy(here.code, Message("上级“%(parent)s”不存在", parent=here.parent))
        if here.parent in seen:
            raise BrokenTaxonomy(area.code, Message("上下级成环"))
        seen.add(here.parent)
        here = known[here.parent]
    if len(seen) > DEEPEST:
        raise BrokenTaxonomy(area.code, Message("超过 %(n)s 级", n=DEEPEST))


def _labels(taxonomy: Taxonomy, area: Area) -> tuple[str, ...]:
    return (taxonomy.label(area.code),)


def _names(_: Taxonomy, area: Area) -> tuple[str, ...]:
    return (area.name,)


def _aliases(_: Taxonomy, area: Area) -> tuple[str, ...]:
    return area.aliases
