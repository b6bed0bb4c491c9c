"""Errors of the ground: a code of no place, and places that make no tree."""

from __future__ import annotations

from typing import ClassVar

from grids.messages import HouseError, Message, chain


class GridError(HouseError):
    """The ground does not allow this.  `code` is for machines, `str()` for people."""

    code: ClassVar[str] = "grid_error"


class NoSuchGrid(GridError):
    """A code that this edition of the tree does not hold, at whatever level."""

    code = "no_such_grid"

    def __init__(self, grid: str, edition: str = "") -> None:
        if edition:
            super().__init__(Message("区划（版本 %(edition)s）中没有编码“%(grid)s”", edition=edition, grid=grid))
        else:
            super().__init__(Message("区划中没有编码“%(grid)s”", grid=grid))
        self.grid, self.edition = grid, edition


class BrokenTree(GridError):
    """Places that do not make a tree; `problems` holds every one found, not only the first."""

    code = "broken_tree"

    def __init__(self, problems: tuple[Message, ...]) -> None:
        shown = chain(problems[:5])
        if len(problems) > 5:
            shown = chain([shown, Message("等共%(n)s处", n=len(problems))])
        super().__init__(Message("区划有误：%(problems)s", problems=shown))
        self.problems = problems
