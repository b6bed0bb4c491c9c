"""`hotline calendar add|export|import`: count days or hours by the city's calendar; give it out, take a new year in."""

import csv
import math
import sys
import tomllib
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

import click
import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from dispatch import calendar as rules
from dispatch import decoding
from dispatch.calendar import Calendar, Counted, Ends, Kind, Roll
from dispatch.decoding import CalendarFile
from dispatch.duty import Unit
from dispatch.errors import BadRule
from hotline import clock, rulefiles
from hotline.channels.errors import Unusable
from hotline.cli import calendar_files, opening
from hotline.cli.calendar_files import Plan
from hotline.errors import HotlineError
from hotline.settings import Settings
from hotline.store import db
from hotline.store.learning import EditionRow

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FORMS = ("toml", "csv", "ics")
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


class NoSuchUnit(HotlineError):
    """The units that go with the calendar do not hold this one."""

    code = "no_such_unit"


class Book(msgspec.Struct, frozen=True):
    """A calendar to count by, and where it was found.

    said  in words, for people
    """

    calendar: Calendar
    file: CalendarFile
    units: dict[str, Unit]
    origin: Literal["city", "file", "sample"]
    said: str


@click.group("calendar")
def calendar() -> None:
    """工作日历：按本地节假日和调休推算时限，导出，导入新一年的放假安排。"""


@calendar.command("add")
@click.argument("start")
@click.option("--days", type=click.IntRange(0, 3650), help="加多少天。")
@click.option("--hours", type=click.FloatRange(0, 87600), help="加多少小时。")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Kind]),
    default="natural",
    show_default=True,
    help="自然日（小时），或工作日（小时）。",
)
@click.option("--unit", "code", default="", help="按这个承办单位的值守时间算（units.csv 的 hours）。")
@click.option(
    "--roll",
    type=click.Choice([roll.value for roll in Roll]),
    default="none",
    show_default=True,
    help="最后一天是休息日时：不顺延，或顺延到下一个工作日。只用于 --days。",
)
@click.option(
    "--ends",
    type=click.Choice(["end_of_day", "close_of_business", "same_time"]),
    default="end_of_day",
    show_default=True,
    help="最后一天到 24:00、下班，还是起算的钟点为止。只用于 --days。",
)
@click.option("--calendar", "path", type=FILE, help="用这个 calendar.toml，不问数据库；单位取自它旁边的 units.csv。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def add(
    start: str,
    days: int | None,
    hours: float | None,
    kind: str,
    code: str,
    roll: str,
    ends: str,
    path: Path | None,
    as_json: bool,
) -> None:
    """从 START（如 2026-09-30 16:00）起算，打印到期时刻、计入的日子和跳过的日子。

    按天计算时，起算当日不计，到最后一天的 24:00 为止，不论那天是否休息日：--days 3 --kind natural 就是第三天的 24:00。
    各项承诺遇休息日顺延的规则用 --roll next_working。数据库里没有城市规则时，用示例区的日历，并注明。
    """
    if (days is None) == (hours is None):
        raise click.UsageError("--days 与 --hours 须写且只写一个")
    if hours is not None and math.isnan(hours):
        raise click.UsageError("--hours 须是数字")
    with opening.opened() as given:
        book = _book(given, path)
        held = _of_unit(book, code)
        at = opening.moment(start, ZoneInfo(held.zone))
        if days is not None:
            counted = rules.add_days(at, days, Kind(kind), held, roll=Roll(roll), ends=cast("Ends", ends))
        else:
            counted = rules.add_hours(at, hours or 0.0, Kind(kind), held)
    click.echo(msgspec.json.encode(shown(book, counted)) if as_json else text(book, held, at, counted))


@calendar.command("export")
@click.option("--year", type=int, help="只要这一年；默认全部。")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="写到这个新文件；默认打印。")
@click.option("--format", "form", type=click.Choice(FORMS), help="默认看 --out 的后缀，没有则为 toml。")
@click.option("--calendar", "path", type=FILE, help="导出这个 calendar.toml，不问数据库。")
def export(year: int | None, out: Path | None, form: str | None, path: Path | None) -> None:
    """导出日历：calendar.toml、CSV（date,name,kind），或日程软件能订阅的 iCalendar。"""
    suffix = out.suffix.lower()[1:] if out else ""
    form = form or (suffix if suffix in FORMS else FORMS[0])
    with opening.opened() as given:
        book = _book(given, path)
        if form == "ics":
            said = calendar_files.as_ics(book.file, year, clock.now())
        else:
            said = (calendar_files.as_csv if form == "csv" else calendar_files.as_toml)(book.file, year)
        if out is not None:
            mark = "\ufeff" if form == "csv" else ""  # spreadsheets take it for what it is
            _new_file(out, mark + said)
    click.echo(f"已写到 {out}：{book.said}" if out else said, nl=out is not None)


