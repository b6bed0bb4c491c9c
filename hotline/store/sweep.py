"""The sweep of due rungs, set-based: claim, card, history line, event and the clock's next moment in ONE statement.

Two sweepers never take the same clock (SKIP LOCKED), and (clock, position) is the key of a card: nothing acts twice.
Clock and ticket are locked together or left for the next sweep: people lock the ticket first, and waiting for them
would be a deadlock.
A clock that makes no sense (no such rung, no such move) is set aside in the same statement; one whose values the
database cannot even read fails it, and `hotline.jobs.apart` finds out which.
The hash of the history line is the one of `hotline.flow.moves.chain`; a test holds the two together.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hotline.store.tickets import FINAL

LEVELS = ("", "remind", "yellow_card", "red_card", "supervise", "circulate", "account")
BAD = "阶梯中没有这一级，或不认识这一级的操作"  # of a clock that is set aside
RUNGS = (*LEVELS[1:], "propose", "lapse")  # all the sweep may write: a card shown or proposed, or that the time is out
_KNOWN = ", ".join(f"'{rung}'" for rung in RUNGS)
_RANK = "CASE {} " + " ".join(f"WHEN '{level}' THEN {rank}" for rank, level in enumerate(LEVELS)) + " ELSE 0 END"

_CLIMB = sa.text(f"""
    WITH locked AS (
        SELECT clock.id, clock.region, clock.ticket_id, clock.unit, clock.next_at, clock.position, clock.ladder,
               clock.ladder -> clock.position ->> 1 AS move, clock.ladder -> clock.position ->> 2 AS label,
               coalesce(clock.ladder -> clock.position ->> 4, '') AS card,
               coalesce(clock.ladder -> clock.position ->> 1 IN ({_KNOWN}), false) AS good, ticket.number
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
            next_at = CAST(clock.ladder -> (clock.position + 1) ->> 0 AS timestamptz)
        FROM due WHERE clock.id = due.id RETURNING 1)
    SELECT (SELECT count(*) FROM c) + (SELECT count(*) FROM bad)""")


def climb(connection: Connection, region: str, now: datetime, stamp: str, most: int, only: UUID | None = None) -> int:
    """Act on up to `most` due rungs (PostgreSQL); return how many clocks moved on or were set aside.  0: none is due.

    stamp   `now` as the history's chain writes it;  only  act on this clock alone
    """
    millis = f"{int(now.timestamp() * 1000):012x}"
    values = {"region": region, "now": now, "stamp": stamp, "millis": millis, "most": most, "only": only}
    return int(connection.execute(_CLIMB, values).scalar_one())
