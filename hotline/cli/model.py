"""`hotline model train|evaluate|predict|list`: the classifier of a city, learned from its own file."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlmodel import Session, col, select
from tqdm import tqdm

from classifiers import evaluation, inference
from classifiers import model as models
from classifiers.evaluation import Report
from classifiers.model import Card, Model
from classifiers.taxonomy import Taxonomy
from classifiers.training import train as fit
from hotline import city as cities
from hotline import clock
from hotline.channels import pasts
from hotline.channels.columns import Map
from hotline.channels.pasts import Labelled
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.cli import opening, promotion
from hotline.errors import HotlineError
from hotline.flow import classify, samples
from hotline.flow.promotion import NoSuchModel
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.learning import ModelRow

SHOWN = 10  # unknown labels named one by one


class NoLabels(HotlineError):
    """A file whose labels the taxonomy does not know, none of them."""

    code = "no_labels"


@click.group("model")
def model() -> None:
    """分类模型：训练、评测、比较、启用、回退。"""


_file = click.argument("file", type=click.Path(path_type=Path))
_text = click.option("--text", "text", default="", help="正文所在的列；不写则按内置的列名。")
_title = click.option("--title", "title", default="", help="标题所在的列。")
_label = click.option("--label", "labels", multiple=True, help="事项所在的列；可以写多次，由粗到细。")
_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


@model.command("train")
@_file
@_text
@_title
@_label
@click.option("--out", "name", default="", help="模型名称；默认按时间。")
@_json
def train(file: Path, text: str, title: str, labels: tuple[str, ...], name: str, as_json: bool) -> None:
    """用已分类的工单文件 FILE 训练模型并启用。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        found = _read(file, city, text, title, labels)
        name = name or f"{now.astimezone(city.zone):%Y%m%d-%H%M}"
        quiet = as_json and not sys.stderr.isatty()
        with tqdm(total=100, desc="训练", disable=quiet, leave=False, bar_format=_BAR) as bar:
            made = fit(found.samples, city.taxonomy, trained_at=now, name=name, progress=lambda *at: _moved(bar, *at))
        card = msgspec.to_builtins(made.card)
        with db.transaction() as session:
            samples.keep(session, samples.of_file(city, found.samples))
            cities.keep_model(session, city, name, models.to_bytes(made), card, new_id(now), now)
    if as_json:
        rest = {"rows": found.rows, "samples": len(found.samples), "unknown": found.unknown}
        click.echo(msgspec.json.encode({"name": name, "card": made.card, **rest}))
    else:
        click.echo("\n".join((*_told(found), *_of_card(made.card), f"模型 {name} 已启用")))


@model.command("evaluate")
@_file
@click.option("--model", "name", default="", help="模型名称；不写则用现在生效的。")
@_text
@_title
@_label
@_json
def evaluate(file: Path, name: str, text: str, title: str, labels: tuple[str, ...], as_json: bool) -> None:
    """用已分类的工单文件 FILE 评测模型；文件应是训练时没有用过的。"""
    with opening.opened():
        city = opening.city_in_force()
        held = _stored(city, name)
        found = _read(file, city, text, title, labels)
        report = evaluation.evaluate(held, found.samples)
    if as_json:
        click.echo(msgspec.json.encode({"model": held.card.name, "unknown_labels": found.unknown, "report": report}))
    else:
        click.echo("\n".join((*_told(found), *_of_report(report))))


@model.command("predict")
@click.option("--text", required=True, help="诉求内容。")
@click.option("--title", default="", help="标题。")
@click.option("--model", "name", default="", help="模型名称；不写则用现在生效的。")
@_json
def predict(text: str, title: str, name: str, as_json: bool) -> None:
    """对一段文字给出事项、把握和依据；不写入任何数据。"""
    with opening.opened():
        city = opening.city_in_force()
        held = msgspec.structs.replace(city, model=_stored(city, name))
        guess = classify.guess_many(held, [text], [title])[0]
    if as_json:
        click.echo(msgspec.json.encode(_with_labels(guess, city.taxonomy)))
        return
    lines = [f"{one.confidence:>5.0%}\t{one.area}\t{city.area_label(one.area)}" for one in guess.candidates]
    click.echo("\n".join([guess.why, *lines]))


