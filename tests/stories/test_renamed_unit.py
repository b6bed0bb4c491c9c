"""A unit is renamed while it holds tickets: one signed, one routed, one returned; later two units are merged."""

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa

from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import city as cities
from hotline import clock, people, rulefiles
from hotline.errors import NoSuchTicket
from hotline.flow import call_back
from hotline.flow.editions import transfer
from hotline.jobs import follow
from hotline.people import may_see
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, DAY, DISPATCHER, HOUR, LAMP, MINUTE, NOW, SAMPLE, Office, unit

LATER = NOW + 3 * HOUR
FILES = rulefiles.read_folder(SAMPLE)
Files = dict[str, str]
Renaming = Callable[..., None]


def renamed(code: str, name: str, *old: str) -> Files:
    """Return the sample's files with units `old` replaced by one unit that names them as its former codes."""
    units = ["code,name,kind,place,backstop,hours,formerly"]
    units += [f"{line}," for line in FILES["units.csv"].splitlines()[1:] if line.split(",")[0] not in old]
    units.append(f"{code},{name},部门,,false,,{'|'.join(old)}")
    duty = FILES["duty.csv"]
    for former in old:
        for before, after in ((f",{former},", f",{code},"), (f"|{former},", ","), (f",{former}|", f",{code}|")):
            duty = duty.replace(before, after)
        duty = duty.replace(f"|{former}|", "|")
    head = FILES["city.toml"].replace('edition = "2026.1"', f'edition = "{code}-{"-".join(old)}"')
    for former in old:
        head = head.replace(f'"{former}"', f'"{code}"')  # whom a whistle calls
    return FILES | {"units.csv": "\n".join(units) + "\n", "duty.csv": duty, "city.toml": head}


@pytest.fixture
def rename(office: Office, monkeypatch: pytest.MonkeyPatch) -> Renaming:
    """A function that puts the renaming into force at a moment, and follows it up."""
    monkeypatch.setattr(clock, "now", lambda: LATER)
    with db.transaction() as session:
        office.city = cities.apply(session, FILES, "test", NOW - 30 * DAY)

    def put(*names: str) -> None:
        with db.transaction() as session:
            office.city = cities.apply(session, renamed(*names), "du01", LATER)
        follow.up()

    return put


def hire(login: str, code: str) -> None:
    with db.transaction() as session:
        people.add(session, "sample", login, login, "", NOW)
        people.appoint(session, "sample", login, Role.UNIT, code, NOW)


def units_of(office: Office, table: str, number: str) -> list[tuple[str, bool]]:
    """Return (unit, whether it is over) of a ticket's clocks or hands."""
    over = "stopped_at" if table == "clock" else "ended_at"
    rows = office.rows(table, ticket_id=office.see(number).id)
    return [(row.unit, getattr(row, over) is not None) for row in rows if row.unit]


def test_renamed_while_holding(office: Office, rename: Renaming) -> None:
    hire("hwzx01", "hwzx")
    signed = office.ticket(State.SIGNED, NOW).number
    routed = office.ticket(State.ROUTED, NOW + MINUTE).number
    returned = office.ticket(State.ROUTED, NOW + 2 * MINUTE).number
    closed = office.ticket(State.CLOSED, NOW + 3 * MINUTE).number
    office.do("return", returned, unit("hwzx"), NOW + HOUR, reason="属执法事项", basis="责任分解表", unit="cgj")
    due = {number: office.see(number).due_at for number in (signed, routed, returned)}

    rename("hjzx", "示例区环境服务中心", "hwzx")

    for number in (signed, routed, returned):
        ticket = office.see(number)
        assert (ticket.unit, ticket.due_at) == ("hjzx", due[number])
        assert office.history(number)[-1] == "transfer"
        line = office.rows("entry", ticket_id=ticket.id)[-1]
        assert (line.actor, line.public, line.facts) == ("clockwork", True, {"renamed": {"hwzx": "hjzx"}})
        assert line.note == "示例区环境卫生服务中心更名或合并为示例区环境服务中心"
        assert line.origin == line.target == ticket.state
        for table in ("clock", "assignment"):
            assert {one for one, over in units_of(office, table, number) if not over} <= {"hjzx"}
        assert "hjzx" in {one for one, _ in units_of(office, "clock", number)}
    assert ("hwzx", True) in units_of(office, "clock", signed)  # the signing was met by the unit as it was called then
    assert units_of(office, "assignment", returned) == [("hwzx", True)]
    assert office.see(closed).unit == "hwzx"
    assert "transfer" not in office.history(closed)
    assert {one for one, _ in units_of(office, "clock", closed)} == {"hwzx"}
    assert office.broken_links() == []

    with db.reading() as session:
        me = people.serving(session, "sample", "hwzx01", LATER)
        seen = [may_see(session, one, office.see(signed)) for one in (me, unit("hwzx"))]
    assert (me.unit, seen) == ("hjzx", [True, False])
    posts = [(row.unit, row.until is None) for row in office.rows("post", login="hwzx01")]
    assert posts == [("hwzx", False), ("hjzx", True)]


