"""The tickets of the last days on trial: which are read, in how many statements, and that nothing is written."""

import sqlalchemy as sa

from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.flow.editions import trial
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import DAY, HOUR, LAMP, NOW, RUBBISH, SAMPLE, Office, counted


def other() -> City:
    """Return rules by which rubbish is another unit's, and the result is due sooner."""
    files = rulefiles.read_folder(SAMPLE)
    files["duty.csv"] = files["duty.csv"].replace("D003,010101,,hwzx", "D003,010101,,cgj")
    files["promises.toml"] = files["promises.toml"].replace('after = "route"\ndays = 7', 'after = "route"\ndays = 5')
    return cities.build(files)


def everything() -> dict[str, list[object]]:
    with db.reading() as session:
        return {name: list(session.execute(sa.select(table))) for name, table in METADATA.tables.items()}


def test_the_tickets_of_the_last_days_by_new_rules(office: Office) -> None:
    office.triaged(NOW - 10 * DAY)
    numbers = [office.triaged(NOW - n * HOUR, area=area) for n, area in enumerate((RUBBISH, RUBBISH, LAMP), 1)]
    before, steps = everything(), list[int]()
    with counted(office.engine) as sent, db.reading() as session:
        found = trial.run(session, office.city, other(), NOW, 5, moved=steps.append)
    assert len(sent) == 1
    assert everything() == before
    assert (found.tickets, found.counts, steps) == (3, {"unit": 2, "due": 3, "rungs": 0}, [1, 2, 3])
    assert [one.number for one in found.examples["due"]] == numbers  # the newest first
    assert found.examples["due"][0].before.startswith("报结果2026-11-25 24:00")
    with db.reading() as session:
        assert trial.size(session, office.city, NOW, 5) == 3
        assert trial.run(session, office.city, other(), NOW, 30, most=2).tickets == 2
        assert trial.run(session, office.city, office.city, NOW, 30).counts == {"unit": 0, "due": 0, "rungs": 0}


def test_the_cost_in_statements_does_not_follow_the_tickets(office: Office) -> None:
    for n in range(25):
        office.received(NOW - n * HOUR, area=RUBBISH)
    with counted(office.engine) as sent, db.reading() as session:
        assert trial.run(session, office.city, other(), NOW, 5).tickets == 25
    assert len(sent) == 1
