"""Step 7: what is late climbs the ladder (提醒, 黄牌, 红牌, 督办).  Cost follows what is due, not what is stored.

The clock rows carry the moments of their rungs, so nothing is computed here: what is due is written down, once, and the
event tells the people.  After a standstill every rung that was missed is made up for, oldest first.
"""

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
from hotline.store.schema import METADATA
from hotline.store.sweep import LEVELS, RUNGS
from hotline.store.tickets import carry

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


def sweep(db: Session, city: City, now: datetime, limit: int = 500) -> int:
    """Act once on up to `limit` due rungs; return how many clocks moved on.  Call again until it is 0."""
    if db.get_bind().dialect.name == "postgresql":
        return statement.climb(db.connection(), city.region, now, moves.stamp(now), limit)
    return _climb(db, city.region, now, limit)


def _climb(db: Session, region: str, now: datetime, limit: int) -> int:
    """Do the same on SQLite, whose one writer needs no claim."""
    columns = [CLOCK.c[name] for name in _Due.__struct_fields__]
    ready = sa.select(*columns).where(CLOCK.c.region == region, CLOCK.c.next_at <= now)
    first: dict[UUID, _Due] = {}
    for row in db.execute(ready.order_by(CLOCK.c.next_at, CLOCK.c.id).limit(limit)):
        first.setdefault(row.ticket_id, _Due(*row))
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
        "clock_id": due.id, "position": due.position, "region": region, "ticket_id": due.ticket_id, "unit": due.unit,
        "move": move, "label": label, "due_at": due.next_at, "acted_at": now, "card": card, "decision": "",
        "decided_by": "", "decided_at": None, "answer": "", "answered_at": None,
    }  # fmt: skip


def _then(due: _Due) -> datetime | None:
    later = due.ladder[due.position + 1 :]
    return datetime.fromisoformat(later[0][0]) if later else None
