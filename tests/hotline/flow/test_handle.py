"""What people do with a ticket: every door locks, checks scope and version, asks the rule, and turns the clocks."""

import pytest

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import MOVES, State
from hotline.errors import BadValue, NoSuchTicket, RuleSaysNo, StaleTicket
from hotline.flow.doors import MOVES_BY_NAME
from hotline.people import Me
from tests.cast import (
    AGENT,
    DAY,
    DISPATCHER,
    HOUR,
    LAMP,
    LEADER,
    MINUTE,
    NOW,
    STRANGER,
    SUPERVISOR,
    Office,
    unit,
)  # fmt: skip

LATER = NOW + 10 * MINUTE
BODIES = {
    "classify": {"area": LAMP}, "route": {"unit": "szzx"}, "sign": {}, "report": {"note": "在办"},
    "return": {"reason": "不归我们", "basis": "责任分解表", "unit": "zwj"},
    "answer": {"note": "办好了"}, "settle": {"note": "已当场解答"}, "urge": {},
    "note": {"note": "内部"},
}  # fmt: skip


def test_every_move_a_person_makes_has_a_door() -> None:
    persons = {move.name for move in MOVES.values() if move.who - {"clockwork"}}
    machine = {"receive", "gain", "remind", "close", "redo", "miss", "rate", "voice"}
    own_door = {"reveal", "recode"}  # answer with a number or a code, not with a ticket
    through = {"submit"}  # the step of answer chooses it
    assert set(MOVES_BY_NAME) - {"callback"} == persons - machine - own_door - through


@pytest.mark.parametrize("move", sorted(BODIES))
def test_what_a_person_may_not_know_of_does_not_exist(office: Office, move: str) -> None:
    held = office.ticket(State.ROUTED)
    other = unit("cgj")
    for me in (STRANGER, other):
        with pytest.raises(NoSuchTicket):
            office.do(move, held.number, me, LATER, **BODIES[move])
    with pytest.raises(NoSuchTicket):
        office.do(move, "SL20260101000000", AGENT, LATER, **BODIES[move])
    assert office.see(held.number).seq == held.seq


@pytest.mark.parametrize("move", sorted(BODIES))
def test_who_saw_an_older_version_is_told_so(office: Office, move: str) -> None:
    held = office.ticket(State.ROUTED)
    me = {"sign": unit("hwzx"), "report": unit("hwzx"), "return": unit("hwzx"), "answer": unit("hwzx")}.get(move, AGENT)
    with pytest.raises(StaleTicket) as refused:
        office.do(move, held.number, me, LATER, seq=held.seq - 1, **BODIES[move])
    assert (refused.value.seen, refused.value.now) == (held.seq - 1, held.seq)


@pytest.mark.parametrize(("state", "move", "me", "refusal"), [
    ("received", "sign", SUPERVISOR, IllegalMove), ("routed", "report", unit("hwzx"), IllegalMove),
    ("routed", "sign", AGENT, NotYours), ("closed", "urge", AGENT, IllegalMove),
    ("signed", "answer", DISPATCHER, NotYours), ("routed", "settle", AGENT, IllegalMove),
    ("received", "settle", DISPATCHER, NotYours), ("answered", "return", unit("hwzx"), IllegalMove),
    ("joined", "route", DISPATCHER, IllegalMove), ("returned", "sign", unit("hwzx"), IllegalMove),
])  # fmt: skip
def test_the_rule_refuses_by_state_and_by_role(
    office: Office, state: str, move: str, me: Me, refusal: type[Exception]
) -> None:
    held = office.ticket(State(state))
    before = office.rows("entry")
    with pytest.raises(refusal):
        office.do(move, held.number, me, LATER, **BODIES[move])
    assert office.rows("entry") == before


def test_a_helper_sees_but_does_not_act(office: Office) -> None:
    held = office.ticket(State.ROUTED, area=LAMP)
    assert held.helpers == ["gdgs"]
    with pytest.raises(NotYours):
        office.do("sign", held.number, unit("gdgs"), LATER)
    assert office.do("note", held.number, unit("gdgs"), LATER, note="我们明天到").state == "routed"


