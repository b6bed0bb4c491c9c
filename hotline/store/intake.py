"""Intake, the hottest path: key, caller, ticket, first history line and event of N matters in ONE statement.

PostgreSQL takes the rows as one JSON parameter into one data-modifying statement (one round trip, its own transaction).
SQLite has no such statement and needs none: the same inserts run inside the process, in one transaction.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection

from hotline.store.callers import Caller, IntakeKey
from hotline.store.columns import col, table_of
from hotline.store.outbox import OutboxRow
from hotline.store.tickets import Entry, TicketRow

KEY, CALLER, TICKET = table_of(IntakeKey), table_of(Caller), table_of(TicketRow)
ENTRY, OUTBOX = table_of(Entry), table_of(OutboxRow)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One matter on its way in: the rows it will become, column -> value.  `outbox` is None when nobody is told.

    code  the citizen's query code in plain, on its way to be told once: in no row and no statement
    """

    key: dict[str, Any]
    ticket: dict[str, Any]
    entry: dict[str, Any]
    caller: dict[str, Any] | None
    outbox: dict[str, Any] | None
    code: str = ""


PARTS = ("key", "caller", "ticket", "entry", "outbox")


class Known(msgspec.Struct, frozen=True):
    """What an outside key had become before."""

    number: str
    body_hash: str


def put_many(connection: Connection, arrivals: list[Arrival]) -> set[str]:
    """Insert all whose key is new; return their numbers.  The rest changed nothing: ask `known`."""
    if not arrivals:
        return set()
    if connection.dialect.name == "sqlite":
        return _put_by_table(connection, arrivals)
    rows = msgspec.json.encode([{part: getattr(one, part) for part in PARTS} for one in arrivals]).decode()
    return set(connection.execute(_STATEMENT, {"rows": rows}).scalars())


def known(connection: Connection, region: str, keys: list[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Return what became of (source, key) pairs received before."""
    wanted = sa.tuple_(col(IntakeKey.source), col(IntakeKey.key)).in_(keys)
    query = sa.select(col(IntakeKey.source), col(IntakeKey.key), col(IntakeKey.number), col(IntakeKey.body_hash)).where(
        col(IntakeKey.region) == region, wanted
    )
    return {(row.source, row.key): Known(row.number, row.body_hash) for row in connection.execute(query)}


def _put_by_table(connection: Connection, arrivals: list[Arrival]) -> set[str]:
    fresh = sqlite_insert(KEY).on_conflict_do_nothing().returning(col(IntakeKey.number))
    accepted = set(connection.execute(fresh, [one.key for one in arrivals]).scalars())
    new = [one for one in arrivals if one.key["number"] in accepted]
    if not new:
        return accepted
    callers = [one.caller for one in new if one.caller]
    if callers:
        connection.execute(sqlite_insert(CALLER).on_conflict_do_nothing(), callers)
    connection.execute(TICKET.insert(), [one.ticket for one in new])
    connection.execute(ENTRY.insert(), [one.entry for one in new])
    events = [one.outbox for one in new if one.outbox]
    if events:
        connection.execute(OUTBOX.insert(), events)
    return accepted


def _statement() -> sa.TextClause:
    """Return the one statement.  `parts` holds a matter's rows as JSON; only those whose key is new are written.

    Keys and callers are written in their order, so that two batches with the same ones never wait for each other.
    """
    return sa.text(f"""
        WITH parts AS MATERIALIZED (
            SELECT part.*, part.key ->> 'number' AS number FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                AS part (key jsonb, caller jsonb, ticket jsonb, entry jsonb, outbox jsonb)),
        fresh AS ({_inserted(KEY, "parts")} ORDER BY row.source, row.key ON CONFLICT DO NOTHING RETURNING number),
        mine AS (SELECT parts.* FROM parts JOIN fresh USING (number)),
        c AS ({_inserted(CALLER, "mine")} WHERE mine.caller IS NOT NULL ORDER BY row.id ON CONFLICT DO NOTHING),
        t AS ({_inserted(TICKET, "mine")}),
        e AS ({_inserted(ENTRY, "mine")}),
        o AS ({_inserted(OUTBOX, "mine")} WHERE mine.outbox IS NOT NULL)
        SELECT number FROM fresh""")


def _inserted(table: sa.Table, source: str) -> str:
    """Return the INSERT of `table` from the part of its own in `source`."""
    part = "key" if table is KEY else table.name
    names = [f'"{column.name}"' for column in table.columns]
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(f'row.{name}' for name in names)} "
        f"FROM {source} CROSS JOIN LATERAL jsonb_populate_record(NULL::{table.name}, {source}.{part}) AS row"
    )


_STATEMENT = _statement()
