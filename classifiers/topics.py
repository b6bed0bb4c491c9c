"""Finds hot topics (热点): many alike texts, near each other, in a short time.

Groups of texts with a name, their places, and whether they grow.

Growth is a topic's own: how many of it came lately, against how many came before in as long a time.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifiers import grouping
from classifiers.features import readable
from classifiers.grouping import Rows, Weighing
from classifiers.text import mask

SHORTEST, LONGEST_TITLE = 6, 40  # characters of a sentence that may stand for a topic
WORDS = 3  # phrases shown of a topic
PLACES = 5
TYPICAL, READ_OF_MEMBER = 12, 300  # members a name is made from, characters read of each
_PIECE = re.compile(r"[^。！？；!?;\n\r\t，,]+")
_WORDY = re.compile(r"[\u3400-\u9fff]{2}|[a-z]{3}")


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One matter as it was said.  at: aware, or None where no time is known; silent: counts, and is never quoted."""

    id: str
    text: str
    title: str = ""
    at: datetime | None = None
    place: str = ""
    silent: bool = False


class TopicRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When texts are a topic, and when it is hot.  City data.

    alike    the mean cosine of all members a group keeps, 0 to 1: from 0.12 to 0.18 the found topics hardly change
    least    members of a topic
    days     how far back the round looks; the baseline lies within it
    recent   hours that count as lately
    surge    a topic is rising when so many by chance, at its own earlier pace, are less likely than this
    every    minutes from one round to the next
    texts    of more texts in the window only the newest are looked at
    most     topics named at most, the hottest
    place    what standing at the same place weighs, beside 1 - place for the words
    """

    alike: float = 0.16
    least: int = 3
    days: int = 30
    recent: int = 48
    surge: float = 0.01
    every: int = 60
    texts: int = 200_000
    most: int = 1000
    place: float = 0.05


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic.  members: ids, the most typical first; places: (place, count), the most first.

    recent    members of the last `recent` hours;  expected  what its own pace before would have brought, None: no past
    new       all of it came lately;  rising  more came lately than its own pace explains
    """

    title: str
    count: int
    members: tuple[str, ...]
    words: tuple[str, ...]
    places: tuple[tuple[str, int], ...]
    first: datetime | None
    last: datetime | None
    recent: int
    expected: float | None
    growth: float | None
    new: bool
    rising: bool
    why: str


def find(texts: Sequence[Text], rules: TopicRules, until: datetime | None = None) -> tuple[Topic, ...]:
    """Return the topics, the hottest first: rising, then by how many came lately, then by size; at most `rules.most`.

    until   the end of what counts as lately, the last text's time if left out
    """
    ordered = sorted(texts, key=lambda one: one.id)
    read = [(readable(one.text), readable(one.title)) for one in ordered]
    rows = grouping.weighed(read, [one.place for one in ordered], Weighing(place=rules.place))
    group = _grouped(rows.matrix, ordered, rules.alike)
    times = [one.at for one in ordered if one.at is not None]
    span = _Span(min(times, default=None), until or max(times, default=None), timedelta(hours=rules.recent))
    found = [_Group(members, *_pace(ordered, members, span, rules)) for members in _of_groups(group, rules.least)]
    found.sort(key=lambda one: (not one.rising, -one.recent, -len(one.members), ordered[one.members[0]].id))
    middle = np.zeros(rows.matrix.shape[1], dtype=np.float32)  # filled for one topic at a time: it is wide
    return tuple(_topic(one, _ReadTexts(ordered, read), rows, middle, rules) for one in found[: rules.most])


def _grouped(matrix: csr_matrix, texts: list[Text], alike: float) -> NDArray[np.int64]:
    if len(texts) <= grouping.WHOLE:
        return grouping.groups(matrix, alike)
    moments = np.array([one.at.timestamp() if one.at else 0.0 for one in texts])
    return grouping.in_parts(matrix, np.argsort(moments, kind="stable"), alike)


class _ReadTexts(msgspec.Struct, frozen=True):
    texts: list[Text]
    read: list[tuple[str, str]]  # (text, title), `readable`


class _Span(msgspec.Struct, frozen=True):
    start: datetime | None
    end: datetime | None
    recent: timedelta


class _Group(msgspec.Struct, frozen=True):
    members: NDArray[np.int64]
    recent: int
    expected: float | None
    rising: bool


def _of_groups(group: NDArray[np.int64], least: int) -> list[NDArray[np.int64]]:
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    return [part for part in np.split(order, cuts) if len(part) >= least]


def _pace(
    texts: list[Text], members: NDArray[np.int64], span: _Span, rules: TopicRules
) -> tuple[int, float | None, bool]:
    """Return how many came lately, how many its pace before would have brought, and whether that is a rise."""
    if span.start is None or span.end is None:
        return 0, None, False
    since = span.end - span.recent
    times = [at for place in members if (at := texts[place].at) is not None]
    recent = sum(since < at <= span.end for at in times)
    past = since - span.start
    # a past shorter than what it is to be compared with says nothing
    expected = sum(at <= since for at in times) * (span.recent / past) if past >= span.recent else None
    rising = recent >= rules.least and expected is not None and by_chance(recent, expected) < rules.surge
    return recent, expected, rising


