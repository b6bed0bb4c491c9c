"""`hotline kpi show` and `hotline audit verify`: what the figures are, and whether the history is what it was."""

import sys
from datetime import datetime

import click
import msgspec

from hotline import clock
from hotline.cli import opening
from hotline.flow import audit as chains
from hotline.flow import measure
from hotline.store import db
from hotline.wire.figures import Figures, RateCard

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
TAMPERED = 1


@click.group("kpi")
def kpi() -> None:
    """指标：联系率、解决率、满意率等。"""


@kpi.command("show")
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@click.option("--unit", default=None, help="承办单位代码；不写则为全区。")
@_json
def show(month: datetime, unit: str | None, as_json: bool) -> None:
    """打印 MONTH（例如 2026-11）受理工单的各项指标。"""
    with opening.opened(), db.reading() as session:
        city = opening.city_in_force()
        since = month.replace(tzinfo=city.zone)
        until = since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)
        found = measure.figures(session, city, since, until, unit, now=clock.now())
    click.echo(msgspec.json.encode(found) if as_json else text(found))


@click.group("audit")
def audit() -> None:
    """办理记录的核验。"""


@audit.command("verify")
@_json
def verify(as_json: bool) -> None:
    """核验每件工单的办理记录是否被改动；有改动时退出码为 1。"""
    with opening.opened(), db.reading() as session:
        verdict = chains.verify(session, opening.city_in_force())
    if as_json:
        click.echo(msgspec.json.encode(verdict))
    else:
        click.echo(f"核验 {verdict.tickets} 件工单、{verdict.lines} 条记录，{len(verdict.breaks)} 件有改动")
        for one in verdict.breaks:
            click.echo(f"  {one.number} 第 {one.seq} 条：{one.what}")
    sys.exit(TAMPERED if verdict.breaks else 0)


def text(found: Figures) -> str:
    """Return the figures as a table, the whole first, then unit by unit."""
    head = f"受理 {found.received}　在办 {found.open}　办结 {found.closed}　逾期在办 {found.overdue}"
    lines = [head, *(_rate(rate) for rate in found.rates)]
    for unit in found.units:
        named = {rate.name: rate for rate in unit.rates}
        said = "　".join(f"{named[name].label} {_share(named[name])}" for name in ("on_time", "solve", "satisfaction"))
        lines.append(f"{unit.name}\t{unit.tickets} 件\t{said}")
    return "\n".join(lines)


def _rate(rate: RateCard) -> str:
    return f"{rate.label}\t{_share(rate)}\t{rate.hits}/{rate.of}" + (f"\t{rate.note}" if rate.note else "")


def _share(rate: RateCard) -> str:
    return "—" if rate.value is None else f"{rate.value:.1%}"
