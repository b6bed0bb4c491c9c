"""Applies a model to a text: guesses with confidence and reasons, or none, which means "ask a person" (拿不准).

Needs no scikit-learn: one sparse product, and a look at the features which weighed most.
"""

import re
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from classifiers.arrays import Floats
from classifiers.calibration import confidences, trusted
from classifiers.features import around_grams, made_of_words, matrix, plain_grams, readable, spelled
from classifiers.model import Model
from classifiers.samples import NOTHING, Around

OFFERED = 3  # candidates shown to a person
MOST_REASONS = 3  # pieces of text named as the reason
WEIGHED = 8  # features which the pieces are made of
LONGEST_PIECE = 8  # characters
# Words that say nothing to a reader, whatever they weigh.
EMPTY = re.compile(
    r"问题|什么|情况|市民|来电|反映|咨询|投诉|希望|要求|表示|处理|[的了是在有和与及为其该等请被把将对从到也都就并很于以之\d]"
)


class Candidate(msgspec.Struct, frozen=True):
    """An area's code and how likely it is, 0 to 1."""

    area: str
    confidence: float


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """`area` is None where a person must choose; `confidence` is the best candidate's either way.

    words    the pieces of the (normalised) text which spoke most for the best candidate
    weights  of each of these, as a share of all that spoke for it
    why      a sentence for people
    """

    area: str | None
    confidence: float
    candidates: tuple[Candidate, ...]
    words: tuple[str, ...]
    weights: tuple[float, ...] = ()
    why: str


class _Read(msgspec.Struct, frozen=True):
    """Many texts, read: their features' columns and weights, row by row, and the confidence of every area."""

    plain: list[tuple[str, str]]  # body and title, as the features were read from them
    ends: NDArray[np.int32]
    places: NDArray[np.int32]
    weights: NDArray[np.float32]
    shares: Floats


class _Evidence(msgspec.Struct, frozen=True):
    """Pieces of text and how much each spoke for an area, heaviest first; which of them are whole words."""

    weights: dict[str, float]
    whole: set[str]


def guess(model: Model, text: str, title: str = "", around: Around = NOTHING) -> Guess:
    """Return the guess for one text: milliseconds, fit for typing."""
    return guess_many(model, [text], [title], [around])[0]


def guess_many(
    model: Model, texts: Sequence[str], titles: Sequence[str] | None = None, arounds: Sequence[Around] | None = None
) -> list[Guess]:
    """Return one guess per text, in order; `arounds` is what is known of each beside its words.

    raises   ValueError if there are not as many titles, or arounds, as texts
    """
    read = _read(model, texts, titles, arounds)
    best = np.argsort(-read.shares, axis=1, kind="stable")[:, :OFFERED]
    return [_guess_row(model, read, i, best[i]) for i in range(len(texts))]


def shares(
    model: Model, texts: Sequence[str], titles: Sequence[str] | None = None, arounds: Sequence[Around] | None = None
) -> Floats:
    """Return the confidence of every area for every text, shape (texts, areas), in the order of `model.codes`."""
    return _read(model, texts, titles, arounds).shares


def _read(model: Model, texts: Sequence[str], titles: Sequence[str] | None, arounds: Sequence[Around] | None) -> _Read:
    heads = [""] * len(texts) if titles is None else titles
    beside = [NOTHING] * len(texts) if arounds is None else arounds
    if not len(heads) == len(beside) == len(texts):
        raise ValueError(f"{len(heads)} titles, {len(beside)} arounds for {len(texts)} texts")
    plain = [(readable(text), readable(title)) for text, title in zip(texts, heads, strict=True)]
    known = (plain_grams(*one) + around_grams(around) for one, around in zip(plain, beside, strict=True))
    rows = matrix(known, model.columns, model.idf, model.begin)
    margins = rows @ model.coef.T + model.intercept
    if model.habit is not None:
        margins = margins + model.habit.margins(beside)
    found = trusted(margins, confidences(margins, model.scale), model.trust)
    return _Read(plain, rows.indptr, rows.indices, rows.data, found)


