"""Fixtures every test may ask for: a fresh migrated database a module, on both engines; a real Valkey; a Chromium."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import settings as hypothesis_settings

from hotline import settings
from hotline.store import db
from tests import engines, servers, turns

hypothesis_settings.register_profile("house", deadline=None)  # a busy machine is no failure: no test asserts seconds
hypothesis_settings.load_profile("house")
engines.share()


def pytest_configure(config: pytest.Config) -> None:
    """Note how long the files take."""
    config.pluginmanager.register(turns.Watch())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> turns.Turns | None:
    """Give each worker its turns; another way is asked for with --dist."""
    return turns.Turns(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[servers.Postgres]:
    """A real PostgreSQL of this session."""
    try:
        with servers.postgres() as cluster:
            yield cluster
    except servers.Missing as reason:
        servers.missing(reason)


@pytest.fixture(scope="module")
def postgres_url(postgres_cluster: servers.Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database at the newest migration."""
    url = postgres_cluster.migrated()
    yield url
    postgres_cluster.drop(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    db.upgrade(f"sqlite+pysqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A fresh SQLite database at the newest migration."""
    path = tmp_path_factory.mktemp("sqlite") / "hotline.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite+pysqlite:///{path}"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database, once on each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A real Valkey of this session."""
    try:
        with servers.valkey() as url:
            yield url
    except servers.Missing as reason:
        servers.missing(reason)


@pytest.fixture(scope="module")
def redis_url(valkey_url: str) -> str:
    """The session's Valkey, empty at the start of the module."""
    with redis.Redis.from_url(valkey_url) as line:
        line.flushall()
    return valkey_url


@pytest.fixture(scope="session")
def chromium() -> Path:
    """A Chromium: HOTLINE_CHROMIUM, or the one on PATH."""
    named = [settings.load().chromium, *map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))]
    found = next((path for path in named if path), None)
    if found is None:
        servers.missing("no Chromium on PATH and HOTLINE_CHROMIUM is not set")
    return Path(str(found))
