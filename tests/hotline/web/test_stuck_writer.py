"""Reads need no write: a stuck writer, a full disk and locked rows stop no page, no list, no readyz, no doctor."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import event

from hotline import people
from hotline.city import City
from hotline.serve import doctor
from hotline.settings import Settings
from hotline.store import db
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from hotline.web import app as application

SESSION, NOTICE = METADATA.tables["login_session"], METADATA.tables["notice"]
READ = {
    "agent": ("/desk", "/tickets", "/api/v1/tickets", "/notices"),
    "dispatcher": ("/dispatch", "/board"),
    "cgj": ("/unit", "/notices"),
    "caller": ("/callback",),
    "supervisor": ("/supervise", "/events", "/people"),
    "wu.haoran": ("/m", "/notices"),
}


class Usage(NamedTuple):
    """What the system says of a disk, in bytes."""

    total: int
    used: int
    free: int


Bearer = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def app(config: Settings, rules: City) -> Iterator[Litestar]:
    """The application, which waits a second for the writer where it would wait five."""
    patch = pytest.MonkeyPatch()
    patch.setattr(application, "WRITER_PATIENCE", 1.0)
    assert rules.region
    yield application.create_app(config)
    patch.undo()


@contextmanager
def stuck(url: str) -> Iterator[None]:
    """Hold what a writer needs: SQLite's one lock; on PostgreSQL the rows a reading would touch."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        line = sqlite3.connect(str(parsed.database), isolation_level=None)
        line.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            line.execute("ROLLBACK")
            line.close()
        return
    engine = sa.create_engine(parsed)
    with engine.begin() as held:
        for table in (SESSION, NOTICE, METADATA.tables["ticket"]):
            held.execute(sa.select(table).with_for_update())
        yield
    engine.dispose()


@contextmanager
def full(engine: sa.Engine) -> Iterator[None]:
    """Let the database grow no more: SQLite answers every write as a full disk does."""

    def stop(raw: Any, *_: Any) -> None:
        raw.execute("PRAGMA max_page_count = 1")  # never less than it has

    engine.dispose()
    event.listen(engine, "connect", stop)
    try:
        yield
    finally:
        event.remove(engine, "connect", stop)
        engine.dispose()


def everybody_reads(running: TestClient[Litestar], bearer: Bearer) -> list[tuple[str, str, int]]:
    """Return what was answered to readers whose session is to be written as seen, with a notice to be marked read."""
    hall = running.app.state["hall"]
    for login in READ:
        hall.forget(login)
    return [
        (login, path, running.get(path, headers=bearer(login) | {"Accept": "text/html"}).status_code)
        for login, paths in READ.items()
        for path in paths
    ]


@pytest.fixture
def unseen(running: TestClient[Litestar], bearer: Bearer, rules: City) -> None:
    """Sessions nobody has noted as in use for long, and a notice for each of their people."""
    for login in READ:
        bearer(login)
    with db.transaction() as session:
        seen = session.execute(sa.select(SESSION.c.seen_at)).scalars().first()
        assert seen is not None
        session.execute(sa.update(SESSION).values(seen_at=seen - 2 * people.SEEN_STEP))
        session.execute(sa.delete(NOTICE))
        for login in READ:
            row = {"id": new_id(seen), "region": rules.region, "unit": "", "login": login, "number": "", "kind": "note"}
            session.execute(NOTICE.insert(), row | {"text": "一条通知", "at": seen, "read_at": None})


def unread() -> int:
    with db.reading() as session:
        query = sa.select(sa.func.count()).select_from(NOTICE).where(NOTICE.c.read_at.is_(None))
        found: int = session.execute(query).scalar_one()
        return found


@pytest.mark.usefixtures("unseen")
def test_a_stuck_writer_stops_no_reader(running: TestClient[Litestar], bearer: Bearer, config: Settings) -> None:
    with stuck(config.database_url):
        assert {status for _, _, status in everybody_reads(running, bearer)} == {200}
        assert running.get("/readyz").status_code == 200
        assert running.get("/metrics").status_code == 200
        given = {"HOTLINE_HOME": str(config.home), "HOTLINE_DATABASE_URL": config.database_url}
        found = {one.name: one for one in doctor.examine(given)}
        assert found["数据库"].state is doctor.State.OK
        assert not [one for one in found.values() if "检查本身出错" in one.says]
        assert unread() == len(READ)
    assert {status for _, _, status in everybody_reads(running, bearer)} == {200}
    assert unread() == len(READ) - len([path for paths in READ.values() for path in paths if path == "/notices"])


@pytest.mark.usefixtures("unseen")
def test_a_full_disk_stops_no_reader(running: TestClient[Litestar], bearer: Bearer, config: Settings) -> None:
    if db.engine().dialect.name != "sqlite":
        return  # its disk is another machine's; what a refused write does is the same
    with full(db.engine()):
        new = {"text": "路灯不亮" * 2000}
        assert running.post("/api/v1/tickets", json=new, headers=bearer("agent")).status_code == 503
        assert {status for _, _, status in everybody_reads(running, bearer)} == {200}
        assert running.get("/readyz").status_code == 200
    assert running.post("/api/v1/tickets", json=new, headers=bearer("agent")).status_code == 201


@pytest.mark.usefixtures("unseen")
def test_those_who_wait_to_write_leave_room_for_those_who_read(
    running: TestClient[Litestar], bearer: Bearer, config: Settings
) -> None:
    answer = running.post("/api/v1/tickets", json={"text": "路灯不亮"}, headers=bearer("agent"))
    path = f"/api/v1/tickets/{answer.json()['number']}/moves/note"

    def write(place: int) -> tuple[int, str | None]:
        said = running.post(path, json={"note": f"第 {place} 句"}, headers=bearer("dispatcher"))
        return said.status_code, said.headers.get("retry-after")

    with ThreadPoolExecutor(3 * application.THREADS) as crowd, stuck(config.database_url):
        writing = [crowd.submit(write, place) for place in range(2 * application.THREADS)]
        reading = [crowd.submit(running.get, "/tickets", headers=bearer("agent")) for _ in range(8)]
        assert {one.result().status_code for one in reading} == {200}
        refused = [one.result() for one in writing]
    assert {status for status, _ in refused} == {503}
    assert {after for _, after in refused} == {"2"}
    assert write(0)[0] == 200


@pytest.mark.usefixtures("unseen")
def test_readyz_tells_a_full_disk_and_goes_on_answering(
    running: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch
) -> None:
    prober = running.app.state["prober"]
    monkeypatch.setattr(prober, "_ready", None)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 10**6, 10**6))
    answer = running.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert "磁盘只剩 1 MB" in answer.json()["attention"]
    monkeypatch.undo()
    monkeypatch.setattr(prober, "_ready", None)
    assert "磁盘" not in running.get("/readyz").json()["attention"]
