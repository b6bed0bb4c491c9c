"""`hotline bench danger`: how much danger the city's words hear, on sentences of many voices and on real tickets.

The sentences are made up and shipped (`hotline/sample/danger`): `tune` voices formed the lists and taught the scores;
`fresh`, `other`, `third`, `fourth`, `fifth` (further writers') and `wide` voices taught the scores after their first
hearing; `forms` are dangers as offices word them, and teach belief in a pattern; `held` voices did nothing.  Real
tickets come from HOTLINE_EVAL_DATA; of them only figures are told.
"""

import csv
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import resources
from math import sqrt
from pathlib import Path

import msgspec

from classifiers import danger_training
from classifiers.danger import DangerLists, Ears
from classifiers.danger_scores import Scores
from hotline import city as cities
from hotline import rulefiles

SAMPLE_FOLDER = Path(rulefiles.__file__).parent / "sample"
REAL_TICKETS = "haikou_labelled_2018-01_05.csv"
TEXT = "诉求内容"
TAUGHT = ("tune", "fresh", "other", "wide", "third", "fourth", "fifth")
FILES = (*TAUGHT, "forms", "held")
Z = 1.96


class Sentence(msgspec.Struct, frozen=True):
    """One sentence: whose voice, in which style (plain, operator, file), of what kind ("-": only looks like danger)."""

    voice: str
    style: str
    kind: str
    text: str

    @property
    def danger(self) -> bool:
        """Whether somebody is in danger."""
        return self.kind != "-"


def sentences(name: str) -> list[Sentence]:
    """Return the shipped sentences of a file."""
    said = (resources.files("hotline") / "sample" / "danger" / f"{name}.tsv").read_text(encoding="utf-8")
    return [Sentence(*row) for row in csv.reader(said.splitlines()[1:], delimiter="\t", quoting=csv.QUOTE_NONE)]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson)."""
    if not of:
        return 0.0, 1.0
    share, weight = hits / of, Z * Z / of
    middle, half = share + weight / 2, Z * sqrt(share * (1 - share) / of + weight / of / 4)
    return max(0.0, (middle - half) / (1 + weight)), min(1.0, (middle + half) / (1 + weight))


def heard(ears: Ears, said: Sequence[Sentence]) -> Counter[tuple[str, bool, bool]]:
    """Return (style, danger, heard) -> how many."""
    return Counter((one.style, one.danger, bool(ears.hear(one.text).grade)) for one in said)


def table(ears: Ears) -> str:
    """Return the figures on the shipped sentences."""
    lines = ["| voices | style | sentences | heard | share | 95 % |", "|---|---|---|---|---|---|"]
    for name in FILES:
        found = heard(ears, sentences(name))
        for style, danger in sorted({key[:2] for key in found}, key=lambda key: (not key[1], key[0])):
            hits, of = found[style, danger, True], found[style, danger, True] + found[style, danger, False]
            low, high = wilson(hits, of)
            what = style if danger else f"{style}, look-alikes"
            lines.append(f"| {name} | {what} | {of} | {hits} | {hits / of:.3f} | {low:.3f} to {high:.3f} |")
    return "\n".join(lines)


def real(ears: Ears, folder: Path) -> Iterator[str]:
    """Yield the share of real tickets that is flagged, by kind.  No text is told."""
    texts = list(_texts(folder))
    found = Counter((one.grade, one.kind) for one in map(ears.hear, texts) if one.grade)
    hits = sum(found.values())
    low, high = wilson(hits, len(texts))
    yield f"Of {len(texts)} real tickets {hits} are flagged ({hits / len(texts):.2%}, {low:.2%} to {high:.2%}):"
    yield ", ".join(f"{kind} {count}" for (_, kind), count in found.most_common())


def _texts(folder: Path) -> Iterator[str]:
    with (folder / REAL_TICKETS).open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from (row[TEXT] or "" for row in csv.DictReader(file))


def learn(without: str = "") -> Scores:
    """Return the scores learned from all voices but those held back, and from the sample city's ordinary matters.

    without  a file that shall not teach: what is then heard of it is an estimate
    """
    files = rulefiles.read_folder(SAMPLE_FOLDER / "city")
    listening = Ears(msgspec.convert(tomllib.loads(files["danger.toml"]), DangerLists))
    said = [one for name in TAUGHT if name != without for one in sentences(name)]
    with (SAMPLE_FOLDER / "city" / "samples.csv").open(encoding="utf-8-sig", newline="") as file:
        others = [row["text"] for row in csv.DictReader(file) if not listening.hear(row["text"]).grade]
    dangers, likes = ([one.text for one in said if one.danger is kind] for kind in (True, False))
    forms = [one.text for one in sentences("forms")]
    return danger_training.learn(listening, dangers, likes, others, forms)


def ears() -> Ears:
    """Return the sample city's."""
    return cities.build(rulefiles.read_folder(SAMPLE_FOLDER / "city")).ears
