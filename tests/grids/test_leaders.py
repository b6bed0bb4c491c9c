from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from grids.errors import NoSuchGrid
from grids.leaders import Answering, Post, answering, answering_above
from grids.tree import Tree

GRID = "990101001001001"


def day(text: str) -> date:
    return date.fromisoformat(text)


def post(
    login: str,
    name: str,
    duty: Literal["leader", "deputy"] = "leader",
    *,
    grid: str = GRID,
    since: str = "2026-01-01",
    until: str | None = None,
    away: tuple[tuple[str, str], ...] = (),
) -> Post:
    leave = tuple((day(first), day(last)) for first, last in away)
    return Post(
        grid=grid,
        login=login,
        name=name,
        duty=duty,
        since=day(since),
        until=day(until) if until else None,
        away=leave,
    )


LEADER = post("zhao", "赵一", until="2026-06-30", away=(("2026-03-01", "2026-03-05"), ("2026-03-05", "2026-03-09")))
DEPUTY = post("qian", "钱二", "deputy", away=(("2026-03-08", "2026-03-08"),))
NEXT = post("sun", "孙三", since="2026-06-30")
POSTS = (DEPUTY, LEADER, NEXT, post("li", "李四", grid="990101001001002"))


@pytest.mark.parametrize(
    ("on", "login", "why"),
    [
        ("2026-02-28", "zhao", "赵一是该网格的网格长"),
        ("2026-03-01", "qian", "网格长赵一请假至3月5日，由副网格长钱二代为负责"),
        ("2026-03-05", "qian", "网格长赵一请假至3月9日，由副网格长钱二代为负责"),
        ("2026-03-08", None, "both away"),
        ("2026-03-10", "zhao", "赵一是该网格的网格长"),
        ("2026-06-29", "zhao", "赵一是该网格的网格长"),
        ("2026-06-30", "sun", "孙三是该网格的网格长"),
        ("2026-07-01", "sun", "孙三是该网格的网格长"),
        ("2025-12-31", None, "nobody appointed yet"),
    ],
)
def test_who_answers_on_a_day(on: str, login: str | None, why: str) -> None:
    found = answering(POSTS, GRID, day(on))
    if login is None:
        assert found is None, why
    else:
        assert found is not None
        assert (found.login, found.why) == (login, why)


def test_a_deputy_stands_in_where_there_is_no_leader() -> None:
    assert answering([DEPUTY], GRID, day("2026-03-01")) == Answering(
        "qian", "钱二", "该网格暂无网格长，由副网格长钱二代为负责"
    )


def test_a_second_leader_answers_before_a_deputy() -> None:
    both = (LEADER, DEPUTY, post("zhou", "周五", since="2025-01-01"))
    found = answering(both, GRID, day("2026-03-02"))
    assert found is not None
    assert found.login == "zhou"


def test_nobody_in_the_grid_then_the_community_then_the_street(tree: Tree) -> None:
    community = post("wu", "吴六", grid="990101001001", since="2026-02-01")
    street = post("zheng", "郑七", grid="990101001")
    on = day("2026-03-02")
    assert answering_above([community, street], tree, GRID, on) == Answering(
        "wu", "吴六", "“北苑社区第一网格”无人在岗，由北苑社区居委会的吴六负责"
    )
    from_street = answering_above([community, street], tree, GRID, day("2026-01-02"))
    assert from_street is not None
    assert from_street.login == "zheng"
    assert answering_above(POSTS, tree, GRID, on) == answering(POSTS, GRID, on)
    assert answering_above([], tree, GRID, on) is None
    with pytest.raises(NoSuchGrid):
        answering_above(POSTS, tree, "0", on)


@pytest.mark.parametrize(
    ("on", "serves"), [("2025-12-31", False), ("2026-01-01", True), ("2026-06-30", True), ("2026-07-01", False)]
)
def test_the_first_and_the_last_day_are_both_served(on: str, serves: bool) -> None:
    assert LEADER.serves(day(on)) is serves
    assert (answering([LEADER], GRID, day(on)) is not None) is serves
