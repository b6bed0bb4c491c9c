"""Who usually has it: shown where the duty table is silent, sent to only where the city allows and it was proven."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from classifiers.inference import Candidate as Likely
from dispatch.duty import Candidate
from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.flow import suggest, triage, units
from hotline.flow.classify import Classified
from hotline.flow.learning import promotion, samples
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
    assert rulefiles.head(FILES).learning.units_alone is False


OPEN = Chosen(unit="", why="没有")
SURE = units.Usual(unit="szzx", confidence=0.99, sure=True, why="过去", support="留出检验中")
GUESSED = Classified(area=LAMP, confidence=0.97, why="", candidates=(Likely(LAMP, 0.97),), guessed=LAMP, sure=True)
OPEN_AREA = msgspec.structs.replace(GUESSED, area="", confidence=0.7, sure=False)
SETTLED = Classified(area=LAMP, confidence=1.0, why="")
UNSURE = msgspec.structs.replace(SURE, sure=False)
OTHER = msgspec.structs.replace(SURE, unit="hwzx")


def rows(**more: Any) -> Chosen:
    """What the table says: its first row, the lamps', with other fields."""
    first = msgspec.structs.replace(cities.build(TIED).rulebook.duty[1], **more)
    return Chosen(unit=first.unit, why="按责任表", candidates=(Candidate(first.unit, first, ""),))


def row(unit: str) -> Candidate:
    """One of the tied rows."""
    return next(Candidate(unit, one, "") for one in cities.build(TIED).rulebook.duty if one.unit == unit)


PEOPLE, WEAK, STRONG = rows(), rows(support=70, of=100, bound=0.36), rows(support=900, of=901, bound=0.005)
TIE = Chosen(unit="", why="", candidates=(row("cgj"), row("szzx")))


@pytest.mark.parametrize(
    ("table", "found", "what", "how", "unit"),
    [
        (OPEN, SURE, SETTLED, "bound", "szzx"),
        (OPEN, msgspec.structs.replace(SURE, sure=False), SETTLED, "bound", ""),
        (OPEN, SURE, OPEN_AREA, "bound", ""),
        (OPEN, None, SETTLED, "bound", ""),
        (msgspec.structs.replace(OPEN, candidates=(row("cgj"),)), SURE, SETTLED, "bound", ""),
        (TIE, SURE, SETTLED, "bound", "szzx"),
        (PEOPLE, OTHER, SETTLED, "bound", "szzx"),
        (PEOPLE, OTHER, GUESSED, "bound", ""),
        (PEOPLE, UNSURE, GUESSED, "bound", "szzx"),
        (PEOPLE, OTHER, GUESSED, "observed", "szzx"),
        (PEOPLE, SURE, OPEN_AREA, "bound", "szzx"),
        (PEOPLE, UNSURE, OPEN_AREA, "bound", ""),
        (WEAK, SURE, GUESSED, "bound", "szzx"),
        (WEAK, UNSURE, GUESSED, "bound", ""),
        (WEAK, None, SETTLED, "none", ""),
        (WEAK, UNSURE, SETTLED, "bound", ""),
        (STRONG, None, SETTLED, "none", "szzx"),
        (STRONG, OTHER, SETTLED, "bound", ""),
        (rows(support=900), None, SETTLED, "none", ""),
    ],
    ids=[
        "silent, proven", "silent, not sure", "silent, area open", "silent, no idea", "not among the tied", "tied",
        "people settled all", "model against a guess", "model with a guess", "an unproven model has no say",
        "agreed, area likely", "agreed, not proven, area likely", "history and model", "history, model not sure",
        "weak history alone", "weak history, settled area", "strong history alone", "strong history, model against",
        "history without a count",
    ],
)  # fmt: skip
def test_what_may_go_alone(table: Chosen, found: units.Usual | None, what: Classified, how: str, unit: str) -> None:
    here = city(units_alone=True)
    if how == "none":
        here = msgspec.structs.replace(here, unit_model=None)
    else:
        card = msgspec.structs.replace(lessons.units_model().card, threshold_from=how)
        here = msgspec.structs.replace(here, unit_model=msgspec.structs.replace(lessons.units_model(), card=card))
    who, area = units.weigh(here, what, table, found)
    assert who.unit == unit
    assert who.why
    assert area == (LAMP if unit else what.area)
    if unit and found is not None and found.sure and found.unit == unit:
        assert "留出检验中" in who.why


def test_a_guess_of_the_area_takes_from_what_history_may_err() -> None:
    made = lessons.model("areas")
    card = msgspec.structs.replace(made.card, scores={"error_when_automatic": 0.03})
    here = msgspec.structs.replace(city(), unit_model=None, model=msgspec.structs.replace(made, card=card))
    almost = rows(support=960, of=1000, bound=0.045)
    assert [units.weigh(here, what, almost, None)[0].unit for what in (SETTLED, GUESSED)] == ["szzx", ""]


def test_a_person_is_shown_the_tables_unit_first_and_then_the_models_own() -> None:
    found = units.Usual(unit="hwzx", confidence=0.6, sure=False, why="", others=(("cgj", 0.2), ("gaj", 0.1)))
    here = city()
    assert [one.unit for one in units.weigh(here, GUESSED, PEOPLE, found)[0].candidates] == ["szzx", "hwzx", "cgj"]
    assert [one.unit for one in units.weigh(here, OPEN_AREA, OPEN, found)[0].candidates] == ["hwzx", "cgj", "gaj"]
    assert [one.unit for one in units.weigh(here, SETTLED, TIE, None)[0].candidates] == ["cgj", "szzx"]


def test_an_automatic_dispatch_says_that_both_agree_and_what_was_held_out(office: Office) -> None:
    ticket = triaged(office, city(FILES), grid="990101001001001")
    assert ticket.unit == "szzx"
    assert "承办单位的模型与责任表一致：过去" in ticket.why["route"]
    assert "差错上限" in ticket.why["route"]


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
    assert (held.model.card.name, held.unit_model.card.name) == ("areas", "w2-units")
    with db.transaction() as session:
        back = promotion.rollback(session, held, SUPERVISOR, NOW + DAY, "", "unit")
    held = lessons.city()
    assert (back.name, held.model.card.name) == ("w1-units", "areas")
    assert held.unit_model.card.name == "w1-units"
    with db.transaction() as session, pytest.raises(promotion.RuleSaysNo, match="承办单位的模型"):
        promotion.shadow(session, held, SUPERVISOR, "w2-units", NOW + DAY, on=True)
