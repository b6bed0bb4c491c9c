"""Rows of the duty table (民生问题办理责任分解表, 派单目录) and the units (承办单位) they name: values only."""

from __future__ import annotations

from datetime import date

import msgspec


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit that can be given tickets.

    place     code of the place it answers for; "" = the whole city
    backstop  takes what nobody owns at its place (属地兜底, DB11/T 2021-2022), but only when a person says so
    """

    code: str
    name: str
    kind: str = ""
    place: str = ""
    backstop: bool = False


class DutyRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the duty table: matters of `area` at `place` belong to `unit`.

    area          code of any level; it covers every area below; "" = every area
    place         code of any level; it covers every place below; "" = the whole city
    helpers       codes of helping units (协办)
    grid_role     what the grid leader does beside it, in words; "" = nothing
    basis         legal ground: 三定, 权责清单, ruling of a dispute meeting
    since, until  first and last day on which it is valid, both included; None = open
    support       tickets of history that agree with the row; 0 = written by people
    """

    id: str
    area: str
    unit: str
    place: str = ""
    helpers: tuple[str, ...] = ()
    grid_role: str = ""
    basis: str = ""
    note: str = ""
    since: date | None = None
    until: date | None = None
    support: int = 0

    def valid(self, on: date) -> bool:
        """Return whether the row is in force on day `on`."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


class Candidate(msgspec.Struct, frozen=True):
    """A unit a person may choose, by code, with the row that speaks for it (None: it is the backstop)."""

    unit: str
    row: DutyRow | None
    why: str
