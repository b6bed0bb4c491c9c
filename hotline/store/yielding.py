"""How long background work pauses for other writers: SQLite has one writer at a time.

Whoever stores a file takes the lock again and again; without a rest between, a registration finds it free by luck only.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from hotline.store import db

LONGEST_REST, FEWEST = 0.3, 0.05  # seconds of rest between two transactions: who waits asks again within a tenth
SHARE = 3  # so much longer than the writer was held
REMEMBERED = 3.0  # seconds somebody else's write is remembered


class Pace:
    """Of one long work.  On PostgreSQL it never rests: its writers do not wait for one another."""

    def __init__(self) -> None:
        self._line: Connection | None = None
        if db.engine().dialect.name == "sqlite":
            self._line = db.engine().execution_options(hotline_reads=True).connect()
        self._seen, self._other = 0, float("-inf")
        self.mark()

    def close(self) -> None:
        """Let the connection go that watches."""
        if self._line is not None:
            self._line.close()
            self._line = None

    @property
    def crowded(self) -> bool:
        """Whether somebody else has written lately."""
        return time.monotonic() - self._other < REMEMBERED

    def mark(self) -> None:
        """Say that what is written from here to the next turn is others'."""
        self._seen = self._version()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Take the writer once; rest longer than it was held where others write too."""
        if self._version() != self._seen:
            self._other = time.monotonic()
        begun = time.perf_counter()
        yield
        held = time.perf_counter() - begun
        if self.crowded:
            time.sleep(min(max(SHARE * held, FEWEST), LONGEST_REST))

    def _version(self) -> int:
        """Return what changes with every commit of anybody."""
        if self._line is None:
            return 0
        found: int = self._line.exec_driver_sql("PRAGMA data_version").scalar_one()
        self._line.rollback()
        return found
