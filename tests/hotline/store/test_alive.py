"""What has stopped in the background, as it stands in the database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline.store import alive, db
from hotline.store.ids import new_id
from hotline.store.outbox import TRIES
from hotline.store.schema import METADATA

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _empty(database_url: str) -> None:
    db.bind(database_url)
    with db.transaction() as session:
        for name in ("outbox", "beat", "trouble"):
            session.execute(METADATA.tables[name].delete())


def put(table: str, **row: Any) -> None:
    with db.transaction() as session:
        session.execute(METADATA.tables[table].insert(), row)


def event(minutes: float, **more: Any) -> None:
    at = NOW - minutes * MINUTE
    row = {"id": new_id(at), "region": "r", "ticket_id": UUID(int=1), "number": "n", "move": "receive", "at": at}
    put("outbox", **row | {"tries": 0, "error": ""} | more)


def silent() -> str:
    with db.reading() as session:
        return alive.silent(session, NOW)


def test_nothing_has_stopped_where_nothing_waits_and_rounds_beat() -> None:
    assert silent() == ""
    put("beat", boot="one", at=NOW - 90 * MINUTE, steady=1.0)
    put("beat", boot="two", at=NOW - MINUTE, steady=1.0)
    event(4)
    event(60, done_at=NOW)
    event(60, tries=TRIES)
    assert silent() == ""


def test_rounds_that_beat_no_more_and_events_left_undone_are_told() -> None:
    put("beat", boot="one", at=NOW - 7 * MINUTE, steady=1.0)
    event(6)
    assert silent() == "巡查（hotline rounds）已停 7 分钟；后台处理（hotline work）没有跟上：1 件超过 5 分钟未处理"


def test_rounds_that_hold_say_so_themselves() -> None:
    put("beat", boot="one", at=NOW - 7 * MINUTE, steady=1.0)
    put("trouble", region="r", kind="hold", key=UUID(int=1), at=NOW, says="", number="")
    assert silent() == ""
