"""States of a ticket, and `MOVES`, the one table of moves between them with who may make each.

Source: the closed loop of 国办发〔2020〕53号 (受理、派单、办理、答复、督办、办结、回访、评价) and its list of what is
not accepted; 凉政办发〔2018〕116号 articles 16-18 for report, answer, extension and callback; 天津热线管理办法 2024
(draft) for returns.  `docs/lifecycle.md` is drawn from these tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

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
Asked = Literal["extension", "park", "void", "exclusion", "appeal"]
ASKS: dict[str, str] = {
    "extension": "延期申请",
    "park": "挂账申请",
    "void": "作废申请",
    "exclusion": "不计入考核申请",
    "appeal": "评价申诉",
}


class Move(StrEnum):
    """One thing that may happen to a ticket: the names that database, interface and catalogues know it by."""

    RECEIVE = "receive"
    CLASSIFY = "classify"
    ROUTE = "route"
    REASSIGN = "reassign"
    SIGN = "sign"
    DEFAULT_SIGN = "default_sign"
    REPORT = "report"
    INVITE = "invite"
    HELP_ANSWER = "help_answer"
    WHISTLE = "whistle"
    GRADE = "grade"
    REGRID = "regrid"
    HAND_OVER = "hand_over"
    LACK = "lack"
    SUPPLY = "supply"
    RETURN = "return"
    KEEP = "keep"
    CONVENE = "convene"
    OPINE = "opine"
    RULE = "rule"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    DENY_EXTENSION = "deny_extension"
    ASK_PARK = "ask_park"
    PARK = "park"
    DENY_PARK = "deny_park"
    REVIEW = "review"
    RESUME = "resume"
    ANSWER = "answer"
    SUBMIT = "submit"
    PASS = "pass"  # noqa: S105 - the name of a move, no password
    REJECT = "reject"
    CLOSE = "close"
    REDO = "redo"
    CONCLUDE = "conclude"
    MISS = "miss"
    FILE = "file"
    VOICE = "voice"
    RATE = "rate"
    SETTLE = "settle"
    FORESTALL = "forestall"
    VERIFY = "verify"
    DISPROVE = "disprove"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    JOIN = "join"
    SPLIT = "split"
    GAIN = "gain"
    LOSE = "lose"
    ARCHIVE = "archive"
    ASK_VOID = "ask_void"
    VOID = "void"
    DENY_VOID = "deny_void"
    ASK_EXCLUSION = "ask_exclusion"
    EXCLUDE = "exclude"
    DENY_EXCLUSION = "deny_exclusion"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    COMMIT = "commit"
    FULFIL = "fulfil"
    BREAK = "break"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    RAISE = "raise"
    LOWER = "lower"
    REMIND = "remind"
    PROPOSE = "propose"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    SUPERVISE = "supervise"
    CIRCULATE = "circulate"
    ACCOUNT = "account"
    DROP_CARD = "drop_card"
    ANSWER_CARD = "answer_card"
    LAPSE = "lapse"
    RECOUNT = "recount"
    TRANSFER = "transfer"
    NOTE = "note"
    REVEAL = "reveal"
    RECODE = "recode"
    CONCEAL = "conceal"
    DISCLOSE = "disclose"


class MoveRule(msgspec.Struct, frozen=True, kw_only=True):
    """What the table says of one move.

    target  the state it leads to; None = the ticket stays where it is
    needs   names of what the mover must give: note (说明), reason (理由), basis (依据), guide (应向何处反映),
            until (到何时), days (几个工作日), unit (哪个单位)
    opens   the request (one of ASKS) that waits for a decision from now on
    decides the request this move decides; without it the move cannot be made
    grants  whether that decision is a yes
    """

    name: Move
    label: str
    origins: frozenset[State]
    target: State | None
    who: frozenset[Role]
    needs: tuple[str, ...] = ()
    opens: Asked | Literal[""] = ""
    decides: Asked | Literal[""] = ""
    grants: bool = False


def _move(
    name: Move,
    label: str,
    origins: str,
    target: str,
    who: str,
    needs: str = "",
    *,
    opens: Asked | Literal[""] = "",
    grants: Asked | Literal[""] = "",
    denies: Asked | Literal[""] = "",
) -> MoveRule:
    return MoveRule(
        name=name,
        label=label,
        origins=frozenset(map(State, origins.split())),
        target=State(target) if target else None,
        who=frozenset(map(Role, who.split())),
        needs=tuple(needs.split()),
        opens=opens,
        decides=grants or denies,
        grants=bool(grants),
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

# fmt: off
MOVES: dict[Move, MoveRule] = {move.name: move for move in (
    #     move              label           from               to           who                needs and requests
    _move(Move.RECEIVE,        "受理",        "draft",          "received", "citizen agent grid_leader clockwork"),
    _move(Move.CLASSIFY,       "定事项地点",  _LIVE,            "",         "agent dispatcher clockwork"),
    _move(Move.ROUTE,          "派单",  "received returned routed", "routed", "dispatcher agent clockwork"),
    _move(Move.REASSIGN,       "改派",        "signed lacking parked", "routed", _DESK,           "unit reason"),
    _move(Move.SIGN,           "签收",        "routed",         "signed",   _UNIT),
    _move(Move.DEFAULT_SIGN,   "默认签收",    "routed",         "signed",   "clockwork"),
    _move(Move.REPORT,         "报动态",      "signed",         "",         _UNIT,            "note"),
    _move(Move.INVITE,         "邀请协办",    "routed signed",  "",         f"dispatcher {_UNIT}", "unit"),
    _move(Move.HELP_ANSWER,    "协办答复",    "routed signed",  "",         _UNIT,            "note"),
    _move(Move.WHISTLE,        "吹哨",        "routed signed",  "",         "grid_leader",         "unit reason"),
    _move(Move.GRADE,          "评价响应",    "routed signed reviewing answered closed", "", "grid_leader", "unit"),
    _move(Move.REGRID,         "转网格",      "routed signed",  "",         "grid_leader",         "note"),
    _move(Move.HAND_OVER,      "移交网格长",  _OPEN,            "",         "clockwork"),
    _move(Move.LACK,           "要求补充",    "signed",         "lacking",  _UNIT,            "note"),
    _move(Move.SUPPLY,         "补充材料",    "lacking",        "signed",   "agent citizen dispatcher", "note"),
    _move(Move.RETURN,         "退单",        "routed signed",  "returned", _UNIT,            "reason basis"),
    _move(Move.KEEP,           "退单不成立",  "returned",       "signed",   "dispatcher",          "reason"),
    _move(Move.CONVENE,        "发起会商",    "returned",       "disputed", "dispatcher clockwork"),
    _move(Move.OPINE,          "会商意见",    "disputed",       "",         _UNIT,            "note"),
    _move(Move.RULE,           "裁定承办",    "disputed",       "routed",   _DESK,            "unit reason basis"),
    _move(Move.ASK_EXTENSION, "申请延期", "signed", "", _UNIT, "reason days note", opens="extension"),
    _move(Move.EXTEND,         "同意延期",    "signed",         "",         f"{_DESK} clockwork", grants="extension"),
    _move(Move.DENY_EXTENSION, "不同意延期", "signed", "",         f"{_DESK} clockwork", "reason", denies="extension"),
    _move(Move.ASK_PARK,       "申请挂账",    "signed",         "",         _UNIT, "reason basis until", opens="park"),
    _move(Move.PARK,           "同意挂账",    "signed",         "parked",   "supervisor", grants="park"),
    _move(Move.DENY_PARK, "不同意挂账", "signed", "", "supervisor clockwork", "reason", denies="park"),
    _move(Move.REVIEW,         "挂账复查",    "parked",         "",         _UNIT,            "note"),
    _move(Move.RESUME,         "恢复办理",    "lacking parked", "signed",   f"{_DESK} {_UNIT} clockwork", "note"),
    _move(Move.ANSWER,         "报结果",      "signed",         "answered", _UNIT,            "note"),
    _move(Move.SUBMIT,         "报结果送审",  "signed",         "reviewing", _UNIT,           "note"),
    _move(Move.PASS,           "审核通过",    "reviewing",      "answered", f"{_DESK} clockwork"),
    _move(Move.REJECT,         "审核退回",    "reviewing",      "signed",   _DESK,            "reason"),
    _move(Move.CLOSE,          "办结",        "answered joined", "closed",   "caller_back clockwork"),
    _move(Move.REDO,           "重办",        "answered joined closed", "signed", "caller_back"),
    _move(Move.CONCLUDE,       "督办结案",    "signed answered", "closed",  "supervisor",          "reason"),
    _move(Move.MISS,           "回访未接通",  "answered joined", "",         "caller_back"),
    _move(Move.FILE,           "归档",        "closed",         "archived", "clockwork"),
    _move(Move.VOICE,          "网上评价",    "answered joined", "",         "citizen"),
    _move(Move.RATE,           "修改评价",    "closed",         "",         "citizen"),
    _move(Move.SETTLE,         "直接解答",    "received",       "closed",   "agent",               "note"),
    _move(Move.FORESTALL,      "未诉先办",    "received",       "closed",   "grid_leader",         "note"),
    _move(Move.VERIFY,         "核查属实",    "closed",         "",         f"caller_back unit {_DESK}", "note"),
    _move(Move.DISPROVE,       "核查不实",    "closed",         "received", f"caller_back unit {_DESK}", "note"),
    _move(Move.REFUSE,         "不予受理",    "received",       "refused",  "agent dispatcher",    "reason guide"),
    _move(Move.WITHDRAW,       "撤回",        f"{_LIVE} joined", "withdrawn", "citizen agent",      "note"),
    _move(Move.JOIN,           "合并",        "received joined", "joined",  "agent dispatcher clockwork"),
    _move(Move.SPLIT,          "取消合并",    "joined",         "received", f"agent {_DESK} clockwork", "reason"),
    _move(Move.GAIN,           "并入同诉",    _OPEN,            "",         "agent dispatcher clockwork"),
    _move(Move.LOSE,           "同诉减少",    _OPEN,            "",         "clockwork"),
    _move(Move.ARCHIVE,        "历史归档",    "received routed", "closed",   "clockwork"),
    _move(Move.ASK_VOID,       "申请作废",    _LIVE,            "",         f"agent {_DESK}", "reason", opens="void"),
    _move(Move.VOID,           "作废",        _LIVE,            "voided",   _DESK, grants="void"),
    _move(Move.DENY_VOID,      "不同意作废",  _LIVE,            "",         _DESK, "reason", denies="void"),
    _move(Move.ASK_EXCLUSION,  "申请不计考核", "answered closed", "",         _UNIT, "reason basis", opens="exclusion"),
    _move(Move.EXCLUDE,        "不计入考核",  "answered closed", "",         "supervisor", grants="exclusion"),
    _move(Move.DENY_EXCLUSION, "仍计入考核", "answered closed", "", "supervisor", "reason", denies="exclusion"),
    _move(Move.APPEAL,         "申诉评价",    "closed",         "",         _UNIT, "reason basis", opens="appeal"),
    _move(Move.UPHOLD,         "申诉成立",    "closed",         "",         "supervisor", "reason", grants="appeal"),
    _move(Move.DISMISS,        "申诉不成立",  "closed",         "",         "supervisor", "reason", denies="appeal"),
    _move(Move.COMMIT, "答复承诺", "signed answered closed", "", f"caller_back {_DESK} {_UNIT}", "note until"),
    _move(Move.FULFIL,         "承诺兑现",    "signed reviewing answered closed", "",  f"caller_back {_DESK}", "note"),
    _move(Move.BREAK,          "承诺未兑现",  "signed reviewing answered closed", "",  f"caller_back {_DESK}", "note"),
    _move(Move.URGE,           "催办",        f"{_LIVE} joined", "",        "citizen agent supervisor"),
    _move(Move.SUPPLEMENT,     "补充情况",    f"{_OPEN} joined", "",        "citizen agent dispatcher", "note"),
    _move(Move.RAISE,          "提级",        _LIVE,            "",         f"{_STAFF} clockwork", "reason"),
    _move(Move.LOWER,          "降级",        _LIVE,            "",         _DESK,            "reason"),
    _move(Move.REMIND,         "提醒",        _OPEN,            "",         _LADDER),
    _move(Move.PROPOSE,        "拟亮牌",      _OPEN,            "",         "clockwork"),
    _move(Move.YELLOW_CARD,    "黄牌",        _OPEN,            "",         _LADDER),
    _move(Move.RED_CARD,       "红牌",        _OPEN,            "",         _LADDER),
    _move(Move.SUPERVISE,      "督办",        _OPEN,            "",         _LADDER),
    _move(Move.CIRCULATE,      "通报",        _OPEN,            "",         _LADDER),
    _move(Move.ACCOUNT,        "问责建议",    _OPEN,            "",         _LADDER),
    _move(Move.DROP_CARD,      "不予亮牌",    _PAST,            "",         "supervisor",          "reason"),
    _move(Move.ANSWER_CARD,    "亮牌说明",    _PAST,            "",         _UNIT,            "note"),
    _move(Move.LAPSE,          "到期",        _OPEN,            "",         "clockwork"),
    _move(Move.RECOUNT,        "重算时限",    _OPEN,            "",         "clockwork"),
    _move(Move.TRANSFER,       "单位变更",    _OPEN,            "",         "clockwork"),
    _move(Move.NOTE,           "内部备注",    _PAST,            "",         _STAFF,                "note"),
    _move(Move.REVEAL,         "查看号码",    _PAST,            "",         _STAFF,                "reason"),
    _move(Move.RECODE,         "补发查询码",  _PAST,            "",         "agent caller_back"),
    _move(Move.CONCEAL,        "设为保密",    _PAST,            "",         "agent dispatcher supervisor"),
    _move(Move.DISCLOSE,       "解除保密",    _PAST,            "",         "agent supervisor",    "reason"),
)}
# fmt: on


def after(state: State, move: Move, role: Role, pending: str = "") -> State:
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


def pending_after(pending: str, move: Move) -> str:
    """Return the request that waits after `move`: opened, decided, or fallen away because the ticket moved on."""
    rule = MOVES[move]
    if rule.opens:
        return rule.opens
    return "" if rule.decides or rule.target is not None else pending


def allowed(state: State, role: Role, pending: str = "") -> tuple[Move, ...]:
    """Return the names of the moves `role` may make from `state`, in the order of the table."""
    return tuple(
        move.name
        for move in MOVES.values()
        if state in move.origins and role in move.who and not (move.opens and pending) and move.decides in ("", pending)
    )
