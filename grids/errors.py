"""What this package refuses."""

from __future__ import annotations

from typing import ClassVar


class GridError(Exception):
    """The ground does not allow this.  `code` is for machines, `str()` for people."""

    code: ClassVar[str] = "grid_error"


class NoSuchGrid(GridError):
    """A code that this edition of the tree does not hold, at whatever level."""

    code = "no_such_grid"

    def __init__(self, grid: str, edition: str = "") -> None:
        where = f"（版本 {edition}）" if edition else ""
        super().__init__(f"区划{where}中没有编码“{grid}”")
        self.grid, self.edition = grid, edition


class BrokenTree(GridError):
    """Places that do not make a tree; `problems` holds every one found, not only the first."""

    code = "broken_tree"

    def __init__(self, problems: tuple[str, ...]) -> None:
        shown = "；".join(problems[:5])
        more = f"；等共{len(problems)}处" if len(problems) > 5 else ""
        super().__init__(f"区划有误：{shown}{more}")
        self.problems = problems
