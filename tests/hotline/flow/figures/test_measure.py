"""Rates from the daily sums, in a fixed number of statements; each figure lists exactly the tickets it counts."""

from datetime import date, timedelta
from typing import Any

import pytest

from dispatch.kpis import RATE_NAMES
from dispatch.lifecycle import State
from hotline.errors import BadValue
from hotline.flow.figures import measure
from hotline.flow.figures.measure import Asked
from hotline.store import db
from hotline.wire.figures import CountedPage, Figures
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
    SUPERVISOR,
    Office,
    counted,
    unit,
)  # fmt: skip
from tests.wandering import Wanderer

FIRST, LAST = date(2026, 11, 17), date(2026, 11, 28)
GLAD: dict[str, Any] = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}
BACK: dict[str, Any] = {"reason": "不归我们", "basis": "三定方案第五条", "unit": "cgj"}


def asked(**more: Any) -> Asked:
    return Asked(**({"first": FIRST, "last": LAST} | more))


def figures(office: Office, now: Any = NOW + 9 * DAY, **more: Any) -> Figures:
    office.fold(now)
    with db.reading() as session:
        return measure.figures(session, office.city, asked(**more), now=now)


def listed(office: Office, rate: str, side: Any, ground: str = "", size: int = 50, **more: Any) -> CountedPage:
    with db.reading() as session:
        return measure.counted(session, office.city, asked(**more), rate, side, ground=ground, size=size)


def rate(found: Figures, name: str, of: str = "") -> tuple[int, int]:
    cards = next((one.rates for one in found.rows if one.key == of), None) if of else found.rates
    assert cards is not None
    return next((card.hits, card.of) for card in cards if card.name == name)


def answered(office: Office, days: float, said: dict[str, Any] | None, **new: Any) -> str:
    held = office.ticket(State.SIGNED, **new)
    at = NOW + days * DAY
    office.do("answer", held.number, unit(held.unit), at, note="办好了", contacted=bool(said), alone=True)
    if said is not None:
        office.do("callback", held.number, CALLER_BACK, at + HOUR, **said)
    return held.number


def test_an_empty_office_has_no_rates_and_says_so(office: Office) -> None:
    found = figures(office)
    assert (found.received, found.open, found.closed, found.overdue, found.behind) == (0, 0, 0, 0, 0)
    assert {(card.value, card.low, card.hits, card.of) for card in found.rates} == {(None, None, 0, 0)}
    assert all("不计算" in card.note for card in found.rates)
    assert (found.rows, found.score.value) == ([], None)
    assert [one.name for one in found.definitions] == list(RATE_NAMES)
    assert found.grounds["untrue"] == "经核实反映情况不属实"


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
    back = office.ticket(State.ROUTED)
    office.do("return", back.number, unit("hwzx"), NOW + MINUTE, **BACK)
    found = figures(office)
    assert (found.received, found.closed) == (8, 5)
    assert rate(found, "solve") == (2, 3)
    assert rate(found, "satisfaction") == (3, 3)
    assert rate(found, "reach") == (3, 4)
    assert rate(found, "redone") == (1, 6)
    assert rate(found, "settled") == (1, 8)
    assert rate(found, "returned") == (1, 7)
    assert rate(found, "invalid_return") == (0, 0)  # not decided yet
    assert rate(found, "sign_on_time") == (7, 7)
    assert rate(found, "contact") == (3, 6)
    assert rate(found, "response") == (3, 6)
    assert rate(found, "first_right") == (7, 7)
    assert rate(found, "on_time") == (4, 6)  # one late, one not done again in time


def test_the_citizens_word_stands_over_the_units(office: Office) -> None:
    answered(office, 1, GLAD | {"contacted": False})
    assert rate(figures(office), "contact") == (0, 1)


