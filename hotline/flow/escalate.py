"""Step 7: what is late climbs the ladder (提醒, 黄牌, 红牌, 督办).  Cost follows what is due, not what is stored.

The clock rows carry the moments of their rungs, so nothing is computed here: what is due is written down, once, and the
event tells the people.  After a standstill every rung that was missed is made up for, oldest first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import MOVES, OPEN
from dispatch.roles import Role
from hotline.city import City
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.store import sweep as statement
from hotline.store import troubles
from hotline.store.schema import METADATA
from hotline.store.sweep import BAD, LEVELS, RUNGS
from hotline.store.tickets import carry
from hotline.store.troubles import Trouble

TICKET, CLOCK, ALARM = METADATA.tables["ticket"], METADATA.tables["clock"], METADATA.tables["alarm"]

for _rung in RUNGS:  # what the one statement takes for granted
    if MOVES[_rung].target is not None or Role.CLOCKWORK not in MOVES[_rung].who or MOVES[_rung].origins != OPEN:
        raise RuntimeError(f"the sweep writes “{_rung}” without asking the lifecycle, and the lifecycle has changed")


class _Due(msgspec.Struct, frozen=True):
    id: UUID
    ticket_id: UUID
    unit: str
    next_at: datetime
    position: int
    ladder: list[list[str]]


def sweep(db: Session, city: City, now: datetime, limit: int = 500, only: Sequence[UUID] | None = None) -> int:
    """Act once on up to `limit` due rungs; return how many clocks moved on or were set aside: again, until it is 0.

    only    act on this one clock
    """
    one = only[0] if only else None
    if db.get_bind().dialect.name == "postgresql":
        return statement.climb(db.connection(), city.region, now, moves.stamp(now), limit, one)
    return _climb(db, city.region, now, limit, one)


def due(db: Session, region: str, now: datetime, limit: int = 500) -> list[tuple[UUID, UUID, str]]:
    """Return (clock, ticket, number) of what a sweep would act on, whatever stands in its ladder."""
    query = sa.select(CLOCK.c.id, CLOCK.c.ticket_id, TICKET.c.number).join(TICKET, TICKET.c.id == CLOCK.c.ticket_id)
    rows = db.execute(query.where(*_ready(region, now)).order_by(CLOCK.c.next_at, CLOCK.c.id).limit(limit))
    return [(row.id, row.ticket_id, row.number) for row in rows]


def _ready(region: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return CLOCK.c.region == region, CLOCK.c.next_at <= now, troubles.aside(region, "clock", CLOCK.c.id)


def _climb(db: Session, region: str, now: datetime, limit: int, only: UUID | None) -> int:
    """Do the same on SQLite, whose one writer needs no claim."""
    columns = [CLOCK.c[name] for name in _Due.__struct_fields__ if name != "ladder"]
    written = sa.type_coerce(CLOCK.c.ladder, sa.Text).label("ladder")  # may be no JSON at all
    ready = sa.select(*columns, written).where(*_ready(region, now), *([CLOCK.c.id == only] if only else []))
    first: dict[UUID, _Due] = {}
    bad: list[Trouble] = []
    for row in db.execute(ready.order_by(CLOCK.c.next_at, CLOCK.c.id).limit(limit)):
        one = _readable(row)
        if one is None:
            bad.append(Trouble(region=region, kind="clock", key=row.id, ticket_id=row.ticket_id, says=BAD, at=now))
        else:
            first.setdefault(row.ticket_id, one)
    return _act(db, region, now, first) + _set_aside(db, bad)


def _readable(row: Any) -> _Due | None:
    """Return a due clock, None where its ladder cannot be read or has no such rung."""
    try:
        one = _Due(**{**row._mapping, "ladder": msgspec.json.decode(row.ladder, type=list[list[str]])})
        _, move, _, _, _ = one.ladder[one.position]
        _then(one)
    except (ValueError, IndexError, TypeError):
        return None
    return one if move in RUNGS else None


def _set_aside(db: Session, bad: list[Trouble]) -> int:
    if not bad:
        return 0
    named = sa.select(TICKET.c.id, TICKET.c.number).where(TICKET.c.id.in_([one.ticket_id for one in bad]))
    numbers = {row.id: row.number for row in db.execute(named)}
    return troubles.note(db, [msgspec.structs.replace(one, number=numbers.get(one.ticket_id, "")) for one in bad])


def _act(db: Session, region: str, now: datetime, first: dict[UUID, _Due]) -> int:
    if not first:
        return 0
    held = {ticket.id: ticket for ticket in carry(db, sa.select(TICKET).where(TICKET.c.id.in_(list(first))))}
    live = [one for one in first.values() if held[one.ticket_id].state in OPEN]
    moves.make_many(db, [_step(held[one.ticket_id], one, now) for one in live])
    if live:
        db.execute(ALARM.insert(), [_alarm(region, one, now) for one in live])
    onward = sa.update(CLOCK).where(CLOCK.c.id == sa.bindparam("which"))
    values = {"position": CLOCK.c.position + 1, "next_at": sa.bindparam("then", type_=CLOCK.c.next_at.type)}
    db.execute(onward.values(values), [{"which": one.id, "then": _then(one)} for one in first.values()])
    return len(first)


def _step(ticket: Any, due: _Due, now: datetime) -> Step:
    _, move, label, *_ = due.ladder[due.position]
    level = move if move in LEVELS and LEVELS.index(move) > LEVELS.index(ticket.level) else ticket.level
    return Step(ticket=ticket, move=move, actor=CLOCKWORK, at=now, note=label, changes={"level": level})


def _alarm(region: str, due: _Due, now: datetime) -> dict[str, Any]:
    _, move, label, _, card = due.ladder[due.position]
    return {
        "clock_id": due.id,
        "position": due.position,
        "region": region,
        "ticket_id": due.ticket_id,
        "unit": due.unit,
        "move": move,
        "label": label,
        "due_at": due.next_at,
        "acted_at": now,
        "card": card,
        "decision": "",
        "decided_by": "",
        "decided_at": None,
        "answer": "",
        "answered_at": None,
    }


def _then(due: _Due) -> datetime | None:
    later = due.ladder[due.position + 1 :]
    return datetime.fromisoformat(later[0][0]) if later else None
