"""Everybody who asks a model about one ticket asks the same: triage, the desk, the dispatcher, a shadow, a trial."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from classifiers import inference
from classifiers.samples import NOTHING, Around
from dispatch.lifecycle import State
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.cli import model_units
from hotline.flow import classify, suggest, triage
from hotline.flow.learning import samples, shadow
from hotline.store import db
from hotline.store.lists import Sight
from hotline.store.sheets import sheet
from hotline.web.pages import dispatch as page
from tests.cast import DAY, HOUR, MINUTE, NOW, RUBBISH, SAMPLE, Office
from tests.hotline.flow import lessons

GRID = "990101001001001"
TEXT = "市民来电反映：路灯坏了一直不亮，晚上很黑。请示例区城管局核实处理！谢谢！"
BARE = "路灯坏了一直不亮，晚上很黑。"
FILES = rulefiles.read_folder(SAMPLE) | {"duty.csv": "id,area,unit\nX1,01,cgj\n"}
Asked = list[tuple[str, str, str, Around]]


@pytest.fixture(autouse=True)
def no_models(office: Office) -> Iterator[None]:
    yield
    lessons.forget(office)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Every question put to a model since the last look: what its labels are, text, title, what is known beside."""
    put: Asked = []
    read = inference._read

    def told(model: Any, texts: Any, titles: Any, arounds: Any) -> Any:
        beside = [NOTHING] * len(texts) if arounds is None else arounds
        heads = [""] * len(texts) if titles is None else titles
        put.extend((model.card.target, *one) for one in zip(texts, heads, beside, strict=True))
        return read(model, texts, titles, arounds)

    monkeypatch.setattr(inference, "_read", told)
    return put


def city() -> City:
    return msgspec.structs.replace(
        cities.build(FILES), model=lessons.model("areas"), unit_model=lessons.units_model(), model_problem=""
    )


def ways(office: Office, here: City, number: str) -> dict[str, Any]:
    """Return who asks -> what asks: each after triage has seen the ticket."""
    ticket = office.see(number)
    place = {"address": ticket.address, "lng": ticket.lng, "lat": ticket.lat, "now": ticket.received_at}

    def shown() -> None:
        with db.reading() as session:
            whole = sheet(session, Sight(region=here.region, everything=True), number)
        page._choices(SimpleNamespace(city=here, now=NOW + HOUR), whole)

    def typed() -> None:
        with db.reading() as session:
            suggest.suggest(session, here, text=ticket.text, **place)

    return {"desk": typed, "dispatcher": shown}


@pytest.mark.parametrize("community", [True, False], ids=["community known", "street known"])
def test_triage_the_desk_and_the_dispatcher_ask_the_same(office: Office, asked: Asked, *, community: bool) -> None:
    here = city()
    point = office.city.tree.get(GRID).rings[0]
    lng, lat = (sum(one[axis] for one in point[:-1]) / (len(point) - 1) for axis in (0, 1))
    where = {"lng": lng, "lat": lat} if community else {"address": here.tree.get(lessons.NORTH).name}
    number = office.received(text=TEXT, source="desk", **where)
    with db.transaction() as session:
        triage.waiting(session, here, NOW)
    ticket = office.see(number)
    assert (ticket.street, bool(ticket.community)) == (lessons.NORTH, community)
    assert ticket.title, "it came without one and was given its first sentence"
    first = list(asked)
    assert [(target, text, title) for target, text, title, _ in first] == [("area", BARE, ""), ("unit", BARE, "")]
    assert first[1][3].places[:2] == ("990101", lessons.NORTH)
    for who, ask in ways(office, here, number).items():
        asked.clear()
        ask()
        assert asked == first, who


def test_a_shadow_a_kept_sample_and_a_trial_ask_the_same(office: Office, asked: Asked) -> None:
    here = city()
    lessons.keep(office, lessons.model("one", NOW))
    lessons.keep(office, lessons.model("two", NOW), active=False)
    with db.transaction() as session:
        session.execute(lessons.MODEL.update().where(lessons.MODEL.c.name == "two").values(shadow=True))
    number = lessons.closed(office, NOW, text=TEXT, area=RUBBISH)
    asked.clear()
    with db.transaction() as session:
        assert shadow.turn(session, here, NOW + 2 * HOUR) == 1
        samples.collect(session, here, NOW + 2 * DAY)
    assert [one[:3] for one in asked] == [("area", BARE, "")]
    with db.reading() as session:
        taught = [(one.text, one.title) for one in samples.known(session, here)]
        by_unit = [(one.text, one.title) for one in samples.known_units(session, here)]
    assert (taught, by_unit) == ([(BARE, "")], [(BARE, "")])
    asked.clear()
    ticket = office.see(number)
    guess = classify.guess_many(here, [ticket.text], [ticket.title])[0]
    model_units.guess(lessons.units_model(), guess, here, ticket.text, ticket.title, "")
    assert [one[:3] for one in asked] == [("area", BARE, ""), ("unit", BARE, "")]


def test_a_stock_from_before_the_list_of_requests_grew_is_freed_of_them_too(office: Office) -> None:
    lessons.closed(office, NOW, text=TEXT, title="关于路灯，请城管局核实处理", area=RUBBISH)
    old = msgspec.structs.replace(office.city, phrases=())
    with db.transaction() as session:
        samples.collect(session, old, NOW + 2 * DAY)
    with db.reading() as session:
        (one,) = samples.known(session, office.city)
    assert (one.text, one.title.rstrip("，")) == (BARE, "关于路灯")


def test_a_matter_is_sent_as_the_desk_foretold(office: Office) -> None:
    here = city()
    number = office.received(NOW + MINUTE, text=TEXT, source="desk")
    with db.transaction() as session:
        triage.waiting(session, here, NOW + MINUTE)
    with db.reading() as session:
        offer = suggest.suggest(session, here, text=TEXT, now=NOW + MINUTE)
    ticket = office.see(number)
    assert (offer.unit, ticket.state == State.ROUTED) == (ticket.unit, bool(ticket.unit))
