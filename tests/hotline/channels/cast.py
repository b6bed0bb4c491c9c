"""A small invented city, its door, and files to put through it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hotline import city as cities
from hotline.channels import load
from hotline.channels.columns import Map
from hotline.channels.load import Closing, Door
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.cli.city import preset
from hotline.flow.learning import learn
from hotline.flow.learning.learn import Head, Past
from hotline.sealing import Seal
from hotline.store import db
from tests import engines

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
HEADINGS = ("工单编号", "工单标题", "诉求内容", "诉求类型", "工单发起时间", "诉求地址")


def history() -> list[Past]:
    """Return eleven tickets that never were."""
    places = ("甲区", "清河街道", "柳园社区")
    return [
        *[Past(area=("市容", "垃圾"), unit="甲区环卫所", place=places)] * 4,
        *[Past(area=("市政", "路灯"), unit="甲区路灯所", place=places)] * 4,
        *[Past(area=("治安",), unit="甲区公安分局", place=())] * 3,
    ]


def small_city(edition: str = "t.1") -> City:
    """Return a city of three areas and three units, learned from `history`."""
    head = Head(region="test", name="甲市", short="JS", zone="Asia/Shanghai", edition=edition)
    return cities.build(learn.learn(history(), head, preset()).files)


def door(city: City, home: Path, *, replay: bool = False, batch: int = 3, now: datetime = NOW) -> Door:
    """Return the door of the city."""
    return Door(city=city, seal=Seal(b"0" * 32), source="12345", now=now, replay=replay, batch=batch, home=home)


def write(
    path: Path, rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8"
) -> Path:
    """Write a CSV without quotes."""
    path.write_bytes("".join(",".join(row) + "\r\n" for row in (headings, *rows)).encode(encoding))
    return path


def matter(number: str, text: str = "路灯坏了", at: str = "2026-10-30 08:00") -> tuple[str, ...]:
    """Return one row."""
    return number, f"{text}的问题", text, "投诉类", at, "柳园社区3号楼"


def bring(at: Door, path: Path, said: Map | None = None) -> Closing:
    """Put a file through the door."""
    return load.bring(at, open_sheet(path), said or Map(), lambda *_: None)


def use_empty(url: str) -> None:
    """Use this database, without tickets; numbers once taken stay taken, as this process remembers."""
    db.bind(url)
    with db.transaction() as session:
        engines.empty(session, {"number_block"})
