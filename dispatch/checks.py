"""Checks (审核): which results somebody at the desk reads before the citizen hears them, and why.

By when it is read, and that silence passes it (超时默认), is a promise like any other (clock `check`,
`dispatch.deadlines`).  Sources: 凉政办发〔2018〕116号 art. 25 names the reviewer (审核人) among those who answer for a
reply, and "result not reviewed" among the faults; which results are read is the city's own rule.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from dispatch.callbacks import Case
from dispatch.deadlines import GRAVITY, Urgency


class CheckRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some results, and whether they are read.  Empty fields do not narrow; the first rule that fits decides.

    label    what people call these results: 重办件
    urgency  of this urgency and graver;  area  this area and all below it;  level  the kind of the unit
    redone   only what was (True) or was not (False) done again;  outcomes  what the unit says came of it
    """

    label: Annotated[str, msgspec.Meta(min_length=1)]
    check: bool = True
    kind: str = ""
    urgency: Urgency | None = None
    area: str = ""
    level: str = ""
    redone: bool | None = None
    outcomes: tuple[str, ...] = ()


class CheckRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which results are read, [checks] in `city.toml`.  What no rule fits goes to the citizen at once."""

    rule: tuple[CheckRule, ...] = ()
    source: str = ""


class Checked(msgspec.Struct, frozen=True):
    """Whether a result is read first, and why (not)."""

    check: bool
    why: str


def checked(rules: CheckRules, case: Case) -> Checked:
    """Return whether the result of this ticket is read before the citizen hears it."""
    rule = next((one for one in rules.rule if _fits(one, case)), None)
    if rule is None or not rule.check:
        return Checked(False, f"{rule.label}的办理结果按规则不经审核" if rule else "按规则不经审核，直接答复来电人")
    source = f"（{rules.source}）" if rules.source else ""
    return Checked(True, f"{rule.label}的办理结果须经审核后答复来电人{source}")


def _fits(rule: CheckRule, case: Case) -> bool:
    return (
        all(getattr(rule, name) in ("", getattr(case, name)) for name in ("kind", "level"))
        and GRAVITY[rule.urgency] <= GRAVITY[Urgency(case.urgency)]
        and (not rule.area or rule.area in case.areas)
        and rule.redone in (None, case.redone)
        and (not rule.outcomes or case.outcome in rule.outcomes)
    )
