"""Rows of photos and voice notes.  Their bytes live in the database like the words they belong to: on every machine, in
every backup, never out of step with their ticket.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint

from hotline.store import bulk
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


def _columns(table: sa.Table) -> list[sa.Column[object]]:
    return [table.c[name] for name in Stored.__struct_fields__]


def begin(db: Session, values: dict[str, object], now: datetime) -> None:
    """Open a file (region, login, key, ticket_id, seq, role, kind, size) where it is not there yet."""
    empty = {"received": 0, "media": "", "width": 0, "height": 0, "done": False, "at": now}
    bulk.insert_new(db, SQLModel.metadata.tables["file"], [{"id": new_id(now), **empty, **values}])


def locked(db: Session, region: str, login: str, key: UUID) -> Stored | None:
    """Return a file of this person, locked until the transaction ends: two senders take turns."""
    table = SQLModel.metadata.tables["file"]
    own = table.c.region == region, table.c.login == login, table.c.key == key
    row = db.execute(sa.select(*_columns(table)).where(*own).with_for_update()).first()
    return Stored(**row._mapping) if row else None


def append(db: Session, file: Stored, body: bytes) -> None:
    """Add the next piece."""
    table, pieces = SQLModel.metadata.tables["file"], SQLModel.metadata.tables["file_piece"]
    db.execute(pieces.insert(), {"file_id": file.id, "at": file.received, "body": body})
    db.execute(sa.update(table).where(table.c.id == file.id).values(received=file.received + len(body)))


def body(db: Session, file: UUID) -> bytes:
    """Return the bytes that are here, in order."""
    pieces = SQLModel.metadata.tables["file_piece"]
    query = sa.select(pieces.c.body).where(pieces.c.file_id == file).order_by(pieces.c.at)
    return b"".join(db.execute(query).scalars())


def forget(db: Session, file: UUID) -> None:
    """Take the bytes of a file away, so that it may be sent anew."""
    table, pieces = SQLModel.metadata.tables["file"], SQLModel.metadata.tables["file_piece"]
    db.execute(sa.delete(pieces).where(pieces.c.file_id == file))
    db.execute(sa.update(table).where(table.c.id == file).values(received=0))


def finish(db: Session, file: UUID, kept: Cleaned) -> None:
    """Put the cleaned bytes in the place of the pieces."""
    table, pieces = SQLModel.metadata.tables["file"], SQLModel.metadata.tables["file_piece"]
    db.execute(sa.delete(pieces).where(pieces.c.file_id == file))
    db.execute(pieces.insert(), {"file_id": file, "at": 0, "body": kept.body})
    done = {"media": kept.media, "width": kept.width, "height": kept.height, "done": True}
    db.execute(sa.update(table).where(table.c.id == file).values(done))
