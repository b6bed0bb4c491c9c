"""A replay: the file's own times and facts, nobody told, no clock judged by what the file does not say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.channels.load import Closing
from hotline.city import City
from hotline.store import db
from hotline.store.schema import METADATA
from tests.hotline.channels.cast import bring, door, small_city, use_empty, write

TICKET, ENTRY, OUTBOX, CLOCK, CALLBACK, ASSIGNMENT = (
    METADATA.tables[name] for name in ("ticket", "entry", "outbox", "clock", "callback", "assignment")
)
HEADINGS = (
    "工单编号", "诉求内容", "受理时间", "派件时间", "处置单位", "工单状态", "办结时间", "答复时间", "满意度",
    "是否解决", "答复内容",
)  # fmt: skip


@pytest.fixture(scope="module")
def city() -> City:
    return small_city()


@pytest.fixture(autouse=True)
def clean(database_url: str) -> None:
    use_empty(database_url)


def replayed(city: City, folder: Path, **cells: str) -> Closing:
    row = {
        "工单编号": "H-0001",
        "诉求内容": "路灯坏了",
        "受理时间": "2026-03-02 08:00",
        "处置单位": "甲区路灯所",
    } | cells
    return bring(
        door(city, folder, replay=True), write(folder / "史.csv", [[row.get(name, "") for name in HEADINGS]], HEADINGS)
    )


def single_row(table: sa.Table, **where: str) -> sa.Row[tuple[object, ...]]:
    with db.reading() as session:
        return session.execute(sa.select(table).where(*(table.c[name] == value for name, value in where.items()))).one()


def count(table: sa.Table) -> int:
    with db.reading() as session:
        return int(session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_closed_ticket_keeps_its_times_and_answers(city: City, tmp_path: Path) -> None:
    closing = replayed(
        city, tmp_path, 工单状态="工单归档", 派件时间="2026-03-02 09:00", 办结时间="2026-03-05 10:00", 满意度="满意",
        是否解决="已解决",
        答复内容="已修好",
    )  # fmt: skip
    assert (closing.accepted, closing.routed, closing.closed) == (1, 1, 1)
    ticket = single_row(TICKET)
    assert (ticket.state, ticket.quiet, city.unit_name(ticket.unit)) == ("closed", True, "甲区路灯所")
    assert ticket.number.startswith("JS")
    assert "260302" in ticket.number
    assert ticket.received_at == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert ticket.dispatched_at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert ticket.closed_at == datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    assert (ticket.satisfaction, ticket.solved, ticket.reply) == (4, "yes", "已修好")
    assert count(OUTBOX) == 0
    assert single_row(CALLBACK).satisfaction == 4
    assert single_row(ENTRY, move="receive").note == "历史导入"
    assert single_row(ENTRY, move="archive").note == "历史导入"
    assert single_row(ENTRY, move="archive").at == datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ({"办结时间": "2026-03-05 10:00"}, "met"),
        ({"办结时间": "2026-04-05 10:00"}, "late"),
        ({"办结时间": "2026-04-05 10:00", "答复时间": "2026-03-06 10:00"}, "met"),
        ({"工单状态": "工单归档"}, "void"),
    ],
)
def test_the_result_is_judged_by_what_the_file_says(
    city: City, tmp_path: Path, cells: dict[str, str], outcome: str
) -> None:
    replayed(city, tmp_path, **cells)
    assert single_row(CLOCK, clock="result").outcome == outcome
    assert single_row(CLOCK, clock="progress").outcome == "void"
    with db.reading() as session:
        assert session.execute(sa.select(CLOCK.c.next_at).where(CLOCK.c.next_at.is_not(None))).all() == []
        assert session.execute(sa.select(CLOCK.c.id).where(CLOCK.c.stopped_at.is_(None))).all() == []
        assert session.execute(sa.select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.ended_at.is_(None))).all() == []


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({}, "routed"),
        ({"工单状态": "办理中"}, "signed"),
        ({"工单状态": "待回访", "答复时间": "2026-03-04 10:00"}, "answered"),
    ],
)
def test_open_tickets_stand_where_they_stood(city: City, tmp_path: Path, cells: dict[str, str], state: str) -> None:
    closing = replayed(city, tmp_path, **cells)
    ticket = single_row(TICKET)
    assert (ticket.state, closing.closed) == (state, 0)
    assert count(OUTBOX) == 0
    if state == "answered":
        assert ticket.answered_at == datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
        clock = single_row(CLOCK, clock="callback")
        assert (clock.stopped_at, clock.due_at) == (None, ticket.callback_due_at)
        assert single_row(CLOCK, clock="result").outcome == "met"


def test_a_unit_the_city_does_not_know_is_chosen_by_rule_or_person(city: City, tmp_path: Path) -> None:
    closing = replayed(city, tmp_path, 处置单位="别处的单位", 工单状态="工单归档")
    assert (closing.accepted, closing.left_for_person, closing.closed) == (1, 1, 1)
    assert any("不在单位表中" in note for note in closing.noted)
    assert single_row(TICKET).state == "closed"


def test_replayed_twice_is_replayed_once(city: City, tmp_path: Path) -> None:
    replayed(city, tmp_path, 工单状态="工单归档")
    lines = count(ENTRY)
    again = replayed(city, tmp_path, 工单状态="工单归档")
    assert (again.accepted, again.known, count(ENTRY)) == (0, 1, lines)


def test_repeats_within_one_batch_keep_their_chain(city: City, tmp_path: Path) -> None:
    rows = [
        [
            f"H-000{number}",
            "3号楼前的路灯坏了很久没有人来修理",
            "2026-03-02 08:00",
            "",
            "甲区路灯所",
            "工单归档",
            "",
            "",
            "",
            "",
            "",
        ]
        for number in range(3)
    ]
    closing = bring(door(city, tmp_path, replay=True), write(tmp_path / "史.csv", rows, HEADINGS))
    assert closing.accepted == 3
    assert closing.closed + closing.joined == 3
