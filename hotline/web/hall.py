"""What all handlers of one process share: the city in force, who is logged in, the seal, the gate.

Both the city and a session may be up to FRESH_SECONDS old; what this process itself changes is forgotten at once.
"""

import hashlib
import hmac
from threading import Lock
from time import monotonic

import msgspec
from anyio import to_thread

from hotline import city, clock, people
from hotline.city import City
from hotline.people import Me
from hotline.sealing import Seal
from hotline.settings import Settings
from hotline.store import db
from hotline.web.gate import Gate

FRESH_SECONDS = 2.0
SESSIONS_HELD = 10_000


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
        self.seal = Seal(secret)
        self.gate = Gate(self.seal)
        self._csrf_key = hmac.new(secret, b"hotline:csrf", hashlib.sha256).digest()
        self._city: tuple[float, City] | None = None
        self._city_lock = Lock()
        self._sessions: dict[str, Session] = {}

    async def city(self) -> City:
        """Return the city in force.  raises NoCity"""
        held = self._city
        if held is not None and held[0] > monotonic():
            return held[1]
        return await to_thread.run_sync(self.look_up_city)

    def look_up_city(self) -> City:
        """Return the city in force, from a thread that may wait for the database.  raises NoCity"""
        with self._city_lock:
            if self._city is None or self._city[0] <= monotonic():
                with db.reading() as session:
                    found = city.current(session)
                self._city = (monotonic() + FRESH_SECONDS, found)
            return self._city[1]

    async def session(self, token: str) -> Session:
        """Return whose login this token is.  raises NoSession"""
        hashed = people.token_hash(token)
        held = self._sessions.get(hashed)
        if held is not None and held.until > monotonic():
            return held
        self._sessions.pop(hashed, None)
        return await to_thread.run_sync(self._look_up, hashed)

    def forget(self, login: str) -> None:
        """Look a person's sessions up anew: logged out, or given another post."""
        for hashed, held in list(self._sessions.items()):
            if held.me.login == login:
                self._sessions.pop(hashed, None)

    def forget_session(self, hashed: str) -> None:
        """Look this session up anew."""
        self._sessions.pop(hashed, None)

    def csrf(self, hashed: str) -> str:
        """Return the token forms of this session must carry; it dies with the session."""
        return hmac.new(self._csrf_key, hashed.encode(), hashlib.sha256).hexdigest()

    def _look_up(self, hashed: str) -> Session:
        now, rules = clock.now(), self.look_up_city()
        with db.reading() as session:
            held = people.find(session, hashed, now, lambda login: rules.grids_of(login, rules.day(now)))
        if held.stale:
            with db.transaction() as session:
                people.touch(session, hashed, now)
        if len(self._sessions) >= SESSIONS_HELD:
            self._sessions.clear()
        found = Session(held.me, hashed, monotonic() + FRESH_SECONDS)
        self._sessions[hashed] = found
        return found
