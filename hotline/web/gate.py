"""Group commit of intake: all matters that wait go in together, in ONE statement.

Handlers await `put`; one writer task takes all that has come since (at most LARGEST) and has it stored in a thread
while the next batch collects.  Each caller gets exactly its own answer or its own error.  Who would wait longer than
`PATIENCE` before the writer is told so at once, and nothing of theirs is stored.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import NamedTuple

import msgspec
from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from classifiers.errors import ClassifierError
from dispatch.errors import RuleBroken
from grids.errors import GridError
from grids.messages import Message
from hotline import clock
from hotline.city import City
from hotline.errors import Crowded, HotlineError
from hotline.flow import receive
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store import db, numbers
from hotline.store.intake import Arrival
from hotline.wire.tickets import NewTicket, Received

LARGEST_GROUP = 200
LANES = 2  # one batch is made ready while another waits for the disk; SQLite has one writer
PATIENCE = 5.0  # seconds a matter may wait before it is handed to the database
LOOK = 0.5  # seconds between two looks at who has waited too long
DISCONNECTED = (OperationalError, InterfaceError, PoolTimeout)


class Handed(msgspec.Struct, frozen=True):
    """A matter handed in at the gate, by whom, under which key (scope, key) it is received once.

    hold, chosen  as `receive.arrive`
    """

    city: City
    new: NewTicket
    actor: Actor
    key: tuple[str, str] | None
    hold: bool = False
    chosen: bool = False


class GateClosed(HotlineError):
    """The process is shutting down; nothing of this was stored."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__(Message("服务正在重启，本次内容没有保存，请稍后重试"))


Outcome = Received | Exception


class Waiting(NamedTuple):
    """A matter before the writer: who is to be answered, and since when it waits, in steady seconds."""

    handed: Handed
    answer: asyncio.Future[Received]
    since: float


class Gate:
    """One per process.  `open` and `close` belong to the application's start and end.

    steady  the clock that waiting is measured by, in seconds
    """

    def __init__(self, seal: Seal, steady: Callable[[], float] = monotonic) -> None:
        self._seal, self._steady = seal, steady
        self._lanes = 1
        self._pace = 0.0  # seconds a batch takes, the last ones counting most
        self._begun: dict[asyncio.Task[None], float] = {}
        self._waiting: list[Waiting] = []
        self._bell = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._closing = False
        self._threads = CapacityLimiter(LANES)

    async def put(self, handed: Handed) -> Received:
        """Store the matter; the answer comes after the commit.

        Whoever stops waiting (a broken connection) loses the answer, not the matter: the key finds it again.
        raises  BadValue, KeyReused, Crowded, and the database's own errors
        """
        if self._closing or self._writer is None:
            raise GateClosed
        if self.wait() > PATIENCE:
            raise Crowded
        answer: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(handed, answer, self._steady()))
        self._bell.set()
        return await answer

    def wait(self) -> float:
        """Return how many seconds who comes now would wait, as far as can be told."""
        if len(self._begun) < self._lanes:
            return 0.0
        youngest = self._steady() - max(self._begun.values())
        return max(youngest, self._pace) + len(self._waiting) // LARGEST_GROUP * self._pace

    def open(self) -> None:
        """Start the writer, inside the running event loop."""
        self._closing = False
        self._lanes = 1 if db.engine().dialect.name == "sqlite" else LANES
        self._writer = asyncio.get_running_loop().create_task(self._write(), name="intake-gate")

    async def close(self) -> None:
        """Let no more in, store what waits, stop."""
        self._closing = True
        self._bell.set()
        if self._writer is not None:
            await self._writer
            self._writer = None

    async def _write(self) -> None:
        storing: set[asyncio.Task[None]] = set()
        while self._waiting or not self._closing:
            await self._bell.wait()
            self._bell.clear()
            await asyncio.sleep(0)  # whoever else has come by now goes in with them
            while self._waiting:
                while len(storing) >= self._lanes:
                    _, storing = await asyncio.wait(storing, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
                    self._send_away()
                batch, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
                if batch:
                    task = asyncio.create_task(self._answer(batch))
                    self._begun[task] = self._steady()
                    task.add_done_callback(self._count)
                    storing.add(task)
        if storing:
            await asyncio.wait(storing)

    def _count(self, task: asyncio.Task[None]) -> None:
        """Learn from a batch that is stored how long one takes."""
        self._pace += (self._steady() - self._begun.pop(task) - self._pace) / 4

    def _send_away(self) -> None:
        """Tell those who have waited too long; the database has not seen what they handed in."""
        late = self._steady() - PATIENCE
        for one in self._waiting:
            if one.since < late:
                _tell(one.answer, Crowded())
        self._waiting = [one for one in self._waiting if one.since >= late]

    async def _answer(self, batch: list[Waiting]) -> None:
        outcomes = await to_thread.run_sync(self._store, [one.handed for one in batch], limiter=self._threads)
        for one, outcome in zip(batch, outcomes, strict=True):
            _tell(one.answer, outcome)

    def _store(self, batch: list[Handed]) -> list[Outcome]:
        """Store one batch; runs in the thread.  The same order comes back, an error in each place that has one.

        What one matter breaks (a value the database refuses) must not fail its neighbours: they are stored one by one.
        A database that is away fails all of them at once.
        """
        try:
            return _store(self._seal, batch)
        except DISCONNECTED as away:
            return [away for _ in batch]
        except Exception as broken:  # the writer must outlive any of them: it is the only one
            if len(batch) == 1:
                return [broken]
        return [outcome for one in batch for outcome in self._store([one])]


def _store(seal: Seal, batch: list[Handed]) -> list[Outcome]:
    now = clock.now()
    outcomes: dict[int, Outcome] = {}
    arrivals: dict[int, Arrival] = {}
    for place, (one, number) in enumerate(zip(batch, _numbers(batch, now), strict=True)):
        try:
            arrivals[place] = receive.arrive(
                one.city, seal, one.new, one.actor, now, number, one.key, hold=one.hold, coded=True, chosen=one.chosen
            )
        except (HotlineError, RuleBroken, GridError, ClassifierError) as refused:
            outcomes[place] = refused
    if arrivals:
        with db.statement() as connection:
            stored = receive.put_all(connection, list(arrivals.values()))
        outcomes.update(zip(arrivals, stored, strict=True))
    return [outcomes[place] for place in range(len(batch))]


def _numbers(batch: list[Handed], now: datetime) -> list[str]:
    city = batch[0].city
    return numbers.take(city.region, city.short, city.day(now), len(batch))


def _tell(answer: asyncio.Future[Received], outcome: Outcome) -> None:
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
