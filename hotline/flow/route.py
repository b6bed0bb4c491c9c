"""Step 4: who must act.  A person's choice stands; else the duty table (责任分解表) says, or a person decides."""

from datetime import date

import msgspec

from dispatch.duty import Candidate
from dispatch.errors import NoRoute
from hotline.city import City


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The unit of a ticket ("" = a person must say), its helpers, why, and up to three candidates."""

    unit: str
    why: str
    helpers: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def by_rule(city: City, area: str, place: str | None, on: date) -> Chosen:
    """Return what the duty table says of a matter of `area` at `place` on day `on`."""
    try:
        found = city.router.route(area=area or None, place=place, on=on)
    except NoRoute as gap:
        return Chosen(unit="", why=gap.why, candidates=gap.candidates)
    return Chosen(unit=found.unit, why=found.why, helpers=found.helpers, candidates=found.candidates)


def by_person(city: City, unit: str, who: str) -> Chosen:
    """Return a person's choice."""
    return Chosen(unit=unit, why=f"由{who}指定{city.unit_name(unit)}承办")
