"""Finds repeats of an open matter: candidates by three indexed look-ups in one statement, judged by the pure rule."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import duplicates
from classifiers.duplicates import Joining, Matter
from dispatch.lifecycle import OPEN
from hotline.city import City
from hotline.flow import merge, moves
from hotline.flow.alike import OPEN_STATES
from hotline.people import Actor
from hotline.store.callers import IntakeKey
from hotline.store.columns import col, columns_of, table_of
from hotline.store.tickets import Ticket, TicketRow, carry

TICKET = table_of(TicketRow)


class Old(msgspec.Struct, frozen=True, kw_only=True):
    """An older ticket as it is compared."""

    id: UUID
    number: str
    source_ref: str
    text: str
    address: str
    caller_id: UUID | None
    received_at: datetime
    area: str
    text_digest: str
    state: str


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """The open ticket a new one repeats, and why we think so."""

    id: UUID
    number: str
    why: str


class _Near:
    """Older tickets by what would make them the same: words, caller, numbers."""

    def __init__(self) -> None:
        self._by_key: dict[Any, dict[UUID, Ticket | Old]] = {}

    def add(self, ticket: Ticket | Old) -> None:
        for key in _keys(ticket):
            self._by_key.setdefault(key, {})[ticket.id] = ticket

    def of(self, keys: tuple[Any, ...]) -> list[Ticket | Old]:
        return list({one.id: one for key in keys for one in self._by_key.get(key, {}).values()}.values())


def find(db: Session, city: City, tickets: Sequence[Ticket], now: datetime) -> dict[UUID, Repeat]:
    """Return, by the new ticket's id, the open ticket it repeats.  Within a batch the earlier one is the matter."""
    quoted = {ticket.id: duplicates.quoted_numbers(ticket.text) for ticket in tickets}
    batch = {ticket.id for ticket in tickets}
    near = _Near()
    for old in _candidates(db, city, tickets, quoted, now):
        if old.id not in batch and old.state in OPEN:
            near.add(old)
    found: dict[UUID, Repeat] = {}
    for ticket in tickets:
        olds = near.of((*_keys(ticket), *quoted[ticket.id]))
        repeat = _repeat(ticket, quoted[ticket.id], olds, city.repeats.join)
        if repeat is not None:
            found[ticket.id] = repeat
        else:
            near.add(ticket)
    return found


class LockedMatters(msgspec.Struct, frozen=True):
    """The repeats whose matter is open still, these matters, locked, and whose matter somebody else holds just now."""

    repeats: dict[UUID, Repeat]
    mains: list[Ticket]
    busy: set[UUID]


def lock_matters(db: Session, found: dict[UUID, Repeat], batch: Sequence[Ticket]) -> LockedMatters:
    """Lock the matters that are to be joined, so that none ends meanwhile.

    Who locks both locks the matter first (`flow.merge`); a batch holds the newcomers, so it waits for no matter.
    batch   tickets that are locked already; a matter among them is returned as it is carried there
    """
    wanted = {repeat.id for repeat in found.values()}
    mains = [ticket for ticket in batch if ticket.id in wanted]
    others = wanted - {ticket.id for ticket in mains}
    if others:
        still = col(TicketRow.id).in_(sorted(others)), col(TicketRow.state).in_(OPEN_STATES)
        open_ = set(db.execute(sa.select(col(TicketRow.id)).where(*still)).scalars())
        mains += carry(
            db, sa.select(TICKET).where(*still).order_by(col(TicketRow.id)).with_for_update(skip_locked=True)
        )
    else:
        open_ = set()
    mine = {ticket.id for ticket in mains}
    busy = {key for key, repeat in found.items() if repeat.id in open_ - mine}
    return LockedMatters({key: repeat for key, repeat in found.items() if repeat.id in mine}, mains, busy)


def count(db: Session, mains: Sequence[Ticket], joined: dict[UUID, Repeat], actor: Actor, now: datetime) -> None:
    """Tell the tickets that were joined (locked, as they stand): one more caller, one more line."""
    gains = Counter(repeat.id for repeat in joined.values())
    told = [merge.gained(ticket, gains[ticket.id], actor, now) for ticket in mains if gains[ticket.id]]
    if told:
        moves.make_many(db, told)


def _repeat(ticket: Ticket, quoted: tuple[str, ...], olds: Sequence[Ticket | Old], rules: Joining) -> Repeat | None:
    for old in olds:
        if old.number in quoted or (old.source_ref and old.source_ref in quoted):
            return Repeat(id=old.id, number=old.number, why=f"诉求中引用了在办工单 {old.number}")
    match = duplicates.same_matter(_matter(ticket), [_matter(old) for old in olds], rules) if olds else None
    if match is None:
        return None
    key = next(old.id for old in olds if old.number == match.number)
    return Repeat(id=key, number=match.number, why=match.why)


def _candidates(
    db: Session, city: City, tickets: Sequence[Ticket], quoted: dict[UUID, tuple[str, ...]], now: datetime
) -> list[Old]:
    """Return what the indexes find; which of them are open is asked later, or the planner walks all that are."""
    columns = columns_of(TicketRow, Old.__struct_fields__)
    region = city.region
    still = col(TicketRow.region) == region, col(TicketRow.received_at) >= now - city.repeats.join.window
    digests = [ticket.text_digest for ticket in tickets]
    callers = [ticket.caller_id for ticket in tickets if ticket.caller_id]
    refs = sorted({number for numbers in quoted.values() for number in numbers})
    parts = [sa.select(*columns).where(*still, col(TicketRow.text_digest).in_(digests))]
    if callers:
        parts.append(sa.select(*columns).where(*still, col(TicketRow.caller_id).in_(callers)))
    if refs:
        sources = sorted({ticket.source for ticket in tickets})
        upstream = sa.select(col(IntakeKey.number)).where(
            col(IntakeKey.region) == region, col(IntakeKey.source).in_(sources), col(IntakeKey.key).in_(refs)
        )
        named = sa.or_(col(TicketRow.number).in_(refs), col(TicketRow.number).in_(upstream))
        parts.append(sa.select(*columns).where(*still, named))
    return [Old(**row) for row in db.execute(sa.union_all(*parts)).mappings()]


def _matter(ticket: Ticket | Old) -> Matter:
    caller = ticket.caller_id.hex if ticket.caller_id else ""
    return Matter(
        number=ticket.number,
        text=ticket.text,
        address=ticket.address,
        caller=caller,
        at=ticket.received_at,
        area=ticket.area,
    )


def _keys(ticket: Ticket | Old) -> tuple[Any, ...]:
    keys = (ticket.text_digest, ticket.number, ticket.source_ref, ticket.caller_id)
    return tuple(key for key in keys if key)
