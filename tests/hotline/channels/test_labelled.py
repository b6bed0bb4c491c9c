"""A file of labelled texts read into samples: whose labels, which order."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from classifiers.samples import Around
from hotline.channels import pasts
from hotline.channels.columns import Map
from hotline.channels.errors import Unusable
from hotline.channels.labelled import Beside, Labelled, by_unit, labelled, own_labels
from hotline.channels.sheets import open_sheet
from tests.hotline.channels.cast import small_city, write

CITY = small_city()
LEVELS = ("诉求内容", "行业分类1级", "行业分类2级")


def read(path: Path, *, own: bool | None = None, in_order: bool = False, **columns: tuple[str, ...]) -> Labelled:
    said = pasts.with_columns(Map(), **columns)
    return labelled(open_sheet(path), said, CITY.taxonomy, CITY.zone, ("请环卫所处理",), own=own, in_order=in_order)


def test_labels_become_areas_and_unknown_ones_are_counted(tmp_path: Path) -> None:
    headings = ("诉求内容", "工单标题", "受理时间", "行业分类1级", "行业分类2级")
    rows = [
        ("垃圾没收。请环卫所处理", "清运垃圾", "2026-01-01", "市容", "垃圾"),
        ("路灯坏了", "", "2026-01-02", "市政", "路灯"),
        ("树倒了", "", "2026-01-03", "园林", "树木"),
        ("又倒了", "", "2026-01-03", "园林", "树木"),
        ("", "", "2026-01-03", "市政", "路灯"),
        ("没有标签", "", "2026-01-03", "", ""),
    ]
    found = read(write(tmp_path / "史.csv", rows, headings))
    assert [(one.text, CITY.area_label(one.area)) for one in found.samples] == [
        ("垃圾没收。", "市容/垃圾"),
        ("路灯坏了", "市政/路灯"),
    ]
    assert found.samples[0].title == "清运垃圾"
    assert found.samples[0].at is not None
    assert (found.rows, found.unknown, found.blank) == (6, {"园林/树木": 2}, 2)
    assert (found.own, found.dated, found.taxonomy) == (False, "column", CITY.taxonomy)


def test_a_file_of_other_labels_keeps_its_own(tmp_path: Path) -> None:
    rows = [("路灯坏了", "电/灯 "), ("水管爆了", "水"), ("路灯暗了", "电/灯"), ("甲", "")]
    found = read(write(tmp_path / "史.csv", rows, ("诉求内容", "职能")), area=("职能",))
    assert found.own
    assert [one.area for one in found.samples] == ["电/灯", "水", "电/灯"]
    assert [area.code for area in found.taxonomy.areas] == ["水", "电/灯"]
    assert (found.blank, found.unknown, found.dated) == (1, {}, "none")
    assert found.taxonomy == own_labels(["电/灯", "水"])
    assert found.taxonomy.edition != own_labels(["电/灯", "气"]).edition


def test_whose_labels_can_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "史.csv", [("路灯坏了", "市政", "路灯"), ("甲", "园林", "树木")], LEVELS)
    assert [one.area for one in read(path, own=True).samples] == ["市政/路灯", "园林/树木"]
    assert len(read(path, own=False).samples) == 1


def test_numbers_that_begin_with_a_date_are_times(tmp_path: Path) -> None:
    headings = ("工单编号", *LEVELS)
    rows = [("20260103000017", "甲", "市政", "路灯"), ("GD20251231-02", "乙", "市政", "路灯")]
    found = read(write(tmp_path / "史.csv", rows, headings))
    assert found.dated == "number"
    assert [one.at for one in found.samples] == [
        datetime(2026, 1, 3, tzinfo=CITY.zone),
        datetime(2025, 12, 31, tzinfo=CITY.zone),
    ]
    impossible = [("20261399000017", "甲", "市政", "路灯"), ("20260231000002", "乙", "市政", "路灯")]
    assert read(write(tmp_path / "坏.csv", impossible, headings)).dated == "none"


def test_the_order_of_the_file_counts_only_where_somebody_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "史.csv", [("甲", "市政", "路灯"), ("乙", "市政", "路灯")], LEVELS)
    assert read(path).dated == "none"
    found = read(path, in_order=True)
    assert found.dated == "order"
    assert found.samples[0].at < found.samples[1].at


def test_times_count_only_if_nearly_all_rows_have_one(tmp_path: Path) -> None:
    headings = ("诉求内容", "受理时间", "行业分类1级", "行业分类2级")
    rows = [("路灯坏了", f"2026-01-{day:02}", "市政", "路灯") for day in range(1, 26)]
    assert read(write(tmp_path / "史.csv", [*rows[:1], ("暗", "", "市政", "路灯")], headings)).dated == "none"
    found = read(write(tmp_path / "多.csv", [*rows, ("暗", "", "市政", "路灯")], headings))
    assert found.dated == "column"
    assert found.samples[-1].at == datetime(2025, 12, 31, 16, tzinfo=UTC), "who has none counts as the earliest"


def test_no_column_of_labels(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="--label"):
        read(write(tmp_path / "史.csv", [("甲",)], ("诉求内容",)))


def test_units_are_read_with_what_is_known_beside_the_words(tmp_path: Path) -> None:
    headings = ("诉求内容", "职能", "处置单位", "辖区", "镇街", "受理时间", "来源")
    rows = [
        ("路灯坏了", "灯", "市政 所", "东区", "甲街", "2026-01-03 23:10", "热线"),
        ("路灯暗了", "灯", "", "", "", "2026-01-05 10:00", ""),
    ]
    said = pasts.with_columns(Map(), area=("职能",))
    found = labelled(
        open_sheet(write(tmp_path / "史.csv", rows, headings)), said, CITY.taxonomy, CITY.zone, (),
        beside=Beside(source="来源", places=lambda names, text, address: [name for name in names if name]),
    )  # fmt: skip
    assert [unit for unit, _ in found.units] == ["市政 所", ""]
    assert found.units[0][1] == Around(settled="灯", places=("东区", "甲街"), signs=("热线", "night", "weekend"))
    samples, units = by_unit(found, CITY.unit_list)
    assert [(one.area, one.text) for one in samples] == [("市政 所", "路灯坏了")]
    assert [one.code for one in units.areas] == ["市政 所"]
    assert by_unit(read(write(tmp_path / "无.csv", rows, headings), area=("职能",)), CITY.unit_list)[0] == []
