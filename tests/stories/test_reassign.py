"""A wrong dispatch put right: fresh hands and fair time for who takes it over, the citizen's time runs on."""

from datetime import datetime
from typing import Any

import pytest

from dispatch.calendar import deadline_text
from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import State
from hotline import city as cities
from hotline import clock, rulefiles
from hotline.errors import BadValue, UnitAsked
from hotline.flow import call_back
from hotline.flow.editions import approval
from hotline.flow.editions.approval import UnitLost
from hotline.flow.oversight import retell
from hotline.jobs import work
from hotline.store import db
from hotline.wire.moves import Asked
from tests.cast import (
    ADMIN,
    AGENT,
    CALLER_BACK,
    DAY,
    DISPATCHER,
    HEAT,
    HOUR,
    LAMP,
    NOW,
    RUBBISH,
    SAMPLE,
    SUPERVISOR,
    Office,
    unit,
)  # fmt: skip

ANGRY = {"reached": True, "contacted": True, "solved": "no", "satisfaction": 1, "cause": "事情没有解决"}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let everything that follows be done, as a worker would at that moment."""

    def follow(office: Office, at: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)
        while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
            work.events(waiting)

    return follow


def check_story(office: Office, number: str) -> None:
    """Hold one ticket to this: its history tells its clocks, and each date it shows is a clock's."""
    with db.reading() as session:
        ticket = office.see(number)
        clocks = retell.stored(session, ticket)
        assert clocks == retell.recounted(session, office.city, ticket), office.history(number)
    for column, name in (("due_at", "result"), ("progress_due_at", "progress")):
        held = [one for one in clocks if one.clock == name]
        running = [one for one in held if one.stopped_at is None] or held
        assert getattr(ticket, column) == (running[-1].due_at if running else None), (column, office.history(number))


@pytest.mark.parametrize("state", ["signed", "lacking", "parked"])
@pytest.mark.parametrize("me", [DISPATCHER, SUPERVISOR])
def test_a_wrong_dispatch_is_put_right(office: Office, later: Any, state: str, me: Any) -> None:
    number = office.ticket(State(state), NOW, area=RUBBISH).number
    before, at = office.clocks(number), NOW + 2 * DAY
    done = office.do("reassign", number, me, at, unit="cgj", helpers=("szzx",), reason="属城管职责")
    assert (done.state, done.unit, done.helpers, done.pending) == ("routed", "cgj", ["szzx"], "")
    now = office.clocks(number)
    assert (now["result"].started_at, now["result"].unit) == (before["result"].started_at, "cgj")
    assert now["result"].paused_at is None, "the citizen's clock never stops"
    assert {(now[name].unit, now[name].started_at) for name in ("sign", "contact", "hold")} == {("cgj", at)}
    rows = office.rows("clock", ticket_id=done.id)
    assert {row.unit for row in rows if row.stopped_at is None} == {"cgj", "szzx"}
    assert {row.outcome for row in rows if row.unit == "hwzx" and row.clock == "hold"} == {"void"}
    hands = {(row.role, row.unit): row.ended_by for row in office.rows("assignment", ticket_id=done.id) if row.unit}
    assert hands == {("lead", "hwzx"): "reassign", ("lead", "cgj"): "", ("help", "szzx"): ""}
    later(office, at)
    assert {row.unit for row in office.rows("notice", number=number, kind="reassign")} == {"cgj", "szzx", "hwzx"}
    check_story(office, number)
    office.do("sign", number, unit("cgj"), at + HOUR)
    check_story(office, number)


def test_late_already_stays_late_and_who_takes_over_gets_no_card_for_it(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW, area=RUBBISH).number
    over = office.clocks(number)["hold"].due_at
    office.sweep(over + HOUR)
    office.do("reassign", number, DISPATCHER, over + HOUR, unit="cgj", reason="属城管职责")
    holds = {row.unit: row.outcome for row in office.rows("clock", clock="hold")}
    assert holds == {"hwzx": "late", "cgj": ""}
    office.sweep(over + 30 * DAY)
    results = {row.id for row in office.rows("clock", clock="result")}
    cards = [row.card for row in office.rows("alarm") if row.clock_id in results and row.acted_at > over + 2 * HOUR]
    assert cards
    assert not {"yellow_card", "red_card"} & set(cards)
    check_story(office, number)


