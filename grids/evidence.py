"""Weighs the several names in one text and decides for the one place they mean together.

Names that lie in one another support each other: 北苑街道 + 和平社区 picks the 和平社区 of that street.  Names that
exclude each other lower the confidence; a name that several places bear, with nothing to choose between them, gives
what those places share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from grids.addresses import Hit, Name
from grids.tree import DEPTH, Level, Tree

# How far one name can be trusted to be where the matter is.  In 647 real tickets with a known community, a name in full
# was right in 7 to 8 texts of 10 and nearly every address; a street's name without its ending in 6 of 10, a community's
# of two characters in 1 of 10 alone and 4 of 10 beside its district, and never against another district.
_FULL = {"district": 0.95, "street": 0.92, "community": 0.92, "grid": 0.95, "micro": 0.95, "learned": 0.6}
_LANDMARK = 0.8
_SHORT = {"district": 0.8, "street": 0.7, "community": 0.5, "grid": 0.8}
_WEAK = 0.35
_SUPPORT = 0.5  # how much of what is still missing a second name in the same chain adds
_DISTRICT_SUPPORT = 0.1  # a district names little ground
MOST = 60  # different names of one text that are weighed against each other
_EARLY = 60  # characters; later on a community's short name is seldom one (11 texts: 2 right)
_STATED = 0.1  # what 位于 or 在 before a name adds, so that of two places the one so marked is the matter's
_AT = re.compile(r"(?:位于|位置在|位置[:：]?|地址[:：是在]?|地点[:：是在]?|发生在|(?<![住现存实正])在)\s*$")
_BESIDE = 0.5  # what a name in the other text is worth when it chooses between places named in this one


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The place that the names of one text mean.

    code      none where they name several places that share nothing
    words     as written, those that point there; `against` those that point elsewhere
    shared    it is only what several places of one name have in common
    """

    code: str | None
    words: tuple[str, ...]
    against: tuple[str, ...] = ()
    shared: bool = False
    confidence: float = 0.0


def weight(name: Name) -> float:
    """Return how far a name can be trusted alone, 0 to 1."""
    if name.trust:
        return name.trust
    if not name.short:
        return _FULL.get(name.kind, _LANDMARK)
    return _WEAK if name.weak and name.kind == Level.COMMUNITY else _SHORT.get(name.kind, _LANDMARK)


