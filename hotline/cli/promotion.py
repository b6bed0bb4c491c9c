"""`hotline model retrain|promote|rollback|shadow|card|drift`: from one model in use to the next."""

import sys
from collections.abc import Sequence
from typing import Any

import click
import msgspec
from tqdm import tqdm

from hotline import clock, people
from hotline.cli import opening
from hotline.cli.switchboard import REFUSED
from hotline.flow.learning import drifting, promotion, shadow, trainings
from hotline.flow.learning.promotion import NoSuchModel
from hotline.jobs import training
from hotline.store import db

_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
_by = click.option("--by", required=True, help="操作人的账号（督办员或管理员）。")
_reason = click.option("--reason", default="", help="理由。")


@click.command("retrain")
@click.option("--out", "name", default="", help="模型名称；默认按时间。")
@_json
def retrain(name: str, as_json: bool) -> None:
    """用已有样本和办结工单训练新模型，与现用的比较；是否启用由人决定。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        with db.transaction() as session:
            key = trainings.ask(session, city, "asked", "", now, name)
        if key is None:
            raise click.UsageError(f"名为 {name} 的训练已经有过，请换一个名称")
        with tqdm(total=100, desc="训练", disable=as_json and not sys.stderr.isatty(), leave=False) as bar:
            training.train(key.hex, lambda stage, share: _moved(bar, stage, share))
        with db.reading() as session:
            done = trainings.get(session, key)
            held = promotion.every(session, city.region)
    if done.error:
        click.echo(done.error, err=True)
        sys.exit(REFUSED)
    made = next(one for one in held if one.name == done.name)
    if as_json:
        click.echo(msgspec.json.encode({"name": made.name, "active": made.active, "verdict": made.verdict}))
        return
    passed = "通过" if made.verdict["passed"] else "没有通过"
    click.echo(
        "\n".join([f"模型 {made.name} 已训练，比较{passed}：", *made.verdict["reasons"], _next(made.name, made.active)])
    )


@click.command("promote")
@click.argument("name")
@_by
@_reason
def promote(name: str, by: str, reason: str) -> None:
    """启用模型 NAME；比较没有通过的须写明理由。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        with db.transaction() as session:
            promotion.promote(session, city, people.serving(session, city.region, by, now), name, now, reason)
    click.echo(f"模型 {name} 已启用")


@click.command("rollback")
@_by
@_reason
def rollback(by: str, reason: str) -> None:
    """回退到上一个启用过的模型。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        with db.transaction() as session:
            held = promotion.rollback(session, city, people.serving(session, city.region, by, now), now, reason)
    click.echo(f"已回退到模型 {held.name}")


@click.command("shadow")
@click.argument("name")
@_by
@click.option("--off", is_flag=True, help="结束旁路试跑。")
@_json
def aside(name: str, by: str, off: bool, as_json: bool) -> None:
    """让模型 NAME 旁路试跑：对新工单作答但不起作用；再次运行可看结果。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        with db.transaction() as session:
            me = people.serving(session, city.region, by, now)
            held = _named(promotion.every(session, city.region), name)
            if held.shadow is off:
                promotion.shadow(session, city, me, name, now, on=not off)
            found = shadow.run(session, city.region, held.id)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    state = "已结束" if off else "进行中"
    click.echo(
        f"旁路试跑{state}：{found.n} 件，两个模型相同 {found.same} 件；已办结 {found.settled} 件中，"
        f"新模型对 {found.right} 件，现用模型对 {found.was_right} 件"
    )


@click.command("card")
@click.argument("name")
def card(name: str) -> None:
    """输出模型 NAME 的说明卡（JSON）：样本、版本、评测、比较、经过。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.reading() as session:
            click.echo(msgspec.json.format(msgspec.json.encode(_named(promotion.every(session, city.region), name))))


@click.command("drift")
@_json
def drift(as_json: bool) -> None:
    """按周、按事项看模型是否还合用：拿不准、被改正、没见过的字词的比例，和警示。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.reading() as session:
            weeks, alarms = drifting.weeks(session, city), drifting.alarms(session, city)
    if as_json:
        click.echo(msgspec.json.encode({"weeks": weeks, "alarms": alarms}))
        return
    lines = [
        f"{one.week}\t{city.area_label(one.area) or '全部'}\t{one.n} 件\t拿不准 {one.abstained / one.n:.0%}"
        f"\t被改正 {one.corrected / one.n:.0%}"
        for one in weeks
        if one.n
    ]
    click.echo("\n".join([*(alarm.text for alarm in alarms), *lines]) or "还没有满一周的数据")


PROMOTION_COMMANDS: Sequence[click.Command] = (retrain, promote, rollback, aside, card, drift)


def _named(held: Sequence[promotion.StoredModel], name: str) -> promotion.StoredModel:
    found = next((one for one in held if one.name == name), None)
    if found is None:
        raise NoSuchModel(name)
    return found


def _next(name: str, active: bool) -> str:
    return "已启用（此前没有可用的模型）" if active else f"启用：hotline model promote {name} --by 账号"


def _moved(bar: "tqdm[Any]", stage: str, share: float) -> None:
    bar.set_postfix_str(stage, refresh=False)
    bar.update(round(100 * share) - bar.n)
