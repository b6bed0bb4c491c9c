"""How much a text sounds like danger: what sentences of many voices taught, beside the word lists of `danger`.

Linear: a weight for each run of one or two characters and for each set of words heard.  The weights are a file of the
city's rules, so that the same edition hears the same; `danger_training` makes it.
"""

import re
from collections.abc import Iterable

import msgspec

from grids.messages import Message

READ = 200  # characters: danger is said at once
LONGEST = 24  # characters of the clause that is shown as the reason
SET = "="  # stands before the name of a set of words
_REMARK = re.compile(r"\([^()]{0,60}\)")
_CLAUSE = re.compile(r"[^。！？!?;；\n,，、：:]+")


class Scores(msgspec.Struct, frozen=True):
    """Weights of runs and sets; a text whose sum is over `above` sounds like danger."""

    above: float
    bias: float
    weights: dict[str, float]

    def loud(self, plain: str, sets: Iterable[str]) -> str:
        """Return the clause that sounds most like danger, "" where the text does not."""
        plain = head(plain)
        known = runs(plain) | {SET + name for name in sets}
        if self.bias + sum(self.weights.get(one, 0.0) for one in known) <= self.above:
            return ""
        clauses = [found.group() for found in _CLAUSE.finditer(plain)]
        return max(clauses, key=lambda one: sum(self.weights.get(run, 0.0) for run in runs(one)))[:LONGEST]


def head(plain: str) -> str:
    """Return what is read of a text: its head, without remarks in brackets, which are the operators' own."""
    return _REMARK.sub("", plain[: 2 * READ])[:READ]


def runs(plain: str) -> set[str]:
    """Return the runs of one and two characters of a text."""
    return {plain[at : at + length] for length in (1, 2) for at in range(len(plain) - length + 1)}


def parse(said: str) -> Scores:
    """Return the scores a file holds: "run<TAB>weight" a line, beginning with above and bias.  raises ValueError"""
    pairs = [line.rsplit("\t", 1) for line in said.splitlines() if line]
    if len(pairs) < 2 or [pair[0] for pair in pairs[:2]] != ["above", "bias"]:
        raise ValueError(Message("前两行应为 above 和 bias"))
    for at, pair in enumerate(pairs, 1):
        if len(pair) != 2:
            raise ValueError(Message("第%(at)s行应为两列，以制表符隔开", at=at))
    values = [(name, float(weight)) for name, weight in pairs]
    return Scores(values[0][1], values[1][1], dict(values[2:]))


def written(scores: Scores) -> str:
    """Return the file of some scores."""
    rows = [("above", scores.above), ("bias", scores.bias), *sorted(scores.weights.items())]
    return "".join(f"{name}\t{weight:.2f}\n" for name, weight in rows)
