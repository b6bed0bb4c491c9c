"""The engine and the transaction.  The edge (a request, a job, a command) opens one; nobody below commits.

SQLite is made safe for several processes: WAL, full synchronous commits, and every write transaction BEGIN IMMEDIATE
(the driver's default loses concurrent updates without an error).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_bound: dict[str, Engine] = {}


def connect(url: str) -> Engine:
    """Return an engine for `url`, SQLite made safe, parameters never printed in an error."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, hide_parameters=True, pool_size=16, max_overflow=16, pool_timeout=10)
    threads = {"timeout": 30, "check_same_thread": False}
    engine = sa.create_engine(parsed, hide_parameters=True, pool_size=16, max_overflow=16, connect_args=threads)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def bind(url: str) -> Engine:
    """Make `url` the database of this process; a former one is closed."""
    if "engine" in _bound:
        _bound.pop("engine").dispose()
    _bound["engine"] = connect(url)
    return _bound["engine"]


def engine() -> Engine:
    """Return this process's engine.  RuntimeError if `bind` was not called: that is a programmer's error."""
    if "engine" not in _bound:
        raise RuntimeError("hotline.store.db.bind(url) has not been called")
    return _bound["engine"]


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a writing transaction: commits at the end, rolls all of it back on any exception."""
    with Session(engine(), expire_on_commit=False) as db, db.begin():
        yield db


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
    with owner.connect() as connection:
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
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")
    raw.create_function("sha256_hex", 1, _sha256, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("hotline_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
