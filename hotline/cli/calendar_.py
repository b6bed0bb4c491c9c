"""`hotline calendar add`: count days or hours by the city's calendar, and say which days counted."""

from datetime import datetime
from typing import cast

import click
import msgspec

from dispatch import calendar as rules
from dispatch.calendar import Counted, Ends, Kind, Roll
from hotline.city import City
from hotline.cli import opening


@click.group("calendar")
def calendar() -> None:
    """工作日历：按本地节假日和调休推算时限。"""


@calendar.command("add")
@click.argument("start")
@click.option("--days", type=click.IntRange(0, 3650), help="加多少天。")
@click.option("--hours", type=click.FloatRange(0, 87600), help="加多少小时。")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), default="natural", show_default=True)
@click.option("--roll", type=click.Choice([roll.value for roll in Roll]), default="none", show_default=True)
@click.option("--ends", type=click.Choice(["end_of_day", "close_of_business", "same_time"]), default="end_of_day")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def add(start: str, days: int | None, hours: float | None, kind: str, roll: str, ends: str, as_json: bool) -> None:
    """从 START（如 2026-09-30 16:00）起算，打印到期时刻、计入的日子和跳过的日子。"""
    if (days is None) == (hours is None):
        raise click.UsageError("--days 与 --hours 须写且只写一个")
    with opening.opened():
        city = opening.city_in_force()
        at = opening.moment(start, city.zone)
        book = city.rulebook.calendar
        if days is not None:
            counted = rules.add_days(at, days, Kind(kind), book, roll=Roll(roll), ends=cast("Ends", ends))
        else:
            counted = rules.add_hours(at, hours or 0.0, Kind(kind), book)
    click.echo(msgspec.json.encode(shown(counted)) if as_json else text(city, at, counted))


def shown(counted: Counted) -> dict[str, object]:
    """Return what JSON shows."""
    return {
        "moment": counted.moment.isoformat(), "provisional": counted.provisional, "counted": counted.counted,
        "skipped": [{"date": day, "name": name} for day, name in counted.skipped], "why": rules.explain(counted),
    }  # fmt: skip


def text(city: City, at: datetime, counted: Counted) -> str:
    """Return the answer in words."""
    book = city.rulebook.calendar
    lines = [
        f"起算\t{book.local(at):%Y-%m-%d %H:%M}（{rules.day_name(book, book.local(at).date())}）",
        f"到期\t{rules.deadline_text(counted.moment, book)}",
        f"计入\t{'、'.join(f'{day:%m-%d}' for day in counted.counted) or '无'}",
        f"跳过\t{'、'.join(f'{day:%m-%d}{name}' for day, name in counted.skipped) or '无'}",
        f"说明\t{rules.explain(counted)}",
    ]
    return "\n".join(lines)
