"""Inserts many rows in one statement.

PostgreSQL takes them as one JSON parameter: a tenth of the work of a row at a time.

SQLite runs inside the process, where a statement a row costs next to nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

Rows = Sequence[dict[str, Any]]


def insert(db: Session, table: sa.Table, rows: Rows) -> None:
    """Insert rows, column -> value, every column named in each.  No rows: no statement."""
    if not rows:
        return
    if db.get_bind().dialect.name == "sqlite":
        db.execute(table.insert(), rows)
    else:
        db.execute(_insertion(table), {"rows": msgspec.json.encode(rows).decode()})


def insert_new(db: Session, table: sa.Table, rows: Rows) -> int:
    """Insert the rows whose key is not there yet; return how many were.  No rows: no statement."""
    if not rows:
        return 0
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    first = next(iter(table.primary_key))
    done = db.execute(dialect.insert(table).on_conflict_do_nothing().returning(first), rows)
    return len(done.all())


def update(db: Session, table: sa.Table, columns: tuple[str, ...], rows: Rows) -> int:
    """Set `columns` where id and seq are still those of the row's `was_id` and `was_seq`; return how many rows were."""
    if db.get_bind().dialect.name == "sqlite":
        values = {column: sa.bindparam(column, type_=table.c[column].type) for column in columns}
        still = table.c.id == sa.bindparam("was_id"), table.c.seq == sa.bindparam("was_seq")
        done = db.execute(sa.update(table).where(*still).values(values), rows)
    else:
        done = db.execute(_renewal(table, columns), {"rows": msgspec.json.encode(rows).decode()})
    return int(done.rowcount)  # type: ignore[attr-defined]  # a cursor's


@lru_cache(maxsize=64)
def _insertion(table: sa.Table) -> sa.TextClause:
    names = [f'"{column.name}"' for column in table.columns]
    return sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(f'row.{name}' for name in names)} "
        f"FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb)) AS row"
    )


@lru_cache(maxsize=256)
def _renewal(table: sa.Table, columns: tuple[str, ...]) -> sa.TextClause:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    kinds = [f'"{column}" {table.c[column].type.compile(dialect=dialect)}' for column in columns]
    changes = [f'"{column}" = row."{column}"' for column in columns]
    return sa.text(
        f"UPDATE {table.name} SET {', '.join(changes)} "
        f"FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (was_id uuid, was_seq integer, {', '.join(kinds)}) "
        f"WHERE {table.name}.id = row.was_id AND {table.name}.seq = row.was_seq"
    )
