"""The whole ticket: one row and what hangs on it, ELEVEN statements whatever its history."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from hotline.errors import NoSuchTicket
from hotline.store import veil
from hotline.store.lists import LARGEST_PAGE, TICKET, Sight, scope
from hotline.store.reach import sorted_by
from hotline.store.schema import METADATA
from hotline.wire.tickets import (
    Call,
    Card,
    Clock,
    CommitmentLine,
    FileLine,
    Hand,
    Line,
    Opinion,
    Petition,
    TicketSheet,
)

ENTRY, CLOCK, ALARM, CALLBACK, REQUEST, OPINION, ASSIGNMENT, COMMITMENT, FILE = (
    METADATA.tables[name]
    for name in ("entry", "clock", "alarm", "callback", "request", "opinion", "assignment", "commitment", "file")
)
SHEET_COLUMNS = (
    "text",
    "street",
    "district",
    "lng",
    "lat",
    "datum",
    "coordinates",
    "helpers",
    "edition",
    "why",
    "extra",
    "reply",
    "outcome",
    "contacted",
    "solved",
    "satisfaction",
    "tries",
)


def sheet(db: Session, sight: Sight, number: str) -> TicketSheet:
    """Return the whole ticket, in eleven statements.  NoSuchTicket also for one that may not be known of."""
    into = TICKET.alias("into")
    joined_to = sa.select(into.c.number).where(into.c.id == TICKET.c.joined_to).scalar_subquery()
    more = [TICKET.c[name] for name in SHEET_COLUMNS]
    query = sa.select(
        *veil.columns(sight.everything),
        TICKET.c.caller_id,
        *more,
        sa.func.coalesce(joined_to, "").label("joined_number"),
    )
    row = db.execute(query.where(TICKET.c.number == number, scope(sight))).first()
    if row is None:
        raise NoSuchTicket(number)
    values = dict(row._mapping)
    joined = _joined(db, sight, values["id"])
    rows = [values, *joined]
    hidden = {one["caller_id"]: one.get("name_sealed") for one in rows if one["confidential"] and one["caller_id"]}
    for one in rows:  # one ticket of a caller tells who is behind the other
        if one["caller_id"] in hidden:
            one.update({"confidential": True, "name_sealed": hidden[one["caller_id"]]})
    rest: dict[str, Any] = {name: values[name] for name in SHEET_COLUMNS} | _parts(db, values["id"])
    whole = TicketSheet(
        card=sight.card(values),
        joined=[sight.card(one) for one in joined],
        joined_to=values["joined_number"],
        **rest,
    )
    secret = any(one["confidential"] for one in rows)
    return veil.sheet(whole, sight.reads(secret, *hidden.values()), sight.login)


def _parts(db: Session, ticket: UUID) -> dict[str, list[Any]]:
    """Return what hangs on a ticket: ten statements, one a table."""
    return {
        "history": _rows(db, Line, ENTRY, ENTRY.c.ticket_id == ticket, ENTRY.c.seq),
        "clocks": _rows(db, Clock, CLOCK, CLOCK.c.ticket_id == ticket, CLOCK.c.started_at, CLOCK.c.due_at),
        "cards": _rows(db, Card, ALARM, ALARM.c.ticket_id == ticket, ALARM.c.acted_at),
        "calls": _rows(db, Call, CALLBACK, CALLBACK.c.ticket_id == ticket, CALLBACK.c.at),
        "petitions": _rows(db, Petition, REQUEST, REQUEST.c.ticket_id == ticket, REQUEST.c.id),
        "opinions": _rows(db, Opinion, OPINION, OPINION.c.ticket_id == ticket, OPINION.c.convened_at, OPINION.c.unit),
        "hands": _rows(db, Hand, ASSIGNMENT, ASSIGNMENT.c.ticket_id == ticket, ASSIGNMENT.c.id),
        "commitments": _rows(db, CommitmentLine, COMMITMENT, COMMITMENT.c.ticket_id == ticket, COMMITMENT.c.due_at),
        "files": _rows(db, FileLine, FILE, FILE.c.ticket_id == ticket, FILE.c.seq, FILE.c.id),
    }


def _rows(db: Session, shape: type[Any], table: sa.Table, where: sa.ColumnElement[bool], *order: Any) -> list[Any]:
    columns = [table.c[name] for name in shape.__struct_fields__]
    return [shape(**row._mapping) for row in db.execute(sa.select(*columns).where(where).order_by(*order))]


def _joined(db: Session, sight: Sight, ticket: UUID) -> list[dict[str, Any]]:
    """Return the tickets joined to this one.  Who may know of the matter may know of all who reported it."""
    where = (TICKET.c.region == sight.region, TICKET.c.joined_to == ticket)
    query = sa.select(*veil.columns(sight.everything), TICKET.c.caller_id).where(*where)
    return [dict(row._mapping) for row in db.execute(query.order_by(sorted_by(TICKET.c.id)).limit(LARGEST_PAGE))]
