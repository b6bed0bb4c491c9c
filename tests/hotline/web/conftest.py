"""The web application on a fresh database with the sample city in force and one person per role."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import event

from dispatch.roles import Role
from hotline import city, clock, people, rulefiles, settings
from hotline.city import City
from hotline.settings import Settings
from hotline.store import db
from hotline.web.app import create_app

SAMPLE = Path(city.__file__).with_name("sample") / "city"
PASSWORD = "correct-horse-7"
POSTS = {
    "agent": (Role.AGENT, ""),
    "agent2": (Role.AGENT, ""),
    "dispatcher": (Role.DISPATCHER, ""),
    "cgj": (Role.UNIT, "cgj"),
    "hwzx": (Role.UNIT, "hwzx"),
    "wu.haoran": (Role.GRID_LEADER, ""),
    "caller": (Role.CALLER_BACK, ""),
    "supervisor": (Role.SUPERVISOR, ""),
    "admin": (Role.ADMIN, ""),
}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
Client = Callable[[str], TestClient[Litestar]]


@pytest.fixture(scope="module")
def config(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation in a folder of its own."""
    home = tmp_path_factory.mktemp("home")
    return settings.load({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": database_url})


@pytest.fixture(scope="module")
def rules(config: Settings) -> City:
    """The sample city, applied; everybody of POSTS has an account."""
    db.bind(config.database_url)
    with db.transaction() as session:
        applied = city.apply(session, rulefiles.read_folder(SAMPLE), "test", clock.now())
        for login, (role, unit) in POSTS.items():
            people.add(session, applied.region, login, f"姓名{login}", PASSWORD, LONG_AGO)
            people.appoint(session, applied.region, login, role, unit, LONG_AGO)
    return applied


@pytest.fixture(scope="module")
def app(config: Settings, rules: City) -> Litestar:
    """The application."""
    assert rules.region
    return create_app(config)


@pytest.fixture(scope="module")
def running(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """A client nobody has logged in with; the application runs as long as the module."""
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def bearer(running: TestClient[Litestar], rules: City) -> Callable[[str], dict[str, str]]:
    """Headers of a program that acts as a person."""
    assert running
    made: dict[str, dict[str, str]] = {}

    def headers(login: str) -> dict[str, str]:
        if login not in made:
            with db.transaction() as session:
                token = people.machine_token(session, rules.region, login, device="test", now=clock.now())
            made[login] = {"Authorization": f"Bearer {token}"}
        return made[login]

    return headers


@pytest.fixture
def counted(running: TestClient[Litestar]) -> Iterator[Callable[[], list[str]]]:
    """A function that returns the statements sent since it was last called, sessions and rules held warm."""
    assert running
    sent: list[str] = []

    def note(*facts: object) -> None:
        sent.append(str(facts[2]))

    def since() -> list[str]:
        found = [text for text in sent if not text.startswith("BEGIN") and "login_session" not in text]
        sent.clear()
        return [text for text in found if "FROM edition" not in text.replace("\n", "")]

    event.listen(db.engine(), "before_cursor_execute", note)
    yield since
    event.remove(db.engine(), "before_cursor_execute", note)
