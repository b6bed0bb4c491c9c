"""Rule files, already parsed, become values; what is wrong is refused with its path: `$.promise[1].dayz`.

Indexes in paths count from 0, as in the files' own notation; messages count from 1, as people do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import msgspec

from dispatch.calendar import Calendar
from dispatch.callbacks import CallbackRules
from dispatch.deadlines import Promise
from dispatch.duty import DutyRow, Unit
from dispatch.errors import BadRule
from dispatch.escalation import Ladder, Rung
from dispatch.returns import ReturnRules

T = TypeVar("T")

Day = date  # a field may be called `date`

ClockText = Annotated[str, msgspec.Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class _Promises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    promise: tuple[Promise, ...]


class _Rungs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rung: tuple[Rung, ...]


class _Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    source: str
    since: date
    until: date


class _Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One day, or with `until` all days up to it."""

    date: Day
    name: str
    until: Day | None = None


class _Dates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    period: Annotated[tuple[_Period, ...], msgspec.Meta(min_length=1)]
    name: str = ""
    zone: str = ""
    rest: tuple[_Days, ...] = ()
    work: tuple[_Days, ...] = ()
    hours: tuple[tuple[ClockText, ClockText], ...] = (("09:00", "12:00"), ("13:30", "17:30"))


def read_promises(data: Mapping[str, Any]) -> tuple[Promise, ...]:
    """Return the promises of a parsed `promises.toml` ([[promise]]).  raises BadRule"""
    return convert(data, _Promises).promise


def read_ladder(data: Mapping[str, Any]) -> Ladder:
    """Return the rungs of a parsed `ladder.toml` ([[rung]]).  raises BadRule"""
    return convert(data, _Rungs).rung


def read_returns(data: Mapping[str, Any], path: str = "$.returns") -> ReturnRules:
    """Return the rule of returns from its table in `city.toml`.  raises BadRule"""
    return convert(data, ReturnRules, path)


def read_callbacks(data: Mapping[str, Any], path: str = "$.callbacks") -> CallbackRules:
    """Return the rule of callbacks from its table in `city.toml`.  raises BadRule"""
    return convert(data, CallbackRules, path)


def read_calendar(data: Mapping[str, Any], zone: str = "Asia/Shanghai") -> Calendar:
    """Return the calendar of a parsed `calendar.toml`: name, zone, hours, [[period]], [[rest]], [[work]].

    Periods must follow each other without a hole; every day of [[rest]] and [[work]] lies within them.
    raises BadRule
    """
    hours = [[_clock_text(edge) for edge in pair] for pair in data["hours"]] if _is_hours(data) else data.get("hours")
    file = convert({**data, "hours": hours} if hours is not None else data, _Dates)
    if file.zone not in ("", zone):
        raise BadRule("$.zone", f"日历的时区 {file.zone} 与城市的时区 {zone} 不一致")
    periods = sorted(file.period, key=lambda one: one.since)
    for one, two in pairwise(periods):
        if two.since != one.until + timedelta(days=1):
            raise BadRule("$.period", f"“{two.name}”须紧接“{one.name}”，从 {one.until + timedelta(days=1)} 开始")
    since, until = periods[0].since, periods[-1].until
    rest, work = _spread(file.rest, "rest", since, until), _spread(file.work, "work", since, until)
    try:
        return Calendar(
            name=file.name or "、".join(one.name for one in periods),
            source="；".join(dict.fromkeys(one.source for one in periods)),
            since=since,
            until=until,
            rest=rest,
            work=work,
            hours=tuple((_time(one), _time(two)) for one, two in file.hours),
            zone=zone,
        )
    except ValueError as wrong:
        raise BadRule("$", str(wrong)) from wrong


def duty_row(row: Mapping[str, str], line: int) -> DutyRow:
    """Return one line of `duty.csv`.  Lists are separated by "|"; an area of "*" means every area.  raises BadRule"""
    cells = _cells(row, "duty.csv", line, DutyRow, required=("id", "area", "unit"))
    data: dict[str, Any] = {**cells}
    data["area"] = "" if cells["area"] == "*" else cells["area"]
    if "helpers" in cells:
        data["helpers"] = tuple(part.strip() for part in cells["helpers"].split("|") if part.strip())
    made = convert(data, DutyRow, f"duty.csv:{line}", strict=False)
    if made.since and made.until and made.since > made.until:
        raise BadRule(f"duty.csv:{line}.until", f"失效日 {made.until} 早于生效日 {made.since}")
    return made


