"""A ruling becomes a row of the duty table: put forward by one person, approved by another, and it settles the next."""

from typing import Any

import pytest

from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.errors import NoSuchTicket, NotAllowed, RuleSaysNo
from hotline.flow.editions import approval, contrast, precedent
from hotline.flow.editions.approval import Proposed
from hotline.people import Me
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import AGENT, DAY, DISPATCHER, HOUR, MINUTE, NOW, RUBBISH, SAMPLE, SUPERVISOR, Office, unit

FILES = rulefiles.read_folder(SAMPLE)
PROPOSAL, EDITION = METADATA.tables["proposal"], METADATA.tables["edition"]
GRID, STREET = "990101001001001", "990101001"
RULED = {"unit": "sljd", "reason": "属地更便于清运", "basis": "会商纪要〔2026〕3号"}


@pytest.fixture(autouse=True)
def first(office: Office) -> None:
    """Put the sample's own edition into force again: an office keeps its rules between tests."""
    with db.transaction() as session:
        session.execute(PROPOSAL.delete())
        session.execute(EDITION.delete().where(EDITION.c.edition != "2026.1"))
        office.city = cities.apply(session, FILES, "test", NOW - 30 * DAY)


def ruled(office: Office, grid: str = GRID, **changed: Any) -> str:
    """Bring a ticket through a dispute to its ruling; return its number."""
    number = office.triaged(NOW, area=RUBBISH, grid=grid)
    office.do("return", number, unit("hwzx"), NOW + HOUR, reason="非环卫区域", basis="责任分解表", unit="sljd")
    office.do("convene", number, DISPATCHER, NOW + 2 * HOUR)
    office.do("rule", number, SUPERVISOR, NOW + 3 * HOUR, **(RULED | changed))
    return number


def propose(office: Office, number: str, me: Me = DISPATCHER) -> Proposed:
    with db.transaction() as session:
        return precedent.propose(session, office.city, number, me, NOW + 4 * HOUR)


def approve(office: Office, name: str) -> None:
    with db.transaction() as session:
        office.city = approval.approve(session, SUPERVISOR, name, NOW + 5 * HOUR)


def sentences(office: Office, name: str) -> list[str]:
    """Return what an edition put forward changes, in sentences."""
    with db.reading() as session:
        files = approval.files_of(session, "sample", name)
        return [one.text for one in contrast.contrast(approval.files_in_force(session, office.city), files).differences]


def test_a_ruling_becomes_a_row_and_settles_the_next(office: Office) -> None:
    number = ruled(office, helpers=("hwzx",))
    found = propose(office, number)
    assert (found.edition, found.proposed_by) == (f"2026.1-P-{number}", "pai01")
    assert "松岭街道" in found.note
    (text,) = sentences(office, found.edition)
    assert text.startswith(f"新增责任表P-{number}：市容环卫/垃圾清运/生活垃圾清运（松岭街道）由")
    assert text.endswith(f"（依据：会商裁定 {number}：会商纪要〔2026〕3号）")
    assert office.see(office.triaged(NOW + 4 * HOUR, area=RUBBISH, grid=GRID)).unit == "hwzx"  # not in force yet

    approve(office, found.edition)
    next_one = office.see(office.triaged(NOW + 6 * HOUR, area=RUBBISH, grid=GRID))
    assert (next_one.unit, next_one.helpers, next_one.edition) == ("sljd", ["hwzx"], found.edition)
    assert f"责任表P-{number}" in next_one.why["route"]
    elsewhere = office.see(office.triaged(NOW + 6 * HOUR, area=RUBBISH, grid="990101002001001"))
    assert elsewhere.unit == "hwzx"


def test_without_a_place_the_row_it_contradicts_ends_the_day_before(office: Office) -> None:
    number = office.triaged(NOW, area=RUBBISH)
    office.do("return", number, unit("hwzx"), NOW + HOUR, reason="非环卫区域", basis="责任分解表", unit="cgj")
    office.do("convene", number, DISPATCHER, NOW + 2 * HOUR)
    office.do("rule", number, SUPERVISOR, NOW + 3 * HOUR, **(RULED | {"unit": "cgj"}))
    assert office.see(number).street == ""
    found = propose(office, number)
    ended, added = sentences(office, found.edition)
    assert ended == "责任表D003（市容环卫/垃圾清运/生活垃圾清运）：失效日由无改为2026-11-17"
    assert added.startswith(f"新增责任表P-{number}：市容环卫/垃圾清运/生活垃圾清运（不限地点）由示例区城市管理局")
    approve(office, found.edition)
    assert office.see(office.triaged(NOW + 6 * HOUR, area=RUBBISH)).unit == "cgj"


def test_a_later_ruling_replaces_an_earlier_precedent(office: Office) -> None:
    first_one = ruled(office)
    approve(office, propose(office, first_one).edition)
    number = office.triaged(NOW + DAY, area=RUBBISH, grid=GRID)
    office.do("return", number, unit("sljd"), NOW + DAY + HOUR, reason="应由城管", basis="三定方案", unit="cgj")
    office.do("convene", number, DISPATCHER, NOW + DAY + 2 * HOUR)
    office.do("rule", number, SUPERVISOR, NOW + DAY + 3 * HOUR, **(RULED | {"unit": "cgj"}))
    with db.transaction() as session:
        found = precedent.propose(session, office.city, number, DISPATCHER, NOW + DAY + 4 * HOUR)
    assert found.edition == f"2026.1-P-{number}"  # the suffix does not grow
    ended, _ = sentences(office, found.edition)
    assert ended.startswith(f"责任表P-{first_one}")
    assert ended.endswith("失效日由无改为2026-11-18")


def test_a_row_of_the_same_day_is_a_persons_to_change(office: Office) -> None:
    one, two = ruled(office), ruled(office, unit="cgj")
    approve(office, propose(office, one).edition)
    with pytest.raises(RuleSaysNo, match=f"责任表P-{one}同样具体"):
        propose(office, two)


def test_what_is_no_precedent(office: Office) -> None:
    with pytest.raises(RuleSaysNo, match="没有经会商裁定"):
        propose(office, office.ticket(State.ROUTED).number)
    with pytest.raises(NoSuchTicket):
        propose(office, "SL0")
    number = ruled(office)
    with pytest.raises(NotAllowed):
        propose(office, number, AGENT)
    found = propose(office, number)
    with pytest.raises(RuleSaysNo, match="已经提出"):
        propose(office, number)
    approve(office, found.edition)
    with pytest.raises(RuleSaysNo, match=f"责任表P-{number}已经这样规定"):
        propose(office, number)


def test_a_precedent_turned_down_may_be_put_forward_again(office: Office) -> None:
    number = ruled(office)
    found = propose(office, number)
    with db.transaction() as session:
        approval.reject(session, SUPERVISOR, found.edition, NOW + 4 * HOUR + MINUTE, "依据不全")
    assert propose(office, number).edition == f"{found.edition}-2"
