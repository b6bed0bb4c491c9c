"""What each move asks of who makes it: the fields of its form, in order.  Words are msgids, said later."""

import msgspec

from dispatch.lifecycle import MOVES
from hotline.web.strings import msgid


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field; now  its value.

    kind  words, text, date, unit, units (several), area, grid, select, choices, tick, photos
    """

    name: str
    label: str
    kind: str = "words"
    required: bool = False
    hint: str = ""
    now: str = ""
    options: list[tuple[str, str]] = []
    foreign: bool = False  # its options are data of the city, in Chinese whatever the page's language


def _words(label: str, name: str = "note", required: bool = True, hint: str = "") -> Field:
    return Field(name=name, label=label, required=required, hint=hint)


def _unit(label: str, required: bool = True, hint: str = "") -> Field:
    return Field(name="unit", label=label, kind="unit", required=required, hint=hint)


def _text(label: str, name: str = "basis", required: bool = True, hint: str = "") -> Field:
    return Field(name=name, label=label, kind="text", required=required, hint=hint)


TOLD = msgid("诉求人看得到")
SAY = _words(msgid("说明（可不填）"), required=False)
WHY = _words(msgid("理由"), "reason")
BASIS = _text(msgid("依据（文件或职责条目）"))
HELPERS = Field(name="helpers", label=msgid("协办单位（可不选）"), kind="units")
PUBLIC_WHY = _words(msgid("理由"), "reason", hint=TOLD)
UNTIL = Field(name="until", label=msgid("拟恢复办理的日期"), kind="date", required=True)
GROUND = Field(name="ground", label=msgid("情形"), kind="select", required=True, foreign=True)
PHOTOS = Field(
    name="photos",
    label=msgid("附照片（可不附）"),
    kind="photos",
    hint=msgid("最多 9 张；诉求人看不到，拍摄地点、时间和设备不保存"),
)
SHOWN = frozenset({"report", "answer", "help_answer", "review"})  # tell of work: photos may come with them
DAYS = Field(name="days", label=msgid("延期"), kind="select", required=True)

# fmt: off
FIELDS: dict[str, tuple[Field, ...]] = {
    "sign":           (),
    "route":          (_unit(msgid("派给")), HELPERS, SAY),
    "reassign":       (_unit(msgid("改派给")), HELPERS,
                       _words(msgid("改派的理由"), "reason", hint=msgid("承办单位看得到"))),
    "classify":       (Field(name="area", label=msgid("事项"), kind="area"),
                       Field(name="grid", label=msgid("网格"), kind="grid"), SAY),
    "report":         (_words(msgid("进展"), hint=TOLD),),
    "answer":         (_words(msgid("答复内容"), hint=TOLD), Field(name="outcome", label=msgid("结果"), kind="choices"),
                       Field(name="contacted", label=msgid("已联系诉求人"), kind="tick", now="true")),
    "pass":           (SAY,),
    "reject":         (_words(msgid("退回的理由"), "reason", hint=msgid("承办单位看得到")),),
    "settle":         (_words(msgid("答复内容"), hint=TOLD),),
    "note":           (_words(msgid("内部备注"), hint=msgid("诉求人看不到")),),
    "conceal":        (_words(msgid("来电人怎么说（可不填）"), required=False),),
    "disclose":       (_words(msgid("解除的理由"), "reason"),
                       Field(name="agreed", label=msgid("来电人本人同意解除保密"), kind="tick")),
    "join":           (_text(msgid("并入哪个工单号"), "to"), SAY),
    "conclude":       (_words(msgid("结案的理由"), "reason", hint=TOLD),),
    "supplement":     (_words(msgid("诉求人补充的情况"), hint=msgid("承办单位看得到")),),
    "return":         (_words(msgid("退单理由"), "reason"), BASIS, _unit(msgid("应由哪个单位承办"))),
    "keep":           (WHY,),
    "convene":        (SAY,),
    "opine":          (_words(msgid("本单位意见")), _unit(msgid("应由哪个单位承办（可不选）"), required=False)),
    "rule":           (_unit(msgid("裁定由谁承办")), HELPERS, WHY, BASIS),
    "lack":           (_words(msgid("需要诉求人补充什么"), hint=TOLD),),
    "supply":         (_words(msgid("诉求人补充了什么"), hint=TOLD),),
    "resume":         (_words(msgid("恢复办理的原因"), hint=TOLD),),
    "review":         (_words(msgid("复查情况"), hint=TOLD),),
    "invite":         (_unit(msgid("请谁协办")), _words(msgid("请对方做什么"))),
    "help_answer":    (_words(msgid("答复牵头单位"), hint=msgid("由牵头单位汇总答复诉求人")),),
    "ask_extension":  (DAYS, PUBLIC_WHY, _words(msgid("目前办理进展"))),
    "ask_park":       (UNTIL, PUBLIC_WHY, BASIS),
    "ask_void":       (WHY,),
    "ask_exclusion":  (GROUND, WHY, BASIS),
    "appeal":         (_words(msgid("申诉理由"), "reason"), _text(msgid("依据（录音、照片、文件等）"))),
    "extend":         (DAYS, _words(msgid("说明（可不填）"), "reason", required=False)),
    "refuse":         (_words(msgid("不予受理的理由"), "reason", hint=TOLD),
                       _text(msgid("应向何处反映"), "guide", hint=TOLD),
                       _text(msgid("依据（可不填）"), required=False)),
    "withdraw":       (_words(msgid("诉求人为何撤回")),),
    "urge":           (SAY,),
    "raise":          (Field(name="urgency", label=msgid("提为"), kind="select", required=True,
                             options=[("critical", msgid("特急")), ("urgent", msgid("紧急"))]), WHY),
    "lower":          (Field(name="urgency", label=msgid("降为"), kind="select", required=True,
                             options=[("normal", msgid("一般")), ("urgent", msgid("紧急"))]), WHY),
    "drop_card":      (_words(msgid("不予亮牌的理由")),),
    "answer_card":    (_words(msgid("情况说明")),),
}
NEEDS: dict[str, Field] = {  # a move without fields of its own asks for what the table of moves says it needs
    "note":   _words(msgid("说明")),
    "reason": WHY,
    "basis":  BASIS,
    "guide":  _text(msgid("应向何处反映"), "guide"),
    "until":  Field(name="until", label=msgid("到何时"), kind="date", required=True),
    "unit":   _unit(msgid("承办单位")),
}
# fmt: on


def of_move(name: str) -> tuple[Field, ...]:
    """Return the fields of a move's form."""
    if name in FIELDS:
        return (*FIELDS[name], PHOTOS) if name in SHOWN else FIELDS[name]
    if MOVES[name].decides:
        needed = "reason" in MOVES[name].needs
        return (WHY,) if needed else (_words(msgid("说明（可不填）"), "reason", required=False),)
    return tuple(NEEDS[need] for need in MOVES[name].needs if need in NEEDS) or (SAY,)
