"""An office with a classifier made of the words of the sample's areas, and tickets that teach."""

from functools import cache
from typing import Any

import msgspec

from classifiers.model import Model, to_bytes
from classifiers.training import train
from dispatch.lifecycle import State
from hotline import city as cities
from hotline.city import City
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, DAY, HOUR, NOW, RUBBISH, Office, rules, unit

MODEL = METADATA.tables["model"]


@cache
def model(name: str, at: Any = NOW) -> Model:
    """Return a model of the areas' own words: quick, and the same every time."""
    return train([], rules().taxonomy, trained_at=at, name=name)


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
