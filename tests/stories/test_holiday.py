"""A holiday lies in the middle of seven working days: the "graded" preset counts them by the real calendar."""

import tomllib
from datetime import UTC, datetime

import msgspec
import pytest

from dispatch.decoding import read_promises
from hotline.cli import city as cities
from tests.cast import HOUR, RUBBISH, Office


@pytest.fixture
def graded(office: Office) -> Office:
    """The office in a city that started from the graded preset."""
    given = read_promises(tomllib.loads(cities.preset("graded")["promises.toml"]))
    book = msgspec.structs.replace(office.city.rulebook, promises=given)
    office.city = msgspec.structs.replace(office.city, rulebook=book)
    return office


def test_national_day_in_the_middle(graded: Office) -> None:
    received = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)  # Tuesday 10:00
    ticket = graded.see(graded.triaged(received, area=RUBBISH))
    # Wed 30 | 1 to 7 Oct holiday | Thu 8, Fri 9, Sat 10 worked (调休) | Sun 11 | Mon 12, Tue 13, Wed 14
    assert ticket.due_at == datetime(2026, 10, 14, 16, tzinfo=UTC)
    clock = graded.clocks(ticket.number)["result"]
    assert "2026-10-01至2026-10-07国庆节" in clock.why
    assert "7个工作日" in clock.why
    assert ticket.progress_due_at == datetime(2026, 10, 9, 16, tzinfo=UTC)
    assert clock.provisional is False


@pytest.mark.parametrize(("urgency", "hours"), [("urgent", 24), ("critical", 2)])
def test_what_is_urgent_waits_for_no_holiday(graded: Office, urgency: str, hours: int) -> None:
    received = datetime(2026, 9, 30, 15, 30, tzinfo=UTC)  # the last half hour before the holiday
    ticket = graded.see(graded.triaged(received, area=RUBBISH, urgency=urgency))
    assert ticket.due_at == received + hours * HOUR
