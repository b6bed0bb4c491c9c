"""A few numbers that stand for a text (MinHash, bottom-k): two texts that share words share some of them.

Of all runs of three characters the same few are taken everywhere: those whose hash is smallest.  So texts share about
as many numbers as their runs overlap, and an index over the numbers finds what is alike without reading all texts.
"""

import re

import numpy as np
from numpy.typing import NDArray

from classifiers.text import normalise

OF_TEXT, OF_TITLE = 10, 6  # numbers of each; on real tickets more of them found hardly any partner more
RUN = 3  # characters
LONGEST = 4000  # characters read: a matter stands at the head of its text

_LETTERS = re.compile(r"[^\W_]+")
_LONG_NUMBER = re.compile(r"[a-z]{0,4}-?\d{7,}")  # phones and ticket numbers are no words


def signature(text: str, title: str = "") -> tuple[int, ...]:
    """Return at most 16 signed 32-bit numbers, the same on every machine; none for a text without a letter."""
    of_text, of_title = _smallest(letters(text), OF_TEXT), _smallest(letters(title), OF_TITLE)
    return tuple(dict.fromkeys([*of_text, *of_title]))


def letters(text: str) -> str:
    """Return letters and digits of the normalised head of a text, without long numbers and what stands between."""
    return "".join(_LETTERS.findall(_LONG_NUMBER.sub(" ", normalise(text[:LONGEST]))))


def _smallest(plain: str, count: int) -> list[int]:
    if not plain:
        return []
    points = np.frombuffer(plain.ljust(RUN, "\0").encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    return [int(one) for one in np.unique(_hashes(points))[:count].view(np.int32)]


def _hashes(points: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Mix each run into 32 bits (multiply and shift, as in splitmix64; it wraps, which is meant)."""
    length = len(points) - RUN + 1
    mixed = np.zeros(length, np.uint64)
    for place in range(RUN):
        mixed = (mixed * np.uint64(0x9E3779B97F4A7C15)) ^ points[place : place + length]
        mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)).astype(np.uint32)
