"""From one list of areas to the next: renamed, merged, split, moved, gone; and texts that follow."""

import pytest

from classifiers.succession import changes, heirs, relabel
from classifiers.taxonomy import Area, Taxonomy, build

OLD = build("2026.1", [
    Area(code="01", name="市容"),
    Area(code="0101", name="垃圾", parent="01"),
    Area(code="0102", name="公厕", parent="01"),
    Area(code="02", name="市政"),
    Area(code="0201", name="路灯", parent="02"),
    Area(code="0202", name="井盖", parent="02"),
    Area(code="0203", name="广告牌", parent="02"),
])  # fmt: skip
NEW = build("2027.1", [
    Area(code="01", name="市容环卫"),
    Area(code="0111", name="生活垃圾", parent="01", keywords=("垃圾桶", "清运"), formerly=("0101",)),
    Area(code="0112", name="建筑垃圾", parent="01", keywords=("渣土", "装修"), formerly=("0101",)),
    Area(code="02", name="市政"),
    Area(code="0210", name="道路附属设施", parent="02", formerly=("0201", "0202")),
    Area(code="0102", name="公厕", parent="02"),
    Area(code="0299", name="隔音屏", parent="02"),
])  # fmt: skip


def test_every_change_is_named_once_in_words() -> None:
    told = {one.code: (one.what, one.heirs) for one in changes(OLD, NEW)}
    assert told == {
        "01": ("renamed", ("01",)),
        "0101": ("split", ("0111", "0112")),
        "0102": ("moved", ("0102",)),
        "0201": ("merged", ("0210",)),
        "0202": ("merged", ("0210",)),
        "0203": ("gone", ()),
        "0299": ("new", ("0299",)),
    }
    assert "“市容/垃圾”（0101）拆分为" in next(one.text for one in changes(OLD, NEW) if one.code == "0101")


def test_no_change_is_no_change() -> None:
    assert changes(OLD, OLD) == ()


def test_an_area_under_another_code_is_renamed_and_one_into_an_old_one_is_merged() -> None:
    other = build(
        "x", [Area(code="01", name="市容", formerly=("02",)), Area(code="0301", name="路灯", formerly=("0201",))]
    )
    told = {one.code: one.what for one in changes(OLD, other)}
    assert (told["02"], told["0201"]) == ("merged", "renamed")


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("0201", "路灯不亮", "0210"),
        ("0102", "公厕太脏", "0102"),
        ("0101", "垃圾桶满了没人清运", "0111"),
        ("0101", "装修渣土堆在路边", "0112"),
        ("0101", "味道很大", ""),
        ("0101", "垃圾桶边堆着装修的东西", ""),
        ("0101", "", ""),
        ("0203", "广告牌快掉了", ""),
        ("9999", "从来没有过的编码", ""),
    ],
)
def test_a_text_follows_its_area_or_waits_for_a_person(code: str, text: str, expected: str) -> None:
    assert relabel(code, text, "", NEW) == expected


def test_the_title_counts_too() -> None:
    assert relabel("0101", "请处理", "渣土占道", NEW) == "0112"


def test_a_part_may_be_taken_out_of_an_area_that_stays() -> None:
    new: Taxonomy = build(
        "n", [Area(code="A", name="噪声", keywords=("噪声",)), Area(code="B", name="广场舞", formerly=("A",))]
    )
    assert heirs("A", new) == ("A", "B")
    assert relabel("A", "广场舞声音大", "", new) == "B"
    assert relabel("A", "噪声大", "", new) == "A"
