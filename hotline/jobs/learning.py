"""Periodic learning: a model trained once a week, the one in shadow asked, drift counted and told.

A lost queue delays a training and loses none: what waits, or stopped in the middle (a killed worker), is told again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from hotline import city as cities
from hotline import clock
from hotline.city import City
from hotline.flow.editions import relabel
from hotline.flow.learning import drifting, shadow, trainings
from hotline.store import db as store
from hotline.store.columns import col
from hotline.store.learning import ModelRow

LEARN_EVERY = timedelta(minutes=1)
TRAINING_AGAIN = timedelta(minutes=5)  # a training nobody has begun is told again
WakeTraining = Callable[[str], object]
LearningPart = Callable[[Session, City, datetime], object]


class Learner:
    """Makes one turn a minute."""

    def __init__(self, wake: WakeTraining) -> None:
        self._wake = wake
        self._last: datetime | None = None
        self._told: dict[UUID, datetime] = {}

    def turn(self) -> None:
        """Do what is due.  raises NoCity"""
        now = clock.now()
        if self._last is not None and self._last <= now < self._last + LEARN_EVERY:
            return
        self._last = now
        with store.reading() as db:
            city = cities.current(db)
        wrong = [one for part in PARTS if (one := _part(part, city, now)) is not None]
        with store.reading() as db:
            waiting = trainings.waiting(db, city, now)
        for key in waiting:
            if not timedelta(0) <= now - self._told.get(key, now - TRAINING_AGAIN) < TRAINING_AGAIN:
                self._told[key] = now
                self._wake(key.hex)
        if wrong:
            raise wrong[0]  # when all that could be done is done


def _part(part: LearningPart, city: City, now: datetime) -> Exception | None:
    """Do one part in its own transaction; return what went wrong: it keeps no other part from its turn."""
    try:
        with store.transaction() as db:
            part(db, city, now)
    except Exception as wrong:
        return wrong
    return None


def _ask_when_due(db: Session, city: City, now: datetime) -> None:
    """Ask for the week's training, late rather than never; and at once where the areas changed and no model fits."""
    newest = db.execute(
        sa.select(sa.func.max(col(ModelRow.at))).where(col(ModelRow.region) == city.region)
    ).scalar_one_or_none()
    if newest is None:
        return  # the first model is a person's to train: from history, or from the words of the areas
    moment = latest(now, city)
    if newest < moment:
        trainings.ask(db, city, "weekly", "", now, name=f"weekly-{drifting.week_of(city.day(moment))}")
    if city.model is None:
        trainings.ask(db, city, "edition", "", now, name=f"edition-{city.taxonomy.edition}")


def latest(now: datetime, city: City) -> datetime:
    """Return the last moment a weekly training was due, `now` included."""
    here = now.astimezone(city.zone)
    due = here.replace(hour=city.learning.hour, minute=0, second=0, microsecond=0)
    due -= timedelta(days=(here.isoweekday() - city.learning.weekday) % 7)
    return due if due <= here else due - timedelta(days=7)


PARTS: tuple[LearningPart, ...] = (
    lambda db, city, _: relabel.samples(db, city),
    shadow.turn,
    drifting.turn,
    _ask_when_due,
)
