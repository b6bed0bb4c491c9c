"""Two people put an edition into force; tickets go on by the edition they were given."""

import threading
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.errors import NotAllowed, RuleSaysNo, RulesUnreadable
from hotline.flow.editions import approval
from hotline.people import Me
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import (
    ADMIN,
    AGENT,
    DAY,
    DISPATCHER,
    HOUR,
    MINUTE,
    NOW,
    RUBBISH,
    SAMPLE,
    SUPERVISOR,
    Office,
    unit,
)  # fmt: skip

FILES = rulefiles.read_folder(SAMPLE)
PROPOSAL, EDITION = METADATA.tables["proposal"], METADATA.tables["edition"]
STRICT = (
    ("promises.toml", 'after = "route"\ndays = 7', 'after = "route"\ndays = 2'),
    ("ladder.toml", 'label = "签收提醒"', 'label = "新签收提醒"'),
    ("city.toml", "[returns]\ndays = 1", "[returns]\ndays = 0"),
    ("city.toml", "[extensions]\ndays = 10", "[extensions]\ndays = 1"),
    ("duty.csv", "D003,010101,,hwzx", "D003,010101,,cgj"),
)


def edition(name: str, *changes: tuple[str, str, str]) -> dict[str, str]:
    """Return the sample's files under another name, with changes."""
    files = dict(FILES) | {"city.toml": FILES["city.toml"].replace('edition = "2026.1"', f'edition = "{name}"')}
    for file, old, new in changes:
        assert old in files[file], old
        files[file] = files[file].replace(old, new)
    return files


@pytest.fixture(autouse=True)
def first(office: Office) -> None:
    """Put the sample's own edition into force again: an office keeps its rules between tests."""
    with db.transaction() as session:
        session.execute(PROPOSAL.delete())
        session.execute(EDITION.delete().where(EDITION.c.edition != "2026.1"))
        office.city = cities.apply(session, FILES, "test", NOW - 30 * DAY)


def propose(office: Office, files: dict[str, str], me: Me = DISPATCHER) -> approval.Proposed:
    with db.transaction() as session:
        return approval.propose(session, office.city, files, me, NOW, "为什么")


def approve(name: str, me: Me = SUPERVISOR, seen: str = "") -> cities.City:
    with db.transaction() as session:
        return approval.approve(session, me, name, NOW + HOUR, seen)


def in_force() -> list[str]:
    with db.reading() as session:
        return list(session.execute(sa.select(EDITION.c.edition).where(EDITION.c.active)).scalars())


def test_from_proposal_to_force(office: Office) -> None:
    files = edition("2026.2")
    told = propose(office, files)
    assert (told.edition, told.digest, told.proposed_by, told.decision) == (
        "2026.2", cities.digest(files), "pai01", "",
    )  # fmt: skip
    assert in_force() == ["2026.1"]
    assert approve("2026.2", seen="2026.1").edition == "2026.2"
    assert in_force() == ["2026.2"]
    with db.reading() as session:
        assert approval.proposals(session, "sample") == []
        (one,) = approval.proposals(session, "sample", waiting=False)
        newest, oldest = approval.history(session, "sample")
    assert (one.decision, one.decided_by, one.decided_at) == ("approved", "du01", NOW + HOUR)
    assert (newest.edition, newest.active, newest.applied_by, newest.proposed_by) == ("2026.2", True, "du01", "pai01")
    assert (oldest.edition, oldest.active, oldest.proposed_by) == ("2026.1", False, "")


@pytest.mark.parametrize("me", [AGENT, unit("cgj")])
def test_who_may_not_touch_the_rules(office: Office, me: Me) -> None:
    with pytest.raises(NotAllowed, match="提出规则版本由派单员、督办员、管理员操作"):
        propose(office, edition("2026.2"), me)
    propose(office, edition("2026.2"))
    for one in (me, msgspec.structs.replace(DISPATCHER, login="pai02")):
        with pytest.raises(NotAllowed, match="批准规则版本由督办员、管理员操作"):
            approve("2026.2", one)
    assert in_force() == ["2026.1"]


def test_nobody_decides_on_their_own(office: Office) -> None:
    propose(office, edition("2026.2"), SUPERVISOR)
    with pytest.raises(approval.TwoPeople):
        approve("2026.2", SUPERVISOR)
    with pytest.raises(approval.TwoPeople), db.transaction() as session:
        approval.reject(session, msgspec.structs.replace(SUPERVISOR, role=ADMIN.role), "2026.2", NOW, "不要")
    assert approve("2026.2", ADMIN).edition == "2026.2"


def test_decided_is_decided(office: Office) -> None:
    propose(office, edition("2026.2"))
    with pytest.raises(RuleSaysNo, match="驳回须写明理由"), db.transaction() as session:
        approval.reject(session, SUPERVISOR, "2026.2", NOW, " ")
    with db.transaction() as session:
        approval.reject(session, SUPERVISOR, "2026.2", NOW, "依据不足")
    with pytest.raises(RuleSaysNo, match=r"已驳回（du01）"):
        approve("2026.2", ADMIN)
    with db.reading() as session:
        assert approval.proposals(session, "sample", waiting=False)[0].note == "为什么\n驳回理由：依据不足"
    with pytest.raises(approval.NoSuchProposal):
        approve("2027.1", ADMIN)
    with pytest.raises(approval.NoSuchProposal), db.reading() as session:
        approval.files_of(session, "sample", "2027.1")


