"""Slows down wrong guesses on the public page: longer and longer waits, kept in the database for all processes.

Counted are wrong guesses only, under three keys: one network at one number (strictly), one network at all numbers, one
number from everywhere.  The last never closes a ticket: it only leaves each network one guess instead of five, so that
whoever has the right code opens it at the first try, whatever strangers do elsewhere.
"""

import hashlib
from datetime import datetime, timedelta
from math import ceil

import msgspec
from sqlmodel import Session

from hotline.store import db, guesses
from hotline.store.guesses import WrongGuesses


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """So many wrong guesses are free; then each doubles the wait.  All is forgotten `kept` after the last."""

    free: int
    longest: timedelta
    kept: timedelta

    def wait(self, fails: int, free: int) -> timedelta:
        """Return how long the next guess waits after so many wrong ones."""
        over = fails - free
        return min(FIRST_WAIT * 2 ** min(over, 16), self.longest) if over >= 0 else timedelta(0)


FIRST_WAIT = timedelta(minutes=1)
PER_TICKET = Limit(free=5, longest=timedelta(hours=1), kept=timedelta(days=1))
NETWORK = Limit(free=10, longest=timedelta(minutes=15), kept=timedelta(hours=1))  # one address may be a whole village
BESIEGED = 20  # wrong guesses at one number from everywhere in a day


class Brake:
    """One guess of somebody in `network` at ticket `number`: `wait` first, then `wrong` or `right`."""

    def __init__(self, network: str, number: str, now: datetime) -> None:
        self._one = _key("one", network, number)
        self._network = _key("network", network)
        self._number = _key("number", number)
        self._now = now
        self._free = PER_TICKET.free
        self._counted = False

    def wait(self) -> int:
        """Return the minutes to wait, 0 if the guess may be looked at.

        Who has failed before is counted before the guess is looked at, so that many at once are no more than one; who
        has not costs no write.
        """
        with db.reading() as session:
            held = guesses.wrong_guesses(session, self._keys, self._now)
        besieged = self._number in held and held[self._number].fails >= BESIEGED
        self._free = 1 if besieged else PER_TICKET.free
        if not held.keys() & {self._one, self._network}:
            return 0
        if not (minutes := self._minutes(held)):
            with db.transaction() as session:
                minutes = self._minutes(guesses.wrong_guesses(session, self._keys, self._now, lock=True))
                if not minutes:
                    self._count(session)
        return minutes

    def wrong(self) -> None:
        """Count a wrong guess."""
        if not self._counted:
            with db.transaction() as session:
                self._count(session)

    def right(self) -> None:
        """Take back what was counted before the guess was looked at; who opened a ticket has not failed at it."""
        if self._counted:
            with db.transaction() as session:
                guesses.give_back(session, [self._network, self._number], self._now)
                guesses.forget(session, self._now, self._one)

    @property
    def _keys(self) -> tuple[str, str, str]:
        return self._one, self._network, self._number

    def _minutes(self, held: dict[str, WrongGuesses]) -> int:
        free = max((held[key].free_at for key in (self._one, self._network) if key in held), default=self._now)
        return max(0, ceil((free - self._now) / timedelta(minutes=1)))

    def _count(self, session: Session) -> None:
        guesses.count(session, self._keys, self._rule, self._now)
        self._counted = True

    def _rule(self, key: str, fails: int) -> tuple[datetime, datetime]:
        if key == self._number:
            return self._now, self._now + PER_TICKET.kept
        limit, free = (PER_TICKET, self._free) if key == self._one else (NETWORK, NETWORK.free)
        return self._now + limit.wait(fails, free), self._now + limit.kept


def _key(what: str, *parts: str) -> str:
    return f"{what}:{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()[:48]}"
