"""Who answers for a grid on a day: its leader (网格长), or the deputy while the leader is away or there is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from grids.names import title
from grids.tree import Tree


class Post(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person's post in one grid (a person may hold several, one Post each).

    grid          code; of a community or street for who stands in when a grid has nobody
    since until   first and last day, both served
    away          leave as (first day, last day), both away
    """

    grid: str
    login: str
    name: str
    duty: Literal["leader", "deputy"]
    since: date
    until: date | None = None
    away: tuple[tuple[date, date], ...] = ()

    def serves(self, on: date) -> bool:
        """Tell whether the post is held on that day, leave or not."""
        return self.since <= on and (self.until is None or on <= self.until)

    def is_away(self, on: date) -> bool:
        """Tell whether that day falls in a leave."""
        return any(first <= on <= last for first, last in self.away)


class Answering(msgspec.Struct, frozen=True):
    """The person to call, and why this one."""

    login: str
    name: str
    why: str


def answering(posts: Iterable[Post], grid: str, on: date) -> Answering | None:
    """Return who answers for `grid` on that day; none where neither leader nor deputy is there.

    Of two leaders at once (a hand-over) the one appointed last answers; of two appointed the same day, the first by
    login.
    """
    serving = sorted(
        (post for post in posts if post.grid == grid and post.serves(on)),
        key=lambda post: (-post.since.toordinal(), post.login),
    )
    leaders = [post for post in serving if post.duty == "leader"]
    here = next((post for post in leaders if not post.is_away(on)), None)
    if here is not None:
        return Answering(here.login, here.name, f"{here.name}是该网格的网格长")
    deputy = next((post for post in serving if post.duty == "deputy" and not post.is_away(on)), None)
    if deputy is None:
        return None
    if leaders:
        back = max(last for first, last in leaders[0].away if first <= on <= last)
        reason = f"网格长{leaders[0].name}请假至{back.month}月{back.day}日"
    else:
        reason = "该网格暂无网格长"
    return Answering(deputy.login, deputy.name, f"{reason}，由副网格长{deputy.name}代为负责")


def answering_above(posts: Iterable[Post], tree: Tree, grid: str, on: date) -> Answering | None:
    """Return who answers for `grid`, or else for its community, or else for its street.  raises NoSuchGrid"""
    held = tuple(posts)
    chain = tree.chain(grid)
    for place in chain:
        found = answering(held, place.code, on)
        if found is None:
            continue
        if place is chain[0]:
            return found
        return Answering(found.login, found.name, f"“{title(tree, grid)}”无人在岗，由{place.name}的{found.name}负责")
    return None
