"""What a reader may do to a ticket now, as forms: from the table of moves, with what was typed and what went wrong."""

from typing import Any

import msgspec

from dispatch import lifecycle, returns
from dispatch.lifecycle import MOVES, State
from dispatch.roles import Role
from hotline.flow.doors import MOVES_BY_NAME
from hotline.web.access import Here
from hotline.web.strings import Say, msgid
from hotline.wire.tickets import Line, TicketSheet

KEYS = {"sign": "A", "report": "R", "return": "B", "answer": "D", "note": "N", "route": "P", "urge": "U"}
ASKS = {
    "report": msgid("进展（诉求人可见）"),
    "settle": msgid("答复内容（诉求人可见）"),
    "note": msgid("内部备注（诉求人看不到）"),
}
BUTTONS = frozenset({"sign"})  # needs no words: one press
ELSEWHERE = frozenset({"receive", "close", "redo", "miss"})


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A move that did not go through: what the person had typed, and why not."""

    name: str
    said: dict[str, str]
    wrong: str
    path: str = ""
    seen: int | None = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One move as a form.  now: a button by itself; theirs: what others did since the writer loaded the page."""

    name: str
    label: str
    key: str = ""
    now: bool = False
    open: bool = False
    hint: str = ""
    ask: str = ""
    said: dict[str, str] = {}
    wrong: str = ""
    path: str = ""
    theirs: list[Line] = []


def of_ticket(sheet: TicketSheet, here: Here, say: Say, failed: Failed | None = None) -> list[Act]:
    """Return the moves this person may make now, what is next to do first."""
    card, me = sheet.card, here.me
    names = [name for name in lifecycle.allowed(State(card.state), me.role) if name not in ELSEWHERE]
    names = [name for name in names if name in MOVES_BY_NAME]
    if me.role is Role.UNIT and me.unit != card.unit:
        names = [name for name in names if name == "note"]  # helpers (协办) see and remark
    if failed and failed.name not in names and failed.name in MOVES:
        names.append(failed.name)  # no longer allowed: the words are kept in sight
    found = [_act(name, sheet, here, say, failed if failed and failed.name == name else None) for name in names]
    nearest = "answer" if card.reported_at else "report"  # what is asked of the holder next stands open
    if failed or State(card.state) is not State.SIGNED:
        return found
    return [msgspec.structs.replace(act, open=act.name == nearest) for act in found]


def _act(name: str, sheet: TicketSheet, here: Here, say: Say, failed: Failed | None) -> Act:
    given: dict[str, Any] = {}
    if failed:
        given = {"said": failed.said, "wrong": failed.wrong, "path": failed.path, "open": True}
        if failed.seen is not None:
            given["theirs"] = [line for line in sheet.history if line.seq > failed.seen]
    return Act(
        name=name,
        label=say(MOVES[name].label),
        key=KEYS.get(name, ""),
        now=name in BUTTONS and not failed,
        hint=_return_rule(sheet, here) if name == "return" else "",
        ask=say(ASKS.get(name, "")) if name in ASKS else "",
        **given,
    )


def _return_rule(sheet: TicketSheet, here: Here) -> str:
    """Return until when this holder may still return it, or why not."""
    routed = [line.at for line in sheet.history if line.move == "route"]
    if not routed:
        return ""
    book = here.city.rulebook
    ruling = returns.may_return(
        book.returns, book.calendar, routed_at=routed[-1], at=here.now, returns=sheet.card.returns
    )
    return ruling.why
