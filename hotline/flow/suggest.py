"""What the desk sees while typing: the same rules as triage, asked about words not yet saved; nothing is written."""

from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import text as words
from dispatch.duty import Candidate
from hotline.city import City
from hotline.flow import classify, locate, route
from hotline.flow.repeats import OPEN_STATES
from hotline.store.schema import METADATA

TICKET = METADATA.tables["ticket"]
SIMILAR = 5


class AreaOffer(msgspec.Struct, frozen=True, kw_only=True):
    """An area that may be meant."""

    area: str
    label: str
    confidence: float


class UnitOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that may be the one, why, and the row's standard answer (标准答复), "" if it has none."""

    unit: str
    name: str
    why: str
    standard: str = ""


class PlaceOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Where it may be, and who answers for the grid."""

    grid: str
    name: str
    street: str
    community: str
    leader: str
    confidence: float
    why: str


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    """An open ticket that may be the same matter."""

    number: str
    title: str
    unit: str
    received_at: datetime
    why: str


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.  `area` and `unit` are "" where a person must choose (拿不准，请选)."""

    area: str
    areas: list[AreaOffer]
    area_why: str
    words: list[str]
    place: PlaceOffer
    unit: str
    units: list[UnitOffer]
    unit_why: str
    similar: list[Similar]


def suggest(
    db: Session,
    city: City,
    *,
    text: str,
    title: str = "",
    address: str = "",
    lng: float | None = None,
    lat: float | None = None,
    caller: str = "",
    area: str = "",
    caller_kind: str = "",
    now: datetime,
) -> Suggestion:
    """Return what the rules say of a matter being typed.

    caller       the caller's id (32 hex digits), "" if not known
    area         chosen by the person already, "" if not yet
    caller_kind  个人, 企业 ..., as conditions of the duty table name them
    """
    on = city.day(now)
    guess = classify.classified(classify.guess_many(city, [text], [title])[0], city)
    placed = locate.one(city, locate.ask(city, text, address, lng, lat), on)
    chosen = area or guess.area
    who = route.by_rule(city, chosen, placed.finest, on, at=now, text=f"{title}\n{text}", caller_kind=caller_kind)
    return Suggestion(
        area=guess.area,
        areas=[
            AreaOffer(area=one.area, label=city.area_label(one.area), confidence=one.confidence)
            for one in guess.candidates
        ],
        area_why=guess.why,
        words=list(guess.words),
        place=_place(city, placed),
        unit=who.unit,
        units=[_unit(city, one) for one in who.candidates],
        unit_why=who.why,
        similar=similar(db, city, text, caller, placed.community),
    )


def similar(db: Session, city: City, text: str, caller: str, community: str) -> list[Similar]:
    """Return open tickets that say the same words or come from the same caller, newest first, in one statement."""
    alike = [TICKET.c.text_digest == words.digest(text)]
    if caller:
        alike.append(TICKET.c.caller_id == UUID(caller))
    open_here = TICKET.c.region == city.region, TICKET.c.state.in_(OPEN_STATES)
    columns = [TICKET.c[name] for name in ("number", "title", "unit", "received_at", "text_digest", "community")]
    query = sa.select(*columns).where(*open_here, sa.or_(*alike)).order_by(TICKET.c.id.desc()).limit(SIMILAR)
    return [
        Similar(
            number=row.number, title=row.title, unit=city.unit_name(row.unit), received_at=row.received_at,
            why=("内容相同" if row.text_digest == words.digest(text) else "同一来电人")
            + ("，同一社区" if community and row.community == community else ""),
        )
        for row in db.execute(query)
    ]  # fmt: skip


def _unit(city: City, one: Candidate) -> UnitOffer:
    standard = one.row.standard if one.row else ""
    return UnitOffer(unit=one.unit, name=city.unit_name(one.unit), why=one.why, standard=standard)


def _place(city: City, placed: locate.Placed) -> PlaceOffer:
    return PlaceOffer(
        grid=placed.grid, name=city.place_name(placed.finest or ""), street=city.place_name(placed.street),
        community=city.place_name(placed.community), leader=placed.leader, confidence=placed.confidence,
        why=placed.why,
    )  # fmt: skip
