"""The brake of the citizen's page on both engines: many at once are no more than one, and what is old is forgotten."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hotline.jobs import rounds
from hotline.store import db, guesses
from hotline.store.schema import METADATA
from hotline.web.pages.slow import PER_TICKET, Brake, Limit
from tests.servers import only

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
GUESS = METADATA.tables["guess"]
HOME, NUMBER = "203.0.113.7", "SL20261118000018"


@pytest.fixture(autouse=True)
def fresh(database_url: str) -> Iterator[None]:
    """A database nobody has guessed in."""
    db.bind(database_url)
    with db.transaction() as session:
        session.execute(sa.delete(GUESS))
    yield
    db.engine().dispose()


def guess(network: str = HOME, number: str = NUMBER, at: datetime = NOW) -> bool:
    """Guess wrong; say whether the guess was looked at."""
    brake = Brake(network, number, at)
    if brake.wait():
        return False
    brake.wrong()
    return True


def test_a_limit() -> None:
    limit = Limit(free=2, longest=timedelta(minutes=5), kept=timedelta(days=1))
    assert [limit.wait(fails, 2) / timedelta(minutes=1) for fails in (0, 1, 2, 3, 4, 5, 6, 99)] == [
        0, 0, 1, 2, 4, 5, 5, 5,
    ]  # fmt: skip


def test_many_at_once_are_no_more_than_one() -> None:
    for _ in range(PER_TICKET.free - 1):
        assert guess()
    looked: list[bool] = []
    start = threading.Barrier(12)

    def one() -> None:
        start.wait()
        looked.append(guess())

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(looked) == [False] * 11 + [True]
    assert not guess(at=NOW + timedelta(seconds=59))
    assert guess(at=NOW + timedelta(seconds=61))


def test_it_outlives_the_process_and_is_shared_by_all(database_url: str) -> None:
    for _ in range(PER_TICKET.free):
        guess()
    db.bind(database_url)  # another process
    assert Brake(HOME, NUMBER, NOW).wait() == 1
    assert Brake("203.0.113.8", NUMBER, NOW).wait() == 0


def test_a_day_later_all_is_forgotten_and_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(PER_TICKET.free):
        guess()
    later = NOW + timedelta(days=1, minutes=1)
    assert Brake(HOME, NUMBER, later).wait() == 0
    monkeypatch.setattr(rounds.clock, "now", lambda: later)
    assert rounds.forgive() == 3
    assert rounds.forgive() == 0


def test_what_is_forgotten_is_counted_anew() -> None:
    for _ in range(PER_TICKET.free):
        guess()
    later = NOW + timedelta(days=2)
    assert [guess(at=later) for _ in range(PER_TICKET.free + 1)] == [True] * PER_TICKET.free + [False]


@only("postgres")  # SQLite has one writer
def test_sweeping_waits_for_nobody(database_url: str) -> None:
    guess()
    with db.transaction() as held:
        guesses.wrong_guesses(held, [held_key(held)], NOW, lock=True)
        with db.transaction() as session:
            assert guesses.forget(session, NOW + timedelta(days=2)) == 2


def held_key(session: object) -> str:
    found: str = session.execute(sa.select(GUESS.c.key).order_by(GUESS.c.key).limit(1)).scalar_one()
    return found
