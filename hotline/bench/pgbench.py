"""The upper limit of intake: pgbench writes the rows of an intake, in one prepared statement.

The script is made from the rows the product itself makes of a matter, so the columns cannot drift apart: what is the
same in all of them stands as a literal, what differs is computed from one random number.
"""

import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from hotline.bench.servers import CannotMeasure, Postgres
from hotline.store.intake import CALLER, ENTRY, KEY, OUTBOX, TICKET, Arrival

# Ids sort by time as the product's do; callers are strangers to each other.
_TIMED = (
    "CAST(lpad(to_hex(CAST(extract(epoch FROM statement_timestamp()) * 1000 AS bigint)), 12, '0') || '7abc{}abc'"
    " || lpad(to_hex(CAST(:n AS bigint)), 12, '0') AS uuid)"
)
_TICKET_ID, _EVENT_ID = _TIMED.format("8"), _TIMED.format("9")
_CALLER_ID = "CAST(md5(CAST(:n AS text)) AS uuid)"
_HASH = "md5(CAST(:n AS text)) || md5(CAST(:n AS text))"
_NUMBER = "'PB' || CAST(:n AS text)"
_VARYING = {
    "intake_key": {"key": f"'pgbench-' || {_NUMBER}", "number": _NUMBER, "body_hash": "md5(CAST(:n AS text))"},
    "caller": {"id": _CALLER_ID, "phone_hash": _HASH},
    "ticket": {
        "id": _TICKET_ID,
        "number": _NUMBER,
        "caller_id": _CALLER_ID,
        "last_hash": _HASH,
    },
    "entry": {"ticket_id": _TICKET_ID, "hash": _HASH},
    "outbox": {"id": _EVENT_ID, "ticket_id": _TICKET_ID, "number": _NUMBER},
}
_TPS = re.compile(r"tps = ([\d.]+)")
_DONE = re.compile(r"number of transactions actually processed: (\d+)")


def script(arrival: Arrival) -> str:
    """Return the script: one random number, one statement, the rows of `arrival`."""
    parts = {CALLER: arrival.caller, TICKET: arrival.ticket, ENTRY: arrival.entry, OUTBOX: arrival.outbox}
    ctes = [f"k AS (INSERT INTO {_values(KEY, arrival.key)} ON CONFLICT DO NOTHING RETURNING number)"]
    for name, (table, row) in zip("cteo", parts.items(), strict=True):
        tail = "ON CONFLICT DO NOTHING" if table is CALLER else ""
        ctes.append(f"{name} AS (INSERT INTO {_values(table, row or {})} FROM k {tail})")
    statement = " ".join(f"WITH {', '.join(ctes)} SELECT number FROM k".split("\n"))
    return f"\\set n random(1, 99999999999999)\n{statement};\n"


def run(cluster: Postgres, database: str, file: Path, clients: int, seconds: int) -> tuple[float, int]:
    """Return (transactions a second, how many).  raises CannotMeasure"""
    words = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", str(file)]
    command = [str(cluster.tools / "pgbench"), *words, "-h", str(cluster.folder), "-U", "hotline", database]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    rate, count = _TPS.search(done.stdout), _DONE.search(done.stdout)
    if done.returncode or rate is None or count is None:
        raise CannotMeasure(f"pgbench：{done.stderr[-600:]}")
    return float(rate.group(1)), int(count.group(1))


def _values(table: sa.Table, row: dict[str, Any]) -> str:
    varying = _VARYING[table.name]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(varying.get(column.name) or _literal(row[column.name], column) for column in table.columns)
    return f"{table.name} ({names}) SELECT {values}"


def _literal(value: Any, column: sa.Column[Any]) -> str:
    """Return `value` as SQL of the column's type; a colon is no variable of pgbench."""
    if value is None:
        return "NULL"
    kind = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]  # SQLAlchemy's
    text = msgspec.json.encode(value).decode() if isinstance(value, dict | list) else str(value)
    return f"CAST(E'{_escaped(text)}' AS {kind})"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace(":", "\\x3a")