class Scale:
    """Weighs hits against a tree; keeps each place's chain of codes at hand."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._chains = {place.code: tuple(above.code for above in tree.chain(place.code)) for place in tree.places}

    def depth(self, code: str) -> int:
        """Return 0 for a district up to 4 for a micro-grid."""
        return DEPTH[self._tree.get(code).level]

    def agrees(self, code: str, other: str) -> bool:
        """Tell whether one of the two is the other or lies in it."""
        return other in self._chains[code] or code in self._chains[other]

    def shared(self, codes: Sequence[str]) -> str | None:
        """Return the smallest place that holds all of them."""
        others = [set(self._chains[code]) for code in codes[1:]]
        return next((code for code in self._chains[codes[0]] if all(code in chain for chain in others)), None)

    def apart(self, code: str, others: Sequence[str]) -> tuple[str, ...]:
        """Return the smallest of the others that are not `code` or above it."""
        beside = [other for other in others if other not in self._chains[code]]
        above = {upper for other in beside for upper in self._chains[other][1:]}
        return tuple(other for other in beside if other not in above)

    def choose(
        self, text: str, hits: Sequence[Hit], within: str | None = None, beside: Sequence[Hit] = ()
    ) -> Choice | None:
        """Return the place that these hits in `text` mean; none without hits.

        within  only a place in this one
        beside  hits of another text on the same matter: they choose between places named here, and name none themselves
        """
        names = self._credible(_once(text, hits))
        scores = self._scores(names, within, _stated(text, hits))
        if len(scores) > 1 and beside:
            scores = self._supported(scores, beside)
        if not scores:
            return None
        best = max(scores.values())
        leaders = [code for code, score in scores.items() if score > best - 1e-9]
        deepest = max(map(self.depth, leaders))
        leaders = [code for code in leaders if self.depth(code) == deepest]
        code, shared = self._settle(leaders, list(names))
        if code is None:
            return Choice(code=None, words=tuple(names.values()), shared=True)
        return self._choice(code, names, shared=shared)

    def _credible(self, names: dict[Name, str]) -> dict[Name, str]:
        """Return the names without short ones that contradict a full one and weak ones that stand alone."""
        full = [name for name in names if not name.short]
        kept = {
            name: word
            for name, word in names.items()
            if not name.short or not full or any(self._together(name, other) for other in full)
        }
        return {
            name: word
            for name, word in kept.items()
            if not name.weak or any(name != other and self._together(name, other) for other in kept)
        }

    def _together(self, name: Name, other: Name) -> bool:
        """Tell whether two names can mean the same place, or one a part of the other."""
        return any(self.agrees(code, there) for code in name.places for there in other.places)

    def _scores(self, names: dict[Name, str], within: str | None, stated: frozenset[str]) -> dict[str, float]:
        """Return for each place named the weight of all names that it agrees with from above or exactly."""
        named = {code for name in names for code in name.places}
        if within is not None:
            named = {code for code in named if within in self._chains[code]}
        weighed = [
            (frozenset(name.places), weight(name) + (_STATED if word in stated else 0.0))
            for name, word in names.items()
        ]
        return {
            code: sum(value for places, value in weighed if not places.isdisjoint(self._chains[code]))
            for code in sorted(named)
        }

    def _supported(self, scores: dict[str, float], beside: Sequence[Hit]) -> dict[str, float]:
        """Return the scores raised by names of another text that agree with a place or with what it lies in."""
        others = {hit.name for hit in beside if hit.name.places}
        return {
            code: score + _BESIDE * sum(weight(name) for name in others if self._reaches(code, name))
            for code, score in scores.items()
        }

    def _reaches(self, code: str, name: Name) -> bool:
        return any(self.agrees(code, place) for place in name.places)

    def _settle(self, leaders: list[str], names: list[Name]) -> tuple[str | None, bool]:
        """Return one of places with the same score: the first written, or what the bearers of one name share."""
        if len(leaders) == 1:
            return leaders[0], False
        first = next(name for name in names if any(code in name.places for code in leaders))
        bearers = [code for code in leaders if code in first.places]
        if len(bearers) == 1:
            return bearers[0], False
        return self.shared(bearers), True

    def _choice(self, code: str, names: dict[Name, str], *, shared: bool) -> Choice:
        """Return the choice with its words and a confidence."""
        chain = self._chains[code]
        inside = {name: word for name, word in names.items() if any(self.agrees(code, place) for place in name.places)}
        against = tuple(word for name, word in names.items() if name not in inside)
        own = [weight(name) for name in inside if code in name.places and not shared]
        confidence = max(own, default=_SHORT["community"])
        for name in inside:
            if code not in name.places and any(place in chain for place in name.places):
                part = _DISTRICT_SUPPORT if name.kind == Level.DISTRICT else _SUPPORT
                confidence += (1 - confidence) * weight(name) * part
        confidence /= 1 + 0.5 * min(1.0, sum(weight(name) for name in names if name not in inside))
        return Choice(
            code=code, words=tuple(inside.values()), against=against, shared=shared, confidence=round(confidence, 3)
        )


def _stated(text: str, hits: Sequence[Hit]) -> frozenset[str]:
    """Return the words of names that the text says the matter is at: 位于……, 地址：……, 在……."""
    return frozenset(text[hit.start : hit.end] for hit in hits if _AT.search(text, max(0, hit.start - 6), hit.start))


def _once(text: str, hits: Sequence[Hit]) -> dict[Name, str]:
    """Return each name once, in order of writing, with its words; a repeated name is not a second witness."""
    names: dict[Name, str] = {}
    for hit in hits:
        if hit.name.places:
            name = hit.name
            if hit.start >= _EARLY and name.short and name.kind == Level.COMMUNITY:
                name = name._replace(weak=True)
            names.setdefault(name, text[hit.start : hit.end])
        if len(names) == MOST:
            break
    return names
