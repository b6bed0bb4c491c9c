"""Defaults after silence (超时默认): a clock whose deadline rule names a default makes that move when its time is out.

The sweep writes that the time is out (`lapse`); this, its consequence, follows from the event and may run twice.
Source: 安庆 宜政务〔2014〕70号 (超时默认制、缺席默认制).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from dispatch import lifecycle
from dispatch.calendar import deadline_text
from dispatch.deadlines import CLOCK_NAMES, limit_text
from dispatch.lifecycle import Move, State
from dispatch.roles import Role
from hotline import city as cities
from hotline.city import City
from hotline.flow import call_back, promise
from hotline.flow.acts import check, requests
from hotline.flow.moves import CLOCKWORK
from hotline.store import tickets
from hotline.store.outbox import OutboxRow
from hotline.store.tickets import Ticket


def carry_out(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Make the default moves of the clocks that ran out; what people did meanwhile stands.

    The time is out at the moment of the event, also where this machine's clock has not come so far.
    """
    for number in dict.fromkeys(event.number for event in events):
        at = max(now, *(event.at for event in events if event.number == number))
        ticket = tickets.locked(db, city.region, number)
        book = cities.rulebook_of(db, city, ticket.edition)
        for one in promise.of_ticket(db, ticket):
            move = book.promises[one.promise].default
            out = one.stopped_at is None and one.paused_at is None and one.due_at <= at
            if move and out and move in lifecycle.allowed(State(ticket.state), Role.CLOCKWORK, ticket.pending):
                limit = limit_text(book.promises[one.promise])
                until = deadline_text(one.due_at, book.calendar)
                why = f"{CLOCK_NAMES[one.clock]}时限{until}已到（{limit}），按超时默认{lifecycle.MOVES[move].label}"
                _make(db, city, ticket, move, why, at)


def _make(db: Session, city: City, ticket: Ticket, move: Move, why: str, now: datetime) -> None:
    if lifecycle.MOVES[move].decides:
        requests.decide(db, city, ticket, move, CLOCKWORK, now, note=why)
    elif move == Move.PASS:
        check.by_silence(db, city, ticket, why, now)
    elif move == Move.CLOSE:
        call_back.close_unasked(db, city, ticket, why, now)
    else:
        promise.advance(db, city, ticket, move, CLOCKWORK, now, note=why, why={"default": why}, public=True)
