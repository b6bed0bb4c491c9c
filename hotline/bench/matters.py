"""Invented matters from one seed: a sentence of the sample city, told at the length and in the words callers use."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from hotline.wire.tickets import NewTicket

MATTERS_SEED = 20261122
LENGTH = 140  # characters: the mean of real 12345 texts
CITY = Path(__file__).parents[1] / "sample" / "city"
HEADINGS = ("工单编号", "工单标题", "诉求内容", "诉求类型", "诉求地址", "联系电话", "工单发起时间")
TALK = (
    "这种情况已经持续半个多月，白天晚上都有，周围邻居意见很大。",
    "之前向物业和社区都反映过，一直没有得到明确答复。",
    "家里有老人和上学的孩子，出入很不方便，也担心有安全隐患。",
    "来电人认为有关部门应当到现场查看，不能只在电话里解释。",
    "上次答复说三天之内处理，现在已经过了一个星期，仍然没有人来。",
    "希望尽快核实处理，并把结果告知来电人。",
    "来电人情绪比较激动，要求给出具体的解决时间。",
    "现场可以拍照，也可以联系来电人带路。",
)


def matters(count: int, start: int = 0) -> Iterator[NewTicket]:
    """Yield matters no two of which are the same one; equal for equal `start`."""
    sentences = [row["text"] for row in _table("samples.csv")]
    places = [row["name"] for row in _table("landmarks.csv")]
    dice = random.Random(MATTERS_SEED + start)  # noqa: S311 - invented data, not a secret
    for number in range(start, start + count):
        place = dice.choice(places)
        said = dice.choice(sentences)
        text = f"市民来电反映：{said}"
        while len(text) < LENGTH:
            text += dice.choice(TALK)
        yield NewTicket(
            text=f"{text}（{number}）",
            title=said[:20],
            source="12345",
            kind="投诉",
            name="某先生",
            phone=f"0000-{number:09d}",
            address=f"{place}{dice.randint(1, 40)}号",
        )


def write_csv(path: Path, count: int) -> None:
    """Write a file as upstream systems export it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADINGS)
        for number, one in enumerate(matters(count, start=10_000_000)):
            at = f"2026-11-{number % 20 + 1:02d} {number % 24:02d}:{number % 60:02d}:00"
            table.writerow((f"BJ{number:012d}", one.title, one.text, one.kind, one.address, one.phone, at))


def _table(name: str) -> list[dict[str, str]]:
    with (CITY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
