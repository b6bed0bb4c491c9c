import msgspec
import pytest

from classifiers.errors import BrokenTaxonomy, UnknownArea
from classifiers.taxonomy import Area, Taxonomy, build


@pytest.mark.parametrize(
    ("areas", "at", "said"),
    [
        ([Area(code="01", name="甲"), Area(code="01", name="乙")], "01", "编码重复"),
        ([Area(code="0101", name="甲", parent="01")], "0101", "上级“01”不存在"),
        ([Area(code="a", name="甲", parent="b"), Area(code="b", name="乙", parent="a")], "a", "上下级成环"),
        ([Area(code="a", name="甲", parent="a")], "a", "上下级成环"),
        ([Area(code="", name="甲")], "", "编码为空或首尾有空格"),
        ([Area(code=" 01", name="甲")], " 01", "编码为空或首尾有空格"),
        ([Area(code="01", name=" ")], "01", "没有名称"),
        ([Area(code=str(k), name="甲", parent=str(k - 1) if k else None) for k in range(5)], "4", "超过 4 级"),
    ],
)
def test_a_broken_table_is_refused(areas: list[Area], at: str, said: str) -> None:
    with pytest.raises(BrokenTaxonomy) as caught:
        build("1", areas)
    assert (caught.value.area, caught.value.message) == (at, said)


def test_four_levels_are_allowed_and_children_may_come_first() -> None:
    areas = [Area(code=str(k), name=f"第{k}级", parent=str(k - 1) if k else None) for k in (3, 2, 1, 0)]
    assert build("1", areas).label("3") == "第0级/第1级/第2级/第3级"


def test_codes_paths_and_labels(town: Taxonomy) -> None:
    assert town.get("0101").name == "垃圾清运"
    assert [area.code for area in town.path("0101")] == ["0101", "01"]
    assert town.label("0101") == "市容环卫/垃圾清运"
    assert town.label("01") == "市容环卫"
    assert [area.code for area in town.leaves()][:3] == ["0101", "0102", "0201"]
    assert len(town.leaves()) == 9
    with pytest.raises(UnknownArea) as caught:
        town.get("99")
    assert (caught.value.area, caught.value.edition) == ("99", "2026.1")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("0101", "0101"),
        (" 0101 ", "0101"),
        ("垃圾清运", "0101"),
        ("垃圾 清运", "0101"),
        ("收垃圾", "0101"),
        ("市容环卫/垃圾清运", "0101"),
        ("市容环卫", "01"),
        ("没有的事", None),
        ("", None),
    ],
)
def test_find(town: Taxonomy, word: str, code: str | None) -> None:
    found = town.find(word)
    assert (found and found.code) == code


def test_find_prefers_codes_then_labels_then_names_then_aliases_and_never_guesses() -> None:
    table = build(
        "1",
        [
            Area(code="1", name="其他事项"),
            Area(code="11", name="其他", parent="1", aliases=("杂项",)),
            Area(code="2", name="城建"),
            Area(code="21", name="其他", parent="2", aliases=("杂项", "城建")),
            Area(code="3", name="11", aliases=("3", "三")),
        ],
    )
    codes = {word: (area.code if (area := table.find(word)) else None) for word in ("11", "其他", "杂项", "城建", "三")}
    assert codes == {"11": "11", "其他": None, "杂项": None, "城建": "2", "三": "3"}
    assert (found := table.find("城建/其他")) is not None
    assert found.code == "21"


def test_a_table_survives_json_and_refuses_unknown_fields(town: Taxonomy) -> None:
    assert msgspec.json.decode(msgspec.json.encode(town), type=Taxonomy) == town
    with pytest.raises(msgspec.ValidationError, match="unknown field `colour`"):
        msgspec.convert({"code": "1", "name": "甲", "colour": "red"}, Area)
