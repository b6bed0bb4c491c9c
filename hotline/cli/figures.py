"""`hotline kpi` and `hotline audit verify`: what the figures are, whether they are what the tickets make, and whether
the history is what it was.
"""

import sys
from datetime import date, datetime, timedelta

import click
import msgspec

from dispatch.kpis import Rate
from hotline import clock
from hotline.city import City
from hotline.cli import opening
from hotline.flow.figures import measure, tally
from hotline.flow.figures.measure import Asked
from hotline.flow.figures.tally import Recount
from hotline.flow.oversight import audit as chains
from hotline.store import db
from hotline.store.figures import DIMENSIONS
from hotline.wire.figures import Figures

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
_day = click.DateTime(["%Y-%m-%d"])
TAMPERED = WRONG = 1
RATES_SHOWN = ("on_time", "solve", "satisfaction")  # of each row
MOST = 20  # differences printed


@click.group("kpi")
def kpi() -> None:
    """指标：联系率、解决率、满意率等。"""


@kpi.command("show")
@click.argument("month", type=click.DateTime(["%Y-%m"]), required=False)
@click.option("--since", type=_day, default=None, help="起始日期，例如 2026-11-01。")
@click.option("--until", type=_day, default=None, help="截止日期（含当日）。")
@click.option("--by", type=click.Choice(list(DIMENSIONS)), default="unit", help="按什么分行。")
@click.option("--under", default="", help="只列某事项的下级，或某街道的网格。")
@click.option("--order", default=measure.BY_TICKETS, help="排序：name、tickets 或某项指标的名称。")
@click.option("--unit", default="", help="承办单位代码；不写则为全区。")
@_json
def show(
    month: datetime | None,
    since: datetime | None,
    until: datetime | None,
    by: str,
    under: str,
    order: str,
    unit: str,
    as_json: bool,
) -> None:
    """打印 MONTH（例如 2026-11）或 --since 至 --until 受理工单的各项指标；都不写则为最近 30 天。"""
    if unit and by != "unit":
        raise click.UsageError("--unit 不能与 --by 的其他维度同时使用")
    with opening.opened(), db.reading() as session:
        city = opening.city_in_force()
        first, last = _span(city, month, since, until)
        asked = Asked(first=first, last=last, by=by, key=unit or None, under=under, order=order)
        found = measure.figures(session, city, asked, now=clock.now())
    click.echo(msgspec.json.encode(found) if as_json else text(found, city))


@kpi.command("recount")
@click.option("--check", is_flag=True, help="只核对，不改动；有差异时退出码为 1。")
@_json
def recount(check: bool, as_json: bool) -> None:
    """按全部工单重新计算各项指标，逐日核对并改正汇总数。"""
    with opening.opened():
        city = opening.city_in_force()
        _fold(city)
        with db.reading() as session:
            days = tally.days(session, city)
        found = [one for day in days if (one := _recounted(city, day, check)) is not None]
        if not check:
            _fold(city)
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        click.echo(_recount_text(found, len(days), check))
    sys.exit(WRONG if check and found else 0)


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


def text(found: Figures, city: City) -> str:
    """Return the figures as a table, the whole first, then row by row."""
    waits = f"，另有 {found.behind} 件变动待计入" if found.behind else ""
    head = f"受理 {found.received}　在办 {found.open}　办结 {found.closed}　逾期在办 {found.overdue}"
    lines = [head, f"截至 {found.as_of.astimezone(city.zone):%Y-%m-%d %H:%M:%S}{waits}"]
    lines += [_rate(one, found) for one in found.rates]
    if found.score.value is not None:
        lacks = f"\t缺{'、'.join(found.score.missing)}" if found.score.missing else ""
        lines.append(f"综合得分\t{found.score.value:.1f}{lacks}")
    for row in found.rows:
        named = {rate.name: rate for rate in row.rates}
        said = "　".join(f"{named[name].label} {_share(named[name])}" for name in RATES_SHOWN)
        lines.append(f"{row.name or '未定'}\t{row.tickets} 件\t{said}")
    return "\n".join(lines)


def _span(city: City, month: datetime | None, since: datetime | None, until: datetime | None) -> tuple[date, date]:
    if month is not None:
        if since or until:
            raise click.UsageError("月份与 --since、--until 只能写一种")
        after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        return month.date(), after.date() - timedelta(days=1)
    last = until.date() if until else city.day(clock.now())
    return (since.date() if since else last - timedelta(days=29)), last


def _fold(city: City) -> None:
    """Count whatever waits, in small batches as the rounds do."""
    more = 1
    while more:
        with db.transaction() as session:
            more = tally.fold(session, city, clock.now())


def _recounted(city: City, day: date, check: bool) -> Recount | None:
    """Return what is wrong on a day, set right unless it was only to be looked at; None where nothing is."""
    with db.reading() as session:
        found = tally.differences(session, city, day)
    if not found.wrong and not found.sums:
        return None
    if not check:
        with db.transaction() as session:
            tally.mend(session, city, found)
    return found


def _recount_text(found: list[Recount], days: int, check: bool) -> str:
    if not found:
        return f"核对 {days} 天，汇总数与工单一致"
    wrong = [line for day in found for line in day.sums]
    tickets = sum(len(day.wrong) for day in found)
    head = f"核对 {days} 天，{len(found)} 天有差异：{tickets} 件工单、{len(wrong)} 个汇总数"
    lines = [
        f"  {one.day} {one.dimension or '全区'} {one.key} {one.name}：汇总 {one.stored}，重算 {one.counted}"
        for one in wrong[:MOST]
    ]
    lines += [f"  另有 {len(wrong) - MOST} 个"] if len(wrong) > MOST else []
    return "\n".join([head + ("" if check else "，已改正"), *lines])


def _rate(rate: Rate, found: Figures) -> str:
    between = "" if rate.low is None or rate.high is None else f"\t95%区间 {rate.low:.1%}–{rate.high:.1%}"
    out = "、".join(f"{found.grounds.get(ground, ground)}{count}件" for ground, count in rate.excluded.items())
    said = f"{rate.label}\t{_share(rate)}\t{rate.hits}/{rate.of}{between}" + (f"\t{rate.note}" if rate.note else "")
    return said + (f"\t不计入考核：{out}" if out else "")


def _share(rate: Rate) -> str:
    return "—" if rate.value is None else f"{rate.value:.1%}"
