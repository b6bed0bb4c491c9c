"""Step 7, escalation: clocks that are late climb the ladder (提醒, 黄牌, 红牌, 督办).

Cost follows what is due, not what is stored.

The clock rows carry the moments of their rungs, so nothing is computed here: what is due is written down, once, and the
event tells the people.  After a standstill every rung that was missed is made up for, oldest first.

PostgreSQL does it set-based: claim, card, history line, event and the clock's next moment in ONE statement.  Two
sweepers never take the same clock (SKIP LOCKED), and (clock, position) is the key of a card: nothing acts twice.
Clock and ticket are locked together or left for the next sweep: people lock the ticket first, and waiting for them
would be a deadlock.  SQLite, whose one writer needs no claim, does the same below, by the same keys of a rung.
A clock that makes no sense (no such rung, no such move) is set aside at once; one whose values PostgreSQL cannot even
read fails the statement, and `hotline.jobs.apart` finds out which.
The hash of the history line is the one of `hotline.flow.moves.chain`; a test holds the two together.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from dispatch.escalation import LEVELS, RANKS, higher
from dispatch.lifecycle import MOVES, OPEN, Move
from dispatch.roles import Role
from hotline.city import City
from hotline.flow import moves
from hotline.flow.moves import CLOCKWORK, Step
from hotline.store import troubles
from hotline.store.columns import col, table_of, values_of
from hotline.store.tickets import FINAL, Alarm, ClockRow, TicketRow, carry
from hotline.store.troubles import Trouble

TICKET, CLOCK, ALARM = table_of(TicketRow), table_of(ClockRow), table_of(Alarm)
BAD = "阶梯中没有这一级，或不认识这一级的操作"  # of a clock that is set aside
RUNGS = (*LEVELS, Move.PROPOSE, Move.LAPSE)  # all the sweep may write: a card shown, one proposed, or the time is out
_KNOWN = ", ".join(f"'{rung}'" for rung in RUNGS)
_RANK = "CASE {} " + " ".join(f"WHEN '{level}' THEN {rank}" for level, rank in RANKS.items()) + " ELSE 0 END"

for _rung in RUNGS:  # what the one statement takes for granted
    if MOVES[_rung].target is not None or Role.CLOCKWORK not in MOVES[_rung].who or MOVES[_rung].origins != OPEN:
        raise RuntimeError(f"the sweep writes “{_rung}” without asking the lifecycle, and the lifecycle has changed")


RungKey = Literal["at", "move", "label", "card"]  # of `dispatch.escalation.PlannedRung`: what the sweep reads of it


class _Due(msgspec.Struct, frozen=True):
    id: UUID
    ticket_id: UUID
    unit: str
    next_at: datetime
    position: int
    move: Move
    label: str
    card: str
    then: datetime | None


def sweep(db: Session, city: City, now: datetime, limit: int = 500, only: Sequence[UUID] | None = None) -> int:
    """Act once on up to `limit` due rungs; return how many clocks moved on or were set aside: again, until it is 0.

    only    act on this one clock
    """
    one = only[0] if only else None
    if db.get_bind().dialect.name == "postgresql":
        return climb(db.connection(), city.region, now, moves.stamp(now), limit, one)
    return _climb(db, city.region, now, limit, one)


def due(db: Session, region: str, now: datetime, limit: int = 500) -> list[tuple[UUID, UUID, str]]:
    """Return (clock, ticket, number) of what a sweep would act on, whatever stands in its ladder."""
    columns = col(ClockRow.id), col(ClockRow.ticket_id), col(TicketRow.number)
    query = sa.select(*columns).join(TICKET, col(TicketRow.id) == col(ClockRow.ticket_id))
    rows = db.execute(query.where(*_ready(region, now)).order_by(col(ClockRow.next_at), col(ClockRow.id)).limit(limit))
    return [(row.id, row.ticket_id, row.number) for row in rows]


def _ready(region: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(ClockRow.region) == region,
        col(ClockRow.next_at) <= now,
        troubles.aside(region, "clock", col(ClockRow.id)),
    )


_CLIMB = sa.text(f"""
    WITH locked AS (
        SELECT clock.id, clock.region, clock.ticket_id, clock.unit, clock.next_at, clock.position, clock.ladder,
               clock.ladder -> clock.position ->> 'move' AS move, clock.ladder -> clock.position ->> 'label' AS label,
               coalesce(clock.ladder -> clock.position ->> 'card', '') AS card,
               coalesce(clock.position >= 0 AND clock.ladder -> clock.position ->> 'move' IN ({_KNOWN}), false) AS good,
               ticket.number
        FROM clock JOIN ticket ON ticket.id = clock.ticket_id
        WHERE clock.region = :region AND clock.next_at <= :now
          AND (CAST(:only AS uuid) IS NULL OR clock.id = CAST(:only AS uuid))
          AND NOT EXISTS (SELECT FROM trouble
                          WHERE trouble.region = clock.region AND trouble.kind = 'clock' AND trouble.key = clock.id)
        ORDER BY clock.next_at, clock.id LIMIT :most FOR UPDATE SKIP LOCKED),
    due AS (SELECT DISTINCT ON (ticket_id) * FROM locked WHERE good ORDER BY ticket_id, next_at, id),
    bad AS (
        INSERT INTO trouble (region, kind, key, ticket_id, number, says, at)
        SELECT region, 'clock', id, ticket_id, number, '{BAD}', :now FROM locked WHERE NOT good
        ON CONFLICT DO NOTHING RETURNING 1),
    t AS (
        UPDATE ticket SET seq = ticket.seq + 1,
            level = CASE WHEN {_RANK.format("due.move")} > {_RANK.format("ticket.level")}
                         THEN due.move ELSE ticket.level END,
            last_hash = encode(sha256(convert_to(concat_ws(chr(31), ticket.last_hash, (ticket.seq + 1)::text,
                CAST(:stamp AS text), 'clockwork', 'clockwork', due.move, ticket.state, due.label), 'UTF8')), 'hex')
        FROM due WHERE ticket.id = due.ticket_id AND ticket.state NOT IN ({FINAL})
        RETURNING ticket.id, ticket.number, ticket.seq, ticket.state, ticket.last_hash, ticket.quiet,
                  due.id AS clock_id, due.region, due.position, due.unit, due.move, due.label, due.card, due.next_at),
    a AS (
        INSERT INTO alarm (clock_id, position, region, ticket_id, unit, move, label, due_at, acted_at, card, decision,
                           decided_by, answer)
        SELECT clock_id, position, region, id, unit, move, label, next_at, :now, card, '', '', ''
        FROM t ON CONFLICT DO NOTHING),
    e AS (
        INSERT INTO entry (ticket_id, seq, region, at, actor, role, move, origin, target, note, why, facts, public,
                           hash)
        SELECT id, seq, region, :now, 'clockwork', 'clockwork', move, state, state, label, '{{}}', '{{}}', false,
               last_hash
        FROM t),
    o AS (
        INSERT INTO outbox (id, region, ticket_id, number, move, at, tries, error)
        SELECT CAST(:millis || '7' || substr(md5(clock_id::text || position), 1, 3)
                    || 'a' || substr(md5(clock_id::text || position), 4, 15) AS uuid),
               region, id, number, move, :now, 0, ''
        FROM t WHERE NOT quiet),
    c AS (
        UPDATE clock SET position = clock.position + 1,
            next_at = CAST(clock.ladder -> (clock.position + 1) ->> 'at' AS timestamptz)
        FROM due WHERE clock.id = due.id RETURNING 1)
    SELECT (SELECT count(*) FROM c) + (SELECT count(*) FROM bad)""")


def climb(connection: Connection, region: str, now: datetime, stamp: str, most: int, only: UUID | None = None) -> int:
    """Act on up to `most` due rungs (PostgreSQL); return how many clocks moved on or were set aside.  0: none is due.

    stamp   `now` as the history's chain writes it;  only  act on this clock alone
    """
    millis = f"{int(now.timestamp() * 1000):012x}"
    values = {"region": region, "now": now, "stamp": stamp, "millis": millis, "most": most, "only": only}
    return int(connection.execute(_CLIMB, values).scalar_one())


def _climb(db: Session, region: str, now: datetime, limit: int, only: UUID | None) -> int:
    """Do the same on SQLite."""
    columns = (
        col(ClockRow.id),
        col(ClockRow.ticket_id),
        col(ClockRow.unit),
        col(ClockRow.next_at),
        col(ClockRow.position),
    )
    keys = _key("move").label("move"), _key("label").label("label"), _key("card").label("card")
    ready = sa.select(*columns, *keys, _key("at", 1).label("then")).where(*_ready(region, now))
    query = ready.where(col(ClockRow.id) == only) if only else ready
    first: dict[UUID, _Due] = {}
    bad: list[Trouble] = []
    for row in db.execute(query.order_by(col(ClockRow.next_at), col(ClockRow.id)).limit(limit)):
        one = _readable(row)
        if one is None:
            bad.append(Trouble(region=region, kind="clock", key=row.id, ticket_id=row.ticket_id, says=BAD, at=now))
        else:
            first.setdefault(row.ticket_id, one)
    return _act(db, region, now, first) + _set_aside(db, bad)


def _key(name: RungKey, further: int = 0) -> sa.ColumnElement[Any]:
    """Return a key of the rung at the clock's position, or of one further on; NULL where there is no such rung."""
    ladder = sa.type_coerce(col(ClockRow.ladder), sa.Text)  # may be no JSON at all
    path = sa.literal("$[") + sa.cast(col(ClockRow.position) + further, sa.Text) + sa.literal(f"].{name}")
    real = sa.and_(sa.func.json_valid(ladder) == 1, col(ClockRow.position) >= 0)  # below 0 counts from the end
    return sa.case((real, sa.func.json_extract(ladder, path)))


