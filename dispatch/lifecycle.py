"""States of a ticket, the moves between them, and who may make each: the one table.

Source: the closed loop of 国办发〔2020〕53号 (受理、派单、办理、答复、督办、办结、回访、评价) and its list of what is
not accepted; 凉政办发〔2018〕116号 articles 16-18 for report, answer, extension and callback; 天津热线管理办法 2024
(draft) for returns.  `docs/lifecycle.md` is drawn from these tables.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dispatch.errors import IllegalMove, NotYours
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message


class State(StrEnum):
    """Where a ticket stands."""

    DRAFT = "draft"
    RECEIVED = "received"
    ROUTED = "routed"
    SIGNED = "signed"
    LACKING = "lacking"
    RETURNED = "returned"
    DISPUTED = "disputed"
    PARKED = "parked"
    REVIEWING = "reviewing"
    ANSWERED = "answered"
    CLOSED = "closed"
    ARCHIVED = "archived"
    JOINED = "joined"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"


STATE_NAMES: dict[State, str] = {
    State.DRAFT: "草稿",
    State.RECEIVED: "待派",
    State.ROUTED: "待签收",
    State.SIGNED: "办理中",
    State.LACKING: "待补充",
    State.RETURNED: "退单审核",
    State.DISPUTED: "会商中",
    State.PARKED: "挂账",
    State.REVIEWING: "待审核",
    State.ANSWERED: "待回访",
    State.CLOSED: "办结",
    State.ARCHIVED: "归档",
    State.JOINED: "合并",
    State.REFUSED: "不予受理",
    State.WITHDRAWN: "已撤回",
    State.VOIDED: "作废",
}

# who must act on an open ticket: nobody's ticket does not exist
OWNERS: dict[State, Role] = {
    State.RECEIVED: Role.DISPATCHER,
    State.ROUTED: Role.UNIT,
    State.SIGNED: Role.UNIT,
    State.LACKING: Role.AGENT,
    State.RETURNED: Role.DISPATCHER,
    State.DISPUTED: Role.DISPATCHER,
    State.PARKED: Role.UNIT,
    State.REVIEWING: Role.DISPATCHER,
    State.ANSWERED: Role.CALLER_BACK,
}

OPEN: frozenset[State] = frozenset(OWNERS)
FINAL: frozenset[State] = frozenset(State) - OPEN - {State.DRAFT}
UNANSWERED: frozenset[State] = OPEN - {State.REVIEWING, State.ANSWERED}  # the unit still owes its result
SETTLED: frozenset[State] = frozenset({State.CLOSED, State.ARCHIVED})  # filing away (归档) changes no figure

# What one person asks for and another decides: beside the state, at most one at a time (`Ticket.pending`).
ASKS: dict[str, str] = {
    "extension": "延期申请",
    "park": "挂账申请",
    "void": "作废申请",
    "exclusion": "不计入考核申请",
    "appeal": "评价申诉",
}


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may happen to a ticket.

    target  the state it leads to; None = the ticket stays where it is
    needs   names of what the mover must give: note (说明), reason (理由), basis (依据), guide (应向何处反映),
            until (到何时), days (几个工作日), unit (哪个单位)
    opens   the request (one of ASKS) that waits for a decision from now on
    decides the request this move decides; without it the move cannot be made
    """

    name: str
    label: str
    origins: frozenset[State]
    target: State | None
    who: frozenset[Role]
    needs: tuple[str, ...] = ()
    opens: str = ""
    decides: str = ""


def _move(name: str, label: str, origins: str, target: str, who: str, needs: str = "") -> Move:
    words = needs.split()
    asks = [word for word in words if word[0] in "?="]
    return Move(
        name=name,
        label=label,
        origins=frozenset(map(State, origins.split())),
        target=State(target) if target else None,
        who=frozenset(map(Role, who.split())),
        needs=tuple(word for word in words if word not in asks),
        opens="".join(word[1:] for word in asks if word[0] == "?"),
        decides="".join(word[1:] for word in asks if word[0] == "="),
    )


