"""Long work gives way where others write meanwhile, and goes on at full speed where nobody does."""

import sqlite3
import time

import pytest
import sqlalchemy as sa

from hotline.store import db, yielding
from hotline.store.yielding import FEWEST, LONGEST_REST, Pace

WRITE = "INSERT INTO number_block (region, day, next) VALUES ('{}', '20260101', 1)"


def by_another(name: str) -> None:
    """Write as another process does."""
    line = sqlite3.connect(str(db.engine().url.database), timeout=30)
    line.execute(WRITE.format(name))
    line.commit()
    line.close()


def turn(pace: Pace, name: str, other: str = "") -> None:
    pace.mark()
    if other:
        by_another(other)
    with pace.turn(), db.transaction() as session:
        session.execute(sa.text(WRITE.format(name)))


def test_it_rests_only_where_somebody_else_has_written(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(time, "sleep", rests.append)
    db.bind(sqlite_url)
    pace = Pace()
    turn(pace, "a")
    turn(pace, "b")
    assert (pace.crowded, rests) == (False, [])
    turn(pace, "d", "c")
    assert pace.crowded
    assert len(rests) == 1
    assert FEWEST <= rests[0] <= LONGEST_REST
    monkeypatch.setattr(yielding, "REMEMBERED", 0.0)
    turn(pace, "e")
    assert (pace.crowded, len(rests)) == (False, 1)
    pace.close()
    pace.close()


def test_on_postgresql_nobody_rests(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("rested"))
    db.bind(postgres_url)
    pace = Pace()
    turn(pace, "a")
    with db.transaction() as session:
        session.execute(sa.text(WRITE.format("b")))
    turn(pace, "c")
    assert not pace.crowded
    pace.close()
