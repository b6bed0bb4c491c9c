from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.likeness import Alike, Reach, Repeats, Subject, rank
from grids.geometry import Point

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
RULES = Repeats()
TEXT = "和平小区三号楼门口的路灯坏了一个星期，晚上看不清路，老人出门摔了一跤，请尽快派人来修"
NEW = Subject(key="N", text=TEXT, at=NOW)
OTHERS = [
    Subject(key=f"O{n}", text=text, at=NOW - timedelta(days=n))
    for n, text in enumerate(
        ("昨天在超市买的牛奶过期了，要求退款并赔偿", "公交车站的牌子歪了，请尽快派人来修", "学校门口上下学时间堵车")
    )
]
TEXTS = st.text(alphabet="和平小区三号楼门口的路灯坏了看不清", min_size=1, max_size=60)


def likeness(new: dict[str, Any] | None = None, rules: Repeats = RULES, **old: Any) -> Alike:
    """Return the likeness of NEW to the same matter a day ago, both changed as said."""
    mine = msgspec.structs.replace(NEW, **(new or {}))
    theirs = msgspec.structs.replace(NEW, **({"key": "A", "at": NOW - timedelta(days=1)} | old))
    return next(found for found in rank(mine, [theirs, *OTHERS], rules) if found.key == "A")


@given(TEXTS, st.lists(TEXTS, max_size=6))
def test_a_text_is_its_own_best_match(text: str, others: list[str]) -> None:
    olds = [Subject(key=f"O{n}", text=other, at=NOW) for n, other in enumerate(others)]
    same = Subject(key="A", text=text, at=NOW)
    found = rank(msgspec.structs.replace(NEW, text=text), [same, *olds], RULES)
    own = next(one for one in found if one.key == "A")
    assert own.score == pytest.approx(found[0].score)


@given(TEXTS, TEXTS)
def test_two_texts_are_as_alike_one_way_as_the_other(a: str, b: str) -> None:
    one, two = Subject(key="A", text=a, at=NOW), Subject(key="B", text=b, at=NOW - timedelta(days=3))
    assert rank(one, [two], RULES)[0].score == pytest.approx(rank(two, [one], RULES)[0].score)


@given(st.permutations(OTHERS))
def test_the_order_of_the_candidates_changes_nothing(olds: list[Subject]) -> None:
    assert rank(NEW, olds, RULES) == rank(NEW, OTHERS, RULES)


def test_the_same_words_in_one_place_are_alike_and_say_why() -> None:
    found = likeness({"point": Point(91.5, 39.85)}, point=Point(91.5, 39.851))
    assert (found.place, found.hours, found.area, round(found.score, 2)) == (1.0, 1.0, 1.0, 1.0)
    assert found.why == "120 米内、1 天前"
    assert found.metres == pytest.approx(111, abs=1)
    assert all(run in TEXT for run in found.shared)
    assert 0 < len(found.shared) <= 2


def test_candidates_that_say_something_else_are_not_alike() -> None:
    assert [found.key for found in rank(NEW, OTHERS, RULES) if found.score >= RULES.past] == []


@pytest.mark.parametrize(
    ("new", "old", "place", "why"),
    [
        ({"point": Point(91.5, 39.85)}, {"point": Point(91.5, 39.86)}, 0.45, "相距 1.1 公里"),
        ({"point": Point(91.5, 39.85)}, {"point": Point(91.5, 39.854)}, 300 / 445, "450 米内"),
        ({"address": "和平小区 3号楼"}, {"address": "和平小区３号楼"}, 1.0, "同一地址"),
        ({"community": "01"}, {"community": "01"}, 0.95, "同一社区"),
        ({"street": "01"}, {"street": "01"}, 0.85, "同一街道"),
        ({"street": "01"}, {"street": "02"}, 0.45, "不同街道"),
        ({"street": "01"}, {}, 0.85, ""),
        ({"address": ""}, {"address": ""}, 0.85, ""),
    ],
)
def test_place(new: dict[str, Any], old: dict[str, Any], place: float, why: str) -> None:
    found = likeness(new, **old)
    assert found.place == pytest.approx(place, abs=0.001)
    assert found.why.removesuffix("1 天前").removesuffix("、") == why


