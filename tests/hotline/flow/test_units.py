"""Who usually has it: shown where the duty table is silent, sent to only where the city allows and it was proven."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from dispatch.duty import Candidate
from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.flow import promotion, samples, suggest, triage, units
from hotline.flow.route import Chosen
from hotline.store import db
from tests.cast import DAY, HOUR, LAMP, MINUTE, NOW, SAMPLE, SUPERVISOR, Office, counted
from tests.hotline.flow import lessons

FILES = rulefiles.read_folder(SAMPLE)
BARE = FILES | {"duty.csv": "id,area,unit\nX1,01,cgj\n"}  # nobody owns the lamps
TIED = FILES | {"duty.csv": f"id,area,unit\nX1,{LAMP},cgj\nX2,{LAMP},szzx\n"}
NORTH = lessons.NORTH


@pytest.fixture(autouse=True)
def no_models(office: Office) -> Iterator[None]:
    yield
    lessons.forget(office)


def city(files: dict[str, str] = BARE, **learning: Any) -> City:
    built = cities.build(files)
    rule = msgspec.structs.replace(built.learning, **learning)
    return msgspec.structs.replace(built, unit_model=lessons.units_model(), learning=rule)


def triaged(office: Office, at: City, **new: Any) -> Any:
    number = office.received(**({"area": LAMP, "text": "路灯坏了一直不亮，请来修"} | new))
    with db.transaction() as session:
        triage.waiting(session, at, NOW + MINUTE)
    return office.see(number)


def test_where_the_table_is_silent_the_usual_unit_is_shown_with_its_cases(office: Office) -> None:
    ticket = triaged(office, city(), grid="990101001001001")
    assert (ticket.state, ticket.unit) == (State.RECEIVED, "")
    assert ticket.why["usual"].startswith("过去")
    assert "件由示例区市政设施养护中心办理；" in ticket.why["usual"]
    (line,) = office.rows("entry", ticket_id=ticket.id, move="classify")
    assert line.facts["usual"] == "szzx"


def test_where_the_table_speaks_nothing_else_is_asked(office: Office) -> None:
    ticket = triaged(office, city(FILES), grid="990101001001001")
    assert ticket.unit == "szzx"
    assert "usual" not in ticket.why


def test_it_goes_alone_only_where_the_city_switched_it_on(office: Office) -> None:
    ticket = triaged(office, city(units_alone=True), grid="990101001001001")
    assert ticket.unit == "szzx"
    assert "按本市设置直接派出（city.toml [learning] units_alone）" in ticket.why["route"]
    assert rulefiles.learning(rulefiles.head(FILES)).units_alone is False


OPEN = Chosen(unit="", why="没有")
SURE = units.Usual(unit="szzx", confidence=0.99, sure=True, why="过去")


def row(unit: str) -> Candidate:
    """One of the tied rows."""
    return next(Candidate(unit, one, "") for one in cities.build(TIED).rulebook.duty if one.unit == unit)


@pytest.mark.parametrize(
    ("who", "found", "area", "how", "unit"),
    [
        (OPEN, SURE, LAMP, "bound", "szzx"),
        (OPEN, SURE, LAMP, "observed", ""),
        (OPEN, SURE, "", "bound", ""),
        (OPEN, None, LAMP, "bound", ""),
        (OPEN, msgspec.structs.replace(SURE, sure=False), LAMP, "bound", ""),
        (msgspec.structs.replace(OPEN, candidates=(row("cgj"),)), SURE, LAMP, "bound", ""),
        (msgspec.structs.replace(OPEN, candidates=(row("cgj"), row("szzx"))), SURE, LAMP, "bound", "szzx"),
        (msgspec.structs.replace(OPEN, unit="cgj"), SURE, LAMP, "bound", "cgj"),
    ],
    ids=["proven", "not proven", "area open", "no idea", "not sure", "not among the tied", "tied", "table"],
)
def test_what_may_go_alone(who: Chosen, found: units.Usual | None, area: str, how: str, unit: str) -> None:
    here = city(units_alone=True)
    card = msgspec.structs.replace(lessons.units_model().card, threshold_from=how)
    here = msgspec.structs.replace(here, unit_model=msgspec.structs.replace(lessons.units_model(), card=card))
    assert units.alone(here, who, found, area).unit == unit


def test_the_desk_sees_it_beside_the_table_and_nothing_is_asked_of_the_database(office: Office) -> None:
    def asked(at: City) -> tuple[suggest.Suggestion, int]:
        with db.reading() as session, counted(office.engine) as seen:
            found = suggest.suggest(session, at, text="路灯坏了一直不亮", area=LAMP, now=NOW)
        return found, len(seen)

    offer, statements = asked(city())
    assert offer.usual is not None
    assert (offer.unit, offer.usual.unit in ("szzx", "sljd")) == ("", True)
    plain, without = asked(cities.build(BARE))
    assert (plain.usual, statements) == (None, without)


def test_closed_tickets_teach_their_unit_place_and_hour(office: Office) -> None:
    number = lessons.closed(office, NOW - 10 * HOUR, area=LAMP, grid="990101001001001")
    with db.transaction() as session:
        samples.collect(session, office.city, NOW + DAY)
    with db.reading() as session:
        (one,) = samples.known_units(session, office.city)
    assert (one.area, one.around.settled) == (office.see(number).unit, LAMP)
    assert one.around.places == ("990101", NORTH, "990101001001")
    assert one.around.signs == (office.see(number).source, "night")


def test_areas_and_units_are_promoted_and_rolled_back_each_for_itself(office: Office) -> None:
    lessons.keep(office, lessons.model("areas"))
    made = lessons.units_model()
    lessons.keep(office, made)
    lessons.keep(office, msgspec.structs.replace(made, card=msgspec.structs.replace(made.card, name="w2-units")))
    held = lessons.city()
    assert (held.model.card.name, held.unit_model.card.name) == ("areas", "w2-units")  # type: ignore[union-attr]
    with db.transaction() as session:
        back = promotion.rollback(session, held, SUPERVISOR, NOW + DAY, "", "unit")
    held = lessons.city()
    assert (back.name, held.model.card.name) == ("w1-units", "areas")  # type: ignore[union-attr]
    assert held.unit_model.card.name == "w1-units"  # type: ignore[union-attr]
    with db.transaction() as session, pytest.raises(promotion.RuleSaysNo, match="承办单位的模型"):
        promotion.shadow(session, held, SUPERVISOR, "w2-units", NOW + DAY, on=True)
