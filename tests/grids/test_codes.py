"""Codes: 6 + 3 + 3 + 3 digits, built and checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.codes import build, level_of, parent_of, wrong
from grids.tree import Level


@pytest.mark.parametrize(
    ("code", "level", "parent", "said"),
    [
        ("990101", Level.DISTRICT, None, ""),
        ("990101001", Level.STREET, "990101", ""),
        ("990101001002003", Level.GRID, "990101001002", ""),
        ("990101001002003004", Level.MICRO, "990101001002003", ""),
        ("99010100100200", Level.GRID, "990101001002", "有14位，应为15位"),
        ("99010100A", Level.STREET, "990101", "不全是数字"),
        ("990101000", Level.STREET, "990101", "末三位是000"),
        ("990102001", Level.STREET, "990101", "前6位与上级编码“990101”不一致"),
    ],
)
def test_what_is_wrong_with_a_code(code: str, level: Level, parent: str | None, said: str) -> None:
    found = wrong(code, level, parent)
    assert said in found
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("code", "level"), [("990101", Level.DISTRICT), ("x90101", None), ("9901010", None), ("", None)]
)
def test_level(code: str, level: Level | None) -> None:
    assert level_of(code) is level
    assert parent_of(code) is None


def test_a_code_once_used_is_not_used_again() -> None:
    assert build("990101", []) == "990101001"
    assert build("990101", ["990101001", "990101007", "990101001001", "990102009"]) == "990101008"
    with pytest.raises(ValueError, match="已用完"):
        build("990101", ["990101999"])
    with pytest.raises(ValueError, match="不是"):
        build("街道", [])


@given(st.sampled_from(["990101", "990101001", "990101001001"]), st.sets(st.integers(1, 998)))
def test_what_is_built_is_right_and_new(parent: str, numbers: set[int]) -> None:
    taken = {f"{parent}{number:03d}" for number in numbers}
    code = build(parent, taken)
    level = level_of(code)
    assert level is not None
    assert code not in taken
    assert (wrong(code, level, parent), parent_of(code)) == ("", parent)
