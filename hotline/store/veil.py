"""Decides what a reader may read of a ticket, the only place: for lists, pages, the API and notices.

The desk reads all as written, the caller by a mask.  Who handles a matter (a unit, a grid leader) reads numbers of
persons veiled until the caller's number was looked up for a reason (查看号码), and less of the caller's mask; of a
confidential ticket (保密) names and plates too, never who called nor that two tickets are of one caller.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from classifiers import veil as words
from dispatch.lifecycle import Move
from hotline import sealing
from hotline.store import facts
from hotline.store.callers import Caller
from hotline.store.columns import col, columns_of
from hotline.store.tickets import TicketRow
from hotline.wire.tickets import TicketCard, TicketSheet

CONFIDENTIAL = "来电人信息保密"
EXCERPT = 120
_PLAIN = {
    one.key: one for one in columns_of(TicketRow, (name for name in TicketCard.__struct_fields__ if name != "excerpt"))
}
READ = 480  # characters an excerpt is veiled from: a number must not be cut in two
NUMBERED = frozenset({"citizen_number", "mobile"})
JOINED_SENTENCE = "与另一件在办工单反映同一事项，合并办理"
# What is a code, a name of ours or a moment, never words of people; whatever else there is, is read through the veil.
FACTS_KEPT = frozenset(
    {
        "id",
        "number",
        "state",
        "source",
        "source_ref",
        "kind",
        "urgency",
        "area",
        "community",
        "grid",
        "unit",
        "leader",
        "level",
        "pending",
        "excluded",
        "actor",
        "role",
        "move",
        "origin",
        "target",
        "clock",
        "owner",
        "outcome",
        "card",
        "decision",
        "channel",
        "solved",
        "result",
        "media",
        "edition",
        "joined_to",
        "helpers",
        "datum",
        "asked_by",
        "decided_by",
        "by",
        "caller_label",
        "label",
        "whistle",
        "coordinates",
    }
)
_PERSONAL = re.compile(
    r"姓名|来电人|诉求人|联系人|举报人|投诉人|反映人|市民|电话|手机|号码|联系方式|身份证|证件|护照|车牌|银行|卡号|账号|微信|邮箱|"
    r"(?:^|_)(?:name|phone|mobile|tel|contact|caller|plate|account|wechat|qq|e?mail|id_?(?:card|number|no))(?:$|_)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"微信|抖音|快手|小红书|扣扣|邮箱|(?<![a-z])(?:qq|q号|vx|we(?:chat|ixin)|e?mail)(?![a-z])", re.IGNORECASE
)
_SAME = re.compile(
    r"(?:同一|相同的?)(?:个|位|名)?(?:来电人?|诉求人|号码|电话|手机号?|反映人|投诉人|市民)|(?:来电人|诉求人|号码)相同"
)
_TAIL = re.compile(r"(\*{3,4})\d{4}\Z")


class Veil(msgspec.Struct, frozen=True):
    """How one reader reads one ticket.  names: the callers' own, to be veiled wherever they stand"""

    how: Literal["open", "numbers", "strict"]
    names: tuple[str, ...] = ()

    def text(self, s: str) -> str:
        """Return words of people as they may be read."""
        if self.how == "open" or not s:
            return s
        s = _SAME.sub(words.HIDDEN, s)
        return words.strict(s, self.names) if self.how == "strict" else words.numbers(s)

    def place(self, s: str) -> str:
        """Return an address as it may be read: nothing is a name by its place there, shops are called like people."""
        if self.how == "open" or not s:
            return s
        return words.unnamed(words.numbers(s), self.names, words.HIDDEN, place=True)

    def label(self, label: str) -> str:
        """Return the masked caller: of a confidential ticket nothing, for handlers without the last four digits."""
        if self.how == "strict":
            return CONFIDENTIAL
        return _TAIL.sub(r"\1", label) if self.how == "numbers" else label

    def read(self, value: Any, name: str = "") -> Any:
        """Return whatever it is, struct, list or table, with all words in it as they may be read."""
        if self.how == "open" or name in FACTS_KEPT or value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.place(value) if name == "address" else self.text(value)
        if isinstance(value, msgspec.Struct):
            fields = {one: self.read(getattr(value, one), one) for one in value.__struct_fields__}
            return msgspec.structs.replace(value, **fields)
        if isinstance(value, list | tuple):
            return [self.read(one, name) for one in value]
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._entry(str(key), one) for key, one in value.items()}
        return value

    def _entry(self, key: str, value: Any) -> Any:
        if key == "join":
            return JOINED_SENTENCE
        if key == "precheck":  # of a number in a reply it says whether it stands in the text as well
            return [one for one in value if one.get("code") not in NUMBERED]
        personal = _ACCOUNT.search(key) or (self.how == "strict" and _PERSONAL.search(key))
        if personal and value and not isinstance(value, bool):
            return words.HIDDEN
        if isinstance(value, int):
            return value if words.numbers(str(value)) == str(value) else words.HIDDEN
        return self.read(value)


