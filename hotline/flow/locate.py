"""Step 3, location: in which grid a ticket lies, and which leader answers for it."""

from collections.abc import Sequence
from datetime import date

import msgspec

from grids.geometry import Bounds, Point
from grids.locate import Located
from hotline import clock
from hotline.city import City
from hotline.store.tickets import Ticket

MAINLAND = Bounds(west=73.0, south=3.0, east=136.0, north=54.0)  # where a city has drawn nothing of its own


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a ticket, codes from the grid up ("" = not known), its grid leader's login, and why."""

    grid: str
    community: str
    street: str
    district: str
    leader: str
    confidence: float
    why: str
    nearby: tuple[str, ...] = ()

    @property
    def finest(self) -> str | None:
        """The smallest place known."""
        return self.grid or self.community or self.street or self.district or None


def many(city: City, tickets: Sequence[Ticket], on: date) -> list[Placed]:
    """Locate tickets, each against the places valid on the day it was received; a grid a person chose stands."""
    by_day: dict[date, list[Ticket]] = {}
    for ticket in tickets:
        if not ticket.grid:
            by_day.setdefault(city.day(ticket.received_at), []).append(ticket)
    found = {
        ticket.id: located
        for day, asked in by_day.items()
        for ticket, located in zip(asked, city.locator_on(day).locate_many([_ask(one) for one in asked]), strict=True)
    }
    return [
        chosen(city, ticket.grid, on) if ticket.grid else place_on(city, found[ticket.id], on) for ticket in tickets
    ]


def place_on(city: City, found: Located, on: date) -> Placed:
    """Return where the rules say it is, with the leader who answers for the grid on that day.

    A place the rules doubt is no place to send somebody to: only the district is kept, the address is to be checked.
    """
    if found.confidence < city.where.doubt and found.how != "none":
        return Placed(
            grid="",
            community="",
            street="",
            district=found.district or "",
            leader="",
            confidence=found.confidence,
            why=f"{found.why}；把握不足，待核地址",
            nearby=(*filter(None, (found.grid, found.community)), *found.nearby),
        )
    answering = city.leader_of(found.grid, on) if found.grid else None
    return Placed(
        grid=found.grid or "",
        community=found.community or "",
        street=found.street or "",
        district=found.district or "",
        leader=answering.login if answering else "",
        confidence=found.confidence,
        why=found.why + (f"；{answering.why}" if answering else ""),
        nearby=found.nearby,
    )


def codes(city: City, found: Located) -> tuple[str, str, str]:
    """Return district, street and community as `place_on` would keep them: what models are taught and asked under."""
    if found.confidence < city.where.doubt and found.how != "none":
        return found.district or "", "", ""
    return found.district or "", found.street or "", found.community or ""


def ask(city: City, text: str, address: str, lng: float | None, lat: float | None) -> Located:
    """Return where text, address and point (WGS-84) lie today."""
    return city.locator_on(city.day(clock.now())).locate(text, address, _point(lng, lat))


def _ask(ticket: Ticket) -> tuple[str, str, Point | None]:
    return ticket.text, ticket.address, _point(ticket.lng, ticket.lat)


def _point(lng: float | None, lat: float | None) -> Point | None:
    return Point(lng=lng, lat=lat) if lng is not None and lat is not None else None


def chosen(city: City, grid: str, on: date) -> Placed:
    """Return the place a person chose."""
    above, answering = city.above(grid), city.leader_of(grid, on)
    return Placed(
        grid=above.get("grid", ""),
        community=above.get("community", ""),
        street=above.get("street", ""),
        district=above.get("district", ""),
        leader=answering.login if answering else "",
        confidence=1.0,
        why=f"由人工选定“{city.place_name(grid)}”" + (f"；{answering.why}" if answering else ""),
    )
