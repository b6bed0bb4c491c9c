"""Returns (退单): who may still send a ticket back, and who decides at last.

Source of the defaults: 天津热线管理办法 2024 (draft): within one working day with reason and basis, two if complex,
later it is theirs; after two returns the third dispatch is by designation (指定承办).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from dispatch.calendar import Calendar, Ends, Kind, add_days, deadline_text, explain
from grids.messages import Message


class ReturnRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the return rule.

    days, complex_days  how long a unit may return what it was given, counted from that dispatch
    limit               returns of one ticket after which a dispute (会商) opens and a person designates the unit
    needs_basis, needs_owner   whether a return must name its ground, and whose the ticket is instead
    """

    days: int = 1
    complex_days: int = 2
    kind: Kind = Kind.WORKING
    ends: Ends = "end_of_day"
    limit: int = 2
    needs_basis: bool = True
    needs_owner: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        if min(self.days, self.complex_days, self.limit) < 0:
            raise ValueError(Message("退单的天数与次数不能为负"))


class Ruling(msgspec.Struct, frozen=True):
    """Whether a unit may return a ticket, until when it could, and why."""

    allowed: bool
    until: datetime
    why: Message


class AfterReturn(msgspec.Struct, frozen=True):
    """What a return leads to: the next dispatch is by designation, or an ordinary one by a dispatcher."""

    designate: bool
    why: str


def may_return(
    rules: ReturnRules, calendar: Calendar, *, routed_at: datetime, at: datetime, returns: int, hard: bool = False
) -> Ruling:
    """Say whether the holder of a ticket may return it `at`.

    routed_at  the dispatch to this holder, not the first one
    returns    how often the ticket was returned before
    hard       complex (复杂), by the dispatcher's word
    """
    counted = add_days(routed_at, rules.complex_days if hard else rules.days, rules.kind, calendar, ends=rules.ends)
    until, said = counted.moment, deadline_text(counted.moment, calendar)
    if returns >= rules.limit:
        return Ruling(
            False, until, Message("该工单已退单%(returns)s次，由派单员指定承办单位，不能再退", returns=returns)
        )
    if at >= until:
        return Ruling(
            False,
            until,
            Message(
                "退单须在%(limit)s前提出（%(counted)s），已超过，由现单位办理", limit=said, counted=explain(counted)
            ),
        )
    return Ruling(
        True, until, Message("可在%(limit)s前说明理由退单（%(counted)s）", limit=said, counted=explain(counted))
    )


def after_return(rules: ReturnRules, returns: int) -> AfterReturn:
    """Say who decides next, `returns` counting the one just made."""
    if returns >= rules.limit:
        return AfterReturn(True, f"已退单{returns}次（上限{rules.limit}次），须由派单员指定承办单位，指定后不能再退")
    return AfterReturn(False, f"第{returns}次退单，由派单员核实理由后重新派单")
