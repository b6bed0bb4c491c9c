"""A file of history read for what it teaches."""

from pathlib import Path

import pytest

from hotline.channels import pasts
from hotline.channels.columns import Map
from hotline.channels.errors import Unusable
from hotline.channels.sheets import open_sheet
from hotline.flow.learning.learn import Past
from tests.hotline.channels.cast import write


def test_what_each_row_teaches(tmp_path: Path) -> None:
    headings = ("诉求内容", "处置单位", "行业分类1级", "行业分类2级", "辖区", "镇街", "村居")
    rows = [
        ("甲", "环卫所", "市容", "垃圾", "甲区", "清河街道", "柳园社区"),
        ("乙", "", "其他", "其他", "全市", "清河街道", ""),
    ]
    sheet = open_sheet(write(tmp_path / "史.csv", rows, headings))
    said = pasts.with_columns(Map())
    assert list(pasts.pasts(sheet, said, lambda _: None)) == [
        Past(area=("市容", "垃圾"), unit="环卫所", place=("甲区", "清河街道", "柳园社区")),
        Past(area=("其他",), unit="", place=()),
    ]


def test_a_column_named_by_a_person(tmp_path: Path) -> None:
    sheet = open_sheet(write(tmp_path / "史.csv", [("甲", "环卫所", "职能一")], ("诉求内容", "处置单位", "办理职能")))
    said = pasts.with_columns(Map(), area=("办理职能",))
    assert next(iter(pasts.pasts(sheet, said, lambda _: None))).area == ("职能一",)


def test_no_column_to_learn_from(tmp_path: Path) -> None:
    sheet = open_sheet(write(tmp_path / "史.csv", [("甲", "乙")], ("诉求内容", "备注")))
    with pytest.raises(Unusable, match="处置单位、行业分类"):
        next(iter(pasts.pasts(sheet, pasts.with_columns(Map()), lambda _: None)))
