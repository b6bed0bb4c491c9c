"""Who is not drawn is not called: may rate by link, and is else closed by the clock, honestly, once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from dispatch.callbacks import CallbackRules, SampleRule
from dispatch.lifecycle import State
from hotline.city import City
from hotline.flow import call_back, defaults
from hotline.flow.figures import measure
from hotline.store import db
from hotline.wire.moves import Asked
from tests.cast import CALLER_BACK, DAY, HOUR, NOW, Office, rules, unit


def drawing(share: float, **more: Any) -> City:
    """Return the city with such a sample of all."""
    city = rules()
    called = CallbackRules(sample=(SampleRule(share=share),), key="k", **more)
    return msgspec.structs.replace(city, rulebook=msgspec.structs.replace(city.rulebook, callbacks=called))


@pytest.fixture
def quiet(office: Office) -> Iterator[Office]:
    """The office of a city that calls nobody it need not call."""
    office.city = drawing(0)
    yield office
    office.city = rules()


def settle(office: Office, at: datetime) -> int:
    """Sweep, and let what lapsed lead where it leads."""
    moved = office.sweep(at)
    lapsed = [row for row in office.rows("outbox") if row.move == "lapse"]
    with db.transaction() as session:
        defaults.carry_out(session, office.city, lapsed, at)
    return moved


def test_who_is_not_drawn_waits_for_no_call_and_is_closed_once(quiet: Office) -> None:
    held = quiet.ticket(State.ANSWERED)
    assert (held.state, held.callback_due_at) == ("answered", None)
    clock = quiet.clocks(held.number)["callback"]
    assert clock.due_at == datetime(2026, 11, 25, 9, 30, tzinfo=UTC)  # five working days
    settle(quiet, clock.due_at - HOUR)
    assert quiet.see(held.number).state == "answered"
    for at in (clock.due_at, clock.due_at, clock.due_at + DAY):
        settle(quiet, at)
    done = quiet.see(held.number)
    assert (done.state, done.closed_at, done.solved, done.tries) == ("closed", clock.due_at, None, 0)
    assert quiet.history(held.number)[-3:] == ["answer", "lapse", "close"]
    line = quiet.rows("entry", ticket_id=held.id)[-1]
    assert "抽样未抽中，未回访" in line.note
    assert line.public
    assert quiet.broken_links() == []


def test_it_is_in_no_denominator(quiet: Office) -> None:
    settle(quiet, quiet.clocks(quiet.ticket(State.ANSWERED).number)["callback"].due_at)
    quiet.fold(NOW + 10 * DAY)
    with db.reading() as session:
        span = measure.Asked(first=quiet.city.day(NOW), last=quiet.city.day(NOW))
        found = measure.figures(session, quiet.city, span, now=NOW + 10 * DAY)
    of = {one.name: one.of for one in found.rates}
    assert {name: of[name] for name in ("reach", "solve", "satisfaction")} == dict.fromkeys(
        ("reach", "solve", "satisfaction"), 0
    )


def test_who_is_not_drawn_may_rate_and_it_is_filed_with_that_word(quiet: Office) -> None:
    held = quiet.ticket(State.ANSWERED)
    with db.transaction() as session:
        said = Asked(reached=True, solved="yes", satisfaction=4, channel="web")
        done = call_back.citizen_rating(session, quiet.city, held.number, said, NOW + DAY)
    assert (done.state, done.satisfaction, done.callback_due_at) == ("answered", 4, None)
    assert settle(quiet, NOW + 30 * DAY) == 1
    done = quiet.see(held.number)
    assert (done.state, done.satisfaction) == ("closed", 4)
    assert "以来电人的网上评价（已解决、满意）办结归档" in quiet.rows("entry", ticket_id=held.id)[-1].note


def test_what_was_redone_is_called_whatever_the_sample(quiet: Office) -> None:
    held = quiet.ticket(State.ANSWERED)
    quiet.do("callback", held.number, CALLER_BACK, NOW + DAY, reached=True, solved="no", satisfaction=1)
    done = quiet.answer(held.number, unit("hwzx"), NOW + 2 * DAY, note="又办了")
    assert done.callback_due_at is not None
    assert quiet.rows("entry", ticket_id=held.id)[-1].why["sample"] == "重办件，一律回访"


def test_who_asked_for_it_is_called(quiet: Office) -> None:
    assert quiet.ticket(State.ANSWERED, extra={"callback": True}).callback_due_at is not None


def test_a_city_that_does_not_say_what_becomes_of_the_others_calls_everyone(office: Office) -> None:
    city = drawing(0)
    kept = tuple(one for one in city.rulebook.promises if one.only != "unsampled")
    office.city = msgspec.structs.replace(city, rulebook=msgspec.structs.replace(city.rulebook, promises=kept))
    try:
        assert office.ticket(State.ANSWERED).callback_due_at is not None
    finally:
        office.city = rules()
