"""One job a step: take the events it is for, call the flow.  Each is safe to run twice; `work` opens and closes.

A step that cannot do yet what an event asks for returns that event: it stays open and is told again.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from dispatch.roles import Role
from hotline.city import City
from hotline.flow import call_back, defaults, tell
from hotline.flow import triage as journey_start
from hotline.flow.acts import apart, disputes
from hotline.store.outbox import OutboxRow


def triage(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Steps 2 to 5, after `receive`: all these tickets in one batch, the classifier asked once.

    What somebody else holds just now is left.
    """
    keys = [event.ticket_id for event in events]
    thoughts = db.info.get(journey_start.THOUGHTS)
    if len(journey_start.waiting(db, city, now, len(events), keys, thoughts)) == len(set(keys)):
        return []
    left = journey_start.untouched(db, city.region, keys)
    return [event for event in events if event.ticket_id in left]


def keep_joined(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """After a join or the end of a matter, as it stands once both are stored: nobody who joined is lost or unasked."""
    call_back.plan(db, city, apart.keep(db, [event.ticket_id for event in events], now))


def tell_holders(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell unit, helpers and grid leader."""
    tell.holders(db, city, events, now)


def tell_former(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the units that the ticket was taken from."""
    tell.former(db, city, events, now)


def tell_heads(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell dispatchers and supervisors of what is critical, whoever has it."""
    tell.heads(db, city, events, now)


def tell_dispatchers(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the dispatchers that a ticket came back."""
    tell.dispatchers(db, city, events, now)


def tell_readers(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the dispatchers that a result waits to be read."""
    tell.role(db, city, events, now, Role.DISPATCHER)


def tell_desk(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the operators that a caller must be asked for more."""
    tell.role(db, city, events, now, Role.AGENT)


def tell_deciders(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell who decides that a request, a proposed card or a unit's word on a card waits."""
    tell.deciders(db, city, events, now)


def tell_invited(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the units of a dispute that their word is asked for, and by when."""
    tell.invited(db, city, events, now)


def tell_whistled(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the units that were whistled for, and by when they answer."""
    tell.whistled(db, city, events, now)


def tell_leader(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the grid leader who has the ticket from now on."""
    tell.leaders(db, city, events, now)


def open_dispute(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """After a return: where it was one too many, the units are called together."""
    disputes.after_returns(db, city, events, now)


def do_default(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Let silence lead where the rulebook says it leads (超时默认)."""
    defaults.carry_out(db, city, events, now)


def tell_late(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell who is late, and who watches."""
    tell.late(db, city, events, now)


def ask_citizen(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Step 8, after `answer` or `pass`, and when an answered ticket gains a caller: all are called back, each alone."""
    del now
    call_back.plan(db, city, [event.number for event in events])
