"""The chain of a ticket's history: sound as written, and every way of altering it is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatch.roles import Role
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.flow import receive, triage
from hotline.flow.oversight import audit
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store import db, numbers
from hotline.wire.tickets import NewTicket

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
SAMPLE = Path(cities.__file__).parent / "sample" / "city"


@pytest.fixture
def history(database_url: str) -> tuple[City, list[str]]:
    db.bind(database_url)
    with db.transaction() as session:
        for table in ("ticket", "entry", "intake_key", "outbox", "clock", "assignment", "edition"):
            session.execute(sa.text(f"DELETE FROM {table}"))
        city = cities.apply(session, rulefiles.read_folder(SAMPLE), "test", NOW)
    taken = numbers.take(city.region, city.short, city.day(NOW), 3)
    seal, agent = Seal(b"0" * 32), Actor("hua01", Role.AGENT)
    texts = ("路灯不亮", "井盖松动", "垃圾没人清运")
    arrivals = [
        receive.arrive(city, seal, NewTicket(text=text, area="0101", unit="cgj"), agent, NOW, number)
        for text, number in zip(texts, taken, strict=True)
    ]
    with db.transaction() as session:
        receive.put(session.connection(), arrivals)
        triage.batch(session, city, [receive.ticket_of(one) for one in arrivals], NOW)
    return city, taken


def _verdict(city: City) -> audit.Verdict:
    with db.reading() as session:
        return audit.verify(session, city)


def test_what_was_written_follows(history: tuple[City, list[str]]) -> None:
    city, taken = history
    assert _verdict(city) == audit.Verdict(tickets=len(taken), lines=9, breaks=[])


@pytest.mark.parametrize(("statement", "seq", "what"), [
    ("UPDATE entry SET note = '改过' WHERE seq = 2 AND ticket_id = :id",    2, "这一条记录被改动过"),
    ("UPDATE entry SET actor = '别人' WHERE seq = 1 AND ticket_id = :id",   1, "这一条记录被改动过"),
    ("DELETE FROM entry WHERE seq = 2 AND ticket_id = :id",                 2, "缺少这一条记录"),
    ("DELETE FROM entry WHERE seq = 3 AND ticket_id = :id",                 3, "末尾的记录被删去"),
    ("DELETE FROM entry WHERE ticket_id = :id",                             1, "缺少这一条记录"),
])  # fmt: skip
def test_an_altered_history_is_named(history: tuple[City, list[str]], statement: str, seq: int, what: str) -> None:
    city, taken = history
    with db.transaction() as session:
        which = session.execute(sa.text("SELECT id FROM ticket WHERE number = :n"), {"n": taken[1]}).scalar_one()
        session.execute(sa.text(statement), {"id": which})
    assert _verdict(city).breaks == [audit.Break(number=taken[1], seq=seq, what=what)]
