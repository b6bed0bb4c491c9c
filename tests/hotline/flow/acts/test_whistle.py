"""Whistles (吹哨): units called to the spot by reason, with a clock and an answer of their own, rated by the grid."""

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from hotline.errors import BadValue, NoSuchTicket, RuleSaysNo
from hotline.flow import tell
from hotline.flow.acts import whistle
from hotline.store import db
from tests.cast import DAY, HOUR, LEADER, MINUTE, NOW, RUBBISH, Office, rules, unit

GRID = LEADER.grids[0]


def blown(office: Office, **said: object) -> str:
    """Return the number of a ticket whose leader has whistled for the law's hand (cgj)."""
    held = office.ticket(State.ROUTED, grid=GRID, area=RUBBISH)
    office.do("whistle", held.number, LEADER, NOW, **({"reason": "enforce"} | said))
    return held.number


def test_the_rules_units_are_called_and_have_a_clock_of_their_own(office: Office) -> None:
    number = blown(office)
    held, clock = office.see(number), office.clocks(number)["whistle"]
    assert (held.unit, held.helpers, held.state) == ("hwzx", ["cgj"], "routed")
    assert (clock.unit, clock.owner) == ("cgj", "helper")
    assert clock.due_at == NOW + 2 * HOUR
    hand = next(one for one in office.rows("assignment", ticket_id=held.id) if one.unit == "cgj")
    assert (hand.role, hand.whistle, hand.helped) == ("help", "enforce", None)
    assert "help" not in office.clocks(number)
    assert office.broken_links() == []


def test_it_stands_on_the_units_list_and_is_answered_there(office: Office) -> None:
    number = blown(office)
    office.do("help_answer", number, unit("cgj"), NOW + HOUR, note="执法队员已到场劝离")
    clock = office.clocks(number)["whistle"]
    assert clock.outcome == "met"
    with pytest.raises(NoSuchTicket):
        office.do("help_answer", number, unit("szzx"), NOW + HOUR, note="无")


def test_the_units_are_told_by_when(office: Office) -> None:
    blown(office)
    events = [row for row in office.rows("outbox") if row.move == "whistle"]
    with db.transaction() as session:
        tell.whistled(session, rules(), events, NOW)
        tell.whistled(session, rules(), events, NOW)
    found = [row for row in office.rows("notice") if row.kind == "whistle"]
    assert [row.unit for row in found] == ["cgj"]
    assert "请到场并在" in found[0].text


def test_a_late_whistle_climbs_the_ladder(office: Office) -> None:
    number = blown(office)
    office.sweep(NOW + DAY)
    cards = [row for row in office.rows("alarm") if row.label == "吹哨未按时响应黄牌"]
    assert [row.unit for row in cards] == ["cgj"]
    office.do("help_answer", number, unit("cgj"), NOW + DAY + MINUTE, note="迟到了")
    assert office.clocks(number)["whistle"].outcome == "late"


def test_the_grid_rates_the_unit_and_the_unit_is_measured(office: Office) -> None:
    number = blown(office)
    with pytest.raises(RuleSaysNo, match="还没有答复"):
        office.do("grade", number, LEADER, NOW + MINUTE, unit="cgj", helped=True)
    with pytest.raises(BadValue):
        office.do("grade", number, LEADER, NOW + MINUTE, unit="szzx", helped=True)
    office.do("help_answer", number, unit("cgj"), NOW + HOUR, note="已到场")
    office.do("grade", number, LEADER, NOW + HOUR, unit="cgj", helped=False)
    office.do("grade", number, LEADER, NOW + HOUR, unit="cgj", helped=True)  # a word may be changed
    with pytest.raises(NotYours):
        office.do("grade", number, unit("hwzx"), NOW + HOUR, unit="cgj", helped=True)
    office.fold(NOW + 2 * HOUR)
    mine = {row.name: row.value for row in office.rows("tally", dimension="unit", key="cgj")}
    assert (mine["helped"], mine["helped+"]) == (1, 1)
    assert (mine["whistle_on_time"], mine["whistle_on_time+"]) == (1, 1)
    assert "received" not in mine


def test_who_is_silent_may_be_rated_when_the_time_is_out(office: Office) -> None:
    number = blown(office)
    office.do("grade", number, LEADER, NOW + DAY, unit="cgj", helped=False)
    assert [row.helped for row in office.rows("assignment") if row.whistle] == [False]


def test_what_cannot_be_called_is_refused(office: Office) -> None:
    number = blown(office)
    for said in ({"reason": "nonsense"}, {"reason": "enforce"}, {"reason": "crew", "units": ("hwzx",)},
                 {"reason": "crew", "units": ("nobody",)}):  # fmt: skip
        with pytest.raises(BadValue):
            office.do("whistle", number, LEADER, NOW, **said)
    office.do("whistle", number, LEADER, NOW, reason="money")
    assert office.see(number).helpers == ["cgj", "sljd"]  # the street that owns the place
    closed = office.ticket(State.CLOSED, grid=GRID)
    with pytest.raises(IllegalMove):
        office.do("whistle", closed.number, LEADER, NOW + HOUR, reason="enforce")


def test_each_reason_says_whom_and_why(office: Office) -> None:
    assert office
    found = {one.code: one for one in whistle.offers(rules(), area=RUBBISH, place=GRID, busy=("hwzx",))}
    assert found["enforce"].units == ("cgj",)
    assert found["crew"].units == ()
    assert "已在办理此件" in found["crew"].why
    assert found["unclear"].units == ("zrj", "sljd")
