"""The engine: transactions are all or nothing, and SQLite loses no update to another thread or process."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from hotline.store import db
from hotline.store.schema import METADATA

TRY = METADATA.tables["login_try"]
AT = datetime(2026, 11, 18, 2, tzinfo=UTC)
TURNS, HANDS = 200, 4
ADD = """
import sys
import sqlalchemy as sa
from hotline.store import db
from hotline.store.schema import METADATA
TRY = METADATA.tables["login_try"]
db.bind(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with db.transaction() as session:
        fails = session.execute(sa.select(TRY.c.fails).where(TRY.c.key == "k")).scalar_one()
        session.execute(sa.update(TRY).where(TRY.c.key == "k").values(fails=fails + 1))
"""


@pytest.fixture
def row(database_url: str) -> str:
    """One row at nought; return the database's URL."""
    db.bind(database_url)
    with db.transaction() as session:
        session.execute(TRY.delete())
        session.execute(TRY.insert(), {"key": "k", "fails": 0, "until": AT})
    return database_url


def fails() -> int:
    with db.reading() as session:
        return int(session.execute(sa.select(TRY.c.fails).where(TRY.c.key == "k")).scalar_one())


def add(session: Session) -> None:
    held = session.execute(sa.select(TRY.c.fails).where(TRY.c.key == "k").with_for_update()).scalar_one()
    session.execute(sa.update(TRY).where(TRY.c.key == "k").values(fails=held + 1))


def test_threads_that_read_and_write_keep_every_update(row: str) -> None:
    def turns(_hand: int) -> None:
        for _ in range(TURNS):
            with db.transaction() as session:
                add(session)

    assert row
    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(turns, range(HANDS)))
    assert fails() == HANDS * TURNS


@pytest.mark.processes
def test_processes_that_read_and_write_sqlite_keep_every_update(sqlite_url: str) -> None:
    db.bind(sqlite_url)
    with db.transaction() as session:
        session.execute(TRY.delete())
        session.execute(TRY.insert(), {"key": "k", "fails": 0, "until": AT})
    words = [sys.executable, "-c", ADD, sqlite_url, str(TURNS)]
    running = [subprocess.Popen(words) for _ in range(HANDS)]
    assert [one.wait(120) for one in running] == [0] * HANDS
    assert fails() == HANDS * TURNS


def test_an_error_takes_all_of_it_back(row: str) -> None:
    assert row
    with pytest.raises(ZeroDivisionError):
        _break_off()
    assert fails() == 0


def _break_off() -> None:
    with db.transaction() as session:
        add(session)
        raise ZeroDivisionError


def test_on_sqlite_a_writer_begins_at_once_and_a_reader_does_not_wait(sqlite_url: str) -> None:
    db.bind(sqlite_url)
    with db.transaction() as session:
        session.execute(TRY.delete())
        session.execute(TRY.insert(), {"key": "k", "fails": 7, "until": AT})
    seen: list[int] = []
    with db.transaction() as session:
        session.execute(sa.update(TRY).values(fails=8))
        reader = threading.Thread(target=lambda: seen.append(fails()))
        reader.start()
        reader.join(5)
        assert seen == [7]
    assert fails() == 8


@pytest.mark.parametrize(("pragma", "value"), [
    ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30000),
])  # fmt: skip
def test_sqlite_is_made_safe(sqlite_url: str, pragma: str, value: object) -> None:
    db.bind(sqlite_url)
    with db.reading() as session:
        assert session.execute(sa.text(f"PRAGMA {pragma}")).scalar() == value


def test_moments_come_back_aware_and_the_same_whatever_zone_they_went_in(row: str) -> None:
    assert row
    here = AT.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=7)
    with db.transaction() as session:
        session.execute(sa.update(TRY).values(until=here))
    with db.reading() as session:
        found = session.execute(sa.select(TRY.c.until)).scalar_one()
    assert (found, found.utcoffset()) == (AT + timedelta(microseconds=7), timedelta())


def test_one_statement_is_its_own_transaction(row: str) -> None:
    assert row
    with db.statement() as connection:
        connection.execute(sa.update(TRY).values(fails=5))
    assert fails() == 5


def test_an_error_never_prints_what_was_bound(row: str) -> None:
    assert row
    with pytest.raises(sa.exc.DBAPIError) as wrong, db.transaction() as session:
        session.execute(TRY.insert(), {"key": "k", "fails": 0, "until": AT, "note": None} | {"key": "k"})
    assert "SQL parameters hidden" in str(wrong.value)


def test_asking_before_binding_is_a_programmers_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_bound", {})
    with pytest.raises(RuntimeError, match="bind"):
        db.engine()


@pytest.mark.parametrize("table", ["ticket", "clock", "alarm", "outbox", "callback", "assignment", "caller", "notice"])
def test_region_stands_first_in_the_indexes_of_what_grows(table: str) -> None:
    for index in METADATA.tables[table].indexes:
        first = next(iter(index.columns)).name
        assert first in {"region", "ticket_id"}, index.name
