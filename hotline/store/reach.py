"""Limits how far back a list looks: its cost follows what is open, or one page, never the length of the past.

What is open has indexes of its own.  A list that means what is over is read newest first: as the tops of a few ranges
of indexes where there are such (`ranges`), else among the newest `WINDOW` tickets, and the next page goes on where
those end.  Counts of what is over stop at `MOST_COUNTED`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from dispatch.lifecycle import SETTLED, State
from hotline.store.columns import col
from hotline.store.tickets import FINAL, JOINED_CONDITION, OPEN_CONDITION, TicketRow, verbatim

WINDOW = 4000  # tickets looked through for one page where no index serves the list
MOST_COUNTED = 1000  # so many of what is over are counted: 1000 is told as "999+"
RANGES = 8  # more ranges than these are looked for in the window

Condition = sa.ColumnElement[bool]
Conditions = Sequence[Condition]


def is_open() -> Condition:
    """Return "the ticket is open".  Said twice: the one names the index, the other its second column, for SQLite."""
    return verbatim(f"ticket.state NOT IN ({FINAL}) AND ticket.state IN ({OPEN_CONDITION})")


def is_over() -> Condition:
    """Return "the ticket is over"."""
    return verbatim(f"ticket.state IN ({FINAL})")


def ended(states: frozenset[str]) -> list[Condition] | None:
    """Return "in these states" where most of what is over is, or where an index holds them; None of other states."""
    if not states:
        return []
    if states == {state.value for state in SETTLED}:
        return [col(TicketRow.state).in_(sorted(states))]
    return [verbatim(f"ticket.{JOINED_CONDITION}")] if states == {State.JOINED.value} else None


class Range(NamedTuple):
    """Tickets that lie together in an index, the newest at its end; or `few`, which are found first and then sorted."""

    where: Condition
    few: bool = False

    def place(self) -> sa.ColumnElement[Any]:
        """The ticket's id, as this range is ordered by it."""
        return sorted_by(col(TicketRow.id)) if self.few else col(TicketRow.id)


def of_unit(unit: str) -> list[Range]:
    """Return the ranges that hold what a unit leads."""
    mine: Condition = col(TicketRow.unit) == unit
    return [Range(sa.and_(mine, is_open()), few=True), Range(sa.and_(mine, is_over()))]


def of_leader(login: str, grids: Sequence[str]) -> list[Range]:
    """Return the ranges that hold what a grid leader may know of."""
    mine: list[Condition] = [col(TicketRow.grid) == grid for grid in grids] + (
        [col(TicketRow.leader) == login] if login else []
    )
    over = [Range(sa.and_(one, is_over())) for one in mine]
    return [Range(sa.and_(sa.or_(sa.false(), *mine), is_open()), few=True), *over]


def newest(ranges: Sequence[Range], where: Conditions, most: int, *columns: sa.Column[Any]) -> sa.CompoundSelect[Any]:
    """Return the newest `most` of each of these ranges."""
    each = [sa.select(*columns).where(*where, one.where).order_by(one.place().desc()).limit(most) for one in ranges]
    return sa.union_all(*(sa.select(*one.subquery().c) for one in each))


class sorted_by(sa.sql.functions.FunctionElement[Any]):  # noqa: N801 - SQL functions are written small
    """`(column)`: order few rows by it.  SQLite would rather read the whole index that has them in this order."""

    inherit_cache = True
    name = "sorted_by"


@compiles(sorted_by, "sqlite")
def _sorted_sqlite(element: sorted_by, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(sorted_by)
def _sorted(element: sorted_by, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


def counted(where: Conditions) -> sa.ScalarSelect[Any]:
    """Return how many tickets this holds of, at most MOST."""
    some = sa.select(col(TicketRow.id)).where(*where).limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def end(where: Conditions) -> sa.ScalarSelect[Any]:
    """Return the first ticket beyond the newest WINDOW of these; null where there are not so many."""
    newest = sa.select(col(TicketRow.id)).where(*where).order_by(col(TicketRow.id).desc())
    return newest.offset(WINDOW).limit(1).scalar_subquery()


def within(end: sa.ScalarSelect[Any]) -> Condition:
    """Return "in the window that ends before this ticket"."""
    return col(TicketRow.id) > sa.func.coalesce(end, sa.literal(UUID(int=0), col(TicketRow.id).type))


def moment(ticket: UUID) -> datetime:
    """Return when the ticket of this id was received, to the millisecond: an id starts with it."""
    return datetime.fromtimestamp((ticket.int >> 80) / 1000, UTC)
