"""A running application with tickets in every state, and browsers that logged in through the form."""

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import playwright
import pytest
import sqlalchemy as sa
import uvicorn
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from sqlalchemy import event

from hotline import city as cities
from hotline import clock, settings
from hotline.sealing import Seal
from hotline.settings import Settings
from hotline.store import db
from hotline.web.app import create_app
from hotline.web.pages.assets import DIST, manifest
from tests import servers
from tests.hotline.web.conftest import PASSWORD
from tests.hotline.web.pages import stage
from tests.hotline.web.pages.carried import Carry, enter
from tests.hotline.web.pages.seen import AXE, SIZES, TICKET, numbers

expect.set_options(timeout=15_000)  # milliseconds; a busy machine is no failure
SAMPLES = 700  # enough texts for a model that knows the commonest matters
SECRET = "a-secret-of-the-page-tests-only-0001"


class Visitor:
    """One person's browser: the session cookie, and forms posted with the page's own token."""

    def __init__(self, door: TestClient[Litestar]) -> None:
        self._door = door
        self.cookies: dict[str, str] = {}

    def get(self, address: str, **headers: str) -> Response:
        """Open a page, redirects followed."""
        return self._send("GET", address, None, headers)

    def post(self, address: str, form: dict[str, str], **headers: str) -> Response:
        """Post a form as it is."""
        return self._send("POST", address, form, headers)

    def carry(self, address: str, form: dict[str, str], *photos: tuple[str, bytes], **headers: str) -> Response:
        """Post a form as a browser does that carries files in it: with none chosen there is an empty one."""
        named = [(name, "", text.encode()) for name, text in form.items()]
        named += [("photos", f'; filename="{name}"', body) for name, body in photos or [("", b"")]]
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="%b"%b\r\n%b\r\n%b\r\n'
            % (name.encode(), file.encode(), b"Content-Type: image/jpeg\r\n" if file else b"", body)
            for name, file, body in named
        ]
        given = {"content-type": "multipart/form-data; boundary=b"} | headers
        return self._send("POST", address, b"".join([*parts, b"--b--\r\n"]), given)

    def submit(self, page: str, address: str, **form: str) -> Response:
        """Post a form with the token that stands on the page it came from."""
        return self.post(address, {"csrf_token": hidden(self.get(page).text, "csrf_token"), **form})

    def _send(
        self, method: str, address: str, form: dict[str, str] | bytes | None, headers: dict[str, str]
    ) -> Response:
        self._door.cookies.clear()
        self._door.cookies.update(self.cookies)
        given = {"accept": "text/html", "accept-language": "zh-CN"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        body: dict[str, Any] = {"content": form} if isinstance(form, bytes) else {"data": form}
        answer = self._door.request(method, address, headers=given, **body)
        self.cookies |= {one.name: one.value or "" for one in self._door.cookies.jar}
        return answer


Browser = Callable[[str], Visitor]
Open = Callable[..., Page]


def given(home: Path) -> Settings:
    """Settings of an installation in `home`."""
    return settings.load({"HOTLINE_HOME": str(home), "HOTLINE_SECRET_KEY": SECRET})


@pytest.fixture(scope="session")
def staged(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample city and its tickets, to copy from."""
    home = tmp_path_factory.mktemp("stage")
    shutil.copyfile(sqlite_template, home / "hotline.db")
    db.bind(given(home).database_url)
    city = stage.city(clock.now(), SAMPLES)
    stage.tickets_of_all_states(city, Seal(SECRET.encode()), clock.now())
    db.engine().dispose()
    return home / "hotline.db"


@pytest.fixture(scope="module")
def config(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation whose database is a copy of the stage."""
    home = tmp_path_factory.mktemp("pages")
    shutil.copyfile(staged, home / "hotline.db")
    return given(home)


@pytest.fixture(scope="module")
def app(config: Settings) -> Litestar:
    """The application."""
    return create_app(config)


@pytest.fixture(scope="module")
def door(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """The client all visitors go through; the application runs as long as the module."""
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def browser(door: TestClient[Litestar]) -> Browser:
    """A function that returns a browser in which somebody is logged in; nobody for an empty login."""
    made: dict[str, Visitor] = {}

    def visit(login: str) -> Visitor:
        if login not in made:
            made[login] = Visitor(door)
            if login:
                answer = made[login].post("/login", {"login": login, "password": PASSWORD})
                assert answer.status_code == 200, answer.text
        return made[login]

    return visit


@pytest.fixture
def statements(door: TestClient[Litestar]) -> Iterator[Callable[[], list[str]]]:
    """A function that returns the SQL sent since it was last called, without logins and the edition stamp."""
    assert door
    sent: list[str] = []

    def note(*facts: object) -> None:
        sent.append(str(facts[2]))

    def since() -> list[str]:
        found = [text for text in sent if not text.startswith("BEGIN") and "login_session" not in text]
        sent.clear()
        return [text for text in found if "FROM edition" not in text]  # asked every two seconds, whatever page

    event.listen(db.engine(), "before_cursor_execute", note)
    yield since
    event.remove(db.engine(), "before_cursor_execute", note)


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found.group(1)


@pytest.fixture(scope="module")
def site(app: Litestar) -> Iterator[str]:
    """The application behind a real port."""
    if not manifest(DIST) or not AXE.exists():
        servers.missing("front-end assets are not built: make setup")
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def engine(chromium: Path) -> Iterator[Chromium]:
    """A running Chromium."""
    lacking = unlinked(Path(playwright.__file__).parent / "driver" / "node")
    if lacking:
        servers.missing(f"the browser driver lacks {lacking}; on Debian: apt-get install libatomic1")
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        yield running
        running.close()


def unlinked(program: Path) -> str:
    """Return the shared libraries a program asks for and this machine does not have."""
    ldd = shutil.which("ldd")
    said = subprocess.run([ldd, program], capture_output=True, text=True, check=False).stdout if ldd else ""
    return "、".join(line.split()[0] for line in said.splitlines() if "not found" in line)


@pytest.fixture(scope="module")
def states() -> dict[str, object]:
    """Cookies of who logged in once."""
    return {}


@pytest.fixture
def visit(site: str, engine: Chromium, states: dict[str, object]) -> Iterator[Open]:
    """A function that opens a page for somebody who is logged in; it fails on any trouble in the console."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def go(login: str, address: str, *, locale: str = "zh-CN", size: tuple[int, int] = SIZES[0]) -> Page:
        frame = {"width": size[0], "height": size[1]}
        made = engine.new_context(viewport=frame, locale=locale, storage_state=states.get(login), base_url=site)
        contexts.append(made)
        page = made.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("request", lambda sent: trouble.append(sent.url) if not sent.url.startswith((site, "data:")) else None)
        if login and login not in states:
            page.goto("/login")
            page.fill("#login", login)
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_url(lambda url: not url.endswith("/login"))
            states[login] = made.storage_state()
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def carry(site: str, engine: Chromium) -> Iterator[Carry]:
    """A function that returns a phone on which somebody logged in; `worker`: service workers may run."""
    made: list[BrowserContext] = []

    def phone(login: str = "ding.dayong", *, worker: bool = True) -> BrowserContext:
        allowed = "allow" if worker else "block"
        context = engine.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=site, service_workers=allowed
        )  # fmt: skip
        context.set_default_timeout(15_000)
        made.append(context)
        if login:
            enter(context.new_page(), login)
        return context

    yield phone
    for context in made:
        context.close()


@pytest.fixture
def placed(config: Settings) -> Iterator[list[str]]:
    """Two tickets of a leader with points: in the west and in the east of her first grid."""
    assert config
    found = numbers(TICKET.c.state.in_(["routed", "signed"]), TICKET.c.grid == "990101004001001")[:2]
    with db.transaction() as session:
        ring = cities.current(session).tree.get("990101004001001").rings[0]
        lng, lat = (sum(axis) / len(ring) for axis in zip(*ring, strict=True))
        for number, step in zip(found, (-0.0005, 0.0005), strict=True):
            point = {"lng": lng + step, "lat": lat}
            session.execute(sa.update(TICKET).where(TICKET.c.number == number).values(point))
    yield found
    with db.transaction() as session:
        session.execute(sa.update(TICKET).where(TICKET.c.number.in_(found)).values(lng=None, lat=None))
