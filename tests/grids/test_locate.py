from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest

from grids.addresses import Landmark
from grids.errors import NoSuchGrid
from grids.geometry import Point
from grids.locate import Locator
from grids.tree import Level, Place, Tree, plant

G1, G2 = "990101001001001", "990101001001002"
MIDDLE_OF_G1 = Point(120.005, 30.005)
MIDDLE_OF_SOUTH_LAKE = Point(120.035, 30.005)


@pytest.mark.parametrize(
    ("text", "address", "deepest", "how", "why"),
    [
        (
            "",
            "北苑街道幸福里小区三号楼",
            "990101001001",
            "address",
            "地址中的“北苑街道”“幸福里小区”指向北苑社区居委会，未能定到网格",
        ),
        ("北苑街办门口积水", "", "990101001", "text", "内容中的“北苑街办”指向北苑街道办事处，只能定到街道，待核地址"),
        ("北苑堵车", "", "990101001", "text", "内容中的“北苑”指向北苑街道办事处，只能定到街道，待核地址"),
        ("", "云台区", "990102", "address", "地址中的“云台区”指向云台区，只能定到区，待核地址"),
        ("和平社区漏水", "云台区", "990102001001", "address", "地址和内容中的“云台区”“和平社区”指向和平社区"),
        ("云台区和平社区漏水", "", "990102001001", "text", "内容中的“云台区”“和平社区”指向和平社区"),
        (
            "清风路井盖丢失",
            "",
            "990101001",
            "text",
            "内容中的“清风路”指向北苑街道办事处，“清风路”不止一处，只能定到街道，待核地址",
        ),
        (
            "清风路一百六十八号对面井盖丢失",
            "",
            "990101001002002",
            "text",
            "内容中的“清风路一百六十八号”指向和平社区第二网格",
        ),
        ("滨河花园停电", "", "990101001002001", "text", "内容中的“滨河花园”指向和平社区第一网格"),
        ("三台社区漏水", "", "990102001002001", "text", "内容中的“三台社区”指向三台社区第一网格（该社区只有一个网格）"),
        ("第二网格门口", "北苑社区", G2, "address", "地址和内容中的“北苑社区”“第二网格”指向北苑社区第二网格"),
        (
            "北苑社区也有",
            "南湖镇",
            "990101002",
            "address",
            "地址中的“南湖镇”指向南湖镇，但内容提到“北苑社区”，以地址为准，只能定到街道，待核地址",
        ),
        (
            "",
            "南湖镇南塘村东山街道",
            "990101002001",
            "address",
            "地址中的“南湖镇”“南塘村”指向南塘村委会，但地址中的“东山街道”指向别处",
        ),
        ("", "和平社区路口", None, "none", "“和平社区”不止一处，缺少区或街道，待核地址"),
        ("垃圾没人清运", "", None, "none", "诉求内容和地址中都没有认出地名，待核地址"),
        ("", "", None, "none", "诉求内容和地址中都没有认出地名，待核地址"),
    ],
)
def test_words(locator: Locator, text: str, address: str, deepest: str | None, how: str, why: str) -> None:
    found = locator.locate(text, address, None)
    assert (found.grid or found.community or found.street or found.district) == deepest
    assert (found.how, found.why) == (how, why)
    assert (found.confidence > 0) == (deepest is not None)


def test_every_level_above_the_answer_is_given(locator: Locator) -> None:
    found = locator.locate("", "", MIDDLE_OF_G1)
    assert (found.grid, found.community, found.street, found.district) == (G1, "990101001001", "990101001", "990101")


@pytest.mark.parametrize(
    ("address", "point", "deepest", "confidence", "why"),
    [
        ("", MIDDLE_OF_G1, G1, 0.95, "坐标落在网格“北苑社区第一网格”内"),
        ("北苑街道", MIDDLE_OF_G1, G1, 0.98, "坐标落在网格“北苑社区第一网格”内，与地址中的“北苑街道”一致"),
        (
            "云台区东山街道",
            MIDDLE_OF_G1,
            G1,
            0.6,
            "坐标落在网格“北苑社区第一网格”内，但地址中的“云台区”“东山街道”指向东山街道，以坐标为准，请核对",
        ),
        ("", MIDDLE_OF_SOUTH_LAKE, "990101002002", 0.95, "坐标落在社区“南湖社区”内"),
        ("", Point(119.9999, 30.005), G1, 0.65, "坐标距网格“北苑社区第一网格”边界约10米"),
        ("", Point(120.5, 30.5), None, 0, "坐标不在任何已划定的范围内；诉求内容和地址中都没有认出地名，待核地址"),
        (
            "南湖镇",
            Point(120.5, 30.5),
            "990101002",
            0.92,
            "坐标不在任何已划定的范围内；地址中的“南湖镇”指向南湖镇，只能定到街道，待核地址",
        ),
    ],
)
def test_points(locator: Locator, address: str, point: Point, deepest: str | None, confidence: float, why: str) -> None:
    found = locator.locate("", address, point)
    assert (found.grid or found.community or found.street) == deepest
    assert (found.confidence, found.why) == (confidence, why)


