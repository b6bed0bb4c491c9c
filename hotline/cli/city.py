"""`hotline city learn|apply|show`: rules of a city from its history, put into force, and looked at."""

import re
import sys
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import click
import msgspec
from tqdm import tqdm

from classifiers import succession
from grids.messages import Message
from hotline import city as cities
from hotline import clock, rulefiles
from hotline.channels import pasts
from hotline.channels.columns import Map, read_map
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.cli import opening
from hotline.errors import HotlineError, NoCity, NotAllowed
from hotline.flow.editions import approval, showcase
from hotline.flow.learning import learn as lessons
from hotline.flow.learning.learn import Head, Known, Learned
from hotline.settings import Settings
from hotline.store import db

PRESETS = ("calendar.toml", "promises.toml", "ladder.toml", "danger.toml", "danger.tsv")
OWN_KEY = re.compile(r"(?:edition|region|name|short|zone|preset|centre) = ")  # one line each in the sample
OWN_SOURCE = re.compile(r'^source = "示例区[^"，]*(?:，([^"]*))?"$', re.MULTILINE)
TARGET = re.compile(r"^\[\[whistle\.reason\.target\]\]\n(?:\w+ = .*\n)+\n?", re.MULTILINE)
REASON = re.compile(r"^(\[\[whistle\.reason\]\]\n(?:\w+ = .*\n)+)", re.MULTILINE)
TO_STREET = '\n[[whistle.reason.target]]\nunits = ["@street"]\n'
BY = "hotline city"


@click.group("city")
def city() -> None:
    """城市规则：从历史工单得出、启用、查看。"""


@city.command("learn")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--columns", type=click.Path(path_type=Path), help="列对应表（TOML）。")
@click.option("--area", "areas", multiple=True, help="以这一列作为事项；可以写多次，由粗到细。")
@click.option("--name", default="", help="城市名称。")
@click.option("--region", default="", help="区域代码；默认与现在生效的相同。")
@click.option("--short", default="", help="工单编号的字母前缀；默认与现在生效的相同。")
@click.option("--edition", default="", help="版本号；默认按日期和文件名。")
@click.option(
    "--preset", "start", type=click.Choice(["3/7/10", "graded"]), default="3/7/10", help="时限从哪个预设开始。"
)
@click.option("--out", type=click.Path(path_type=Path), help="规则文件夹；默认写到 HOTLINE_HOME/cities 下。")
@click.option("--apply", "at_once", is_flag=True, help="立即启用；已有规则生效时记为一人启用。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def learn(
    file: Path,
    columns: Path | None,
    areas: tuple[str, ...],
    name: str,
    region: str,
    short: str,
    edition: str,
    start: str,
    out: Path | None,
    at_once: bool,
    as_json: bool,
) -> None:
    """从历史工单 FILE 得出事项表、单位表、责任分解表和地点树，供人工核对后启用。"""
    with opening.opened() as given:
        head = _head(given, file, name, region, short, edition)
        said = pasts.with_columns(read_map(columns) if columns else Map(), area=areas)
        sheet = open_sheet(file)
        quiet = as_json and not sys.stderr.isatty()
        with tqdm(total=sheet.total, desc=f"读取 {file.name}", disable=quiet, leave=False, bar_format=_BAR) as bar:
            rows = pasts.pasts(sheet, said, lambda position: _moved(bar, position))
            known = _known(head.region, out or given.home / "cities" / head.edition)
            learned = lessons.learn(rows, msgspec.structs.replace(head, preset=start), preset(start), known)
        cities.build(learned.files)  # what is written must be fit to be applied
        folder = out or given.home / "cities" / head.edition
        _write(folder, learned, head.name)
        if at_once:
            _put_into_force(learned.files, f"{BY} learn", alone=True)
    if as_json:
        click.echo(msgspec.json.encode(_figures(learned, folder, head.edition, at_once)))
    else:
        click.echo(_words(learned, folder, head, at_once))