def test_the_new_unit_goes_on_where_the_old_one_was(office: Office, rename: Renaming) -> None:
    signed = office.ticket(State.SIGNED, NOW).number
    routed = office.ticket(State.ROUTED, NOW).number
    returned = office.ticket(State.ROUTED, NOW).number
    office.do("return", returned, unit("hwzx"), NOW + HOUR, reason="属执法事项", basis="责任分解表", unit="cgj")
    rename("hjzx", "示例区环境服务中心", "hwzx")
    me = unit("hjzx")
    with pytest.raises(NoSuchTicket):
        office.do("report", signed, unit("hwzx"), LATER, note="还是我")
    office.do("answer", signed, me, LATER + HOUR, note="已清运")
    office.do("sign", routed, me, LATER + MINUTE)
    office.do("keep", returned, DISPATCHER, LATER + MINUTE, reason="仍属环卫职责")
    assert office.see(returned).unit == "hjzx"
    office.do("answer", returned, me, LATER + HOUR, note="已清运")
    hold = {row.unit for row in office.rows("clock", clock="hold") if row.outcome == "met"}
    assert hold == {"hjzx"}
    with db.transaction() as session:
        call_back.plan(session, office.city, [signed])
    again = office.do("callback", signed, CALLER_BACK, LATER + DAY, reached=True, solved="no", satisfaction=1)
    assert (again.state, again.unit) == ("signed", "hjzx")
    assert office.broken_links() == []


def test_twice_is_once(office: Office, rename: Renaming) -> None:
    number = office.ticket(State.SIGNED, NOW).number
    hire("hwzx01", "hwzx")
    rename("hjzx", "示例区环境服务中心", "hwzx")
    before = [office.rows(table) for table in ("ticket", "entry", "clock", "assignment", "post")]
    assert follow.up() == follow.Followed(transferred=0, relabelled=0, recounted=0, posts=0)
    with db.transaction() as session:  # another process that had read the same list
        assert transfer.batch(session, office.city, [office.see(number).id], LATER) == 0
    assert [office.rows(table) for table in ("ticket", "entry", "clock", "assignment", "post")] == before


def test_lead_and_helper_become_one(office: Office, rename: Renaming) -> None:
    number = office.triaged(NOW, area=LAMP)  # szzx leads, gdgs helps
    ticket = office.see(number)
    assert (ticket.unit, ticket.helpers) == ("szzx", ["gdgs"])
    rename("szgd", "示例区市政供电中心", "szzx", "gdgs")
    ticket = office.see(number)
    assert (ticket.unit, ticket.helpers) == ("szgd", [])
    helped = [row for row in office.rows("assignment", ticket_id=ticket.id) if row.role == "help"]
    assert [(row.unit, row.ended_by) for row in helped] == [("szgd", "transfer")]
    helping = [row for row in office.rows("clock", ticket_id=ticket.id) if row.owner == "helper"]
    assert [(row.outcome, row.next_at) for row in helping] == [("void", None)]
    assert office.history(number).count("transfer") == 1


def test_a_helper_is_renamed(office: Office, rename: Renaming) -> None:
    number = office.triaged(NOW, area=LAMP)
    rename("dw", "示例区电网公司", "gdgs")
    ticket = office.see(number)
    assert (ticket.unit, ticket.helpers) == ("szzx", ["dw"])
    office.do("help_answer", number, unit("dw"), LATER + HOUR, note="线路正常")
    (helping,) = [row for row in office.rows("clock", ticket_id=ticket.id) if row.owner == "helper"]
    assert (helping.unit, helping.outcome) == ("dw", "met")


def test_two_helpers_become_one(office: Office, rename: Renaming) -> None:
    number = office.triaged(NOW, area=LAMP)
    office.do("invite", number, unit("szzx"), NOW + HOUR, unit="zjj", note="请核实产权")
    rename("dw", "示例区电网住建中心", "gdgs", "zjj")
    ticket = office.see(number)
    assert ticket.helpers == ["dw"]
    live = [
        row.unit for row in office.rows("assignment", ticket_id=ticket.id) if row.role == "help" and not row.ended_at
    ]
    assert live == ["dw"]
    running = [row for row in office.rows("clock", ticket_id=ticket.id) if row.owner == "helper" and not row.stopped_at]
    assert [row.unit for row in running] == ["dw"]


def test_an_invitation_to_a_dispute_a_notice_and_a_suggested_owner_pass_too(office: Office, rename: Renaming) -> None:
    number = office.triaged(NOW)
    office.do("return", number, unit("hwzx"), NOW + HOUR, reason="属执法事项", basis="责任分解表", unit="cgj")
    office.do("convene", number, DISPATCHER, NOW + 2 * HOUR)
    notice = METADATA.tables["notice"]
    row = {"region": "sample", "unit": "cgj", "login": "", "number": number, "kind": "convene", "text": "会商"}
    with db.transaction() as session:
        old = row | {"id": office.see(number).id, "at": NOW, "read_at": NOW}
        new = row | {"id": UUID(int=7), "at": NOW, "read_at": None}
        session.execute(notice.insert(), [old, new])
    rename("zfj", "示例区综合执法局", "cgj")
    assert sorted(one.unit for one in office.rows("opinion")) == ["hwzx", "zfj"]
    office.do("opine", number, unit("zfj"), LATER, note="应由环卫承办", unit="hwzx")
    assert sorted(one.unit for one in office.rows("notice")) == ["cgj", "zfj"]  # what was read stays where it was read
    assert office.history(number)[-2:] == ["convene", "opine"]  # the ticket itself was not in its hands


def test_two_invited_units_that_became_one_have_one_voice(office: Office, rename: Renaming) -> None:
    number = office.triaged(NOW)
    office.do("return", number, unit("hwzx"), NOW + HOUR, reason="属执法事项", basis="责任分解表", unit="cgj")
    office.do("convene", number, DISPATCHER, NOW + 2 * HOUR)
    rename("zfj", "示例区综合执法局", "cgj", "hwzx")
    assert [one.unit for one in office.rows("opinion")] == ["zfj"]
    assert office.see(number).why["owner"] == "zfj"


def test_nobody_renamed_costs_one_statement(office: Office) -> None:
    with db.reading() as session:
        assert transfer.waiting(session, office.city) == []
        assert session.execute(sa.select(1)).scalar_one() == 1