def _guess_row(model: Model, read: _Read, i: int, best: NDArray[np.intp]) -> Guess:
    here = slice(int(read.ends[i]), int(read.ends[i + 1]))
    places, weights = read.places[here], read.weights[here]
    if not len(places):
        return Guess(area=None, confidence=0.0, candidates=(), words=(), why="拿不准：没有能识别的文字，请选择事项")
    offered = tuple(Candidate(model.codes[k], round(float(read.shares[i, k]), 4)) for k in best)
    leading, sure = int(best[0]), offered[0].confidence
    told = _evidence_for(model, leading, places, weights)
    weighed = _pieces("\n".join(reversed(read.plain[i])), told)
    pieces, shares = tuple(piece for piece, _ in weighed), tuple(round(weight, 4) for _, weight in weighed)
    names = [model.names[k] for k in best]
    if sure < model.limits[leading]:
        why = _unsure(names, offered)
        return Guess(area=None, confidence=sure, candidates=offered, words=pieces, weights=shares, why=why)
    said = "".join(f"“{piece}”" for piece in pieces) or "全文"
    why = f"{said}指向“{names[0]}”（{sure:.0%}）"
    area = offered[0].area
    return Guess(area=area, confidence=sure, candidates=offered, words=pieces, weights=shares, why=why)


def _unsure(names: list[str], offered: tuple[Candidate, ...]) -> str:
    why = f"拿不准：最像“{names[0]}”（{offered[0].confidence:.0%}）"
    if len(offered) > 1:
        why += f"，其次“{names[1]}”（{offered[1].confidence:.0%}）"
    return why


def _evidence_for(model: Model, area: int, places: NDArray[np.int32], weights: NDArray[np.float32]) -> _Evidence:
    """Return what speaks most for the area, against the mean of all areas, heaviest first."""
    weighed = weights * (model.coef[area, places] - model.usual[places])
    told: dict[str, float] = {}
    whole: set[str] = set()
    for k in np.argsort(-weighed, kind="stable")[: 6 * WEIGHED]:
        gram = model.words[places[k]]
        if weighed[k] > 0 and places[k] < model.begin.signs:
            told[spelled(gram)] = told.get(spelled(gram), 0.0) + float(weighed[k])
            if made_of_words(gram):
                whole.add(spelled(gram))
    return _Evidence(dict(sorted(told.items(), key=lambda one: -one[1])), whole)


def _pieces(plain: str, said: _Evidence) -> list[tuple[str, float]]:
    """Return what a person should read of it, overlapping pieces joined: words, for want of them pairs of characters,
    for want of these single ones."""
    told = said.weights
    spare = EMPTY.sub(lambda word: " " * len(word.group()), plain)
    full = [gram for gram in told if gram in spare]
    if not full:
        spare, full = plain, list(told)
    long = [gram for gram in full if len(gram) > 1]
    long = ([gram for gram in long if gram in said.whole] or long)[:WEIGHED] or full[:MOST_REASONS]
    merged: list[tuple[int, int, float]] = []
    for start, gram in sorted((spare.find(gram), gram) for gram in long):
        end, weight = start + len(gram), told[gram]
        if merged and start < merged[-1][1] and max(end, merged[-1][1]) - merged[-1][0] <= LONGEST_PIECE:
            first, last, so_far = merged.pop()
            merged.append((first, max(end, last), so_far + weight))
        else:
            merged.append((start, end, weight))
    merged.sort(key=lambda span: (-span[2], span[0]))
    total = sum(weight for _, _, weight in merged)
    pieces: dict[str, float] = {}
    for start, end, weight in merged:
        pieces.setdefault(spare[start:end], weight / total)
    whole = [one for one in pieces.items() if not any(one[0] != other and one[0] in other for other in pieces)]
    return whole[:MOST_REASONS]
