"""Tickets read for where they are."""

from pathlib import Path

import pytest

from hotline.channels import placed
from hotline.channels.errors import Unusable
from hotline.channels.placed import PlacedText
from hotline.channels.sheets import open_sheet
from tests.hotline.channels.cast import write

HEADINGS = ("诉求内容", "诉求地址", "辖区", "镇街", "村居")


def read(path: Path, *, places: bool = True, **named: str) -> list[PlacedText]:
    return list(placed.read_placed(open_sheet(path), named, places=places))


def test_rows_with_and_without_a_label(tmp_path: Path) -> None:
    rows = [("路灯不亮", "松岭街道", "甲区", "松岭街道", "松岭社区"), ("积水", "", "全市", "", "松岭社区")]
    found = read(write(tmp_path / "a.csv", rows, HEADINGS))
    assert [one.names for one in found] == [("甲区", "松岭街道", "松岭社区"), ("", "", "")]
    assert (found[0].text, found[0].address) == ("路灯不亮", "松岭街道")


def test_an_address_alone_is_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [("松岭街道3号", "松岭街道")], ("位置", "归属"))
    found = read(path, address="位置", street="归属")
    assert (found[0].address, found[0].names) == ("松岭街道3号", ("", "松岭街道", ""))


def test_without_a_column_of_streets(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [("路灯不亮",)], ("诉求内容",))
    with pytest.raises(Unusable, match="请用 --street 写明"):
        read(path)
    assert read(path, places=False)[0].text == "路灯不亮"
