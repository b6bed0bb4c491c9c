from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.addresses import Gazetteer, Landmark, fold, number
from grids.errors import NoSuchGrid
from grids.tree import Level, Place, Tree, plant


@pytest.fixture(scope="module")
def gazetteer(tree: Tree, landmarks: tuple[Landmark, ...]) -> Gazetteer:
    return Gazetteer(tree, landmarks)


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [
        ("三", "3"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("一百零三", "103"),
        ("五零二", "502"),
        ("两百", "200"),
    ],
)
def test_numerals(numeral: str, digits: str) -> None:
    assert number(numeral) == digits


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("三号楼", "3号楼"),
        ("３号楼", "3号楼"),
        ("3#楼", "3号楼"),
        ("3＃", "3号楼"),
        ("十二栋", "12号楼"),
        ("12幢", "12号楼"),
        ("二单元五零二室", "2单元502室"),
        ("第三网格", "3网格"),
        ("第3网格", "3网格"),
        ("第3栋", "3号楼"),
        ("ＡＢＣ座", "abc座"),
        ("一百六十八号", "168号"),
        ("三亚一日游", "三亚一日游"),
        ("", ""),
    ],
)
def test_one_form_for_what_is_written_in_many(written: str, folded: str) -> None:
    assert fold(written)[0] == folded
    assert fold(folded)[0] == folded, "names are folded once, texts once"


@given(st.text(alphabet="第三十3０号楼#栋网格ab　里", max_size=30))
def test_folding_knows_where_every_character_stood(written: str) -> None:
    folded, origin = fold(written)
    if origin is None:
        assert len(folded) == len(written)
    else:
        assert len(origin) == len(folded) + 1
        assert origin == sorted(origin)
        assert origin[-1] == len(written)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("北苑街道办事处门口", [("北苑街道办事处", 0, "990101001", False)]),
        ("在北苑街办门口", [("北苑街办", 1, "990101001", False)]),
        ("家住北苑，停水", [("北苑", 2, "990101001", True)]),
        ("北苑路堵车", []),
        ("北苑东一路堵车", []),
        ("北苑大道和北苑小学之间", []),
        ("北苑社区停水", [("北苑社区", 0, "990101001001", False)]),
        ("南湖新城二期", [("南湖新城", 0, "990101002", False)]),
        ("南湖镇南塘村民委员会", [("南湖镇", 0, "990101002", False), ("南塘村民委员会", 3, "990101002001", False)]),
        ("北苑社区第2网格", [("北苑社区第2网格", 0, "990101001001002", False)]),
        ("北苑二网格", [("北苑二网格", 0, "990101001001002", False)]),
        ("清风路一百六十八号，对面", [("清风路一百六十八号", 0, "990101001002002", False)]),
        ("清风路1688号", [("清风路", 0, "990101001001", False), ("清风路", 0, "990101001002", False)]),
        ("幸福里小区附近交叉口", [("幸福里小区", 0, "990101001001", False)]),
        ("附近、对面、旁边、交叉口", []),
        ("", []),
        ("北", []),
    ],
)
def test_names_in_a_text(gazetteer: Gazetteer, text: str, found: list[tuple[str, int, str, bool]]) -> None:
    mentions = gazetteer.find(text)
    assert [(mention.text, mention.start, mention.place, mention.short) for mention in mentions] == found
    assert all(text[mention.start :].startswith(mention.text) for mention in mentions)


def test_kinds_are_levels_or_the_landmarks_own(gazetteer: Gazetteer) -> None:
    kinds = [mention.kind for mention in gazetteer.find("云台区东山街道三台社区第一网格，幸福里小区，大集")]
    assert kinds == ["district", "street", "grid", "estate", "landmark"]


def test_a_name_of_several_places_gives_one_mention_each(gazetteer: Gazetteer) -> None:
    assert [mention.place for mention in gazetteer.find("和平社区")] == ["990101001002", "990102001001"]


def test_a_short_form_that_may_mean_two_places_is_no_name(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("和平停水") == ()


def test_a_house_number_is_not_found_inside_a_longer_one(tree: Tree) -> None:
    gazetteer = Gazetteer(tree, [Landmark(name="3号楼", place="990101"), Landmark(name="清风路1", place="990101")])
    assert [mention.text for mention in gazetteer.find("三号楼")] == ["三号楼"]
    assert gazetteer.find("13号楼") == ()
    assert gazetteer.find("清风路12") == ()


def test_of_overlapping_names_the_longest_stays(tree: Tree) -> None:
    names = ("新海", "海府路市场", "市场东门")
    gazetteer = Gazetteer(tree, [Landmark(name=name, place="990101") for name in names])
    assert [mention.text for mention in gazetteer.find("新海府路市场东门")] == ["海府路市场"]


def test_a_landmark_nowhere_is_refused(tree: Tree) -> None:
    with pytest.raises(NoSuchGrid) as refused:
        Gazetteer(tree, [Landmark(name="幸福里", place="0")])
    assert refused.value.grid == "0"


def test_a_stem_shared_with_what_lies_inside_means_the_larger_place() -> None:
    tree = plant(
        "1",
        [
            Place(code="1", name="示例区", level=Level.DISTRICT),
            Place(code="11", name="长河镇", level=Level.STREET, parent="1"),
            Place(code="111", name="长河村", level=Level.COMMUNITY, parent="11"),
            Place(code="112", name="长河墟社区", level=Level.COMMUNITY, parent="11"),
        ],
    )
    assert [(mention.place, mention.text) for mention in Gazetteer(tree).find("长河赶集")] == [("11", "长河")]
    assert [mention.place for mention in Gazetteer(tree).find("长河墟赶集")] == ["112"]
    assert len(Gazetteer(tree)) > 10


def test_a_stretch_of_a_road_by_its_house_numbers(tree: Tree) -> None:
    marks = [
        Landmark(name="柳荫路1-99号单号", place="990101001001"),
        Landmark(name="柳荫路2－98号双号", place="990101001002"),
        Landmark(name="柳荫路100-300号", place="990101002001"),
    ]
    found = Gazetteer(tree, marks)
    cases = {
        "柳荫路37号门口": {"990101001001"}, "柳荫路３６号": {"990101001002"}, "柳荫路一百二十号": {"990101002001"},
        "柳荫路128-3号": {"990101002001"}, "柳荫路999号": {"990101001001", "990101001002", "990101002001"},
        "柳荫路积水": {"990101001001", "990101001002", "990101002001"},
    }  # fmt: skip
    assert {text: {one.place for one in found.find(text)} for text in cases} == cases