@city.command("apply")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--alone", is_flag=True, help="已有规则生效时，不经第二人批准直接启用；会写明是谁。")
@click.option("--by", default=BY, show_default=True, help="操作人。")
def apply(folder: Path, alone: bool, by: str) -> None:
    """检查并启用一座城市的第一版规则 FOLDER；以后的版本由两人启用：hotline rules propose、approve。"""
    with opening.opened():
        files = rulefiles.read_folder(folder)
        _, findings = approval.checked(files)
        if alone and by == BY:
            raise NotAllowed(Message("一人启用须写明操作人：--alone --by 姓名或账号"))
        applied = _put_into_force(files, by, alone)
    also = f"，另有 {len(findings)} 条提醒" if findings else ""
    click.echo(f"{applied.name}的规则版本 {applied.edition} 已启用{also}")


@city.command("show")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def show(as_json: bool) -> None:
    """显示现在生效的规则版本和它的规模。"""
    with opening.opened():
        held = opening.city_in_force()
    figures = _size(held)
    if as_json:
        click.echo(msgspec.json.encode(figures))
        return
    labels = {
        "name": "城市",
        "region": "区域代码",
        "short": "编号前缀",
        "edition": "规则版本",
        "preset": "预设",
        "areas": "事项",
        "units": "承办单位",
        "duty": "责任分解表行数",
        "places": "地点",
        "posts": "网格长任职",
        "promises": "时限",
        "calendar_until": "节假日公布到",
        "model": "分类模型",
        "model_problem": "模型问题",
    }
    click.echo("\n".join(f"{label}\t{figures[key] or '无'}" for key, label in labels.items()))


def preset(name: str = "3/7/10") -> dict[str, str]:
    """Return the rule files a new city starts from: those of the sample, without what is only its own.

    name  "3/7/10" (natural days, 凉州) or "graded" (2 h / 24 h / 7 working days, 北京): the promises differ, no more

    Promises of single areas go (their codes are the sample's), a whistle calls the street (the sample's units are its
    own); what the sample's own regulation is the source of is marked as to be checked.
    """
    sample = resources.files("hotline") / "sample"
    held = sample / "city"
    texts = {name: (held / name).read_text(encoding="utf-8") for name in (*PRESETS, "city.toml")}
    if name == "graded":
        texts["promises.toml"] = (sample / "graded" / "promises.toml").read_text(encoding="utf-8")
    blocks = texts["promises.toml"].split("[[promise]]")
    texts["promises.toml"] = "[[promise]]".join(block for block in blocks if "\narea = " not in block)
    rules = _shared(texts.pop("city.toml"))
    texts["rules.toml"] = REASON.sub(f"\\1{TO_STREET}", TARGET.sub("", rules))
    return {name: OWN_SOURCE.sub(_neutral, text) for name, text in texts.items()}


def _shared(head: str) -> str:
    """Return the sample's city.toml but for what only it is called: lines of keys that say so, and its first remark."""
    kept = head.splitlines(keepends=True)
    while kept and kept[0].startswith("#"):
        del kept[0]
    tables = next(place for place, line in enumerate(kept) if line.startswith("["))
    return "".join([line for line in kept[:tables] if not OWN_KEY.match(line)] + kept[tables:]).lstrip("\n")


def _neutral(found: re.Match[str]) -> str:
    return f'source = "预设，待核对{f"；{found[1]}" if found[1] else ""}"'


_BAR = "{desc} {percentage:3.0f}%|{bar:24}| 剩余 {remaining}"


def _moved(bar: "tqdm[Any]", position: int) -> None:
    if position > bar.n:
        bar.update(position - bar.n)


def _head(given: Settings, file: Path, name: str, region: str, short: str, edition: str) -> Head:
    """Return what the city is called: as said, else as the one in force, so that accounts and tickets stay its own."""
    try:
        held = opening.city_in_force()
        known = (held.region, held.short, held.zone.key)
    except NoCity:
        known = ("city", "CT", given.timezone)
    if short and not re.fullmatch(r"[A-Z]{2,4}", short):
        raise Unusable("--short", Message("应为 2 到 4 个大写字母，例如 HK"))
    stem = re.sub(r"[^0-9A-Za-z._-]", "", file.stem)[:30].strip("._-")
    made = edition or f"{clock.now():%Y%m%d.%H%M}{f'-{stem}' if stem else ''}"
    return Head(region=region or known[0], name=name or "本市", short=short or known[1], zone=known[2], edition=made)