@pytest.mark.parametrize(
    ("lng", "grid", "nearby"),
    [(120.0097, G1, (G2,)), (120.0103, G2, (G1,)), (120.0096, G1, ()), (120.0104, G2, ())],
)
def test_within_thirty_metres_of_a_border_both_grids_are_candidates(
    locator: Locator, lng: float, grid: str, nearby: tuple[str, ...]
) -> None:
    found = locator.locate("", "", Point(lng, 30.005))
    assert (found.grid, found.nearby) == (grid, nearby)
    assert found.confidence == (0.75 if nearby else 0.95)


def test_a_grid_beside_a_community_without_grids_is_a_candidate_too(locator: Locator) -> None:
    found = locator.locate("", "", Point(120.0302, 30.005))
    assert (found.community, found.nearby) == ("990101002002", ("990101001002001",))


def test_the_border_is_a_setting(tree: Tree) -> None:
    assert Locator(tree, border=100).locate("", "", Point(120.0095, 30.005)).nearby == (G2,)


def test_words_narrow_a_polygon_that_is_drawn_above_them() -> None:
    ring = ((120.0, 30.0), (120.1, 30.0), (120.1, 30.1), (120.0, 30.1), (120.0, 30.0))
    tree = plant(
        "1",
        [
            Place(code="1", name="示例区", level=Level.DISTRICT),
            Place(code="11", name="北苑街道", level=Level.STREET, parent="1", rings=(ring,)),
            Place(code="111", name="北苑社区", level=Level.COMMUNITY, parent="11"),
        ],
    )
    found = Locator(tree).locate("", "北苑社区3号楼", Point(120.05, 30.05))
    assert (found.community, found.how, found.confidence) == ("111", "point", 0.92)
    assert found.why == "坐标落在街道“北苑街道”内，与地址中的“北苑社区”一致"


def test_the_text_lowers_what_the_address_says_only_when_it_contradicts(locator: Locator) -> None:
    alone = locator.locate("", "南湖镇", None).confidence
    assert locator.locate("南湖镇修路", "南湖镇", None).confidence == alone
    assert locator.locate("北苑社区修路", "南湖镇", None).confidence < alone


def test_many_at_once_are_the_same_as_one_by_one(locator: Locator) -> None:
    rows = [
        ("北苑堵车", "", None),
        ("", "云台区", MIDDLE_OF_G1),
        ("", "", Point(120.5, 30.5)),
        ("", "", MIDDLE_OF_SOUTH_LAKE),
        ("垃圾", "", None),
    ]
    assert locator.locate_many(rows) == [locator.locate(*row) for row in rows]
    assert locator.locate_many([]) == []


def test_a_landmark_with_coordinates_outside_its_own_place_stays_in_it(tree: Tree) -> None:
    astray = Landmark(name="望江阁", place="990101002", lng=120.005, lat=30.005)
    assert Locator(tree, [astray]).locate("望江阁", "", None).street == "990101002"


def test_a_landmark_nowhere_is_refused(tree: Tree) -> None:
    with pytest.raises(NoSuchGrid):
        Locator(tree, [Landmark(name="望江阁", place="0")])


def test_a_text_of_150_characters_takes_well_under_a_millisecond() -> None:
    numbers = range(100, 400)
    heads = "甲乙丙丁戊己庚辛壬癸"
    stems = ["".join(heads[int(digit)] for digit in str(value)) for value in numbers]
    places = [
        Place(code="1", name="示例区", level=Level.DISTRICT),
        Place(code="11", name="北苑街道", level=Level.STREET, parent="1"),
        *(Place(code=f"11{stem}", name=f"{stem}社区", level=Level.COMMUNITY, parent="11") for stem in stems),
    ]
    landmarks = [Landmark(name=f"{stem}花园{n}期", place=f"11{stem}") for stem in stems for n in "一二"][:500]
    locator = Locator(plant("1", places), landmarks)
    text = ("北苑街道" + "乙甲甲花园一期三号楼门口的路灯坏了，" * 9)[:150]
    assert locator.locate(text, "", None).community == "11乙甲甲"
    fastest = min(_seconds(locator, text) for _ in range(20))
    assert fastest < 0.001


def _seconds(locator: Locator, text: str) -> float:
    start = perf_counter()
    locator.locate(text, text, None)
    return perf_counter() - start


def test_threads_share_one_locator(locator: Locator) -> None:
    rows = [("北苑堵车", "云台区", Point(120 + step / 2500, 30.005)) for step in range(100)]
    alone = locator.locate_many(rows)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == alone for found in pool.map(locator.locate_many, [rows] * 20))


def test_a_point_that_is_no_point_is_nowhere(locator: Locator) -> None:
    found = locator.locate("", "南湖镇", Point(math.nan, 30.005))
    assert (found.street, found.how) == ("990101002", "address")
