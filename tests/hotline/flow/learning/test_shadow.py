"""A model in shadow answers every new ticket after the fact and changes nothing."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
import pytest

from hotline.flow.learning import promotion, shadow
from hotline.store import db
from tests.cast import HOUR, LAMP, NOW, RUBBISH, SUPERVISOR, Office
from tests.hotline.flow import lessons


@pytest.fixture(autouse=True)
def models(office: Office) -> Iterator[None]:
    lessons.keep(office, lessons.model("one", NOW))
    lessons.keep(office, lessons.model("two", NOW), active=False)
    with db.transaction() as session:
        promotion.shadow(session, office.city, SUPERVISOR, "two", NOW, on=True)
    office.city = lessons.city()
    yield
    lessons.forget(office)


def turn(office: Office, at: datetime = NOW + 2 * HOUR) -> int:
    with db.transaction() as session:
        return shadow.turn(session, office.city, at)


def test_every_new_ticket_is_asked_about_once(office: Office) -> None:
    closed = lessons.closed(office, NOW, text="垃圾桶满了没人清运", area=RUBBISH)
    office.triaged(text="路灯不亮", area="")
    before = msgspec.to_builtins([office.see(closed)], enc_hook=str)
    assert (turn(office, NOW + HOUR / 2), turn(office), turn(office)) == (0, 2, 0)  # not before triage is through
    assert msgspec.to_builtins([office.see(closed)], enc_hook=str) == before
    with db.reading() as session:
        held = next(one for one in promotion.every(session, office.city.region) if one.shadow)
        found = shadow.run(session, office.city.region, held.id)
    assert (found.n, found.same) == (2, 2)  # both models are the same
    assert (found.settled, found.right, found.was_right) == (1, 1, 1)


def test_without_one_in_shadow_nothing_is_asked(office: Office) -> None:
    with db.transaction() as session:
        promotion.shadow(session, office.city, SUPERVISOR, "two", NOW, on=False)
    office.triaged(area=LAMP)
    assert turn(office) == 0