_LIVE = "received routed signed lacking returned disputed parked reviewing"
_OPEN = f"{_LIVE} answered"
_ENDED = "closed archived joined refused withdrawn voided"
_PAST = f"{_OPEN} {_ENDED}"
_UNIT = "unit grid_leader"
_DESK = "dispatcher supervisor"
_LADDER = "clockwork supervisor"
_STAFF = f"agent dispatcher caller_back supervisor {_UNIT}"

# join and gain are two sides of one thing: the newcomer ends in the ticket that gains a caller; every caller is asked

# answer and submit are one action (报结果): whether a result is read before the citizen hears it, the rulebook says
# (`dispatch.checks`).  file puts away what was closed long ago; archive is for imported history only: what was settled
# before this system existed.
# whistle (吹哨) calls units to the spot: helpers with a clock of their own, which answer like helpers; grade is the
# grid's word on whether they helped (基层评部门).  regrid passes on what lies in another grid, hand_over all that a
# leader has.
# forestall closes at once what a grid leader found and put right on the spot: nobody called, so nobody is called back.
# verify and disprove are somebody else's word on that (核查): what is not true becomes work again.

# "?x" opens the request x, "=x" decides it.
# fmt: off
MOVES: dict[str, Move] = {move.name: move for move in (
    #     move              label           from               to           who                needs and requests
    _move("receive",       "受理",        "draft",          "received", "citizen agent grid_leader clockwork"),
    _move("classify",      "定事项地点",  _LIVE,            "",         "agent dispatcher clockwork"),
    _move("route",         "派单",  "received returned routed", "routed", "dispatcher agent clockwork"),
    _move("reassign",      "改派",        "signed lacking parked", "routed", _DESK,           "unit reason"),
    _move("sign",          "签收",        "routed",         "signed",   _UNIT),
    _move("default_sign",  "默认签收",    "routed",         "signed",   "clockwork"),
    _move("report",        "报动态",      "signed",         "",         _UNIT,            "note"),
    _move("invite",        "邀请协办",    "routed signed",  "",         f"dispatcher {_UNIT}", "unit"),
    _move("help_answer",   "协办答复",    "routed signed",  "",         _UNIT,            "note"),
    _move("whistle",       "吹哨",        "routed signed",  "",         "grid_leader",         "unit reason"),
    _move("grade",         "评价响应",    "routed signed reviewing answered closed", "", "grid_leader", "unit"),
    _move("regrid",        "转网格",      "routed signed",  "",         "grid_leader",         "note"),
    _move("hand_over",     "移交网格长",  _OPEN,            "",         "clockwork"),
    _move("lack",          "要求补充",    "signed",         "lacking",  _UNIT,            "note"),
    _move("supply",        "补充材料",    "lacking",        "signed",   "agent citizen dispatcher", "note"),
    _move("return",        "退单",        "routed signed",  "returned", _UNIT,            "reason basis"),
    _move("keep",          "退单不成立",  "returned",       "signed",   "dispatcher",          "reason"),
    _move("convene",       "发起会商",    "returned",       "disputed", "dispatcher clockwork"),
    _move("opine",         "会商意见",    "disputed",       "",         _UNIT,            "note"),
    _move("rule",          "裁定承办",    "disputed",       "routed",   _DESK,            "unit reason basis"),
    _move("ask_extension", "申请延期",    "signed",         "",         _UNIT,  "reason days note ?extension"),
    _move("extend",        "同意延期",    "signed",         "",         f"{_DESK} clockwork", "=extension"),
    _move("deny_extension", "不同意延期",  "signed",         "",         f"{_DESK} clockwork", "reason =extension"),
    _move("ask_park",      "申请挂账",    "signed",         "",         _UNIT,            "reason basis until ?park"),
    _move("park",          "同意挂账",    "signed",         "parked",   "supervisor",          "=park"),
    _move("deny_park",     "不同意挂账",  "signed",         "",         "supervisor clockwork", "reason =park"),
    _move("review",        "挂账复查",    "parked",         "",         _UNIT,            "note"),
    _move("resume",        "恢复办理",    "lacking parked", "signed",   f"{_DESK} {_UNIT} clockwork", "note"),
    _move("answer",        "报结果",      "signed",         "answered", _UNIT,            "note"),
    _move("submit",        "报结果送审",  "signed",         "reviewing", _UNIT,           "note"),
    _move("pass",          "审核通过",    "reviewing",      "answered", f"{_DESK} clockwork"),
    _move("reject",        "审核退回",    "reviewing",      "signed",   _DESK,            "reason"),
    _move("close",         "办结",        "answered joined", "closed",   "caller_back clockwork"),
    _move("redo",          "重办",        "answered joined closed", "signed", "caller_back"),
    _move("conclude",      "督办结案",    "signed answered", "closed",  "supervisor",          "reason"),
    _move("miss",          "回访未接通",  "answered joined", "",         "caller_back"),
    _move("file",          "归档",        "closed",         "archived", "clockwork"),
    _move("voice",         "网上评价",    "answered joined", "",         "citizen"),
    _move("rate",         "修改评价",    "closed",         "",         "citizen"),
    _move("settle",        "直接解答",    "received",       "closed",   "agent",               "note"),
    _move("forestall",     "未诉先办",    "received",       "closed",   "grid_leader",         "note"),
    _move("verify",        "核查属实",    "closed",         "",         f"caller_back unit {_DESK}", "note"),
    _move("disprove",      "核查不实",    "closed",         "received", f"caller_back unit {_DESK}", "note"),
    _move("refuse",        "不予受理",    "received",       "refused",  "agent dispatcher",    "reason guide"),
    _move("withdraw",      "撤回",        f"{_LIVE} joined", "withdrawn", "citizen agent",      "note"),
    _move("join",          "合并",        "received joined", "joined",  "agent dispatcher clockwork"),
    _move("split",         "取消合并",    "joined",         "received", f"agent {_DESK} clockwork", "reason"),
    _move("gain",          "并入同诉",    _OPEN,            "",         "agent dispatcher clockwork"),
    _move("lose",          "同诉减少",    _OPEN,            "",         "clockwork"),
    _move("archive",       "历史归档",    "received routed", "closed",   "clockwork"),
    _move("ask_void",      "申请作废",    _LIVE,            "",         f"agent {_DESK}",      "reason ?void"),
    _move("void",          "作废",        _LIVE,            "voided",   _DESK,            "=void"),
    _move("deny_void",     "不同意作废",  _LIVE,            "",         _DESK,            "reason =void"),
    _move("ask_exclusion", "申请不计考核", "answered closed", "",         _UNIT,            "reason basis ?exclusion"),
    _move("exclude",       "不计入考核",  "answered closed", "",         "supervisor",          "=exclusion"),
    _move("deny_exclusion", "仍计入考核",  "answered closed", "",         "supervisor",          "reason =exclusion"),
    _move("appeal",        "申诉评价",    "closed",         "",         _UNIT,            "reason basis ?appeal"),
    _move("uphold",        "申诉成立",    "closed",         "",         "supervisor",          "reason =appeal"),
    _move("dismiss",       "申诉不成立",  "closed",         "",         "supervisor",          "reason =appeal"),
    _move("commit",        "答复承诺",    "signed answered closed", "",  f"caller_back {_DESK} {_UNIT}", "note until"),
    _move("fulfil",        "承诺兑现",    "signed reviewing answered closed", "",  f"caller_back {_DESK}", "note"),
    _move("break",         "承诺未兑现",  "signed reviewing answered closed", "",  f"caller_back {_DESK}", "note"),
    _move("urge",          "催办",        f"{_LIVE} joined", "",        "citizen agent supervisor"),
    _move("supplement",    "补充情况",    f"{_OPEN} joined", "",        "citizen agent dispatcher", "note"),
    _move("raise",         "提级",        _LIVE,            "",         f"{_STAFF} clockwork", "reason"),
    _move("lower",         "降级",        _LIVE,            "",         _DESK,            "reason"),
    _move("remind",        "提醒",        _OPEN,            "",         _LADDER),
    _move("propose",       "拟亮牌",      _OPEN,            "",         "clockwork"),
    _move("yellow_card",   "黄牌",        _OPEN,            "",         _LADDER),
    _move("red_card",      "红牌",        _OPEN,            "",         _LADDER),
    _move("supervise",     "督办",        _OPEN,            "",         _LADDER),
    _move("circulate",     "通报",        _OPEN,            "",         _LADDER),
    _move("account",       "问责建议",    _OPEN,            "",         _LADDER),
    _move("drop_card",     "不予亮牌",    _PAST,            "",         "supervisor",          "reason"),
    _move("answer_card",   "亮牌说明",    _PAST,            "",         _UNIT,            "note"),
    _move("lapse",         "到期",        _OPEN,            "",         "clockwork"),
    _move("recount",       "重算时限",    _OPEN,            "",         "clockwork"),
    _move("transfer",      "单位变更",    _OPEN,            "",         "clockwork"),
    _move("note",          "内部备注",    _PAST,            "",         _STAFF,                "note"),
    _move("reveal",        "查看号码",    _PAST,            "",         _STAFF,                "reason"),
    _move("recode",        "补发查询码",  _PAST,            "",         "agent caller_back"),
    _move("conceal",       "设为保密",    _PAST,            "",         "agent dispatcher supervisor"),
    _move("disclose",      "解除保密",    _PAST,            "",         "agent supervisor",    "reason"),
)}
# fmt: on


