"""Habits: which unit has had the matters of an area at a place, counted; from the widest to the narrowest.

A street with few cases leans on its district, the district on the whole city (each as `PULL` cases of the wider one).
The words say what a matter is, habits who usually has it there; how much they weigh, held-out samples say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from classifiers.arrays import Floats
from classifiers.samples import Around

PULL = 3.0  # cases' worth of trust in the wider place
SPARE = 0.02  # cases a unit has that never had any
LOWEST_LOG_SHARE = -14.0  # log share: below it nothing is learned from the difference
MOST_AREAS = 5  # likely areas asked about
FEWEST_CASES = 3  # cases that make a habit worth telling
BETWEEN = "\v"  # between an area and a place


class PastCases(msgspec.Struct, frozen=True, kw_only=True):
    """Of `of` past cases of `area` ("" = any) at `place` ("" = anywhere) a unit had `n`."""

    n: int
    of: int
    area: str
    place: str


class Habit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cases by area and place, then by unit.

    counts  area, BETWEEN, place -> unit's place among the model's labels, written out -> cases
    weight  of the log share beside a margin; 0: held-out samples spoke against it
    """

    counts: dict[str, dict[str, int]]
    units: int
    weight: float = 0.0

    def margins(self, arounds: Sequence[Around]) -> Floats:
        """Return what habits add to the margins, shape (texts, units)."""
        found = np.zeros((len(arounds), self.units))
        if self.weight:
            known: dict[tuple[str, ...], Floats] = {}
            for i, around in enumerate(arounds):
                found[i] = self.weight * np.maximum(self._log_share(around, known), LOWEST_LOG_SHARE)
        return found

    def told(self, unit: int, around: Around) -> PastCases | None:
        """Return the narrowest habit there is of the likeliest area, for a sentence; None without one."""
        area = _asked(around)[0][0]
        for name in dict.fromkeys((area, "")):
            for place in (*reversed(around.places), "") if name else reversed(around.places):
                cases = self.counts.get(_key(name, place), {})
                total = sum(cases.values())
                if total >= FEWEST_CASES and cases.get(str(unit)):
                    return PastCases(n=cases[str(unit)], of=total, area=name, place=place)
        return None

    def _log_share(self, around: Around, known: dict[tuple[str, ...], Floats]) -> Floats:
        shares = np.zeros(self.units)
        for area, share in _asked(around):
            key = (area, *around.places)
            if key not in known:
                known[key] = self._shares(area, around.places)
            shares += share * known[key]
        found: Floats = np.log(np.maximum(shares, 1e-12))
        return found

    def _shares(self, area: str, places: Sequence[str]) -> Floats:
        shares = self._cases(_key("", "")) + SPARE
        shares /= shares.sum()
        for place in ("", *places):
            cases = self._cases(_key(area, place))
            shares = (cases + PULL * shares) / (cases.sum() + PULL)
        return shares

    def _cases(self, key: str) -> Floats:
        found = np.zeros(self.units)
        for unit, n in self.counts.get(key, {}).items():
            found[int(unit)] = n
        return found


def count(truth: Sequence[int], arounds: Sequence[Around], units: int) -> Habit:
    """Return the habits of cases whose units are known (their places among `units` labels)."""
    found: Mapping[str, Counter[str]] = defaultdict(Counter)
    for unit, around in zip(truth, arounds, strict=True):
        for key in _keys(around):
            found[key][str(int(unit))] += 1
    return Habit(counts={key: dict(sorted(found[key].items())) for key in sorted(found)}, units=units)


def _keys(around: Around) -> Iterator[str]:
    for area in dict.fromkeys(("", around.settled)):
        for place in ("", *around.places):
            yield _key(area, place)


def _key(area: str, place: str) -> str:
    return area + BETWEEN + place


def _asked(around: Around) -> Sequence[tuple[str, float]]:
    """Return the likely areas with their shares, at least one."""
    if around.areas:
        best = sorted(around.areas, key=lambda one: -one[1])[:MOST_AREAS]
        rest = 1 - sum(share for _, share in best)
        return [*best, ("", rest)] if rest > 0 else best
    return [(around.settled, 1.0)]
