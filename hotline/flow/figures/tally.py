"""The daily sums of the figures, kept as tickets change: the old contribution is taken back, the new one added.

`fold` is a round of its own (`hotline.jobs.rounds`): a small batch, claimed so that two never take the same ticket.  A
ticket is to be counted again when it has made a move, when a clock of it ran out without one, and when the matter it
joined has changed.  `differences` recounts everything from the rows and says where the sums are wrong.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from hotline.city import City
from hotline.flow.figures import contribution
from hotline.flow.figures.contribution import Contribution, SumKey
from hotline.store import figures, troubles
from hotline.store.columns import col, table_of, values_of
from hotline.store.figures import TallyRow
from hotline.store.ids import first_id
from hotline.store.tickets import ClockRow, TicketRow

TICKET, CLOCK, TALLY = table_of(TicketRow), table_of(ClockRow), table_of(TallyRow)
TICKETS_A_FOLD = 100  # tickets a fold takes: their locks last well under a tenth of a second
CHUNK = 500  # tickets a recount reads at a time


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One sum that is not what its tickets make."""

    day: str
    dimension: str
    key: str
    name: str
    stored: int
    counted: int


class Recount(msgspec.Struct, frozen=True, kw_only=True):
    """One day counted anew: tickets looked at, those that were counted wrong, sums that are wrong."""

    day: str
    tickets: int
    wrong: list[UUID]
    sums: list[Difference]


def fold(
    db: Session,
    city: City,
    now: datetime,
    limit: int = TICKETS_A_FOLD,
    only: Sequence[UUID] | None = None,
    judge: bool = True,
) -> int:
    """Count up to `limit` tickets again; return how many were.  0: the sums are as fresh as the tickets.

    Tickets somebody works on are left for the next time.
    only    of these alone;  judge  whether clocks whose time is out are judged: not while the time is in doubt
    """
    late = _ran_out(db, city.region, now, limit, only) if judge else []
    taken = {row.id: row for row in _claim(db, col(TicketRow.id).in_(late))} if late else {}
    changed = (*_changed(city.region), *([col(TicketRow.id).in_(only)] if only else []))
    taken |= {row.id: row for row in _claim(db, *changed, limit=limit)}
    if not taken:
        return 0
    joined, partly = _joined(db, city.region, taken, only)
    taken |= joined
    _given_more(db, list(taken), now)
    _count(db, city, list(taken.values()))
    done = sa.update(TICKET).where(
        col(TicketRow.id).in_(taken.keys() - partly), col(TicketRow.seq) != col(TicketRow.counted_seq)
    )
    db.execute(done.values({col(TicketRow.counted_seq): col(TicketRow.seq)}))
    return len(taken)


def fold_all(db: Session, city: City, now: datetime) -> int:
    """Count whatever waits, in the caller's one transaction; return how many tickets were."""
    total = 0
    while found := fold(db, city, now):
        total += found
    return total


def days(db: Session, city: City) -> list[date]:
    """Return the days from the first ticket to the last."""
    first, last = db.execute(
        sa.select(sa.func.min(col(TicketRow.received_at)), sa.func.max(col(TicketRow.received_at)))
    ).one()
    if first is None:
        return []
    start, end = city.day(first), city.day(last)
    return [start + timedelta(days=far) for far in range((end - start).days + 1)]


def differences(db: Session, city: City, day: date) -> Recount:
    """Count one day anew and compare; what has not been counted since it changed is left to `fold`.

    Call it in a transaction of its own: everything is read as of one moment.
    """
    figures.one_snapshot(db)
    wrong, read, kept = [], 0, Counter[SumKey]()
    for rows in _chunks(db, city, day):
        read += len(rows)
        held = contribution.stored(db, [row.id for row in rows])
        kept.update(contribution.summed(held.values()))
        wrong += [one.ticket_id for one in _fresh(db, city, rows) if held.get(one.ticket_id) != one]
    sums = _sums(db, city.region, str(day))
    found = [
        Difference(day=key[0], dimension=key[1], key=key[2], name=key[3], stored=sums[key], counted=kept[key])
        for key in sorted(sums.keys() | kept.keys())
        if sums[key] != kept[key]
    ]
    return Recount(day=str(day), tickets=read, wrong=wrong, sums=found)


def mend(db: Session, city: City, found: Recount) -> None:
    """Set right what a recount found: sums at once, tickets by the next `fold`.  Both go well with folds meanwhile."""
    figures.add(db, [_row(city.region, _key(one), one.counted - one.stored) for one in found.sums])
    if found.wrong:
        db.execute(sa.update(TICKET).where(col(TicketRow.id).in_(found.wrong)).values({col(TicketRow.counted_seq): -1}))


def _count(db: Session, city: City, tickets: Sequence[Any]) -> None:
    """Write what these locked tickets count for now, and what that changes in the sums."""
    new = contribution.of_tickets(db, city, tickets)
    old = contribution.stored(db, [one.id for one in tickets])
    moved = [one for one in new if old.get(one.ticket_id) != one]
    delta = contribution.summed(moved)
    delta.subtract(contribution.summed(old[one.ticket_id] for one in moved if one.ticket_id in old))
    figures.put(db, [msgspec.structs.asdict(one) for one in moved])
    figures.add(db, [_row(city.region, key, value) for key, value in delta.items() if value])


