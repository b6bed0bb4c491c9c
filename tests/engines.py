"""One memory for all engines of a run: what one has compiled, the next need not compile again.

Every module has a database of its own and so engines of its own; SQLAlchemy keeps compiled statements by the engine and
by the identity of its dialect, and the same few hundred statements would be compiled hundreds of times.
"""

from collections.abc import Set as AbstractSet
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlmodel import Session

from hotline.store import db
from hotline.store.schema import METADATA

STATEMENTS = 4000
_compiled: Any = sa.util.LRUCache(STATEMENTS)
_connect = db.connect


def connect(url: str, *how: Any, **more: Any) -> Engine:
    """Return the product's engine, with the memory of all."""
    engine = _connect(url, *how, **more)
    engine._compiled_cache = _compiled
    return engine


def share() -> None:
    """From now on dialects of one kind are equal, as they are in all that they compile."""
    DefaultDialect.__hash__ = lambda self: hash(type(self))
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)
    db.connect = connect


def empty(session: Session, but: AbstractSet[str]) -> None:
    """Delete what all tables but these hold, on PostgreSQL in one message."""
    line = session.connection(execution_options={"no_parameters": True})
    words = [f'DELETE FROM "{table.name}"' for table in METADATA.sorted_tables if table.name not in but]
    for one in words if line.dialect.name == "sqlite" else ["; ".join(words)]:
        line.exec_driver_sql(one)
