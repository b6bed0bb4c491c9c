"""Ranks how alike two matters are: words x metres x hours, the caller and the area; each with its reasons.

Words are weighed by how rare they are among the candidates themselves: what stands in most of them ("来电人反映",
"希望核实处理") tells nothing.  On real tickets that ranks as well as counts over all tickets, which nobody has to keep.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from classifiers import signatures
from classifiers.duplicates import Joining
from classifiers.text import MARKS, mask, normalise
from grids.geometry import Point, metres
from grids.reading import head

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
BACKGROUND = 10  # candidates that share nothing, counted besides: two texts alone are no measure of what is rare
ENOUGH, ENOUGH_HERE = 30, 10  # pairs of characters, and of two matters at one place: shorter ones are alike by chance
FORM, FORM_LONGEST, FORM_SLIP = 4, 80, 0.25  # candidates that share it, pairs of an entry, share alike by chance
MOST_WORDS, LONGEST_WORD = 2, 8
_WORDS = re.compile(r"[^\W\d_]+")


class Reach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a matter of an area reaches: within so many metres and days it may be the same one."""

    metres: Annotated[int, Meta(ge=1, le=100_000)] = 300
    days: Annotated[int, Meta(ge=1, le=366)] = 15


class Weights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each fact leaves of the likeness of the words (a factor), and what the same caller adds of the rest."""

    community: Share = 0.95
    street: Share = 0.85
    unknown: Share = 0.85
    elsewhere: Share = 0.45
    past: Share = 0.6  # beyond the days of the area, at the least
    area: Share = 0.8  # both known, and of another branch
    caller: Share = 0.4
    form: Share = 0.5  # short entries that share a form alone (grid staff's, campaigns)


class Repeats(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[repeats]` of a city.

    shown        matters at least so alike are shown to a person (可能重复)
    past         closed ones at least so alike are shown as examples (相似已办)
    past_days    how far back they are looked for; older ones leave the index
    caller_days  how far back the caller's own tickets are counted
    areas        the code of an area, or the beginning of codes -> its reach; the longest that fits
    """

    metres: Annotated[int, Meta(ge=1, le=100_000)] = 300
    days: Annotated[int, Meta(ge=1, le=366)] = 15
    shown: Share = 0.7
    past: Share = 0.3
    past_days: Annotated[int, Meta(ge=1, le=3660)] = 365
    caller_days: Annotated[int, Meta(ge=1, le=366)] = 30
    areas: dict[str, Reach] = {}
    weights: Weights = Weights()
    join: Joining = Joining()

    def reach(self, area: str) -> Reach:
        """Return how far a matter of this area reaches."""
        fitting = [code for code in self.areas if code and area.startswith(code)]
        return self.areas[max(fitting, key=len)] if fitting else Reach(metres=self.metres, days=self.days)


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared of a matter; "" and None where it is not known.

    caller   a keyed hash of the phone number, never the number itself
    at       aware
    """

    key: str
    text: str
    title: str = ""
    address: str = ""
    point: Point | None = None
    community: str = ""
    street: str = ""
    area: str = ""
    caller: str = ""
    at: datetime


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """How alike an older matter is, 0 to 1, and the parts it is made of (`score` is their product, then the caller).

    metres   between the points, None where one is not known
    days     between the two, whichever came first
    shared   what both say, the rarest first; () where they are not alike enough to be shown
    why      "120 米内、同一来电人、2 天前"
    """

    key: str
    score: float
    words: float
    place: float
    hours: float
    area: float
    caller: bool
    metres: float | None
    days: float
    shared: tuple[str, ...]
    why: str


def rank(new: Subject, olds: Sequence[Subject], rules: Repeats, *, timeless: bool = False) -> list[Alike]:
    """Return the likeness of each, the most alike first, then the latest; the order of `olds` changes nothing.

    timeless   an example from the past is as good however old it is
    """
    mine = _pairs(new)
    theirs = {old.key: _pairs(old) for old in olds if old.key != new.key}
    rare = _rarity(theirs)
    form = _form(theirs)
    whole = math.fsum(rare.get(pair, 1.0) for pair in mine)
    found = [
        (_compared(new, old, mine, whole, theirs[old.key], rare, form, rules, timeless), old)
        for old in olds
        if old.key in theirs
    ]
    found.sort(key=lambda one: (-one[0].score, -one[1].at.timestamp(), one[1].key))
    return [alike for alike, _ in found]


def _compared(
    new: Subject,
    old: Subject,
    mine: frozenset[str],
    whole: float,
    theirs: frozenset[str],
    rare: Mapping[str, float],
    form: frozenset[str],
    rules: Repeats,
    timeless: bool,
) -> Alike:
    both = mine & theirs
    reach, weights = rules.reach(new.area or old.area), rules.weights
    place, where, far = _place(new, old, reach, weights)
    enough = ENOUGH_HERE if place == 1.0 else ENOUGH
    words = min(1.0, min(len(mine), len(theirs)) / enough) * _overlap(whole, theirs, both, rare)
    words *= weights.form if place < 1.0 and _filled_in(mine, theirs, both, form) else 1.0
    days = abs((new.at - old.at).total_seconds()) / 86400
    hours = 1.0 if timeless or days <= reach.days else max(weights.past, reach.days / days)
    area = 1.0 if not (new.area and old.area) or new.area[:2] == old.area[:2] else weights.area
    caller = bool(new.caller) and new.caller == old.caller
    score = words * place * hours * area
    score += (1 - score) * weights.caller * words if caller else 0.0
    shared = _shared(new, old, both, rare) if score >= min(rules.shown, rules.past) else ()
    said = [where, "同一来电人" if caller else "", _when(days)]
    return Alike(
        key=old.key,
        score=score,
        words=words,
        place=place,
        hours=hours,
        area=area,
        caller=caller,
        metres=far,
        days=days,
        shared=shared,
        why="、".join(one for one in said if one),
    )


def _overlap(whole: float, theirs: frozenset[str], both: frozenset[str], rare: Mapping[str, float]) -> float:
    """Return the weight of what both say over that of the shorter one, a little less where the other says much more.

    whole   the weight of all the new one says
    """
    if not both:
        return 0.0
    common, a, b = math.fsum(map(rare.__getitem__, both)), whole, math.fsum(map(rare.__getitem__, theirs))
    return float((common / min(a, b)) ** 0.98 * (common / max(a, b)) ** 0.02)


def _form(texts: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the pairs that stand in so many candidates that they may be a printed form's, not a matter's."""
    spread = Counter(pair for pairs in texts.values() for pair in pairs)
    return frozenset(pair for pair, count in spread.items() if count >= FORM)


