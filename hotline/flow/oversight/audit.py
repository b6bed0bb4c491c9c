"""Verifies the history: walks every ticket's hash chain and names the first line that does not follow."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from hotline.city import City
from hotline.flow import moves
from hotline.store.columns import col, table_of
from hotline.store.tickets import Entry, TicketRow

ENTRY = table_of(Entry)
AUDITED_A_BATCH = 1000


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket whose history was altered: at which line, and how."""

    number: str
    seq: int
    what: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the walk found."""

    tickets: int
    lines: int
    breaks: list[Break]


def verify(db: Session, city: City) -> Verdict:
    """Check every chain of the region: each line follows the one before, and the last is the one the ticket names."""
    query = (
        sa.select(
            col(TicketRow.number),
            col(TicketRow.last_hash),
            col(TicketRow.seq).label("length"),
            col(Entry.seq),
            col(Entry.at),
            col(Entry.actor),
            col(Entry.role),
            col(Entry.move),
            col(Entry.target),
            col(Entry.note),
            col(Entry.facts),
            col(Entry.hash),
        )
        .join(ENTRY, col(Entry.ticket_id) == col(TicketRow.id), isouter=True)
        .where(col(TicketRow.region) == city.region)
        .order_by(col(TicketRow.id), col(Entry.seq))
        .execution_options(yield_per=AUDITED_A_BATCH)
    )
    tickets, lines, breaks = 0, 0, []
    for chain in _chains(db.execute(query)):
        tickets, lines = tickets + 1, lines + len(chain)
        broken = _broken(chain)
        if broken is not None:
            breaks.append(broken)
    return Verdict(tickets=tickets, lines=lines, breaks=breaks)


def _chains(rows: sa.Result[tuple[object, ...]]) -> Iterator[list[sa.Row[tuple[object, ...]]]]:
    chain: list[sa.Row[tuple[object, ...]]] = []
    for row in rows:
        if chain and chain[0].number != row.number:
            yield chain
            chain = []
        chain.append(row)
    if chain:
        yield chain


def _broken(chain: list[sa.Row[tuple[object, ...]]]) -> Break | None:
    number, before = chain[0].number, ""
    for place, row in enumerate(chain, 1):
        if row.seq != place:
            return Break(number=number, seq=place, what="缺少这一条记录")
        made = moves.chain(before, row.seq, row.at, row.actor, row.role, row.move, row.target, row.note, row.facts)
        if made != row.hash:
            return Break(number=number, seq=place, what="这一条记录被改动过")
        before = row.hash
    if len(chain) != chain[0].length or before != chain[0].last_hash:
        return Break(number=number, seq=len(chain) + 1, what="末尾的记录被删去")
    return None
