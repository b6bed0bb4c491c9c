"""An event read from its row names a move of the table, or is refused."""

import pytest
import sqlalchemy as sa

from dispatch.lifecycle import Move, State
from hotline.jobs import work
from hotline.store import db, outbox
from hotline.store.schema import METADATA
from tests.cast import Office

OUTBOX = METADATA.tables["outbox"]


def rows() -> list[sa.RowMapping]:
    with db.reading() as session:
        return list(session.execute(sa.select(OUTBOX).order_by(OUTBOX.c.id)).mappings())


def test_the_move_of_an_event_is_one_of_the_table(office: Office) -> None:
    office.ticket(State.ROUTED)
    found = [outbox.read_event(row).move for row in rows()]
    assert found
    assert all(isinstance(move, Move) for move in found)


def test_an_unknown_move_fails_alone_and_says_so(office: Office) -> None:
    office.ticket(State.SIGNED)
    bad, *others = rows()
    with db.transaction() as session:
        session.execute(sa.update(OUTBOX).values(done_at=None))
        session.execute(sa.update(OUTBOX).where(OUTBOX.c.id == bad["id"]).values(move="fly"))
    with pytest.raises(ValueError, match="fly"):
        outbox.read_event(rows()[0])
    assert work.events([row["id"].hex for row in rows()]) == len(others)
    left = [row for row in rows() if row["done_at"] is None]
    assert [(row["id"], row["tries"]) for row in left] == [(bad["id"], 1)]
    assert "fly" in left[0]["error"]
