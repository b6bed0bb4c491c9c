"""Decodes parsed rule files into typed values; what is wrong is refused with its path: `$.promise[1].dayz`.

Indexes in paths count from 0, as in the files' own notation; messages count from 1, as people do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import msgspec

from dispatch.calendar import Calendar, clock_time, hours_of
from dispatch.conditions import DAYS, Condition
from dispatch.deadlines import MOVE_FIELDS, DeadlineRule, unknown_move
from dispatch.duty import DutyRow, Unit
from dispatch.errors import BadRule
from dispatch.escalation import Ladder, Rung
from dispatch.extensions import Ground
from dispatch.kpis import MEASURE_BY_NAME, FigureRules
from dispatch.whistles import WhistleRules
from grids import validation
from grids.messages import Message, named, said_by

T = TypeVar("T")

Day = date  # a field may be called `date`

LONGEST_GROUND = 15  # characters of a ground's code: it becomes part of a name that counts

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d|24:00"
ClockText = Annotated[str, msgspec.Meta(pattern=rf"^({_CLOCK})$")]


class _Promises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    promise: tuple[DeadlineRule, ...]


class _Rungs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rung: tuple[Rung, ...]


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days whose holidays one notice publishes, both ends included."""

    name: str
    source: str
    since: date
    until: date


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One day, or with `until` all days up to it."""

    date: Day
    name: str
    until: Day | None = None


class CalendarFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `calendar.toml` as it is written; `read_calendar` makes the value of it."""

    period: Annotated[tuple[Period, ...], msgspec.Meta(min_length=1)]
    name: str = ""
    zone: str = ""
    rest: tuple[Days, ...] = ()
    work: tuple[Days, ...] = ()
    hours: tuple[tuple[ClockText, ClockText], ...] = (("09:00", "12:00"), ("13:30", "17:30"))


_PROMISED = frozenset({"days", "kind", "ends"})


def read_promises(data: Mapping[str, Any]) -> tuple[DeadlineRule, ...]:
    """Return the promises of a parsed `promises.toml` ([[promise]]).  raises BadRule"""
    return convert(data, _Promises).promise


def read_ladder(data: Mapping[str, Any]) -> Ladder:
    """Return the rungs of a parsed `ladder.toml` ([[rung]]).  raises BadRule"""
    return convert(data, _Rungs).rung


def current(callbacks: Mapping[str, Any]) -> dict[str, Any]:
    """Return `[callbacks]` of an edition as it is written today.

    One written before the first call was a deadline rule (clock `callback`) says here by when; it is still readable.
    """
    return {key: value for key, value in callbacks.items() if key not in _PROMISED}


def check_whistle(rules: WhistleRules, path: str = "$.whistle") -> None:
    """Refuse a reason that is written twice.  raises BadRule"""
    codes = [one.code for one in rules.reason]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise BadRule(f"{path}.reason", Message("吹哨理由“%(twice)s”写了两次", twice=min(twice)))


def check_exclusions(grounds: Sequence[Ground], path: str = "$.exclusion") -> None:
    """Refuse grounds of exclusion that cannot be told apart, or not be counted by their code.  raises BadRule"""
    for ground in grounds:
        if sum(one.code == ground.code for one in grounds) > 1:
            raise BadRule(path, Message("不计入考核的情形“%(code)s”写了两次", code=ground.code))
        if not 0 < len(ground.code) <= LONGEST_GROUND:
            given = {"code": ground.code, "n": LONGEST_GROUND}
            raise BadRule(path, Message("不计入考核的情形“%(code)s”：编码须为1至%(n)s个字符", **given))


def check_figures(rules: FigureRules, path: str = "$.figures") -> None:
    """Refuse weights that make no score, and ranks of less than is counted.  raises BadRule"""
    for name in rules.weights:
        if name not in MEASURE_BY_NAME:
            known = tuple(named(one.name, one.label) for one in MEASURE_BY_NAME.values())
            raise BadRule(
                f"{path}.weights.{name}", Message("不认识的指标“%(name)s”，只能是：%(known)s", name=name, known=known)
            )
    if rules.weights and not any(rules.weights.values()):
        raise BadRule(f"{path}.weights", Message("各指标的权重不能都是0"))
    if rules.ranked < rules.small:
        raise BadRule(
            f"{path}.ranked",
            Message(
                "参与排名的最少件数 %(ranked)s 不能小于计算的最少件数 %(small)s", ranked=rules.ranked, small=rules.small
            ),
        )


