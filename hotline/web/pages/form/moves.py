"""How pages show each move: one row for every move of `dispatch.lifecycle.MOVES`.  Words are msgids, said later."""

from collections.abc import Callable

import msgspec

from dispatch.escalation import CARDS
from dispatch.lifecycle import Move, State
from hotline.people import Me
from hotline.web.pages.form.inputs import (
    BASIS,
    CITIZEN_SEES,
    DAYS_FIELD,
    GROUND,
    HELPERS,
    MAYBE_WHY,
    NOTE,
    PHOTOS,
    PUBLIC_WHY,
    SAY,
    UNTIL,
    WHY,
    Input,
    text,
    unit,
    urgency,
    words,
)
from hotline.web.strings import msgid
from hotline.wire.tickets import TicketSheet

GROUPS = {
    "work": msgid("办理"),
    "together": msgid("协同"),
    "ask": msgid("申请"),
    "mend": msgid("更正"),
    "watch": msgid("督办"),
}


def proposed(sheet: TicketSheet, card: str = "") -> bool:
    """Say whether this card, or any, is proposed (拟亮牌) and waits for a person's word."""
    waiting = [one.card for one in sheet.cards if one.move == Move.PROPOSE and not one.decision]
    return card in waiting if card else bool(waiting)


def _always(_sheet: TicketSheet, _me: Me) -> bool:
    return True


def _carded(sheet: TicketSheet, me: Me) -> bool:
    cards = [one for one in sheet.cards if one.card in CARDS and not one.answered_at]
    return any(not me.unit or one.unit == me.unit for one in cards)


def _helping(sheet: TicketSheet, me: Me) -> bool:
    return any(hand.role == "help" and hand.unit == me.unit and not hand.ended_at for hand in sheet.hands)


def _invited(sheet: TicketSheet, me: Me) -> bool:
    return any(one.unit == me.unit and not one.ruled_at for one in sheet.opinions)


def _redone_twice(sheet: TicketSheet, _me: Me) -> bool:
    return [line.move for line in sheet.history].count(Move.REDO) > 1


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """One move as pages show it.

    group       where its form stands on a ticket's page (GROUPS); "" for a move that has no form there
    key         the key that opens it.  C looks up the number, J and K walk lists; the digits and Enter belong to the
                dispatcher's desk, `offers.YES` and `offers.NO` to the two answers to a request
    first_in    the states in which a ticket waits for it: it stands on top
    called_for  it stands above all others wherever it is offered: somebody waits for this word
    desks       at which desks it is offered, beside the ticket's own page
    by_helper   a unit may make it on a ticket that another one leads
    only        what must hold beside state and role
    fields      what its form asks, in order; with none it is a button
    hint        what follows from it; without one, the city's rules are quoted (`limits`)
    done        what is said after it, where that is more than that it was made
    heading     what the citizen reads of it, "" for nothing;  quoted  with the words that were written
    """

    group: str = ""
    key: str = ""
    first_in: tuple[State, ...] = ()
    called_for: bool = False
    desks: tuple[str, ...] = ()
    by_helper: bool = False
    only: Callable[[TicketSheet, Me], bool] = _always
    fields: tuple[Input, ...] = ()
    hint: str = ""
    done: str = ""
    heading: str = ""
    quoted: bool = False


