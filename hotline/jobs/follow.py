"""Applies a new edition to tickets under way: units renamed, areas merged, limits only estimated.

In batches of their own transactions, and safe to run twice or by two processes.  Rounds do it when they first meet an
edition, and once more a minute later: until then another process may still have worked by the former one.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import msgspec
from sqlmodel import Session

from hotline import city as cities
from hotline import clock
from hotline.city import City
from hotline.flow.editions import recount, relabel, showcase, transfer
from hotline.jobs import apart
from hotline.jobs.apart import Only, Row
from hotline.store import db as store
from hotline.store import troubles

TICKETS_A_TURN = 200
FOLLOW_AGAIN = timedelta(minutes=1)
FollowPart = Callable[[Session, City, Sequence[UUID], datetime], int]


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """How many tickets passed to another unit or area or got another limit, how many people changed their post."""

    transferred: int
    relabelled: int
    recounted: int
    posts: int


def up(moved: Callable[[int, int], object] | None = None) -> Followed:
    """Carry out all that follows from the edition in force.  moved: is told how many of how many tickets are done"""
    with store.reading() as db:
        city = cities.current(db)
        public = [] if showcase.is_sample(city.region, city.name) else showcase.still_public(db)
        parts: list[tuple[FollowPart, list[UUID]]] = [
            (part.batch, part.waiting(db, city)) for part in (transfer, relabel, recount)
        ]
        if any(ids for _, ids in parts):
            left = {one.key for one in troubles.open_troubles(db, city.region, ("edition",))}
            parts = [(part, [key for key in ids if key not in left]) for part, ids in parts]
    with store.transaction() as db:
        posts = transfer.others(db, city, clock.now())
        showcase.close(db, city, public, clock.now())
    total, done, found = sum(len(ids) for _, ids in parts), 0, dict[FollowPart, int]()
    for part, ids in parts:
        found[part] = 0
        for start in range(0, len(ids), TICKETS_A_TURN):
            rows = [Row(key=key, ticket_id=key) for key in ids[start : start + TICKETS_A_TURN]]
            found[part] += apart.each("edition", city.region, clock.now(), rows, partial(_pass_on, part, city))
            done += len(rows)
            if moved:
                moved(done, total)
    return Followed(
        transferred=found[transfer.batch], relabelled=found[relabel.batch], recounted=found[recount.batch], posts=posts
    )


def _pass_on(part: FollowPart, city: City, db: Session, only: Only) -> int:
    return part(db, city, only or (), clock.now())


class Follower:
    """Follows up each edition twice: when this process first meets it, and a little later."""

    def __init__(self) -> None:
        self._edition = ""
        self._again: datetime | None = None

    def turn(self) -> None:
        """Follow up if there is something to follow.  raises NoCity"""
        with store.reading() as db:
            city = cities.current(db)
        now, edition = clock.now(), f"{city.region}/{city.edition}"
        if edition != self._edition:
            up()
            self._edition, self._again = edition, now + FOLLOW_AGAIN
        elif self._again is not None and not self._again - FOLLOW_AGAIN <= now < self._again:
            up()
            self._again = None
