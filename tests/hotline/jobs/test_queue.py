"""A real Valkey and a real RQ worker: events reach the work; a queue that forgets is told again."""

import zlib

import pytest
import redis

from dispatch.lifecycle import State
from hotline import settings
from hotline.jobs import queue, relay, rounds, work
from hotline.settings import Settings
from tests.cast import MINUTE, NOW, RUBBISH, Office

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def line(redis_url: str) -> redis.Redis:
    """The queue's server, empty."""
    server = redis.Redis.from_url(redis_url)
    server.flushall()
    return server


@pytest.fixture
def given(database_url: str, redis_url: str, tmp_path: object) -> Settings:
    """Settings that name both."""
    plain = database_url.replace("sqlite+pysqlite", "sqlite").replace("postgresql+psycopg", "postgresql")
    return settings.load({"HOTLINE_HOME": str(tmp_path), "HOTLINE_DATABASE_URL": plain, "HOTLINE_REDIS_URL": redis_url})


def burst(given: Settings) -> None:
    """Let a worker do all that is in the queue."""
    queue.work(given, burst=True)


@pytest.mark.processes
def test_from_outbox_to_notice_through_a_real_queue(office: Office, given: Settings, line: redis.Redis) -> None:
    number = office.received(area=RUBBISH)
    assert rounds.relay_turn(lambda ids: queue.wake(line, ids)) == 1
    assert office.see(number).state == "received"
    burst(given)
    assert office.see(number).state == "routed"
    assert rounds.relay_turn(lambda ids: queue.wake(line, ids)) == 1
    burst(given)
    assert [row.unit for row in office.rows("notice")] == ["hwzx"]
    assert line.llen("rq:queue:now") == 0
    line.close()


@pytest.mark.processes
def test_a_queue_that_lost_everything_is_told_again(office: Office, given: Settings, line: redis.Redis) -> None:
    number = office.received(area=RUBBISH)
    relay.turn(lambda ids: queue.wake(line, ids), NOW)
    line.flushall()
    burst(given)
    assert office.see(number).state == "received"
    assert relay.turn(lambda ids: queue.wake(line, ids), NOW + MINUTE / 2) == 0
    assert relay.turn(lambda ids: queue.wake(line, ids), NOW + 2 * MINUTE) == 1
    burst(given)
    assert office.see(number).state == "routed"
    line.close()


@pytest.mark.processes
def test_told_twice_it_is_done_once(office: Office, given: Settings, line: redis.Redis) -> None:
    office.ticket(State.ROUTED)
    for wait in (0, 2):
        relay.turn(lambda ids: queue.wake(line, ids), NOW + wait * MINUTE)
    assert line.llen("rq:queue:now") == 2
    burst(given)
    assert len(office.rows("notice")) == 1
    line.close()


def test_jobs_carry_ids_as_json_and_nothing_of_the_matter(office: Office, line: redis.Redis) -> None:
    office.received(text="王芳住在三单元", phone="13800001234")
    relay.turn(lambda ids: queue.wake(line, ids), NOW)
    held = b"".join(value for key in line.scan_iter("rq:job:*") for value in line.hgetall(key).values())
    assert "王芳".encode() not in held
    assert b"13800001234" not in held
    assert office.rows("outbox")[0].id.hex.encode() in _inflated(line)
    line.close()


def _inflated(line: redis.Redis) -> bytes:
    (key,) = line.scan_iter("rq:job:*")
    data = line.hget(key, "data")
    assert isinstance(data, bytes)
    return data if data.startswith(b"[") else zlib.decompress(data)


def test_a_queue_that_is_down_is_no_reason_to_wait(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    number = office.received(area=RUBBISH)
    nobody = redis.Redis.from_url(NOWHERE, socket_connect_timeout=0.2)
    assert rounds.relay_turn(lambda ids: queue.wake(nobody, ids)) == 1
    assert office.see(number).state == "routed"
    assert rounds.relay_turn(lambda ids: queue.wake(nobody, ids)) == 1
    assert [row.unit for row in office.rows("notice")] == ["hwzx"]
    assert "the queue does not answer" in caplog.text
    nobody.close()


def test_the_job_named_in_the_queue_is_the_work() -> None:
    module, _, name = queue.EVENTS_JOB.rpartition(".")
    assert (module, getattr(work, name)) == (work.__name__, work.events)
