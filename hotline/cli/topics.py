"""`hotline topics find FILE`: hot topics (热点) of any file of tickets; writes nothing."""

from pathlib import Path

import click
import msgspec

from classifiers import topics as rule
from classifiers.topics import Text, Topic, TopicRules
from grids.messages import Message
from hotline.channels import texts
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.channels.texts import Reading
from hotline.cli import opening
from hotline.cli.opening import ZONE

TOPICS_SHOWN = 20


@click.group("topics")
def topics() -> None:
    """热点：很多人在相近时间反映的同一件事。"""


@topics.command("find")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--text", default="", help="正文所在的列；不写则按内置的列名。")
@click.option("--title", default="", help="标题所在的列。")
@click.option("--time", "received", default="", help="时间所在的列。")
@click.option("--id", "number", default="", help="编号所在的列；没有编号则用行号。")
@click.option("--place", default="", help="地点（社区、街道）所在的列。")
@click.option("--least", default=TopicRules().least, type=click.IntRange(2), help="至少几件才算一个热点。")
@click.option("--alike", default=TopicRules().alike, type=click.FloatRange(0.01, 0.99), help="多像才算一件事。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，含每个热点的全部编号。")
def find(
    file: Path, text: str, title: str, received: str, number: str, place: str, least: int, alike: float, as_json: bool
) -> None:
    """从工单文件 FILE 里找出热点：标题、件数、地点、增长和依据。不写入任何数据。"""
    with opening.refusals():
        named = {"text": text, "title": title, "received": received, "number": number, "community": place}
        reading = texts.read_texts(open_sheet(file), ZONE, **named)
        if not reading.said:
            raise Unusable(str(file), Message("没有一行有正文"))
        found = rule.find([_text(one) for one in reading.said], TopicRules(least=least, alike=alike, most=1_000_000))
    if as_json:
        click.echo(msgspec.json.encode({"rows": reading.rows, "left_out": reading.left_out, "topics": found}))
    else:
        click.echo("\n".join((*_topic_lines(reading, len(found)), *(_line(one) for one in found[:TOPICS_SHOWN]))))


def _text(one: texts.TextRow) -> Text:
    return Text(id=one.id, text=one.text, title=one.title, at=one.at, place=one.place)


def _topic_lines(reading: Reading, count: int) -> list[str]:
    left = f"，{reading.left_out:,} 行没有正文或读不出来" if reading.left_out else ""
    more = f"，列出前 {TOPICS_SHOWN} 个（全部见 --json）" if count > TOPICS_SHOWN else ""
    return [f"读取 {reading.rows:,} 行{left}；找到 {count} 个热点{more}"]


def _line(topic: Topic) -> str:
    mark = "新" if topic.new else "升" if topic.rising else "　"
    return f"{topic.count:>5} 件 {mark} {topic.title}\n           {topic.why}"