def _readable(row: Any) -> _Due | None:
    """Return a due clock, None where its ladder cannot be read or has no such rung."""
    try:
        one = msgspec.convert({**row._mapping, "card": row.card or ""}, _Due)
    except ValueError:
        return None
    return one if one.position >= 0 and one.move in RUNGS else None


def _set_aside(db: Session, bad: list[Trouble]) -> int:
    if not bad:
        return 0
    meant = col(TicketRow.id).in_([one.ticket_id for one in bad])
    named = sa.select(col(TicketRow.id), col(TicketRow.number)).where(meant)
    numbers = {row.id: row.number for row in db.execute(named)}
    return troubles.note(db, [msgspec.structs.replace(one, number=numbers.get(one.ticket_id, "")) for one in bad])


def _act(db: Session, region: str, now: datetime, first: dict[UUID, _Due]) -> int:
    if not first:
        return 0
    held = {ticket.id: ticket for ticket in carry(db, sa.select(TICKET).where(col(TicketRow.id).in_(list(first))))}
    live = [one for one in first.values() if held[one.ticket_id].state in OPEN]
    moves.make_many(db, [_step(held[one.ticket_id], one, now) for one in live])
    if live:
        db.execute(ALARM.insert(), [_alarm(region, one, now) for one in live])
    onward = sa.update(CLOCK).where(col(ClockRow.id) == sa.bindparam("which"))
    values = {
        col(ClockRow.position): col(ClockRow.position) + 1,
        col(ClockRow.next_at): sa.bindparam("then", type_=col(ClockRow.next_at).type),
    }
    db.execute(onward.values(values), [{"which": one.id, "then": one.then} for one in first.values()])
    return len(first)


def _step(ticket: Any, due: _Due, now: datetime) -> Step:
    level = higher(ticket.level, due.move)
    return Step(ticket=ticket, move=due.move, actor=CLOCKWORK, at=now, note=due.label, changes={"level": level})


def _alarm(region: str, due: _Due, now: datetime) -> dict[str, Any]:
    return values_of(
        Alarm,
        clock_id=due.id,
        position=due.position,
        region=region,
        ticket_id=due.ticket_id,
        unit=due.unit,
        move=due.move,
        label=due.label,
        due_at=due.next_at,
        acted_at=now,
        card=due.card,
        decision="",
        decided_by="",
        decided_at=None,
        answer="",
        answered_at=None,
    )
