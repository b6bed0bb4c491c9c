"""`Hall`, the state all handlers of a process share: the city in force, sessions, the seal, the gate.

Both the city and a session may be up to FRESH_SECONDS old; what this process itself changes is forgotten at once.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

import msgspec
from anyio import to_thread

from hotline import city, clock, people, sealing
from hotline.city import City
from hotline.people import Me
from hotline.sealing import Seal
from hotline.settings import Settings
from hotline.store import db
from hotline.web.gate import Gate

T = TypeVar("T")
FRESH_SECONDS = 2.0
SESSIONS_HELD = 10_000


class Asking(Generic[T]):
    """One look-up, in a thread, for all who ask for the same at the same moment."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[T]] = {}

    async def ask(self, key: str, work: Callable[[], T]) -> T:
        """Return what `work` returns; who leaves early does not stop it for the others."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._run(key, work))
            self._under_way[key] = task
        return await asyncio.shield(task)

    def forget(self, key: str) -> None:
        """Let the next who asks have it looked up anew."""
        self._under_way.pop(key, None)

    async def _run(self, key: str, work: Callable[[], T]) -> T:
        try:
            return await to_thread.run_sync(work)
        finally:
            if self._under_way.get(key) is asyncio.current_task():
                self.forget(key)


class Session(msgspec.Struct, frozen=True):
    """A login as a handler sees it; `hashed` is the token's hash, never the token."""

    me: Me
    hashed: str
    until: float  # monotonic seconds: look again after this


class Hall:
    """One per application, at `app.state.hall`."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key()
        self.settings = settings
        self.seal = sealing.bind(Seal(secret))
        self.gate = Gate(self.seal)
        self._csrf_key = hmac.new(secret, b"hotline:csrf", hashlib.sha256).digest()
        self._city: tuple[float, City] | None = None
        self._city_lock = Lock()
        self._cities: Asking[City] = Asking()
        self._asked: Asking[Session] = Asking()
        self._sessions: dict[str, Session] = {}
        self._epoch = 0

    async def city(self) -> City:
        """Return the city in force.  raises NoCity"""
        held = self._city
        if held is not None and held[0] > monotonic():
            return held[1]
        return await self._cities.ask("", self.look_up_city)

    def look_up_city(self) -> City:
        """Return the city in force, from a thread that may wait for the database.  raises NoCity"""
        with self._city_lock:
            if self._city is None or self._city[0] <= monotonic():
                with db.reading() as session:
                    found = city.current(session)
                self._city = (monotonic() + FRESH_SECONDS, found)
            return self._city[1]

    def forget_city(self) -> None:
        """Look the city up anew: this process has just put another edition into force."""
        with self._city_lock:
            self._city = None
        self._cities.forget("")

    async def session(self, token: str) -> Session:
        """Return whose login this token is.  raises NoSession"""
        hashed = people.token_hash(token)
        held = self._sessions.get(hashed)
        if held is not None and held.until > monotonic():
            return held
        return await self._asked.ask(hashed, lambda: self._look_up(hashed))

    def forget(self, login: str) -> None:
        """Look a person's sessions up anew: logged out, or given another post."""
        for hashed, held in list(self._sessions.items()):
            if held.me.login == login:
                self.forget_session(hashed)

    def forget_session(self, hashed: str) -> None:
        """Look this session up anew; an answer already on its way counts no more."""
        self._epoch += 1
        self._sessions.pop(hashed, None)
        self._asked.forget(hashed)

    def csrf(self, hashed: str) -> str:
        """Return the token forms of this session must carry; it dies with the session."""
        return hmac.new(self._csrf_key, hashed.encode(), hashlib.sha256).hexdigest()

    def _look_up(self, hashed: str) -> Session:
        epoch, now, rules = self._epoch, clock.now(), self.look_up_city()
        with db.reading() as session:
            held = people.find(session, hashed, now, lambda login: rules.grids_of(login, rules.day(now)))
        if held.stale:
            db.when_free(lambda session: people.touch(session, hashed, now))
        if len(self._sessions) >= SESSIONS_HELD:
            self._sessions.clear()
        found = Session(held.me, hashed, monotonic() + FRESH_SECONDS)
        if epoch == self._epoch:
            self._sessions[hashed] = found
        return found