def test_what_waits_for_approval_falls_away(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW, area=RUBBISH).number
    office.do("ask_extension", number, unit("hwzx"), NOW + HOUR, reason="难", note="进展", days=3)
    office.do("reassign", number, DISPATCHER, NOW + 2 * HOUR, unit="cgj", reason="错派")
    assert office.see(number).pending == ""
    assert office.clocks(number)["approval"].outcome == "void"
    check_story(office, number)


def test_who_may_and_from_where(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW, area=RUBBISH).number
    with pytest.raises(NotYours):
        office.do("reassign", number, unit("hwzx"), NOW + HOUR, unit="cgj", reason="错派")
    with pytest.raises(BadValue):
        office.do("reassign", number, DISPATCHER, NOW + HOUR, unit="hwzx", reason="错派")
    with pytest.raises(BadValue):
        office.do("reassign", number, DISPATCHER, NOW + HOUR, unit="nobody", reason="错派")
    office.answer(number, unit("hwzx"), NOW + HOUR, note="已办")
    with pytest.raises(IllegalMove):
        office.do("reassign", number, DISPATCHER, NOW + 2 * HOUR, unit="cgj", reason="错派")


@pytest.mark.parametrize("state", ["routed", "signed", "lacking", "parked", "reviewing"])
def test_a_correction_asks_whose_it_is_then(office: Office, state: str) -> None:
    number = office.ticket(State(state), NOW, area=RUBBISH).number
    before = office.see(number)
    with pytest.raises(UnitAsked) as asked:
        office.do("classify", number, DISPATCHER, NOW + DAY, area=HEAT, then="")
    assert (asked.value.unit, asked.value.path, asked.value.code) == ("rlgs", "then", "unit_asked")
    assert "热力" in str(asked.value)
    assert office.see(number) == before, "nothing is half done"
    kept = office.do("classify", number, DISPATCHER, NOW + DAY, area=HEAT, then="keep")
    assert (kept.area, kept.unit, kept.state) == (HEAT, before.unit, state)
    assert "仍由" in kept.why["route"]
    check_story(office, number)


@pytest.mark.parametrize("state", ["routed", "signed", "lacking", "parked"])
def test_a_correction_gives_it_over_at_once(office: Office, state: str) -> None:
    number = office.ticket(State(state), NOW, area=RUBBISH).number
    done = office.do("classify", number, DISPATCHER, NOW + DAY, area=HEAT, then="reassign", note="是供热的事")
    assert (done.area, done.unit, done.state) == (HEAT, "rlgs", "routed")
    assert office.clocks(number)["hold"].started_at == NOW + DAY
    check_story(office, number)


def test_a_correction_plans_the_promises_of_the_area_anew(office: Office) -> None:
    number = office.ticket(State.ROUTED, NOW, area=RUBBISH).number
    long = office.clocks(number)["sign"].due_at
    done = office.do("classify", number, DISPATCHER, NOW + HOUR / 4, area=HEAT, then="keep")
    sign = office.clocks(number)["sign"]
    assert sign.started_at == NOW
    assert sign.due_at == NOW + HOUR / 2 < long, "water, power, gas and heat are signed for in half an hour"
    assert "签收时限由" in office.rows("entry", ticket_id=done.id)[-1].why["promise"]
    office.sweep(NOW + HOUR)
    assert "签收超时黄牌" in {row.label for row in office.rows("alarm")}
    check_story(office, number)


