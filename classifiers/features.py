"""Text -> character n-grams (1 to 3) -> sparse TF-IDF rows.

No segmenter: a wrong cut is an error nothing later can repair.  N-grams stay inside runs of letters, so every one
can be shown to a person.  The title counts twice: with the text, and as a block of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers.text import MARKS, mask, normalise

LONGEST = 4000  # characters read of one text: what it is about stands at its head, and no text may stall a batch
LONG = 3  # characters of the longest n-gram
LONG_WEIGHT = 0.5  # of the longest beside the shorter, which it is made of: measured on later months
TITLE = "\t"  # stands before an n-gram of the title's own block

_RUN = re.compile(r"[^\W_]+")
_MARK = re.compile("|".join(map(re.escape, MARKS)))


def readable(text: str) -> str:
    """Return what the features are read from: normalised, masked, the marks cut out."""
    return _MARK.sub(" ", mask(normalise(text[:LONGEST])))


def grams(text: str, title: str = "") -> list[str]:
    """Return the n-grams of a text and its title, repeated as often as they occur."""
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
        found.extend([run[i : i + 3] for i in range(len(run) - 2)])
    return found


def vocabulary(documents: Iterable[Sequence[str]], kept: Iterable[str], *, least: int, most: int) -> list[str]:
    """Return the n-grams worth a column: in at least `least` documents, or `kept`; at most `most`, commonest first."""
    spread: Counter[str] = Counter()
    for document in documents:
        spread.update(set(document))
    always = set(kept)
    chosen = [gram for gram, count in spread.items() if count >= least or gram in always]
    return sorted(chosen, key=lambda gram: (gram not in always, -spread[gram], gram))[:most]


def rarity(documents: Sequence[Sequence[str]], columns: Mapping[str, int]) -> NDArray[np.float32]:
    """Return the weight of each column: ln((1 + n) / (1 + df)) + 1, smoothed; half of it for the longest n-grams."""
    spread = np.zeros(len(columns), dtype=np.float64)
    for document in documents:
        for gram in set(document):
            column = columns.get(gram)
            if column is not None:
                spread[column] += 1
    long = np.array([len(gram.removeprefix(TITLE)) == LONG for gram in columns])
    weights = (np.log((1 + len(documents)) / (1 + spread)) + 1) * np.where(long, LONG_WEIGHT, 1.0)
    rounded: NDArray[np.float32] = weights.astype(np.float32)
    return rounded


def row(
    document: Sequence[str], columns: Mapping[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return one text's columns and weights: (1 + ln tf) x idf, of length one; both empty if no n-gram is known."""
    counts = Counter([column for column in map(columns.get, document) if column is not None])
    at = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
    weights = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    weights = (1 + np.log(weights)) * idf[at]
    length = float(np.sqrt(weights @ weights))
    return at, weights / np.float32(length) if length else weights


def matrix(documents: Iterable[Sequence[str]], columns: Mapping[str, int], idf: NDArray[np.float32]) -> csr_matrix:
    """Return the rows of many texts, float32, shape (texts, columns)."""
    rows = [row(document, columns, idf) for document in documents]
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    if not rows:
        return csr_matrix((0, len(columns)), dtype=np.float32)
    data = np.concatenate([weights for _, weights in rows])
    places = np.concatenate([at for at, _ in rows])
    return csr_matrix((data, places, ends), shape=(len(rows), len(columns)), dtype=np.float32)
