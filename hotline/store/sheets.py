"""Reads the whole ticket: one row and what hangs on it, ELEVEN statements whatever its history."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from hotline.errors import NoSuchTicket
from hotline.store import veil
from hotline.store.columns import col, columns_of
from hotline.store.files import FileRow
from hotline.store.lists import LARGEST_PAGE, TICKET, Sight, scope
from hotline.store.reach import sorted_by
from hotline.store.requests import CommitmentRow, OpinionRow, RequestRow
from hotline.store.tickets import Alarm, Assignment, CallbackRow, ClockRow, Entry, TicketRow
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

SHEET_COLUMNS = (
    col(TicketRow.text),
    col(TicketRow.street),
    col(TicketRow.district),
    col(TicketRow.lng),
    col(TicketRow.lat),
    col(TicketRow.datum),
    col(TicketRow.coordinates),
    col(TicketRow.helpers),
    col(TicketRow.edition),
    col(TicketRow.why),
    col(TicketRow.extra),
    col(TicketRow.reply),
    col(TicketRow.outcome),
    col(TicketRow.contacted),
    col(TicketRow.solved),
    col(TicketRow.satisfaction),
    col(TicketRow.tries),
)


def sheet(db: Session, sight: Sight, number: str) -> TicketSheet:
    """Return the whole ticket, in eleven statements.  NoSuchTicket also for one that may not be known of."""
    into = TICKET.alias("into")
    joined_to = (
        sa.select(col(TicketRow.number, into))
        .where(col(TicketRow.id, into) == col(TicketRow.joined_to))
        .scalar_subquery()
    )
    query = sa.select(
        *veil.columns(sight.everything),
        col(TicketRow.caller_id),
        *SHEET_COLUMNS,
        sa.func.coalesce(joined_to, "").label("joined_number"),
    )
    row = db.execute(query.where(col(TicketRow.number) == number, scope(sight))).first()
    if row is None:
        raise NoSuchTicket(number)
    values = dict(row._mapping)
    joined = _joined(db, sight, values["id"])
    rows = [values, *joined]
    hidden = {one["caller_id"]: one.get("name_sealed") for one in rows if one["confidential"] and one["caller_id"]}
    for one in rows:  # one ticket of a caller tells who is behind the other
        if one["caller_id"] in hidden:
            one.update({"confidential": True, "name_sealed": hidden[one["caller_id"]]})
    rest: dict[str, Any] = {one.key: values[one.key] for one in SHEET_COLUMNS} | _parts(db, values["id"])
    whole = TicketSheet(
        card=sight.card(values),
        joined=[sight.card(one) for one in joined],
        joined_to=values["joined_number"],
        **rest,
    )
    secret = any(one["confidential"] for one in rows)
    return veil.veiled_sheet(whole, sight.reads(secret, *hidden.values()), sight.login)


def _parts(db: Session, ticket: UUID) -> dict[str, list[Any]]:
    """Return what hangs on a ticket: ten statements, one a table."""
    return {
        "history": _rows(db, Line, Entry, col(Entry.ticket_id) == ticket, col(Entry.seq)),
        "clocks": _rows(
            db, Clock, ClockRow, col(ClockRow.ticket_id) == ticket, col(ClockRow.started_at), col(ClockRow.due_at)
        ),
        "cards": _rows(db, Card, Alarm, col(Alarm.ticket_id) == ticket, col(Alarm.acted_at)),
        "calls": _rows(db, Call, CallbackRow, col(CallbackRow.ticket_id) == ticket, col(CallbackRow.at)),
        "petitions": _rows(db, Petition, RequestRow, col(RequestRow.ticket_id) == ticket, col(RequestRow.id)),
        "opinions": _rows(
            db,
            Opinion,
            OpinionRow,
            col(OpinionRow.ticket_id) == ticket,
            col(OpinionRow.convened_at),
            col(OpinionRow.unit),
        ),
        "hands": _rows(db, Hand, Assignment, col(Assignment.ticket_id) == ticket, col(Assignment.id)),
        "commitments": _rows(
            db, CommitmentLine, CommitmentRow, col(CommitmentRow.ticket_id) == ticket, col(CommitmentRow.due_at)
        ),
        "files": _rows(db, FileLine, FileRow, col(FileRow.ticket_id) == ticket, col(FileRow.seq), col(FileRow.id)),
    }


def _rows(db: Session, shape: type[Any], row: type[SQLModel], where: sa.ColumnElement[bool], *order: Any) -> list[Any]:
    columns = columns_of(row, shape.__struct_fields__)
    return [shape(**one._mapping) for one in db.execute(sa.select(*columns).where(where).order_by(*order))]


def _joined(db: Session, sight: Sight, ticket: UUID) -> list[dict[str, Any]]:
    """Return the tickets joined to this one.  Who may know of the matter may know of all who reported it."""
    where = (col(TicketRow.region) == sight.region, col(TicketRow.joined_to) == ticket)
    query = sa.select(*veil.columns(sight.everything), col(TicketRow.caller_id)).where(*where)
    return [dict(row._mapping) for row in db.execute(query.order_by(sorted_by(col(TicketRow.id))).limit(LARGEST_PAGE))]
