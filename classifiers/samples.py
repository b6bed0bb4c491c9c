"""Labelled texts, and their split by TIME: a random split flatters, because near-duplicates stand on both sides."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

import msgspec

from classifiers.errors import UndatedSamples


class Around(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a matter beside its words; all of it may be empty.

    settled  code of its area where a person has settled it: what habits are counted by
    areas    (code, share 0 to 1) where only a model has spoken; they are asked about in its place
    places   codes from the widest to the narrowest: district, street, community
    signs    any other: the source, the kind of caller, night
    """

    settled: str = ""
    areas: tuple[tuple[str, float], ...] = ()
    places: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


NOTHING = Around()


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text and the code of the area (or unit) it belongs to; `at`, aware, is when it was received."""

    text: str
    area: str
    title: str = ""
    at: datetime | None = None
    around: Around = NOTHING


def stretches(samples: Sequence[Sample], count: int) -> tuple[int, ...]:
    """Return for each sample which of `count` stretches of time of about one size it falls into: 0 is the earliest.

    Samples of one moment stay together, so there may be fewer.  raises UndatedSamples
    """
    moments = sorted(sample.at for sample in samples if sample.at is not None)
    if len(moments) < len(samples):
        raise UndatedSamples(len(samples) - len(moments))
    starts = sorted({moments[place * len(moments) // count] for place in range(1, count)} - set(moments[:1]))
    return tuple(bisect_right(starts, sample.at) for sample in samples if sample.at is not None)


def split_by_time(samples: Sequence[Sample], share: float) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Return (earlier, later), each in order of time; `later` holds about `share` of all.

    Samples of one moment stay together, on the later side.
    share     between 0 and 1, both excluded
    raises    UndatedSamples, ValueError for another share
    """
    if not 0 < share < 1:
        raise ValueError(f"share must lie between 0 and 1, not {share}")
    dated = [(sample.at, sample) for sample in samples if sample.at is not None]
    if len(dated) < len(samples):
        raise UndatedSamples(len(samples) - len(dated))
    if not dated:
        return (), ()
    dated.sort(key=lambda pair: pair[0])
    cut = dated[min(len(dated) - 1, round(len(dated) * (1 - share)))][0]
    return (
        tuple(sample for at, sample in dated if at < cut),
        tuple(sample for at, sample in dated if at >= cut),
    )
