"""Kinds of inputs that forms of moves are made of; `moves` says which move asks for what.

Words are msgids, said later.
"""

import msgspec

from hotline.web.strings import msgid


class Input(msgspec.Struct, frozen=True, kw_only=True):
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
    besides: str = ""  # units that are not offered: "lead", or all "hands" that have the ticket


def words(label: str, name: str = "note", required: bool = True, hint: str = "") -> Input:
    """Return a field for sentences."""
    return Input(name=name, label=label, required=required, hint=hint)


def unit(label: str, required: bool = True, besides: str = "") -> Input:
    """Return a field for a unit."""
    return Input(name="unit", label=label, kind="unit", required=required, besides=besides)


def text(label: str, name: str = "basis", required: bool = True, hint: str = "") -> Input:
    """Return a field for a line."""
    return Input(name=name, label=label, kind="text", required=required, hint=hint)


def urgency(label: str, *options: tuple[str, str]) -> Input:
    """Return a field for an urgency, the likelier first."""
    return Input(name="urgency", label=label, kind="select", required=True, options=list(options))


CITIZEN_SEES = msgid("诉求人看得到")
SAY = words(msgid("说明（可不填）"), required=False)
NOTE = words(msgid("说明"))
WHY = words(msgid("理由"), "reason")
MAYBE_WHY = words(msgid("说明（可不填）"), "reason", required=False)
BASIS = text(msgid("依据（文件或职责条目）"))
HELPERS = Input(name="helpers", label=msgid("协办单位（可不选）"), kind="units")
PUBLIC_WHY = words(msgid("理由"), "reason", hint=CITIZEN_SEES)
UNTIL = Input(name="until", label=msgid("拟恢复办理的日期"), kind="date", required=True)
GROUND = Input(name="ground", label=msgid("情形"), kind="select", required=True, foreign=True)
PHOTOS = Input(
    name="photos",
    label=msgid("附照片（可不附）"),
    kind="photos",
    hint=msgid("最多 %(n)s 张；诉求人看不到，拍摄地点、时间和设备不保存"),
)
DAYS_FIELD = Input(name="days", label=msgid("延期"), kind="select", required=True)
