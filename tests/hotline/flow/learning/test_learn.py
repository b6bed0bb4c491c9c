"""What a city's history teaches: codes that stay, duty rows with support, disputes left to people."""

import csv
import io

import pytest

from classifiers.succession import codes_of
from dispatch import rulebook
from hotline import city as cities
from hotline.cli.city import preset
from hotline.flow.learning import learn
from hotline.flow.learning.learn import Head, Learned, Past

HEAD = Head(region="test", name='甲"市', short="JS", zone="Asia/Shanghai", edition="t.1")
PLACE = ("甲区", "清河街道办事处", "柳园社区居委会")


def past(area: str, unit: str, times: int = 1, place: tuple[str, ...] = ()) -> list[Past]:
    return [Past(area=tuple(area.split("/")) if area else (), unit=unit, place=place)] * times


def learned(*pasts: list[Past]) -> Learned:
    return learn.learn([one for some in pasts for one in some], HEAD, preset())


def table(found: Learned, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.files[name])))


def rows(found: Learned) -> list[tuple[str, str, str, int]]:
    units = {row["code"]: row["name"] for row in table(found, "units.csv")}
    places = {row["code"]: row["name"] for row in table(found, "places.csv")} | {"": ""}
    return [(row.label, places[row.place], units[row.unit], row.support) for row in found.duty]


def test_a_clear_majority_becomes_a_duty_row() -> None:
    found = learned(past("市容/垃圾", "环卫所", 3), past("市容/垃圾", "路灯所", 2))
    assert rows(found) == [("市容/垃圾", "", "环卫所", 3)]
    assert table(found, "duty.csv")[0] | {"unit": ""} == {
        "id": "L0001", "area": "0101", "place": "", "unit": "", "helpers": "", "grid_role": "", "basis": "历史工单",
        "note": "5件中的3件（60%）", "since": "", "until": "", "support": "3",
        "of": "5", "bound": "0.7534",
    }  # fmt: skip
    assert found.covered == 0.6


@pytest.mark.parametrize(
    ("pasts", "why"),
    [
        ([past("市容/垃圾", "环卫所", 5), past("市容/垃圾", "路灯所", 4)], "第一位只占56%"),
        ([past("治安", "公安", 2)], "只有2件"),
    ],
)
def test_what_is_disputed_is_listed_and_left_out(pasts: list[list[Past]], why: str) -> None:
    found = learned(*pasts)
    assert rows(found) == []
    assert [one.why.startswith(why) for one in found.disputed] == [True]
    assert why in learn.disputed_csv(found)
    assert why in learn.report(found, "甲市")


def test_a_dispute_may_be_settled_place_by_place() -> None:
    other = ("乙区", "东山镇")
    found = learned(past("市容/垃圾", "甲区城管局", 4, PLACE), past("市容/垃圾", "乙区城管局", 4, other))
    assert sorted(rows(found)) == sorted(
        [
            ("市容/垃圾", "甲区", "甲区城管局", 4),
            ("市容/垃圾", "清河街道办事处", "甲区城管局", 4),
            ("市容/垃圾", "乙区", "乙区城管局", 4),
            ("市容/垃圾", "东山镇", "乙区城管局", 4),
        ]
    )
    assert len(found.disputed) == 1


def test_rare_areas_are_counted_in_the_area_above() -> None:
    found = learned(past("市容/垃圾", "环卫所", 4), past("市容/垃圾/冰箱", "环卫所"), past("治安", "公安", 1))
    assert found.folded == 1
    assert [row["name"] for row in table(found, "areas.csv")] == ["市容", "垃圾", "治安"]
    assert rows(found) == [("市容/垃圾", "", "环卫所", 5)]


def test_an_area_with_finer_ones_below_gets_no_row() -> None:
    found = learned(past("市容/垃圾", "环卫所", 4), past("市容", "城管局", 9))
    assert rows(found) == [("市容/垃圾", "", "环卫所", 4)]
    assert [(one.label, one.support) for one in found.disputed] == [("市容", 9)]
    assert "更细" in found.disputed[0].why


def test_codes_follow_from_names_alone() -> None:
    one = learned(past("市容/垃圾", "环卫所", 4, PLACE), past("治安", "公安", 4))
    two = learned(past("治安", "公安", 4), past("市容/垃圾", "环卫所", 4, PLACE))
    assert one.files == two.files
    more = learned(past("市容/垃圾", "环卫所", 4, PLACE), past("治安", "公安", 4, ("丁区",)))
    kept = {row["name"]: row["code"] for row in table(one, "places.csv")}
    assert {row["name"]: row["code"] for row in table(more, "places.csv")}.items() >= kept.items()
    assert [len(code) for code in kept.values()] == [6, 9, 12]
    assert all(code.startswith("99") for code in kept.values())


def test_more_than_99_areas_beside_each_other() -> None:
    codes = codes_of([(f"事项{number:03d}",) for number in range(120)])
    assert len(set(codes.values())) == 120
    assert {len(code) for code in codes.values()} == {3}


def test_places_that_would_share_a_code_do_not() -> None:
    codes = learn.place_codes([("甲区", f"第{number}街道") for number in range(900)])
    assert len(set(codes.values())) == 901
    more = learn.place_codes([("甲区", f"第{number}街道") for number in range(-50, 900)], codes)
    assert more.items() >= codes.items()
    assert len(set(more.values())) == 951


def test_street_offices_answer_for_their_street() -> None:
    found = learned(past("市容/垃圾", "清河街道办事处", 4, PLACE), past("治安", "公安分局", 4, PLACE))
    units = {row["name"]: (row["place"], row["backstop"]) for row in table(found, "units.csv")}
    street = next(row["code"] for row in table(found, "places.csv") if row["level"] == "street")
    assert units == {"清河街道办事处": (street, "true"), "公安分局": ("", "false")}
    assert [row["aliases"] for row in table(found, "places.csv")] == ["", "清河街道", "柳园社区"]


def test_the_files_are_a_city() -> None:
    found = learned(
        past("市容/垃圾", "环卫所", 4, PLACE), past("治安", "公安", 4), past("", "无事项"), past("无单位/甲", "")
    )
    city = cities.build(found.files)
    assert (city.name, city.edition, city.short, len(city.units)) == ('甲"市', "t.1", "JS", 3)
    findings = rulebook.check(city.rulebook, city.taxonomy, city.tree)
    assert [one for one in findings if one.severity == "error"] == []
    assert found.tickets == 10


def test_the_preset_claims_no_regulation_of_another_place() -> None:
    text = "".join(preset().values())
    assert 'source = "示例区' not in text
    assert "凉政办发〔2018〕116号" in text
    assert "\narea = " not in preset()["promises.toml"]


def test_an_empty_history() -> None:
    found = learned()
    assert (found.tickets, found.duty, found.covered) == (0, (), 0.0)
