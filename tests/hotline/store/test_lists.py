"""Lists, badges, sheets and notices, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from dispatch.roles import Role
from hotline.errors import BadValue, NoSuchTicket
from hotline.people import Me, may_see
from hotline.store import db, lists
from hotline.store.ids import new_id
from hotline.store.lists import Filters, Sight
from hotline.store.outbox import Notice
from hotline.store.tickets import Alarm, CallbackRow, ClockRow, Entry, Ticket

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALL = Sight(region="r1", everything=True)
TICKETS: dict[str, dict[str, Any]] = {
    "n1": {"state": "received", "area": "", "text": "噪音扰民 100%", "title": "噪音"},
    "n2": {"state": "routed", "unit": "cgj", "helpers": ["hwzx"], "area": "0103", "due_at": NOW + 3 * DAY},
    "n3": {"state": "signed", "unit": "cgj", "area": "0201", "due_at": NOW - DAY, "progress_due_at": NOW - 2 * DAY},
    "n4": {"state": "signed", "unit": "zjj", "area": "01", "due_at": NOW + DAY, "grid": "g1", "community": "c1",
           "street": "s1", "leader": "wu", "progress_due_at": NOW - DAY, "reported_at": NOW - 2 * DAY},
    "n5": {"state": "answered", "unit": "zjj", "due_at": NOW - DAY, "callback_due_at": NOW, "grid": "g2",
           "helpers": ["cgj_2"], "caller_id": UUID(int=7)},
    "n6": {"state": "closed", "unit": "cgj", "due_at": NOW - 9 * DAY, "confidential": True, "caller_label": "王**"},
    "n7": {"state": "joined", "unit": "", "source": "8890", "urgency": "urgent", "level": "red_card"},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def filled(database_url: str) -> None:
    """Seven tickets of r1, a day apart, and one of r2 under a number of r1."""
    db.bind(database_url)
    with db.transaction() as session:
        for place, (number, columns) in enumerate(TICKETS.items()):
            at = NOW - (10 - place) * DAY
            values = {"text": "路灯不亮", "source": "12345", "area": "09", "received_at": at} | columns
            session.add(Ticket(id=new_id(at), region="r1", number=number, **values))
        session.add(
            Ticket(
                id=new_id(NOW), region="r2", number="n1", state="received", source="web", text="别处", unit="cgj",
                received_at=NOW, leader="wu", grid="g1",
            )
        )  # fmt: skip
        session.flush()
        into, ticket = (
            session.execute(
                sa.select(lists.TICKET).where(lists.TICKET.c.number == number, lists.TICKET.c.region == "r1")
            ).one()
            for number in ("n2", "n7")
        )
        session.execute(sa.update(lists.TICKET).where(lists.TICKET.c.id == ticket.id).values(joined_to=into.id))
        for seq, move in enumerate(("receive", "route"), start=1):
            session.add(
                Entry(ticket_id=into.id, seq=seq, region="r1", at=NOW, actor="a", role="agent", move=move, hash="")
            )
        facts = {"region": "r1", "ticket_id": into.id}
        session.add(ClockRow(id=new_id(NOW), clock="sign", started_at=NOW, due_at=NOW + DAY, **facts))
        session.add(Alarm(clock_id=new_id(NOW), position=0, move="remind", due_at=NOW, acted_at=NOW, **facts))
        session.add(CallbackRow(id=new_id(NOW), at=NOW, by="b", reached=False, **facts))
        for place, (unit, login) in enumerate(
            [("cgj", ""), ("cgj", "li"), ("", "wu"), ("zjj", ""), ("", "@unit"), ("", "@supervisor")]
        ):
            at = NOW + place * timedelta(seconds=1)
            session.add(
                Notice(id=new_id(at), region="r1", unit=unit, login=login, kind="route", text=f"{unit}{login}", at=at)
            )


@pytest.fixture
def sent() -> Iterator[list[str]]:
    """The statements sent to the database."""
    found: list[str] = []

    def note(*facts: Any) -> None:
        if not facts[2].startswith("BEGIN"):
            found.append(facts[2])

    event.listen(db.engine(), "before_cursor_execute", note)
    yield found
    event.remove(db.engine(), "before_cursor_execute", note)


def numbers(sight: Sight, filters: Filters = lists.ALL, **options: Any) -> list[str]:
    with db.reading() as session:
        return [card.number for card in lists.tickets(session, sight, filters, now=NOW, **options).items]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "n7 n6 n5 n4 n3 n2 n1"),
        ({"states": frozenset({"signed", "routed"})}, "n4 n3 n2"),
        ({"states": frozenset({"closed", "received"})}, "n6 n1"),
        ({"unit": "cgj"}, "n6 n3 n2"),
        ({"area": "01"}, "n4 n2"),
        ({"area": "0%"}, ""),
        ({"place": "g1"}, "n4"),
        ({"place": "s1"}, "n4"),
        ({"source": "8890"}, "n7"),
        ({"urgency": "urgent"}, "n7"),
        ({"level": "red_card"}, "n7"),
        ({"leader": "wu"}, "n4"),
        ({"number": "n3"}, "n3"),
        ({"caller": UUID(int=7)}, "n5"),
        ({"caller": UUID(int=8)}, ""),
        ({"words": "噪音"}, "n1"),
        ({"words": "100%"}, "n1"),
        ({"words": "1_0"}, ""),
        ({"words": "路灯", "unit": "zjj"}, "n5 n4"),
        ({"overdue": True}, "n3"),
        ({"unreported": True}, "n3"),
        ({"unsure": True}, "n1"),
        ({"since": NOW - 5 * DAY}, "n7 n6"),
        ({"until": NOW - 8 * DAY}, "n2 n1"),
        ({"due_before": NOW + 2 * DAY}, "n5 n4 n3"),
        ({"callback_before": NOW}, "n5"),
        ({"callback_before": NOW - DAY}, ""),
    ],
)
def test_filters(filters: dict[str, Any], found: str) -> None:
    assert numbers(ALL, Filters(**filters)) == found.split()


@pytest.mark.parametrize(
    ("me", "found"),
    [
        ({"role": Role.DISPATCHER}, "n7 n6 n5 n4 n3 n2 n1"),
        ({"role": Role.UNIT, "unit": "cgj"}, "n6 n3 n2"),
        ({"role": Role.UNIT, "unit": "hwzx"}, "n2"),
        ({"role": Role.UNIT, "unit": "cgj_2"}, "n5"),
        ({"role": Role.UNIT, "unit": "cgj%2"}, ""),
        ({"role": Role.UNIT, "unit": ""}, ""),
        ({"role": Role.GRID_LEADER, "login": "wu"}, "n4"),
        ({"role": Role.GRID_LEADER, "grids": ("g2", "g9")}, "n5"),
        ({"role": Role.GRID_LEADER, "login": "wu", "grids": ("g2",)}, "n5 n4"),
        ({"role": Role.GRID_LEADER}, ""),
        ({"role": Role.CITIZEN, "unit": "cgj"}, ""),
        ({"role": Role.DISPATCHER, "region": "r2"}, "n1"),
        ({"role": Role.DISPATCHER, "region": "r3"}, ""),
    ],
)
def test_scope_is_the_rule_of_may_see(me: dict[str, Any], found: str) -> None:
    person = Me(**{"login": "nobody", "name": "", "region": "r1"} | me)
    assert numbers(person.sight) == found.split()
    with db.reading() as session:
        rows = session.exec(sa.select(Ticket)).scalars().all()  # type: ignore[call-overload]
    seen = sorted((one.id for one in rows if may_see(person, one)), reverse=True)
    with db.reading() as session:
        assert [card.id for card in lists.tickets(session, person.sight, now=NOW).items] == seen


@pytest.mark.parametrize(("order", "found"), [("newest", "n7 n6 n5 n4 n3 n2 n1"), ("due", "n6 n3 n5 n4 n2 n1 n7")])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_pages_join_without_gap_or_repeat(order: lists.Order, found: str, size: int, sent: list[str]) -> None:
    collected: list[str] = []
    after, pages = None, 0
    with db.reading() as session:
        sent.clear()
        while pages == 0 or after:
            page = lists.tickets(session, ALL, now=NOW, size=size, after=after, order=order)
            collected += [card.number for card in page.items]
            after, pages = page.after, pages + 1
    assert collected == found.split()
    assert pages == -(-7 // size)
    assert len(sent) == pages


@pytest.mark.parametrize("cursor", ["x", "!!!", "", "gA", "k6NuZXc", "路"])
def test_foreign_cursors(cursor: str) -> None:
    if not cursor:
        assert numbers(ALL, after=cursor) == numbers(ALL)
        return
    with pytest.raises(BadValue) as refused:
        numbers(ALL, after=cursor)
    assert refused.value.path == "after"


def test_a_cursor_of_another_order() -> None:
    with db.reading() as session:
        after = lists.tickets(session, ALL, now=NOW, size=1, order="due").after
    with pytest.raises(BadValue):
        numbers(ALL, after=after, order="newest")


def test_counts_are_one_statement(sent: list[str]) -> None:
    named = {
        "all": lists.ALL,
        "overdue": Filters(overdue=True),
        "cgj": Filters(unit="cgj", states=frozenset({"routed", "signed"})),
        "noise": Filters(words="噪音"),
    }
    with db.reading() as session:
        sent.clear()
        found = lists.counts(session, ALL, named, NOW)
        assert lists.counts(session, ALL, {}, NOW) == {}
    assert found == {"all": 7, "overdue": 1, "cgj": 2, "noise": 1}
    assert len(sent) == 1
    for name, filters in named.items():
        assert len(numbers(ALL, filters)) == found[name]


def test_sheet_is_six_statements(sent: list[str]) -> None:
    with db.reading() as session:
        session.execute(sa.text("SELECT 1"))
        sent.clear()
        sheet = lists.sheet(session, ALL, "n2")
    assert len(sent) == 6
    assert [line.move for line in sheet.history] == ["receive", "route"]
    parts = [len(part) for part in (sheet.clocks, sheet.cards, sheet.calls)]
    assert parts == [1, 1, 1]
    assert [card.number for card in sheet.joined] == ["n7"]
    assert (sheet.helpers, sheet.text, sheet.joined_to) == (["hwzx"], "路灯不亮", "")


def test_sheet_of_a_joined_ticket_names_the_matter() -> None:
    with db.reading() as session:
        assert lists.sheet(session, ALL, "n7").joined_to == "n2"


@pytest.mark.parametrize("number", ["n4", "n99", ""])
def test_unseen_is_unknown(number: str) -> None:
    with db.reading() as session, pytest.raises(NoSuchTicket):
        lists.sheet(session, Sight(region="r1", unit="cgj"), number)


def test_confidential_callers_are_for_the_desk_only() -> None:
    with db.reading() as session:
        desk = lists.sheet(session, ALL, "n6").card
        unit = lists.sheet(session, Sight(region="r1", unit="cgj"), "n6").card
        row = session.exec(sa.select(Ticket).where(lists.TICKET.c.number == "n6")).scalars().one()  # type: ignore[call-overload]
    assert (desk.caller_label, unit.caller_label) == ("王**", lists.CONFIDENTIAL)
    assert lists.card_of(row, Sight(region="r1", unit="cgj")) == unit
    assert lists.card_of(row, ALL) == desk


def test_notices() -> None:
    def texts(login: str, unit: str = "", role: str = "", **more: Any) -> list[str]:
        with db.reading() as session:
            found = lists.notices(session, ALL, login=login, unit=unit, role=role, **more)
            return [one.text for one in found]

    assert texts("li", "cgj") == ["cgjli", "cgj"]
    assert texts("li", "cgj", "unit") == ["@unit", "cgjli", "cgj"]
    assert texts("li", "cgj", "unit", size=2) == ["@unit", "cgjli"]
    assert texts("wu") == ["wu"]
    assert texts("", "", "supervisor") == ["@supervisor"]
    assert texts("") == []
    with db.reading() as session:
        last = lists.notices(session, ALL, login="li", unit="cgj", role="unit", size=2)[-1]
    assert texts("li", "cgj", "unit", before=last.id) == ["cgj"]


def test_notices_are_read_by_whom_they_reach(sent: list[str]) -> None:
    def count(session: Any, login: str, unit: str = "", role: str = "") -> int:
        return lists.unread(session, ALL, login=login, unit=unit, role=role)

    with db.transaction() as session:
        sent.clear()
        assert count(session, "li", "cgj", "unit") == 3
        assert len(sent) == 1
        lists.read_notices(session, ALL, login="li", unit="cgj", role="unit", now=NOW)
        assert len(sent) == 2
        assert count(session, "li", "cgj", "unit") == 0
        assert (count(session, "wu"), count(session, "du", "", "supervisor")) == (1, 1)