@calendar.command("import")
@click.argument("file", type=FILE)
@click.option("--into", type=FOLDER, help="写进这个规则文件夹的 calendar.toml；不写则只检查。")
@click.option("--source", default="", help="放假通知的文号，如 国办发明电〔2025〕7号。")
def take_in(file: Path, into: Path | None, source: str) -> None:
    """检查 FILE 里一年的放假安排；没有问题才写进 --into 的规则文件夹，有问题逐行列出，退出码为 1。

    FILE 是 CSV 或 XLSX（列名 date、name、kind，kind 写 rest 或 work），或 export --year 写出的 TOML（办公时间除外）。
    """
    with opening.opened() as given:
        files = rulefiles.read_folder(into) if into else None
        held = rulefiles.rulebook(files, rulefiles.head(files)).calendar if files else _book(given, None).calendar
        plan = calendar_files.read_plan(file, ZoneInfo(held.zone), source)
        wrong = calendar_files.problems(plan, held)
        if wrong:
            lines = [f"{f'第{one.line}行' if one.line else '全文'}\t{one.says}" for one in wrong]
            click.echo("\n".join([*lines, f"共 {len(wrong)} 处问题，没有写入"]))
            sys.exit(1)
        added = calendar_files.with_plan(files, plan) if files else ""
        if into:
            calendar_files.append(into / "calendar.toml", added)
    click.echo(_taken(plan, into))


def shown(book: Book, counted: Counted) -> dict[str, object]:
    """Return what JSON shows."""
    return {
        "moment": counted.moment.isoformat(),
        "provisional": counted.provisional,
        "counted": counted.counted,
        "skipped": [{"date": day, "name": name} for day, name in counted.skipped],
        "why": rules.explain(counted),
        "calendar": {"origin": book.origin, "name": book.calendar.name, "until": book.calendar.until},
    }


def text(book: Book, held: Calendar, at: datetime, counted: Counted) -> str:
    """Return the answer in words."""
    lines = [
        f"起算\t{held.local(at):%Y-%m-%d %H:%M}（{rules.day_name(held, held.local(at).date())}）",
        f"到期\t{rules.deadline_text(counted.moment, held)}",
        f"计入\t{'、'.join(f'{day:%m-%d}' for day in counted.counted) or '无'}",
        f"跳过\t{'、'.join(f'{day:%m-%d}{name}' for day, name in counted.skipped) or '无'}",
        f"说明\t{rules.explain(counted)}",
        f"日历\t{book.said}",
    ]
    return "\n".join(lines)


def _book(given: Settings, path: Path | None) -> Book:
    """Return the calendar of the file, else of the city in force, else of the sample."""
    if path is not None:
        return _of_file(given, path)
    files = _in_force(given)
    if files is not None:
        return _of_rules(files, "city")
    with resources.as_file(resources.files("hotline") / "sample" / "city") as folder:
        return _of_rules(rulefiles.read_folder(folder), "sample")


def _in_force(given: Settings) -> dict[str, str] | None:
    """Return the rule files in force; None where there is no database yet, no table in it, or no city."""
    file = given.sqlite_file
    if file is not None and not file.exists():
        return None
    with db.reading() as session:
        if not sa.inspect(session.connection()).has_table(EditionRow.__tablename__):
            return None
        row = session.exec(select(EditionRow).where(col(EditionRow.active))).first()
    return row.files if row else None


def _of_rules(files: dict[str, str], origin: Literal["city", "sample"]) -> Book:
    head = rulefiles.head(files)
    held = rulefiles.rulebook(files, head)
    why = "" if origin == "city" else "；数据库里没有生效的城市规则，用了示例区的日历"
    return Book(
        calendar=held.calendar,
        file=decoding.read_calendar_file(tomllib.loads(files["calendar.toml"])),
        units={unit.code: unit for unit in held.units},
        origin=origin,
        said=f"{head.name}{held.calendar.name}的日历（规则版本 {head.edition}）{why}",
    )


def _of_file(given: Settings, path: Path) -> Book:
    said, file = calendar_files.read_toml(path)
    try:
        held = decoding.read_calendar(tomllib.loads(said), file.zone or given.timezone)
    except BadRule as wrong:
        raise calendar_files.unreadable(path, said, wrong) from wrong
    return Book(calendar=held, file=file, units=_beside(path), origin="file", said=f"{held.name}的日历（{path}）")


def _beside(path: Path) -> dict[str, Unit]:
    """Return the units of the same folder, if it has any."""
    file = path.with_name("units.csv")
    if not file.exists():
        return {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        units = [decoding.unit_row(row, rows.line_num) for row in rows]
    return {unit.code: unit for unit in units}


def _of_unit(book: Book, code: str) -> Calendar:
    if not code:
        return book.calendar
    if code not in book.units:
        raise NoSuchUnit(f"单位表中没有编码为 {code} 的承办单位（{book.said}）")
    return rules.for_hours(book.calendar, book.units[code].hours)


def _new_file(path: Path, said: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(said)
    except FileExistsError:
        raise Unusable(str(path), "文件已存在，请换一个文件名") from None
    except OSError as refused:
        raise Unusable(str(path), f"写不进去（{refused.strerror}）") from refused


def _taken(plan: Plan, into: Path | None) -> str:
    rest, period = sum(one.sort == "rest" for one in plan.days), plan.period
    lines = [
        f"{period.name}\t{period.since} 至 {period.until}，{period.source}",
        f"日子\t放假 {rest} 天，调休上班 {len(plan.days) - rest} 天",
        *(f"注意\t{doubt}" for doubt in calendar_files.doubts(plan)),
    ]
    if into is None:
        added = calendar_files.blocks([period], plan.days)
        return "\n".join([added, *lines, "没有写入；加 --into 规则文件夹 写入"])
    steps = f"改 city.toml 的 edition，再运行 hotline rules check {into} 和 hotline city apply {into}"
    return "\n".join([*lines, f"已写进 {into / 'calendar.toml'}；{steps}"])
