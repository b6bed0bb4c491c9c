"""Rows of the duty table (民生问题办理责任分解表, 派单目录) and the units (承办单位) they name: values only."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from dispatch.conditions import ALWAYS, Circumstances, Condition, fits


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit that can be given tickets.

    place     code of the place it answers for; "" = the whole city
    hours     when it works, as `dispatch.calendar.for_hours` reads it: "" = the city's hours, "24h" = every day, round
              the clock, "08:00-12:00|13:00-20:00" = its own hours of the city's working days
    backstop  takes what nobody owns at its place (属地兜底, DB11/T 2021-2022), but only when a person says so
    formerly  codes of the units it was renamed or merged from (更名、合并): what they hold passes to it
    """

    code: str
    name: str
    kind: str = ""
    place: str = ""
    backstop: bool = False
    hours: str = ""
    formerly: tuple[str, ...] = ()


class DutyRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the duty table: matters of `area` at `place` belong to `unit`, where `when` holds.

    area          code of any level; it covers every area below; "" = every area
    place         code of any level; it covers every place below; "" = the whole city
    helpers       codes of helping units (协办)
    grid_role     what the grid leader does beside it, in words; "" = nothing
    basis         legal ground: 三定, 权责清单, ruling of a dispute meeting
    since, until  first and last day on which it is valid, both included; None = open
    support       tickets of history that agree with the row; 0 = written by people
    of, bound     how many tickets of history the row was counted over, and the upper bound of the share it is wrong
                  about; a row of history without them is unproven
    limits        the row's own limit for the result, in days; None = the city's
    standard      standard answer (标准答复) to read out or to start from; "" = none
    precedent     number of the ticket or ruling (会商裁定) that made the row; "" = none
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
    of: Annotated[int, msgspec.Meta(ge=0)] = 0
    bound: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 1.0
    when: Condition = ALWAYS
    limits: Annotated[int, msgspec.Meta(ge=1)] | None = None
    standard: str = ""
    precedent: str = ""

    def valid(self, on: date) -> bool:
        """Return whether the row is in force on day `on`."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)

    def proven(self, error: float) -> bool:
        """Return whether a ticket may follow the row alone: written by people, or history bounds its error so."""
        return self.support == 0 or (self.of > 0 and self.bound <= error)


class Candidate(msgspec.Struct, frozen=True):
    """A unit a person may choose, by code, with the row that speaks for it (None: it is the backstop)."""

    unit: str
    row: DutyRow | None
    why: str


class RoutingRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a matter that no row covers: the backstop is offered to a person, or given the ticket at once."""

    backstop: Literal["candidate", "dispatch"] = "candidate"
    source: str = "DB11/T 2021-2022"


def holds(row: DutyRow, case: Circumstances) -> bool:
    """Return whether a row is in force and its condition met; that its area and place cover is not asked here."""
    return row.valid(case.on) and fits(row.when, case)
