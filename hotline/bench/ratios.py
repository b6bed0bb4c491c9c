"""Statistics of paired slices: the median of the ratios, how far they spread, and whether a goal is reached.

A machine shared with others is slower or faster from minute to minute; both sides of a pair feel the same minute.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Literal, TypeVar

import msgspec

T = TypeVar("T")
SWING = 3.0  # a reference that varies more than this within a run says nothing
Outcome = Literal["met", "missed", "undecided", "void", "told"]


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """A measured ratio, ours to the reference's.

    swing    largest to smallest value of the reference within the run
    outcome  told: there is no goal;  undecided: the reference swung too far;  void: answers and rows did not agree
    """

    name: str
    label: str
    median: float
    low: float
    high: float
    pairs: list[tuple[float, float]]
    swing: float
    goal: float | None
    at_least: bool
    outcome: Outcome


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """A count that is the same on every machine, and the most it may be."""

    name: str
    label: str
    value: float
    most: float

    @property
    def met(self) -> bool:
        """Say whether it is within its limit."""
        return self.value <= self.most


def alternate(sides: Mapping[str, Callable[[], T]], rounds: int, seed: int) -> list[dict[str, T]]:
    """Run every side once a round, in an order drawn anew each round."""
    dice = random.Random(seed)  # noqa: S311 - an order, not a secret
    taken = []
    for _ in range(rounds):
        order = list(sides)
        dice.shuffle(order)
        found = {name: sides[name]() for name in order}
        taken.append({name: found[name] for name in sides})
    return taken


def ratio(
    name: str,
    label: str,
    pairs: Sequence[tuple[float, float]],
    *,
    goal: float | None = None,
    at_least: bool = True,
    void: bool = False,
) -> Ratio:
    """Return what the pairs (ours, the reference's) say of the goal.  ValueError without a pair"""
    if not pairs:
        raise ValueError(f"{name}: no pair was measured")
    each = [ours / reference for ours, reference in pairs]
    references = [reference for _, reference in pairs]
    swing, middle = max(references) / min(references), median(each)
    return Ratio(
        name=name,
        label=label,
        median=middle,
        low=min(each),
        high=max(each),
        pairs=list(pairs),
        swing=swing,
        goal=goal,
        at_least=at_least,
        outcome=_outcome(middle, swing, goal, at_least=at_least, void=void),
    )


def _outcome(middle: float, swing: float, goal: float | None, *, at_least: bool, void: bool) -> Outcome:
    if void:
        return "void"
    if goal is None:
        return "told"
    if swing > SWING:
        return "undecided"
    return "met" if (middle >= goal if at_least else middle <= goal) else "missed"