def test_nothing_is_asked_where_nothing_changes(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW, area=LAMP).number
    assert office.do("classify", number, DISPATCHER, NOW + HOUR, area=LAMP, hard=True, then="").hard
    waits = office.received(NOW, text="说不清的事")
    office.triage(NOW)
    assert office.do("classify", waits, DISPATCHER, NOW + HOUR, area=HEAT, then="").area == HEAT


# --- the second "no"


def test_no_count_of_redos_closes_what_the_citizen_says_no_to(office: Office, later: Any) -> None:
    number, at = office.ticket(State.ANSWERED, NOW, phone="13800001111").number, NOW
    for turn in range(4):
        at += DAY
        again = office.do("callback", number, CALLER_BACK, at, **ANGRY)
        assert (again.state, again.redos, again.level) == ("signed", turn + 1, "supervise" if turn else "")
        later(office, at)
        check_story(office, number)
        at += HOUR
        office.answer(number, unit("hwzx"), at, note=f"第{turn}次再办")
    assert office.history(number).count("supervise") == 3
    assert {row.login for row in office.rows("notice", number=number, kind="supervise")} >= {"@supervisor"}
    for _ in range(4):
        at += DAY
        assert office.do("callback", number, CALLER_BACK, at, reached=False).state == "answered", "silence is no answer"
    done = office.do("callback", number, CALLER_BACK, at + DAY, reached=True, solved="yes", satisfaction=4)
    assert (done.state, done.solved) == ("closed", "yes")


def test_the_supervisor_decides(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW, phone="13800001111").number
    office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    with pytest.raises(approval.RuleSaysNo):
        office.do("conclude", number, SUPERVISOR, NOW + DAY, reason="已尽力")
    office.answer(number, unit("hwzx"), NOW + DAY, note="再办")
    office.do("callback", number, CALLER_BACK, NOW + 2 * DAY, **ANGRY)
    with pytest.raises(NotYours):
        office.do("conclude", number, DISPATCHER, NOW + 2 * DAY, reason="已尽力")
    done = office.do("conclude", number, SUPERVISOR, NOW + 2 * DAY, reason="诉求超出政策，已当面说明")
    assert (done.state, done.solved, done.satisfaction) == ("closed", "no", 1)
    assert all(row.stopped_at for row in office.rows("clock"))
    check_story(office, number)


def test_a_changed_mind_after_the_close_is_a_no_as_well(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW, phone="13800001111").number
    office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    office.answer(number, unit("hwzx"), NOW + DAY, note="再办")
    office.do("callback", number, CALLER_BACK, NOW + 2 * DAY, reached=True, solved="yes", satisfaction=5)
    with db.transaction() as session:
        said = Asked(reached=True, solved="no", satisfaction=1, channel="web")
        done = call_back.citizen_rating(session, office.city, number, said, NOW + 3 * DAY)
    assert (done.state, done.level, done.redos) == ("signed", "supervise", 2)
    check_story(office, number)


# --- dates that were told


def test_an_extension_of_a_redo_tells_the_clocks_date(office: Office) -> None:
    number = office.ticket(State.ANSWERED, NOW, phone="13800001111").number
    office.do("callback", number, CALLER_BACK, NOW + DAY, **ANGRY)
    before = office.clocks(number)["result"].due_at
    office.do("ask_extension", number, unit("hwzx"), NOW + DAY, reason="难", note="进展", days=3)
    done = office.do("extend", number, SUPERVISOR, NOW + DAY)
    due = office.clocks(number)["result"].due_at
    assert done.due_at == due > before
    line = [row for row in office.rows("entry", ticket_id=done.id) if row.move == "extend"][-1]
    assert deadline_text(due, office.city.rulebook.calendar) in line.why["decision"]
    assert deadline_text(due, office.city.rulebook.calendar) in done.why["promise"]
    check_story(office, number)


