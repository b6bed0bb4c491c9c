"""Extensions (延期) and parking (挂账): who may still ask, for how long, and until when.

Sources: 凉政办发〔2018〕116号 art. 16, asked within the limit with reason and progress, in principle at most 10 working
days; 山东省政务服务热线管理办法 2020, the same; bureau rules: a request made after the limit counts as overdue.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from dispatch.calendar import Calendar, Kind, deadline_text, last_day, step
from grids.messages import Message

Count = Annotated[int, msgspec.Meta(ge=0)]


class ExtensionRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers of the rule.

    days       working days all extensions of one ticket may give together
    times      how often one ticket may be extended
    park_days  natural days until a parked ticket must be reviewed
    """

    days: Count = 10
    times: Count = 1
    park_days: Count = 90
    source: str = ""


class Ground(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ground on which a ticket is not counted (不计入考核)."""

    code: str
    label: str
    source: str = ""


class Permission(msgspec.Struct, frozen=True):
    """Whether it may be asked for, and why (not)."""

    allowed: bool
    why: Message


def may_ask(
    rules: ExtensionRules,
    calendar: Calendar,
    *,
    due: datetime | None,
    at: datetime,
    days: int,
    granted: int = 0,
    granted_days: int = 0,
) -> Permission:
    """Say whether the holder may ask for `days` working days more.

    due      the limit of the result as it stands, None where none runs
    granted, granted_days   extensions given before, and the working days they gave together
    """
    if due is None:
        return Permission(False, Message("没有在计的报结果时限，不需要延期"))
    limit = deadline_text(due, calendar)
    if at >= due:
        return Permission(False, Message("延期须在时限%(limit)s前提出，现已超过，不再受理延期，按超期计", limit=limit))
    if granted >= rules.times:
        given = {"granted": granted, "times": rules.times}
        return Permission(False, Message("该工单已延期%(granted)s次（最多%(times)s次），不能再申请延期", **given))
    left = rules.days - granted_days
    if left <= 0:
        return Permission(False, Message("延期合计不超过%(days)s个工作日，已用满，不能再申请延期", days=rules.days))
    if not 0 < days <= left:
        given = {"days": rules.days, "left": left, "asked": days}
        told = Message("延期合计不超过%(days)s个工作日，本次可申请1至%(left)s个工作日，申请了%(asked)s个", **given)
        return Permission(False, told)
    then = deadline_text(until(due, days, calendar), calendar)
    told = Message("在时限%(limit)s前提出，可延期%(days)s个工作日至%(until)s", limit=limit, days=days, until=then)
    return Permission(True, told)


def until(due: datetime | None, days: int, calendar: Calendar) -> datetime:
    """Return the limit `days` working days later, at the same time of day (24:00 stays 24:00).

    raises  ValueError where there is no limit to extend
    """
    if due is None:
        raise ValueError("no limit to extend")
    here, day = calendar.local(due), last_day(due, calendar)
    later, _ = step(day, days, Kind.WORKING, calendar)
    return calendar.at(later + (here.date() - day), here.time())


def may_park(rules: ExtensionRules, calendar: Calendar, *, until: date, at: datetime) -> Permission:
    """Say whether a ticket may be parked until that day: it must lie ahead, and each review within `park_days`."""
    today = calendar.local(at).date()
    if until <= today:
        return Permission(False, Message("拟恢复办理的日期%(until)s须晚于今天%(today)s", until=until, today=today))
    days = (until - today).days
    granted = Message("挂账至%(until)s（%(days)s天）", until=until, days=days)
    if days <= rules.park_days:
        return Permission(True, granted)
    reviews = Message("%(granted)s，其间每%(n)s天复查一次并告知来电人", granted=granted, n=rules.park_days)
    return Permission(True, reviews)
