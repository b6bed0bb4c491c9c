"""Names of places as people hold them."""

from pathlib import Path

import pytest

from grids.addresses import Landmark
from grids.tree import Level
from hotline.channels import gazetteers
from hotline.channels.errors import Unusable
from hotline.flow.learning.gather import Gazetteer
from tests.hotline.channels.cast import write

PLACES = [("990101", "甲区", "district", ""), ("990101001", "松岭街道", "street", "990101")]
HEADS = ("code", "name", "level", "parent")


def base(tmp_path: Path) -> Gazetteer:
    return gazetteers.read_gazetteer(write(tmp_path / "places.csv", PLACES, HEADS), {}, None)


def test_a_folder_a_table_of_places_and_a_table_of_tickets(tmp_path: Path) -> None:
    assert [place.level for place in base(tmp_path).tree.places] == [Level.DISTRICT, Level.STREET]
    write(tmp_path / "landmarks.csv", [("松岭小学", "990101001")], ("name", "place"))
    held = gazetteers.read_gazetteer(tmp_path, {}, None)
    assert held.landmarks == (Landmark(name="松岭小学", place="990101001"),)
    table = write(
        tmp_path / "t.csv", [("灯", "甲区", "松岭街道", "松岭社区")] * 2, ("诉求内容", "辖区", "镇街", "村居")
    )
    assert [place.name for place in gazetteers.read_gazetteer(table, {}, None).tree.places] == [
        "甲区",
        "松岭街道",
        "松岭社区",
    ]


def test_lists_of_names_come_on_top_of_a_tree(tmp_path: Path) -> None:
    names = tmp_path / "n.txt"
    names.write_text("松岭北路\n\n松\n松岭北路\n", encoding="gb18030")
    assert gazetteers.read_gazetteer(names, {}, base(tmp_path)).loose == ("松岭北路",)
    marks = write(tmp_path / "m.csv", [("松岭小学", "990101001")], ("name", "place"))
    assert gazetteers.read_gazetteer(marks, {}, base(tmp_path)).landmarks[0].name == "松岭小学"
    for alone in (names, marks):
        with pytest.raises(Unusable, match="请另给"):
            gazetteers.read_gazetteer(alone, {}, None)
    with pytest.raises(Unusable, match=r"没有 places\.csv"):
        gazetteers.read_gazetteer(tmp_path.parent, {}, None)