def read_calendar_file(data: Mapping[str, Any]) -> CalendarFile:
    """Return a parsed `calendar.toml` field by field; whether its days agree is `read_calendar`'s question.

    raises BadRule
    """
    hours = [[_clock_text(edge) for edge in pair] for pair in data["hours"]] if _is_hours(data) else data.get("hours")
    return convert({**data, "hours": hours} if hours is not None else data, CalendarFile)


def read_calendar(data: Mapping[str, Any], zone: str = "Asia/Shanghai") -> Calendar:
    """Return the calendar of a parsed `calendar.toml`: name, zone, hours, [[period]], [[rest]], [[work]].

    Periods must follow each other without a hole; every day of [[rest]] and [[work]] lies within them.
    raises BadRule
    """
    file = read_calendar_file(data)
    if file.zone not in ("", zone):
        raise BadRule(
            "$.zone", Message("日历的时区 %(calendar)s 与城市的时区 %(city)s 不一致", calendar=file.zone, city=zone)
        )
    periods = sorted(file.period, key=lambda one: one.since)
    for one, two in pairwise(periods):
        if two.since != one.until + timedelta(days=1):
            raise BadRule(
                "$.period",
                Message(
                    "“%(later)s”须紧接“%(earlier)s”，从 %(day)s 开始",
                    later=two.name,
                    earlier=one.name,
                    day=one.until + timedelta(days=1),
                ),
            )
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
            hours=tuple((clock_time(one), clock_time(two)) for one, two in file.hours),
            zone=zone,
        )
    except ValueError as wrong:
        raise BadRule("$", said_by(wrong)) from wrong


def duty_row(row: Mapping[str, str], line: int) -> DutyRow:
    """Return one line of `duty.csv`.  Lists are separated by "|"; an area of "*" means every area.  raises BadRule

    The condition stands in four columns: hours (22:00-06:00|rest|work 18:00-21:00), season (11-15..03-31), caller,
    keywords.
    """
    known = {*DutyRow.__struct_fields__, *Condition.__struct_fields__} - {"when"}
    cells = _cells(row, "duty.csv", line, known, required=("id", "area", "unit"))
    data: dict[str, Any] = {**cells}
    data["area"] = "" if cells["area"] == "*" else cells["area"]
    if "helpers" in cells:
        data["helpers"] = tuple(part.strip() for part in cells["helpers"].split("|") if part.strip())
    data["when"] = {
        column: [read(part, f"duty.csv:{line}.{column}") for part in _parts(data.pop(column), line, column)]
        for column, read in _CONDITION.items()
        if column in cells
    }
    made = convert(data, DutyRow, f"duty.csv:{line}", strict=False)
    if made.since and made.until and made.since > made.until:
        raise BadRule(
            f"duty.csv:{line}.until",
            Message("失效日 %(until)s 早于生效日 %(since)s", until=made.until, since=made.since),
        )
    return made


def unit_row(row: Mapping[str, str], line: int) -> Unit:
    """Return one line of `units.csv`; `backstop` is 1/0, true/false, 是/否 or empty; `hours` see Unit.

    raises BadRule
    """
    cells = _cells(row, "units.csv", line, Unit.__struct_fields__, required=("code", "name"))
    said = cells.pop("backstop", "0").lower()
    if said not in YES and said not in NO:
        raise BadRule(f"units.csv:{line}.backstop", Message("“%(text)s”看不懂，请写 1 或 0", text=said))
    try:
        hours_of(cells.get("hours", ""))
    except ValueError as wrong:
        raise BadRule(f"units.csv:{line}.hours", said_by(wrong)) from wrong
    data: dict[str, Any] = {**cells, "backstop": said in YES}
    if "formerly" in cells:
        data["formerly"] = tuple(part.strip() for part in cells["formerly"].split("|") if part.strip())
    return convert(data, Unit, f"units.csv:{line}")


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


