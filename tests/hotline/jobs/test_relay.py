"""Outbox -> queue: every event at least once, whatever the queue loses."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from redis.exceptions import ConnectionError as RedisConnectionError

from dispatch.lifecycle import State
from hotline.jobs import relay
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import DAY, MINUTE, NOW, Office, counted

OUTBOX = METADATA.tables["outbox"]


class Ear:
    """A queue that hears; or one that stops answering after so many calls."""

    def __init__(self, deaf_after: int = 10**6) -> None:
        self.heard: list[list[str]] = []
        self._left = deaf_after

    def __call__(self, ids: list[str]) -> None:
        if self._left <= 0:
            raise RedisConnectionError("queue down")
        self._left -= 1
        self.heard.append(ids)


def _events(office: Office, count: int) -> None:
    office.put([office.arrival() for _ in range(count)])


def test_what_waits_is_told_once_in_order(office: Office) -> None:
    _events(office, 3)
    ear = Ear()
    assert relay.turn(ear, NOW) == 3
    assert ear.heard == [[row.id.hex for row in office.rows("outbox")]]
    assert {row.sent_at for row in office.rows("outbox")} == {NOW}
    assert relay.turn(ear, NOW + MINUTE / 2) == 0


def test_moves_nothing_follows_are_done_without_the_queue(office: Office) -> None:
    office.ticket(State.SIGNED)
    ear = Ear()
    assert relay.turn(ear, NOW) == 2
    done = {row.move: row.done_at for row in office.rows("outbox")}
    assert done == {"receive": None, "classify": NOW, "route": None, "sign": NOW}


def test_a_turn_with_nothing_to_do_is_one_small_read(office: Office) -> None:
    _events(office, 2)
    relay.turn(Ear(), NOW)
    with counted(office.engine) as sent:
        assert relay.turn(Ear(), NOW) == 0
    assert len(sent) == 1


def test_many_events_go_in_batches(office: Office) -> None:
    _events(office, relay.EVENTS_A_JOB + 5)
    ear = Ear()
    assert relay.turn(ear, NOW) == relay.EVENTS_A_JOB + 5
    assert [len(part) for part in ear.heard] == [relay.EVENTS_A_JOB, 5]


def test_a_queue_that_does_not_answer_loses_nothing(office: Office) -> None:
    _events(office, 2)
    with pytest.raises(RedisConnectionError):
        relay.turn(Ear(deaf_after=0), NOW)
    assert {row.sent_at for row in office.rows("outbox")} == {None}
    ear = Ear()
    assert relay.turn(ear, NOW) == 2
    assert len(ear.heard[0]) == 2


def test_a_queue_that_dies_between_batches_has_the_first_and_is_told_the_rest(office: Office) -> None:
    _events(office, relay.EVENTS_A_JOB + 5)
    ear = Ear(deaf_after=1)
    with pytest.raises(RedisConnectionError):
        relay.turn(ear, NOW)
    assert [row.sent_at for row in office.rows("outbox")].count(None) == 5
    again = Ear()
    assert relay.turn(again, NOW) == 5
    assert set(again.heard[0]).isdisjoint(ear.heard[0])


def test_what_was_told_and_not_done_is_told_again_after_a_while(office: Office) -> None:
    _events(office, 1)
    ear = Ear()
    relay.turn(ear, NOW)
    assert relay.turn(ear, NOW + relay.EVENT_AGAIN) == 0
    assert relay.turn(ear, NOW + relay.EVENT_AGAIN + timedelta(seconds=1)) == 1
    assert ear.heard[0] == ear.heard[1]


@pytest.mark.parametrize(("done", "tries", "told"), [(False, 0, 1), (True, 0, 0), (False, 7, 1), (False, 8, 0)])
def test_done_rows_and_those_for_a_person_are_not_told(office: Office, done: bool, tries: int, told: int) -> None:
    _events(office, 1)
    with db.transaction() as session:
        session.execute(sa.update(OUTBOX).values(done_at=NOW if done else None, tries=tries))
    assert relay.turn(Ear(), NOW + DAY) == told
