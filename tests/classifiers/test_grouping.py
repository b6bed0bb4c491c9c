"""Groups of texts: average linkage as the textbook has it, whatever the order, and with candidates only."""

import random

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from classifiers import grouping
from classifiers.grouping import Weighing

SUBJECTS = (
    "路灯不亮晚上看不见",
    "暖气不热老人受冻",
    "垃圾没有人清运发臭",
    "公交车等了一个小时",
    "工地半夜施工吵得睡不着",
)


def made(count: int, seed: int) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    letters = "东西南北中山河湖海天地人和平安新城花园小区街道路桥广场一二三四五六七八九十"
    return [
        (chance.choice(SUBJECTS) + "".join(chance.choices(letters, k=chance.randrange(4, 30))), "")
        for _ in range(count)
    ]


def partition(group: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(group == one).tolist()) for one in np.unique(group)}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alike", [0.1, 0.25, 0.5])
def test_groups_are_those_of_average_linkage(seed: int, alike: float) -> None:
    rows = grouping.weighed(made(120, seed), [""] * 120, Weighing()).matrix
    apart = 1 - (rows @ rows.T).toarray().astype(np.float64)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(np.clip(apart, 0, None), checks=False), "average")
    expected = fcluster(tree, 1 - alike, "distance")
    assert partition(grouping.groups(rows, alike)) == partition(expected)


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = grouping.weighed(made(150, 1), [""] * 150, Weighing()).matrix
    whole = partition(grouping.groups(rows, 0.2))
    monkeypatch.setattr(grouping, "WORK", 500)
    assert partition(grouping.groups(rows, 0.2)) == whole


def test_where_all_cannot_be_compared_rare_pairs_still_bring_the_alike_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [(f"{subject}编号{at:02}", "") for at in range(8) for subject in SUBJECTS]
    monkeypatch.setattr(grouping, "MOST_WORK", 2500)
    group = grouping.groups(grouping.weighed(texts, [""] * len(texts), Weighing()).matrix, 0.3)
    assert len(np.unique(group)) < len(texts)
    for members in partition(group):
        assert len({at % len(SUBJECTS) for at in members}) == 1


def test_the_same_place_brings_alike_texts_nearer_and_never_others() -> None:
    texts = [("电梯坏了没人修", ""), ("电梯停运没人管", ""), ("马路积水没人管", ""), ("楼道没人修坏了", "")]
    texts[2] = ("马路积水", "")
    rows = grouping.weighed(texts, ["甲", "甲", "甲", ""], Weighing(place=0.2)).matrix
    near = (rows @ rows.T).toarray()
    plain = grouping.weighed(texts, [""] * 4, Weighing()).matrix
    assert near[0, 1] > (plain @ plain.T).toarray()[0, 1]
    assert near[0, 2] == pytest.approx(0.2, abs=1e-6)


@pytest.mark.parametrize("text", ["", "。", "一", "!!!??", "\ud800x", "🚰🚰", "a" * 50_000])
def test_nothing_stalls_on_odd_texts(text: str) -> None:
    rows = grouping.weighed([(text, ""), (text, text), ("路灯不亮", "")], [""] * 3, Weighing()).matrix
    assert rows.shape[0] == 3
    assert len(grouping.groups(rows, 0.15)) == 3


def test_no_texts_are_no_groups() -> None:
    assert len(grouping.groups(grouping.weighed([], [], Weighing()).matrix, 0.15)) == 0


def test_in_parts_finds_what_each_part_and_several_parts_share(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [(f"{SUBJECTS[at % 5]}，{at % 5}号", "") for at in range(60)] + [("天气很好今日晴朗", "")]
    rows = grouping.weighed(texts, [""] * len(texts), Weighing()).matrix
    whole = partition(grouping.groups(rows, 0.3))
    monkeypatch.setattr(grouping, "PART", 20)
    order = np.arange(len(texts))[::-1].copy()
    assert partition(grouping.in_parts(rows, order, 0.3)) == whole
    assert len(whole) == 6


def test_many_of_one_matter_join_what_a_sample_of_them_makes() -> None:
    chance = random.Random(5)
    letters = "东西南北中山河湖海天地人和平安新城花园小区街道路桥广场"
    kinds = ["路灯坏了一直不亮晚上看不见路", "垃圾桶满了好几天没有人来清运", "自来水停了两天没有通知我们"]
    texts = [(kinds[at % 3] + "".join(chance.choices(letters, k=4)), "") for at in range(300)]
    alone = [("".join(chance.choices(letters, k=12)), "") for _ in range(5)]
    rows = grouping.weighed([*texts, *alone], [""] * 305, Weighing()).matrix
    found = grouping.in_parts(rows, np.arange(305), 0.3)
    assert [len(set(found[kind:300:3].tolist())) for kind in range(3)] == [1, 1, 1]
    assert len(set(found[:300].tolist())) == 3
    assert not set(found[:300].tolist()) & set(found[300:].tolist())
    assert partition(found) == partition(grouping.groups(rows, 0.3))
