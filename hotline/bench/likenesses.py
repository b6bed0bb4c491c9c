"""How well repeats are found: references between real tickets, looked for without the number that names them.

Reads `haikou_full_first.csv` and `haikou_links_first.csv` below HOTLINE_EVAL_DATA.  Of a ticket only what stands in it
when it is received is used (title, text, address, point, time): the handling notes are written later and would tell.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

from classifiers import likeness, signatures
from classifiers.duplicates import bare_text
from classifiers.likeness import Repeats, Subject
from grids.geometry import Bounds, Datum, read_point
from hotline.store.signatures import EACH, MOST_COMPARED

LINKED_TICKETS, LINKS = "haikou_full_first.csv", "haikou_links_first.csv"
ISLAND = Bounds(west=110.0, south=19.5, east=111.0, north=20.3)
KINDS = ("same", "followup", "other")
COSINE = 0.6  # the threshold that is not enough
_AT = re.compile(r"(\d{1,4})/(\d{1,2})/(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """One reference: where its partner came among what was found (0: nowhere), and whether it would be shown."""

    kind: str
    day: int
    place: int
    score: float


class Flagged(msgspec.Struct, frozen=True, kw_only=True):
    """Two tickets that would be shown to a person as perhaps the same, the older one second."""

    new: str
    old: str
    day: int
    score: float
    linked: bool


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What came out: every reference, every pair at or above the cut, and pairs flagged by a cosine alone."""

    tickets: int
    ranked: list[Ranked]
    flagged: list[Flagged]
    by_cosine: int
    linked_by_cosine: int


def measure(folder: Path, rules: Repeats) -> Measured:
    """Look for the partner of each reference, and for what every ticket would be shown of the tickets before it."""
    subjects = {one.key: one for one in _subjects(folder / LINKED_TICKETS)}
    links = [(row["id"], row["ref"], row["kind"]) for row in _rows(folder / LINKS)]
    book = _Book(subjects.values())
    pairs = {frozenset((new, old)) for new, old, _ in links}
    ranked = [_ranked(book, subjects, link, rules) for link in links]
    flagged, alike, linked = [], 0, 0
    for new in subjects.values():
        before = [old for old in book.near(new) if (old.at, old.key) < (new.at, new.key)]
        for one in likeness.rank(new, before, rules):
            known = frozenset((new.key, one.key)) in pairs
            cosine = _cosine(new, subjects[one.key]) >= COSINE
            alike, linked = alike + cosine, linked + (cosine and known)
            if one.score >= rules.shown:
                flagged.append(
                    Flagged(new=new.key, old=one.key, day=new.at.day, score=round(one.score, 3), linked=known)
                )
    return Measured(tickets=len(subjects), ranked=ranked, flagged=flagged, by_cosine=alike, linked_by_cosine=linked)


class _Book:
    """The index as the database holds it: the newest EACH tickets a number, MOST tickets a look-up."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._by_key: dict[int, list[Subject]] = defaultdict(list)
        for one in sorted(subjects, key=lambda one: one.at):
            for key in signatures.signature(one.text, one.title):
                self._by_key[key].append(one)

    def near(self, new: Subject) -> list[Subject]:
        weights: dict[str, float] = defaultdict(float)
        found: dict[str, Subject] = {}
        for key in signatures.signature(new.text, new.title):
            held = [one for one in self._by_key[key] if one.key != new.key][-EACH:]
            for one in held:
                found[one.key] = one
                weights[one.key] += 1.0 / (1 + len(held))
        return [found[key] for key in sorted(weights, key=lambda key: (-weights[key], key))[:MOST_COMPARED]]


def _ranked(book: _Book, subjects: dict[str, Subject], link: tuple[str, str, str], rules: Repeats) -> Ranked:
    new, old, kind = subjects[link[0]], link[1], link[2]
    order = likeness.rank(new, book.near(new), rules)
    place = next((nth for nth, one in enumerate(order, 1) if one.key == old), 0)
    return Ranked(kind=kind, day=new.at.day, place=place, score=order[place - 1].score if place else 0.0)


@cache
def _counted(text: str) -> tuple[Counter[str], float]:
    plain = bare_text(text)
    counts = Counter(plain[at : at + 2] for at in range(len(plain) - 1))
    return counts, sum(count * count for count in counts.values()) ** 0.5


def _cosine(a: Subject, b: Subject) -> float:
    (one, size), (two, other) = _counted(a.text), _counted(b.text)
    return sum(count * two[pair] for pair, count in one.items()) / (size * other) if size and other else 0.0


def _subjects(path: Path) -> Iterator[Subject]:
    for row in _rows(path):
        read = read_point(_number(row["横坐标"]), _number(row["纵坐标"]), Datum.GCJ02, ISLAND)
        yield Subject(
            key=row["工单编号"],
            text=row["诉求内容"],
            title=row["工单标题"],
            address=row["诉求地址"],
            point=read.point,
            at=_moment(row["工单发起时间"]),
        )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    found = _AT.match(text)
    assert found is not None, text
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def table(found: Measured, rules: Repeats) -> str:
    """Return the figures as Markdown: no text of any ticket."""
    days = sorted({one.day for one in found.ranked})
    lines = [
        f"{found.tickets:,} tickets of two days, {len(found.ranked)} references between them; cut at {rules.shown:g}.",
        "",
        "| references | n | partner ranked first | among the first five | shown (recall at the cut) |",
        "| --- | --- | --- | --- | --- |",
        *(_line(kind, [one for one in found.ranked if one.kind == kind], rules) for kind in KINDS),
        *(_line(f"received on day {day}", [one for one in found.ranked if one.day == day], rules) for day in days),
        _line("all", found.ranked, rules),
        "",
        "| cut | pairs flagged | of them linked by a reference | recall |",
        "| --- | --- | --- | --- |",
        *(_cut(found, cut) for cut in (rules.shown, 0.75, 0.8, 0.9)),
    ]
    alone = f"A cosine of {COSINE} alone, among the same candidates: {found.by_cosine:,} pairs"
    return "\n".join([*lines, "", f"{alone}, {found.linked_by_cosine} of them linked."])


def _line(name: str, of: list[Ranked], rules: Repeats) -> str:
    first, five = sum(one.place == 1 for one in of), sum(0 < one.place <= 5 for one in of)
    shown = sum(one.score >= rules.shown for one in of)
    return f"| {name} | {len(of)} | {first / len(of):.3f} | {five / len(of):.3f} | {shown / len(of):.3f} |"


def _cut(found: Measured, cut: float) -> str:
    flagged = [one for one in found.flagged if one.score >= cut]
    recall = sum(one.score >= cut for one in found.ranked) / len(found.ranked)
    return f"| {cut:g} | {len(flagged)} | {sum(one.linked for one in flagged)} | {recall:.3f} |"
