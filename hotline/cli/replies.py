"""`hotline replies check FILE`: the reply pre-check (答复预检) over any file of demands and replies; writes nothing."""

from collections import Counter
from pathlib import Path
from typing import Any

import click
import msgspec

from classifiers import replies as rule
from classifiers.replies import Draft, Finding, ReplyRules
from grids.messages import Message
from hotline.channels import texts
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.channels.texts import TextRow
from hotline.cli import opening
from hotline.cli.opening import ZONE


@click.group("replies")
def replies() -> None:
    """答复预检：是否答到诉求、写明联系、时间、依据，有无泄露号码。"""


@replies.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--text", default="", help="诉求所在的列；不写则按内置的列名。")
@click.option("--reply", default="", help="答复所在的列。")
@click.option("--title", default="", help="标题所在的列。")
@click.option("--id", "number", default="", help="编号所在的列；没有编号则用行号。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，含每件的每条提示。")
def check(file: Path, text: str, reply: str, title: str, number: str, as_json: bool) -> None:
    """对文件 FILE 的每件答复给出提示，并按种类汇总。不写入任何数据。"""
    with opening.refusals():
        reading = texts.read_texts(open_sheet(file), ZONE, text=text, reply=reply, title=title, number=number)
        answered = [one for one in reading.said if one.reply]
        if not answered:
            raise Unusable(str(file), Message("没有一行既有诉求又有答复；请用 --text 和 --reply 写明所在的列"))
        found = [(one.id, rule.check(draft(one), ReplyRules())) for one in answered]
    kinds = Counter(code for _, notes in found for code in {note.code for note in notes})
    if as_json:
        said: dict[str, Any] = {"rows": reading.rows, "checked": len(found), "kinds": kinds}
        click.echo(msgspec.json.encode(said | {"replies": [{"id": key, "findings": notes} for key, notes in found]}))
        return
    example = {note.code: note for _, notes in found for note in notes}
    click.echo(f"读取 {reading.rows:,} 行，检查 {len(found):,} 件，{sum(not notes for _, notes in found):,} 件没有提示")
    for code, count in kinds.most_common():
        click.echo(_line(code, count, count / len(found), example[code]))


def draft(one: TextRow) -> Draft:
    """Return a row as the rule reads it."""
    return Draft(demand=one.text, reply=one.reply, title=one.title)


def _line(code: str, count: int, share: float, example: Finding) -> str:
    return f"{count:>6} 件 {share:>6.1%}  {code:<15}{'（重要）' if example.severity == 'strong' else ''}{example.text}"
