"""Turns text into sparse TF-IDF rows of words (1 to 2) and characters (1 to 2).

Two blocks, each of length one: words say what a matter is, characters mend what a segmenter cut wrongly or never
learned.  Both stay inside runs of letters, so every feature can be shown to a person.  The title counts twice: with
the text, and in features of its own.  What is known beside the words (where, by which way, when) is a block of signs.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import rjieba
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.samples import Around
from classifiers.text import MARKS, mask, normalise
from grids.reading import head

TITLE = "\t"  # stands before a feature of the title alone
SIGN = "\v"  # stands before what is known beside the words
SIGNS_WEIGH = 0.5  # length of their block: they settle what the words leave open
WORD = " "  # stands before every word of a feature made of words; no run of letters holds one

_RUN = re.compile(r"[^\W_]+")
_MARK = re.compile("|".join(map(re.escape, MARKS)))


def readable(text: str) -> str:
    """Return what the features are read from: normalised, masked, the marks cut out."""
    return _MARK.sub(" ", mask(normalise(head(text))))


def grams(text: str, title: str = "") -> list[str]:
    """Return the features of a text and its title, repeated as often as they occur."""
    return plain_grams(readable(text), readable(title))


def plain_grams(body: str, title: str) -> list[str]:
    """Return the same of what is already `readable`."""
    head = _runs(title)
    return _runs(body) + head + [TITLE + gram for gram in head]


def _runs(plain: str) -> list[str]:
    found: list[str] = []
    for run in _RUN.findall(plain):
        found.extend(run)
        found.extend([run[i : i + 2] for i in range(len(run) - 1)])
        words = [WORD + word for word in rjieba.cut(run)]
        found.extend(words)
        found.extend([first + second for first, second in pairwise(words)])
    return found


def made_of_words(gram: str) -> bool:
    """Return whether a feature is one or two whole words, not a piece of writing."""
    return gram.removeprefix(TITLE).startswith(WORD)


def around_grams(around: Around) -> list[str]:
    """Return the features of what is known beside the words, areas left out: habits ask about them."""
    return [SIGN + one for one in (*around.places, *around.signs)]


def spelled(gram: str) -> str:
    """Return a feature as it stands in the text."""
    return gram.removeprefix(TITLE).replace(WORD, "")


def vocabulary(documents: Iterable[Sequence[str]], kept: Iterable[str], *, least: int, most: int) -> list[str]:
    """Return the features worth a column: in at least `least` documents, or `kept`; at most `most`, commonest first.

    Those made of characters come first, then those made of words, then signs: a number tells each block from the next.
    """
    spread: Counter[str] = Counter()
    for document in documents:
        spread.update(set(document))
    always = set(kept)
    chosen = [gram for gram, count in spread.items() if count >= least or gram in always]
    best = sorted(chosen, key=lambda gram: (gram not in always, -spread[gram], gram))[:most]
    return sorted(best, key=lambda gram: (gram.startswith(SIGN), made_of_words(gram)))


def rarity(documents: Sequence[Sequence[str]], columns: Mapping[str, int]) -> NDArray[np.float32]:
    """Return the weight of each column: ln((1 + n) / (1 + df)) + 1, smoothed."""
    spread = np.zeros(len(columns), dtype=np.float64)
    for document in documents:
        for gram in set(document):
            column = columns.get(gram)
            if column is not None:
                spread[column] += 1
    weights: NDArray[np.float32] = (np.log((1 + len(documents)) / (1 + spread)) + 1).astype(np.float32)
    return weights


class Starts(NamedTuple):
    """The first column made of words, and the first sign."""

    words: int
    signs: int


def starts(columns: Collection[str]) -> Starts:
    """Return where the blocks begin."""
    of_signs = sum(gram.startswith(SIGN) for gram in columns)
    of_words = sum(made_of_words(gram) for gram in columns)
    return Starts(len(columns) - of_signs - of_words, len(columns) - of_signs)


def row(
    document: Sequence[str], columns: Mapping[str, int], idf: NDArray[np.float32], begin: Starts
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return one text's columns and weights: (1 + ln tf) x idf, each block of one length; empty if nothing is known."""
    counts = Counter([column for column in map(columns.get, document) if column is not None])
    at = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
    weights = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    weights = (1 + np.log(weights)) * idf[at]
    blocks = np.searchsorted(begin, at, side="right")
    for place in range(len(begin) + 1):
        block = blocks == place
        length = float(np.sqrt(weights[block] @ weights[block]))
        if length:
            weights[block] *= np.float32((SIGNS_WEIGH if place == len(begin) else 1) / length)
    return at, weights


def matrix(
    documents: Iterable[Sequence[str]], columns: Mapping[str, int], idf: NDArray[np.float32], begin: Starts
) -> csr_matrix:
    """Return the rows of many texts, float32, shape (texts, columns); `begin` as `starts` found it."""
    rows = [row(document, columns, idf, begin) for document in documents]
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    if not rows:
        return csr_matrix((0, len(columns)), dtype=np.float32)
    data = np.concatenate([weights for _, weights in rows])
    places = np.concatenate([at for at, _ in rows])
    return csr_matrix((data, places, ends), shape=(len(rows), len(columns)), dtype=np.float32)
