"""Verification (核查): somebody else's word on what was put right on the spot; what is not true becomes work."""

import msgspec
import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.roles import Role
from dispatch.verification import VerifyRules
from hotline.errors import NoSuchTicket, RuleSaysNo
from hotline.people import Me
from tests.cast import AGENT, DISPATCHER, LEADER, NOW, REGION, RUBBISH, Office

GRID = LEADER.grids[0]


def forestalled(office: Office, share: float) -> str:
    """Return a report put right on the spot in a city that looks at this share of them."""
    book = msgspec.structs.replace(office.city.rulebook, verify=VerifyRules(share=share))
    office.city = msgspec.structs.replace(office.city, rulebook=book)
    number = office.received(source="grid", area=RUBBISH, grid=GRID)
    office.do("forestall", number, LEADER, NOW, note="已当场处理")
    return number


def unit(code: str) -> Me:
    """Return somebody of this unit."""
    return Me(login=f"{code}01", name="街道", region=REGION, role=Role.UNIT, unit=code)


def test_what_is_true_stays_closed_and_counts(office: Office) -> None:
    number = forestalled(office, share=1)
    assert office.see(number).outcome == "unverified"
    done = office.do("verify", number, DISPATCHER, NOW, note="现场已清理干净")
    assert (done.state, done.outcome) == ("closed", "forestalled")
    with pytest.raises(RuleSaysNo, match="没有待核查"):
        office.do("verify", number, DISPATCHER, NOW, note="再看一次")
    office.fold()
    whole = {row.name: row.value for row in office.rows("tally", dimension="")}
    assert (whole["early"], whole["early+"]) == (1, 1)
    assert office.broken_links() == []


def test_what_is_not_true_is_work_again_and_no_longer_counts(office: Office) -> None:
    number = forestalled(office, share=1)
    again = office.do("disprove", number, DISPATCHER, NOW, note="垃圾还在原地")
    assert (again.state, again.outcome, again.closed_at) == ("received", "", None)
    office.fold()
    whole = {row.name: row.value for row in office.rows("tally", dimension="")}
    assert (whole["early"], whole.get("early+", 0)) == (1, 0)
    [waits] = [one for one in office.rows("clock", ticket_id=again.id) if one.clock == "dispatch" and not one.outcome]
    assert waits.owner == "desk"
    routed = office.do("route", number, DISPATCHER, NOW, unit="hwzx")
    assert routed.state == "routed"
    assert office.broken_links() == []


def test_what_was_not_drawn_is_not_asked_about(office: Office) -> None:
    number = forestalled(office, share=0)
    assert office.see(number).outcome == "forestalled"
    with pytest.raises(RuleSaysNo, match="没有待核查"):
        office.do("disprove", number, DISPATCHER, NOW, note="看看")


def test_never_the_reporter_and_only_on_ones_own_ground(office: Office) -> None:
    number = forestalled(office, share=1)
    owner = office.city.above(GRID)["street"]
    own = next(one.code for one in office.city.rulebook.units if one.place == owner)
    other = next(one.code for one in office.city.rulebook.units if one.place not in ("", owner))
    for somebody in (LEADER, AGENT):
        with pytest.raises((NotYours, NoSuchTicket)):
            office.do("verify", number, somebody, NOW, note="是我做的")
    for code in (other, "hwzx"):
        with pytest.raises(NoSuchTicket):
            office.do("verify", number, unit(code), NOW, note="看过")
    moved = msgspec.structs.replace(unit(own), login=LEADER.login)  # the reporter, by now at the street
    with pytest.raises(NotYours, match="上报人"):
        office.do("verify", number, moved, NOW, note="是我做的")
    assert office.do("verify", number, unit(own), NOW, note="看过").outcome == "forestalled"


def test_a_call_is_never_verified_this_way(office: Office) -> None:
    number = office.triaged(source="12345")
    with pytest.raises(IllegalMove):
        office.do("verify", number, DISPATCHER, NOW, note="看过")
