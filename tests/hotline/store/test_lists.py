"""Lists, badges, sheets and notices, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from dispatch.lifecycle import OPEN
from dispatch.roles import Role
from hotline.errors import BadValue
from hotline.people import Me, may_see
from hotline.store import cursors, db, lists, notices, reach, veil
from hotline.store.ids import new_id
from hotline.store.lists import Filters, Sight
from hotline.store.outbox import Notice
from hotline.store.requests import OpinionRow, RequestRow
from hotline.store.tickets import Alarm, Assignment, TicketRow

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ALL = Sight(region="r1", everything=True)
TICKETS: dict[str, dict[str, Any]] = {
    "n1": {"state": "received", "area": "", "text": "噪音扰民 100%", "title": "噪音"},
    "n2": {"state": "routed", "unit": "cgj", "helpers": ["hwzx"], "area": "0103", "due_at": NOW + 3 * DAY},
    "n3": {"state": "signed", "unit": "cgj", "area": "0201", "due_at": NOW - DAY, "progress_due_at": NOW - 2 * DAY},
    "n4": {
        "state": "signed",
        "unit": "zjj",
        "area": "01",
        "due_at": NOW + DAY,
        "grid": "g1",
        "community": "c1",
        "street": "s1",
        "leader": "wu",
        "progress_due_at": NOW - DAY,
        "reported_at": NOW - 2 * DAY,
    },
    "n5": {
        "state": "answered",
        "unit": "zjj",
        "due_at": NOW - DAY,
        "callback_due_at": NOW,
        "grid": "g2",
        "helpers": ["cgj_2"],
        "caller_id": UUID(int=7),
    },
    "n6": {"state": "closed", "unit": "cgj", "due_at": NOW - 9 * DAY, "confidential": True, "caller_label": "王**"},
    "n7": {"state": "joined", "unit": "", "source": "8890", "urgency": "urgent", "level": "red_card"},
    "n8": {"state": "disputed", "unit": "zjj", "due_at": NOW + 9 * DAY, "level": "supervise"},
    "n9": {"state": "withdrawn", "unit": "zjj"},
}
OPINIONS = {  # (ticket, unit): has said something, is ruled upon
    ("n8", "hwzx"): (False, False), ("n8", "szzx"): (True, False), ("n8", "gafj"): (True, True),
    ("n9", "hwzx"): (False, False),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def filled(database_url: str) -> None:
    """Nine tickets of r1, a day apart, and one of r2 under a number of r1."""
    db.bind(database_url)
    with db.transaction() as session:
        for place, (number, columns) in enumerate(TICKETS.items()):
            at = NOW - (10 - place) * DAY
            values = {"text": "路灯不亮", "source": "12345", "area": "09", "received_at": at} | columns
            session.add(TicketRow(id=new_id(at), region="r1", number=number, **values))
        session.add(
            TicketRow(
                id=new_id(NOW), region="r2", number="n1", state="received", source="web", text="别处", unit="cgj",
                received_at=NOW, leader="wu", grid="g1",
            )
        )  # fmt: skip
        session.flush()
        _waiting(session)
        for place, (unit, login) in enumerate(
            [("cgj", ""), ("cgj", "li"), ("", "wu"), ("zjj", ""), ("", "@unit"), ("", "@supervisor")]
        ):
            at = NOW + place * timedelta(seconds=1)
            session.add(
                Notice(id=new_id(at), region="r1", unit=unit, login=login, kind="route", text=f"{unit}{login}", at=at)
            )


def _waiting(session: Any) -> None:
    """Add what waits for somebody's word: opinions, requests, a proposed card, helpers."""
    query = sa.select(lists.TICKET.c.number, lists.TICKET.c.id).where(lists.TICKET.c.region == "r1")
    ids = {row.number: row.id for row in session.execute(query)}
    for (number, unit), (said, ruled) in OPINIONS.items():
        times = {"said_at": NOW if said else None, "ruled_at": NOW if ruled else None}
        session.add(OpinionRow(ticket_id=ids[number], convened_at=NOW, unit=unit, region="r1", **times))
    for number, kind, decided in (("n3", "park", None), ("n4", "park", NOW), ("n6", "appeal", None)):
        facts = {"region": "r1", "ticket_id": ids[number], "number": number, "asked_by": "li", "asked_at": NOW}
        session.add(RequestRow(id=new_id(NOW), kind=kind, decided_at=decided, **facts))
    for number, decision in (("n3", ""), ("n4", "dropped")):
        facts = {"region": "r1", "ticket_id": ids[number], "due_at": NOW, "acted_at": NOW, "card": "red_card"}
        session.add(Alarm(clock_id=new_id(NOW), position=0, move="propose", decision=decision, **facts))
    for number, unit, answered in (("n2", "hwzx", None), ("n5", "cgj_2", NOW)):
        facts = {"region": "r1", "ticket_id": ids[number], "role": "help", "assigned_at": NOW}
        session.add(Assignment(id=new_id(NOW), unit=unit, answered_at=answered, **facts))


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
        ({}, "n9 n8 n7 n6 n5 n4 n3 n2 n1"),
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
        ({"words": "路灯", "unit": "zjj"}, "n9 n8 n5 n4"),
        ({"overdue": True}, "n3"),
        ({"unreported": True}, "n3"),
        ({"unsure": True}, "n1"),
        ({"since": NOW - 5 * DAY}, "n9 n8 n7 n6"),
        ({"until": NOW - 8 * DAY}, "n2 n1"),
        ({"levels": frozenset({"supervise", "red_card"})}, "n8 n7"),
        ({"proposed": True}, "n3"),
        ({"asks": frozenset({"park"})}, "n3"),
        ({"asks": frozenset({"park", "appeal", "void"})}, "n6 n3"),
        ({"helper": "hwzx"}, "n2"),
        ({"helper": "cgj_2"}, ""),
        ({"invited": "hwzx"}, "n8"),
        ({"invited": "szzx"}, ""),
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
        ({"role": Role.DISPATCHER}, "n9 n8 n7 n6 n5 n4 n3 n2 n1"),
        ({"role": Role.UNIT, "unit": "cgj"}, "n6 n3 n2"),
        ({"role": Role.UNIT, "unit": "hwzx"}, "n8 n2"),
        ({"role": Role.UNIT, "unit": "szzx"}, "n8"),
        ({"role": Role.UNIT, "unit": "gafj"}, ""),
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
        rows = session.exec(sa.select(TicketRow)).scalars().all()
        seen = sorted((one.id for one in rows if may_see(session, person, one)), reverse=True)
    with db.reading() as session:
        assert [card.id for card in lists.tickets(session, person.sight, now=NOW).items] == seen


