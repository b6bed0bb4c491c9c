"""By the clock: the relay four times a second, every few seconds the sweep and the figures, each minute the learning.

Any number may run, on any machine: both claim what they take.  With Redis down the events are carried out right here.
"""

import logging
import signal
import threading
from datetime import timedelta
from types import FrameType

import redis
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from classifiers import topics as rule
from hotline import city as cities
from hotline import clock
from hotline.bell import Bell
from hotline.errors import NoCity
from hotline.flow import commitments, escalate, tally, topics
from hotline.flow import shelve as shelving
from hotline.jobs import queue, relay, work
from hotline.jobs.follow import Follower
from hotline.jobs.learning import Learner
from hotline.settings import Settings
from hotline.store import db as store
from hotline.store import guesses, signatures

RELAY_EVERY = 0.25  # seconds: a ticket is triaged within a second of being received
SWEEP_EVERY = 20  # turns of the relay
TOPICS_EVERY = 240  # turns: a minute; how often topics are really looked for, the city says
log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Make rounds until SIGTERM or SIGINT.  A round that fails is logged and made again."""
    store.bind(settings.database_url)
    stop = Bell()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.ring()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    connection = queue.connect(settings)
    turns, behind, follower = 0, False, Follower()
    learner = Learner(lambda key: wake_training(connection, key))
    while not stop.is_rung():
        try:
            relay_turn(lambda ids: queue.wake(connection, ids))
            if turns % SWEEP_EVERY == 0:
                sweep()
                follower.turn()
                recheck()
                shelve()
                learner.turn()
                forget()
                behind = True
            if turns % TOPICS_EVERY == TOPICS_EVERY - 1:
                forgive()
                threading.Thread(target=find_topics, name="topics", daemon=True).start()
            behind = behind and count() > 0
        except NoCity:
            log.info("no city yet")
        except DBAPIError:
            log.exception("the database did not answer; trying again")
            stop.wait(2)
        turns += 1
        stop.wait(RELAY_EVERY)


def relay_turn(wake: relay.Wake) -> int:
    """Tell the queue; where it does not answer, do the work here: the queue is a hint, the work is not."""
    try:
        return relay.turn(wake, clock.now())
    except RedisError as wrong:
        log.warning("the queue does not answer (%s); carrying events out here", wrong)
        return relay.turn(_at_once, clock.now())


def wake_training(connection: redis.Redis, key: str) -> None:
    """Tell the slow queue of a training; where it does not answer, the training waits and is told again."""
    try:
        queue.wake_training(connection, key)
    except RedisError as wrong:
        log.warning("the queue does not answer (%s); a training waits", wrong)


def sweep() -> int:
    """Act on all that is due, in batches of their own transactions; return how many clocks moved on."""
    moved = 0
    while True:
        with store.reading() as db:
            city = cities.current(db)
        with store.transaction() as db:
            step = escalate.sweep(db, city, clock.now())
        moved += step
        if step == 0:
            return moved


def recheck() -> int:
    """Put the promises of replies that are due on the re-check list (回头看); return how many."""
    told = 0
    while True:
        with store.reading() as db:
            city = cities.current(db)
        with store.transaction() as db:
            step = commitments.sweep(db, city, clock.now())
        told += step
        if step == 0:
            return told


def shelve() -> int:
    """Put one batch of what was closed long ago away (归档); return how many.  A backlog takes many turns."""
    with store.reading() as db:
        city = cities.current(db)
    with store.transaction() as db:
        return shelving.sweep(db, city, clock.now())


def forget() -> int:
    """Take a batch of what is too old out of the index of what is alike; return how many rows."""
    with store.reading() as db:
        city = cities.current(db)
    with store.transaction() as db:
        return signatures.forget(db, city.region, clock.now() - timedelta(days=city.repeats.past_days))


def forgive() -> int:
    """Take out wrong guesses whose time is over (`hotline.store.guesses`); return how many."""
    with store.transaction() as db:
        return guesses.forget(db, clock.now())


def find_topics() -> int:
    """Find the hot topics (热点) if it is time to; return how many.  In a thread of its own: it may take minutes."""
    try:
        with store.reading() as db:
            city = cities.current(db)
        with store.transaction() as db:
            if not topics.due(db, city, clock.now()):
                return 0
        with store.reading() as db:
            said = topics.texts(db, city, clock.now())
        found = rule.find(said, city.topics, clock.now()) if said else ()
        with store.transaction() as db:
            return topics.keep(db, city, found, clock.now())
    except NoCity:
        return 0
    except Exception:
        log.exception("topics were not found; trying again with the next round")
        return 0


def count() -> int:
    """Count one batch of changed tickets in the figures; return how many.  Of a backlog each turn takes one batch."""
    with store.reading() as db:
        city = cities.current(db)
    with store.transaction() as db:
        return tally.fold(db, city, clock.now())


def _at_once(ids: list[str]) -> None:
    work.events(ids)