def test_what_cannot_be_put_forward(office: Office) -> None:
    with pytest.raises(RuleSaysNo, match=r"版本 2026\.1 已经启用或提出过"):
        propose(office, FILES)
    propose(office, edition("2026.2"))
    with pytest.raises(RuleSaysNo, match=r"版本 2026\.2 已经启用或提出过"):
        propose(office, edition("2026.2", ("duty.csv", "D003,010101,,hwzx", "D003,010101,,cgj")))
    with pytest.raises(RuleSaysNo, match="区域代码"):
        propose(office, edition("2026.3", ("city.toml", 'region = "sample"', 'region = "other"')))
    with pytest.raises(RulesUnreadable):
        propose(office, edition("2026.3", ("promises.toml", "days = 3", "dayz = 3")))
    with pytest.raises(approval.RulesFaulty, match="处错误"):
        propose(office, edition("2026.3", ("promises.toml", 'stops = ["answer", "pass"]', 'stops = ["close"]')))


def test_what_was_seen_must_still_be_in_force(office: Office) -> None:
    propose(office, edition("2026.2"))
    propose(office, edition("2026.3"))
    approve("2026.2", seen="2026.1")
    with pytest.raises(RuleSaysNo, match="重新核对"):
        approve("2026.3", seen="2026.1")
    assert approve("2026.3", seen="2026.2").edition == "2026.3"


def test_two_approvals_at_once_leave_one_edition_in_force(office: Office) -> None:
    for name in ("2026.2", "2026.3"):
        propose(office, edition(name))
    refused: list[Exception] = []
    together = threading.Barrier(2)

    def press(name: str) -> None:
        together.wait()
        try:
            approve(name, seen="2026.1")
        except RuleSaysNo as late:
            refused.append(late)

    hands = [threading.Thread(target=press, args=(name,)) for name in ("2026.2", "2026.3")]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(refused) == 1
    assert len(in_force()) == 1


def test_alone_is_written_down(office: Office) -> None:
    propose(office, edition("2026.2"))
    with db.transaction() as session:
        assert not approval.is_first(session)
        assert approval.holds(session, FILES)
        approval.alone(session, edition("2026.2"), "值班员", NOW)
    with db.reading() as session:
        newest = approval.history(session, "sample")[0]
    assert (newest.edition, newest.decision, newest.applied_by) == ("2026.2", "alone", "值班员")
    with pytest.raises(RuleSaysNo, match="一人启用"):
        approve("2026.2")


def test_the_sample_gives_way_to_a_citys_first(office: Office) -> None:
    with db.transaction() as session:
        session.execute(EDITION.delete())
        assert approval.is_first(session)
        cities.apply(session, FILES, cities.BY_SAMPLE, NOW)
        assert approval.is_first(session)
        cities.apply(session, edition("own"), "甲", NOW)
        assert not approval.is_first(session)


def test_a_new_edition_touches_new_tickets_only(office: Office) -> None:
    old = office.triaged(NOW, area=RUBBISH)
    before = {name: (row.due_at, row.ladder) for name, row in office.clocks(old).items()}
    propose(office, edition("2026.2", *STRICT))
    office.city = approve("2026.2")
    assert {name: (row.due_at, row.ladder) for name, row in office.clocks(old).items()} == before

    new = office.triaged(NOW + HOUR, area=RUBBISH)
    assert (office.see(old).edition, office.see(new).edition) == ("2026.1", "2026.2")
    assert (office.see(old).unit, office.see(new).unit) == ("hwzx", "cgj")
    assert office.see(new).due_at < office.see(old).due_at
    said = {"reason": "属执法事项", "basis": "责任分解表", "unit": "zjj"}
    tomorrow = NOW + DAY
    with pytest.raises(RuleSaysNo):  # by the new rule a return is due the same day
        office.do("return", new, unit("cgj"), tomorrow, **said)
    office.do("return", old, unit("hwzx"), tomorrow, **said)

    # Whose it is, is asked of the table in force on the day of the dispatch; by when, of the ticket's own edition.
    again = office.do("route", old, DISPATCHER, tomorrow + HOUR, unit="zjj")
    assert (again.edition, again.due_at) == ("2026.1", before["result"][0])
    hold, fresh = office.clocks(old)["hold"], office.clocks(new)["hold"]
    assert (hold.unit, hold.due_at - hold.started_at > timedelta(days=6)) == ("zjj", True)
    assert fresh.due_at - fresh.started_at < timedelta(days=3)
    reminders = [office.clocks(number)["sign"].ladder[0]["label"] for number in (old, new)]
    assert reminders == ["签收提醒", "新签收提醒"]


def test_extensions_follow_the_tickets_own_edition(office: Office) -> None:
    old = office.ticket(State.SIGNED, NOW).number
    propose(office, edition("2026.2", *STRICT))
    office.city = approve("2026.2")
    new = office.triaged(NOW + HOUR, area=RUBBISH)
    office.do("sign", new, unit("cgj"), NOW + HOUR + MINUTE)
    asked = {"reason": "需要备料", "days": 5, "note": "已到现场"}
    assert office.do("ask_extension", old, unit("hwzx"), NOW + 2 * HOUR, **asked).pending == "extension"
    with pytest.raises(RuleSaysNo, match="1个工作日"):
        office.do("ask_extension", new, unit("cgj"), NOW + 2 * HOUR, **asked)


def test_the_table_of_the_day_names_who_takes_a_returned_ticket(office: Office) -> None:
    old = office.ticket(State.ROUTED, NOW)
    propose(office, edition("2026.2", *STRICT))
    office.city = approve("2026.2")
    found = office.city.router.route(area=old.area, place=old.grid or None, on=office.city.day(NOW))
    assert (office.see(old.number).unit, found.unit) == ("hwzx", "cgj")