def after(state: State, move: str, role: Role, pending: str = "") -> State:
    """Return where `move` made by `role` leads from `state`.

    pending  the request that waits for a decision, "" for none
    raises   IllegalMove if there is no such move, not from this state, or not while (or only while) a request waits;
             NotYours if the role may not make it.
             The state is asked first: who is told "not yours" may trust that somebody else could do it now.
    """
    rule = MOVES.get(move)
    if rule is None or state not in rule.origins:
        label = rule.label if rule else ""
        raise IllegalMove(move, state, move_label=label, state_label=STATE_NAMES[state])
    if rule.opens and pending:
        raise IllegalMove(
            move,
            state,
            move_label=rule.label,
            because=Message("该工单有%(request)s待审批", request=Message(ASKS[pending])),
        )
    if rule.decides and rule.decides != pending:
        raise IllegalMove(
            move,
            state,
            move_label=rule.label,
            because=Message("该工单没有待审批的%(request)s", request=Message(ASKS[rule.decides])),
        )
    if role not in rule.who:
        mine = tuple(Message(ROLE_NAMES[one]) for one in Role if one in rule.who)
        raise NotYours(
            Message(
                "“%(move)s”由%(roles)s操作，%(role)s不能操作",
                move=Message(rule.label),
                roles=mine,
                role=Message(ROLE_NAMES[role]),
            ),
            move=move,
            role=role,
        )
    return rule.target or state


def pending_after(pending: str, move: str) -> str:
    """Return the request that waits after `move`: opened, decided, or fallen away because the ticket moved on."""
    rule = MOVES[move]
    if rule.opens:
        return rule.opens
    return "" if rule.decides or rule.target is not None else pending


def allowed(state: State, role: Role, pending: str = "") -> tuple[str, ...]:
    """Return the names of the moves `role` may make from `state`, in the order of the table."""
    return tuple(
        move.name
        for move in MOVES.values()
        if state in move.origins and role in move.who and not (move.opens and pending) and move.decides in ("", pending)
    )