def test_an_extension_after_the_calendar_was_corrected_tells_the_clocks_date(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW, phone="13800001111").number
    before = office.clocks(number)["result"].due_at
    files = rulefiles.read_folder(SAMPLE)
    files["city.toml"] = files["city.toml"].replace('edition = "2026.1"', 'edition = "2026.8"')
    day = (before - HOUR).astimezone(office.city.zone).date()  # the day of the limit has become a day of rest
    files["calendar.toml"] += f'\n[[rest]]\ndate = {day}\nname = "临时放假"\n'
    with db.transaction() as session:
        office.city = cities.apply(session, files, "test", NOW + HOUR)
    office.do("ask_extension", number, unit("hwzx"), NOW + DAY, reason="难", note="进展", days=3)
    done = office.do("extend", number, SUPERVISOR, NOW + DAY)
    due = office.clocks(number)["result"].due_at
    line = [row for row in office.rows("entry", ticket_id=done.id) if row.move == "extend"][-1]
    assert done.due_at == due > before
    assert deadline_text(due, office.city.rulebook.calendar) in line.why["decision"]
    check_story(office, number)
    with db.transaction() as session:
        cities.apply(session, rulefiles.read_folder(SAMPLE), "test", NOW - 30 * DAY)


# --- units that are no more


def without(code: str, heir: str = "") -> dict[str, str]:
    """Return the sample's files without a unit: its rows of the duty table go to another, which may be its heir."""
    files = rulefiles.read_folder(SAMPLE)
    files["city.toml"] = files["city.toml"].replace('edition = "2026.1"', f'edition = "2026.9{heir}"')
    head, *rows = [line.split(",") for line in files["units.csv"].splitlines()]
    kept = [[*row, code if row[0] == heir else ""] for row in rows if row[0] != code]
    files["units.csv"] = "\n".join(map(",".join, ([*head, "formerly"], *kept))) + "\n"
    files["duty.csv"] = files["duty.csv"].replace(f",{code},", ",cgj,").replace(f"{code}|", "").replace(f"|{code}", "")
    files["city.toml"] = files["city.toml"].replace(f'"{code}"', '"cgj"')
    return files


def test_an_edition_that_drops_a_unit_with_open_tickets_is_refused(office: Office) -> None:
    held = office.ticket(State.SIGNED, NOW, area=RUBBISH)
    assert held.unit == "hwzx"
    files = without("hwzx")
    with pytest.raises(UnitLost) as refused, db.transaction() as session:
        approval.propose(session, office.city, files, ADMIN, NOW)
    assert "hwzx" in str(refused.value)
    assert "1件" in str(refused.value)
    assert refused.value.code == "unit_without_heir"
    with pytest.raises(UnitLost), db.transaction() as session:
        approval.alone(session, files, "du01", NOW)
    office.do("withdraw", held.number, AGENT, NOW + HOUR, note="不办了")
    with db.transaction() as session:
        approval.propose(session, office.city, files, ADMIN, NOW + HOUR)
    again = office.ticket(State.ROUTED, NOW + HOUR, area=RUBBISH)  # between the two people a ticket came
    with pytest.raises(UnitLost), db.transaction() as session:
        approval.approve(session, SUPERVISOR, "2026.9", NOW + 2 * HOUR)
    office.do("withdraw", again.number, AGENT, NOW + 2 * HOUR, note="不办了")
    with db.transaction() as session:
        approval.approve(session, SUPERVISOR, "2026.9", NOW + 2 * HOUR)
        cities.apply(session, rulefiles.read_folder(SAMPLE), "test", NOW - 30 * DAY)


def test_a_helper_that_is_dropped_is_found_too_and_an_heir_is_enough(office: Office) -> None:
    number = office.ticket(State.SIGNED, NOW, area=RUBBISH).number
    office.do("invite", number, unit("hwzx"), NOW + HOUR, unit="gdgs", note="请断电")
    with db.reading() as session:
        assert "gdgs" in (approval.units_still_used(session, cities.build(without("gdgs"))) or "")
        assert approval.units_still_used(session, cities.build(without("gdgs", "cgj"))) is None
