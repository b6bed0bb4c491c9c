"""Ground handed in becomes files of a folder."""

import csv
import io
from datetime import date

from grids.tree import Level, Place
from hotline import rulefiles
from hotline.flow.editions import lay
from hotline.flow.editions.lay import Leading

RING = ((120.0, 30.0), (120.01, 30.0), (120.01, 30.01), (120.0, 30.0))
STORED = [
    Place(code="990101", name="甲区", level=Level.DISTRICT),
    Place(code="990101001", name="松岭街道", level=Level.STREET, parent="990101", aliases=("松岭街办",), owner="sl"),
]


def test_what_is_there_keeps_what_the_map_does_not_know() -> None:
    drawn = [
        Place(code="990101001", name="", level=Level.STREET, rings=(RING,)),
        Place(code="990101001001", name="松岭社区", level=Level.COMMUNITY, rings=(RING,)),
    ]
    new = lay.placed(drawn, {place.code: place for place in STORED})
    assert (new[0].name, new[0].aliases, new[0].owner, new[0].rings) == ("松岭街道", ("松岭街办",), "sl", (RING,))
    assert new[1].parent == "990101001"
    whole = lay.merged(new, STORED)
    assert [place.code for place in whole] == ["990101", "990101001", "990101001001"]
    assert list(rulefiles.ground(lay.files(whole, [], date(2026, 1, 1)), "").places) == whole


def test_ground_without_a_code_gets_the_next_free_one() -> None:
    drawn = [Place(code="", name=name, level=Level.COMMUNITY, parent="990101001") for name in ("甲社区", "乙社区")]
    taken = [*STORED, Place(code="990101001004", name="丙社区", level=Level.COMMUNITY, parent="990101001")]
    found = lay.placed(drawn, {place.code: place for place in taken})
    assert [place.code for place in found] == ["990101001005", "990101001006"]
    lost = lay.placed([Place(code="", name="丁", level=Level.COMMUNITY, parent="街道")], {})
    assert lost[0].code == ""


def test_one_person_has_one_login_and_no_phone_in_the_posts() -> None:
    people = [
        Leading(grid="1", leader="甲某", leader_phone="13800000001", deputy="乙某", deputy_phone="13800000002"),
        Leading(grid="2", leader="甲某", leader_phone="13800000001"),
        Leading(grid="3"),
    ]
    files = lay.files(STORED, people, date(2026, 1, 1))
    posts = list(csv.DictReader(io.StringIO(files["leaders.csv"])))
    assert [(post["grid"], post["name"], post["duty"]) for post in posts] == [
        ("1", "甲某", "leader"), ("1", "乙某", "deputy"), ("2", "甲某", "leader"),
    ]  # fmt: skip
    assert posts[0]["login"] == posts[2]["login"] != posts[1]["login"]
    assert "138" not in files["leaders.csv"]
    accounts = list(csv.DictReader(io.StringIO(files["accounts.csv"])))
    assert {row["phone"] for row in accounts} == {"13800000001", "13800000002"}
