"""Measures `locate`: places found against places that people confirmed, and what fails, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from grids.locate import Located
from grids.names import spellings
from grids.tree import Level, Place, Tree

Failure = Literal["unknown_label", "no_name", "district_only", "doubted", "other_district", "other_street", "community"]

FAILURES: dict[Failure, str] = {
    "unknown_label": "标注的街道不在地名库中",
    "no_name": "没有认出任何地名",
    "district_only": "只认出区，定不到街道",
    "doubted": "认出了街道，把握不足，未作答",
    "other_district": "答错：定到了别的区",
    "other_street": "答错：同一个区的别的街道",
    "community": "街道答对，社区答错",
}


class Label(msgspec.Struct, frozen=True):
    """What a person confirmed: codes of the street and the community; none where the gazetteer lacks the name."""

    street: str | None
    community: str | None
    has_community: bool = True


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Figures over `n` labelled rows; a row is answered when its street is given with enough confidence.

    community figures   over the rows whose label names a community; `..._when_answered` is none where nothing was
                        answered
    failures            kind -> rows; the kinds are the keys of FAILURES
    """

    n: int
    answered: int
    coverage: float
    street_accuracy: float
    street_accuracy_when_answered: float | None
    community_n: int
    community_answered: int
    community_accuracy: float
    community_accuracy_when_answered: float | None
    failures: dict[str, int]


class Finder:
    """Finds a place of a tree by the names of its district, street and community, in any usual spelling."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._below: dict[tuple[str | None, str], str] = {}
        self._anywhere: dict[tuple[Level, str], list[str]] = {}
        for place in tree.places:
            for form in spellings(place):
                self._below.setdefault((place.parent, form), place.code)
                bearers = self._anywhere.setdefault((place.level, form), [])
                if place.code not in bearers:
                    bearers.append(place.code)

    def find(self, names: Sequence[str]) -> tuple[str | None, ...]:
        """Return the codes of names from the district down; none for one that is empty or not known.

        A name whose parent is empty or unknown counts where only one place of the tree bears it.
        """
        found: list[str | None] = []
        for level, name in zip(Level, names, strict=False):
            parent = found[-1] if found else None
            code = self._below.get((parent, name)) if parent is not None or level is Level.DISTRICT else None
            if code is None and name and (parent is None):
                bearers = self._anywhere.get((level, name), [])
                code = bearers[0] if len(bearers) == 1 else None
            found.append(code)
        return tuple(found)


def score(tree: Tree, rows: Iterable[tuple[Located, Label]], floor: float) -> Score:
    """Return the figures of answers against labels; an answer below `floor` counts as none."""
    n = answered = right = with_community = communities = right_communities = 0
    failures: Counter[str] = Counter()
    for found, label in rows:
        n += 1
        sure = found.confidence >= floor
        street = found.street if sure else None
        community = found.community if sure else None
        answered += street is not None
        hit = street is not None and street == label.street
        right += hit
        if label.has_community:
            with_community += 1
            communities += community is not None
            right_communities += community is not None and community == label.community
        wrong_community = label.has_community and community is not None and community != label.community
        if failure := _failure(tree, found, street, label, wrong_community=wrong_community):
            failures[failure] += 1
    return Score(
        n=n,
        answered=answered,
        coverage=_share(answered, n) or 0.0,
        street_accuracy=_share(right, n) or 0.0,
        street_accuracy_when_answered=_share(right, answered),
        community_n=with_community,
        community_answered=communities,
        community_accuracy=_share(right_communities, with_community) or 0.0,
        community_accuracy_when_answered=_share(right_communities, communities),
        failures={kind: failures[kind] for kind in FAILURES if failures[kind]},
    )


def _failure(tree: Tree, found: Located, street: str | None, label: Label, *, wrong_community: bool) -> Failure | None:
    """Return why a row is not right; none if it is, as far as it is answered."""
    if label.street is None:
        return "unknown_label"
    if street is None:
        return "doubted" if found.street else "district_only" if found.district else "no_name"
    if street != label.street:
        return "other_street" if tree.at(street, Level.DISTRICT) == _district(tree, label.street) else "other_district"
    return "community" if wrong_community else None


def _district(tree: Tree, code: str) -> Place | None:
    return tree.at(code, Level.DISTRICT)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
