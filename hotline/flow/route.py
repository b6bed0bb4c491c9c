"""Step 4, assignment: which unit must act by the duty table.

A person's choice stands; else the duty table (责任分解表) says, or a person decides.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from dispatch.duty import Candidate
from dispatch.errors import NoRoute
from hotline.city import City


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The unit of a ticket ("" = a person must say), its helpers, why, and up to three candidates.

    limits  days for the result as the chosen row promises, for whoever starts the clock; None = the city's promise
    """

    unit: str
    why: str
    helpers: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    limits: int | None = None


def by_rule(
    city: City, area: str, place: str | None, on: date, *, at: datetime, text: str, caller_kind: str = ""
) -> Chosen:
    """Return what the duty table says on day `on` of a matter of `area` at `place` that came in `at` with `text`."""
    try:
        found = city.router.route(area=area or None, place=place, on=on, at=at, text=text, caller=caller_kind)
    except NoRoute as gap:
        return Chosen(unit="", why=str(gap.why), candidates=gap.candidates)
    limits = found.row.limits if found.row else None
    return Chosen(unit=found.unit, why=found.why, helpers=found.helpers, candidates=found.candidates, limits=limits)


def caller_kind(extra: Mapping[str, Any]) -> str:
    """Return what kind of caller (个人, 企业 ...) the door wrote down, "" if it did not."""
    return str(extra.get("caller_kind") or "")


def by_person(city: City, unit: str, who: str) -> Chosen:
    """Return a person's choice."""
    return Chosen(unit=unit, why=f"由{who}指定{city.unit_name(unit)}承办")
