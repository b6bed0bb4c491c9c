"""Redis and RQ: three queues, JSON jobs that carry ids and nothing else.  A worker runs jobs in its own process.

Forking for each job costs 20 ms and a model loaded anew; our jobs are ours, batched and short, so none forks.
"""

import logging

import redis
from rq import Queue, SimpleWorker
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
log = logging.getLogger(__name__)


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
    queues = [Queue(name, connection=connection, serializer=JSONSerializer) for name in names]
    worker = SimpleWorker(
        queues, connection=connection, serializer=JSONSerializer, worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE, log_job_description=False,
    )  # fmt: skip
    worker.work(burst=burst, logging_level="WARNING")


def _warm_up() -> None:
    """Build the city before the first job, which would otherwise wait for it."""
    try:
        with store.reading() as db:
            cities.current(db)
    except NoCity:
        log.info("no city yet; it is read with the first job")
