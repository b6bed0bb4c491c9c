"""Columns and tables named through their row classes, so that the type checker knows each name and each type.

What comes back is the plain column of the table: a statement made of it returns tuples, and no row object is ever made.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import QueryableAttribute
from sqlmodel import SQLModel

P = ParamSpec("P")
T = TypeVar("T")
Values = dict[sa.Column[Any], Any]  # column -> what it becomes, as an UPDATE takes them


def col(attribute: T, of: sa.FromClause | None = None) -> sa.Column[T]:
    """Return the column behind an attribute of a row class (`col(TicketRow.state)`); of  an alias of its table"""
    column: sa.Column[T] = _column(attribute)
    return column if of is None else cast("sa.Column[T]", of.c[column.key])


def columns_of(row: type[SQLModel], names: Iterable[str]) -> list[sa.Column[Any]]:
    """Return the columns of these names: for a shape whose fields are called as they are (`__struct_fields__`)."""
    table = table_of(row)
    return [table.c[name] for name in names]


def table_of(row: type[SQLModel]) -> sa.Table:
    """Return the table of a row class: what is inserted into, updated, or counted."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def values_of(_row: Callable[P, SQLModel], *_: P.args, **values: P.kwargs) -> dict[str, Any]:
    """Return column -> value as a row class takes them, checked like its constructor and made into no row."""
    return values


@cache
def _column(attribute: QueryableAttribute[Any]) -> Any:
    row: type[SQLModel] = attribute.class_  # type: ignore[assignment]  # no alias has attributes of its own here
    return table_of(row).c[attribute.key]