def convert(data: Any, kind: type[T], root: str = "$", *, strict: bool = True) -> T:
    """Return parsed data as a value of `kind`.  raises BadRule: the path below `root`"""
    try:
        return msgspec.convert(data, kind, strict=strict)
    except msgspec.ValidationError as wrong:
        found = validation.of_file(wrong)
        place = found.path if found.missing else found.whole
        where = root + ("" if not place or place.startswith("[") else ".") + place
        moved = re.fullmatch(rf"(.*)\.(?:{'|'.join(MOVE_FIELDS)})(?:\[\d+\])?", where)
        if found.strange and moved:  # what promises are made of is named with all there is to choose from
            raise BadRule(moved[1], unknown_move(found.strange)) from wrong
        raise BadRule(where, found.message) from wrong


def _cells(
    row: Mapping[str, str], file: str, line: int, known: Collection[str], *, required: Sequence[str]
) -> dict[str, str]:
    """Return the filled cells of a CSV line, trimmed."""
    for column in row:
        if column not in known:
            raise BadRule(
                f"{file}:{line}.{column or '?'}",
                Message("不认识的列“%(column)s”", column=column or Message("多出的单元格")),
            )
    cells = {column: value.strip() for column, value in row.items() if value and value.strip()}
    for column in required:
        if column not in cells:
            raise BadRule(f"{file}:{line}.{column}", Message("不能为空"))
    return cells


def _parts(cell: str, line: int, column: str) -> list[str]:
    """Return the parts of a cell of a condition; an empty one would make the row hold always."""
    parts = [part.strip() for part in cell.split("|")]
    if not all(parts):
        raise BadRule(f"duty.csv:{line}.{column}", Message("“%(cell)s”中有空的一项", cell=cell))
    return parts


def _hours(part: str, path: str) -> dict[str, Any]:
    found = re.fullmatch(rf"(rest|work|休息日|工作日)?\s*((?P<since>{_CLOCK})-(?P<until>{_CLOCK}))?", part)
    if found is None or found["since"] == "24:00":
        raise BadRule(
            path, Message("“%(part)s”看不懂，时段请写成 22:00-06:00、rest（休息日）或 work 18:00-21:00", part=part)
        )
    days = {"休息日": "rest", "工作日": "work"}.get(found[1], found[1] or "")
    return {"days": days} | {edge: clock_time(found[edge]) for edge in ("since", "until") if found[edge]}


def _season(part: str, path: str) -> dict[str, str]:
    since, _, until = part.partition("..")
    if since not in DAYS or until not in DAYS:
        raise BadRule(path, Message("“%(part)s”看不懂，季节请写成 11-15..03-31", part=part))
    return {"since": since, "until": until}


def _word(part: str, path: str) -> str:
    del path
    return part


_CONDITION: dict[str, Callable[[str, str], Any]] = {
    "hours": _hours,
    "season": _season,
    "caller": _word,
    "keywords": _word,
}


def _spread(days: Sequence[Days], table: str, since: date, until: date) -> dict[date, str]:
    found: dict[date, str] = {}
    for n, one in enumerate(days):
        last = one.until or one.date
        if not since <= one.date <= last <= until:
            raise BadRule(
                f"$.{table}[{n}].date",
                Message(
                    "%(date)s 不在日历期间 %(since)s 至 %(until)s 内，或先后颠倒",
                    date=one.date,
                    since=since,
                    until=until,
                ),
            )
        for far in range((last - one.date).days + 1):
            day = one.date + timedelta(days=far)
            if day in found:
                raise BadRule(f"$.{table}[{n}].date", Message("%(day)s 写了两次", day=day))
            found[day] = one.name
    return found


def _is_hours(data: Mapping[str, Any]) -> bool:
    hours = data.get("hours")
    return isinstance(hours, list) and all(isinstance(pair, list) for pair in hours)


def _clock_text(edge: object) -> object:
    """Return a TOML local time (09:00:00) as the text people write."""
    return f"{edge:%H:%M}" if isinstance(edge, time) else edge