def test_the_grid_leader_acts_in_the_own_grid(office: Office) -> None:
    held = office.ticket(State.ROUTED, area=LAMP, grid="990101001001001")
    assert office.do("sign", held.number, LEADER, LATER).state == "signed"


def test_signing_stops_the_signing_clock_and_no_other(office: Office) -> None:
    held = office.ticket(State.ROUTED)
    office.do("sign", held.number, unit("hwzx"), LATER)
    clocks = office.clocks(held.number)
    assert (clocks["sign"].stopped_at, clocks["sign"].outcome, clocks["sign"].next_at) == (LATER, "met", None)
    running = {name for name, clock in clocks.items() if clock.stopped_at is None}
    assert running == {"contact", "progress", "result", "hold"}
    assert clocks["progress"].due_at == held.progress_due_at
    (lead,) = [row for row in office.rows("assignment") if row.role == "lead"]
    assert lead.signed_at == LATER


@pytest.mark.parametrize(("days", "outcome"), [(1, "met"), (7.5, "met"), (8.5, "late")])
def test_an_answer_stops_all_clocks_and_says_whether_in_time(office: Office, days: float, outcome: str) -> None:
    held = office.ticket(State.SIGNED)
    at = NOW + days * DAY
    done = office.do("answer", held.number, unit("hwzx"), at, note="已清运", outcome="solved", contacted=False)
    assert (done.state, done.reply, done.outcome, done.answered_at, done.contacted) == (
        "answered", "已清运", "solved", at, False,
    )  # fmt: skip
    clocks = office.clocks(held.number)
    callback = clocks.pop("callback")
    assert (callback.due_at, callback.stopped_at) == (done.callback_due_at, None)
    assert all(clock.stopped_at is not None and clock.next_at is None for clock in clocks.values())
    assert clocks["result"].outcome == clocks["hold"].outcome == outcome


def test_a_report_keeps_the_state_and_stops_progress(office: Office) -> None:
    held = office.ticket(State.SIGNED)
    done = office.do("report", held.number, unit("hwzx"), NOW + DAY, note="明天清运")
    assert (done.state, done.reported_at) == ("signed", NOW + DAY)
    assert office.clocks(held.number)["progress"].outcome == "met"
    assert office.clocks(held.number)["result"].stopped_at is None
    (line,) = [line for line in office.rows("entry") if line.move == "report"]
    assert (line.note, line.public) == ("明天清运", True)


def test_a_return_goes_to_the_dispatcher_and_a_new_dispatch_keeps_the_promises(office: Office) -> None:
    held = office.ticket(State.ROUTED)
    said = {"reason": "不属于我单位", "basis": "责任分解表第3项", "unit": "cgj"}
    back = office.do("return", held.number, unit("hwzx"), NOW + HOUR, **said)
    assert (back.state, back.returns) == ("returned", 1)
    assert (back.why["return"], back.why["owner"]) == ("示例区环境卫生服务中心退单：不属于我单位", "cgj")
    assert office.clocks(held.number)["dispatch"].stopped_at is None
    again = office.do("route", held.number, DISPATCHER, NOW + 2 * HOUR, unit="cgj", note="请核实")
    assert (again.state, again.unit, again.dispatches) == ("routed", "cgj", 2)
    assert (again.dispatched_at, again.due_at) == (held.dispatched_at, held.due_at)
    clocks = office.clocks(held.number)
    assert (clocks["dispatch"].outcome, clocks["sign"].started_at) == ("met", NOW + 2 * HOUR)
    assert {clocks[name].unit for name in ("progress", "result", "sign")} == {"cgj"}
    assert len([row for row in office.rows("clock") if row.clock == "result"]) == 1
    held_by = [(row.unit, row.ended_by) for row in office.rows("assignment") if row.role == "lead"]
    assert held_by == [("hwzx", "return"), ("cgj", "")]


@pytest.mark.parametrize(("after", "allowed"), [(HOUR, True), (29 * HOUR, True), (38 * HOUR, False), (9 * DAY, False)])
def test_a_return_must_come_within_one_working_day(office: Office, after: object, allowed: bool) -> None:
    held = office.ticket(State.SIGNED)
    if allowed:
        assert office.do("return", held.number, unit("hwzx"), NOW + after, reason="不归我们").returns == 1
        return
    with pytest.raises(RuleSaysNo, match="已超过"):
        office.do("return", held.number, unit("hwzx"), NOW + after, reason="不归我们")
    assert office.see(held.number).returns == 0