def due(db: Session, region: str, now: datetime, limit: int = TICKETS_A_FOLD) -> list[tuple[UUID, UUID, str]]:
    """Return (ticket, ticket, number) of what a fold would take."""
    late = (
        sa.select(col(TicketRow.id), col(TicketRow.number))
        .join(CLOCK, col(TicketRow.id) == col(ClockRow.ticket_id))
        .where(*_out(region, now))
        .order_by(col(ClockRow.due_at))
    )
    changed = (
        sa.select(col(TicketRow.id), col(TicketRow.number))
        .where(*_changed(region))
        .order_by(col(TicketRow.region), col(TicketRow.id))
    )
    rows = [*db.execute(late.limit(limit)), *db.execute(changed.limit(limit))]
    return [(key, key, number) for key, number in {row.id: row.number for row in rows}.items()]


def _changed(region: str) -> tuple[sa.ColumnElement[bool], ...]:
    return *figures.uncounted(region), troubles.aside(region, "figures", col(TicketRow.id))


def _out(region: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(ClockRow.region) == region,
        figures.unjudged(),
        col(ClockRow.due_at) <= now,
        troubles.aside(region, "figures", col(ClockRow.ticket_id)),
    )


def _ran_out(db: Session, region: str, now: datetime, limit: int, only: Sequence[UUID] | None) -> list[UUID]:
    """Judge the clocks whose time is out while they run (late); return their tickets, locked with them."""
    which = (*_out(region, now), *([col(ClockRow.ticket_id).in_(only)] if only else []))
    query = (
        sa.select(col(ClockRow.id), col(ClockRow.ticket_id))
        .join(TICKET, col(TicketRow.id) == col(ClockRow.ticket_id))
        .where(*which)
    )
    query = query.order_by(col(ClockRow.due_at)).limit(limit)
    found = db.execute(query.with_for_update(skip_locked=True)).all()
    if found:
        db.execute(
            sa.update(CLOCK)
            .where(col(ClockRow.id).in_([row.id for row in found]))
            .values({col(ClockRow.outcome): "late"})
        )
    return list({row.ticket_id for row in found})


def _given_more(db: Session, tickets: list[UUID], now: datetime) -> None:
    """Take the verdict back from clocks that run again: an extension or a pause has moved their limit."""
    again = (
        col(ClockRow.ticket_id).in_(tickets),
        col(ClockRow.outcome) == "late",
        col(ClockRow.stopped_at).is_(None),
        col(ClockRow.due_at) > now,
    )
    db.execute(sa.update(CLOCK).where(*again).values({col(ClockRow.outcome): ""}))


def _claim(db: Session, *which: sa.ColumnElement[bool], limit: int | None = None) -> Sequence[Any]:
    query = (
        sa.select(*contribution.columns()).where(*which).order_by(col(TicketRow.region), col(TicketRow.id)).limit(limit)
    )
    return db.execute(query.with_for_update(skip_locked=True)).all()


def _joined(
    db: Session, region: str, taken: dict[UUID, Any], only: Sequence[UUID] | None
) -> tuple[dict[UUID, Any], set[UUID]]:
    """Return the tickets that joined these, locked, and which of these have some that could not be taken now."""
    into = (
        col(TicketRow.region) == region,
        col(TicketRow.joined_to).in_(list(taken)),
        troubles.aside(region, "figures", col(TicketRow.id)),
    )
    known = {
        row.id: row.joined_to for row in db.execute(sa.select(col(TicketRow.id), col(TicketRow.joined_to)).where(*into))
    }
    rest = list(known.keys() - taken.keys())
    locked = {row.id: row for row in _claim(db, col(TicketRow.id).in_(rest))} if rest and only is None else {}
    return locked, {known[one] for one in rest if one not in locked}


def _fresh(db: Session, city: City, rows: Sequence[Any]) -> list[Contribution]:
    """Return what those count for that were counted since they, and the matter they joined, last changed."""
    matters = list({row.joined_to for row in rows if row.joined_to is not None})
    changed = sa.select(col(TicketRow.id)).where(
        col(TicketRow.id).in_(matters), col(TicketRow.seq) != col(TicketRow.counted_seq)
    )
    waits = set(db.execute(changed).scalars()) if matters else set()
    settled = [row for row in rows if row.seq == row.counted_seq and row.joined_to not in waits]
    return contribution.of_tickets(db, city, settled)


def _chunks(db: Session, city: City, day: date) -> Iterator[Sequence[Any]]:
    """Yield the tickets of a day, some at a time."""
    start = datetime.combine(day, time(), city.zone)
    after, end = first_id(start), first_id(start + timedelta(days=1))
    query = (
        sa.select(*contribution.columns())
        .where(col(TicketRow.region) == city.region, col(TicketRow.id) < end)
        .order_by(col(TicketRow.id))
        .limit(CHUNK)
    )
    rows = db.execute(query.where(col(TicketRow.id) >= after)).all()
    while rows:
        yield rows
        rows = db.execute(query.where(col(TicketRow.id) > rows[-1].id)).all()


def _sums(db: Session, region: str, day: str) -> Counter[SumKey]:
    query = sa.select(col(TallyRow.dimension), col(TallyRow.key), col(TallyRow.name), col(TallyRow.value)).where(
        col(TallyRow.region) == region, col(TallyRow.day) == day, col(TallyRow.value) != 0
    )
    return Counter({(day, row.dimension, row.key, row.name): row.value for row in db.execute(query)})


def _key(one: Difference) -> SumKey:
    return one.day, one.dimension, one.key, one.name


def _row(region: str, key: SumKey, value: int) -> dict[str, Any]:
    day, dimension, code, name = key
    return values_of(TallyRow, region=region, day=day, dimension=dimension, key=code, name=name, value=value)
