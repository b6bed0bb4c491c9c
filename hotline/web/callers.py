"""Searches and forms by a caller's number: understood, and looked up by who may (`flow.acts.lookups`)."""

import re
from uuid import UUID

from sqlalchemy.exc import OperationalError

from hotline.errors import LookedUpTooMuch
from hotline.flow.acts import lookups
from hotline.store import db
from hotline.web.access import Here

# A whole number: mobile, or a line with or without its area; what is still being typed is none.
WHOLE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-9]\d{6,7}|[48]00\d{7}")
BETWEEN = str.maketrans("", "", " -－—()（）\u3000")


def number(text: str) -> str:
    """Return the digits of a caller's whole number, "" if it is none."""
    plain = text.strip().translate(BETWEEN).removeprefix("+")
    digits = "".join(str(int(char)) for char in plain) if plain.isdecimal() else ""
    digits = digits.removeprefix("86") if len(digits) == 13 else digits
    return digits if WHOLE.fullmatch(digits) else ""


def asked(here: Here, text: str) -> UUID | None:
    """Return the caller a search means, None where it means none or the person may not ask.  raises LookedUpTooMuch

    Who handles matters may not: for them the digits are words like others.
    """
    digits = "" if here.me.handles else number(text)
    if not digits:
        return None
    with db.reading() as session:
        found = lookups.again(session, here.hall.seal, digits, here.me, here.now)
    if found:
        return found
    with db.transaction() as session:
        return lookups.caller(session, here.city, here.hall.seal, digits, here.me, here.now)


def typed(here: Here, phone: str) -> str:
    """Return the caller's id (32 hex digits) of a form, "" where there is none: the form goes on without."""
    try:
        found = asked(here, phone)
    except (LookedUpTooMuch, OperationalError):  # no look-up without its trace, and no form that waits for one
        return ""
    return found.hex if found else ""
