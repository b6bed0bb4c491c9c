"""Runs the past of the sample city: each ticket's life at its own moments, the clock in between.

A life is a generator: it yields the moment of its next deed and does the deed when it is resumed.  Between deeds the
sweep acts on every rung at the moment it is due, and what follows a move (`NEXT`) follows at once.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from hotline.city import City
from hotline.flow import escalate
from hotline.jobs.journey import NEXT
from hotline.store import outbox
from hotline.store.columns import col, table_of
from hotline.store.outbox import Notice, OutboxRow
from hotline.store.tickets import ClockRow

NOTICE, OUTBOX = table_of(Notice), table_of(OutboxRow)
READ_AFTER = timedelta(days=1)  # notices older than this were read

Life = Iterator[datetime]


class Past:
    """The time up to `until`, on one open transaction."""

    def __init__(self, db: Session, city: City, until: datetime) -> None:
        self.db, self.city, self.until = db, city, until
        self.now = until
        self._turns: list[tuple[datetime, int, Life]] = []

    def add(self, life: Life) -> None:
        """Let a life begin at the first moment it names."""
        self._next(life, len(self._turns))

    def unfold(self) -> None:
        """Live everything up to the end, in the order it happened; a deed of the future does not happen."""
        while self._turns:
            at, turn, life = heapq.heappop(self._turns)
            self._alarms(at)
            self.now = at
            self._next(life, turn)
            self.follow()
        self._alarms(self.until)
        read = sa.update(NOTICE).where(col(Notice.at) < self.until - READ_AFTER)
        self.db.execute(read.values({col(Notice.read_at): self.until - READ_AFTER}))

    def follow(self) -> None:
        """Do what follows the moves made so far, as a worker would."""
        waiting = sa.select(OUTBOX).where(col(OutboxRow.done_at).is_(None)).order_by(col(OutboxRow.id))
        while found := [outbox.read_event(row) for row in self.db.execute(waiting).mappings()]:
            for move in dict.fromkeys(event.move for event in found):
                for step in NEXT[move]:
                    step(self.db, self.city, [event for event in found if event.move == move], self.now)
            done = sa.update(OUTBOX).where(col(OutboxRow.id).in_([event.id for event in found]))
            self.db.execute(done.values({col(OutboxRow.sent_at): self.now, col(OutboxRow.done_at): self.now}))

    def _alarms(self, until: datetime) -> None:
        """Climb every rung due up to `until`, each at its own moment."""
        due = sa.select(sa.func.min(col(ClockRow.next_at)))
        while (first := self.db.execute(due).scalar_one_or_none()) is not None and first <= until:
            self.now = first
            escalate.sweep(self.db, self.city, first)
            self.follow()

    def _next(self, life: Life, turn: int) -> None:
        at = next(life, None)
        if at is not None and at < self.until:
            heapq.heappush(self._turns, (at, turn, life))
