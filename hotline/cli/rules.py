"""`hotline rules check ...`: what is wrong with rule files; the ways from one edition to the next are in `editions`."""

import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec
import sqlalchemy as sa

from dispatch import rulebook
from dispatch.rulebook import Finding
from grids.messages import Message
from hotline import city as cities
from hotline import clock, people, rulefiles, settings
from hotline.city import City
from hotline.cli import editions, lifecycle, opening
from hotline.errors import HotlineError
from hotline.flow.editions import approval as editions_of
from hotline.store import db

SEVERITIES = {"error": "错误", "warning": "提醒", "note": "说明"}


@click.group("rules")
def rules() -> None:
    """规则文件：检查、比较、试算、提出、批准。"""


@rules.command("check")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天检查空缺和失效，如 2027-01-01；默认今天。"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def check(folder: Path | None, day: datetime | None, as_json: bool) -> None:
    """检查规则文件夹 FOLDER；不写则检查现在生效的规则。有错误时退出码为 1。"""
    on = day.date() if day else None
    edition, findings = _of_folder(folder, on) if folder else _in_force(on)
    if as_json:
        click.echo(msgspec.json.encode({"edition": edition, "findings": findings}, enc_hook=str))
    else:
        lines = [f"{SEVERITIES[one.severity]}\t{one.where}\t{one.message}" for one in findings]
        click.echo("\n".join([*lines, f"规则版本 {edition}：共 {len(findings)} 条"]))
    sys.exit(1 if any(finding.severity == "error" for finding in findings) else 0)


def _in_force(on: date | None) -> tuple[str, tuple[Finding, ...]]:
    with opening.opened():
        held, now = opening.city_in_force(), clock.now()
        with db.reading() as session:
            posts = people.accounts(session, held.region, now)
        staffed = {one.unit for one in posts if one.active and one.unit}
        return held.edition, rulebook.check(held.rulebook, held.taxonomy, held.tree, on or held.day(now), staffed)


def _of_folder(folder: Path, on: date | None) -> tuple[str, tuple[Finding, ...]]:
    """Check a folder as far as it can be read; only without errors the city is built, which stops at the first."""
    with opening.refusals():
        files = rulefiles.read_folder(folder)
        head = rulefiles.head(files)
        book, taxonomy, ground = (
            rulefiles.rulebook(files, head),
            rulefiles.taxonomy(files),
            rulefiles.ground(files, head.edition),
        )
        found = rulebook.check(book, taxonomy, ground, on or clock.now().astimezone(ZoneInfo(head.zone)).date())
        if not any(one.severity == "error" for one in found):
            found = (*_units_in_use(cities.build(files)), *found)
    return head.edition, (*found, Finding("note", "units.csv", Message("只检查文件夹，没有核对各单位有无在岗人员")))


def _units_in_use(built: City) -> tuple[Finding, ...]:
    """Ask the office, where there is one, whether a unit that is left out still holds open tickets."""
    try:
        db.bind(settings.load().database_url)
        with db.reading() as session:
            gone = editions_of.units_still_used(session, built)
    except (HotlineError, sa.exc.DBAPIError):
        return (Finding("note", "units.csv", Message("数据库打不开，没有核对在办工单")),)
    return (Finding("error", "units.csv", gone),) if gone else ()


for _command in (*editions.EDITION_COMMANDS, lifecycle.lifecycle):
    rules.add_command(_command)
