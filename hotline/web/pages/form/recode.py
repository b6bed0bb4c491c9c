"""The small form that gives a caller a new query code (补发查询码), once the number of the call has been compared.

The same form sent again issues nothing: the first code may have been read out, and a second would void it.  Nor is
the first shown again, it is kept nowhere: that it was issued is said, and who needs another asks with a new form.
"""

from functools import partial

import msgspec
from sqlmodel import Session

from dispatch.errors import RuleBroken
from dispatch.lifecycle import MOVES, Move
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow import query
from hotline.web import codes, errors
from hotline.web.access import Here
from hotline.web.codes import Make
from hotline.web.pages.form import keys
from hotline.web.pages.names import Look
from hotline.wire import fields
from hotline.wire.tickets import Coded, Phoned


class Recode(msgspec.Struct, frozen=True, kw_only=True):
    """The form of one ticket; `code` is shown this once, `before`: this form had it shown already."""

    number: str
    may: bool
    code: str = ""
    before: bool = False
    wrong: str = ""
    status: int = 200


def of_ticket(here: Here, number: str, said: Recode | None = None) -> Recode:
    """Return the form of a ticket, with what came of it."""
    return said or Recode(number=number, may=here.me.role in MOVES[Move.RECODE].who)


def issue(here: Here, number: str, form: dict[str, str], look: Look) -> Recode:
    """Return the new code, or why there is none.  raises NoSuchTicket"""
    blank = of_ticket(here, number)
    try:
        said = fields.read(Phoned, {"phone": form.get("phone", "")})
        given = codes.issue_once(here, number, said, partial(_once, here, number, form))
        if given is None:
            return msgspec.structs.replace(blank, before=True)
        return msgspec.structs.replace(blank, code=query.spaced(given.query_code))
    except NoSuchTicket:
        raise
    except (HotlineError, RuleBroken) as refused:
        wrong = look.refusal(refused) or look.say("请填写来电人现在打来的号码")
        return msgspec.structs.replace(blank, wrong=wrong, status=errors.status(refused))


def _once(here: Here, number: str, form: dict[str, str], session: Session, make: Make) -> Coded | None:
    """Return the code, None where this form got one.  The number of the call is nothing to keep a digest of."""
    given: list[Coded] = []
    key = {keys.KEY_FIELD: form.get(keys.KEY_FIELD, "")}
    keys.once(session, here, number, "recode", key, lambda: given.append(make()))
    return given[0] if given else None
