from __future__ import annotations

import pytest

from grids.addresses import SHORT, Landmark
from grids.errors import NoSuchGrid
from grids.learning import LEARNED, Confirmed, learn, phrases
from grids.locate import Locator
from grids.tree import Tree

LAKE, NORTH = "990101002001", "990101001001"


def test_phrases_end_like_names_and_never_cross_punctuation() -> None:
    assert phrases("在，柳荫路停车") == {"柳荫路"}
    assert phrases("望江苑三号楼") == {"望江苑", "江苑3号", "望江苑3号", "苑3号"}
    assert phrases("路，街，村") == frozenset()
    assert phrases("") == frozenset()


def taught(tree: Tree, *pairs: tuple[str, str], support: int = 2) -> dict[str, str]:
    landmarks = learn(tree, [Confirmed(text, place) for text, place in pairs], support=support)
    assert all(landmark.kind == LEARNED for landmark in landmarks)
    return {landmark.name: landmark.place for landmark in landmarks}


def test_a_phrase_of_two_texts_in_one_place_is_learned(tree: Tree) -> None:
    assert taught(tree, ("夜里柳荫路施工", LAKE), ("请看，柳荫路积水", LAKE)) == {"柳荫路": LAKE}


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([("，柳荫路施工", LAKE)], {}),
        ([("，柳荫路施工", LAKE), ("，柳荫路施工", LAKE)], {}),
        ([("，柳荫路一", "990101001001"), ("，柳荫路二", "990101001002")], {"柳荫路": "990101001"}),
        ([("，柳荫路一", LAKE), ("，柳荫路二", NORTH)], {}),
        ([("，老金柳荫路一", LAKE), ("，老金柳荫路二", LAKE)], {"老金柳荫路": LAKE}),
        ([("，北苑街道办事处一", NORTH), ("，北苑街道办事处二", NORTH)], {}),
    ],
    ids=["one text", "the same text twice", "two communities of a street", "two streets", "written out", "known names"],
)
def test_what_is_and_is_not_learned(tree: Tree, pairs: list[tuple[str, str]], found: dict[str, str]) -> None:
    assert taught(tree, *pairs) == found


def test_four_texts_of_five_are_enough_and_three_are_not(tree: Tree) -> None:
    texts = [(f"，柳荫路{word}", LAKE) for word in "施积停吵"]
    assert taught(tree, *texts, ("，柳荫路灯", "990102001001")) == {"柳荫路": LAKE}
    assert taught(tree, *texts[:3], ("，柳荫路灯", "990102001001")) == {}


def test_what_is_learned_places_the_next_text(tree: Tree) -> None:
    learned = learn(tree, [Confirmed("夜里柳荫路施工", LAKE), Confirmed("请看，柳荫路积水", LAKE)])
    assert learned == (Landmark(name="柳荫路", place=LAKE, kind=LEARNED, seen=2, agreed=2),)
    found = Locator(tree, learned).locate("柳荫路又堵了", "", None)
    assert (found.community, found.how, found.confidence) == (LAKE, "text", 0.576)
    assert Locator(tree).locate("柳荫路又堵了", "", None).community is None


def test_a_place_that_the_tree_does_not_hold_is_refused(tree: Tree) -> None:
    with pytest.raises(NoSuchGrid):
        learn(tree, [Confirmed("，柳荫路", "0")])


def test_a_short_name_is_trusted_as_often_as_it_was_right(tree: Tree) -> None:
    texts = [
        Confirmed(f"北苑{word}积水", place) for word, place in zip("甲乙丙丁", [NORTH, LAKE, LAKE, LAKE], strict=True)
    ]
    learned = learn(tree, texts)
    assert Landmark(name="北苑", place="990101001", kind=SHORT, seen=4, agreed=1) in learned
    doubted = Locator(tree, learned).locate("北苑戊积水", "", None).confidence
    assert doubted < Locator(tree).locate("北苑戊积水", "", None).confidence
    assert Locator(tree, learned).locate("北苑街道积水", "", None).street == "990101001"