def _filled_in(mine: frozenset[str], theirs: frozenset[str], both: frozenset[str], form: frozenset[str]) -> bool:
    """Return whether two short entries have only a form in common, and each has filled in something else."""
    if max(len(mine), len(theirs)) > FORM_LONGEST or not (mine - both and theirs - both):
        return False
    return len(both - form) <= FORM_SLIP * min(len(mine - form), len(theirs - form))


def _rarity(texts: Mapping[str, frozenset[str]]) -> dict[str, float]:
    spread = Counter(pair for pairs in texts.values() for pair in pairs)
    total = len(texts) + 1 + BACKGROUND
    most = math.log(total / 1.5)
    return {pair: math.log(total / (count + 0.5)) / most for pair, count in spread.items()}


def _place(new: Subject, old: Subject, reach: Reach, weights: Weights) -> tuple[float, str, float | None]:
    """Return what the place leaves of the likeness, in words, and the metres between."""
    far = metres(new.point, old.point) if new.point and old.point else None
    if far is not None:
        near = 1.0 if far <= reach.metres else max(weights.elsewhere, reach.metres / far)
        return near, f"{max(10, math.ceil(far / 10) * 10)} 米内" if far < 1000 else f"相距 {far / 1000:.1f} 公里", far
    if _same_address(new.address, old.address):
        return 1.0, "同一地址", None
    if new.community and new.community == old.community:
        return weights.community, "同一社区", None
    if new.street and old.street:
        same = new.street == old.street
        return (weights.street, "同一街道", None) if same else (weights.elsewhere, "不同街道", None)
    return weights.unknown, "", None


def _same_address(one: str, two: str) -> bool:
    if not (one and two):
        return False
    return one == two or _bare(one) == _bare(two) != ""


@lru_cache(maxsize=256)
def _bare(address: str) -> str:
    return signatures.text_without_numbers(address)


def _when(days: float) -> str:
    if days >= 1:
        return f"{int(days)} 天前"
    hours = int(days * 24)
    return f"{hours} 小时前" if hours else "刚才"


def _shared(new: Subject, old: Subject, both: frozenset[str], rare: Mapping[str, float]) -> tuple[str, ...]:
    """Return the rarest runs of the new text which the other holds too: no number, nothing that was masked."""
    theirs = f"{signatures.text_without_numbers(old.title)} {signatures.text_without_numbers(old.text)}"
    runs: dict[str, float] = {}
    for piece in _readable(new):
        start = 0
        for place in range(1, len(piece) + 1):
            if piece[place - 1 : place + 1] in both:
                continue
            starts = range(start, max(start + 1, place - LONGEST_WORD + 1))
            known = {run: _weight(run, rare) for run in (piece[at : at + LONGEST_WORD][: place - at] for at in starts)}
            run, start = max(known, key=lambda run: (known[run], run)), place
            if len(run) > 1 and run in theirs:
                runs[run] = known[run]
    return tuple(sorted(runs, key=lambda run: (-runs[run], run))[:MOST_WORDS])


def _weight(run: str, rare: Mapping[str, float]) -> float:
    return math.fsum(rare.get(run[at : at + 2], 0.0) for at in range(len(run) - 1))


def _readable(one: Subject) -> list[str]:
    plain = mask(normalise(f"{one.title}\n{head(one.text)}"))
    for mark in MARKS:
        plain = plain.replace(mark, " ")
    return _WORDS.findall(plain)


def _pairs(one: Subject) -> frozenset[str]:
    return frozenset(
        "".join(pair)
        for plain in (signatures.text_without_numbers(one.title), signatures.text_without_numbers(one.text))
        for pair in pairwise(plain)
    )
