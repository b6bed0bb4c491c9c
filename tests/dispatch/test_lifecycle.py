"""The table of moves: each line, each refusal, and what no sequence of moves may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dispatch.errors import IllegalMove, NotYours
from dispatch.lifecycle import (
    ASKS,
    FINAL,
    MOVES,
    OPEN,
    OWNERS,
    STATE_NAMES,
    State,
    after,
    allowed,
    pending_after,
)
from dispatch.roles import Role

LADDER = ("remind", "propose", "yellow_card", "red_card", "supervise", "circulate", "account", "lapse")

LEAVES = {  # the only ways out of an end
    (State.JOINED, "close"), (State.JOINED, "redo"), (State.CLOSED, "redo"), (State.CLOSED, "file"),
    (State.CLOSED, "disprove"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "move", "role", "target"),
    [
        ("draft", "receive", "agent", "received"),
        ("draft", "receive", "citizen", "received"),
        ("received", "classify", "clockwork", "received"),
        ("received", "route", "clockwork", "routed"),
        ("returned", "route", "dispatcher", "routed"),
        ("routed", "route", "dispatcher", "routed"),
        ("routed", "sign", "unit", "signed"),
        ("routed", "sign", "grid_leader", "signed"),
        ("signed", "report", "unit", "signed"),
        ("signed", "ask_extension", "unit", "signed"),
        ("routed", "return", "unit", "returned"),
        ("signed", "return", "grid_leader", "returned"),
        ("signed", "answer", "unit", "answered"),
        ("signed", "submit", "grid_leader", "reviewing"),
        ("reviewing", "pass", "supervisor", "answered"),
        ("reviewing", "pass", "clockwork", "answered"),
        ("reviewing", "reject", "dispatcher", "signed"),
        ("reviewing", "withdraw", "citizen", "withdrawn"),
        ("closed", "file", "clockwork", "archived"),
        ("archived", "note", "supervisor", "archived"),
        ("answered", "close", "caller_back", "closed"),
        ("answered", "close", "clockwork", "closed"),
        ("answered", "redo", "caller_back", "signed"),
        ("answered", "miss", "caller_back", "answered"),
        ("received", "settle", "agent", "closed"),
        ("received", "join", "clockwork", "joined"),
        ("signed", "gain", "clockwork", "signed"),
        ("routed", "archive", "clockwork", "closed"),
        ("routed", "urge", "citizen", "routed"),
        ("answered", "supervise", "supervisor", "answered"),
        ("received", "red_card", "clockwork", "received"),
        ("closed", "note", "supervisor", "closed"),
        ("received", "reveal", "grid_leader", "received"),
        ("joined", "reveal", "caller_back", "joined"),
    ],
)
def test_after(state: str, move: str, role: str, target: str) -> None:
    assert after(State(state), move, Role(role)) is State(target)


@pytest.mark.parametrize(
    ("state", "move", "role", "said"),
    [
        ("closed", "sign", "unit", "工单处于“办结”，不能“签收”"),
        ("routed", "answer", "unit", "工单处于“待签收”，不能“报结果”"),
        ("routed", "settle", "agent", "工单处于“待签收”，不能“直接解答”"),
        ("draft", "fly", "agent", "工单处于“草稿”，不能“fly”"),
        ("answered", "urge", "citizen", "工单处于“待回访”，不能“催办”"),
        ("reviewing", "answer", "unit", "工单处于“待审核”，不能“报结果”"),
        ("archived", "redo", "caller_back", "工单处于“归档”，不能“重办”"),
        ("archived", "rate", "citizen", "工单处于“归档”，不能“修改评价”"),
        ("joined", "supervise", "supervisor", "工单处于“合并”，不能“督办”"),
        ("draft", "reveal", "agent", "工单处于“草稿”，不能“查看号码”"),
    ],
)
def test_illegal(state: str, move: str, role: str, said: str) -> None:
    with pytest.raises(IllegalMove) as refused:
        after(State(state), move, Role(role))
    assert (str(refused.value), refused.value.move, refused.value.state) == (said, move, state)


@pytest.mark.parametrize(
    ("state", "move", "role", "said"),
    [
        ("routed", "sign", "agent", "“签收”由承办单位、网格长操作，话务员不能操作"),
        ("reviewing", "pass", "unit", "“审核通过”由派单员、督办员、系统操作，承办单位不能操作"),
        ("reviewing", "reject", "clockwork", "“审核退回”由派单员、督办员操作，系统不能操作"),
        ("answered", "close", "unit", "“办结”由回访员、系统操作，承办单位不能操作"),
        ("signed", "answer", "admin", "“报结果”由承办单位、网格长操作，管理员不能操作"),
        (
            "signed",
            "reveal",
            "admin",
            "“查看号码”由话务员、派单员、承办单位、网格长、回访员、督办员操作，管理员不能操作",
        ),
    ],
)
def test_not_yours(state: str, move: str, role: str, said: str) -> None:
    with pytest.raises(NotYours) as refused:
        after(State(state), move, Role(role))
    assert (str(refused.value), refused.value.move, refused.value.role) == (said, move, role)


def test_wrong_state_is_said_before_wrong_role() -> None:
    with pytest.raises(IllegalMove):
        after(State.CLOSED, "sign", Role.AGENT)


@pytest.mark.parametrize(
    ("state", "role", "moves"),
    [
        ("routed", "unit", ("sign", "invite", "help_answer", "return", "raise", "answer_card", "note", "reveal")),
        ("lacking", "citizen", ("supply", "withdraw", "urge", "supplement")),
        (
            "returned",
            "dispatcher",
            (
                "classify",
                "route",
                "keep",
                "convene",
                "gain",
                "ask_void",
                "supplement",
                "raise",
                "lower",
                "note",
                "reveal",
                "conceal",
            ),
        ),
        ("disputed", "unit", ("opine", "raise", "answer_card", "note", "reveal")),
        ("parked", "unit", ("review", "resume", "raise", "answer_card", "note", "reveal")),
        ("answered", "caller_back", ("close", "redo", "miss", "commit", "fulfil", "break", "note", "reveal", "recode")),
        ("joined", "caller_back", ("close", "redo", "miss", "note", "reveal", "recode")),
        ("answered", "citizen", ("voice", "supplement")),
        ("routed", "citizen", ("withdraw", "urge", "supplement")),
        ("closed", "citizen", ("rate",)),
        ("archived", "citizen", ()),
        ("archived", "unit", ("answer_card", "note", "reveal")),
        ("reviewing", "citizen", ("withdraw", "urge", "supplement")),
        ("refused", "dispatcher", ("note", "reveal", "conceal")),
        ("archived", "supervisor", ("drop_card", "note", "reveal", "conceal", "disclose")),
        ("signed", "admin", ()),
    ],
)
def test_allowed(state: str, role: str, moves: tuple[str, ...]) -> None:
    assert allowed(State(state), Role(role)) == moves


@pytest.mark.parametrize(
    ("move", "needs"),
    [
        ("report", ("note",)),
        ("return", ("reason", "basis")),
        ("ask_extension", ("reason", "days", "note")),
        ("refuse", ("reason", "guide")),
        ("void", ()),
        ("answer", ("note",)),
        ("submit", ("note",)),
        ("reject", ("reason",)),
        ("settle", ("note",)),
        ("sign", ()),
        ("reveal", ("reason",)),
        ("conceal", ()),
        ("disclose", ("reason",)),
    ],
)
def test_needs(move: str, needs: tuple[str, ...]) -> None:
    assert MOVES[move].needs == needs


def test_names_and_open_states() -> None:
    assert list(STATE_NAMES) == list(State)
    assert OPEN | FINAL | {State.DRAFT} == set(State)
    assert set(OWNERS) == OPEN
    assert set() == FINAL & OPEN
    assert all(name == move.name for name, move in MOVES.items())
    assert len({move.label for move in MOVES.values()}) == len(MOVES)


def test_a_request_is_opened_by_one_move_and_decided_by_two() -> None:
    assert [move.opens for move in MOVES.values() if move.opens] == list(ASKS)
    for ask in ASKS:
        opened = next(move for move in MOVES.values() if move.opens == ask)
        decided = [move for move in MOVES.values() if move.decides == ask]
        assert len(decided) == 2
        assert all(opened.origins <= move.origins for move in decided)  # wherever it waits, somebody can decide it


@pytest.mark.parametrize(
    ("state", "move", "role", "pending", "said"),
    [
        ("signed", "extend", "dispatcher", "", "该工单没有待审批的延期申请，不能“同意延期”"),
        ("signed", "extend", "dispatcher", "park", "该工单没有待审批的延期申请，不能“同意延期”"),
        ("signed", "ask_park", "unit", "extension", "该工单有延期申请待审批，不能“申请挂账”"),
        ("signed", "ask_extension", "unit", "extension", "该工单有延期申请待审批，不能“申请延期”"),
    ],
)
def test_requests_wait_one_at_a_time(state: str, move: str, role: str, pending: str, said: str) -> None:
    with pytest.raises(IllegalMove) as refused:
        after(State(state), move, Role(role), pending)
    assert (str(refused.value), refused.value.move, refused.value.state) == (said, move, state)


@pytest.mark.parametrize(
    ("pending", "move", "left"),
    [
        ("", "ask_extension", "extension"),
        ("extension", "report", "extension"),
        ("extension", "extend", ""),
        ("extension", "deny_extension", ""),
        ("extension", "answer", ""),  # the ticket moved on: nobody needs the extension
        ("void", "return", ""),
        ("", "sign", ""),
    ],
)
def test_what_waits_after_a_move(pending: str, move: str, left: str) -> None:
    assert pending_after(pending, move) == left


@given(st.sampled_from(State), st.sampled_from(sorted(MOVES)), st.sampled_from(Role), st.sampled_from(["", *ASKS]))
def test_allowed_is_exactly_what_after_accepts(state: State, move: str, role: Role, pending: str) -> None:
    try:
        after(state, move, role, pending)
        accepted = True
    except (IllegalMove, NotYours):
        accepted = False
    assert accepted is (move in allowed(state, role, pending))


class Journey(RuleBasedStateMachine):
    """Anybody tries anything on one ticket."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.DRAFT
        self.pending = ""

    @rule(move=st.sampled_from([*MOVES, "fly"]), role=st.sampled_from(Role))
    def anything(self, move: str, role: Role) -> None:
        before, waited = self.state, self.pending
        try:
            self.state = after(before, move, role, waited)
        except (IllegalMove, NotYours):
            assert move not in allowed(before, role, waited)
            return
        self.pending = pending_after(waited, move)
        left = before in FINAL and self.state is not before
        assert not left or (before, move) in LEAVES
        assert move not in LADDER or (self.state is before and before in OPEN)
        assert self.state is not State.ANSWERED or before in (State.SIGNED, State.REVIEWING, State.ANSWERED)

    @invariant()
    def an_open_ticket_has_an_owner_who_can_go_on(self) -> None:
        if self.state in OPEN:
            mine = [MOVES[name] for name in allowed(self.state, OWNERS[self.state], self.pending)]
            assert [move for move in mine if move.target not in (None, self.state)]

    @invariant()
    def whatever_waits_can_be_decided(self) -> None:
        if self.pending:
            deciders = [
                role for role in Role for name in allowed(self.state, role, self.pending) if MOVES[name].decides
            ]
            assert set(deciders) - {Role.CLOCKWORK}

    @invariant()
    def an_open_ticket_has_its_ladder(self) -> None:
        assert all((name in allowed(self.state, Role.CLOCKWORK)) is (self.state in OPEN) for name in LADDER)


TestJourney = Journey.TestCase
