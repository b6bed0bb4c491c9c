"""Intake, the hottest path: key, caller, ticket, first history line and event of N matters in ONE statement.

PostgreSQL takes the rows as one JSON parameter into one data-modifying statement (one round trip, its own transaction).
SQLite has no such statement and needs none: the same inserts run inside the process, in one transaction.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection

from hotline.store.outbox import OutboxRow
from hotline.store.schema import METADATA
from hotline.store.tickets import Caller, Entry, IntakeKey, Ticket

KEY, CALLER, TICKET, ENTRY, OUTBOX = (
    METADATA.tables[row.__tablename__] for row in (IntakeKey, Caller, Ticket, Entry, OutboxRow)
)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One matter on its way in: the rows it will become, column -> value.  `outbox` is None when nobody is told."""

    key: dict[str, Any]
    ticket: dict[str, Any]
    entry: dict[str, Any]
    caller: dict[str, Any] | None
    outbox: dict[str, Any] | None


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
    rows = msgspec.json.encode([_flat(one) for one in arrivals]).decode()
    return set(connection.execute(_ONE, {"rows": rows}).scalars())


def known(connection: Connection, region: str, keys: list[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """Return what became of (source, key) pairs received before."""
    wanted = sa.tuple_(KEY.c.source, KEY.c.key).in_(keys)
    query = sa.select(KEY.c.source, KEY.c.key, KEY.c.number, KEY.c.body_hash).where(KEY.c.region == region, wanted)
    return {(row.source, row.key): Known(row.number, row.body_hash) for row in connection.execute(query)}


def _put_by_table(connection: Connection, arrivals: list[Arrival]) -> set[str]:
    fresh = sqlite_insert(KEY).on_conflict_do_nothing().returning(KEY.c.number)
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


def _flat(one: Arrival) -> dict[str, Any]:
    parts = {"k": one.key, "c": one.caller or {}, "t": one.ticket, "e": one.entry, "o": one.outbox or {}}
    return {f"{part}_{column}": value for part, columns in parts.items() for column, value in columns.items()}


def _columns(table: sa.Table, part: str) -> tuple[str, str, str]:
    """Return the target columns, the expressions that fill them, and their record definition."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    names = [column.name for column in table.columns]
    kinds = [f"{part}_{column.name} {column.type.compile(dialect=dialect)}" for column in table.columns]
    return ", ".join(f'"{name}"' for name in names), ", ".join(f"r.{part}_{name}" for name in names), ", ".join(kinds)


def _statement() -> sa.TextClause:
    tables = {"k": KEY, "c": CALLER, "t": TICKET, "e": ENTRY, "o": OUTBOX}
    parts = {part: _columns(table, part) for part, table in tables.items()}
    record = ", ".join(kinds for _, _, kinds in parts.values())
    return sa.text(f"""
        WITH r AS MATERIALIZED (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r ({record})),
        k AS (INSERT INTO intake_key ({parts["k"][0]}) SELECT {parts["k"][1]} FROM r
              ON CONFLICT DO NOTHING RETURNING number),
        c AS (INSERT INTO caller ({parts["c"][0]}) SELECT {parts["c"][1]} FROM r JOIN k ON k.number = r.k_number
              WHERE r.c_id IS NOT NULL ON CONFLICT DO NOTHING),
        t AS (INSERT INTO ticket ({parts["t"][0]}) SELECT {parts["t"][1]} FROM r JOIN k ON k.number = r.k_number),
        e AS (INSERT INTO entry ({parts["e"][0]}) SELECT {parts["e"][1]} FROM r JOIN k ON k.number = r.k_number),
        o AS (INSERT INTO outbox ({parts["o"][0]}) SELECT {parts["o"][1]} FROM r JOIN k ON k.number = r.k_number
              WHERE r.o_id IS NOT NULL)
        SELECT number FROM k""")


_ONE = _statement()