def by_chance(count: int, expected: float) -> float:
    """Return how likely `count` or more are where `expected` + 0.5 are expected (Poisson; 0.5: the past is short)."""
    mean = expected + 0.5
    if mean > 500:
        return 0.5 * math.erfc((count - 0.5 - mean) / math.sqrt(2 * mean))
    term = math.exp(-mean)
    below = 0.0
    for k in range(count):
        below += term
        term *= mean / (k + 1)
    return max(0.0, 1 - below)


def _topic(found: _Group, said: _ReadTexts, rows: Rows, middle: NDArray[np.float32], rules: TopicRules) -> Topic:
    part = rows.matrix[found.members]
    centre = part.sum(axis=0, dtype=np.float64) / len(found.members)
    used = np.unique(part.indices)
    middle[used] = np.asarray(centre).ravel()[used]
    near = np.round(part @ middle, 6)
    order = [int(found.members[at]) for at in np.argsort(-near, kind="stable")]
    members = [said.texts[at] for at in order]
    told = [at for at in order if not said.texts[at].silent][:TYPICAL]
    title, words = _named([(said.texts[at], *said.read[at]) for at in told], _Middle(middle, rows.column))
    middle[used] = 0
    times = sorted(one.at for one in members if one.at is not None)
    places = Counter(one.place for one in members if one.place)
    why = _alike(len(members), words) + (_grown(found, rules.recent) if times else "")
    return Topic(
        title=title,
        count=len(members),
        members=tuple(one.id for one in members),
        words=words,
        places=tuple(sorted(places.items(), key=lambda one: (-one[1], one[0]))[:PLACES]),
        first=times[0] if times else None,
        last=times[-1] if times else None,
        recent=found.recent,
        expected=found.expected,
        growth=found.recent / found.expected if found.expected else None,
        new=found.expected is not None and found.recent == len(members),
        rising=found.rising,
        why=why,
    )


class _Middle(msgspec.Struct, frozen=True):
    """The middle of a topic: what each pair of characters weighs in it."""

    weight: NDArray[np.float32]
    column: NDArray[np.int32]

    def of(self, plain: str) -> list[float]:
        """Return the weight of each pair of neighbours, 0 for what is not in it."""
        hashed = grouping.pairs(plain)
        at = self.column[hashed]
        found: list[float] = np.where((hashed >= 0) & (at >= 0), self.weight[at], np.float32(0)).tolist()
        return found

    def fit(self, plain: str) -> float:
        """Return how much of the topic a sentence, `readable`, holds for its length."""
        return round(sum(self.of(plain)) / math.sqrt(len(plain) + 10), 6)


def _named(told: list[tuple[Text, str, str]], middle: _Middle) -> tuple[str, tuple[str, ...]]:
    """Return a title or sentence of a typical member that may be quoted, and the phrases the members share."""
    if not told:
        return "", ()
    pieces = [(one.title.strip(), title) for one, _, title in told if title]
    pieces = pieces or [(piece.strip(), readable(piece)) for piece in _PIECE.findall(told[0][0].text[:READ_OF_MEMBER])]
    fitting = [one for one in pieces if len(one[0]) >= SHORTEST] or pieces
    title = max(fitting, key=lambda one: middle.fit(one[1]), default=("", ""))[0]
    return mask(title).strip()[:LONGEST_TITLE], _phrases(
        [f"{head}\n{body[:READ_OF_MEMBER]}" for _, body, head in told], middle
    )


def _phrases(plain: list[str], middle: _Middle) -> tuple[str, ...]:
    """Return the runs of letters that weigh most in the topic, each said by at least a third of the typical ones."""
    floor = 0.25 * float(middle.weight.max(initial=0))
    runs = {run for one in plain for run in _runs(one, middle.of(one), floor) if _WORDY.search(run)}
    least = max(2, len(plain) / 3) if len(plain) > 1 else 1
    said = {run: sum(run in one for one in plain) for run in runs}
    chosen: list[str] = []
    for run in sorted(runs, key=lambda run: (-said[run] * len(run), run)):
        if said[run] >= least and not _pairs(run) & {pair for other in chosen for pair in _pairs(other)}:
            chosen.append(run)
    return tuple(chosen[:WORDS])


def _pairs(run: str) -> set[str]:
    return {run[at : at + 2] for at in range(len(run) - 1)}


def _runs(plain: str, weights: list[float], floor: float) -> Iterator[str]:
    """Yield the stretches of a text whose every pair weighs at least `floor`."""
    start = None
    for at, weight in enumerate([*weights, 0.0]):
        if weight >= floor > 0:
            start = at if start is None else start
        elif start is not None:
            yield plain[start : at + 1]
            start = None


def _alike(count: int, words: tuple[str, ...]) -> str:
    shared = "".join(f"“{word}”" for word in words)
    return f"{count}件内容相近" + (f"，多数提到{shared}" if shared else "")


def _grown(found: _Group, hours: int) -> str:
    lately = f"；近{hours}小时{found.recent}件"
    if found.expected is None:
        return f"{lately}，此前没有足够长的记录可比"
    return f"{lately}，此前平均每{hours}小时{found.expected:.1f}件"
