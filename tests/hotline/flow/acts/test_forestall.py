"""未诉先办: closed on the spot by the grid, never what somebody called about."""

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.verification import drawn
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow.acts import forestall
from hotline.store import db
from tests.cast import AGENT, LEADER, NOW, RUBBISH, Office, rules

GRID = LEADER.grids[0]


def test_a_report_is_closed_with_its_place_and_no_clock(office: Office) -> None:
    number = office.received(source="grid", area=RUBBISH, grid=GRID)
    done = office.do("forestall", number, LEADER, NOW, note="已当场处理")
    assert (done.state, done.street, done.unit) == ("closed", "990101001", "")
    look = drawn(office.city.rulebook.verify, number).look
    assert done.outcome == ("unverified" if look else "forestalled")
    assert office.rows("clock", ticket_id=done.id) == []
    assert office.broken_links() == []


def test_a_call_cannot_be_closed_that_way(office: Office) -> None:
    number = office.received(source="12345", area=RUBBISH, grid=GRID)
    with pytest.raises(RuleSaysNo, match="只有网格自己发现上报的"):
        office.do("forestall", number, LEADER, NOW, note="已当场处理")
    routed = office.triaged(source="grid", grid=GRID)
    with pytest.raises(IllegalMove):
        office.do("forestall", routed, LEADER, NOW, note="已当场处理")
    with pytest.raises(NotYours):
        office.do("forestall", office.received(source="grid", grid=GRID), AGENT, NOW, note="已当场处理")


def test_it_counts_as_early_and_not_as_answered_on_the_line(office: Office) -> None:
    number = office.received(source="grid", area=RUBBISH, grid=GRID)
    office.do("forestall", number, LEADER, NOW, note="已当场处理")
    office.triaged(source="12345")
    office.fold()
    whole = {row.name: row.value for row in office.rows("tally", dimension="")}
    assert (whole["early"], whole["early+"]) == (2, 1)
    assert whole["settled"] == 1


def test_a_report_says_something(office: Office) -> None:
    assert forestall.wording(rules(), "  路灯不亮 ", "") == "路灯不亮"
    assert forestall.wording(rules(), "", RUBBISH) == f"巡查发现：{rules().area_label(RUBBISH)}"
    for area in ("", "nonsense"):
        with pytest.raises(BadValue):
            forestall.wording(rules(), " ", area)


def test_what_is_open_nearby_names_no_text_of_a_confidential_ticket(office: Office) -> None:
    number = office.triaged(source="12345", grid=GRID, confidential=True, title="谁谁家的事")
    with db.reading() as session:
        near = forestall.near(session, rules(), LEADER, [], RUBBISH, GRID)
        assert [one.number for one in near] == [number]
        assert near[0].mine
        assert "谁谁" not in near[0].title
        assert forestall.near(session, rules(), LEADER, [], RUBBISH, "990101001001002") == []
        assert forestall.common(session, rules(), LEADER) == [RUBBISH]
