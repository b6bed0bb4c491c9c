"""Each finished week is counted once by area; what a person settled otherwise is a correction; alarms are told."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from hotline.flow.learning import drifting
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import DAY, DISPATCHER, LAMP, MINUTE, NOW, RUBBISH, Office
from tests.hotline.flow import lessons

DRIFT = METADATA.tables["drift"]
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def model(office: Office) -> Iterator[None]:
    lessons.keep(office, lessons.model("one", NOW))
    office.city = lessons.city()
    yield
    lessons.forget(office)


def turn(office: Office, at: object) -> int:
    with db.transaction() as session:
        return drifting.turn(session, office.city, at)


def test_a_week_is_named_as_iso_8601_names_it() -> None:
    assert [drifting.week_of(day) for day in (date(2026, 11, 18), date(2027, 1, 1), date(2026, 1, 1))] == [
        "2026-W47", "2026-W53", "2026-W01",
    ]  # fmt: skip


def test_a_finished_week_is_counted_once(office: Office) -> None:
    right = office.triaged(area=RUBBISH, title="垃圾桶满溢", text="小区垃圾桶满溢没人清运，生活垃圾堆着")
    wrong = office.triaged(area="", title="垃圾桶满溢", text="小区垃圾桶满溢没人清运，生活垃圾又堆着")
    odd = office.triaged(area="", text="一二三四五六七")
    office.do("classify", wrong, DISPATCHER, NOW + MINUTE, area=LAMP)
    guess = {row.ticket_id: row.facts["guess"] for row in office.rows("entry", move="classify", actor="clockwork")}
    assert guess[office.see(right).id] == RUBBISH
    assert (turn(office, NOW), turn(office, NOW + WEEK), turn(office, NOW + WEEK)) == (0, 3, 0)
    with db.reading() as session:
        found = {one.area: one for one in drifting.weeks(session, office.city) if one.week == "2026-W47"}
    assert (found[""].n, found[""].corrected, found[""].abstained) == (3, 1, 1)
    assert (found[LAMP].n, found[LAMP].corrected) == (1, 1)
    assert (found[RUBBISH].n, found[RUBBISH].corrected) == (1, 0)
    assert office.see(odd).area == ""
    assert 0 <= found[""].unknown < found[""].grams


def test_a_share_that_rose_is_told_to_administrators_once(office: Office) -> None:
    rows = [
        {"region": office.city.region, "week": f"2026-W{week}", "area": "", "n": 300, "abstained": 3, "corrected": 0,
         "grams": 1000, "unknown": 0}
        for week in range(40, 47)
    ]  # fmt: skip
    with db.transaction() as session:
        session.execute(DRIFT.insert(), rows)
    for _ in range(30):
        office.triaged(area=RUBBISH)
    assert (turn(office, NOW + WEEK), turn(office, NOW + WEEK + DAY)) == (30, 0)
    told = office.rows("notice", kind="drift")
    assert {row.login for row in told} == {"@admin"}
    assert any("拿不准的比例" in row.text for row in told)
