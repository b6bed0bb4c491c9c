"""The periodic process: relay four times a second, sweep and figures every few seconds, learning each minute.

Any number may run, on any machine: both claim what they take.  With Redis down the events are carried out right here.
One bad row stops no round (`apart`), one broken step no other, and a clock that jumped shows no card (`heart`).
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import TypeVar
from uuid import UUID

import redis
from redis.exceptions import RedisError

from classifiers import topics as rule
from hotline import city as cities
from hotline import clock
from hotline.bell import Bell
from hotline.city import City
from hotline.errors import NoCity
from hotline.flow import commitments, escalate
from hotline.flow import shelve as shelving
from hotline.flow.figures import tally, topics
from hotline.jobs import apart, queue, relay, watching, work
from hotline.jobs.apart import Row
from hotline.jobs.follow import Follower
from hotline.jobs.heart import Heart
from hotline.jobs.learning import Learner
from hotline.jobs.watching import Watchdog
from hotline.settings import Settings
from hotline.store import db as store
from hotline.store import guesses, movekeys, signatures

RELAY_EVERY = 0.25  # seconds: a ticket is triaged within a second of being received
SWEEP_EVERY = 20  # turns of the relay
TOPICS = "热点"
TOPICS_EVERY = 240  # turns: a minute; how often topics are really looked for, the city says
T = TypeVar("T")
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
    turns, behind, made = 0, False, Rounds(lambda key: wake_training(connection, key))
    while not stop.is_rung():
        try:
            behind = behind and bool(made.step("统计", partial(count, made.believed)))  # then workers find tickets free
            made.step("转发", partial(relay_turn, lambda ids: queue.wake(connection, ids)))
            if turns % SWEEP_EVERY == 0:
                made.by_the_clock()
                behind = True
            if turns % TOPICS_EVERY == TOPICS_EVERY - 1:
                forgive()
                threading.Thread(target=find_topics, name="topics", daemon=True).start()
        except NoCity:
            log.info("no city yet")
        except Exception:
            log.exception("a round did not come to its end; trying again")
            stop.wait(2)
        turns += 1
        stop.wait(RELAY_EVERY)


class Rounds:
    """What one process of the rounds does every few seconds, each step guarded from the failures of the others."""

    def __init__(self, wake_learner: Callable[[str], object]) -> None:
        self.believed = True  # the wall clock; what acts by it rests while a jump waits for a person's word
        self._heart, self._follower, self._watchdog = Heart(clock.now), Follower(), Watchdog()
        self._learner = Learner(wake_learner)
        self._failing: set[str] | None = None

    def by_the_clock(self) -> None:
        """Make one turn of everything.  raises NoCity, and what is the database's own fault"""
        with store.reading() as db:
            region = cities.current(db).region
        self.believed = self._heart.turn(region)
        self.step("换版接续", self._follower.turn)
        if self.believed:
            self.step("催办", sweep)
            self.step("回头看", recheck)
            self.step("归档", shelve)
            self.step("学习", self._learner.turn)
            self.step("清理", forget)
            self.step("看护", self._watchdog.turn)
        else:
            self.step("告知", tell)

    def step(self, name: str, make: Callable[[], T]) -> T | None:
        """Make one step and return what it returned, None where it failed: that is written down until it goes well."""
        if self._failing is None:
            self._failing = apart.failing()
        try:
            found = make()
        except Exception as wrong:
            if isinstance(wrong, NoCity) or apart.passing(wrong):
                raise
            apart.failed(name, wrong, clock.now())
            self._failing.add(name)
            return None
        if name in self._failing:
            apart.over(name)
            self._failing.discard(name)
        return found


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
    moved, now, city = 0, clock.now(), _city()  # one moment: what falls due of a ticket in one sweep is told once
    while True:
        step = apart.turn(
            "clock",
            city.region,
            now,
            lambda db, only: escalate.sweep(db, city, now, only=only),
            lambda db: _rows(escalate.due(db, city.region, now)),
        )
        moved += step
        if step == 0:
            return moved


def recheck() -> int:
    """Put the promises of replies that are due on the re-check list (回头看); return how many."""
    told, now, city = 0, clock.now(), _city()
    while True:
        step = apart.turn(
            "pledge",
            city.region,
            now,
            lambda db, only: commitments.sweep(db, city, now, only=only),
            lambda db: _rows(commitments.due(db, city.region, now)),
        )
        told += step
        if step == 0:
            return told


def shelve() -> int:
    """Put one batch of what was closed long ago away (归档); return how many.  A backlog takes many turns."""
    city, now = _city(), clock.now()
    return apart.turn(
        "filing",
        city.region,
        now,
        lambda db, only: shelving.sweep(db, city, now, only=only),
        lambda db: _rows(shelving.due(db, city, now)),
    )


def tell() -> None:
    """Post the notices of what needs a person."""
    watching.tell(_city(), clock.now())


def forget() -> int:
    """Take a batch of what is too old out of the index of what is alike, and of moves' keys; return how many rows."""
    city = _city()
    with store.transaction() as db:
        old = movekeys.forget(db, city.region, clock.now())
        return old + signatures.forget(db, city.region, clock.now() - timedelta(days=city.repeats.past_days))


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
            kept = topics.keep(db, city, found, clock.now())
        apart.over(TOPICS)
    except NoCity:
        return 0
    except Exception as wrong:
        log.exception("topics were not found; trying again with the next round")
        if not apart.passing(wrong):
            apart.failed(TOPICS, wrong, clock.now())
        return 0
    return kept


def count(judge: bool = True) -> int:
    """Count one batch of changed tickets in the figures; return how many.  Of a backlog each turn takes one batch.

    judge   whether clocks that ran out are judged
    """
    city, now = _city(), clock.now()
    return apart.turn(
        "figures",
        city.region,
        now,
        lambda db, only: tally.fold(db, city, now, only=only, judge=judge),
        lambda db: _rows(tally.due(db, city.region, now)),
    )


def _city() -> City:
    with store.reading() as db:
        return cities.current(db)


def _rows(found: list[tuple[UUID, UUID, str]]) -> list[Row]:
    return [Row(key=key, ticket_id=ticket, number=number) for key, ticket, number in found]


def _at_once(ids: list[str]) -> None:
    work.events(ids)
