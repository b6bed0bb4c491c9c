"""Rows of trainings asked for, and how far they are.

The row is the truth, a queue only wakes somebody.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from hotline.city import City
from hotline.store import bulk
from hotline.store.columns import Values, col, columns_of, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.learning import TrainingRow

TRAINING = table_of(TrainingRow)
LOST = timedelta(minutes=15)  # without a sign of life: the worker is gone


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """How far a training is.  why: weekly, asked, edition;  status: waiting, running, done, failed."""

    id: UUID
    name: str
    why: str
    by: str
    at: datetime
    status: str
    stage: str
    share: float
    error: str


def ask(db: Session, city: City, why: str, by: str, now: datetime, name: str = "") -> UUID | None:
    """Ask for a training; None where one of that name was asked for already."""
    key = new_id(now)
    row = values_of(
        TrainingRow,
        id=key,
        region=city.region,
        name=name or f"{now.astimezone(city.zone):%Y%m%d-%H%M%S}",
        why=why,
        by=by,
        at=now,
        status="waiting",
        stage="",
        share=0.0,
        touched_at=now,
        model_id=None,
        error="",
    )
    return key if bulk.insert_new(db, TRAINING, [row]) else None


def get(db: Session, key: UUID) -> Training:
    """Return a training that was asked for."""
    return Training(**db.execute(_rows().where(col(TrainingRow.id) == key)).one()._mapping)


def recent(db: Session, city: City, most: int = 5) -> list[Training]:
    """Return the newest trainings, newest first."""
    query = _rows().where(col(TrainingRow.region) == city.region).order_by(col(TrainingRow.id).desc()).limit(most)
    return [Training(**row._mapping) for row in db.execute(query)]


def waiting(db: Session, city: City, now: datetime) -> list[UUID]:
    """Return the trainings that nobody carries out, oldest first."""
    where = col(TrainingRow.region) == city.region, _idle(now)
    return list(db.execute(sa.select(col(TrainingRow.id)).where(*where).order_by(col(TrainingRow.id))).scalars())


def begin(db: Session, key: UUID, now: datetime) -> bool:
    """Claim a training; False where another worker has it, or it is over."""
    claimed = sa.update(TRAINING).where(col(TrainingRow.id) == key, _idle(now))
    done = db.execute(
        claimed.values(
            {col(TrainingRow.status): "running", col(TrainingRow.touched_at): now, col(TrainingRow.share): 0.0}
        )
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # a cursor's


def note(db: Session, key: UUID, now: datetime, values: Values) -> None:
    """Write down how far a training is."""
    db.execute(
        sa.update(TRAINING).where(col(TrainingRow.id) == key).values({col(TrainingRow.touched_at): now, **values})
    )


def _rows() -> sa.Select[Any]:
    return sa.select(*columns_of(TrainingRow, Training.__struct_fields__))


def _idle(now: datetime) -> sa.ColumnElement[bool]:
    silent = sa.or_(
        col(TrainingRow.touched_at) < now - LOST, col(TrainingRow.touched_at) > now + LOST
    )  # or its clock ran ahead
    lost = sa.and_(col(TrainingRow.status) == "running", silent)
    return sa.or_(col(TrainingRow.status) == "waiting", lost)
