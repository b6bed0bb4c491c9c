"""One job a step: take the events it is for, call the flow.  Each is safe to run twice; `work` opens and closes."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from hotline.city import City
from hotline.flow import call_back, tell
from hotline.flow import triage as journey_start
from hotline.store.outbox import OutboxRow


def triage(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Steps 2 to 5, after `receive`: all these tickets in one batch, the classifier asked once."""
    journey_start.waiting(db, city, now, len(events), [event.ticket_id for event in events])


def tell_holders(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell unit, helpers and grid leader."""
    tell.holders(db, city, events, now)


def tell_dispatchers(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the dispatchers that a ticket came back."""
    tell.dispatchers(db, city, events, now)


def tell_late(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell who is late, and who watches."""
    tell.late(db, city, events, now)


def ask_citizen(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Step 8, after `answer`: put the ticket on the callback desk by its day."""
    del now
    call_back.plan(db, city, [event.number for event in events])
