from __future__ import annotations

import pytest

from grids.addresses import Gazetteer, Landmark, Name
from grids.evidence import Choice, Scale, weight
from grids.locate import Locator
from grids.tree import Tree


def choose(tree: Tree, landmarks: tuple[Landmark, ...], text: str, within: str | None = None) -> Choice | None:
    return Scale(tree).choose(text, Gazetteer(tree, landmarks).hits(text), within)


@pytest.mark.parametrize(
    ("text", "code", "words", "against"),
    [
        ("北苑街道", "990101001", ("北苑街道",), ()),
        ("示例区和平社区", "990101001002", ("示例区", "和平社区"), ()),
        ("和平社区，云台区", "990102001001", ("和平社区", "云台区"), ()),
        ("北苑街道清风路", "990101001", ("北苑街道", "清风路"), ()),
        ("和平社区清风路，示例区", "990101001002", ("和平社区", "清风路", "示例区"), ()),
        ("南湖镇南塘村，东山街道", "990101002001", ("南湖镇", "南塘村"), ("东山街道",)),
        ("东山街道，南湖镇", "990102001", ("东山街道",), ("南湖镇",)),
        ("云台区，南塘", "990102", ("云台区",), ()),
        ("东山街道，北苑", "990102001", ("东山街道",), ()),
        ("北苑街道，南塘村", "990101002001", ("南塘村",), ("北苑街道",)),
        ("北苑街道，北苑街办", "990101001", ("北苑街道",), ()),
        ("示例区，南塘", "990101002001", ("示例区", "南塘"), ()),
        ("北苑社区，第二网格", "990101001001002", ("北苑社区", "第二网格"), ()),
    ],
)
def test_names_are_weighed_together(
    tree: Tree, landmarks: tuple[Landmark, ...], text: str, code: str, words: tuple[str, ...], against: tuple[str, ...]
) -> None:
    chosen = choose(tree, landmarks, text)
    assert chosen is not None
    assert (chosen.code, chosen.words, chosen.against) == (code, words, against)
    assert 0 < chosen.confidence <= 1


@pytest.mark.parametrize("text", ["", "垃圾没人清运", "南塘", "第二网格"])
def test_nothing_or_a_weak_name_alone_is_no_evidence(tree: Tree, landmarks: tuple[Landmark, ...], text: str) -> None:
    assert choose(tree, landmarks, text) is None


def test_a_name_of_two_districts_alone_means_neither(tree: Tree, landmarks: tuple[Landmark, ...]) -> None:
    chosen = choose(tree, landmarks, "和平社区")
    assert chosen == Choice(code=None, words=("和平社区",), shared=True)


def test_a_road_through_two_communities_means_their_street(tree: Tree, landmarks: tuple[Landmark, ...]) -> None:
    chosen = choose(tree, landmarks, "清风路")
    assert chosen is not None
    assert (chosen.code, chosen.shared) == ("990101001", True)


def test_only_inside_what_is_known(tree: Tree, landmarks: tuple[Landmark, ...]) -> None:
    chosen = choose(tree, landmarks, "和平社区", "990102")
    assert chosen is not None
    assert chosen.code == "990102001001"
    assert choose(tree, landmarks, "北苑街道", "990102") is None


def test_support_raises_and_contradiction_lowers(tree: Tree, landmarks: tuple[Landmark, ...]) -> None:
    def confidence(text: str) -> float:
        chosen = choose(tree, landmarks, text)
        assert chosen is not None
        assert chosen.code == "990101002001"
        return chosen.confidence

    alone, supported, opposed = map(confidence, ("南塘村", "南湖镇南塘村", "南湖镇南塘村，东山街道"))
    assert opposed < alone < supported
    assert confidence("南塘村，南塘村委会，南塘村") == alone, "a repeated name is not a second witness"


@pytest.mark.parametrize(
    ("kind", "short", "weak", "value"),
    [
        ("street", False, False, 0.92),
        ("estate", False, False, 0.8),
        ("learned", False, False, 0.6),
        ("street", True, False, 0.7),
        ("community", True, False, 0.5),
        ("community", True, True, 0.35),
        ("grid", True, True, 0.8),
    ],
)
def test_weights(kind: str, short: bool, weak: bool, value: float) -> None:
    assert weight(Name(("1",), kind, short, weak)) == value


def test_what_places_share(tree: Tree) -> None:
    scale = Scale(tree)
    assert scale.shared(["990101001001001", "990101001002002"]) == "990101001"
    assert scale.shared(["990101001", "990101001002002"]) == "990101001"
    assert scale.shared(["990101001001", "990102001001"]) is None
    assert (scale.depth("990101"), scale.depth("990101001001001")) == (0, 3)
    assert scale.agrees("990101", "990101001001001")
    assert not scale.agrees("990101001", "990101002")


def test_the_smallest_of_what_lies_beside(tree: Tree) -> None:
    others = ["990101001", "990101001002", "990101001002001", "990101002"]
    assert Scale(tree).apart("990101001001", others) == ("990101001002001", "990101002")
    assert Scale(tree).apart("990101001002", ["990101001002001", "990101"]) == ("990101001002001",)


def test_of_two_places_the_one_the_text_says_it_is_at_is_the_matters(tree: Tree) -> None:
    locator = Locator(tree)
    for text in ("我是北苑街道居民，反映位于南湖镇的工地扬尘", "南湖镇居民反映，地址：北苑街道，路灯不亮"):
        said = locator.locate(text, "", None)
        assert said.street == ("990101002" if "位于南湖镇" in text else "990101001")
        assert "指向别处" in said.why
