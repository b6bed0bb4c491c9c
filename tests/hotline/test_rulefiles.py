"""Rule files -> values: what is wrong is refused with file, line and field; nothing is guessed."""

from pathlib import Path

import pytest

from hotline import city as cities
from hotline import rulefiles
from hotline.errors import RulesUnreadable
from tests.cast import SAMPLE

FILES = rulefiles.read_folder(SAMPLE)


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert FILES[name].count(old) >= 1, old
    return FILES | {name: FILES[name].replace(old, new, 1)}


def test_a_folder_is_read_whole() -> None:
    assert set(FILES) == set(rulefiles.FILES)
    assert all(FILES.values())
    assert not FILES["units.csv"].startswith("\ufeff")


def test_what_is_optional_may_be_missing_and_the_rest_may_not(tmp_path: Path) -> None:
    for name, text in FILES.items():
        if name not in rulefiles.OPTIONAL:
            (tmp_path / name).write_text(text, encoding="utf-8")
    assert set(rulefiles.read_folder(tmp_path)) == set(FILES) - rulefiles.OPTIONAL
    (tmp_path / "duty.csv").unlink()
    with pytest.raises(RulesUnreadable, match="缺少这个规则文件") as refused:
        rulefiles.read_folder(tmp_path)
    assert refused.value.path.endswith("duty.csv")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "units.csv").write_bytes("单位".encode("gb18030"))
    with pytest.raises(RulesUnreadable, match="UTF-8") as refused:
        rulefiles.read_folder(tmp_path)
    assert refused.value.path.endswith("units.csv")


@pytest.mark.parametrize(("name", "old", "new", "where"), [
    ("city.toml", 'short = "SL"', "", "city.toml"),
    ("city.toml", 'short = "SL"', 'shrot = "SL"', "city.toml"),
    ("city.toml", 'short = "SL"', "short = SL", "city.toml"),
    ("city.toml", "days = 1", "days = -1", "city.toml"),
    ("city.toml", 'backstop = "candidate"', 'backstop = "somebody"', "city.toml"),
    ("calendar.toml", 'name = "元旦"', "nmae = 1", "calendar.toml"),
    ("promises.toml", "hours = 24", 'hours = "a day"', "promises.toml"),
    ("ladder.toml", 'clock = "dispatch"', 'clock = "lunch"', "ladder.toml"),
    ("units.csv", "cgj,", "hwzx,", "units.csv"),
    ("units.csv", ",false", ",maybe", "units.csv"),
    ("duty.csv", "D002,", "D001,", "duty.csv"),
    ("duty.csv", "D003,010101,,hwzx", "D003,010101,,nobody", "duty.csv"),
    ("duty.csv", "22:00-06:00", "22-06", "duty.csv:132.hours"),
    ("duty.csv", "D003,010101,", "D003,019999,", "duty.csv[D003].area"),
    ("areas.csv", "010101,", "0101,", "areas.csv"),
    ("places.csv", "990101001001001,", "990101001001001x,", "grids.geojson"),
    ("leaders.csv", "990101001001001,wu.haoran", "990101999001001,wu.haoran", "leaders.csv:2"),
    ("leaders.csv", "wu.haoran,吴浩然,leader", "wu.haoran,吴浩然,king", "leaders.csv:2"),
    ("leaders.csv", "leader,2025-01-01", "leader,someday", "leaders.csv:2"),
    ("grids.geojson", "{", "[", "grids.geojson"),
    ("landmarks.csv", ",990101", ",880101", "landmarks.csv"),
])  # fmt: skip
def test_what_is_wrong_is_refused_by_file(name: str, old: str, new: str, where: str) -> None:
    with pytest.raises(RulesUnreadable) as refused:
        cities.build(changed(name, old, new))
    assert refused.value.path.startswith(where), refused.value.path
    assert str(refused.value).startswith(refused.value.path)


@pytest.mark.parametrize(("name", "old", "new", "line"), [
    ("duty.csv", "D003,010101,,hwzx,,现场", "D003,010101,,,,现场", "duty.csv:4"),
    ("units.csv", "hwzx,示例区环境卫生服务中心,部门", "hwzx,,部门", "units.csv:4"),
])  # fmt: skip
def test_a_wrong_cell_is_refused_by_line(name: str, old: str, new: str, line: str) -> None:
    with pytest.raises(RulesUnreadable) as refused:
        cities.build(changed(name, old, new))
    assert refused.value.path.startswith(line), refused.value.path


def test_a_place_without_polygon_is_still_a_place_and_a_stray_polygon_is_named() -> None:
    without = cities.build({name: text for name, text in FILES.items() if name != "grids.geojson"})
    assert "990101001001001" in without.tree
    stray = FILES["grids.geojson"].replace('"990101001001001"', '"990101001001999"', 1)
    with pytest.raises(RulesUnreadable, match="990101001001999"):
        cities.build(FILES | {"grids.geojson": stray})


def test_leave_is_read_as_spans() -> None:
    posts = rulefiles.posts(FILES, rulefiles.ground(FILES, "2026.1"))
    (away,) = [post for post in posts if post.login == "lu.xuejun" and post.away]
    assert [(str(first), str(last)) for first, last in away.away] == [("2026-11-16", "2026-11-29")]
