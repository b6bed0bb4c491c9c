"""The database engine, and transactions for reading and writing.

The edge (a request, a job, a command) opens one; nobody below commits.

SQLite is made safe for several processes: WAL, full synchronous commits, and every write transaction BEGIN IMMEDIATE
(the driver's default loses concurrent updates without an error).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from hotline.errors import Crowded

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

PATIENCE = 30.0  # seconds a job or a command waits for the writer
HURRY = 0.05  # seconds what may as well be written later waits for it
TURN = 0.25  # seconds somebody may wait for a place among the writers
_bound: dict[str, Engine] = {}
_writers: dict[str, BoundedSemaphore] = {}


def connect(url: str, patience: float = PATIENCE) -> Engine:
    """Return an engine for `url`, SQLite made safe, parameters never printed in an error.

    patience  seconds a transaction waits for others' locks; where it is not said, PostgreSQL's own way holds
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        said = {"options": f"-c lock_timeout={int(patience * 1000)}"} if patience != PATIENCE else {}
        given = {} if "options" in parsed.query else said
        return sa.create_engine(
            parsed, hide_parameters=True, pool_size=16, max_overflow=16, pool_timeout=10, connect_args=given
        )
    threads = {"timeout": patience, "check_same_thread": False}
    engine = sa.create_engine(parsed, hide_parameters=True, pool_size=16, max_overflow=16, connect_args=threads)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "connect", lambda raw, _: _wait_at_most(raw, patience))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def bind(url: str, *, patience: float = PATIENCE, writers: int | None = None) -> Engine:
    """Make `url` the database of this process; a former one is closed.

    patience  as in `connect`
    writers   so many threads at most write, or wait to: however stuck the writer is, the others go on reading
    """
    if "engine" in _bound:
        _bound.pop("engine").dispose()
    _bound["engine"] = connect(url, patience)
    _writers.clear()
    if writers is not None:
        _writers["places"] = BoundedSemaphore(writers)
    return _bound["engine"]


def engine() -> Engine:
    """Return this process's engine.  RuntimeError if `bind` was not called: that is a programmer's error."""
    if "engine" not in _bound:
        raise RuntimeError("hotline.store.db.bind(url) has not been called")
    return _bound["engine"]


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a writing transaction: commits at the end, rolls all of it back on any exception.

    raises  Crowded where as many as may already write or wait
    """
    places = _writers.get("places")
    if places is not None and not places.acquire(timeout=TURN):
        raise Crowded
    try:
        with Session(engine(), expire_on_commit=False) as db, db.begin():
            yield db
    finally:
        if places is not None:
            places.release()


def when_free(work: Callable[[Session], object]) -> bool:
    """Do in a transaction what may as well be done later; return whether it was done.

    For what a reading leaves behind (who was seen, what was read): it waits for nobody, and a full disk, a stuck writer
    or a database that takes no writes stops no page.
    """
    try:
        with Session(_in_a_hurry(), expire_on_commit=False) as db, db.begin():
            if engine().dialect.name == "postgresql":
                db.execute(sa.text(f"SET LOCAL lock_timeout = {int(HURRY * 1000)}"))
            work(db)
    except (SQLAlchemyError, Crowded):
        return False
    return True


@contextmanager
def reading() -> Iterator[Session]:
    """Open a transaction that only reads: on SQLite it does not queue behind the writer."""
    with Session(engine().execution_options(hotline_reads=True), expire_on_commit=False) as db, db.begin():
        yield db


@contextmanager
def statement() -> Iterator[Connection]:
    """Open a connection for ONE statement that is its own transaction (PostgreSQL: one round trip)."""
    if engine().dialect.name == "sqlite":
        with engine().begin() as connection:
            yield connection
    else:
        with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection


def upgrade(url: str) -> None:
    """Bring the schema of `url` to the newest migration."""
    owner = connect(url)
    with owner.begin() as connection:
        command.upgrade(_alembic(connection), "head")
    owner.dispose()


def schema_state(url: str) -> tuple[str | None, str | None]:
    """Return (revision in the database, newest revision in the code)."""
    owner = connect(url)
    with owner.execution_options(hotline_reads=True).connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    owner.dispose()
    return current, ScriptDirectory.from_config(_alembic(None)).get_current_head()


def _alembic(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # we begin transactions ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")
    raw.create_function("sha256_hex", 1, _sha256, deterministic=True)


def _wait_at_most(raw: Any, seconds: float) -> None:
    raw.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def _in_a_hurry() -> Engine:
    return engine().execution_options(hotline_hurries=True)


def _begin_sqlite(connection: Connection) -> None:
    """Begin; who hurries waits for the writer a moment only, and leaves the connection as patient as it was."""
    options = connection.get_execution_options()
    if not options.get("hotline_hurries", False):
        connection.exec_driver_sql("BEGIN" if options.get("hotline_reads", False) else "BEGIN IMMEDIATE")
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    patient = raw.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
    _wait_at_most(raw, HURRY)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        _wait_at_most(raw, patient)