OPEN = Veil("open")


def of(everything: bool, confidential: bool, names: tuple[str, ...] = ()) -> Veil:
    """Return how a ticket is read: by who sees the whole region, or by who handles it."""
    if everything:
        return OPEN
    return Veil("strict", names) if confidential else Veil("numbers")


def named(region: str, *sealed: str | None) -> tuple[str, ...]:
    """Return the names that stand sealed with callers, as far as this process can open them."""
    found = (sealing.opened(one, f"{region}:name") for one in sealed if one)
    return tuple(dict.fromkeys(one for one in found if len(one) > 1))


def columns(everything: bool) -> list[sa.ColumnElement[Any]]:
    """Return the columns `card` makes a card of; handlers' have with them what must be veiled."""
    special = {"excerpt": sa.func.substr(col(TicketRow.text), 1, EXCERPT if everything else READ)}
    found: list[sa.ColumnElement[Any]] = [
        special[name].label(name) if name in special else _PLAIN[name] for name in TicketCard.__struct_fields__
    ]
    return found if everything else [*found, hidden_name()]


def hidden_name() -> sa.ColumnElement[Any]:
    """Return the sealed name of a confidential ticket's caller, NULL of any other."""
    held = sa.select(col(Caller.name_sealed)).where(col(Caller.id) == col(TicketRow.caller_id)).scalar_subquery()
    return sa.case((col(TicketRow.confidential), held)).label("name_sealed")


def card(values: Mapping[str, Any], veil: Veil) -> TicketCard:
    """Return a card of columns as they are stored; `excerpt` is the text's first READ characters or more."""
    given = {name: values[name] for name in TicketCard.__struct_fields__}
    given["excerpt"] = veil.text(given["excerpt"])[:EXCERPT]
    given |= {"title": veil.text(given["title"]), "address": veil.place(given["address"])}
    return TicketCard(**given | {"caller_label": veil.label(given["caller_label"])})


def veiled_sheet(whole: TicketSheet, veil: Veil, login: str) -> TicketSheet:
    """Return the whole ticket as it may be read; its cards are veiled already.

    login   whoever reads: who was shown the caller's number reads this ticket's numbers as they were written, and
            everybody what they wrote themselves (a result that was sent back is written on), unless it is confidential
    """
    looks = (line for line in whole.history if line.move == Move.REVEAL and line.actor == login)
    looked = any(facts.of(line.facts).shown for line in looks)
    if veil.how == "open" or (looked and veil.how == "numbers"):
        return whole
    bare = msgspec.structs.replace(whole, joined=[])
    read: TicketSheet = veil.read(bare)
    if veil.how == "numbers":
        own = [
            told if line.actor != login else msgspec.structs.replace(told, note=line.note)
            for told, line in zip(read.history, whole.history, strict=True)
        ]
        read = msgspec.structs.replace(read, history=own)
    return msgspec.structs.replace(read, card=whole.card, joined=whole.joined, coordinates=whole.coordinates)