def _known(region: str, folder: Path) -> Known:
    """Return the codes names have already: in the city's editions so far, and in a folder that is written anew."""
    with db.reading() as session:
        so_far = approval.lists(session, region, sample=False)
        held = cities.current(session) if so_far else None
    written = None
    with suppress(HotlineError):  # what cannot be read is written anew as it is
        written = cities.build(rulefiles.read_folder(folder)) if (folder / "city.toml").is_file() else None
    known = [one for one in (written, held) if one is not None and one.region == region]
    areas = ([written.taxonomy] if written else []) + so_far
    return Known(
        areas=succession.known_codes(areas),
        units={unit.name: unit.code for one in known for unit in one.rulebook.units},
        places={
            tuple(above.name for above in reversed(one.tree.chain(place.code))): place.code
            for one in known
            for place in one.tree.places
        },
    )


def _write(folder: Path, learned: Learned, name: str) -> None:
    texts = {**learned.files, "learn.md": lessons.report(learned, name), "disputed.csv": lessons.disputed_csv(learned)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            mark = "\ufeff" if file.endswith(".csv") else ""  # spreadsheets take it for what it is
            (folder / file).write_text(mark + text, encoding="utf-8", newline="")
    except OSError as refused:
        raise Unusable(str(folder), Message("规则文件写不进去（%(reason)s）", reason=refused.strerror)) from refused


def _put_into_force(files: dict[str, str], by: str, alone: bool) -> City:
    """Put a city's first edition into force; a later one takes two people, or one who says so and is written down."""
    with db.reading() as session:
        public = showcase.still_public(session)
    with db.transaction() as session:
        if approval.is_first(session) or approval.holds(session, files):
            if gone := approval.units_still_used(
                session, cities.build(files)
            ):  # what was tried out on the sample's units
                click.echo(f"注意：{gone}", err=True)
            applied = cities.apply(session, files, by, clock.now())
        elif not alone:
            raise approval.TakesTwo
        else:
            click.echo(f"注意：未经第二人批准，由“{by}”一人启用，已记入规则版本记录", err=True)
            applied = approval.alone(session, files, by, clock.now())
        closed = showcase.close(session, applied, public, clock.now())
    if closed:
        click.echo(
            f"{closed} 个示例账号（密码公开）已停用，登录和令牌都已失效；用 hotline people add 建立本市账号", err=True
        )
    return applied


def _figures(learned: Learned, folder: Path, edition: str, applied: bool) -> dict[str, object]:
    return {
        "folder": str(folder),
        "edition": edition,
        "applied": applied,
        "tickets": learned.tickets,
        "areas": learned.areas,
        "units": learned.units,
        "places": learned.places,
        "duty": len(learned.duty),
        "disputed": len(learned.disputed),
        "folded": learned.folded,
        "covered": round(learned.covered, 4),
    }


def _words(learned: Learned, folder: Path, head: Head, applied: bool) -> str:
    lines = [
        f"读取 {learned.tickets:,} 件历史工单",
        f"得出 {learned.areas} 个事项，{learned.units} 个承办单位，{learned.places} 个地点",
        f"责任分解表 {len(learned.duty)} 行，与 {learned.covered:.0%} 的历史工单一致",
        f"{len(learned.disputed)} 个事项有争议，没有写入责任分解表",
        f"规则版本 {head.edition}，区域代码 {head.region}，工单编号前缀 {head.short}",
        f"规则文件写在 {folder}，说明见 learn.md，有争议的事项见 disputed.csv",
        "已启用" if applied else f"核对后运行 hotline city apply {folder} 启用",
    ]
    return "\n".join(lines)


def _size(held: City) -> dict[str, object]:
    return {
        "name": held.name,
        "region": held.region,
        "short": held.short,
        "edition": held.edition,
        "preset": held.rulebook.preset,
        "areas": len(held.taxonomy.areas),
        "units": len(held.rulebook.units),
        "duty": len(held.rulebook.duty),
        "places": len(held.tree.places),
        "posts": len(held.posts),
        "promises": len(held.rulebook.promises),
        "calendar_until": f"{held.rulebook.calendar.until}",
        "model": held.model.card.name or "未命名" if held.model else "",
        "model_problem": held.model_problem,
    }
