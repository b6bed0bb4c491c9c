"""`hotline rounds troubles|resume|retry`, `hotline outbox list|retry`: what needs a person, and puts it right."""

from typing import Any

import click
import msgspec
import sqlalchemy as sa

from hotline import clock
from hotline.cli import opening
from hotline.store import db
from hotline.store import troubles as rows
from hotline.store.columns import col, table_of
from hotline.store.outbox import TRIES, OutboxRow
from hotline.store.troubles import KINDS, Trouble

OUTBOX = table_of(OutboxRow)
SEEN_BY_THEMSELVES = ("hold", "lying", "owner", "round")  # not set aside: gone once they are over
TROUBLES_SHOWN = 50

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


@click.command("troubles")
@_json
def troubles(as_json: bool) -> None:
    """列出需要人工处理的：搁置的记录、无人分派的工单、时钟跳变。"""
    with opening.opened(), db.reading() as session:
        found = rows.open_troubles(session)
    click.echo(msgspec.json.encode(found) if as_json else "\n".join(map(_line, found)) or "没有需要人工处理的")


@click.command("resume")
def resume() -> None:
    """系统时间已核对无误：恢复因时钟跳变暂停的催办、亮牌、归档。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.transaction() as session:
            count = rows.clear(session, city.region, "hold")
    said = f"已确认系统时间为 {clock.now().astimezone(city.zone):%Y-%m-%d %H:%M}，到期处理即将恢复"
    click.echo(said if count else "到期处理没有暂停")


@click.command("retry")
@click.argument("kind", type=click.Choice(sorted(KINDS.keys() - set(SEEN_BY_THEMSELVES))), required=False)
@click.option("--number", default="", help="只放回这件工单的。")
def retry(kind: str | None, number: str) -> None:
    """把搁置的记录放回，下一轮巡查再试；KIND 为种类，不写则全部。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.transaction() as session:
            held = [one for one in rows.open_troubles(session, city.region) if one.kind not in SEEN_BY_THEMSELVES]
            wanted = [one for one in held if kind in (None, one.kind) and number in ("", one.number)]
            for name in {one.kind for one in wanted}:
                rows.clear(session, city.region, name, [one.key for one in wanted if one.kind == name])
    click.echo(f"放回 {len(wanted)} 条")


@click.group("outbox")
def outbox() -> None:
    """待办事件：多次未办成的，查看原因，重试。"""


@outbox.command("list")
@_json
def listed(as_json: bool) -> None:
    """列出不再自动重试的事件，各附最后一次的错误。"""
    columns: list[sa.Column[Any]] = [
        col(OutboxRow.id),
        col(OutboxRow.number),
        col(OutboxRow.move),
        col(OutboxRow.at),
        col(OutboxRow.tries),
        col(OutboxRow.error),
    ]
    query = sa.select(*columns).where(*_given_up()).order_by(col(OutboxRow.id)).limit(TROUBLES_SHOWN)
    with opening.opened(), db.reading() as session:
        found = [dict(row) for row in session.execute(query).mappings()]
        total = session.execute(sa.select(sa.func.count()).where(*_given_up())).scalar_one()
    if as_json:
        click.echo(msgspec.json.encode({"total": total, "events": found}))
        return
    lines = [f"{one['number']}\t{one['move']}\t{one['at']:%Y-%m-%d %H:%M}\t{one['error']}" for one in found]
    click.echo("\n".join([*lines, f"共 {total} 件"]))


@outbox.command("retry")
@click.argument("numbers", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="全部重试。")
def again(numbers: tuple[str, ...], everything: bool) -> None:
    """让不再自动重试的事件从头再试：列出工单编号，或 --all。"""
    if bool(numbers) == everything:
        raise click.UsageError("请写工单编号，或用 --all 全部重试")
    which = _given_up() + ([col(OutboxRow.number).in_(numbers)] if numbers else [])
    anew = (
        sa.update(OUTBOX)
        .where(*which)
        .values({col(OutboxRow.tries): 0, col(OutboxRow.sent_at): None})
        .returning(col(OutboxRow.id))
    )
    with opening.opened(), db.transaction() as session:
        count = len(session.execute(anew).all())
    click.echo(f"重试 {count} 件")


def _given_up() -> list[Any]:
    return [col(OutboxRow.done_at).is_(None), col(OutboxRow.tries) >= TRIES]


def _line(one: Trouble) -> str:
    return f"{one.at:%Y-%m-%d %H:%M}\t{KINDS.get(one.kind, one.kind)}\t{one.number or one.key}\t{one.says}"
