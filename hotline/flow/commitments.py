"""Commitments made in replies (答复承诺): written down, told of once when due (回头看), and counted.

Source: 凉政办发〔2018〕116号 art. 18.  The sweep moves nothing: who looked says how it stands (`flow.recheck`).
"""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid5

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import commitments
from dispatch.calendar import DAY, deadline_text
from dispatch.commitments import FoundCommitment
from dispatch.roles import Role
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue
from hotline.people import Me
from hotline.store import bulk, troubles
from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.outbox import Notice
from hotline.store.requests import CommitmentRow
from hotline.store.tickets import Ticket
from hotline.wire.moves import Commitment
from hotline.wire.tickets import CommitmentLine

COMMITMENT, NOTICE = table_of(CommitmentRow), table_of(Notice)
RECIPIENTS = (Role.CALLER_BACK, Role.SUPERVISOR)
COMMITMENT_NOTICE = "commitment"


class Recheck(msgspec.Struct, frozen=True, kw_only=True):
    """One commitment on the list of those to look at again (回头看)."""

    id: UUID
    number: str
    unit: str
    text: str
    made_at: datetime
    due_at: datetime


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A unit's commitments of a span, and what came of those due in it (the rest nobody has looked at yet)."""

    unit: str
    made: int
    due: int
    kept: int
    broken: int


def enter(
    db: Session, city: City, ticket: Ticket, items: Sequence[Commitment], source: str, me: Me, now: datetime
) -> None:
    """Write down the commitments of a reply, one row each.  raises BadValue for a day that is past"""
    for item in items:
        if item.until < city.day(now):
            raise BadValue(
                "commitments", Message("承诺的日期%(until)s已经过去，请填写今天或以后的日期", until=item.until)
            )
    rows = [
        values_of(
            CommitmentRow,
            id=new_id(now),
            region=ticket.region,
            ticket_id=ticket.id,
            number=ticket.number,
            unit=ticket.unit,
            text=item.text,
            source="text" if item.proposed else source,
            made_by=me.login,
            made_at=now,
            due_at=city.rulebook.calendar.at(item.until + DAY, time()),
            told_at=None,
            result="",
            settled_by="",
            settled_at=None,
            note="",
        )
        for item in items
    ]
    bulk.insert(db, COMMITMENT, rows)


def proposed(city: City, reply: str, now: datetime, held: Sequence[CommitmentLine] = ()) -> list[FoundCommitment]:
    """Return the commitments that stand in a reply and are not entered yet, for a person to confirm."""
    known = {one.text for one in held}
    return [
        one
        for one in commitments.find_commitments(reply, city.day(now), city.rulebook.calendar)
        if one.text not in known
    ]


def sweep(db: Session, city: City, now: datetime, limit: int = 500, only: Sequence[UUID] | None = None) -> int:
    """Put up to `limit` commitments that are due on the re-check list and tell of them, each once; return how many.

    only    of these alone
    """
    ready = sa.select(col(CommitmentRow.id)).where(
        *_due(city.region, now), *([col(CommitmentRow.id).in_(only)] if only else [])
    )
    claimed = ready.order_by(col(CommitmentRow.due_at)).limit(limit).with_for_update(skip_locked=True)
    taken = (
        sa.update(COMMITMENT)
        .where(col(CommitmentRow.id).in_(claimed), col(CommitmentRow.told_at).is_(None))
        .values({col(CommitmentRow.told_at): now})
    )
    found = db.execute(
        taken.returning(
            col(CommitmentRow.id),
            col(CommitmentRow.number),
            col(CommitmentRow.unit),
            col(CommitmentRow.text),
            col(CommitmentRow.due_at),
        )
    ).all()
    bulk.insert(db, NOTICE, [_notice(city, row, role, now) for row in found for role in RECIPIENTS])
    return len(found)


def due(db: Session, region: str, now: datetime, limit: int = 500) -> list[tuple[UUID, UUID, str]]:
    """Return (commitment, ticket, number) of what a sweep would tell of."""
    query = (
        sa.select(col(CommitmentRow.id), col(CommitmentRow.ticket_id), col(CommitmentRow.number))
        .where(*_due(region, now))
        .order_by(col(CommitmentRow.due_at))
        .limit(limit)
    )
    return [(row.id, row.ticket_id, row.number) for row in db.execute(query)]


def _due(region: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    waits = (
        col(CommitmentRow.region) == region,
        col(CommitmentRow.due_at) <= now,
        col(CommitmentRow.settled_at).is_(None),
        col(CommitmentRow.told_at).is_(None),
    )
    return (*waits, troubles.aside(region, "pledge", col(CommitmentRow.id)))


def to_check(db: Session, region: str, now: datetime, size: int = 100) -> list[Recheck]:
    """Return the commitments that are due and not looked at, the oldest first, in one statement."""
    columns = columns_of(CommitmentRow, Recheck.__struct_fields__)
    waits = (
        col(CommitmentRow.region) == region,
        col(CommitmentRow.due_at) <= now,
        col(CommitmentRow.settled_at).is_(None),
    )
    query = sa.select(*columns).where(*waits).order_by(col(CommitmentRow.due_at), col(CommitmentRow.id)).limit(size)
    return [Recheck(**row._mapping) for row in db.execute(query)]


def score(db: Session, region: str, since: datetime, until: datetime) -> list[Score]:
    """Return how many each unit made and kept in [since, until), in one statement.  Who was let off counts nowhere."""
    made, due = (
        sa.and_(col(CommitmentRow.made_at) >= since, col(CommitmentRow.made_at) < until),
        sa.and_(col(CommitmentRow.due_at) >= since, col(CommitmentRow.due_at) < until),
    )
    result = col(CommitmentRow.result)
    counts = {
        "made": made,
        "due": due,
        "kept": sa.and_(due, result == "kept"),
        "broken": sa.and_(due, result == "broken"),
    }
    sums = [sa.func.sum(sa.case((rule, 1), else_=0)).label(name) for name, rule in counts.items()]
    asked = col(CommitmentRow.region) == region, col(CommitmentRow.result) != "waived", sa.or_(made, due)
    return [
        Score(**row._mapping)
        for row in db.execute(sa.select(col(CommitmentRow.unit), *sums).where(*asked).group_by(col(CommitmentRow.unit)))
    ]


def _notice(city: City, row: Any, role: Role, now: datetime) -> dict[str, Any]:
    by = deadline_text(row.due_at, city.rulebook.calendar)
    return values_of(
        Notice,
        id=UUID(bytes=new_id(now).bytes[:8] + uuid5(row.id, role).bytes[8:]),
        region=city.region,
        unit="",
        login=f"@{role}",
        number=row.number,
        kind=COMMITMENT_NOTICE,
        at=now,
        read_at=None,
        text=f"回头看：{row.number} {city.unit_name(row.unit)}承诺{by}前兑现：{row.text}",
    )
