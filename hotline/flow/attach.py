"""Photos and voice notes come to a ticket, piece by piece.

A file belongs to the line of the history it was promised with.  It may arrive when the ticket has long moved on: who
promised it may send it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from hotline.errors import BadValue, NoSuchFile, WrongOffset
from hotline.people import Me
from hotline.store import files
from hotline.store.files import Stored
from hotline.store.tickets import Ticket
from hotline.wire.submissions import FileNamed


def promise(db: Session, ticket: Ticket, named: Sequence[FileNamed], me: Me, now: datetime) -> None:
    """Write down which files follow what was just said of a ticket."""
    for one in named:
        values = {
            "region": me.region, "login": me.login, "key": one.id, "ticket_id": ticket.id, "seq": ticket.seq,
            "role": me.role.value, "kind": one.kind, "size": one.size,
        }  # fmt: skip
        files.begin(db, values, now)


def promised(db: Session, me: Me, key: UUID) -> Stored:
    """Return a file this person promised, locked.  raises NoSuchFile"""
    found = files.locked(db, me.region, me.login, key)
    if found is None:
        raise NoSuchFile
    return found


def take(db: Session, me: Me, key: UUID, at: int, total: int, piece: bytes) -> Stored:
    """Take the next piece; return the file as it stands: with all its bytes it is still to be cleaned.

    raises  NoSuchFile, WrongOffset where the piece does not follow on what is here, BadValue
    """
    file = promised(db, me, key)
    if file.done:
        return file
    if total != file.size or at + len(piece) > total or not piece:
        raise BadValue("Content-Range", f"文件共 {file.size} 字节，与这次说的不一致")
    if at != file.received:
        raise WrongOffset(file.received)
    files.append(db, file, piece)
    return promised(db, me, key)
