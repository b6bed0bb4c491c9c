"""A long past is no work: what the rounds and the board ask for again and again is read from indexes of what waits.

The past is lean, and the planner is told in turn that it is longer: it chooses as it would in a city that has grown.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hotline import clock
from hotline.bench import pasts
from hotline.flow import commitments, escalate
from hotline.flow.acts import requests
from hotline.flow.figures import tally
from hotline.flow.oversight import watch
from hotline.jobs import relay, rounds
from hotline.store import db, figures
from tests.cast import NOW, REGION, Office
from tests.meter import Meter, pretend

PAST = 6_000  # tickets: to read them all is some 700 blocks, or 50,000 steps
MOST = {"postgresql": 100, "sqlite": 4_000}  # of one statement, where a few tickets wait
LONGER = (1, 5, 40, 1000)  # times as long, to the planner
KINDS = ("extension", "park", "void")


@pytest.fixture
def old(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office with a past, and a few tickets at work that are counted."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    areas = tuple(area.code for area in office.city.taxonomy.areas)
    with db.transaction() as session:
        pasts.plant(session, REGION, ("990101004001001", "990101001001001"), areas, PAST, NOW, 0)
    for _ in range(3):
        office.ticket("signed", NOW - timedelta(hours=1))
    office.fold()
    return office


def asked(office: Office) -> dict[str, Callable[[], object]]:
    """Return what is asked again and again, by name."""
    city = office.city

    def reading(ask: Callable[..., object], *given: object, **more: object) -> Callable[[], object]:
        def work() -> object:
            with db.reading() as session:
                return ask(session, *given, **more)

        return work

    return {
        "relay": lambda: relay.turn(lambda _: None, NOW),
        "sweep": rounds.sweep,
        "commitments": rounds.recheck,
        "count": rounds.count,
        "count, one by one": reading(tally.due, REGION, NOW),
        "triage": lambda: office.triage(NOW),
        "board": reading(figures.freshness, REGION, NOW),
        "clocks": reading(escalate.due, REGION, NOW),
        "promised": reading(commitments.due, REGION, NOW),
        "lying": reading(watch.lying, city, NOW),
        "untriaged": reading(watch.untriaged, NOW),
        "without a clock": reading(watch.ownerless, city, {}),
        "requests": reading(requests.waiting_requests, REGION, KINDS),
    }


def test_what_waits_is_found_however_long_the_past_is(old: Office) -> None:
    meter, most = Meter(old.engine), MOST[old.engine.dialect.name]
    worse = []
    for times in LONGER if old.engine.dialect.name == "postgresql" else LONGER[:1]:
        pretend(times)
        for name, ask in asked(old).items():
            meter.read()
            ask()
            _, shares = meter.read()
            worse += [f"{name}, {times} times as long: {cost}: {text}" for cost, text in shares if cost > most]
    meter.close()
    assert not worse, "\n".join(worse)
