"""An installation older than the index gets it: the newest first, as often as one likes; what joined stays outside."""

import pytest

from dispatch.lifecycle import State
from hotline.flow import reindex
from hotline.store import db
from hotline.store.ids import first_id
from hotline.store.schema import METADATA
from tests.cast import DAY, MINUTE, NOW, RUBBISH, Office

TEXT = "锦绣里小区北门的垃圾桶四天没有人来清运了，气味很大"


def rebuilt(office: Office) -> list[int]:
    """Return how many tickets entered in each batch."""
    before, counts = first_id(NOW + 30 * DAY), []
    while True:
        with db.transaction() as session:
            step, count = reindex.older(session, office.city, before, NOW + DAY)
        if step is None:
            return counts
        before = step
        counts.append(count)


def index(office: Office) -> set[tuple[object, ...]]:
    return {tuple(row) for row in office.rows("signature")}


def test_what_triage_would_have_written_is_written(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindex, "INDEXED_A_TURN", 2)
    said = {"text": TEXT, "area": RUBBISH, "phone": "13800001234"}
    office.triaged(NOW, **said)
    assert office.see(office.triaged(NOW + MINUTE, **said)).state == State.JOINED
    office.ticket(State.CLOSED)
    office.triaged(NOW - 400 * DAY)
    written = index(office)
    with db.transaction() as session:
        assert not reindex.missing(session, office.city)
        session.execute(METADATA.tables["signature"].delete())
        assert reindex.missing(session, office.city)
    assert rebuilt(office) == [1, 1]
    first = index(office)
    assert first < written
    assert len({row[3] for row in first}) == 2
    assert rebuilt(office) == [1, 1]
    assert index(office) == first


def test_an_empty_office_misses_nothing(office: Office) -> None:
    assert rebuilt(office) == []
    with db.reading() as session:
        assert not reindex.missing(session, office.city)
