"""Measures how much a model would send alone, how much of it to a wrong unit, and whether the right one is shown.

Each row of a file is asked as triage asks a ticket: the models in use, the duty table in force, the same weighing.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from scipy.special import betaincinv

from classifiers.guarantee import Group
from classifiers.samples import Sample
from hotline import clock
from hotline.channels.labelled import Labelled
from hotline.city import City
from hotline.flow import classify, route, units

SURE = 0.95  # of an interval (Clopper-Pearson, two-sided)
FEWEST_SENT = 20  # sent alone: a unit or an area with fewer is counted among the rest
REST = "（其余）"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Of `sent` tickets that would have gone alone `wrong` went to a wrong unit; true error: `low` to `high`."""

    name: str
    sent: int
    wrong: int
    error: float
    low: float
    high: float


class Alone(msgspec.Struct, frozen=True, kw_only=True):
    """Shares 0 to 1 of `n` rows whose unit is known.

    shown     the right unit is among the (at most three) shown to a person, or sent to
    area      share of what goes alone that goes under a wrong area
    unknown   rows of units the city does not have: whatever is said of them is wrong
    earlier   rows no later than the newest sample the model learned from: they flatter
    """

    n: int
    share: float
    all: Tally
    shown: float
    area: float
    unknown: int
    earlier: int
    sizes: list[Tally]
    groups: list[Tally]
    units: list[Tally]
    areas: list[Tally]


class _Asked(msgspec.Struct, frozen=True):
    truth: str
    settled: str
    unit: str
    area: str
    shown: tuple[str, ...]


def measure(city: City, found: Labelled) -> Alone | None:
    """Return the figures of a file read with its routing requests; None where no row names a unit of the city."""
    samples = _samples(city, found)
    if city.unit_model is None or found.own or not any(one.area for one in samples):
        return None
    asked = _asked(city, samples)
    sent = [one for one in asked if one.unit]
    total = len(samples)
    wrong = sum(one.unit != one.truth for one in sent)
    card = city.unit_model.card
    return Alone(
        n=total,
        share=len(sent) / total,
        all=_tally("全部", len(sent), wrong),
        shown=sum(one.truth in one.shown for one in asked) / total,
        area=sum(one.area != one.settled for one in sent) / max(1, len(sent)),
        unknown=sum(not one.area for one in samples),
        earlier=_earlier(samples, card.until),
        sizes=_by(sent, lambda one: _group_name(city, card.sizes, one.unit)),
        groups=_by(sent, lambda one: _group_name(city, card.groups, one.unit)),
        units=_by(sent, lambda one: city.unit_name(one.unit)),
        areas=_by(sent, lambda one: city.area_label(one.area)),
    )


def words(said: Alone) -> list[str]:
    """Return the figures for people."""
    lines = [
        f"自动派单 {said.share:.1%}（{said.all.sent:,}／{said.n:,} 件），派错单位 {_error(said.all)}",
        f"正确单位在所示三个之内 {said.shown:.1%}；自动派单的事项错误 {said.area:.1%}",
    ]
    lines += [f"{said.unknown:,} 行的承办单位不在单位表中，按错误计"] if said.unknown else []
    lines += [f"注意：{said.earlier:,} 行不晚于训练样本，结果偏好"] if said.earlier else []
    for title, rows in (("单位规模", said.sizes), ("单位组", said.groups), ("单位", said.units), ("事项", said.areas)):
        lines.append(f"按{title}：")
        lines += [f"{one.sent:>7,}\t{_error(one)}\t{one.name}" for one in rows]
    return lines


def _samples(city: City, found: Labelled) -> list[Sample]:
    """Return the rows that name a unit, labelled with its code, "" where the city does not have it."""
    rows = [pair for pair in zip(found.samples, found.units, strict=True) if pair[1][0]]
    codes = {unit: getattr(city.unit_list.find(unit), "code", "") for _, (unit, _) in rows}
    return [msgspec.structs.replace(one, area=codes[unit], around=around) for one, (unit, around) in rows]


def _asked(city: City, samples: Sequence[Sample]) -> list[_Asked]:
    guesses = classify.guess_many(city, [one.text for one in samples], [one.title for one in samples])
    found = []
    for one, guess in zip(samples, guesses, strict=True):
        what, at = classify.classified(guess, city), one.at or clock.now()
        table = route.by_rule(
            city,
            units.likely(what),
            one.around.places[-1] if one.around.places else None,
            city.day(at),
            at=at,
            text=f"{one.title}\n{one.text}",
        )
        areas = tuple((one.area, one.confidence) for one in what.candidates)
        beside = msgspec.structs.replace(one.around, settled="", areas=areas)
        usual = units.usual(city, one.text, one.title, beside)
        who, area = units.weigh(city, what, table, usual)
        shown = (who.unit, *(each.unit for each in units.offered(city, table, usual)))
        found.append(_Asked(one.area, one.around.settled, who.unit, area, shown))
    return found


def _earlier(samples: Sequence[Sample], until: datetime | None) -> int:
    return sum(one.at is not None and one.at <= until for one in samples) if until else 0


def _group_name(city: City, groups: Sequence[Group], unit: str) -> str:
    labels = next((one.labels for one in groups if unit in one.labels), ())
    if not labels:
        return REST
    return city.unit_name(labels[0]) if len(labels) == 1 else f"合并的{len(labels)}个单位"


def _by(sent: Sequence[_Asked], name: Any) -> list[Tally]:
    all_of = Counter(name(one) for one in sent)
    bad = Counter(name(one) for one in sent if one.unit != one.truth)
    few = [key for key, count in all_of.items() if count < FEWEST_SENT]
    rows = [_tally(key, count, bad[key]) for key, count in all_of.most_common() if count >= FEWEST_SENT]
    left = sum(all_of[key] for key in few)
    return [*rows, *([_tally(REST, left, sum(bad[key] for key in few))] if left else [])]


def _tally(name: str, sent: int, wrong: int) -> Tally:
    side = (1 - SURE) / 2
    low = float(betaincinv(wrong, sent - wrong + 1, side)) if wrong else 0.0
    high = float(betaincinv(wrong + 1, sent - wrong, 1 - side)) if wrong < sent else 1.0
    return Tally(
        name=name,
        sent=sent,
        wrong=wrong,
        error=round(wrong / sent if sent else 0.0, 4),
        low=round(low, 4),
        high=round(high, 4),
    )


def _error(one: Tally) -> str:
    return f"{one.error:.1%}（{one.wrong} 件；{one.low:.1%} 至 {one.high:.1%}）"
