from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from classifiers.duplicates import Match, Matter, quoted_numbers, same_matter

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
TEXT = "和平小区三号楼门口的路灯坏了一个星期，晚上看不清路。"
ALIKE = "和平小区三号楼门口的路灯坏了一个多星期，晚上看不清路"
NEW = Matter(number="N", text=TEXT, address="和平小区3号楼", caller="c1", at=NOW)


def old(**changed: object) -> Matter:
    plain: dict[str, object] = {"number": "A", "at": NOW - timedelta(days=3)}
    return msgspec.structs.replace(NEW, **(plain | changed))


@pytest.mark.parametrize(
    ("other", "joined"),
    [
        (old(), True),
        (old(text=ALIKE, address="别处"), True),
        (old(at=NOW), True),
        (old(at=NOW - timedelta(days=15)), True),
        (old(at=NOW - timedelta(days=15, seconds=1)), False),
        (old(at=NOW + timedelta(seconds=1)), False),
        (old(text="和平小区三号楼门口的井盖坏了", address="别处"), False),
        (old(text=""), False),
        (old(number="N"), False),
        (old(caller="c2"), True),
        (old(caller=""), True),
        (old(caller="c2", address="和平小区 ３号楼"), True),
        (old(caller="c2", text=TEXT.replace("，", " ").replace("。", "！")), True),
        (old(caller="c2", text=ALIKE), False),
        (old(caller="c2", address="和平小区4号楼"), False),
        (old(caller="c2", address=""), False),
        (old(caller="c2", at=NOW - timedelta(days=7)), True),
        (old(caller="c2", at=NOW - timedelta(days=7, seconds=1)), False),
    ],
)
def test_one_old_ticket(other: Matter, joined: bool) -> None:
    found = same_matter(NEW, [other])
    assert (found and found.number) == ("A" if joined else None)


@pytest.mark.parametrize(
    ("mine", "theirs", "joined"), [("01", "01", True), ("01", "02", False), ("", "02", True), ("01", "", True)]
)
def test_known_areas_must_agree(mine: str, theirs: str, joined: bool) -> None:
    new = msgspec.structs.replace(NEW, area=mine)
    assert (same_matter(new, [old(area=theirs)]) is not None) is joined


def test_unknown_callers_and_unknown_addresses_are_not_the_same() -> None:
    new = msgspec.structs.replace(NEW, caller="", address="")
    assert same_matter(new, [msgspec.structs.replace(new, number="A", at=NOW - timedelta(hours=1))]) is None


def test_short_texts_of_two_callers_are_alike_by_chance() -> None:
    new = msgspec.structs.replace(NEW, text="路灯不亮")
    assert same_matter(new, [msgspec.structs.replace(new, number="A", caller="c2")]) is None
    assert same_matter(new, [msgspec.structs.replace(new, number="A")]) is not None


def test_empty_texts_match_nothing() -> None:
    new = msgspec.structs.replace(NEW, text="。。")
    assert same_matter(new, [msgspec.structs.replace(new, number="A")]) is None
    assert same_matter(NEW, []) is None


def test_the_most_alike_wins_and_then_the_latest() -> None:
    olds = [
        old(number="alike", text=ALIKE, at=NOW - timedelta(hours=1)),
        old(number="first", at=NOW - timedelta(days=9)),
        old(number="later", at=NOW - timedelta(days=2)),
    ]
    assert same_matter(NEW, olds) == Match("later", 1.0, "同一来电人 2 天前反映过几乎相同的内容（相似度 100%）")
    alike = same_matter(NEW, olds[:1])
    assert alike is not None
    assert alike.score == pytest.approx(0.9583, abs=0.03)
    assert alike.why.startswith("同一来电人 24 小时内反映过几乎相同的内容（相似度 9")
    other = same_matter(NEW, [old(caller="c2", at=NOW - timedelta(days=1))])
    assert other == Match("A", 1.0, "同一地址 1 天前有内容完全相同的诉求")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("（政府工单号20260101000001）再次来电", ("20260101000001",)),
        ("工单号：123456789", ("123456789",)),
        ("工单编号为 12345678，请催办", ("12345678",)),
        ("工单号（１２３４５６７８）", ("12345678",)),
        ("工单号12345678、87654321和11112222催办", ("12345678", "87654321", "11112222")),
        ("来电反馈：（20260101000001）《关于路灯》", ("20260101000001",)),
        ("收到20260101000001办件", ("20260101000001",)),
        ("我的SL20260101-00012-7到哪了", ("SL20260101-00012-7",)),
        ("sl20260101000127 到哪了", ("SL20260101000127",)),
        ("工单号12345678，工单号12345678", ("12345678",)),
        ("SL20260101000127和工单号12345678", ("SL20260101000127", "12345678")),
        ("工单号1234567", ()),
        ("工单号123456789012345678901", ()),
        ("电话13800000000，身份证110101199001010000", ()),
        ("2026010100000", ()),
        ("20261301000001", ()),
        ("路灯不亮", ()),
        ("", ()),
    ],
)
def test_quoted_numbers(text: str, numbers: tuple[str, ...]) -> None:
    assert quoted_numbers(text) == numbers
