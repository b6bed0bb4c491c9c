"""Rows of visits and errands (走访、代办): one sentence each; who an errand is for is sealed like a caller's name."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store.columns import col, columns_of, table_of

OPEN_ERRAND = sa.text("until IS NOT NULL AND done_at IS NULL")
RECENT_VISITS = 20


class VisitRow(SQLModel, table=True):
    """One visit, or one errand.  until: the day something is to be done by, None = nothing is left to do."""

    __tablename__ = "visit"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    grid: str = Field(max_length=64)
    login: str = Field(max_length=64)
    kind: str = Field(max_length=24)
    note: str = Field(sa_type=sa.Text)
    whom_sealed: str = Field(default="", max_length=400)
    until: date | None = None
    at: datetime
    done_at: datetime | None = None
    __table_args__ = (
        Index("ix_visit_grid", "region", "grid", "id"),
        Index("ix_visit_open", "region", "grid", "until", postgresql_where=OPEN_ERRAND, sqlite_where=OPEN_ERRAND),
    )


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit or errand as it is kept."""

    id: UUID
    grid: str
    kind: str
    note: str
    whom_sealed: str
    until: date | None
    at: datetime
    done_at: datetime | None


def put(db: Session, row: dict[str, object]) -> None:
    """Keep one."""
    db.execute(table_of(VisitRow).insert(), row)


def listed(db: Session, region: str, grids: Sequence[str]) -> list[Visit]:
    """Return what is to be done on these grids, due first, then the newest others; in one statement."""
    columns = columns_of(VisitRow, Visit.__struct_fields__)
    waits = sa.and_(col(VisitRow.until).is_not(None), col(VisitRow.done_at).is_(None))
    newest = sa.select(col(VisitRow.id)).where(col(VisitRow.region) == region, col(VisitRow.grid).in_(grids))
    newest = newest.order_by(col(VisitRow.id).desc()).limit(RECENT_VISITS)
    own = col(VisitRow.region) == region, col(VisitRow.grid).in_(grids), sa.or_(waits, col(VisitRow.id).in_(newest))
    order = sa.case((waits, 0), else_=1), col(VisitRow.until), col(VisitRow.id).desc()
    return [Visit(**row._mapping) for row in db.execute(sa.select(*columns).where(*own).order_by(*order))]


def done(db: Session, region: str, grids: Sequence[str], key: UUID, now: datetime) -> bool:
    """Note that one is done; False where there is none on these grids that waits."""
    table = table_of(VisitRow)
    own = (
        col(VisitRow.region) == region,
        col(VisitRow.grid).in_(grids),
        col(VisitRow.id) == key,
        col(VisitRow.done_at).is_(None),
    )
    return (
        db.execute(
            sa.update(table).where(*own).values({col(VisitRow.done_at): now}).returning(col(VisitRow.id))
        ).first()
        is not None
    )
