"""A sheet of who leads which grid: weighed row by row, put forward whole or not at all."""

from datetime import date, timedelta

import pytest

from dispatch.roles import Role
from hotline import city as cities
from hotline import people, rulefiles
from hotline.city import City
from hotline.errors import NotAllowed, RuleSaysNo
from hotline.flow.editions import approval, roster
from hotline.flow.editions.roster import Given, RosterFaulty, Weighed
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import AGENT, DISPATCHER, HOUR, MINUTE, NOW, SAMPLE, SUPERVISOR, Office, rules

HERE, THERE, ALONE = "990101001001001", "990101001001002", "990101001002001"
FILES = rulefiles.read_folder(SAMPLE)
PROPOSAL, EDITION = METADATA.tables["proposal"], METADATA.tables["edition"]
DAY = rules().day(NOW)


@pytest.fixture(autouse=True)
def first(office: Office) -> None:
    """Put the sample's own edition into force again, and open accounts of a few grid leaders."""
    with db.transaction() as session:
        session.execute(PROPOSAL.delete())
        session.execute(EDITION.delete().where(EDITION.c.edition != "2026.1"))
        office.city = cities.apply(session, FILES, "test", NOW - timedelta(days=30))
        known = [("wu.haoran", "吴浩然"), ("guo.huimin", "郭慧敏"), ("zhou.chunyan", "周春燕")]
        for login, name in [*known, ("li.na", "李娜"), ("li.na2", "李娜"), ("chen.xin", "陈新")]:
            people.add(session, "sample", login, name, "", NOW - MINUTE)
            people.appoint(session, "sample", login, Role.GRID_LEADER, "", NOW - MINUTE)
        people.add(session, "sample", "boss", "何正", "", NOW - MINUTE)
        people.appoint(session, "sample", "boss", Role.SUPERVISOR, "", NOW - MINUTE)


def row(line: int = 2, grid: str = HERE, leader: str = "chen.xin", **more: object) -> Given:
    return Given(line=line, grid=grid, leader=leader, **more)


def weighed(*rows: Given) -> Weighed:
    with db.reading() as session:
        return roster.weigh(session, rules(), rows, NOW)


def in_force(office: Office, *rows: Given) -> City:
    with db.transaction() as session:
        name = roster.propose(session, office.city, rows, DISPATCHER, NOW).edition
    with db.transaction() as session:
        return approval.approve(session, SUPERVISOR, name, NOW + HOUR)


def answers(city: City, grid: str, on: date) -> str:
    found = city.leader_of(grid, on)
    return found.login if found else ""


def test_a_grid_changes_hands_by_date(office: Office) -> None:
    begins = DAY + timedelta(days=7)
    city = in_force(office, row(leader="陈新", deputy="zhou.chunyan", since=begins.isoformat()))
    assert city.edition == f"2026.1-N-{DAY:%Y%m%d}"
    assert answers(city, HERE, begins - timedelta(days=1)) == "wu.haoran"
    assert answers(city, HERE, begins) == "chen.xin"
    assert [post.login for post in city.serving(HERE, begins)] == ["chen.xin", "zhou.chunyan"]
    untouched = [post for post in city.posts if post.grid != HERE]
    assert untouched == [post for post in rules().posts if post.grid != HERE]
    office.city = city
    again = in_force(office, row(leader="guo.huimin", deputy="", since=begins.isoformat()))
    assert again.edition == f"2026.1-N-{DAY:%Y%m%d}-2"
    assert [post.login for post in again.serving(HERE, begins)] == ["guo.huimin"]  # nobody is left who never began
    assert answers(again, HERE, DAY) == "wu.haoran"
    assert all(post.until is None or post.since <= post.until for post in again.posts)


def test_a_sheet_without_deputies_leaves_them() -> None:
    [turn] = weighed(row(keeps_deputy=True, since=DAY.isoformat())).turns
    assert (turn.duty, turn.before, turn.after, turn.since) == ("leader", "wu.haoran", "chen.xin", DAY)
    gone = weighed(row()).turns
    assert [(one.duty, one.after) for one in gone] == [("leader", "chen.xin"), ("deputy", "")]


def test_a_name_of_a_grid_will_do_where_it_is_the_only_one() -> None:
    for name in ("松岭社区第一网格", "松岭社区一网格"):
        [turn] = weighed(row(grid=name, keeps_deputy=True)).turns
        assert turn.grid == HERE
    files = FILES | {"places.csv": FILES["places.csv"].replace("松岭社区第二网格", "松岭社区第一网格")}
    with db.reading() as session:
        found = roster.weigh(session, cities.build(files), [row(grid="松岭社区第一网格")], NOW)
    assert ["不止一个" in one.reason for one in found.faults] == [True]


@pytest.mark.parametrize(
    ("wrong", "column", "reason"),
    [
        ({"grid": "990101001001999"}, "网格", "没有这个网格"),
        ({"grid": ""}, "网格", "没有写网格"),
        ({"leader": ""}, "网格长", "没有写网格长"),
        ({"leader": "何况"}, "网格长", "没有这样的网格长账号"),
        ({"leader": "boss"}, "网格长", "没有这样的网格长账号"),
        ({"leader": "李娜"}, "网格长", "有 2 位"),
        ({"deputy": "chen.xin"}, "副网格长", "同一人"),
        ({"since": "明天"}, "起", "2026-12-01"),
        ({"since": "2020-01-01"}, "起", "不能早于今天"),
        ({"trouble": "引号没有成对"}, "", "引号没有成对"),
    ],
)
def test_a_row_at_fault_is_named_and_stops_the_sheet(
    office: Office, wrong: dict[str, str], column: str, reason: str
) -> None:
    good, bad = row(grid=THERE, leader="li.na", line=2), row(**{"line": 7, **wrong})
    found = weighed(good, bad)
    [fault] = found.faults
    assert (fault.line, fault.column) == (7, column)
    assert reason in fault.reason
    assert {one.grid for one in found.turns} == {THERE}
    with db.transaction() as session, pytest.raises(RosterFaulty):
        roster.propose(session, office.city, [good, bad], DISPATCHER, NOW)
    assert office.rows("proposal") == []


def test_of_many_rows_exactly_the_three_bad_ones_are_named() -> None:
    grids = sorted(place.code for place in rules().tree.places if place.level == "grid")
    rows = [row(line, grids[line % 120], "chen.xin", keeps_deputy=True) for line in range(2, 122)]
    repeated = [row(line, grids[line % 120], "chen.xin") for line in range(122, 125)]
    found = weighed(*rows, *repeated)
    assert [one.line for one in found.faults] == [122, 123, 124]
    assert all("已经写过" in one.reason for one in found.faults)
    assert (found.rows, len(found.turns)) == (123, 120)


def test_no_change_and_no_right(office: Office) -> None:
    same = row(leader="wu.haoran", deputy="zhou.chunyan")
    for me, rows, wrong in ((DISPATCHER, [same], RuleSaysNo), (AGENT, [row()], NotAllowed)):
        with db.transaction() as session, pytest.raises(wrong):
            roster.propose(session, office.city, rows, me, NOW)
    assert office.rows("proposal") == []


def test_the_same_day_twice_waits_for_the_first(office: Office) -> None:
    with db.transaction() as session:
        roster.propose(session, office.city, [row()], DISPATCHER, NOW)
    with db.transaction() as session, pytest.raises(RuleSaysNo, match="正等另一人审批"):
        roster.propose(session, office.city, [row(leader="li.na")], DISPATCHER, NOW)
