"""The small form that shows a caller's full number (查看号码): why it is wanted, what came of it.  Nothing is kept."""

from datetime import datetime

import msgspec

from dispatch.contact import bridged
from dispatch.errors import RuleBroken
from dispatch.lifecycle import MOVES, Move
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow.acts import reveal
from hotline.store import db
from hotline.store.veil import CONFIDENTIAL
from hotline.web import errors
from hotline.web.access import Here
from hotline.web.pages.names import Look
from hotline.web.strings import Say, msgid
from hotline.wire.tickets import Looked, TicketCard

REASONS = {
    "callback": msgid("回访"),
    "contact": msgid("联系诉求人"),
    "check": msgid("核实情况"),
    "other": msgid("其他"),
}
LONGEST = 200  # characters of a reason


class DialAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of whose caller, and the answer: a number, or what is wrong."""

    number: str
    reason: str
    words: str
    phone: str = ""
    name: str = ""
    code: str = ""
    until: datetime | None = None
    wrong: str = ""
    status: int = 200


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """The form of one ticket.  may: there is a number this person may ask for; withheld: why there is none for them.

    bridged  this person calls through the switchboard: `phone` is its number, which asks for `code`, good `until`
    """

    number: str
    post: str
    label: str
    reasons: list[tuple[str, str]]
    chosen: str
    may: bool
    withheld: str = ""
    bridged: bool = False
    words: str = ""
    phone: str = ""
    name: str = ""
    code: str = ""
    until: datetime | None = None
    wrong: str = ""


def of_card(
    card: TicketCard, here: Here, say: Say, post: str, said: DialAnswer | None = None, preset: str = ""
) -> Dial:
    """Return the form of a ticket, with what was said about it."""
    hers = said if said and said.number == card.number else None
    given = {name: getattr(hers, name) for name in ("words", "phone", "name", "code", "until", "wrong")} if hers else {}
    return Dial(
        number=card.number,
        post=post,
        label=card.caller_label,
        reasons=[(name, say(label)) for name, label in REASONS.items()],
        chosen=hers.reason if hers else preset,
        may=here.me.role in MOVES[Move.REVEAL].who and "***" in card.caller_label,  # a number left its mask there
        withheld=say("来电人要求保密；确需联系的，请向派单员或督办员提出。")
        if card.caller_label == CONFIDENTIAL
        else "",
        bridged=bridged(here.city.rulebook.contact, here.me.role),
        **given,
    )


def look_up(here: Here, number: str, form: dict[str, str], look: Look) -> DialAnswer:
    """Return the number, or why not; who looked and why is then in the ticket's history.  raises NoSuchTicket"""
    reason, words = form.get("reason", ""), form.get("words", "").strip()
    said = DialAnswer(number=number, reason=reason, words=words)
    if reason not in REASONS:
        return msgspec.structs.replace(said, wrong=look.say("请选择查看号码的理由"), status=422)
    if reason == "other" and not words:
        return msgspec.structs.replace(said, wrong=look.say("选“其他”时请写明理由"), status=422)
    note = f"{REASONS[reason]}：{words}" if words else REASONS[reason]
    try:
        with db.transaction() as session:
            asked = Looked(reason=note[:LONGEST])
            found = reveal.reveal(session, here.city, here.hall.seal, number, asked, here.me, here.now)
    except NoSuchTicket:
        raise
    except (HotlineError, RuleBroken) as refused:
        return msgspec.structs.replace(said, wrong=look.refusal(refused), status=errors.status(refused))
    return msgspec.structs.replace(said, phone=found.phone, name=found.name, code=found.code, until=found.until)
