"""History costs nothing: every page and every list reads as much among a few tickets that are over as among many."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import city as cities
from hotline import clock, people, settings
from hotline.bench import pasts
from hotline.city import City
from hotline.sample import plant
from hotline.settings import Settings
from hotline.store import db, reach
from hotline.store import lists as store
from hotline.store.lists import Filters, Sight
from hotline.store.schema import METADATA
from hotline.web.app import create_app
from hotline.web.pages import lists
from tests.meter import Meter, Read

FEW, MANY = 4_000, 24_000
MORE = 1.2  # times as much may be read among many,
SLACK = {"postgresql": 900, "sqlite": 10_000}  # and a window looked up another way: blocks, steps
CALLER = "13800000000"
BY_ROLE = {
    Role.AGENT: "hua01", Role.DISPATCHER: "pai01", Role.UNIT: "cgj01", Role.CALLER_BACK: "hui01",
    Role.SUPERVISOR: "du01", Role.ADMIN: "admin", Role.GRID_LEADER: "ding.dayong",
}  # fmt: skip
SIGHTS = (Role.AGENT, Role.UNIT, Role.GRID_LEADER)  # everything, a unit's, a leader's: the others see like an agent
SMALLER = {"WINDOW": 300, "MOST_COUNTED": 100}  # so that a few tickets are more than a list looks through
GRID = "990101004001001"  # of the grid leader above
Asked = tuple[str, str]  # login, address
NO_DATA = ("/static", "/api/openapi", "/api/docs", "/healthz", "/login", "/sw.js")  # they read no table
ONE_ROW = ("/api/v1/files/{key:uuid}", "/api/v1/tickets/{number:str}/files/{file:uuid}", "/board/topics/{number:int}")
"""One row by its key, and none in the sample: nothing to read."""


@pytest.fixture(scope="module")
def config(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of an installation."""
    home = tmp_path_factory.mktemp("home")
    return settings.load({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": database_url})


@pytest.fixture(scope="module")
def rules(config: Settings) -> City:
    """The sample city with its six weeks of tickets."""
    assert plant.ensure(config)
    with db.reading() as session:
        return cities.current(session)


@pytest.fixture(scope="module")
def app(config: Settings, rules: City) -> Litestar:
    """The application."""
    assert rules.region
    return create_app(config)


def lengthen(app: Litestar, city: City, tickets: int, start: int = 0) -> None:
    """Make the past `tickets` long, a share of it CALLER's, and let the engine learn of it."""
    grids = (GRID, "990101004001002", "990101001001001", "990101002001002")
    areas = tuple(area.code for area in city.taxonomy.areas)
    seal, ticket = app.state["hall"].seal, METADATA.tables["ticket"]
    caller = seal.caller_id(seal.find_key(city.region, CALLER))
    with db.transaction() as session:
        pasts.plant(session, city.region, grids, areas, tickets, clock.now(), start)
        session.execute(sa.update(ticket).where(ticket.c.caller_id == UUID(int=1)).values(caller_id=caller))
    if db.engine().dialect.name == "postgresql":  # as its own housekeeping does; nobody does it to SQLite
        with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as line:
            line.exec_driver_sql("VACUUM ANALYZE")


def addresses(app: Litestar, city: City) -> list[Asked]:
    """Return every address a reader may ask for, as each role that may: from the route table, lists by each filter."""
    signed = Filters(states=frozenset({State.SIGNED.value}))
    with db.reading() as session:
        sight = Sight(region=city.region, everything=True)
        held = store.tickets(session, sight, signed, now=clock.now(), size=1).items[0].number
    found: list[Asked] = []
    for path, roles in readable(app):
        for role in roles:
            for number in (held, "PAST1") if "{number:str}" in path else ("",):
                address = path.replace("{number:str}", number).replace("{grid:str}", GRID)
                address = address.replace("{rate:str}", "received")
                found += [(BY_ROLE[role], address + query) for query in QUERIES.get(path, _once)(role)]
    return list(dict.fromkeys(found))


def readable(app: Litestar) -> Iterator[tuple[str, list[Role]]]:
    """Yield each path that can be read and holds data, with the roles that may."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if "GET" not in handler.http_methods or route.path.startswith(NO_DATA) or route.path in ONE_ROW:
                continue
            cells = [cell for guard in handler.resolve_guards() for cell in getattr(guard, "__closure__", None) or ()]
            named = [role for cell in cells if isinstance(cell.cell_contents, tuple) for role in cell.cell_contents]
            yield route.path, named or list(BY_ROLE)


def _once(_: Role) -> tuple[str, ...]:
    return ("",)


def _lists(role: Role) -> tuple[str, ...]:
    """Return what may be asked of a page of tickets: each named filter, each narrowing, each kind of search."""
    if role not in SIGHTS:
        return ("",)
    now = clock.now()
    named = lists.everything(now) if role == Role.AGENT else lists.at_work(now, "cgj" if role == Role.UNIT else "")
    asked = ["unit=hwzx", "area=0201", "place=990101001", f"place={GRID}", "level=red_card", "source=8890"]
    asked += ["source=12345", "unit=gdgs&area=0201", "q=PAST7", f"q={CALLER}", "q=路灯", "q=没有人说过的话"]
    asked += ["q=13900000000", "since=2026-01-01", "until=2026-01-01", "since=2026-01-01&until=2026-02-01"]
    asked += ["list=closed&unit=hwzx", "list=closed&q=路灯", "list=closed&place=990101001"]
    return ("", *(f"?list={name}" for name in named), *(f"?{one}" for one in asked))


def _api(role: Role) -> tuple[str, ...]:
    if role not in SIGHTS:
        return ("",)
    asked = [f"state={state}" for state in State] + ["unit=hwzx", "area=0201", "grid=990101001", "source=8890"]
    asked += ["kind=表扬", "overdue=true", "q=路灯", f"q={CALLER}", "q=没有人说过的话"]
    asked += [f"order={order}{more}" for order in ("due", "callback") for more in ("", "&state=archived", "&unit=hwzx")]
    return ("", *(f"?{one}" for one in asked))


QUERIES: dict[str, Callable[[Role], tuple[str, ...]]] = {"/tickets": _lists, "/unit": _lists, "/api/v1/tickets": _api}


def test_history_costs_nothing(
    running: TestClient[Litestar], app: Litestar, rules: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SMALLER.items():
        monkeypatch.setattr(reach, name, value)
    monkeypatch.setattr(store, "ROWS_PROBED", SMALLER["WINDOW"])
    with db.transaction() as session:
        tokens = {
            login: people.machine_token(session, rules.region, login, device="test", now=clock.now())
            for login in BY_ROLE.values()
        }
    meter = Meter(db.engine())

    def cost(asked: Asked) -> Read:
        login, address = asked
        headers = {"Authorization": f"Bearer {tokens[login]}", "Accept": "text/html, application/json"}
        meter.read()
        answer = running.get(address, headers=headers)
        assert answer.status_code in (200, 403, 404), (asked, answer.status_code, answer.text[:300])
        return meter.read()

    lengthen(app, rules, FEW)
    asked = addresses(app, rules)
    assert len(asked) > 150
    assert {one[0] for one in asked} == set(BY_ROLE.values())
    for one in {address.partition("?")[0]: (login, address) for login, address in asked}.values():
        cost(one)  # what the process learns once
    few = {one: cost(one) for one in asked}
    lengthen(app, rules, MANY - FEW, FEW)
    many = {one: cost(one) for one in asked}
    meter.close()
    slack = SLACK[db.engine().dialect.name]
    worse = {
        one: f"{few[one][0]} -> {many[one][0]}: {max(many[one][1])}"
        for one in asked
        if many[one][0] > few[one][0] * MORE + slack
    }
    assert worse == {}
