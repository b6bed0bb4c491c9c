"""The citizen's query code (查询码): ten digits that open one ticket's page, told once and kept as a keyed hash.

Nobody who works here sees it later.  Who has lost it, or never had one (loaded from a file, received before there were
any), calls: the operator compares the number of the call with that of the ticket, and reads out a new one.
"""

import hmac
import secrets
import unicodedata
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import lifecycle
from dispatch.lifecycle import Move, State
from grids.messages import Message
from hotline.errors import NoCaller, NoSuchTicket, NotAllowed
from hotline.flow import moves
from hotline.people import Me, may_see
from hotline.sealing import Seal
from hotline.store import tickets
from hotline.store.callers import Caller
from hotline.store.changes import TicketChanges
from hotline.store.columns import col
from hotline.store.tickets import TicketRow
from hotline.wire.tickets import Coded, Phoned

DIGITS = 10  # read out and typed like a telephone number; digits sound the same in every dialect
NEVER = "0" * 64  # what a guess is compared with where there is nothing to compare


def new_code() -> str:
    """Return a random code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hashed(seal: Seal, region: str, number: str, code: str) -> str:
    """Return what is kept of a code; bound to its ticket, so that equal codes do not look equal."""
    return seal.find_key(region, f"query:{number}:{code}")


def spaced(code: str) -> str:
    """Return a code as it is read out: 138 000 0777."""
    return " ".join(filter(None, (code[:3], code[3:6], code[6:])))


def plain_code(text: str) -> str:
    """Return what a citizen typed without blanks and hyphens, full-width signs made plain, in capitals."""
    plain = unicodedata.normalize("NFKC", text[:64])
    return "".join(sign for sign in plain if sign.isalnum()).upper()[:32]


def opens(db: Session, seal: Seal, region: str, number: str, code: str) -> bool:
    """Say whether the code is this ticket's.  One statement and one comparison, whatever there is to find."""
    query = sa.select(col(TicketRow.query_hash)).where(col(TicketRow.region) == region, col(TicketRow.number) == number)
    held = db.execute(query).scalar_one_or_none() or NEVER
    return hmac.compare_digest(held, hashed(seal, region, number, code))


def issue(db: Session, seal: Seal, number: str, said: Phoned, me: Me, now: datetime) -> Coded:
    """Return a new code for the caller of a ticket, who calls from the number it was reported from; write it down.

    raises  NoSuchTicket; IllegalMove, NotYours; NoCaller; NotAllowed where the number is another
    """
    ticket = tickets.locked(db, me.region, number)
    if not may_see(db, me, ticket):
        raise NoSuchTicket(number)
    lifecycle.after(State(ticket.state), Move.RECODE, me.role)
    query = sa.select(col(Caller.phone_hash)).where(col(Caller.id) == ticket.caller_id)
    held = db.execute(query).scalar_one_or_none()
    if held is None:
        raise NoCaller(number)
    if not hmac.compare_digest(held, seal.find_key(me.region, "".join(filter(str.isdigit, said.phone)))):
        raise NotAllowed(Message("来电号码与登记这件诉求时的号码不同，不能补发查询码；请来电人用登记时的号码来电"))
    code = new_code()
    kept: TicketChanges = {"query_hash": hashed(seal, me.region, number, code)}
    moves.make(db, ticket, Move.RECODE, me.actor, now, note="已核对来电号码，原查询码作废", public=True, changes=kept)
    return Coded(number=number, query_code=code)