@pytest.mark.parametrize(("days", "hours"), [(0, 1.0), (15, 1.0), (20, 0.75), (300, 0.6)])
def test_days(days: int, hours: float) -> None:
    assert likeness(at=NOW - timedelta(days=days)).hours == pytest.approx(hours)
    old = msgspec.structs.replace(NEW, key="A", at=NOW - timedelta(days=days))
    assert rank(NEW, [old], RULES, timeless=True)[0].hours == 1.0


def test_areas_of_another_branch_are_less_alike() -> None:
    assert (likeness({"area": "0101"}, area="0102").area, likeness({"area": "0101"}, area="02").area) == (1.0, 0.8)
    assert likeness({"area": ""}, area="02").area == 1.0


def test_an_area_has_a_reach_of_its_own_the_longest_code_that_fits() -> None:
    rules = Repeats(areas={"01": Reach(metres=50, days=1), "0101": Reach(metres=1000, days=60)})
    assert [rules.reach(code).metres for code in ("0101", "010103", "0102", "02", "")] == [1000, 1000, 50, 300, 300]
    far = {"point": Point(91.5, 39.856)}
    assert likeness({"point": Point(91.5, 39.85), "area": "0101"}, rules, **far).place == 1.0
    assert likeness({"point": Point(91.5, 39.85), "area": "0102"}, rules, **far).place < 0.5


def test_the_same_caller_counts_and_an_unknown_one_does_not() -> None:
    same, other, unknown = (likeness({"caller": "c"}, caller="c"), likeness({"caller": "c"}, caller="d"), likeness())
    assert (same.caller, other.caller, unknown.caller) == (True, False, False)
    assert same.score > other.score == unknown.score
    assert same.why == "同一来电人、1 天前"


def test_short_texts_are_alike_by_chance_unless_they_come_from_one_place() -> None:
    assert likeness({"text": "路灯不亮请来修"}, text="路灯不亮请来修").score < 0.3
    here = {"text": "路灯不亮请来修，谢谢", "address": "和平小区"}
    assert likeness(here, **here).score > RULES.shown


def test_numbers_and_what_is_masked_are_not_told() -> None:
    text = TEXT + "，电话13800001234，工单号20260101000001"
    shared = "".join(likeness({"text": text}, text=text).shared)
    assert not any(char.isdigit() for char in shared)


@pytest.mark.parametrize("text", ["", "😀", "灯", "\ud800", "路灯" * 25_000])
def test_odd_texts(text: str) -> None:
    found = rank(msgspec.structs.replace(NEW, text=text), [msgspec.structs.replace(NEW, key="A", text=text)], RULES)[0]
    assert 0 <= found.score <= 1
    assert rank(NEW, [], RULES) == []
    assert rank(NEW, [NEW], RULES) == []


def form(key: str, filled: str, **more: Any) -> Subject:
    """An entry of a printed form: all but a name is the same."""
    return Subject(
        key=key, text=f"邀请市民{filled}关注本市热线公众号并向其介绍公众号的各项服务功能和使用办法", at=NOW, **more
    )


FILLED = ("春江花月夜", "三十六计走为上", "老船长的灯", "北窗旧竹椅", "海棠依旧", "青山不改")


def test_short_entries_that_share_a_form_alone_are_not_the_same_matter() -> None:
    olds = [form(f"O{n}", filled) for n, filled in enumerate(FILLED)]
    others = rank(form("N", "一蓑烟雨"), olds, RULES)
    assert max(one.score for one in others) < 0.4
    again = rank(form("N", FILLED[0]), olds, RULES)
    assert again[0].key == "O0"
    assert again[0].score >= RULES.shown, "the same entry handed in twice is"


def test_at_one_place_or_in_few_candidates_a_form_is_no_form() -> None:
    here = {"address": "和平小区三号楼"}
    olds = [form(f"O{n}", filled, **here) for n, filled in enumerate(FILLED)]
    apart = [form(f"O{n}", filled) for n, filled in enumerate(FILLED)]
    new, far = form("N", "一蓑烟雨", **here), form("N", "一蓑烟雨")
    assert rank(new, olds, RULES)[0].words > 1.5 * rank(far, apart, RULES)[0].words
    few = rank(far, apart[:2], RULES)
    assert few[0].words > 1.5 * rank(far, apart, RULES)[0].words
