"""Pages of a list by keyset: the orders there are, and the cursor that says where a page ended."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa

from grids.messages import Message
from hotline.errors import BadValue
from hotline.store.columns import col
from hotline.store.reach import sorted_by
from hotline.store.tickets import TicketRow
from hotline.wire.tickets import TicketCard

FAR = datetime(9999, 1, 1, tzinfo=UTC)  # stands for "no due date yet": last in a list by due date

Order = Literal["newest", "due", "callback"]


def ordered(query: sa.Select[Any], order: Order, after: str | None) -> sa.Select[Any]:
    """Return the query in this order, after the cursor of the page before.  raises BadValue"""
    if order == "newest":
        if after:
            query = query.where(col(TicketRow.id) < read_cursor(after, order)[1])
        return query.order_by(sorted_by(col(TicketRow.id)).desc())
    column = _DUE_BY[order]
    due = sa.func.coalesce(column, sa.literal(FAR, column.type))
    if after:
        at, seen = read_cursor(after, order)
        last = sa.tuple_(sa.literal(at, column.type), sa.literal(seen, col(TicketRow.id).type))
        query = query.where(sa.tuple_(due, col(TicketRow.id)) > last)
    return query.order_by(due, col(TicketRow.id))


_DUE_BY = {"due": col(TicketRow.due_at), "callback": col(TicketRow.callback_due_at)}


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a page ended."""

    order: Order
    at: datetime
    id: UUID


def of(last: TicketCard, order: Order) -> str:
    """Return the cursor that follows a card."""
    return written(Cursor(order, (last.callback_due_at if order == "callback" else last.due_at) or FAR, last.id))


def written(cursor: "Cursor") -> str:
    """Return a cursor as it is given out."""
    return urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


def read_cursor(text: str, order: Order) -> tuple[datetime, UUID]:
    """Return the moment and the ticket a cursor names.  raises BadValue for one that is not ours"""
    try:
        cursor = msgspec.msgpack.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise BadValue("after", Message("翻页标记无效，请从第一页开始")) from None
    if cursor.order != order or cursor.at.tzinfo is None:
        raise BadValue("after", Message("翻页标记属于另一种排序，请从第一页开始"))
    return cursor.at, cursor.id
