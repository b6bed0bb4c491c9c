"""`hotline model train|evaluate|predict|list`: the classifier of a city, learned from its own file."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlmodel import Session, select
from tqdm import tqdm

from classifiers import evaluation, inference
from classifiers import model as models
from classifiers.evaluation import Report
from classifiers.model import Card, Model
from classifiers.training import train as fit
from hotline import city as cities
from hotline import clock
from hotline.channels.labelled import Labelled
from hotline.city import City
from hotline.cli import model_alone, model_files, model_report, model_units, opening, promotion
from hotline.cli.model_files import ColumnChoice
from hotline.flow import classify, danger
from hotline.flow.learning import samples
from hotline.flow.learning.promotion import NoSuchModel
from hotline.jobs.training import UNITS
from hotline.store import db
from hotline.store.columns import col
from hotline.store.ids import new_id
from hotline.store.learning import ModelRow


@click.group("model")
def model() -> None:
    """分类模型：训练、评测、比较、启用、回退。"""


_file = click.argument("file", type=click.Path(path_type=Path))
_text = click.option("--text", "text", default="", help="正文所在的列；不写则按内置的列名。")
_title = click.option("--title", "title", default="", help="标题所在的列。")
_label = click.option("--label", "labels", multiple=True, help="事项所在的列；可以写多次，由粗到细。")
_keep = click.option("--keep-routing", is_flag=True, help="不去掉派单用语（会泄露答案，只用于比较）。")
_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


@model.command("train")
@_file
@_text
@_title
@_label
@click.option("--time", "at", default="", help="受理时间所在的列；不写则按内置的列名，再看工单编号开头的日期。")
@click.option("--in-order", is_flag=True, help="各行按时间先后排列（没有时间列时）。")
@click.option("--error", default=0.05, type=click.FloatRange(0.001, 0.5), help="自动派单允许的差错率，默认 0.05。")
@click.option(
    "--group-error",
    default=None,
    type=click.FloatRange(0.001, 0.5),
    help="每个单位组允许的差错率，默认为 --error 的两倍；规模相近的单位合起来仍按 --error。",
)
@_keep
@model_units.options
@click.option("--out", "name", default="", help="模型名称；默认按时间。")
@_json
def train(file: Path, error: float, group_error: float | None, name: str, as_json: bool, **columns: Any) -> None:
    """用已分类的工单文件 FILE 训练模型。没有可用的模型时启用；否则保存，由人启用。自带另一套标签的不能启用。"""
    with opening.opened():
        city, now = opening.city_in_force(), clock.now()
        said = ColumnChoice(**columns)
        name = name or f"{now.astimezone(city.zone):%Y%m%d-%H%M}"
        quiet = as_json and not sys.stderr.isatty()
        with tqdm(total=100, desc="训练", disable=quiet, leave=False, bar_format=_BAR) as bar:
            found = model_files.read(file, city, said, None)
            made = fit(
                found.samples,
                found.taxonomy,
                trained_at=now,
                name=name,
                floor=1 - error,
                own_labels=found.own,
                progress=lambda *moved: _moved(bar, *moved),
            )
            by_unit = _units(city, found, said, name, (1 - error, group_error), now, bar)
        card, data = msgspec.to_builtins(made.card), models.to_bytes(made)
        first = not found.own and city.model is None
        with db.transaction() as session:
            if not found.own:
                samples.keep(session, samples.of_file(city, found.samples, model_units.cases(city, found)))
            cities.keep_model(session, city, name, data, card, new_id(now), now, active=first)
            used = by_unit is not None and model_units.keep(session, city, by_unit, now)
    if as_json:
        rest = {"rows": found.rows, "samples": len(found.samples), "unknown": found.unknown, "blank": found.blank}
        kept = {"own_labels": found.own, "active": first, "time": found.dated, "bytes": len(data)}
        more = {"unit": {"name": by_unit.card.name, "card": by_unit.card, "active": used}} if by_unit else {}
        click.echo(msgspec.json.encode({"name": name, "card": made.card, **rest, **kept, **more}))
    else:
        last = "已启用" if first else f"已保存；启用：hotline model promote {name} --by 账号"
        last = "已保存，不能启用：标签不是本市事项表的" if found.own else last
        click.echo("\n".join((*model_files.file_notes(found), *_of_card(made.card), f"模型 {name} {last}")))
        if by_unit:
            click.echo("\n".join((f"承办单位的模型 {by_unit.card.name}：", *_of_card(by_unit.card))))


def _units(
    city: City,
    found: Labelled,
    said: ColumnChoice,
    name: str,
    asked: tuple[float, float | None],
    now: datetime,
    bar: "tqdm[Any]",
) -> Model | None:
    if not said.unit:
        return None
    bar.reset(total=100)
    floor, group_error = asked
    return model_units.learn(city, found, name, floor, now, lambda *moved: _moved(bar, *moved), group_error)


@model.command("evaluate")
@_file
@click.option("--model", "name", default="", help="模型名称；不写则用现在生效的。")
@_text
@_title
@_label
@_keep
@model_units.options
@click.option("--report", "page", type=click.Path(path_type=Path), help="把图表写成这个 HTML 文件。")
@_json
def evaluate(file: Path, name: str, page: Path | None, as_json: bool, **columns: Any) -> None:
    """用已分类的工单文件 FILE 评测模型；文件应是训练时没有用过的，最好更晚。"""
    with opening.opened():
        city = opening.city_in_force()
        held = _stored(city, name)
        said = ColumnChoice(**columns)
        found = model_files.read(file, city, said, held.card.own_labels)
        report = evaluation.evaluate(held, found.samples)
        by_unit = _head(city, name) if said.unit else None
        of_units = model_units.measure(held, by_unit, city, found) if by_unit else None
        asked = msgspec.structs.replace(city, model=held, unit_model=by_unit)
        raw = msgspec.structs.replace(said, keep_routing=True)
        alone = model_alone.measure(asked, model_files.read(file, city, raw, found.own)) if by_unit else None
        if page is not None:
            page.write_text(model_report.html(held, report, file.name), encoding="utf-8")
    if as_json:
        more: dict[str, Any] = {"alone": alone} if alone else {}
        more |= {"unit": model_files.measured(by_unit.card, of_units, found)} if by_unit and of_units else {}
        click.echo(msgspec.json.encode(model_files.measured(held.card, report, found) | more))
    else:
        more_said = ["承办单位：", *_of_report(of_units)] if of_units else []
        more_said += ["派单：", *model_alone.words(alone)] if alone else []
        click.echo("\n".join((*model_files.file_notes(found), *_of_report(report), *more_said)))


def _head(city: City, name: str) -> Model:
    """raises NoSuchModel"""
    found = model_units.stored(city, name)
    if found is None:
        raise NoSuchModel(name + UNITS if name else "")
    return found


@model.command("predict")
@click.option("--text", required=True, help="诉求内容。")
@click.option("--title", default="", help="标题。")
@click.option("--address", default="", help="地址；用于承办单位。")
@click.option("--model", "name", default="", help="模型名称；不写则用现在生效的。")
@_json
def predict(text: str, title: str, address: str, name: str, as_json: bool) -> None:
    """对一段文字给出事项、把握和依据，有承办单位的模型时也给出单位；不写入任何数据。"""
    with opening.opened():
        city = opening.city_in_force()
        held = _stored(city, name)
        guess = classify.guess_many(msgspec.structs.replace(city, model=held), [text], [title])[0]
        by_unit = model_units.stored(city, name)
        unit, why = model_units.guess(by_unit, guess, city, text, title, address) if by_unit else (None, "")
    names = dict(zip(held.codes, held.names, strict=True))
    labels = {
        one.area: names[one.area] if held.card.own_labels else city.area_label(one.area) for one in guess.candidates
    }
    if as_json:
        heard = msgspec.to_builtins(danger.signs(city, text, title))
        more = {"unit": model_units.with_labels(by_unit, unit, why)} if by_unit and unit else {}
        click.echo(msgspec.json.encode({**_with_labels(guess, labels), "signals": heard, **more}))
        return
    lines = [f"{one.confidence:>5.0%}\t{one.area}\t{labels[one.area]}" for one in guess.candidates]
    if by_unit and unit:
        told = model_units.with_labels(by_unit, unit, why)["candidates"]
        lines += [why, *(f"{one['confidence']:>5.0%}\t{one['unit']}\t{one['name']}" for one in told)]
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
        fits = _fits(card, city)
        scores = card["scores"].get("accuracy")
        score = "未评测" if scores is None else f"正确率 {scores:.1%}"
        here = f"{at.astimezone(city.zone):%Y-%m-%d %H:%M}"
        lines.append(f"{'*' if active else ' '} {name}\t{here}\t{card['samples']:,} 条样本\t{score}{fits}")
    click.echo("\n".join(lines) or "还没有训练过模型")


def _fits(card: dict[str, Any], city: City) -> str:
    if card.get("own_labels"):
        return "（文件自带的标签，不能启用）"
    edition = card["taxonomy_edition"]
    return "" if edition == city.taxonomy.edition else f"（事项表 {edition}，与现在不同，不能用）"


HELD_OUT = {
    "time": "时间较晚的样本",
    "stretches": "按时间分段，轮流留出",
    "folds": "没有时间，分组轮流留出",
    "none": "无",
}
_BAR = "{desc} {percentage:3.0f}%|{bar:24}| {postfix}，剩余 {remaining}"


def _moved(bar: "tqdm[Any]", what: str, share: float) -> None:
    bar.set_postfix_str(what, refresh=False)
    bar.update(round(100 * share) - bar.n)


def _stored(city: City, name: str) -> Model:
    """Return a stored model, the newest of that name, or the active one.  raises NoSuchModel, StaleModel"""
    query = select(ModelRow.data, ModelRow.card, ModelRow.digest).where(ModelRow.region == city.region)
    used = col(ModelRow.active), col(ModelRow.target) == "area"
    query = query.where(ModelRow.name == name) if name else query.where(*used)
    with db.reading() as session:
        row = session.exec(query.order_by(col(ModelRow.id).desc())).first()
    if row is None:
        raise NoSuchModel(name)
    data, card, mark = row
    return models.from_bytes(cities.unsealed(data, mark), None if card.get("own_labels") else city.taxonomy)


def _rows(session: Session, region: str) -> list[tuple[str, bool, datetime, dict[str, Any]]]:
    query = select(ModelRow.name, ModelRow.active, ModelRow.at, ModelRow.card).where(ModelRow.region == region)
    found = session.exec(query.order_by(col(ModelRow.id).desc()))
    return [(name, active, at, dict(card)) for name, active, at, card in found]


def _of_card(card: Card) -> list[str]:
    scores = {"accuracy": "正确率", "macro_f1": "宏平均 F1", "top3": "前三命中", "coverage": "可自动归类的比例"}
    said = "，".join(f"{label} {card.scores[key]:.1%}" for key, label in scores.items() if key in card.scores)
    told = [f"留出评测（{HELD_OUT[card.held_out]}）：{said or '样本太少，未评测'}", *card.warnings]
    return [*told, f"数据摘要 {card.digest}，模型摘要 {card.model_digest}"]


def _of_report(report: Report) -> list[str]:
    return [
        f"样本 {report.n:,}，正确率 {report.accuracy:.1%}，宏平均 F1 {report.macro_f1:.1%}，前三命中 {report.top3:.1%}",
        f"可自动归类 {report.coverage:.1%}，其中错误 {report.error_when_automatic:.1%}",
        f"期望校准误差 {report.ece:.3f}，把握最大的八成正确率 {report.accuracy_at_80:.1%}",
        f"模型不认识的事项 {report.unknown} 条",
    ]


def _with_labels(guess: inference.Guess, labels: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.to_builtins(guess)
    for one in said["candidates"]:
        one["label"] = labels[one["area"]]
    said["label"] = labels.get(guess.area or "", "")
    said["reasons"] = [
        {"word": word, "weight": weight} for word, weight in zip(guess.words, guess.weights, strict=True)
    ]
    return said


for _command in promotion.PROMOTION_COMMANDS:
    model.add_command(_command)