# fmt: off
PRESENTATIONS: dict[Move, Presentation] = {
    Move.RECEIVE: Presentation(heading=msgid("已受理")),
    Move.CLASSIFY: Presentation(
        group="mend",
        fields=(
            Input(name="area", label=msgid("事项"), kind="area"), Input(name="grid", label=msgid("网格"), kind="grid"),
            SAY,
        ),
    ),
    Move.ROUTE: Presentation(
        group="work", key="P", first_in=(State.RECEIVED, State.RETURNED),
        fields=(unit(msgid("派给")), HELPERS, SAY), heading=msgid("已派给%(unit)s"),
    ),
    Move.REASSIGN: Presentation(
        group="mend", desks=("/supervise",),
        fields=(
            unit(msgid("改派给"), besides="lead"), HELPERS,
            words(msgid("改派的理由"), "reason", hint=msgid("承办单位看得到")),
        ),
        hint=msgid("从现承办单位改派另一单位：新单位的时限从改派时起算，对诉求人的承诺不变；原单位已发生的超时照计。"),
        heading=msgid("已改派给%(unit)s"),
    ),
    Move.SIGN: Presentation(group="work", key="A", first_in=(State.ROUTED,), heading=msgid("承办单位已签收")),
    Move.DEFAULT_SIGN: Presentation(heading=msgid("承办单位已签收")),
    Move.REPORT: Presentation(
        group="work", key="R", first_in=(State.SIGNED,), fields=(words(msgid("进展"), hint=CITIZEN_SEES), PHOTOS),
        heading=msgid("办理进展"), quoted=True,
    ),
    Move.INVITE: Presentation(
        group="together", key="H", fields=(unit(msgid("请谁协办"), besides="hands"), words(msgid("请对方做什么"))),
    ),
    Move.HELP_ANSWER: Presentation(
        group="together", key="W", first_in=(State.ROUTED, State.SIGNED), by_helper=True, only=_helping,
        fields=(words(msgid("答复牵头单位"), hint=msgid("由牵头单位汇总答复诉求人")), PHOTOS),
    ),
    Move.WHISTLE: Presentation(group="work", fields=(unit(msgid("承办单位")), WHY)),
    Move.GRADE: Presentation(group="work", fields=(unit(msgid("承办单位")),)),
    Move.REGRID: Presentation(group="work", fields=(NOTE,)),
    Move.HAND_OVER: Presentation(),
    Move.LACK: Presentation(
        group="work", key="L", fields=(words(msgid("需要诉求人补充什么"), hint=CITIZEN_SEES),),
        hint=msgid("本单位办理的时限暂停，对诉求人的承诺照常计时；诉求人补充或到期后恢复办理。"),
        heading=msgid("请您补充材料"), quoted=True,
    ),
    Move.SUPPLY: Presentation(
        group="work", key="S", first_in=(State.LACKING,),
        fields=(words(msgid("诉求人补充了什么"), hint=CITIZEN_SEES),), heading=msgid("已收到补充的材料"), quoted=True,
    ),
    Move.RETURN: Presentation(
        group="ask", key="B",
        fields=(words(msgid("退单理由"), "reason"), BASIS, unit(msgid("应由哪个单位承办"), besides="hands")),
    ),
    Move.KEEP: Presentation(
        group="work", key="Q", first_in=(State.RETURNED,), desks=("/dispatch",), fields=(WHY,),
        hint=msgid("由原单位继续办理，计为无效退单。"),
    ),
    Move.CONVENE: Presentation(group="work", desks=("/dispatch",), fields=(SAY,)),
    Move.OPINE: Presentation(
        group="together", key="O", first_in=(State.DISPUTED,), by_helper=True, only=_invited,
        fields=(words(msgid("本单位意见")), unit(msgid("应由哪个单位承办（可不选）"), required=False)),
    ),
    Move.RULE: Presentation(
        group="work", key="X", first_in=(State.DISPUTED,), desks=("/dispatch",),
        fields=(unit(msgid("裁定由谁承办")), HELPERS, WHY, BASIS),
        hint=msgid("裁定后不能再退；未提出意见的单位同样受约束。"), heading=msgid("已派给%(unit)s"),
    ),
    Move.ASK_EXTENSION: Presentation(
        group="ask", key="Y", fields=(DAYS_FIELD, PUBLIC_WHY, words(msgid("目前办理进展")))
    ),
    Move.EXTEND: Presentation(
        fields=(DAYS_FIELD, MAYBE_WHY), heading=msgid("办理时限延长"),
    ),
    Move.DENY_EXTENSION: Presentation(fields=(WHY,)),
    Move.ASK_PARK: Presentation(group="ask", fields=(UNTIL, PUBLIC_WHY, BASIS)),
    Move.PARK: Presentation(fields=(MAYBE_WHY,), heading=msgid("暂时无法办结，列入挂账")),
    Move.DENY_PARK: Presentation(fields=(WHY,)),
    Move.REVIEW: Presentation(
        group="work", key="V", first_in=(State.PARKED,),
        fields=(words(msgid("复查情况"), hint=CITIZEN_SEES), PHOTOS), heading=msgid("挂账复查"), quoted=True,
    ),
    Move.RESUME: Presentation(
        group="work", key="E", first_in=(State.LACKING, State.PARKED),
        fields=(words(msgid("恢复办理的原因"), hint=CITIZEN_SEES),), heading=msgid("恢复办理"), quoted=True,
    ),
    Move.ANSWER: Presentation(
        group="work", key="D", first_in=(State.SIGNED,),
        fields=(
            words(msgid("答复内容"), hint=CITIZEN_SEES), Input(name="outcome", label=msgid("结果"), kind="choices"),
            Input(name="contacted", label=msgid("已联系诉求人"), kind="tick", now="true"), PHOTOS,
        ),
        heading=msgid("办理结果"), quoted=True,
    ),
    Move.SUBMIT: Presentation(),
    Move.PASS: Presentation(
        group="work", key="G", first_in=(State.REVIEWING,), desks=("/dispatch", "/supervise"), fields=(SAY,),
        hint=msgid("答复即告知来电人，报结果的时间以送审时间为准。"), heading=msgid("办理结果"), quoted=True,
    ),
    Move.REJECT: Presentation(
        group="work", key="Z", first_in=(State.REVIEWING,), desks=("/dispatch", "/supervise"),
        fields=(words(msgid("退回的理由"), "reason", hint=msgid("承办单位看得到")),),
        hint=msgid("退回承办单位继续办理：对来电人的期限不变，审核占用的时间还给承办单位。"),
    ),
    Move.CLOSE: Presentation(heading=msgid("办结")),
    Move.REDO: Presentation(heading=msgid("退回承办单位重新办理")),
    Move.CONCLUDE: Presentation(
        group="watch", desks=("/supervise",), only=_redone_twice,
        fields=(words(msgid("结案的理由"), "reason", hint=CITIZEN_SEES),),
        hint=msgid("重办后诉求人仍不满意的，由督办员决定结案；诉求人看得到理由，评价不变。"),
        heading=msgid("办结"), quoted=True,
    ),
    Move.MISS: Presentation(heading=msgid("回访未接通")),
    Move.FILE: Presentation(),
    Move.VOICE: Presentation(heading=msgid("您在网上作了评价")),
    Move.RATE: Presentation(heading=msgid("您修改了评价")),
    Move.SETTLE: Presentation(
        group="work", first_in=(State.RECEIVED,), fields=(words(msgid("答复内容"), hint=CITIZEN_SEES),),
        heading=msgid("已答复"), quoted=True,
    ),
    Move.FORESTALL: Presentation(group="work", fields=(NOTE,), heading=msgid("已当场处理"), quoted=True),
    Move.VERIFY: Presentation(fields=(NOTE,), done=msgid("已记为核查属实")),
    Move.DISPROVE: Presentation(fields=(NOTE,), done=msgid("已退回重新派单")),
    Move.REFUSE: Presentation(
        group="work", desks=("/dispatch",),
        fields=(
            words(msgid("不予受理的理由"), "reason", hint=CITIZEN_SEES),
            text(msgid("应向何处反映"), "guide", hint=CITIZEN_SEES),
            text(msgid("依据（可不填）"), required=False),
        ),
        hint=msgid("工单到此结束，诉求人会看到理由和应向何处反映。"), heading=msgid("不予受理"), quoted=True,
    ),
    Move.WITHDRAW: Presentation(
        group="mend", fields=(words(msgid("诉求人为何撤回")),), hint=msgid("按诉求人的意愿撤回，工单到此结束。"),
        heading=msgid("已撤回"),
    ),
    Move.JOIN: Presentation(
        group="mend", desks=("/dispatch",), fields=(text(msgid("并入哪个工单号"), "to"), SAY),
        heading=msgid("已并入同一件诉求一起办理"),
    ),
    Move.SPLIT: Presentation(
        group="mend", fields=(WHY,), hint=msgid("恢复为单独的工单，重新派单；对诉求人的承诺从本工单受理时起算。"),
        heading=msgid("不再合并，单独办理"),
    ),
    Move.GAIN: Presentation(),
    Move.LOSE: Presentation(),
    Move.ARCHIVE: Presentation(),
    Move.ASK_VOID: Presentation(group="ask", desks=("/dispatch",), fields=(WHY,)),
    Move.VOID: Presentation(fields=(MAYBE_WHY,)),
    Move.DENY_VOID: Presentation(fields=(WHY,)),
    Move.ASK_EXCLUSION: Presentation(group="ask", fields=(GROUND, WHY, BASIS)),
    Move.EXCLUDE: Presentation(fields=(MAYBE_WHY,)),
    Move.DENY_EXCLUSION: Presentation(fields=(WHY,)),
    Move.APPEAL: Presentation(
        group="ask", fields=(words(msgid("申诉理由"), "reason"), text(msgid("依据（录音、照片、文件等）"))),
    ),
    Move.UPHOLD: Presentation(fields=(WHY,)),
    Move.DISMISS: Presentation(fields=(WHY,)),
    Move.COMMIT: Presentation(
        group="work", fields=(NOTE, Input(name="until", label=msgid("到何时"), kind="date", required=True)),
        heading=msgid("答复承诺"), quoted=True,
    ),
    Move.FULFIL: Presentation(group="work", fields=(NOTE,)),
    Move.BREAK: Presentation(group="work", fields=(NOTE,)),
    Move.URGE: Presentation(group="watch", key="U", desks=("/supervise",), fields=(SAY,), heading=msgid("已催办")),
    Move.SUPPLEMENT: Presentation(
        group="mend", fields=(words(msgid("诉求人补充的情况"), hint=msgid("承办单位看得到")),),
        heading=msgid("您补充的情况"), quoted=True,
    ),
    Move.RAISE: Presentation(
        group="mend",
        fields=(urgency(msgid("提为"), ("critical", msgid("特急")), ("urgent", msgid("紧急"))), WHY),
        hint=msgid("时限自提级时按新的紧急程度起算，不晚于原时限；特急的立即告知派单员和督办员。"),
    ),
    Move.LOWER: Presentation(
        group="mend",
        fields=(urgency(msgid("降为"), ("normal", msgid("一般")), ("urgent", msgid("紧急"))), WHY),
        hint=msgid("时限按新的紧急程度重新计算，不早于已定时限。"),
    ),
    Move.REMIND: Presentation(),
    Move.PROPOSE: Presentation(),
    Move.YELLOW_CARD: Presentation(group="watch", desks=("/supervise",), fields=(SAY,)),
    Move.RED_CARD: Presentation(group="watch", desks=("/supervise",), fields=(SAY,)),
    Move.SUPERVISE: Presentation(group="watch", desks=("/supervise",), fields=(SAY,)),
    Move.CIRCULATE: Presentation(group="watch", desks=("/supervise",), fields=(SAY,)),
    Move.ACCOUNT: Presentation(group="watch", desks=("/supervise",), fields=(SAY,)),
    Move.DROP_CARD: Presentation(
        group="watch", called_for=True, desks=("/supervise",), only=lambda sheet, _: proposed(sheet),
        fields=(words(msgid("不予亮牌的理由")),),
    ),
    Move.ANSWER_CARD: Presentation(
        group="watch", called_for=True, by_helper=True, only=_carded, fields=(words(msgid("情况说明")),),
    ),
    Move.LAPSE: Presentation(),
    Move.RECOUNT: Presentation(),
    Move.TRANSFER: Presentation(),
    Move.NOTE: Presentation(
        group="together", key="N", desks=("/dispatch", "/supervise"), by_helper=True,
        fields=(words(msgid("内部备注"), hint=msgid("诉求人看不到")),),
    ),
    Move.REVEAL: Presentation(),
    Move.RECODE: Presentation(heading=msgid("话务员核对来电号码后，给了您新的查询码")),
    Move.CONCEAL: Presentation(
        group="mend", only=lambda sheet, _: not sheet.card.confidential,
        fields=(words(msgid("来电人怎么说（可不填）"), required=False),),
        hint=msgid("承办单位和网格长从此看不到来电人，内容中的姓名、号码隐去；此前已发出的通知、已导出或打印的内容无法收回。"),
    ),
    Move.DISCLOSE: Presentation(
        group="mend", only=lambda sheet, _: sheet.card.confidential,
        fields=(
            words(msgid("解除的理由"), "reason"),
            Input(name="agreed", label=msgid("来电人本人同意解除保密"), kind="tick"),
        ),
        hint=msgid("承办单位和网格长将看到来电人的部分号码和内容中的姓名。话务员须经本人同意，督办员须写明理由。"),
    ),
}
# fmt: on
_UNKNOWN = Presentation()
KNOWN = frozenset(PRESENTATIONS)


def of(name: str) -> Presentation:
    """Return how a move is shown: not at all where the table of moves knows no such move."""
    return PRESENTATIONS[Move(name)] if name in KNOWN else _UNKNOWN


def at(desk: str) -> frozenset[Move]:
    """Return the moves that are offered at a desk."""
    return frozenset(name for name, row in PRESENTATIONS.items() if desk in row.desks)
