"""`hotline taxonomy load|show`: the list of areas (责任清单) read from a file, looked at, made ready to propose."""

from pathlib import Path

import click
import msgspec

from classifiers import succession
from classifiers import taxonomy as lists
from classifiers.succession import CHANGE_NAMES
from grids.messages import Message
from hotline.channels import areas as reader
from hotline.channels.errors import Unusable
from hotline.cli import opening
from hotline.flow.editions import approval
from hotline.flow.editions import areas as flow
from hotline.flow.editions.areas import Outlook
from hotline.store import db

AREAS_SHOWN = 40
FATES = {"kept": "不变", "passed": "改用新事项", "undecided": "须人工确定"}
_json = click.option("--json", "as_json", is_flag=True, help="输出 JSON。")


@click.group("taxonomy")
def taxonomy() -> None:
    """事项表（责任清单）：从文件载入、查看。"""


@taxonomy.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), help="写出完整的规则文件夹，核对后用 rules propose 提出。")
@click.option("--edition", default="", help="新规则版本的名称；与 --into 一起写。")
@_json
def load(file: Path, into: Path | None, edition: str, as_json: bool) -> None:
    """读入事项表 FILE（XLSX、XLS、CSV 或 TOML），说明有什么变化；不写 --into 时什么都不改动。"""
    with opening.opened():
        city = opening.city_in_force()
        with db.reading() as session:
            found = reader.read_areas(file, succession.known_codes(approval.lists(session, city.region)))
            new = lists.build(edition or "new", found)
            seen = flow.outlook(session, city, new)
            files = approval.files_in_force(session, city)
        if into is not None:
            if not edition or edition == city.edition:
                raise Unusable(
                    str(into),
                    Message("请用 --edition 写明新版本的名称；现在生效的是 %(edition)s", edition=city.edition),
                )
            into.mkdir(parents=True, exist_ok=True)
            for name, text in flow.folder(files, found, edition).items():
                (into / name).write_text(text, encoding="utf-8")
    if as_json:
        click.echo(msgspec.json.encode(seen, enc_hook=str))
    else:
        click.echo("\n".join(_outlook_lines(seen, into)))


@taxonomy.command("show")
@_json
def show(as_json: bool) -> None:
    """列出现在生效的事项表。"""
    with opening.opened():
        held = opening.city_in_force().taxonomy
    if as_json:
        click.echo(msgspec.json.encode(held.areas))
    else:
        click.echo("\n".join(f"{area.code}\t{held.label(area.code)}" for area in held.areas))


def _outlook_lines(seen: Outlook, into: Path | None) -> list[str]:
    lines = [f"事项 {seen.areas} 个，变化 {len(seen.changes)} 处"]
    lines += [f"{CHANGE_NAMES[one.what]}\t{one.text}" for one in seen.changes[:AREAS_SHOWN]]
    lines += (
        [f"……还有 {len(seen.changes) - AREAS_SHOWN} 处，用 --json 看全部"] if len(seen.changes) > AREAS_SHOWN else []
    )
    for label, counts in (("已有样本", seen.samples), ("在办工单", seen.tickets)):
        told = "，".join(f"{FATES[fate]} {counts[fate]:,}" for fate in FATES if counts.get(fate))
        lines.append(f"{label}：{told or '没有'}")
    lines += [
        f"取消\t“{one.label}”（{one.code}）还有 {one.open} 件在办，须人工改派事项：{'、'.join(one.numbers)}"
        for one in seen.retired
        if one.open
    ]
    lines += [f"须先改正\t{one.where}\t{one.message}" for one in seen.errors[:AREAS_SHOWN]]
    lines.append(
        "没有改动任何数据；用 --into 文件夹 --edition 名称 写出规则文件夹"
        if into is None
        else f"已写出 {into}；改正后运行 hotline rules check {into}，再 hotline rules propose {into} --by 账号"
    )
    return lines
