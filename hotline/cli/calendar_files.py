"""The calendar as files: written as TOML, CSV or iCalendar (RFC 5545); a year's plan (放假安排) read from CSV or TOML.

A plan is looked at whole before anything is written, and each problem is named with its line.
"""

import csv
import io
import json
import os
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from dispatch import decoding
from dispatch.calendar import DAY, WEEKDAYS, Calendar
from dispatch.decoding import CalendarFile, Days, Period
from dispatch.errors import BadRule
from hotline import rulefiles
from hotline.channels import values
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.errors import RulesUnreadable

Sort = Literal["rest", "work"]
SORTS: dict[str, Sort] = {
    "rest": "rest",
    "休": "rest",
    "休息": "rest",
    "放假": "rest",
    "work": "work",
    "班": "work",
    "上班": "work",
    "调休上班": "work",
}
COLUMNS = {
    "date": "date",
    "日期": "date",
    "name": "name",
    "名称": "name",
    "节日": "name",
    "kind": "kind",
    "类别": "kind",
    "类型": "kind",
}
LEGAL_HOLIDAYS = 13  # 全国年节及纪念日放假办法, as of 2025; those on a weekend are made up for
SINCE_13 = 2025
LINE_OCTETS = 75  # RFC 5545, 3.1
_ESCAPED, _ESCAPE = re.compile(r"([\\;,])"), r"\\\1"  # RFC 5545, 3.3.11


class Marked(msgspec.Struct, frozen=True):
    """One day of a plan: legal rest, or a weekend day that is worked."""

    line: int
    day: date
    name: str
    sort: Sort


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a plan, and in which line; 0 = with the whole of it."""

    line: int
    says: str


class Plan(msgspec.Struct, frozen=True):
    """The days of a notice as they were read, and what could not be read."""

    period: Period
    days: tuple[Marked, ...]
    problems: tuple[Problem, ...]


def as_toml(file: CalendarFile, year: int | None = None) -> str:
    """Return a whole `calendar.toml`; with `year`, one that covers that year alone."""
    head = [f"{key} = {_quoted(value)}" for key, value in (("name", file.name), ("zone", file.zone)) if value]
    hours = ", ".join(f'["{opens}", "{closes}"]' for opens, closes in file.hours)
    return "\n".join([*head, f"hours = [{hours}]", "", blocks(_periods(file, year), _marked(file, year))])


def as_csv(file: CalendarFile, year: int | None = None) -> str:
    """Return the days in the form `read_plan` takes."""
    _periods(file, year)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("date", "name", "kind"))
    rows.writerows((one.day, one.name, one.sort) for one in _marked(file, year))
    return out.getvalue()


def as_ics(file: CalendarFile, year: int | None, now: datetime) -> str:
    """Return the days as all-day events, a run of equal days as one; DTEND is the day after (RFC 5545, 3.6.1)."""
    _periods(file, year)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//hotline-grid//calendar//ZH"]
    for sort, first, last, name in _runs(_marked(file, year)):
        said = f"{name}（休）" if sort == "rest" else f"{name}调休（班）"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{first:%Y%m%d}-{sort}@hotline-grid",
            f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{last + DAY:%Y%m%d}",
            f"SUMMARY:{_ESCAPED.sub(_ESCAPE, said)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def blocks(periods: Sequence[Period], days: Sequence[Marked]) -> str:
    """Return [[period]], [[rest]] and [[work]] as TOML."""
    found = [
        f"[[period]]\nname = {_quoted(one.name)}\nsource = {_quoted(one.source)}\n"
        f"since = {one.since}\nuntil = {one.until}\n"
        for one in periods
    ]
    for sort, first, last, name in sorted(_runs(days)):
        until = f"until = {last}\n" if last > first else ""
        found.append(f"[[{sort}]]\ndate = {first}\n{until}name = {_quoted(name)}\n")
    return "\n".join(found)


def read_plan(path: Path, zone: ZoneInfo, source: str) -> Plan:
    """Return the plan of a file: a table with the columns date, name, kind, or TOML as `calendar.toml` is written.

    source  of the notice; "" = what the TOML says, else that it has to be checked
    raises  Unusable, where it is neither
    """
    if path.suffix.lower() == ".ics":
        raise Unusable(str(path), "不读 iCalendar 文件，请给出 CSV（列名 date,name,kind）或 TOML")
    return _plan_of_toml(path, source) if path.suffix.lower() == ".toml" else _plan_of_table(path, zone, source)


def problems(plan: Plan, held: Calendar) -> list[Problem]:
    """Return what stands against adding the plan to the calendar `held`, in the order of the lines."""
    found = [*plan.problems, *_wrong_period(plan.period, held), *_wrong_days(plan, held)]
    return sorted(found, key=lambda one: one.line)


def doubts(plan: Plan) -> list[str]:
    """Return what a person should look at again, though it may be right."""
    period = plan.period
    found = [
        f"{one.day}（{one.name}）在日历已有的年份里，一并写入"
        for one in plan.days
        if not period.since <= one.day <= period.until
    ]
    off = sum(one.sort == "rest" and one.day.weekday() < 5 for one in plan.days)
    on = sum(one.sort == "work" for one in plan.days)
    whole = period.until - period.since >= timedelta(days=364) and period.since.year >= SINCE_13
    if whole and off - on != LEGAL_HOLIDAYS:
        said = f"周一至周五放假 {off} 天，周末上班 {on} 天，相差 {off - on} 天"
        found.append(f"{said}；法定节假日是 {LEGAL_HOLIDAYS} 天，请再核对")
    return found


def with_plan(files: dict[str, str], plan: Plan) -> str:
    """Return what the folder's `calendar.toml` has to be followed by.  raises RulesUnreadable if it no longer reads"""
    added = "\n" + blocks([plan.period], plan.days)
    whole = files | {"calendar.toml": files["calendar.toml"] + "\n" + added}
    rulefiles.rulebook(whole, rulefiles.head(whole))
    return added


