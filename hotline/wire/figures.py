"""Rates and their parts, and the tickets a figure counts, as the board and the API show them."""

from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.kpis import Rate, Score


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The rates of one unit, street, grid, area or source; never of a person."""

    key: str
    name: str
    tickets: int
    rates: list[Rate]
    score: Score


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a rate divides by what (口径).  up: more is better"""

    name: str
    label: str
    means: str
    up: bool


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the tickets received on some days, whole days of the city.

    as_of, behind         everything before is counted; so many tickets have changed since and are still to be counted
    open, overdue, closed how the tickets stand now;  received, rates, by_day, by_area  as counted
    by, rows              one dimension, row by row;  key  set: all of it is of this one unit, street ... alone
    grounds, definitions  what the codes in `excluded` mean; what the rates mean
    """

    since: datetime
    until: datetime
    as_of: datetime
    behind: int
    by: str
    key: str | None
    received: int
    open: int
    overdue: int
    closed: int
    rates: list[Rate]
    score: Score
    rows: list[Row]
    grounds: dict[str, str]
    definitions: list[Definition]
    by_state: dict[str, int]
    by_area: dict[str, int]
    by_day: dict[str, int]


class CountedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket a figure counts; nothing of the caller.  hit: it counts in the numerator too"""

    id: UUID
    number: str
    title: str
    state: str
    area: str
    street: str
    unit: str
    received_at: datetime
    closed_at: datetime | None
    solved: str | None
    satisfaction: int | None
    excluded: str
    hit: bool


class CountedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The tickets a figure counts, newest first: `total` of them, some at a time; `after` asks for the next."""

    total: int
    items: list[CountedTicket]
    after: UUID | None