@model.command("list")
@_json
def listed(as_json: bool) -> None:
    """列出训练过的模型；现在生效的标“*”。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.reading() as session:
            rows = _rows(session, city.region)
    if as_json:
        click.echo(
            msgspec.json.encode([{"name": name, "active": on, "at": at, "card": card} for name, on, at, card in rows])
        )
        return
    lines = []
    for name, active, at, card in rows:
        fits = (
            ""
            if card["taxonomy_edition"] == city.taxonomy.edition
            else f"（事项表 {card['taxonomy_edition']}，与现在不同，不能用）"
        )
        scores = card["scores"].get("accuracy")
        score = "未评测" if scores is None else f"正确率 {scores:.1%}"
        here = f"{at.astimezone(city.zone):%Y-%m-%d %H:%M}"
        lines.append(f"{'*' if active else ' '} {name}\t{here}\t{card['samples']:,} 条样本\t{score}{fits}")
    click.echo("\n".join(lines) or "还没有训练过模型")


_BAR = "{desc} {percentage:3.0f}%|{bar:24}| {postfix}，剩余 {remaining}"


def _moved(bar: "tqdm[Any]", what: str, share: float) -> None:
    bar.set_postfix_str(what, refresh=False)
    bar.update(round(100 * share) - bar.n)


def _read(file: Path, city: City, text: str, title: str, labels: tuple[str, ...]) -> Labelled:
    said = pasts.with_columns(Map(), text=(text,) if text else (), title=(title,) if title else (), area=labels)
    found = pasts.labelled(open_sheet(file), said, city.taxonomy, city.zone, city.phrases)
    if not found.samples:
        names = "、".join(list(found.unknown)[:SHOWN])
        raise NoLabels(
            f"{file}：{found.rows} 行里没有一个事项在现在的事项表（{city.edition}）中；文件里写的是：{names}"
        )
    return found


def _stored(city: City, name: str) -> Model:
    """Return a stored model, the newest of that name, or the active one.  raises NoSuchModel, StaleModel"""
    query = select(ModelRow.data).where(ModelRow.region == city.region)
    query = query.where(ModelRow.name == name) if name else query.where(col(ModelRow.active))
    with db.reading() as session:
        data = session.exec(query.order_by(col(ModelRow.id).desc())).first()
    if data is None:
        raise NoSuchModel(name)
    return models.from_bytes(data, city.taxonomy)


def _rows(session: Session, region: str) -> list[tuple[str, bool, datetime, dict[str, Any]]]:
    query = select(ModelRow.name, ModelRow.active, ModelRow.at, ModelRow.card).where(ModelRow.region == region)
    found = session.exec(query.order_by(col(ModelRow.id).desc()))
    return [(name, active, at, dict(card)) for name, active, at, card in found]


def _told(found: Labelled) -> list[str]:
    lines = [f"读取 {found.rows:,} 行，可用样本 {len(found.samples):,} 条"]
    if found.unreadable:
        lines.append(f"{found.unreadable:,} 行读不出来，未使用")
    if found.unknown:
        some = "、".join(f"{label} {count}" for label, count in list(found.unknown.items())[:SHOWN])
        lines.append(f"{sum(found.unknown.values()):,} 行的事项不在事项表中，未使用：{some}")
    return lines


def _of_card(card: Card) -> list[str]:
    scores = {"accuracy": "正确率", "macro_f1": "宏平均 F1", "top3": "前三命中", "coverage": "可自动归类的比例"}
    said = "，".join(f"{label} {card.scores[key]:.1%}" for key, label in scores.items() if key in card.scores)
    return [f"留出评测：{said or '样本太少，未评测'}", *card.warnings]


def _of_report(report: Report) -> list[str]:
    return [
        f"样本 {report.n:,}，正确率 {report.accuracy:.1%}，宏平均 F1 {report.macro_f1:.1%}，前三命中 {report.top3:.1%}",
        f"可自动归类 {report.coverage:.1%}，其中错误 {report.error_when_automatic:.1%}",
        f"模型不认识的事项 {report.unknown} 条",
    ]


def _with_labels(guess: inference.Guess, taxonomy: Taxonomy) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(guess)
    for one in said["candidates"]:
        one["label"] = taxonomy.label(one["area"])
    return said


for _command in promotion.COMMANDS:
    model.add_command(_command)