def append(path: Path, text: str) -> None:
    """Add to the end of a file, all or nothing; what was there stays as it is, to the byte.  raises Unusable"""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        held = path.read_bytes()
        draft.write_bytes(held + (b"" if held.endswith(b"\n") else b"\n") + text.encode())
        draft.chmod(path.stat().st_mode)
        draft.replace(path)
    except OSError as refused:
        draft.unlink(missing_ok=True)
        raise Unusable(str(path), f"写不进去（{refused.strerror}）") from refused


def read_toml(path: Path) -> tuple[str, CalendarFile]:
    """Return the text of a `calendar.toml` and its fields.  raises Unusable, RulesUnreadable with the line"""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, decoding.read_calendar_file(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as refused:
        raise Unusable(str(path), f"读不出来（{refused}）") from refused
    except tomllib.TOMLDecodeError as wrong:
        raise Unusable(str(path), f"不是正确的 TOML：{wrong}") from wrong
    except BadRule as wrong:
        raise unreadable(path, text, wrong) from wrong


def unreadable(path: Path, text: str, wrong: BadRule) -> RulesUnreadable:
    """Return the refusal that names the line."""
    line = decoding.line_of(text, wrong.path)
    return RulesUnreadable(f"{path}{f':{line}' if line else ''} {wrong.path}", wrong.message)


def _plan_of_toml(path: Path, source: str) -> Plan:
    text, file = read_toml(path)
    if len(file.period) != 1:
        raise Unusable(str(path), f"须只有一段 [[period]]，写了 {len(file.period)} 段；可用 export --year 导出一年")
    days, wrong = [], []
    for sort in ("rest", "work"):
        for n, one in enumerate(getattr(file, sort)):
            line = decoding.line_of(text, f"$.{sort}[{n}].date") or 0
            if one.until and one.until < one.date:
                wrong.append(Problem(line, f"{one.until} 早于 {one.date}"))
            days += [Marked(line, day, one.name, sort) for day in _each(one)]
    period = msgspec.structs.replace(file.period[0], source=source or file.period[0].source)
    return Plan(period, tuple(days), tuple(wrong))


def _plan_of_table(path: Path, zone: ZoneInfo, source: str) -> Plan:
    records = open_sheet(path).records()
    head = next(records, None)
    columns = [COLUMNS.get(values.plain(cell).lower(), "") for cell in head.cells] if head else []
    if sorted(filter(None, columns)) != ["date", "kind", "name"]:
        raise Unusable(str(path), "第一行须是列名 date、name、kind（或 日期、名称、类别），各一列")
    days, wrong = [], []
    for record in records:
        try:
            days.append(_row(record, dict(zip(columns, record.cells, strict=False)), zone))
        except ValueError as bad:
            wrong.append(Problem(record.line, str(bad)))
    if not days:
        raise Unusable(str(path), "没有读到任何日子" + (f"：第{wrong[0].line}行，{wrong[0].says}" if wrong else ""))
    year = Counter(one.day.year for one in days).most_common(1)[0][0]
    said = source or f"由 {path.name} 导入，待核对"
    period = Period(name=f"{year}年", source=said, since=date(year, 1, 1), until=date(year, 12, 31))
    return Plan(period, tuple(days), tuple(wrong))


def _row(record: Record, cells: dict[str, str], zone: ZoneInfo) -> Marked:
    """Return a row of the table.  raises ValueError in words for people"""
    if record.trouble:
        raise ValueError(record.trouble)
    name = unicodedata.normalize("NFKC", cells.get("name", "")).strip()
    said = values.plain(cells.get("kind", "")).lower()
    if said not in SORTS:
        raise ValueError(f"类别“{said}”看不懂，放假写 rest，调休上班写 work")
    if not name:
        raise ValueError("没有写节日名称")
    return Marked(record.line, values.moment(cells.get("date", ""), zone).astimezone(zone).date(), name, SORTS[said])


def _wrong_period(period: Period, held: Calendar) -> Iterator[Problem]:
    said = f"“{period.name}”"
    if period.since > period.until:
        yield Problem(0, f"{said}的起始日 {period.since} 晚于截止日 {period.until}")
    elif period.since <= held.until and held.since <= period.until:
        both = f"{max(period.since, held.since)} 至 {min(period.until, held.until)}"
        yield Problem(0, f"{said}与日历已有的日期重叠：{both}")
    elif period.since > held.until + DAY:
        yield Problem(0, f"{said}须紧接日历已有的日期，从 {held.until + DAY} 开始")
    elif period.until < held.since - DAY:
        yield Problem(0, f"{said}须紧接日历已有的日期，到 {held.since - DAY} 为止")


def _wrong_days(plan: Plan, held: Calendar) -> Iterator[Problem]:
    seen: dict[date, Marked] = {}
    since, until = plan.period.since, plan.period.until
    for one in plan.days:
        day = f"{one.day}（{WEEKDAYS[one.day.weekday()]}）"
        other = seen.setdefault(one.day, one)
        if other is not one:
            how = "写了两次" if other.sort == one.sort else "既是休息日又是上班日"
            yield Problem(one.line, f"{day}{how}，另见第{other.line}行")
        if one.sort == "work" and one.day.weekday() < 5:
            yield Problem(one.line, f"{day}不在周末，不会是调休上班的日子")
        if since <= one.day <= until:
            continue
        if not held.since <= one.day <= held.until:
            yield Problem(one.line, f"{day}不在 {since} 至 {until} 之内")
        elif one.day in held.rest or one.day in held.work:
            yield Problem(one.line, f"{day}在日历里已经写过")


def _periods(file: CalendarFile, year: int | None) -> list[Period]:
    """Return the periods, clipped to the year.  raises Unusable where there is nothing of it"""
    if year is None:
        return list(file.period)
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = [
        msgspec.structs.replace(one, since=max(one.since, first), until=min(one.until, last))
        for one in file.period
        if one.since <= last and first <= one.until
    ]
    if not found:
        raise Unusable("--year", f"日历里没有 {year} 年")
    return found


def _marked(file: CalendarFile, year: int | None) -> list[Marked]:
    held: tuple[tuple[Sort, tuple[Days, ...]], ...] = (("rest", file.rest), ("work", file.work))
    found = [Marked(0, day, one.name, sort) for sort, days in held for one in days for day in _each(one)]
    return sorted((one for one in found if year in (None, one.day.year)), key=lambda one: one.day)


def _each(days: Days) -> list[date]:
    return [days.date + DAY * n for n in range(((days.until or days.date) - days.date).days + 1)]


def _runs(days: Sequence[Marked]) -> list[tuple[Sort, date, date, str]]:
    """Return days in a row of one sort and name as one, in the order of their days."""
    runs: list[tuple[Sort, date, date, str]] = []
    for one in sorted(days, key=lambda one: one.day):
        if runs and runs[-1][0] == one.sort and runs[-1][2] + DAY == one.day and runs[-1][3] == one.name:
            runs[-1] = (one.sort, runs[-1][1], one.day, one.name)
        else:
            runs.append((one.sort, one.day, one.day, one.name))
    return runs


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # a JSON string is one of TOML, but for DEL


def _folded(line: str) -> str:
    """Return a content line in pieces of at most LINE_OCTETS, no character cut (RFC 5545, 3.1)."""
    pieces = [""]
    for character in line:
        if len((pieces[-1] + character).encode()) > LINE_OCTETS:
            pieces.append(" ")
        pieces[-1] += character
    return "\r\n".join(pieces)
