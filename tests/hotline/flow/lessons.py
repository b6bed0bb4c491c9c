"""An office with a classifier made of the words of the sample's areas, and tickets that teach."""

from functools import cache
from typing import Any

import msgspec

from classifiers.model import Model, to_bytes
from classifiers.samples import Sample
from classifiers.training import train
from classifiers.unit_training import train_units
from dispatch.lifecycle import State
from hotline import city as cities
from hotline.city import City
from hotline.flow import units
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, DAY, HOUR, LAMP, NOW, RUBBISH, Office, rules, unit

MODEL = METADATA.tables["model"]
NORTH, SOUTH = "990101001", "990101002"
MATTERS = {LAMP: "路灯坏了一直不亮", RUBBISH: "垃圾桶满了没人清运"}


@cache
def model(name: str, at: Any = NOW) -> Model:
    """Return a model of the areas' own words: quick, and the same every time."""
    return train([], rules().taxonomy, trained_at=at, name=name)


def _case(n: int) -> Sample:
    """Lamps of one street are one unit's, those of the other another's; the words are the same."""
    area, street = list(MATTERS)[n % 2], (NORTH, SOUTH)[n // 2 % 2]
    unit = "hwzx" if area == RUBBISH else {NORTH: "szzx", SOUTH: "sljd"}[street]
    beside = units.around(rules(), ["990101", street], "12345", NOW - n * HOUR, settled=area)
    return Sample(text=f"第{n % 37}次来电，{MATTERS[area]}", area=unit, at=NOW - n * HOUR, around=beside)


@cache
def units_model() -> Model:
    """Return a model of units: quick, and the same every time."""
    known = [_case(n) for n in range(800)]
    return train_units(known, rules().unit_list, areas=rules().taxonomy, trained_at=NOW, name="w1-units")


def keep(office: Office, made: Model, *, active: bool = True, **more: Any) -> Any:
    """Store a model; return its id."""
    key = new_id(made.card.trained_at)
    with db.transaction() as session:
        card = msgspec.to_builtins(made.card)
        cities.keep_model(
            session, office.city, made.card.name, to_bytes(made), card, key, made.card.trained_at, active=active, **more
        )
    return key


def forget(office: Office) -> None:
    """Leave no model behind: other modules' offices have none."""
    del office
    with db.transaction() as session:
        session.execute(MODEL.delete())


def city() -> City:
    """Return the city in force, with the model in use."""
    with db.reading() as session:
        return cities.current(session)


def closed(office: Office, at: Any = NOW, **new: Any) -> str:
    """Return the number of a ticket that went all the way to a satisfied close."""
    ticket = office.ticket(State.SIGNED, at, **({"area": RUBBISH} | new))
    office.do("answer", ticket.number, unit(ticket.unit), at + HOUR, note="已清运")
    office.do(
        "callback", ticket.number, CALLER_BACK, at + DAY, reached=True, contacted=True, solved="yes", satisfaction=5
    )
    return ticket.number


def teach_units(url: str) -> None:
    """Put a model of units (of `test_units`) to use beside the model of areas, and let another wait."""
    db.bind(url)
    made = units_model()
    with db.transaction() as session:
        held = cities.current(session)
        session.execute(MODEL.update().values(card=msgspec.to_builtins(model("test").card)))
        for name in ("w1-units", "w2-units"):
            one = msgspec.structs.replace(made, card=msgspec.structs.replace(made.card, name=name))
            card, key = msgspec.to_builtins(one.card), new_id(NOW + DAY)
            cities.keep_model(session, held, name, to_bytes(one), card, key, NOW, active=name == "w1-units")