@pytest.mark.parametrize(("order", "found"), [("newest", "n9 n8 n7 n6 n5 n4 n3 n2 n1"), ("due", "n3 n5 n4 n2 n8 n1")])
@pytest.mark.parametrize("size", [1, 2, 3, 9, 50])
def test_pages_join_without_gap_or_repeat(order: cursors.Order, found: str, size: int, sent: list[str]) -> None:
    collected: list[str] = []
    after, pages = None, 0
    with db.reading() as session:
        sent.clear()
        while pages == 0 or after:
            page = lists.tickets(session, ALL, now=NOW, size=size, after=after, order=order)
            collected += [card.number for card in page.items]
            after, pages = page.after, pages + 1
    assert collected == found.split()
    assert pages == -(-len(found.split()) // size)
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
    assert found == {"all": 9, "overdue": 1, "cgj": 2, "noise": 1}
    assert len(sent) == 1
    for name, filters in named.items():
        assert len(numbers(ALL, filters)) == found[name]


def test_confidential_callers_are_for_the_desk_only() -> None:
    with db.reading() as session:
        desk, unit = (
            lists.tickets(session, sight, Filters(number="n6"), now=NOW).items[0]
            for sight in (ALL, Sight(region="r1", unit="cgj"))
        )
        row = session.exec(sa.select(TicketRow).where(lists.TICKET.c.number == "n6")).scalars().one()
        assert (desk.caller_label, unit.caller_label) == ("王**", veil.CONFIDENTIAL)
        assert lists.card_now(session, row, Sight(region="r1", unit="cgj")) == unit
        assert lists.card_now(session, row, ALL) == desk


def test_notices() -> None:
    def texts(login: str, unit: str = "", role: str = "", **more: Any) -> list[str]:
        with db.reading() as session:
            found = notices.notices(session, ALL, login=login, unit=unit, role=role, **more)
            return [one.text for one in found]

    assert texts("li", "cgj") == ["cgjli", "cgj"]
    assert texts("li", "cgj", "unit") == ["@unit", "cgjli", "cgj"]
    assert texts("li", "cgj", "unit", size=2) == ["@unit", "cgjli"]
    assert texts("wu") == ["wu"]
    assert texts("", "", "supervisor") == ["@supervisor"]
    assert texts("") == []
    with db.reading() as session:
        last = notices.notices(session, ALL, login="li", unit="cgj", role="unit", size=2)[-1]
    assert texts("li", "cgj", "unit", before=last.id) == ["cgj"]


def test_notices_are_read_by_whom_they_reach(sent: list[str]) -> None:
    def count(session: Any, login: str, unit: str = "", role: str = "") -> int:
        return notices.unread(session, ALL, login=login, unit=unit, role=role)

    with db.transaction() as session:
        sent.clear()
        assert count(session, "li", "cgj", "unit") == 3
        assert len(sent) == 1
        notices.read_notices(session, ALL, login="li", unit="cgj", role="unit", now=NOW)
        assert len(sent) == 2
        assert count(session, "li", "cgj", "unit") == 0
        assert (count(session, "wu"), count(session, "du", "", "supervisor")) == (1, 1)


def walked(sight: Sight, filters: Filters, size: int = 50) -> list[list[str]]:
    """Return the numbers of each page, from the first to the last."""
    pages, after = [], None
    while after or not pages:
        with db.reading() as session:
            page = lists.tickets(session, sight, filters, now=NOW, size=size, after=after)
        pages.append([card.number for card in page.items])
        assert (page.back_to is None) or page.after
        after = page.after
    return pages


@pytest.mark.parametrize(
    ("filters", "pages"),
    [
        ({"source": "8890"}, [["n7"], [], []]),
        ({"urgency": "urgent"}, [["n7"], [], []]),
        ({"area": "0103"}, [[], [], ["n2"]]),
        ({"states": frozenset({"closed"})}, [[], ["n6"], []]),
        ({"place": "g1"}, [[], ["n4"], []]),
    ],
)
def test_where_no_index_serves_the_list_a_page_is_a_window_and_none_is_left_out(
    filters: dict[str, Any], pages: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "WINDOW", 3)
    assert walked(ALL, Filters(**filters)) == pages
    monkeypatch.setattr(reach, "WINDOW", 4000)
    assert walked(ALL, Filters(**filters)) == [[number for page in pages for number in page]]


@pytest.mark.parametrize("size", [1, 2, 50])
@pytest.mark.parametrize(
    ("sight", "filters", "found"),
    [
        (ALL, {}, "n9 n8 n7 n6 n5 n4 n3 n2 n1"),
        (ALL, {"states": frozenset({"closed", "archived"})}, "n6"),
        (ALL, {"states": frozenset({"joined"})}, "n7"),
        (ALL, {"unit": "zjj"}, "n9 n8 n5 n4"),
        (ALL, {"caller": UUID(int=7)}, "n5"),
        (ALL, {"since": NOW - 3650 * DAY, "until": NOW + 3650 * DAY}, "n9 n8 n7 n6 n5 n4 n3 n2 n1"),
        (Sight(region="r1", unit="cgj"), {}, "n6 n3 n2"),
        (Sight(region="r1", unit="zjj"), {"unit": "zjj"}, "n9 n8 n5 n4"),
        (Sight(region="r1", login="wu", grids=("g2",)), {}, "n5 n4"),
    ],
)
def test_a_list_served_by_indexes_looks_past_every_window(
    sight: Sight, filters: dict[str, Any], found: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "WINDOW", 1)
    assert [number for page in walked(sight, Filters(**filters), size) for number in page] == found.split()


def test_what_is_over_is_counted_so_far_and_what_is_open_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "MOST_COUNTED", 2)
    named = {
        "all": Filters(),
        "zjj": Filters(unit="zjj"),
        "open": Filters(states=frozenset(OPEN)),
        "none": Filters(kind="x"),
    }
    with db.reading() as session:
        assert lists.counts(session, ALL, named, NOW) == {"all": 2, "zjj": 2, "open": 6, "none": 0}


@pytest.mark.parametrize(("order", "found"), [("due", "n3 n5 n4 n2 n8 n1"), ("callback", "n5")])
def test_only_what_is_open_is_due_and_only_what_waits_is_called(order: cursors.Order, found: str) -> None:
    with db.reading() as session:
        page = lists.tickets(session, ALL, now=NOW, order=order)
    assert [card.number for card in page.items] == found.split()