def test_after_two_returns_the_next_dispatch_is_final(office: Office) -> None:
    number = office.ticket(State.ROUTED).number
    for turn, (code, onward) in enumerate((("hwzx", "cgj"), ("cgj", "zwj"))):
        office.do("return", number, unit(code), NOW + turn * HOUR + MINUTE, reason="不归我们")
        office.do("route", number, DISPATCHER, NOW + (turn + 1) * HOUR, unit=onward)
    with pytest.raises(RuleSaysNo, match="不能再退"):
        office.do("return", number, unit("zwj"), NOW + 3 * HOUR, reason="也不归我们")


def test_correcting_changes_matter_and_place_and_says_who(office: Office) -> None:
    number = office.received()
    office.triage()
    done = office.do("classify", number, DISPATCHER, LATER, area="路灯照明", grid="990101001001001")
    assert (done.area, done.area_confidence, done.grid, done.street) == (LAMP, 1.0, "990101001001001", "990101001")
    assert (done.state, done.leader) == ("received", LEADER.login)
    assert "方予安" in done.why["classify"]
    assert done.why["locate"]


@pytest.mark.parametrize(("move", "state", "me", "said", "path"), [
    ("route", "received", DISPATCHER, {"unit": "nobody"}, "unit"),
    ("route", "received", DISPATCHER, {"unit": "cgj", "helpers": ("nobody",)}, "unit"),
    ("classify", "received", DISPATCHER, {"area": "没有的事"}, "area"),
    ("classify", "received", DISPATCHER, {"grid": "000"}, "grid"),
    ("return", "routed", unit("hwzx"), {"reason": "不归我们", "unit": "nobody"}, "unit"),
])  # fmt: skip
def test_what_the_city_does_not_know_is_refused_by_field(
    office: Office, move: str, state: str, me: Me, said: dict[str, object], path: str
) -> None:
    held = office.ticket(State(state))
    with pytest.raises(BadValue) as refused:
        office.do(move, held.number, me, LATER, **said)
    assert refused.value.path == path


def test_a_first_dispatch_by_hand_starts_the_promises(office: Office) -> None:
    number = office.received()
    office.triage()
    done = office.do("route", number, DISPATCHER, LATER, unit="cgj", helpers=("hwzx",), note="请核实")
    assert (done.unit, done.helpers, done.dispatched_at) == ("cgj", ["hwzx"], LATER)
    clocks = office.clocks(number)
    assert (clocks["dispatch"].outcome, clocks["result"].started_at) == ("met", LATER)
    assert done.due_at == clocks["result"].due_at
    assert "派单员方予安" in done.why["route"]
    assert done.why["promise"]


def test_settling_on_the_line_closes_in_the_desks_time(office: Office) -> None:
    number = office.received()
    office.triage()
    done = office.do("settle", number, AGENT, LATER, note="已告知办理地点")
    assert (done.state, done.outcome, done.closed_at, done.reply) == ("closed", "settled", LATER, "已告知办理地点")
    assert {clock.outcome for clock in office.clocks(number).values()} == {"met"}


def test_a_ticket_cannot_join_itself_nor_what_is_over(office: Office) -> None:
    closed, mine = office.ticket(State.CLOSED), office.received()
    for target in (mine, closed.number):
        with pytest.raises(BadValue) as refused:
            office.do("join", mine, AGENT, LATER, to=target)
        assert refused.value.path == "to"
    with pytest.raises(NoSuchTicket):
        office.do("join", mine, AGENT, LATER, to="SL20260101000000")
    assert office.see(mine).state == "received"


@pytest.mark.parametrize("me", [AGENT, SUPERVISOR])
def test_urging_and_noting_leave_the_state(office: Office, me: Me) -> None:
    held = office.ticket(State.SIGNED)
    assert office.do("urge", held.number, me, LATER, note="来电人又打来").state == "signed"
    assert office.do("note", held.number, me, LATER, note="内部").state == "signed"
    lines = [(line.move, line.public) for line in office.rows("entry")][-2:]
    assert lines == [("urge", True), ("note", False)]
    assert office.broken_links() == []