def test_a_unit_is_judged_by_its_own_holding_time(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.do("return", number, unit("hwzx"), NOW + HOUR, **BACK)
    office.do("route", number, DISPATCHER, NOW + 6 * DAY, unit="cgj")  # six of the citizen's seven days are gone
    office.do("sign", number, unit("cgj"), NOW + 6 * DAY + HOUR)
    office.do("answer", number, unit("cgj"), NOW + 10 * DAY, note="办好了")
    found = figures(office, now=NOW + 11 * DAY)
    assert (rate(found, "on_time", "cgj"), rate(found, "on_time")) == ((1, 1), (1, 1))
    assert (rate(found, "result_on_time", "cgj"), rate(found, "result_on_time")) == ((0, 0), (0, 1))
    assert (rate(found, "progress_on_time", "cgj"), rate(found, "progress_on_time")) == ((0, 0), (0, 1))
    assert (rate(found, "returned", "hwzx"), rate(found, "returned", "cgj")) == ((1, 1), (0, 1))
    assert (rate(found, "first_right", "hwzx"), rate(found, "first_right", "cgj")) == ((0, 1), (0, 0))
    assert rate(found, "sign_on_time", "hwzx") == (1, 1)


def test_a_return_without_ground_is_counted_as_one(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    office.do("return", number, unit("hwzx"), NOW + HOUR, **BACK)
    office.do("keep", number, DISPATCHER, NOW + 2 * HOUR, reason="属本单位职责")
    found = figures(office)
    assert (rate(found, "invalid_return", "hwzx"), rate(found, "returned", "hwzx")) == ((1, 1), (1, 1))
    assert rate(found, "first_right") == (1, 1)


def test_a_promise_of_a_reply_is_kept_or_broken(office: Office) -> None:
    for number, ends in ((answered(office, 1, None), ("fulfil", "break")), (answered(office, 1, None), ("fulfil",))):
        for move in ends:
            office.do("commit", number, unit("hwzx"), NOW + DAY, note=f"{move}：月底前修好", until=LAST)
        for move in ends:
            (row,) = [row for row in office.rows("commitment", number=number) if row.text.startswith(move)]
            office.do(move, number, CALLER_BACK, NOW + 2 * DAY, note="回头看", commitment=row.id)
    assert (rate(figures(office), "kept"), rate(figures(office), "kept", "hwzx")) == ((1, 2), (1, 2))


def test_units_are_counted_apart_and_the_region_once(office: Office) -> None:
    answered(office, 1, GLAD, area=RUBBISH)
    answered(office, 2, GLAD, area=LAMP)
    answered(office, 2, GLAD | {"satisfaction": 3}, area=LAMP)
    found = figures(office)
    assert [(one.key, one.name, one.tickets) for one in found.rows] == [
        ("szzx", office.city.unit_name("szzx"), 2), ("hwzx", office.city.unit_name("hwzx"), 1),
    ]  # fmt: skip
    assert (rate(found, "satisfaction", "szzx"), rate(found, "satisfaction", "hwzx")) == ((2, 2), (1, 1))
    alone = figures(office, key="szzx")
    assert (alone.received, rate(alone, "solve"), alone.closed, sum(alone.by_day.values())) == (2, (2, 2), 2, 2)
    assert [one.key for one in alone.rows] == ["szzx"]


@pytest.mark.parametrize(("by", "found"), [
    ("area", {"01": 1, "02": 2}), ("source", {"12345": 1, "web": 2}), ("street", {"": 3}), ("grid", {"": 3}),
])  # fmt: skip
def test_by_every_dimension(office: Office, by: str, found: dict[str, int]) -> None:
    office.ticket(State.SIGNED, area=RUBBISH, source="12345")
    office.ticket(State.SIGNED, area=LAMP)
    office.ticket(State.SIGNED, area=LAMP)
    assert {one.key: one.tickets for one in figures(office, by=by).rows} == found


def test_below_an_area_and_below_a_street(office: Office) -> None:
    grid = "990101001001001"
    street = office.city.above(grid)["street"]
    office.ticket(State.SIGNED, area=RUBBISH, grid=grid)
    office.ticket(State.SIGNED, area=LAMP, grid=grid)
    found = figures(office, by="area", under="01")
    assert [(one.key, one.tickets) for one in found.rows] == [("0101", 1)]
    assert [(one.key, one.tickets) for one in figures(office, by="grid", under=street).rows] == [(grid, 2)]
    assert figures(office, by="grid", under="990102").rows == []
    assert figures(office, by="street", key=street).received == 2


def test_rows_by_name_and_the_best_first_small_ones_last(office: Office) -> None:
    office.fold()
    rows = {"hwzx": (30, 40), "szzx": (39, 40), "cgj": (12, 12), "rlgs": (3, 3)}
    with db.transaction() as session:
        for code, (hits, of) in rows.items():
            given = {"region": "sample", "day": "2026-11-18", "dimension": "unit", "key": code}
            counts = {"received": of, "solve": of, "solve+": hits}
            measure.store.add(session, [given | {"name": name, "value": value} for name, value in counts.items()])
    assert [one.key for one in figures(office, order="solve").rows] == ["szzx", "hwzx", "cgj", "rlgs"]
    names = [one.name for one in figures(office, order="name").rows]
    assert names == sorted(names)
    assert [one.tickets for one in figures(office, order="tickets").rows] == [40, 40, 12, 3]
    solve = {one.key: next(card for card in one.rates if card.name == "solve") for one in figures(office).rows}
    assert {key: (one.value, one.ranked) for key, one in solve.items()} == {
        "hwzx": (0.75, True), "szzx": (0.975, True), "cgj": (1.0, False), "rlgs": (None, False),
    }  # fmt: skip


def test_every_figure_lists_exactly_the_tickets_it_counts(office: Office) -> None:
    walker = Wanderer(office, 5)
    walker.walk(150)
    last = office.city.day(walker.at)
    seen = 0
    for by, key in (("unit", None), ("unit", "hwzx"), ("source", "web"), ("area", "01"), ("street", "")):
        found = figures(office, walker.at + 30 * DAY, by=by, key=key, last=last)
        more = {"by": by, "key": key, "last": last}
        for card in found.rates:
            told = {"of": card.of, "hits": card.hits, "misses": card.of - card.hits}
            for side, number in told.items():
                page = listed(office, card.name, side, **more)
                assert (page.total, len(page.items), len({one.id for one in page.items})) == (number,) * 3
                assert {one.hit for one in page.items} <= {"of": {True, False}, "hits": {True}, "misses": {False}}[side]
                seen += number
            for ground, number in card.excluded.items():
                assert len(listed(office, card.name, "excluded", ground, **more).items) == number
                seen += number
        assert len(listed(office, "received", "of", **more).items) == found.received
    assert seen > 300


def test_the_list_goes_on_where_a_page_ends(office: Office) -> None:
    for n in range(5):
        office.ticket(State.SIGNED, NOW + n * MINUTE)
    figures(office)
    pages, after = [], None
    while True:
        with db.reading() as session:
            page = measure.counted(session, office.city, asked(), "returned", size=2, after=after)
        pages.append([one.number for one in page.items])
        after = page.after
        if after is None:
            break
    newest_first = [row.number for row in sorted(office.rows("ticket"), key=lambda row: row.id, reverse=True)]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]


def test_what_is_excluded_is_said_ground_by_ground(office: Office) -> None:
    kept, number = answered(office, 1, GLAD), answered(office, 1, GLAD)
    office.do(
        "ask_exclusion", number, unit("hwzx"), NOW + 2 * DAY, reason="查无此事", basis="核查记录", ground="untrue"
    )
    office.do("exclude", number, SUPERVISOR, NOW + 2 * DAY + HOUR)
    found = figures(office)
    card = next(one for one in found.rates if one.name == "solve")
    assert (found.received, card.of, card.excluded) == (2, 1, {"untrue": 1})
    assert [one.number for one in listed(office, "solve", "excluded", "untrue").items] == [number]
    assert [one.number for one in listed(office, "solve", "of").items] == [kept]
    assert listed(office, "solve", "excluded", "legal") == CountedPage(total=0, items=[], after=None)


@pytest.mark.parametrize(("more", "path"), [
    ({"by": "person"}, "by"), ({"order": "charm"}, "order"), ({"first": date(2026, 12, 1)}, "since"),
    ({"first": date(2020, 1, 1)}, "since"),
])  # fmt: skip
def test_what_cannot_be_asked(office: Office, more: dict[str, Any], path: str) -> None:
    with pytest.raises(BadValue) as refused:
        figures(office, **more)
    assert refused.value.path == path


@pytest.mark.parametrize(("name", "side", "path"), [("charm", "of", "rate"), ("solve", "excluded", "ground")])
def test_what_cannot_be_listed(office: Office, name: str, side: str, path: str) -> None:
    with pytest.raises(BadValue) as refused:
        listed(office, name, side)
    assert refused.value.path == path


def test_a_key_that_no_column_can_hold_lists_nothing(office: Office) -> None:
    figures(office)
    assert listed(office, "received", "of", key='a"b$[').items == []


def test_overdue_is_what_should_have_been_answered_by_now(office: Office) -> None:
    office.ticket(State.SIGNED)
    office.ticket(State.ROUTED)
    answered(office, 1, None)
    assert figures(office, now=NOW + 7 * DAY).overdue == 0
    assert figures(office, now=NOW + 8 * DAY).overdue == 2
    assert figures(office, now=NOW + 8 * DAY, key="cgj").overdue == 0


def test_counts_by_area_state_and_the_citys_own_day(office: Office) -> None:
    office.ticket(State.ROUTED, NOW - timedelta(hours=11), area=RUBBISH)  # 23:00 of the 17th there
    office.ticket(State.ROUTED, NOW - timedelta(hours=9), area=LAMP)  # 01:00 of the 18th
    office.ticket(State.SIGNED, NOW, area=HEAT)
    found = figures(office)
    assert found.by_area == {"01": 1, "02": 1, "12": 1}
    assert found.by_state == {"routed": 2, "signed": 1}
    assert (found.by_day["2026-11-17"], found.by_day["2026-11-18"], found.by_day["2026-11-19"]) == (1, 2, 0)
    assert (min(found.by_day), len(found.by_day)) == ("2026-11-17", 12)
    assert figures(office, first=date(2026, 11, 18)).received == 2


def test_days_are_the_citys_own(office: Office) -> None:
    days = measure.days_of(office.city, NOW - timedelta(hours=11), NOW)
    assert days == (date(2026, 11, 17), date(2026, 11, 18))
    midnight = NOW - timedelta(hours=10)
    assert measure.days_of(office.city, midnight - DAY, midnight) == (date(2026, 11, 17),) * 2
    for since in (NOW, NOW + DAY, NOW - 900 * DAY):
        with pytest.raises(BadValue):
            measure.days_of(office.city, since, NOW)


def test_the_number_of_statements_does_not_follow_the_history(office: Office) -> None:
    def cost() -> list[int]:
        sent = []
        for by in ("unit", "area", "grid"):
            with counted(office.engine) as told, db.reading() as session:
                measure.figures(session, office.city, asked(by=by), now=NOW)
            sent.append(len(told))
        with counted(office.engine) as told, db.reading() as session:
            measure.counted(session, office.city, asked(), "received")
        return [*sent, len(told)]

    assert cost() == [6, 6, 6, 1]
    office.put([office.arrival(area=(RUBBISH, LAMP, HEAT)[n % 3]) for n in range(30)])
    office.triage()
    assert figures(office, NOW).received == 30
    assert cost() == [6, 6, 6, 2]
