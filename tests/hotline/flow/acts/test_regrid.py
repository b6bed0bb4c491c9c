"""Not mine (退): a ticket passes to the grid it lies in, once; a leader's open work passes to another in one move."""

import pytest

from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import people
from hotline.errors import BadValue, NoSuchTicket, RuleSaysNo
from hotline.flow.acts import regrid
from hotline.store import db
from tests.cast import LEADER, MINUTE, NOW, RUBBISH, Office, rules, unit

HERE, THERE = "990101001001001", "990101001001002"


def hired(*logins: str) -> None:
    """Open accounts of grid leaders."""
    with db.transaction() as session:
        for login in logins:
            people.add(session, "sample", login, login, "", NOW - MINUTE)
            people.appoint(session, "sample", login, Role.GRID_LEADER, "", NOW - MINUTE)


def test_it_passes_with_its_place_and_its_leader(office: Office) -> None:
    number = office.triaged(area=RUBBISH, grid=HERE)
    due = office.see(number).due_at
    done = office.do("regrid", number, LEADER, NOW + MINUTE, grid=THERE)
    assert (done.grid, done.leader, done.state, done.unit) == (THERE, "guo.huimin", "routed", "hwzx")
    assert office.see(number).due_at == due
    hands = [(one.login, one.ended_by) for one in office.rows("assignment", ticket_id=done.id) if one.role == "grid"]
    assert hands == [("wu.haoran", "regrid"), ("guo.huimin", "")]
    with pytest.raises(NoSuchTicket):  # no longer hers
        office.do("report", number, LEADER, NOW + MINUTE, note="还在看")
    assert office.broken_links() == []


def test_two_grids_do_not_pass_it_to_and_fro(office: Office) -> None:
    number = office.triaged(area=RUBBISH, grid=HERE)
    office.do("regrid", number, LEADER, NOW, grid=THERE)
    other = people.Me(login="guo.huimin", name="郭慧敏", region="sample", role=Role.GRID_LEADER, grids=(THERE,))
    with pytest.raises(RuleSaysNo, match="由派单员定"):
        office.do("regrid", number, other, NOW + MINUTE, grid=HERE)
    for wrong in (THERE, "nowhere", "990101001"):
        with pytest.raises(BadValue):
            office.do("regrid", number, other, NOW + MINUTE, grid=wrong)


def test_the_likeliest_grid_stands_first(office: Office) -> None:
    assert office
    where = {"text": "路灯不亮", "lng": None, "lat": None, "now": NOW}
    found = regrid.offers(rules(), address="松岭家园3号楼", grid=THERE, **where)
    assert found[0] == HERE
    assert THERE not in found
    assert all(one.startswith("990101001") for one in found)


def test_open_work_passes_in_one_move_and_closed_work_stays(office: Office) -> None:
    hired("wu.haoran", "chen.xin")
    one, two = office.triaged(grid=HERE), office.ticket(State.SIGNED, grid=HERE).number
    closed, others = office.ticket(State.CLOSED, grid=HERE).number, office.triaged(grid=THERE)
    with db.transaction() as session:
        moved = regrid.hand_over(session, rules(), "wu.haoran", "chen.xin", "admin", NOW)
    assert sorted(moved) == sorted([one, two])
    assert [office.see(number).leader for number in (one, two, closed, others)] == [
        "chen.xin", "chen.xin", "wu.haoran", "guo.huimin",
    ]  # fmt: skip
    assert office.history(two)[-1] == "hand_over"
    taker = people.Me(login="chen.xin", name="陈新", region="sample", role=Role.GRID_LEADER)
    assert office.do("report", two, taker, NOW + MINUTE, note="已接手").reported_at
    with db.transaction() as session:
        assert regrid.hand_over(session, rules(), "wu.haoran", "chen.xin", "admin", NOW) == []
    assert office.broken_links() == []


def test_work_passes_only_to_a_leader(office: Office) -> None:
    hired("li.si")
    assert unit("cgj")
    for taker, wrong in (("nobody", people.NoSuchPerson), ("li.si", BadValue)):
        with db.transaction() as session, pytest.raises(wrong):
            regrid.hand_over(session, rules(), "li.si", taker, "admin", NOW)
