"""Rates and their parts, as the board and the API show them."""

from datetime import datetime

import msgspec


class RateCard(msgspec.Struct, frozen=True, kw_only=True):
    """One rate: `hits` of `of`; `value` is None where nothing was to be counted."""

    name: str
    label: str
    hits: int
    of: int
    value: float | None
    note: str


class UnitFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's rates (units only, never persons)."""

    unit: str
    name: str
    tickets: int
    rates: list[RateCard]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a span of time."""

    since: datetime
    until: datetime
    received: int
    open: int
    overdue: int
    closed: int
    rates: list[RateCard]
    units: list[UnitFigures]
    by_state: dict[str, int]
    by_area: dict[str, int]
    by_day: dict[str, int]
