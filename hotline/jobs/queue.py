"""Redis and RQ: three queues, JSON jobs that carry ids and nothing else.  A worker runs jobs in its own process.

Forking for each job costs 20 ms and a model loaded anew; our jobs are ours, batched and short, so none forks.

Whoever reaches the queue's server can write jobs, and a job names the function it calls.  Ours are two; whatever else
stands there is refused, in every way a job can name something to be called, and set aside with the failed ones.
"""

import logging
from collections.abc import Callable
from typing import Any

import redis
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from hotline import city as cities
from hotline.errors import NoCity
from hotline.settings import Settings
from hotline.store import db as store

NAMES = ("now", "soon", "slow")
TIMEOUT = 180  # seconds a job may take
TRAINING_TIMEOUT = 4 * 3600  # seconds
SLOW = "slow"  # jobs of minutes; where a worker takes only these, the journey never waits for one
WORKER_TTL, MAINTENANCE = 30, 10  # seconds: a dead machine is noticed in about 100; the outbox tells again anyway
EVENTS_JOB = "hotline.jobs.work.events"
TRAINING_JOB = "hotline.jobs.training.train"
OURS = frozenset({EVENTS_JOB, TRAINING_JOB})
SET_ASIDE = 86_400  # seconds a refused job can be looked at
log = logging.getLogger(__name__)


class ForeignJob(Exception):
    """A job that is not one of ours; nothing of it was called."""


class OurJob(Job):
    """A job as it is read back from the server: it calls one of OURS, and nothing before, after or instead."""

    foreign = False

    def restore(self, raw_data: Any) -> Any:
        """Take the stored fields over, but for what else they would have called or asked."""
        try:
            found = super().restore(raw_data)
        except NoSuchJobError:
            raise
        except Exception as broken:  # fields no program of ours writes must not end the worker
            log.warning("job %s cannot be read (%s) and was left where it is", self.id, type(broken).__name__)
            raise NoSuchJobError(self.id) from broken
        self.failure_ttl = SET_ASIDE
        names = ("_success_callback_name", "_failure_callback_name", "_stopped_callback_name")
        self.foreign = bool(self.webhooks) or any(getattr(self, name) for name in names)
        for name in names:
            setattr(self, name, None)
        self.webhooks = []
        return found

    @property
    def func(self) -> Callable[..., Any] | None:
        """The function to call.  raises ForeignJob"""
        if self.foreign or self.func_name not in OURS or self.instance is not None or self.kwargs:
            log.error("job %s is not ours (%.80r) and was refused", self.id, self.func_name)
            raise ForeignJob(self.id)
        found: Callable[..., Any] | None = super().func
        return found


def connect(settings: Settings) -> redis.Redis:
    """Return a connection to the queue's server; nothing is sent yet."""
    return redis.Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=15)


def wake(connection: redis.Redis, ids: list[str], name: str = "now") -> None:
    """Ask a worker to carry out these events.  raises redis.exceptions.RedisError"""
    queue = Queue(name, connection=connection, serializer=JSONSerializer)
    queue.enqueue_call(EVENTS_JOB, args=[ids], timeout=TIMEOUT, result_ttl=0, failure_ttl=86400)


def wake_training(connection: redis.Redis, key: str) -> None:
    """Ask a worker to carry out this training.  raises redis.exceptions.RedisError"""
    queue = Queue(SLOW, connection=connection, serializer=JSONSerializer)
    queue.enqueue_call(TRAINING_JOB, args=[key], timeout=TRAINING_TIMEOUT, result_ttl=0, failure_ttl=86400)


def work(settings: Settings, *, burst: bool = False, names: tuple[str, ...] = NAMES) -> None:
    """Be a worker of these queues until told to stop; with `burst` until they are empty."""
    store.bind(settings.database_url)
    _warm_up()
    connection = connect(settings)
    queues = [Queue(name, connection=connection, serializer=JSONSerializer, job_class=OurJob) for name in names]
    worker = SimpleWorker(
        queues,
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        job_class=OurJob,
        maintenance_interval=MAINTENANCE,
        log_job_description=False,
    )
    worker.work(burst=burst, logging_level="WARNING")


def _warm_up() -> None:
    """Build the city before the first job, which would otherwise wait for it."""
    try:
        with store.reading() as db:
            cities.current(db)
    except NoCity:
        log.info("no city yet; it is read with the first job")
