"""Drift: whether the model still fits what people call about, a week's shares against the weeks before, by area.

abstained   left to a person (拿不准)      corrected   a person changed what the model had chosen
unknown     n-grams the model has never seen, as a share of all
"""

from collections.abc import Sequence
from math import sqrt

import msgspec

ALARM_NAMES = {"abstained": "拿不准的比例", "corrected": "被改正的比例", "unknown": "没见过的字词比例"}


class DriftRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """City data (`[drift]` of city.toml).

    weeks   weeks before that are compared with         least   tickets an area needs in a week
    sigmas  standard errors that are no chance          rise    share by which it must have risen besides
    """

    weeks: int = 8
    least: int = 30
    sigmas: float = 3.0
    rise: float = 0.05


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """What one week brought to one area ("" = all areas): tickets the model was asked about, and what became of them.

    n-grams are counted over the texts looked at: `grams` in all, `unknown` of them new to the model.
    """

    week: str
    area: str
    n: int
    abstained: int
    corrected: int
    grams: int = 0
    unknown: int = 0


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """A share that rose: `share` this week, `before` in the weeks before, and a sentence for people."""

    week: str
    area: str
    what: str
    share: float
    before: float
    text: str


def alarms(weeks: Sequence[Week], rule: DriftRule, names: dict[str, str]) -> tuple[Alarm, ...]:
    """Return what rose in the newest week of each area, the steepest rise first.

    weeks   any order; weeks are compared by their text (2026-W47)
    names   code -> what people read
    """
    found: list[Alarm] = []
    for area in sorted({one.area for one in weeks}):
        mine = sorted((one for one in weeks if one.area == area), key=lambda one: one.week)
        now, before = mine[-1], mine[-1 - rule.weeks : -1]
        label = f"“{names.get(area, area)}”" if area else "全部事项"
        for what, whole in (("abstained", "n"), ("corrected", "n"), ("unknown", "grams")):
            one = _risen(now, before, what, whole, rule)
            if one is not None and now.n >= rule.least:
                share, old = one
                text = f"{label}{now.week} 周{ALARM_NAMES[what]} {share:.1%}，此前 {old:.1%}，请查看并考虑重新训练"
                found.append(Alarm(week=now.week, area=area, what=what, share=share, before=old, text=text))
    return tuple(sorted(found, key=lambda one: (one.before - one.share, one.area, one.what)))


def _risen(now: Week, before: Sequence[Week], what: str, whole: str, rule: DriftRule) -> tuple[float, float] | None:
    """Return (share, share before) if the rise is larger than chance and large enough to matter."""
    many = sum(getattr(one, whole) for one in before)
    here = getattr(now, whole)
    if not many or not here or sum(one.n for one in before) < rule.least:
        return None
    old, share = sum(getattr(one, what) for one in before) / many, getattr(now, what) / here
    spread = sqrt(max(old * (1 - old), 1 / many) * (1 / here + 1 / many))
    return (share, old) if share - old > max(rule.rise, rule.sigmas * spread) else None
