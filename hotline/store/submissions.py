"""Rows of what a phone handed in: each once, under the identifier the phone made for it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, Index, Session, SQLModel

from hotline.store import bulk
from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.tickets import Json
from hotline.wire.submissions import Accepted, FileNamed, Submission

SAME_WORDS_WITHIN = timedelta(minutes=10)  # the same words again within it are asked about
BESIDE = frozenset({"seq", "key", "seen", "lng", "lat", "csrf_token", "again", "photos"})  # fields that say nothing


class SubmissionRow(SQLModel, table=True):
    """One form handed in (提交), with the answer it got: the same again for whoever sends it again.

    seq         of the ticket after it: the line of the history that files of this submission belong to
    words       digest of what it said about what, whichever way it came and whenever: the same again is asked about
    files       JSON of `FileNamed`, as the phone said they would follow
    occurred_at when it was filled in, by our clock, as far as the phone lets us know;  received_at  is what counts
    """

    __tablename__ = "submission"
    region: str = Field(primary_key=True, max_length=32)
    login: str = Field(primary_key=True, max_length=64)
    id: UUID = Field(primary_key=True)
    digest: str = Field(max_length=64)
    kind: str = Field(max_length=16)
    number: str = Field(default="", max_length=32)
    ticket_id: UUID | None = None
    seq: int = 0
    words: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    files: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    occurred_at: datetime
    received_at: datetime
    __table_args__ = (
        Index("ix_submission_ticket", "ticket_id"),
        Index("ix_submission_words", "region", "login", "words"),
    )


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a submission; `digest` tells whether the same words came again."""

    id: UUID
    digest: str
    number: str
    ticket_id: UUID | None
    seq: int
    files: tuple[FileNamed, ...]
    occurred_at: datetime
    received_at: datetime

    @property
    def answer(self) -> Accepted:
        """What the phone was told, and is told again."""
        return Accepted(id=self.id, number=self.number, seq=self.seq)


def digest(said: Submission) -> str:
    """Return what tells whether an identifier came back with other words; when it was sent does not matter."""
    same = msgspec.structs.replace(said, sent_at=said.occurred_at)
    return hashlib.blake2b(msgspec.json.encode(same, order="deterministic"), digest_size=16).hexdigest()


def words(kind: str, number: str, said: Mapping[str, str], files: Sequence[FileNamed] = ()) -> str:
    """Return what tells the same words of the same kind about the same ticket; where a phone stood is no word.

    files   what follows the words: another photo says something else
    """
    told = {name: " ".join(text.split()) for name, text in said.items() if name not in BESIDE}
    same: list[object] = [kind, number, sorted((name, text) for name, text in told.items() if text)]
    same += [sorted((one.kind, one.size) for one in files)] if files else []
    return hashlib.blake2b(msgspec.json.encode(same), digest_size=16).hexdigest()


def lately(db: Session, region: str, login: str, said: str, at: datetime, but: UUID | None = None) -> bool:
    """Say whether this person said the same (`words`) within LATELY of `at`, under another identifier than `but`."""
    same = col(SubmissionRow.region) == region, col(SubmissionRow.login) == login, col(SubmissionRow.words) == said
    near = col(SubmissionRow.occurred_at).between(at - SAME_WORDS_WITHIN, at + SAME_WORDS_WITHIN)
    others = sa.select(col(SubmissionRow.id)).where(*same, near)
    return (
        db.execute((others if but is None else others.where(col(SubmissionRow.id) != but)).limit(1)).first() is not None
    )


def note(db: Session, region: str, login: str, kind: str, number: str, said: str, now: datetime) -> None:
    """Write down what a page's own form said, so that the phone's outbox and the form know of each other."""
    row = values_of(
        SubmissionRow,
        region=region,
        login=login,
        id=new_id(now),
        digest="",
        kind=kind,
        number=number,
        seq=0,
        words=said,
        files=[],
        occurred_at=now,
        received_at=now,
    )
    db.execute(table_of(SubmissionRow).insert(), row)


def find(db: Session, region: str, login: str, key: UUID) -> Kept | None:
    """Return what this person handed in under this identifier."""
    columns = columns_of(SubmissionRow, Kept.__struct_fields__)
    own = col(SubmissionRow.region) == region, col(SubmissionRow.login) == login, col(SubmissionRow.id) == key
    row = db.execute(sa.select(*columns).where(*own)).first()
    if row is None:
        return None
    files = msgspec.convert(row.files, tuple[FileNamed, ...])
    return Kept(**{**row._mapping, "files": files})


def begin(db: Session, region: str, login: str, key: UUID, said: Submission, at: datetime, now: datetime) -> bool:
    """Take the identifier, before anything is done under it; False where it is taken: who took it has committed."""
    table = table_of(SubmissionRow)
    row = values_of(
        SubmissionRow,
        region=region,
        login=login,
        id=key,
        digest=digest(said),
        kind=said.kind,
        number=said.number,
        seq=0,
        words=words(said.kind, said.number, said.said, said.files),
        occurred_at=at,
        received_at=now,
        files=[msgspec.to_builtins(one) for one in said.files],
    )
    return bulk.insert_new(db, table, [row]) == 1


def end(db: Session, region: str, login: str, key: UUID, number: str, ticket: UUID, seq: int) -> None:
    """Write down what became of it."""
    table = table_of(SubmissionRow)
    own = col(SubmissionRow.region) == region, col(SubmissionRow.login) == login, col(SubmissionRow.id) == key
    db.execute(
        sa.update(table)
        .where(*own)
        .values({col(SubmissionRow.number): number, col(SubmissionRow.ticket_id): ticket, col(SubmissionRow.seq): seq})
    )
