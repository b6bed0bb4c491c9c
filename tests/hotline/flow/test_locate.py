"""Step 3: a ticket is found against the ground valid on the day it came in, and what is doubted is not used."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from grids.locate import GroundRules
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.errors import RulesUnreadable
from hotline.flow import locate
from hotline.sample.plant import FOLDER
from hotline.store.ids import new_id
from hotline.store.tickets import Ticket
from tests.hotline.channels.cast import small_city

PLACES = """code,name,level,parent,since,until
990101,丁区,district,,,
990101001,松岭街道,street,990101,,
990101001001,松岭社区,community,990101001,,
990101001001001,松岭一网格,grid,990101001001,,2026-06-30
990101001001002,松岭新网格,grid,990101001001,2026-07-01,
"""


def dated(places: str = PLACES, ground: str = "") -> City:
    files = rulefiles.read_folder(FOLDER)
    kept = {name: text for name, text in files.items() if name not in rulefiles.OPTIONAL}
    head, mark, _ = kept["city.toml"].partition("[ground]")
    assert mark
    duty = kept["duty.csv"].splitlines()[0] + "\n"
    return cities.build({**kept, "city.toml": head + ground, "duty.csv": duty, "places.csv": places})


def ticket(text: str, day: str) -> Ticket:
    at = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
    return Ticket(
        id=new_id(at),
        region="sample",
        number=day,
        state="received",
        source="web",
        text=text,
        received_at=at,
        address="",
    )


def test_a_ticket_lies_in_the_grid_of_its_day() -> None:
    city = dated()
    old, new = ticket("松岭街道松岭社区积水", "2026-06-30"), ticket("松岭街道松岭社区积水", "2026-07-01")
    found = locate.many(city, [new, old], date(2026, 8, 1))
    assert [one.grid for one in found] == ["990101001001002", "990101001001001"]
    assert city.locator_on(date(2026, 7, 1)) is city.locator_on(date(2027, 1, 1))
    assert city.locator_on(date(2026, 7, 1)) is not city.locator_on(date(2026, 6, 1))


def test_ground_without_dates_is_one() -> None:
    city = small_city()
    assert city.locator_on(date(2020, 1, 1)) is city.locator


def test_what_is_doubted_is_to_be_checked_and_the_city_says_how_much() -> None:
    sure = locate.many(dated(), [ticket("松岭街道积水", "2026-07-01")], date(2026, 7, 1))[0]
    assert sure.street == "990101001"
    strict = dated(ground="[ground]\ndoubt = 0.99\nplane = { meridian = 120.0 }\n")
    doubted = locate.many(strict, [ticket("松岭街道积水", "2026-07-01")], date(2026, 7, 1))[0]
    assert (doubted.street, doubted.district) == ("", "990101")
    assert "待核地址" in doubted.why
    assert strict.where.plane is not None
    assert dated().where == GroundRules()


@pytest.mark.parametrize(
    ("places", "ground"),
    [
        (PLACES, "[ground]\ndoubt = 2\n"),
        (PLACES, "[ground]\nborders = 3\n"),
        (PLACES.replace("2026-06-30", "六月"), ""),
    ],
)
def test_wrong_measures_and_dates_are_refused(places: str, ground: str) -> None:
    with pytest.raises(RulesUnreadable):
        dated(places, ground)


def test_a_micro_grid_is_found_and_its_grid_is_the_tickets() -> None:
    city = dated(PLACES + "990101001001002001,第一微网格,micro,990101001001002,,\n")
    found = locate.ask(city, "松岭新网格第一微网格积水", "", None, None)
    assert (found.micro, found.grid) == ("990101001001002001", "990101001001002")
    assert msgspec.json.decode(msgspec.json.encode(found))["words"]
