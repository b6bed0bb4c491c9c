"""A whole file: every row once, whatever happens; one bad row costs that row."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.channels import load
from hotline.channels.columns import Map, Options
from hotline.channels.load import gist
from hotline.channels.sheets import open_sheet
from hotline.city import City
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.channels.cast import HEADINGS, NOW, bring, door, matter, small_city, use_empty, write

TICKET, ENTRY, OUTBOX, CLOCK, BLOCK = (
    METADATA.tables[name] for name in ("ticket", "entry", "outbox", "clock", "number_block")
)


@pytest.fixture(scope="module")
def city() -> City:
    return small_city()


@pytest.fixture(autouse=True)
def clean(database_url: str) -> None:
    use_empty(database_url)


def rows_of(table: sa.Table, *columns: str) -> list[tuple[object, ...]]:
    with db.reading() as session:
        wanted = [table.c[name] for name in columns]
        return [tuple(row) for row in session.execute(sa.select(*wanted).order_by(*wanted))]


def everything() -> dict[str, list[str]]:
    with db.reading() as session:
        return {
            name: sorted(repr(row) for row in session.execute(sa.select(table)))
            for name, table in METADATA.tables.items()
        }


def test_the_closing_counts_every_row(city: City, tmp_path: Path) -> None:
    path = write(
        tmp_path / "甲.csv",
        [
            matter("A-0001", "路灯不亮"),
            matter("A-0002", "垃圾没收"),
            matter("1.2E+15"),
            matter("A-0004", at="2018/2/30"),
        ],
    )
    closing = bring(door(city, tmp_path), path)
    assert (closing.rows, closing.accepted, closing.known, closing.rejected) == (4, 2, 0, 2)
    assert closing.joined + closing.routed + closing.left_for_person == closing.accepted
    assert closing.rejects == f"{path}.rejects.csv"
    assert rows_of(TICKET, "source_ref", "source") == [("A-0001", "12345"), ("A-0002", "12345")]
    rejected = Path(closing.rejects).read_text(encoding="utf-8-sig").splitlines()
    assert rejected[1].startswith("4,工单编号,1.2E+15,编号被电子表格改成了科学计数")
    assert rejected[2].startswith("5,工单发起时间,2018/2/30,")


def test_the_same_file_again_changes_nothing(city: City, tmp_path: Path) -> None:
    path = write(tmp_path / "甲.csv", [matter(f"A-{number:04d}", f"第{number}盏路灯") for number in range(8)])
    first = bring(door(city, tmp_path), path)
    before = everything()
    again = bring(door(city, tmp_path), path)
    assert first.accepted == 8
    assert (again.accepted, again.known, again.rejected) == (0, 8, 0)
    assert everything() == before, "not even a number was used"


def test_a_later_export_of_the_same_tickets_is_known(city: City, tmp_path: Path) -> None:
    headings = (*HEADINGS, "工单状态")
    bring(door(city, tmp_path), write(tmp_path / "甲.csv", [(*matter("A-0001"), "办理中")], headings))
    again = bring(door(city, tmp_path), write(tmp_path / "乙.csv", [(*matter("A-0001"), "已办结")], headings))
    assert (again.known, again.rejected) == (1, 0)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_a_number_twice_in_one_file(city: City, tmp_path: Path, batch: int) -> None:
    path = write(
        tmp_path / "甲.csv",
        [matter("A-0001", "路灯不亮"), matter("A-0001", "路灯不亮"), matter("A-0001", "井盖不见了")],
    )
    closing = bring(door(city, tmp_path, batch=batch), path)
    assert (closing.accepted, closing.known, closing.rejected) == (1, 1, 1)
    assert rows_of(TICKET, "text") == [("路灯不亮",)]
    reason = Path(closing.rejects).read_text(encoding="utf-8-sig")
    assert "编号重复" in reason
    assert "井盖不见了" in reason, "nothing is lost"


def test_rejects_can_be_mended_and_brought_in(city: City, tmp_path: Path) -> None:
    bad = ("A-0001", "-路灯", "=路灯不亮", "投诉类", "2018/2/30", "柳园社区3号楼")
    closing = bring(door(city, tmp_path), write(tmp_path / "甲.csv", [bad]))
    mended = Path(closing.rejects)
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace("2018/2/30", "2018/2/28"), encoding="utf-8")
    again = bring(door(city, tmp_path), mended)
    assert (again.accepted, again.rejected) == (1, 0)
    assert rows_of(TICKET, "source_ref", "title", "text") == [("A-0001", "-路灯", "=路灯不亮")]


def test_an_import_that_fails_leaves_no_half_file(city: City, tmp_path: Path) -> None:
    path = write(tmp_path / "甲.csv", [matter("A-0001", at="2018/2/30"), matter("A-0002")])

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load.bring(door(city, tmp_path, batch=1), open_sheet(path), Map(), stop)
    assert [file.name for file in tmp_path.iterdir()] == ["甲.csv"]


def test_a_foreign_row_in_the_middle(city: City, tmp_path: Path) -> None:
    path = write(tmp_path / "甲.csv", [matter("A-0001", "路灯很久不亮"), matter("A-0003", "垃圾没人收")])
    lines = path.read_bytes().splitlines(keepends=True)
    lines.insert(2, ",".join(matter("A-0002", "井盖不见了")).encode("gb18030") + b"\r\n")
    path.write_bytes(b"".join(lines))
    closing = bring(door(city, tmp_path), path)
    assert (closing.accepted, closing.rejected) == (2, 1)
    assert Path(closing.rejects).read_text(encoding="utf-8-sig").splitlines()[1].startswith("3,整行,")


def test_rows_without_numbers_are_told_apart_by_their_order(city: City, tmp_path: Path) -> None:
    said = Map(options=Options(without_number=True))
    path = write(tmp_path / "甲.csv", [("路灯坏了",), ("路灯坏了",), ("垃圾没收",)], ("诉求内容",))
    assert bring(door(city, tmp_path), path, said).accepted == 3
    again = bring(door(city, tmp_path), path, said)
    assert (again.accepted, again.known) == (0, 3)


def test_coordinates_without_meaning_are_noted_not_rejected(city: City, tmp_path: Path) -> None:
    headings = (*HEADINGS, "横坐标", "纵坐标")
    points = [("0", "0"), ("20.02", "110.35"), ("110.35", "20.02"), ("512345.1", "4432100.2"), ("东", "北")]
    path = write(
        tmp_path / "甲.csv",
        [(*matter(f"A-000{n}", f"第{n}盏路灯"), *point) for n, point in enumerate(points)],
        headings,
    )
    closing = bring(door(city, tmp_path, batch=10), path)
    assert (closing.accepted, closing.rejected) == (5, 0)
    found = {row[0]: row[1] for row in rows_of(TICKET, "source_ref", "lng")}
    assert [found[f"A-000{n}"] for n in range(5)] == [None, 110.35, 110.35, None, None]
    assert sum(closing.noted.values()) >= 3


def test_a_live_import_has_its_own_now(city: City, tmp_path: Path) -> None:
    bring(door(city, tmp_path), write(tmp_path / "甲.csv", [matter("A-0001")]))
    with db.reading() as session:
        ticket = session.execute(sa.select(TICKET)).one()
    assert ticket.received_at == NOW
    assert ticket.occurred_at.isoformat() == "2026-10-30T00:00:00+00:00"
    assert ticket.quiet is False
    assert len(rows_of(OUTBOX, "move")) >= 1


def test_notes_are_counted_by_kind() -> None:
    assert gist("事项分类““甲”/乙”不在责任清单中") == "事项分类不在责任清单中"
    assert gist("没有值") == "没有值"


@pytest.mark.processes
def test_killed_in_the_middle_and_run_again(city: City, tmp_path: Path, database_url: str) -> None:
    total = 1500
    path = write(tmp_path / "甲.csv", [matter(f"K-{number:05d}", f"第{number}盏路灯不亮") for number in range(total)])
    program = (
        "import sys; from pathlib import Path; from tests.hotline.channels.cast import *;"
        "db.bind(sys.argv[1]); bring(door(small_city(), Path(sys.argv[2]), batch=20), Path(sys.argv[3]))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, database_url, str(tmp_path), str(path)],
        cwd=Path(__file__).parents[3], env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    seen = 0
    deadline = time.monotonic() + 60
    while seen < 60 and time.monotonic() < deadline and child.poll() is None:
        seen = len(rows_of(TICKET, "id"))
    child.send_signal(signal.SIGKILL)
    child.wait()
    stored = len(rows_of(TICKET, "id"))
    assert 60 <= stored < total, "it was killed in the middle"
    assert stored % 20 == 0, "a batch is whole or not there"
    closing = bring(door(city, tmp_path, batch=200), path)
    assert (closing.accepted, closing.known) == (total - stored, stored)
    refs = [ref for (ref,) in rows_of(TICKET, "source_ref")]
    assert refs == [f"K-{number:05d}" for number in range(total)]
    assert len({number for (number,) in rows_of(TICKET, "number")}) == total
    received = [row for row in rows_of(ENTRY, "ticket_id", "move") if row[1] == "receive"]
    assert len(received) == total
