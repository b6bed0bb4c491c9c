"""Whoever can write into the queue's server can call nothing there: two functions are ours, all else is set aside."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from rq import Callback, Queue
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from hotline import settings
from hotline.jobs import queue, rounds
from hotline.settings import Settings
from tests.cast import RUBBISH, Office

pytestmark = pytest.mark.processes
MARK = f"{__name__}.mark"
marks: list[str] = []
Forge = Callable[[Queue], Any]


def mark(*_: object, **__: object) -> None:
    """Leave a mark."""
    marks.append("called")


@pytest.fixture(autouse=True)
def unmarked() -> None:
    """Nothing has been called yet."""
    marks.clear()


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


def raw(job: Job, **fields: str) -> Job:
    """Write fields of a job as no program of ours would."""
    job.connection.hset(job.key, mapping=fields)
    return job


def abandoned(where: Queue) -> Job:
    """A job that seems to have been left by a dead worker: the cleaning calls its failure callback."""
    job = Job.create(
        queue.EVENTS_JOB, args=[[]], connection=where.connection, serializer=JSONSerializer, origin=where.name,
        on_failure=Callback(MARK), status="started",
    )  # fmt: skip
    job.save()
    where.connection.zadd(f"rq:wip:{where.name}", {f"{job.id}:execution": datetime(2026, 1, 1, tzinfo=UTC).timestamp()})
    return job


FORGED: dict[str, Forge] = {
    "function": lambda where: where.enqueue_call(MARK, result_ttl=0, failure_ttl=0),
    "builtin": lambda where: where.enqueue_call("builtins.exec", args=[f"import {__name__} as t; t.mark()"]),
    "named in ours": lambda where: where.enqueue_call(f"{queue.EVENTS_JOB}.__globals__", args=[[]]),
    "keywords": lambda where: where.enqueue_call(queue.EVENTS_JOB, kwargs={"ids": []}),
    "method": lambda where: raw(
        where.enqueue_call(queue.EVENTS_JOB, args=[[]]), data=json.dumps(["upper", "text", [], {}])
    ),
    "method of ours": lambda where: raw(
        where.enqueue_call(queue.EVENTS_JOB, args=[[]]), data=json.dumps([queue.EVENTS_JOB, {"a": 1}, [[]], {}])
    ),
    "after success": lambda where: where.enqueue_call(queue.EVENTS_JOB, args=[[]], on_success=Callback(MARK)),
    "after failure": lambda where: where.enqueue_call(queue.EVENTS_JOB, args=[["x"]], on_failure=Callback(MARK)),
    "failure of another": lambda where: where.enqueue_call("os.getpid", on_failure=Callback(MARK)),
    "webhook": lambda where: raw(
        where.enqueue_call(queue.EVENTS_JOB, args=[[]]),
        webhooks=json.dumps([{"url": "http://127.0.0.1:1/", "job_status": "finished"}]),
    ),
    "no data": lambda where: raw(where.enqueue_call(queue.EVENTS_JOB, args=[[]]), data="\x00\x01"),
    "abandoned": abandoned,
}


@pytest.mark.parametrize("kind", FORGED)
def test_what_is_not_ours_is_set_aside(
    office: Office, given: Settings, line: redis.Redis, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    where = Queue("now", connection=line, serializer=JSONSerializer)
    job = FORGED[kind](where)
    number = office.received(area=RUBBISH)
    assert rounds.relay_turn(lambda ids: queue.wake(line, ids)) == 1
    queue.work(given, burst=True)
    assert marks == []
    assert line.llen("rq:queue:now") == 0
    failed = FailedJobRegistry(queue=where)
    assert failed.get_job_ids() == [job.id]
    assert office.see(number).state == "routed"  # ours behind it is done
    line.close()


@pytest.mark.parametrize("fields", [
    {"result_ttl": "soon"}, {"created_at": "once"}, {"timeout": "long"}, {"status": "elsewhere"},
    {"dependency_ids": "{"}, {"success_callback_timeout": "x"},
])  # fmt: skip
def test_what_cannot_be_read_ends_no_worker(
    office: Office, given: Settings, line: redis.Redis, fields: dict[str, str]
) -> None:
    where = Queue("now", connection=line, serializer=JSONSerializer)
    raw(where.enqueue_call(MARK), **fields)
    number = office.received(area=RUBBISH)
    rounds.relay_turn(lambda ids: queue.wake(line, ids))
    queue.work(given, burst=True)
    assert marks == []
    assert office.see(number).state == "routed"
    line.close()
