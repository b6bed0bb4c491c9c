"""What the desk is shown while typing: the rules of triage, asked about words not yet saved; nothing is written."""

from datetime import datetime

import msgspec
from sqlmodel import Session

from classifiers.signals import Signals
from dispatch.duty import Candidate
from grids.geometry import Point
from hotline.city import City
from hotline.flow import alike, classify, danger, locate, route, units
from hotline.flow.alike import AlikeLine
from hotline.flow.classify import Classified
from hotline.flow.route import Chosen
from hotline.flow.units import Usual

SURE = 0.6  # less is shown, and neither chosen beforehand nor taken by a key (拿不准，请选)
DESK_SOURCE = "desk"  # by which way a matter being typed comes in


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


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.  `area` and `unit` are "" where a person must choose (拿不准，请选).

    similar  open tickets that may be the same matter;  past  closed ones like it, and how they ended
    usual    who usually has such a matter, where the city has learned it; the duty table comes first
    own      the caller's tickets of the last days, `calls` in number;  follows  those whose number the text quotes
    """

    area: str
    areas: list[AreaOffer]
    area_why: str
    words: list[str]
    place: PlaceOffer
    unit: str
    units: list[UnitOffer]
    unit_why: str
    usual: UnitOffer | None
    signals: Signals
    similar: list[AlikeLine]
    past: list[AlikeLine]
    own: list[AlikeLine]
    calls: int
    follows: list[AlikeLine]


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
    handles: bool = False,
    now: datetime,
) -> Suggestion:
    """Return what the rules say of a matter being typed.

    caller       the caller's id (32 hex digits), "" if not known;  area  chosen by the person already, "" if not yet
    caller_kind  个人, 企业 ..., as conditions of the duty table name them;  handles  as `alike.find` says
    """
    guess = classify.classified(classify.guess_many(city, [text], [title])[0], city)
    placed = locate.place_on(city, locate.ask(city, text, address, lng, lat), city.day(now))
    what = msgspec.structs.replace(guess, area=area, candidates=()) if area else guess
    often = units.usual(city, text, title, units.of_new(city, what, placed, DESK_SOURCE, now))
    who = _who(city, what, placed, often, at=now, text=f"{title}\n{text}", caller_kind=caller_kind)
    where = {"address": address, "point": _point(lng, lat), "community": placed.community, "street": placed.street}
    said = alike.typed_subject(city, text, title, caller=caller, area=what.area, at=now, **where)
    return Suggestion(
        area=guess.area,
        areas=[_area(city, one.area, one.confidence) for one in guess.candidates],
        area_why=guess.why,
        words=list(guess.words),
        place=_place(city, placed),
        unit=who.unit,
        units=[_unit(city, one) for one in who.candidates],
        unit_why=who.why,
        usual=_usual(city, often),
        signals=danger.signs(city, text, title),
        **msgspec.structs.asdict(alike.find(db, city, said, now, handles=handles)),
    )


def _point(lng: float | None, lat: float | None) -> Point | None:
    return Point(lng, lat) if lng is not None and lat is not None else None


def _who(
    city: City, what: Classified, placed: locate.Placed, often: Usual | None, *, at: datetime, **said: str
) -> Chosen:
    table = route.by_rule(city, units.likely(what), placed.finest, city.day(at), at=at, **said)
    return units.weigh(city, what, table, often)[0]


def _usual(city: City, often: Usual | None) -> UnitOffer | None:
    return UnitOffer(unit=often.unit, name=city.unit_name(often.unit), why=often.why) if often else None


def _area(city: City, area: str, confidence: float) -> AreaOffer:
    return AreaOffer(area=area, label=city.area_label(area), confidence=confidence)


def _unit(city: City, one: Candidate) -> UnitOffer:
    standard = one.row.standard if one.row else ""
    return UnitOffer(unit=one.unit, name=city.unit_name(one.unit), why=one.why, standard=standard)


def _place(city: City, placed: locate.Placed) -> PlaceOffer:
    return PlaceOffer(
        grid=placed.grid,
        name=city.place_name(placed.finest or ""),
        street=city.place_name(placed.street),
        community=city.place_name(placed.community),
        leader=placed.leader,
        confidence=placed.confidence,
        why=placed.why,
    )
