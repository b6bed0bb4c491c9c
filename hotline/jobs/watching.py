"""The watchdog's turn, once a minute: finds what lies still, puts it right, tells of what needs a person."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from hotline import city as cities
from hotline import clock
from hotline.city import City
from hotline.flow import triage
from hotline.flow.oversight import watch
from hotline.jobs import apart
from hotline.jobs.apart import Row
from hotline.store import db as store
from hotline.store import troubles
from hotline.store.tickets import Ticket
from hotline.store.troubles import Trouble

WATCH_EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)


class Watchdog:
    """Makes one turn a minute; remembers which tickets it has looked at and found in order."""

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._fine: dict[UUID, int] = {}

    def turn(self) -> int:
        """Return how many tickets lay still.  raises NoCity"""
        now = clock.now()
        if self._last is not None and self._last <= now < self._last + WATCH_EVERY:
            return 0
        self._last = now
        with store.reading() as db:
            city = cities.current(db)
            lying = watch.lying(db, city, now)
            bare = watch.ownerless(db, city, self._fine)
            known = troubles.open_troubles(db, city.region, ("lying", "owner"))
        found = [*lying, *(watch.clock_trouble(city, ticket, now) for ticket in bare)]
        if found:
            log.error("%d tickets lay still", len(found))
            with store.transaction() as db:
                troubles.note(db, found)
                watch.tell(db, city, now)  # before it is put right, and nothing is left to tell of
        if lying:
            _triage(city, lying, now)
        if bare:
            _restore(city, bare, now)
        if found or known:
            _forget(city, [*known, *found])
        tell(city, now)
        return len(found)


def tell(city: City, now: datetime) -> None:
    """Post a notice of each trouble nobody has heard of."""
    with store.reading() as db:
        if not troubles.any_untold(db, city.region):
            return
    with store.transaction() as db:
        watch.tell(db, city, now)


def _triage(city: City, lying: list[Trouble], now: datetime) -> int:
    rows = [Row(key=one.key, ticket_id=one.key, number=one.number) for one in lying]
    return apart.each(
        "triage",
        city.region,
        now,
        rows,
        lambda db, only: len(triage.waiting(db, city, now, len(rows), only)),
    )


def _restore(city: City, bare: list[Ticket], now: datetime) -> int:
    rows = [Row(key=one.id, ticket_id=one.id, number=one.number) for one in bare]
    return apart.each("clocks", city.region, now, rows, lambda db, only: watch.restore(db, city, only or (), now))


def _forget(city: City, held: list[Trouble]) -> None:
    """Forget the troubles that are over."""
    with store.transaction() as db:
        for kind in ("lying", "owner"):
            keys = {one.key for one in held if one.kind == kind}
            if keys:
                troubles.clear(db, city.region, kind, keys - watch.still(db, city.region, kind, keys))
