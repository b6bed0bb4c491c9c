"""Rows of what people who work here suggest (意见建议): kept as said, read by administrators."""

from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.ids import new_id

LONGEST_OPINION, SIZE = 2000, 50


class OpinionBox(SQLModel, table=True):
    """One suggestion.  Who said it may be asked back; nobody is measured by it."""

    __tablename__ = "opinion_box"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    login: str = Field(max_length=64)
    role: str = Field(max_length=16)
    text: str = Field(sa_type=sa.Text)
    at: datetime
    __table_args__ = (Index("ix_opinion_box", "region", "id"),)


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """One suggestion as it is listed."""

    id: UUID
    login: str
    role: str
    text: str
    at: datetime


def put(db: Session, region: str, login: str, role: str, text: str, now: datetime) -> None:
    """Keep a suggestion."""
    table = table_of(OpinionBox)
    row = values_of(
        OpinionBox, id=new_id(now), region=region, login=login, role=role, text=text[:LONGEST_OPINION], at=now
    )
    db.execute(table.insert(), row)


def listed(db: Session, region: str, before: UUID | None = None) -> list[Suggestion]:
    """Return the newest suggestions, a page and one more, in one statement."""
    older = [col(OpinionBox.id) < before] if before else []
    query = sa.select(*columns_of(OpinionBox, Suggestion.__struct_fields__)).where(
        col(OpinionBox.region) == region, *older
    )
    return [Suggestion(**row._mapping) for row in db.execute(query.order_by(col(OpinionBox.id).desc()).limit(SIZE + 1))]
