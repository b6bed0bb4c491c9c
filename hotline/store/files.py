"""Rows of photos and voice notes.  Their bytes live in the database like the words they belong to: on every machine, in
every backup, never out of step with their ticket.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint

from hotline.store import bulk
from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.ids import new_id


class FileRow(SQLModel, table=True):
    """One file of a ticket.  key: the sender's own identifier; seq: the line of the history it belongs to.

    received  bytes that are here so far, of `size`;  media  by its bytes, "" until it is whole;  done  cleaned and kept
    """

    __tablename__ = "file"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    login: str = Field(max_length=64)
    key: UUID
    ticket_id: UUID
    seq: int
    role: str = Field(max_length=16)
    kind: str = Field(max_length=8)
    size: int
    received: int = 0
    media: str = Field(default="", max_length=32)
    width: int = 0
    height: int = 0
    done: bool = False
    at: datetime
    __table_args__ = (UniqueConstraint("region", "login", "key"), Index("ix_file_ticket", "ticket_id", "seq"))


class PieceRow(SQLModel, table=True):
    """Bytes of a file: pieces as they come in; one piece, at 0, of a file that is done."""

    __tablename__ = "file_piece"
    file_id: UUID = Field(primary_key=True)
    at: int = Field(primary_key=True)
    body: bytes


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it stands; `media` "" while it is on its way."""

    id: UUID
    ticket_id: UUID
    seq: int
    role: str
    kind: str
    size: int
    received: int
    media: str
    width: int
    height: int
    done: bool
    at: datetime


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is kept.  width, height  pixels, 0 for a recording."""

    body: bytes
    media: str
    width: int = 0
    height: int = 0


def _columns() -> list[sa.Column[Any]]:
    return columns_of(FileRow, Stored.__struct_fields__)


def begin(
    db: Session,
    region: str,
    login: str,
    key: UUID,
    ticket: UUID,
    seq: int,
    role: str,
    kind: str,
    size: int,
    now: datetime,
    *,
    received: int = 0,
) -> None:
    """Open a file where it is not there yet."""
    row = values_of(
        FileRow,
        id=new_id(now),
        region=region,
        login=login,
        key=key,
        ticket_id=ticket,
        seq=seq,
        role=role,
        kind=kind,
        size=size,
        received=received,
        media="",
        width=0,
        height=0,
        done=False,
        at=now,
    )
    bulk.insert_new(db, table_of(FileRow), [row])


def locked(db: Session, region: str, login: str, key: UUID) -> Stored | None:
    """Return a file of this person, locked until the transaction ends: two senders take turns."""
    own = col(FileRow.region) == region, col(FileRow.login) == login, col(FileRow.key) == key
    row = db.execute(sa.select(*_columns()).where(*own).with_for_update()).first()
    return Stored(**row._mapping) if row else None


def append(db: Session, file: Stored, body: bytes) -> None:
    """Add the next piece."""
    table, pieces = table_of(FileRow), table_of(PieceRow)
    db.execute(pieces.insert(), {"file_id": file.id, "at": file.received, "body": body})
    db.execute(
        sa.update(table).where(col(FileRow.id) == file.id).values({col(FileRow.received): file.received + len(body)})
    )


def body(db: Session, file: UUID) -> bytes:
    """Return the bytes that are here, in order."""
    query = sa.select(col(PieceRow.body)).where(col(PieceRow.file_id) == file).order_by(col(PieceRow.at))
    return b"".join(db.execute(query).scalars())


def forget(db: Session, file: UUID) -> None:
    """Take the bytes of a file away, so that it may be sent anew."""
    table, pieces = table_of(FileRow), table_of(PieceRow)
    db.execute(sa.delete(pieces).where(col(PieceRow.file_id) == file))
    db.execute(sa.update(table).where(col(FileRow.id) == file).values({col(FileRow.received): 0}))


def finish(db: Session, file: UUID, kept: Cleaned) -> None:
    """Put the cleaned bytes in the place of the pieces."""
    table, pieces = table_of(FileRow), table_of(PieceRow)
    db.execute(sa.delete(pieces).where(col(PieceRow.file_id) == file))
    db.execute(pieces.insert(), {"file_id": file, "at": 0, "body": kept.body})
    done = {
        col(FileRow.media): kept.media,
        col(FileRow.width): kept.width,
        col(FileRow.height): kept.height,
        col(FileRow.done): True,
    }
    db.execute(sa.update(table).where(col(FileRow.id) == file).values(done))
