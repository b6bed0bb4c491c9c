"""One ticket's whole journey in words, with every why."""

import pytest

from dispatch.lifecycle import State
from hotline.errors import NoSuchTicket
from hotline.flow.oversight import trace
from hotline.flow.oversight.trace import Trace
from hotline.store import db
from tests.cast import DAY, LAMP, NOW, Office


def trace_of(office: Office, number: str) -> Trace:
    with db.reading() as session:
        return trace.trace(session, office.city, number)


def test_the_journey_is_told_in_order_and_in_words(office: Office) -> None:
    held = office.ticket(State.CLOSED, area=LAMP, grid="990101001001001")
    found = trace_of(office, held.number)
    assert [leg.move for leg in found.journey] == ["receive", "classify", "route", "sign", "answer", "close"]
    assert [leg.label for leg in found.journey] == ["受理", "定事项地点", "派单", "签收", "报结果", "办结"]
    assert [leg.state for leg in found.journey] == ["待派", "待派", "待签收", "办理中", "待回访", "办结"]
    assert [leg.who for leg in found.journey] == [
        "话务员 hua01", "系统", "系统", "承办单位 szzx01", "承办单位 szzx01", "回访员 hui01",
    ]  # fmt: skip
    assert (found.state, found.area, found.unit) == ("办结", "市政设施/路灯照明", "示例区市政设施养护中心")
    assert found.place == office.city.place_name("990101001001001")
    assert found.edition == office.city.edition


def test_every_choice_of_the_machine_says_why(office: Office) -> None:
    found = trace_of(office, office.ticket(State.ROUTED, area=LAMP).number)
    said = {name: text for leg in found.journey if leg.who == "系统" for name, text in leg.why.items()}
    assert set(said) == {"什么事", "在哪里", "谁来办", "何时办"}
    assert all(said.values())


def test_clocks_say_how_their_days_were_counted_and_how_they_ended(office: Office) -> None:
    found = trace_of(office, office.ticket(State.ANSWERED).number)
    clocks = {one.clock: one for one in found.clocks}
    assert clocks.pop("callback").outcome == ""
    assert set(clocks) == {"sign", "contact", "progress", "result", "hold"}
    assert {one.outcome for one in clocks.values()} == {"met"}
    assert "7个自然日" in clocks["result"].why
    assert clocks["result"].unit == "示例区环境卫生服务中心"


def test_cards_stand_in_the_order_they_were_due(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    assert trace_of(office, number).cards == []
    office.sweep(NOW + 30 * DAY)
    cards = trace_of(office, number).cards
    assert len(cards) == len(office.rows("alarm"))
    assert [card[-20:] for card in cards] == sorted(card[-20:] for card in cards)
    assert any(card.startswith("逾期督办（督办）") for card in cards)


def test_nobody_elses_ticket_is_traced(office: Office) -> None:
    with pytest.raises(NoSuchTicket):
        trace_of(office, "SL20260101000000")
