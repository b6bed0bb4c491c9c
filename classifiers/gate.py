"""The gate a new model must pass: champion against challenger on the newest month, over all and area by area.

Both answer the same texts, so only what they answer differently counts: a sign test over those says whether a loss is
more than chance.  The gate opens or says why not; a person promotes either way, and the reasons are kept.
"""

from collections import Counter
from collections.abc import Sequence
from math import comb

import msgspec


class GateRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """City data (`[learning]` of city.toml).

    least         samples the comparison needs; fewer, and a person must judge
    least_area    samples an area needs to be judged on its own
    loss          share of answers that may become worse over all
    loss_area     the same for one area
    error         share of automatic answers that may be wrong
    chance        probability below which a loss is no accident
    """

    least: int = 200
    least_area: int = 15
    loss: float = 0.005
    loss_area: float = 0.1
    error: float = 0.05
    chance: float = 0.05


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One model's answer to one text; `automatic` = sure enough to act without a person."""

    area: str
    automatic: bool


class AreaVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One area on the newest month: right answers of both, and whether the challenger lost more than chance."""

    area: str
    n: int
    champion: int
    challenger: int
    worse: bool


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate says.  `reasons` are Chinese sentences, also when it opens; shares are 0 to 1."""

    passed: bool
    reasons: tuple[str, ...]
    n: int
    champion_right: float
    challenger_right: float
    champion_automatic: float
    challenger_automatic: float
    challenger_error: float
    areas: tuple[AreaVerdict, ...]


def compare(
    truth: Sequence[str],
    champion: Sequence[Answer] | None,
    challenger: Sequence[Answer],
    rule: GateRule,
    names: dict[str, str],
) -> Verdict:
    """Return the verdict over texts in one order; without a champion only the error among automatic answers counts.

    names   code -> what people read
    raises  ValueError if the sequences differ in length
    """
    old = champion if champion is not None else [Answer(area="", automatic=False)] * len(truth)
    if not len(truth) == len(old) == len(challenger):
        raise ValueError("truth and answers differ in length")
    n = len(truth)
    was = [one.area == area for one, area in zip(old, truth, strict=True)]
    now = [one.area == area for one, area in zip(challenger, truth, strict=True)]
    acted = [right for one, right in zip(challenger, now, strict=True) if one.automatic]
    error = acted.count(False) / len(acted) if acted else 0.0
    areas = () if champion is None else _areas(truth, was, now, rule)
    against = list(_against(n, was, now, error, rule, compared=champion is not None))
    against += [
        f"“{names.get(one.area, one.area)}”{one.n} 件，原来对 {one.champion} 件，新模型对 {one.challenger} 件"
        for one in areas
        if one.worse
    ]
    share = n or 1
    return Verdict(
        passed=not against,
        reasons=tuple(against) or (_praise(n, sum(was), sum(now), error, compared=champion is not None),),
        n=n,
        champion_right=sum(was) / share,
        challenger_right=sum(now) / share,
        champion_automatic=sum(one.automatic for one in old) / share,
        challenger_automatic=len(acted) / share,
        challenger_error=error,
        areas=areas,
    )


def _areas(truth: Sequence[str], was: Sequence[bool], now: Sequence[bool], rule: GateRule) -> tuple[AreaVerdict, ...]:
    found = []
    for area, n in sorted(Counter(truth).items()):
        pairs = [(old, new) for code, old, new in zip(truth, was, now, strict=True) if code == area]
        before, after = sum(old for old, _ in pairs), sum(new for _, new in pairs)
        worse = n >= rule.least_area and before - after > rule.loss_area * n and _lost(pairs) < rule.chance
        found.append(AreaVerdict(area=area, n=n, champion=before, challenger=after, worse=worse))
    return tuple(found)


def _against(n: int, was: list[bool], now: list[bool], error: float, rule: GateRule, *, compared: bool) -> list[str]:
    said = []
    if n < rule.least:
        said.append(f"最近一段时间只有 {n} 条样本，少于 {rule.least} 条，不足以比较，须由人判断")
    lost = sum(was) - sum(now)
    if compared and lost > rule.loss * n and _lost(list(zip(was, now, strict=True))) < rule.chance:
        said.append(f"{n} 条样本中，原来对 {sum(was)} 条，新模型对 {sum(now)} 条，变差了")
    if error > rule.error:
        said.append(f"新模型自动归类的差错率 {error:.1%}，高于 {rule.error:.1%}")
    return said


def _praise(n: int, was: int, now: int, error: float, *, compared: bool) -> str:
    before = f"，原来对 {was} 条" if compared else ""
    return f"最近 {n} 条样本中新模型对 {now} 条{before}，自动归类的差错率 {error:.1%}"


def _lost(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Return the probability of at least so many losses among the answers that changed, were both equally good."""
    losses = sum(old and not new for old, new in pairs)
    changed = sum(old != new for old, new in pairs)
    return sum(comb(changed, k) for k in range(losses, changed + 1)) / (1 << changed)
