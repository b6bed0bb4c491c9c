"""The small form that gives a caller a new query code (补发查询码), once the number of the call has been compared."""

import msgspec

from dispatch.errors import RuleBroken
from dispatch.lifecycle import MOVES
from hotline.errors import HotlineError, NoSuchTicket
from hotline.flow import query
from hotline.web import codes, errors
from hotline.web.access import Here
from hotline.web.pages import fields
from hotline.web.strings import Say
from hotline.wire.tickets import Phoned


class Recode(msgspec.Struct, frozen=True, kw_only=True):
    """The form of one ticket; `code` is shown this once."""

    number: str
    may: bool
    code: str = ""
    wrong: str = ""
    status: int = 200


def of_ticket(here: Here, number: str, said: Recode | None = None) -> Recode:
    """Return the form of a ticket, with what came of it."""
    return said or Recode(number=number, may=here.me.role in MOVES["recode"].who)


def issue(here: Here, number: str, form: dict[str, str], say: Say) -> Recode:
    """Return the new code, or why there is none.  raises NoSuchTicket"""
    blank = of_ticket(here, number)
    try:
        said = fields.read(Phoned, {"phone": form.get("phone", "")})
        return msgspec.structs.replace(blank, code=query.spaced(codes.issue(here, number, said).query_code))
    except NoSuchTicket:
        raise
    except (HotlineError, RuleBroken) as refused:
        wrong = str(refused) or say("请填写来电人现在打来的号码")
        return msgspec.structs.replace(blank, wrong=wrong, status=errors.told(refused)[0])
