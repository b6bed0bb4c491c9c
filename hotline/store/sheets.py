"""The whole ticket: one row and what hangs on it, ELEVEN statements whatever its history."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from hotline.errors import NoSuchTicket
from hotline.store.lists import LARGEST_PAGE, TICKET, Sight, card_columns, scope
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
    TicketCard,
    TicketSheet,
)

ENTRY, CLOCK, ALARM, CALLBACK, REQUEST, OPINION, ASSIGNMENT, COMMITMENT, FILE = (
    METADATA.tables[name]
    for name in ("entry", "clock", "alarm", "callback", "request", "opinion", "assignment", "commitment", "file")
)
SHEET_COLUMNS = (
    "text", "street", "district", "lng", "lat", "datum", "coordinates", "helpers", "edition", "why", "extra", "reply",
    "outcome", "contacted", "solved", "satisfaction", "tries",
)  # fmt: skip


def sheet(db: Session, sight: Sight, number: str) -> TicketSheet:
    """Return the whole ticket, in eleven statements.  NoSuchTicket also for one that may not be known of."""
    into = TICKET.alias("into")
    joined_to = sa.select(into.c.number).where(into.c.id == TICKET.c.joined_to).scalar_subquery()
    more = [TICKET.c[name] for name in SHEET_COLUMNS]
    query = sa.select(*card_columns(sight), *more, sa.func.coalesce(joined_to, "").label("joined_number"))
    row = db.execute(query.where(TICKET.c.number == number, scope(sight))).first()
    if row is None:
        raise NoSuchTicket(number)
    values = dict(row._mapping)
    card = TicketCard(**{name: values[name] for name in TicketCard.__struct_fields__})
    rest: dict[str, Any] = {name: values[name] for name in SHEET_COLUMNS} | _parts(db, sight, card.id)
    return TicketSheet(card=card, joined_to=values["joined_number"], **rest)


def _parts(db: Session, sight: Sight, ticket: UUID) -> dict[str, list[Any]]:
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
        "joined": _joined(db, sight, ticket),
    }


def _rows(db: Session, shape: type[Any], table: sa.Table, where: sa.ColumnElement[bool], *order: Any) -> list[Any]:
    columns = [table.c[name] for name in shape.__struct_fields__]
    return [shape(**row._mapping) for row in db.execute(sa.select(*columns).where(where).order_by(*order))]


def _joined(db: Session, sight: Sight, ticket: UUID) -> list[TicketCard]:
    """Return the tickets joined to this one.  Who may know of the matter may know of all who reported it."""
    where = (TICKET.c.region == sight.region, TICKET.c.joined_to == ticket)
    query = sa.select(*card_columns(sight)).where(*where).order_by(TICKET.c.id).limit(LARGEST_PAGE)
    return [TicketCard(**row._mapping) for row in db.execute(query)]
