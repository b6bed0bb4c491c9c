"""Attaches photos and voice notes to a ticket: piece by piece after their words, or whole with them.

A file belongs to the line of the history it was announced with.  It may arrive when the ticket has long moved on: who
announced it may send it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from sqlmodel import Session

from grids.messages import Message
from hotline.errors import BadValue, NoSuchFile, WrongOffset
from hotline.people import Me
from hotline.store import files
from hotline.store.files import Cleaned, Stored
from hotline.store.tickets import Ticket
from hotline.wire.submissions import FileNamed


def announce(db: Session, ticket: Ticket, named: Sequence[FileNamed], me: Me, now: datetime) -> None:
    """Write down which files follow what was just said of a ticket."""
    for one in named:
        files.begin(db, me.region, me.login, one.id, ticket.id, ticket.seq, me.role.value, one.kind, one.size, now)


def keep(db: Session, ticket: Ticket, photos: Sequence[Cleaned], me: Me, now: datetime, under: str = "") -> None:
    """Keep photos that came with what was just said of a ticket, in their order.

    under  what the form is called: the same photo under the same name is there once, however often it comes
    """
    for place, one in enumerate(photos):
        key = uuid5(ticket.id, f"{under or ticket.seq}:{me.login}:{sha256(one.body).hexdigest()}")
        at, size = now + timedelta(milliseconds=place), len(one.body)
        files.begin(
            db, me.region, me.login, key, ticket.id, ticket.seq, me.role.value, "photo", size, at, received=size
        )
        file = announced(db, me, key)
        if not file.done:
            files.finish(db, file.id, one)


def announced(db: Session, me: Me, key: UUID) -> Stored:
    """Return a file this person announced, locked.  raises NoSuchFile"""
    found = files.locked(db, me.region, me.login, key)
    if found is None:
        raise NoSuchFile
    return found


def take(db: Session, me: Me, key: UUID, at: int, total: int, piece: bytes) -> Stored:
    """Take the next piece; return the file as it stands: with all its bytes it is still to be cleaned.

    raises  NoSuchFile, WrongOffset where the piece does not follow on what is here, BadValue
    """
    file = announced(db, me, key)
    if file.done:
        return file
    if total != file.size or at + len(piece) > total or not piece:
        raise BadValue("Content-Range", Message("文件共 %(size)s 字节，与这次说的不一致", size=file.size))
    if at != file.received:
        raise WrongOffset(file.received)
    files.append(db, file, piece)
    return announced(db, me, key)
