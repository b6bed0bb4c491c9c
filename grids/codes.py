"""Codes of the ground in the Beijing style: 6 digits district + 3 street + 3 community + 3 grid, checked and built.

Source: DB11/T 310 (cells of city management, 15 digits); the first 6 are GB/T 2260, the first 12 the statistical codes.
A micro-grid adds 3 digits of the city's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from grids.messages import Message
from grids.tree import Level

LENGTHS = {6: Level.DISTRICT, 9: Level.STREET, 12: Level.COMMUNITY, 15: Level.GRID, 18: Level.MICRO}
_LENGTH_OF = {level: length for length, level in LENGTHS.items()}
_DIGITS = re.compile(r"[0-9]+")


def level_of(code: str) -> Level | None:
    """Return the level a code's length says; none for a code of another form."""
    return LENGTHS.get(len(code)) if _DIGITS.fullmatch(code) else None


def parent_of(code: str) -> str | None:
    """Return the code of what a code of this form belongs to; none for a district and for another form."""
    level = level_of(code)
    return None if level is None or level is Level.DISTRICT else code[:-3]


def wrong(code: str, level: Level, parent: str | None) -> str:
    """Return what is wrong with a code as the end of a Chinese sentence, empty if nothing."""
    if not _DIGITS.fullmatch(code):
        return f"编码“{code}”不全是数字"
    if len(code) != _LENGTH_OF[level]:
        return f"编码“{code}”有{len(code)}位，应为{_LENGTH_OF[level]}位（6位区＋3位街道＋3位社区＋3位网格）"
    if level is Level.DISTRICT:
        return ""
    if code.endswith("000"):
        return f"编码“{code}”的末三位是000，那是上一级自己的编码"
    if parent is not None and code[:-3] != parent:
        return f"编码“{code}”的前{len(code) - 3}位与上级编码“{parent}”不一致"
    return ""


def build(parent: str, taken: Collection[str]) -> str:
    """Return the next free code below `parent`, after the highest one taken: a code once used is not used again.

    raises ValueError where all 999 are taken, or `parent` is not of this form or the lowest level
    """
    if level_of(parent) in {None, Level.MICRO}:
        raise ValueError(Message("“%(parent)s”不是能再往下编码的编码", parent=parent))
    numbers = [int(code[-3:]) for code in taken if len(code) == len(parent) + 3 and code.startswith(parent)]
    following = max(numbers, default=0) + 1
    if following > 999:
        raise ValueError(Message("“%(parent)s”下的999个编码已用完", parent=parent))
    return f"{parent}{following:03d}"
