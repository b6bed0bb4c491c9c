"""What statements read: each is asked for again, and PostgreSQL counts the blocks, SQLite the steps of its machine."""

import json
import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from hotline.store import db

Read = tuple[int, list[tuple[int, str]]]  # blocks or steps, and each statement's share of them


class Meter:
    """Collects the statements of this process, and asks them again to learn what they read."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine, self._sent = engine, list[tuple[str, Any]]()
        event.listen(engine, "before_cursor_execute", self._note)

    def close(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _line: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            self._sent.append((statement, values))

    def read(self) -> Read:
        """Return how much was read since it was last asked, and each statement's share."""
        sent, self._sent = self._sent, []
        shares = [(self._cost(*one), one[0]) for one in sent]
        self._sent.clear()
        return sum(cost for cost, _ in shares), shares

    def _cost(self, statement: str, values: Any) -> int:
        with db.reading() as session:
            line = session.connection()
            if self._engine.dialect.name == "postgresql":
                line.exec_driver_sql("SET LOCAL enable_seqscan = off")  # a small table would be read whole
                said = line.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values).scalar_one()
                plan = (json.loads(said) if isinstance(said, str) else said)[0]["Plan"]
                return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
            raw = line.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            steps = 0

            def step() -> int:
                nonlocal steps
                steps += 100
                return 0

            raw.set_progress_handler(step, 100)
            try:
                line.exec_driver_sql(statement, values).fetchall()
            finally:
                raw.set_progress_handler(None, 0)
            return steps


def pretend(times: int) -> None:
    """Let PostgreSQL's planner take every long table, and the indexes of all its rows, for so many times as long.

    What waits in an index of its own stays as few as it is.  SQLite knows no counts before somebody asks it to.
    """
    if db.engine().dialect.name == "postgresql":
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as line:
            line.exec_driver_sql("VACUUM ANALYZE")
            line.exec_driver_sql(
                f"UPDATE pg_class SET reltuples = reltuples * {times} WHERE relkind IN ('r', 'i') "
                "AND reltuples >= 2000 AND relnamespace = 'public'::regnamespace"
            )