def unit_row(row: Mapping[str, str], line: int) -> Unit:
    """Return one line of `units.csv`; `backstop` is 1/0, true/false, 是/否 or empty.  raises BadRule"""
    cells = _cells(row, "units.csv", line, Unit, required=("code", "name"))
    said = cells.pop("backstop", "0").lower()
    if said not in YES and said not in NO:
        raise BadRule(f"units.csv:{line}.backstop", f"“{said}”看不懂，请写 1 或 0")
    return convert({**cells, "backstop": said in YES}, Unit, f"units.csv:{line}")


def line_of(text: str, path: str) -> int | None:
    """Return the line (from 1) of a TOML text that a path of BadRule points at, as near as the text shows it."""
    found = re.match(r"\$\.(\w+)(?:\[(\d+)\])?(?:\.(\w+))?", path)
    if found is None:
        return None
    table, nth, key = found[1], int(found[2] or 0), found[3]
    lines = text.splitlines()
    headers = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{table}\s*\]\]?", line)]
    if len(headers) <= nth:
        top = [n for n, line in enumerate(lines) if re.match(rf"\s*{table}\s*=", line)]
        return top[0] + 1 if top else None
    start = headers[nth]
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    inside = [n for n in range(start, end) if key and re.match(rf"\s*{key}\s*=", lines[n])]
    return (inside[0] if inside else start) + 1


YES = frozenset({"1", "true", "yes", "是"})
NO = frozenset({"", "0", "false", "no", "否"})


def convert(data: Mapping[str, Any], kind: type[T], root: str = "$", *, strict: bool = True) -> T:
    """Return parsed data as a value of `kind`.  raises BadRule: the path below `root`, the message in Chinese"""
    try:
        return msgspec.convert(data, kind, strict=strict)
    except msgspec.ValidationError as wrong:
        message, _, where = str(wrong).partition(" - at `$")
        path = root + where.rstrip("`")
        unknown = re.fullmatch(r"Object contains unknown field `(.+)`", message)
        if unknown:
            path += f".{unknown[1]}"
        raise BadRule(path, _in_chinese(message)) from wrong


# fmt: off
_SAID: tuple[tuple[str, str], ...] = (
    (r"Object contains unknown field `(.+)`",         r"不认识字段 \1，请检查拼写"),
    (r"Object missing required field `(.+)`",         r"缺少字段 \1"),
    (r"Invalid enum value '?(.*?)'?",                 r"不认识的值 \1"),
    (r"Expected `(.+)`, got `(.+)`",                  r"类型不对：应为 \1，写的是 \2"),
    (r"Expected `(.+)` matching regex .*",            r"格式不对，时间请写成 09:00"),
    (r"Expected `(.+)` ([<>]=?) (.+)",                r"数值超出范围：须 \2 \3"),
    (r"Expected `array` of length >= (\d+)",          r"至少要有\1项"),
    (r"Invalid RFC3339 encoded date|Invalid date.*",  r"不是日期，请写成 2026-01-31"),
)
# fmt: on


def _in_chinese(message: str) -> str:
    for pattern, said in _SAID:
        found = re.fullmatch(pattern, message)
        if found:
            return found.expand(said)
    return message


def _cells(
    row: Mapping[str, str], file: str, line: int, kind: type[msgspec.Struct], *, required: Sequence[str]
) -> dict[str, str]:
    """Return the filled cells of a CSV line, trimmed."""
    for column in row:
        if column not in kind.__struct_fields__:
            raise BadRule(f"{file}:{line}.{column or '?'}", f"不认识的列“{column or '多出的单元格'}”")
    cells = {column: value.strip() for column, value in row.items() if value and value.strip()}
    for column in required:
        if column not in cells:
            raise BadRule(f"{file}:{line}.{column}", "不能为空")
    return cells


def _spread(days: Sequence[_Days], table: str, since: date, until: date) -> dict[date, str]:
    found: dict[date, str] = {}
    for n, one in enumerate(days):
        last = one.until or one.date
        if not since <= one.date <= last <= until:
            raise BadRule(f"$.{table}[{n}].date", f"{one.date} 不在日历期间 {since} 至 {until} 内，或先后颠倒")
        for far in range((last - one.date).days + 1):
            day = one.date + timedelta(days=far)
            if day in found:
                raise BadRule(f"$.{table}[{n}].date", f"{day} 写了两次")
            found[day] = one.name
    return found


def _is_hours(data: Mapping[str, Any]) -> bool:
    hours = data.get("hours")
    return isinstance(hours, list) and all(isinstance(pair, list) for pair in hours)


def _clock_text(edge: object) -> object:
    """Return a TOML local time (09:00:00) as the text people write."""
    return f"{edge:%H:%M}" if isinstance(edge, time) else edge


def _time(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)
