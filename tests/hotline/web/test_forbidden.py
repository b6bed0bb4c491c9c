"""What may not be there (国办函〔2026〕12号): check-in, points, ranking of persons, online time, tracks, forced photos.

Walked over every route, the API's schema, the wire's fields, the stored columns and every text a page shows.
"""

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules

import msgspec
import pytest
from litestar import Litestar

from dispatch import kpis
from hotline import wire
from hotline.settings import load
from hotline.store import opinions
from hotline.store.figures import DIMENSIONS
from hotline.store.schema import METADATA
from hotline.web import strings
from hotline.web.app import create_app

NAMES = re.compile(
    r"(^|_)(check_?ins?|clock_?ins?|punch\w*|attendance|points|credits|medals?|badges|leaderboards?|rankings?|online"
    r"|online_time|minutes_online|last_active|tracks?|tracking|trajector\w*|footsteps|gps|photo_required|selfie)(_|$)"
)
TEXTS = re.compile(r"签到|打卡|考勤|积分|轨迹|在线时长|登录次数|步数|排行榜|个人排名|红旗|必须拍照|须拍照|强制拍照")
PERSONS = {"login", "leader", "person", "actor", "by"}


def wrong(names: Iterable[str]) -> list[str]:
    """Return the names that say something forbidden."""
    return [name for name in names if NAMES.search(re.sub(r"[^a-z]+", "_", name.lower()))]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """The application, not started."""
    home = tmp_path_factory.mktemp("forbidden")
    return create_app(load({"HOTLINE_HOME": str(home), "HOTLINE_SECRET_KEY": "a-secret-of-these-tests-only-000001"}))


def structs() -> Iterator[type[msgspec.Struct]]:
    """Yield every shape of the wire."""
    for module in iter_modules(wire.__path__, f"{wire.__name__}."):
        for found in vars(import_module(module.name)).values():
            if isinstance(found, type) and issubclass(found, msgspec.Struct):
                yield found


def schema_names(node: object) -> Iterator[str]:
    """Yield every key and operation name of a schema."""
    if isinstance(node, dict):
        for key, below in node.items():
            yield str(key)
            yield from schema_names(below)
            if key in ("operationId", "name"):
                yield str(below)
    elif isinstance(node, list):
        for one in node:
            yield from schema_names(one)


def test_no_route_does_what_is_forbidden(app: Litestar) -> None:
    paths = [route.path for route in app.routes]
    assert len(paths) > 40
    assert wrong(paths) == []
    handlers = [str(handler) for route in app.routes for handler in getattr(route, "route_handlers", ())]
    assert wrong(handlers) == []


def test_neither_does_the_schema_nor_the_wire_nor_the_database(app: Litestar) -> None:
    names = set(schema_names(app.openapi_schema.to_schema()))
    assert "number" in names
    assert wrong(names) == []
    fields = [f"{one.__name__}.{name}" for one in structs() for name in one.__struct_fields__]
    assert len(fields) > 200
    assert wrong(name.partition(".")[2] for name in fields) == []
    assert wrong(column.name for table in METADATA.tables.values() for column in table.columns) == []
    assert wrong(METADATA.tables) == []


def test_nothing_is_counted_by_person(app: Litestar) -> None:
    assert PERSONS.isdisjoint(DIMENSIONS)
    assert PERSONS.isdisjoint(kpis.RATE_NAMES)
    sums = [METADATA.tables[name] for name in ("tally", "counted")]
    assert [column.name for table in sums for column in table.columns if column.name in PERSONS] == []
    assert app


def test_no_text_asks_for_it() -> None:
    found = strings.sources()
    assert len(found) > 500
    assert [text for text in found if TEXTS.search(text)] == []


def test_what_is_required_is_there(app: Litestar) -> None:
    paths = {route.path for route in app.routes}
    assert {"/m/me/opinion", "/opinions", "/m/report"} <= paths
    assert opinions.OpinionBox.__tablename__ in METADATA.tables


@pytest.mark.parametrize("name", [
    "/m/check-in", "/api/v1/checkin", "points", "/m/track", "gps_track", "online_time", "/board/ranking", "leaderboard",
    "photo_required", "attendance",
])  # fmt: skip
def test_the_walk_bites(name: str) -> None:
    assert wrong([name]) == [name]


@pytest.mark.parametrize("name", ["checks", "point", "sign", "ranked", "/rules/check", "credible", "online"[:2]])
def test_the_walk_spares_what_is_meant_otherwise(name: str) -> None:
    assert wrong([name]) == []
