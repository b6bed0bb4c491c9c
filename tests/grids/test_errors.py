from __future__ import annotations

import pytest

from grids.errors import BrokenTree, GridError, NoSuchGrid


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (NoSuchGrid("990101", "2026.1"), "no_such_grid", "区划（版本 2026.1）中没有编码“990101”"),
        (NoSuchGrid("990101"), "no_such_grid", "区划中没有编码“990101”"),
        (BrokenTree(("甲", "乙")), "broken_tree", "区划有误：甲；乙"),
        (BrokenTree(tuple("一二三四五六")), "broken_tree", "区划有误：一；二；三；四；五；等共6处"),
    ],
)
def test_errors_have_a_code_and_speak_chinese(error: GridError, code: str, said: str) -> None:
    assert isinstance(error, GridError)
    assert (error.code, str(error)) == (code, said)


def test_facts_are_attributes() -> None:
    missing = NoSuchGrid("990101", "2026.1")
    assert (missing.grid, missing.edition) == ("990101", "2026.1")
    assert BrokenTree(tuple("一二三四五六")).problems == tuple("一二三四五六")
