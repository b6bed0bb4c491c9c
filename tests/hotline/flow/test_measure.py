"""Rates from what happened, in a fixed number of statements; what nobody was asked is in no rate."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.lifecycle import State
from hotline.flow import measure
from hotline.store import db
from hotline.wire.figures import Figures
from tests.cast import (
    AGENT,
    CALLER_BACK,
    DAY,
    DISPATCHER,
    HEAT,
    HOUR,
    LAMP,
    MINUTE,
    NOW,
    RUBBISH,
    Office,
    counted,
    unit,
)  # fmt: skip

SINCE, UNTIL = NOW - DAY, NOW + 10 * DAY
GLAD: dict[str, Any] = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}


def figures(office: Office, now: Any = NOW + 9 * DAY, of: str | None = None, since: Any = SINCE) -> Figures:
    with db.reading() as session:
        return measure.figures(session, office.city, since, UNTIL, of, now=now)


def rate(found: Figures, name: str, of: str = "") -> tuple[int, int]:
    cards = next((one.rates for one in found.units if one.unit == of), None) if of else found.rates
    assert cards is not None
    return next((card.hits, card.of) for card in cards if card.name == name)


def answered(office: Office, days: float, said: dict[str, Any] | None, **new: Any) -> str:
    held = office.ticket(State.SIGNED, **new)
    at = NOW + days * DAY
    office.do("answer", held.number, unit(held.unit), at, note="办好了", contacted=bool(said))
    if said is not None:
        office.do("callback", held.number, CALLER_BACK, at + HOUR, **said)
    return held.number


def test_an_empty_office_has_no_rates_and_says_so(office: Office) -> None:
    found = figures(office)
    assert (found.received, found.open, found.closed, found.overdue) == (0, 0, 0, 0)
    assert {card.value for card in found.rates} == {None}
    assert all("不计算" in card.note for card in found.rates)
    assert found.units == []


def test_each_rate_has_its_own_denominator(office: Office) -> None:
    answered(office, 1, GLAD)
    answered(office, 2, GLAD | {"solved": "partly", "satisfaction": 3})
    answered(office, 3, {"reached": True, "contacted": False, "solved": "yes", "satisfaction": 2})  # → redone
    answered(office, 9, GLAD | {"satisfaction": 4})  # late
    answered(office, 4, None)  # waits for the call
    missed = answered(office, 5, None)
    for half_day in range(3):
        office.do("callback", missed, CALLER_BACK, NOW + 5 * DAY + half_day * 14 * HOUR, reached=False)
    settled = office.received()
    office.do("settle", settled, AGENT, NOW, note="已解答")
    back = office.ticket(State.RETURNED)
    found = figures(office)
    assert (found.received, found.closed) == (8, 5)
    assert back.state == "returned"
    assert rate(found, "solve") == (2, 3)
    assert rate(found, "satisfaction") == (3, 3)
    assert rate(found, "reach") == (3, 4)
    assert rate(found, "redone") == (1, 6)
    assert rate(found, "settled") == (1, 8)
    assert rate(found, "returned") == (1, 7)
    assert rate(found, "sign_on_time")[0] == 7
    assert rate(found, "contact") == (3, 5)


def test_on_time_counts_what_came_due_or_was_stopped(office: Office) -> None:
    answered(office, 1, None)
    answered(office, 9, None)
    office.ticket(State.SIGNED)
    early, late = figures(office, now=NOW + 6 * DAY), figures(office, now=NOW + 9 * DAY)
    assert rate(early, "on_time") == (1, 2)
    assert rate(late, "on_time") == (1, 3)  # the silent one has come due


def test_what_left_the_road_judges_nobody(office: Office) -> None:
    first, second = office.ticket(State.SIGNED), office.received()
    office.triage()
    office.do("join", second, AGENT, NOW + MINUTE, to=first.number)
    found = figures(office, now=NOW + 9 * DAY)
    assert rate(found, "on_time") == (0, 1)
    assert found.by_state == {"signed": 1, "joined": 1}


def test_units_are_counted_apart_and_sum_up_to_the_whole(office: Office) -> None:
    answered(office, 1, GLAD, area=RUBBISH)
    answered(office, 2, GLAD, area=LAMP)
    answered(office, 2, GLAD | {"satisfaction": 3}, area=LAMP)
    found = figures(office)
    assert [(one.unit, one.tickets) for one in found.units] == [("szzx", 2), ("hwzx", 1)]
    assert (rate(found, "satisfaction", "szzx"), rate(found, "satisfaction", "hwzx")) == ((2, 2), (1, 1))
    alone = figures(office, of="szzx")
    assert (alone.received, rate(alone, "solve")) == (2, (2, 2))
    assert [one.unit for one in alone.units] == ["szzx"]


def test_a_unit_answers_for_its_own_signing_after_a_return(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.do("return", number, unit("hwzx"), NOW + HOUR, reason="不归我们")
    office.do("route", number, DISPATCHER, NOW + 2 * HOUR, unit="cgj")
    office.do("sign", number, unit("cgj"), NOW + 5 * DAY)
    found = figures(office)
    assert rate(found, "sign_on_time", "cgj") == (0, 1)
    assert "hwzx" not in {one.unit for one in found.units} or rate(found, "sign_on_time", "hwzx") == (1, 1)


def test_overdue_is_what_should_have_been_answered_by_now(office: Office) -> None:
    office.ticket(State.SIGNED)
    office.ticket(State.ROUTED)
    answered(office, 1, None)
    assert figures(office, now=NOW + 7 * DAY).overdue == 0
    assert figures(office, now=NOW + 8 * DAY).overdue == 2
    assert figures(office, now=NOW + 8 * DAY, of="cgj").overdue == 0


def test_counts_by_area_state_and_the_citys_own_day(office: Office) -> None:
    office.ticket(State.ROUTED, NOW - timedelta(hours=11), area=RUBBISH)  # 23:00 of the 17th there
    office.ticket(State.ROUTED, NOW - timedelta(hours=9), area=LAMP)  # 01:00 of the 18th
    office.ticket(State.SIGNED, NOW, area=HEAT)
    found = figures(office)
    assert found.by_area == {"01": 1, "02": 1, "12": 1}
    assert found.by_state == {"routed": 2, "signed": 1}
    assert (found.by_day["2026-11-17"], found.by_day["2026-11-18"], found.by_day["2026-11-19"]) == (1, 2, 0)
    assert (min(found.by_day), len(found.by_day)) == ("2026-11-17", 12)


@pytest.mark.parametrize(("since", "received"), [(NOW - DAY, 1), (NOW, 1), (NOW + MINUTE, 0)])
def test_the_span_starts_with_its_first_moment(office: Office, since: Any, received: int) -> None:
    office.ticket(State.ROUTED, NOW)
    assert figures(office, since=since).received == received


def test_the_number_of_statements_does_not_follow_the_number_of_tickets(office: Office) -> None:
    with counted(office.engine) as none:
        figures(office)
    office.put([office.arrival(area=(RUBBISH, LAMP, HEAT)[n % 3]) for n in range(30)])
    office.triage()
    with counted(office.engine) as many:
        assert figures(office).received == 30
    assert len(many) == len(none) <= 6
