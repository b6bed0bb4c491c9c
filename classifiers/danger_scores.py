"""Scores how much a text sounds like danger, as learned from sentences of many voices; beside the lists of `danger`.

Linear: a weight for each run of one to three characters and for each set of words heard.  The weights are a file of the
city's rules, so that the same edition hears the same; `danger_training` makes it.
"""

import re
from collections.abc import Iterable
from math import inf, isfinite

import msgspec

from grids.messages import Message

READ_CHARACTERS = 200  # characters: danger is said at once
LONGEST_CLAUSE = 24  # characters of the clause that is shown as the reason
SET = "="  # stands before the name of a set of words
LEVELS = ("above", "bias", "over", "least", "start")  # longer than any run
_REMARK = re.compile(r"\([^()]{0,60}\)")
_FRAME = re.compile(  # how an office words any matter: who reports, whose flat it is, please verify
    r"^\W*[^,。:]{0,12}(?:来电|微信|公众号|网站|云|来信|app)?(?:反映|投诉|求助|诉求内容)[:,]?\s*"
    r"|请[^。,;!]{0,24}(?:核实|处理|督促|答复|回复|解决|协调)[^。;!]{0,16}[。;!]?"
    r"|谢谢[。!]?|存在[^。,]{0,6}隐患|其是[^。,]{0,40}(?:业主|住户|居民|租户|工作人员)[,。]?"
)
_CLAUSE = re.compile(r"[^。！？!?;；\n,，、：:]+")


class Scores(msgspec.Struct, frozen=True):
    """Weights of runs and sets, and how loud a text has to be.

    above   to be danger by its sound alone
    over    the same, where a counter-word stands against it
    belief  other weights, asked of the bare matter where a pattern speaks: one under `least` only has words of danger
    """

    above: float
    bias: float
    weights: dict[str, float]
    over: float = inf
    least: float = -inf
    start: float = 0.0  # the bias of `belief`
    belief: dict[str, float] = {}

    def loudness(self, plain: str, sets: Iterable[str]) -> float:
        """Return how much a text where no pattern speaks sounds like danger."""
        return self.bias + sum(self.weights.get(one, 0.0) for one in _known(head(plain), sets))

    def believes(self, plain: str, sets: Iterable[str]) -> bool:
        """Return whether a text where a pattern speaks sounds enough like danger."""
        return self.start + sum(self.belief.get(one, 0.0) for one in _known(matter(plain), sets)) >= self.least

    def loudest(self, plain: str) -> str:
        """Return the clause of a text that sounds most like danger."""
        clauses = [found.group() for found in _CLAUSE.finditer(head(plain))]
        return max(clauses, key=lambda one: sum(self.weights.get(run, 0.0) for run in runs(one)), default="")[
            :LONGEST_CLAUSE
        ]


def _known(plain: str, sets: Iterable[str]) -> set[str]:
    return runs(plain) | {SET + name for name in sets}


def head(plain: str) -> str:
    """Return what is read of a text: its head, without remarks in brackets, which are the operators' own."""
    return _REMARK.sub("", plain[: 2 * READ_CHARACTERS])[:READ_CHARACTERS]


def matter(plain: str) -> str:
    """Return the head without the office's set form, whose many words would outvote a short matter."""
    return head(_FRAME.sub("", plain[: 2 * READ_CHARACTERS]))


def runs(plain: str) -> set[str]:
    """Return the runs of one to three characters of a text."""
    return {plain[at : at + length] for length in (1, 2, 3) for at in range(len(plain) - length + 1)}


def parse(said: str) -> Scores:
    """Return the scores a file holds: "run<TAB>weight" a line, beginning with above and bias.  raises ValueError

    over, least and start may follow these two; a third column is the weight of `belief`.
    """
    rows = [line.rsplit("\t", 2 if line.count("\t") > 1 else 1) for line in said.splitlines() if line]
    if len(rows) < 2 or [row[0] for row in rows[:2]] != ["above", "bias"]:
        raise ValueError(Message("前两行应为 above 和 bias"))
    for at, row in enumerate(rows, 1):
        if len(row) not in (2, 3):
            raise ValueError(Message("第%(at)s行应为两列或三列，以制表符隔开", at=at))
    weights = {row[0]: float(row[1]) for row in rows}
    levels = {name: weights.pop(name) for name in LEVELS if name in weights}
    belief = {row[0]: float(row[2]) for row in rows if len(row) > 2}
    return Scores(weights=_heavy(weights), belief=_heavy(belief), **levels)


def written(scores: Scores) -> str:
    """Return the file of some scores."""
    levels = [(name, getattr(scores, name)) for name in LEVELS]
    names = sorted(scores.weights.keys() | scores.belief.keys())
    rows = [(name, scores.weights.get(name, 0.0), scores.belief.get(name, 0.0)) for name in names]
    return "".join(
        (
            *(f"{name}\t{level:.2f}\n" for name, level in levels if isfinite(level)),
            *(f"{name}\t{weight:.2f}\t{belief:.2f}\n" for name, weight, belief in rows),
        )
    )


def _heavy(weights: dict[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if weight}
