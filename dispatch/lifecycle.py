"""States of a ticket, the moves between them, and who may make each: the one table.

Source: the closed loop of 国办发〔2020〕53号 (受理、派单、办理、答复、督办、办结、回访、评价); 凉政办发〔2018〕116号
articles 16-18 for report, answer and callback.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dispatch.errors import IllegalMove, NotYours
from dispatch.roles import ROLE_NAMES, Role


class State(StrEnum):
    """Where a ticket stands."""

    DRAFT = "draft"
    RECEIVED = "received"
    ROUTED = "routed"
    SIGNED = "signed"
    RETURNED = "returned"
    ANSWERED = "answered"
    CLOSED = "closed"
    JOINED = "joined"


STATE_NAMES: dict[State, str] = {
    State.DRAFT: "草稿",
    State.RECEIVED: "待派",
    State.ROUTED: "待签收",
    State.SIGNED: "办理中",
    State.RETURNED: "退单待派",
    State.ANSWERED: "待回访",
    State.CLOSED: "办结",
    State.JOINED: "合并",
}

OPEN: frozenset[State] = frozenset({State.RECEIVED, State.ROUTED, State.SIGNED, State.RETURNED, State.ANSWERED})


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may happen to a ticket.

    target  the state it leads to; None = the ticket stays where it is
    needs   names of what the mover must give: note (说明), reason (理由)
    """

    name: str
    label: str
    origins: frozenset[State]
    target: State | None
    who: frozenset[Role]
    needs: tuple[str, ...] = ()


def _move(name: str, label: str, origins: str, target: str, *who_needs: str) -> Move:
    who, needs = (*who_needs, "")[:2]
    return Move(
        name=name,
        label=label,
        origins=frozenset(map(State, origins.split())),
        target=State(target) if target else None,
        who=frozenset(map(Role, who.split())),
        needs=tuple(needs.split()),
    )


_LIVE = "received routed signed returned"
_OPEN = f"{_LIVE} answered"
_PAST = f"{_OPEN} closed joined"
_UNIT = "unit grid_leader"
_LADDER = "clockwork supervisor"
_STAFF = f"agent dispatcher caller_back supervisor {_UNIT}"

# join and gain are two sides of one thing: the newcomer ends in the ticket that gains a caller.
# archive is for imported history only: what was settled before this system existed.
# fmt: off
MOVES: dict[str, Move] = {move.name: move for move in (
    #     move           label         from               to          who               needs
    _move("receive",     "受理",       "draft",           "received", "citizen agent grid_leader clockwork"),
    _move("classify",    "定事项地点", _LIVE,             "",         "agent dispatcher clockwork"),
    _move("route",       "派单",  "received returned routed", "routed", "dispatcher agent clockwork"),
    _move("sign",        "签收",       "routed",          "signed",   _UNIT),
    _move("report",      "报动态",     "signed",          "",         _UNIT,            "note"),
    _move("return",      "退单",       "routed signed",   "returned", _UNIT,            "reason"),
    _move("answer",      "报结果",     "signed",          "answered", _UNIT,            "note"),
    _move("close",       "办结",       "answered",        "closed",   "caller_back clockwork"),
    _move("redo",        "重办",       "answered",        "signed",   "caller_back"),
    _move("miss",        "回访未接通", "answered",        "",         "caller_back"),
    _move("settle",      "直接解答",   "received",        "closed",   "agent",          "note"),
    _move("join",        "合并",       "received",        "joined",   "agent dispatcher clockwork"),
    _move("gain",        "并入同诉",   _OPEN,             "",         "agent dispatcher clockwork"),
    _move("archive",     "历史归档",   "received routed", "closed",   "clockwork"),
    _move("urge",        "催办",       _LIVE,             "",         "citizen agent supervisor"),
    _move("remind",      "提醒",       _OPEN,             "",         _LADDER),
    _move("yellow_card", "黄牌",       _OPEN,             "",         _LADDER),
    _move("red_card",    "红牌",       _OPEN,             "",         _LADDER),
    _move("supervise",   "督办",       _OPEN,             "",         _LADDER),
    _move("note",        "内部备注",   _PAST,             "",         _STAFF,           "note"),
    _move("reveal",      "查看号码",   _PAST,             "",         _STAFF,           "reason"),
)}
# fmt: on


def after(state: State, move: str, role: Role) -> State:
    """Return where `move` made by `role` leads from `state`.

    raises  IllegalMove if there is no such move, or not from this state; NotYours if the role may not make it.
            The state is asked first: who is told "not yours" may trust that somebody else could do it now.
    """
    rule = MOVES.get(move)
    if rule is None or state not in rule.origins:
        label = rule.label if rule else ""
        raise IllegalMove(move, state, move_label=label, state_label=STATE_NAMES[state])
    if role not in rule.who:
        mine = "、".join(ROLE_NAMES[one] for one in Role if one in rule.who)
        raise NotYours(f"“{rule.label}”由{mine}操作，{ROLE_NAMES[role]}不能操作", move=move, role=role)
    return rule.target or state


def allowed(state: State, role: Role) -> tuple[str, ...]:
    """Return the names of the moves `role` may make from `state`, in the order of the table."""
    return tuple(move.name for move in MOVES.values() if state in move.origins and role in move.who)
