"""The upstream number (上级编号) finds its ticket wherever tickets are searched, in one statement, and no other."""

from types import SimpleNamespace
from typing import Any

import pytest

from dispatch.lifecycle import State
from hotline.store import db, lists, numbers
from hotline.store.lists import Filters, Sight
from hotline.web.api.tickets import searched
from tests.cast import AGENT, NOW, REGION, RUBBISH, Office, counted, unit

ALL = Sight(region=REGION, everything=True)
REFS = ("20260103139508", "GD-2026-0001", "T60001", "1234567890", "工单2026第8号")


def asked(office: Office, text: str) -> dict[str, Any]:
    """Return what the desk's search box means."""
    here: Any = SimpleNamespace(me=AGENT, city=office.city, hall=SimpleNamespace(seal=office.seal), now=NOW)
    return searched(here, text)


def _numbers(sight: Sight, filters: Filters) -> list[str]:
    with db.reading() as session:
        return [card.number for card in lists.tickets(session, sight, filters, now=NOW).items]


@pytest.mark.parametrize("ref", REFS)
@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\t", "spaced", "wide"])
def test_a_search_for_it_finds_its_ticket_alone(office: Office, ref: str, typed: str) -> None:
    number = office.received(source="12345", source_ref=ref)
    office.received(source="12345", source_ref=f"{ref}9", phone="13800000000")
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in ref)
    text = {"spaced": " ".join((ref[:3], ref[3:])), "wide": wide}.get(typed, typed.format(ref))
    assert _numbers(ALL, Filters(**asked(office, text))) == [number]


def test_what_was_searched_before_is_still_found(office: Office) -> None:
    number = office.received(text="楼道里有13号配电箱没关门", phone="13800001234", source_ref="A-1")
    for text in (number, number.lower(), "138 0000 1234", "13号配电箱"):
        assert _numbers(ALL, Filters(**asked(office, text))) == [number], text
    assert _numbers(ALL, Filters(**asked(office, "13900001234"))) == []


def test_who_may_not_know_of_the_ticket_does_not_find_it(office: Office) -> None:
    ticket = office.ticket(State.ROUTED, area=RUBBISH, source_ref="GD-7")
    filters = Filters(**asked(office, "GD-7"))
    assert _numbers(unit(ticket.unit).sight, filters) == [ticket.number]
    assert _numbers(unit("gaj").sight, filters) == []
    assert _numbers(Sight(region="elsewhere", everything=True), filters) == []


def test_it_narrows_a_list_exactly_and_stands_on_the_card(office: Office) -> None:
    number = office.received(source_ref="GD-0001")
    office.received(source_ref="GD-00011")
    with counted(office.engine) as sent, db.reading() as session:
        page = lists.tickets(session, ALL, Filters(source_ref="GD-0001"), now=NOW)
    assert [(card.number, card.source_ref) for card in page.items] == [(number, "GD-0001")]
    assert len([one for one in sent if one.lstrip().upper().startswith("SELECT")]) == 1
    assert _numbers(ALL, Filters(source_ref="GD-0001", unit="nobody")) == []


@pytest.mark.parametrize("text", ["GD-0001", "20260103139508", "1234567890", "路灯"])
def test_a_search_is_one_statement(office: Office, text: str) -> None:
    office.received(source_ref="GD-0001")
    filters = Filters(**asked(office, text))
    with counted(office.engine) as sent, db.reading() as session:
        lists.tickets(session, ALL, filters, now=NOW)
    assert len([one for one in sent if one.lstrip().upper().startswith("SELECT")]) == 1


def test_an_index_serves_it(office: Office) -> None:
    office.put([office.arrival(source_ref=f"GD-{n:05}") for n in range(400)])
    with office.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE ticket")
    with office.engine.begin() as connection:
        here = "SELECT id FROM ticket WHERE region = 'sample'"
        explain = "EXPLAIN QUERY PLAN" if office.engine.dialect.name == "sqlite" else "EXPLAIN"
        statement = f"{explain} {here} AND ticket.source_ref <> '' AND source_ref IN ('GD-00007')"
        assert "ix_ticket_upstream" in str(connection.exec_driver_sql(statement).all())


def test_words_without_a_digit_are_no_number() -> None:
    assert numbers.upstream("路灯不亮") == frozenset()
    assert numbers.upstream("") == frozenset()
    assert numbers.upstream("a1 " * 40) == frozenset()
