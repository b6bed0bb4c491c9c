"""MinHash signatures (bottom-k): a few numbers that stand for a text, shared by texts that share words.

Of all runs of three characters the same few are taken everywhere: those whose hash is smallest.  So texts share about
as many numbers as their runs overlap, and an index over the numbers finds what is alike without reading all texts.
"""

import re

import numpy as np
from numpy.typing import NDArray

from classifiers.text import normalise
from grids.reading import head

OF_TEXT, OF_TITLE = 10, 6  # numbers of each; on real tickets more of them found hardly any partner more
RUN = 3  # characters

_LETTERS = re.compile(r"[^\W_]+")
_LONG_NUMBER = re.compile(r"[a-z]{0,4}-?\d{7,}")  # phones and ticket numbers are no words


def signature(text: str, title: str = "") -> tuple[int, ...]:
    """Return at most 16 signed 32-bit numbers, the same on every machine; none for a text without a letter."""
    of_text, of_title = _smallest(text_without_numbers(text), OF_TEXT), _smallest(text_without_numbers(title), OF_TITLE)
    return tuple(dict.fromkeys([*of_text, *of_title]))


def text_without_numbers(text: str) -> str:
    """Return letters and digits of the normalised head of a text, without long numbers and what stands between."""
    return "".join(_LETTERS.findall(_LONG_NUMBER.sub(" ", normalise(head(text)))))


def _smallest(plain: str, count: int) -> list[int]:
    if not plain:
        return []
    points = np.frombuffer(plain.ljust(RUN, "\0").encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    hashes = _hashes(points)
    hashes.sort()
    distinct = dict.fromkeys(hashes[: 4 * count].tolist())
    if len(distinct) < count:  # the same few runs again and again
        distinct = dict.fromkeys(hashes.tolist())
    return [key - 2**32 if key >= 2**31 else key for key in list(distinct)[:count]]


_GOLDEN, _SPREAD, _HALF, _FOLD = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 32, 29))


def _hashes(points: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix each run into 32 bits (multiply and shift, as in splitmix64; it wraps, which is meant)."""
    length = len(points) - RUN + 1
    mixed = points[:length].copy()
    mixed ^= mixed >> _FOLD
    for place in range(1, RUN):
        mixed *= _GOLDEN
        mixed ^= points[place : place + length]
        mixed ^= mixed >> _FOLD
    mixed *= _SPREAD
    mixed >>= _HALF
    return mixed
