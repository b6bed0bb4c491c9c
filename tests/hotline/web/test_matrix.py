"""Every route x every reader x an ordinary and a confidential ticket: as the table says, and nothing of the caller."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from dispatch.lifecycle import MOVES, State
from dispatch.roles import Role
from hotline import clock, people, settings
from hotline.flow.acts import attach
from hotline.flow.doors import MOVES_BY_NAME
from hotline.sealing import Seal
from hotline.settings import Settings
from hotline.store import db
from hotline.store.files import Cleaned
from hotline.web.app import DIST, create_app
from tests.cast import LEADER, REGION, RUBBISH, Office, unit
from tests.hotline.web import matrix
from tests.hotline.web.matrix import HANDLING, Row

PHONE, NUMBER_SAID, NAME = "13812345678", "13987654321", "欧阳建国"  # of who called; in the text; of who called
NOT_TOLD = (PHONE, NUMBER_SAID, NAME, "建国", "****5678", "138****", "粤B54321")
STREET = "sljd"  # whose ground the ticket lies on, and nothing else of it is theirs
GRID, ELSEWHERE = "990101001001001", "990101004001001"
POSTS = {
    "lead": ("hwzx01", Role.UNIT, "hwzx"), "helper": ("szzx01", Role.UNIT, "szzx"),
    "other": ("street01", Role.UNIT, STREET),
    "leader": ("wu.haoran", Role.GRID_LEADER, ""), "stranger": ("ding.dayong", Role.GRID_LEADER, ""),
    "agent": ("hua01", Role.AGENT, ""), "dispatcher": ("pai01", Role.DISPATCHER, ""),
    "caller": ("hui01", Role.CALLER_BACK, ""), "supervisor": ("du01", Role.SUPERVISOR, ""),
    "admin": ("admin", Role.ADMIN, ""),
}  # fmt: skip
NONE = "01890000-0000-7000-8000-000000000000"
VALUES = {
    "rate": "received", "key": NONE, "code": "000000", "path": "openapi.json", "leave": NONE, "move": "note",
    "grid": GRID, "file_path": "none.css",
}  # fmt: skip
ROWS = matrix.read(matrix.ROWS.read_text(encoding="utf-8"))
Ask = Callable[[Row, str, str], Any]


@pytest.fixture(scope="module")
def config(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an installation; what the database does to a cell, the tests of each door try on both engines."""
    home = tmp_path_factory.mktemp("matrix")
    return settings.load({"HOTLINE_HOME": str(home), "HOTLINE_DATABASE_URL": sqlite_url})


@pytest.fixture(scope="module")
def office(config: Settings) -> Office:
    """The cast's office, with an account for every reader."""
    made = Office(config.database_url)
    made.seal = Seal(config.secret_key())
    long_ago = clock.now() - timedelta(days=300)
    with db.transaction() as session:
        for login, role, code in POSTS.values():
            people.add(session, REGION, login, f"姓名{login}", "", long_ago)
            people.appoint(session, REGION, login, role, code, long_ago)
    return made


@pytest.fixture(scope="module")
def tickets(office: Office) -> dict[str, str]:
    """An ordinary and a confidential ticket, helped, with a word of the desk's, a photo, and another caller."""
    return {name: brought(office, name == "secret") for name in ("plain", "secret")}


def brought(office: Office, secret: bool) -> str:
    """Return a ticket in the hands of hwzx, helped by szzx, in the grid of wu.haoran."""
    at = clock.now() - timedelta(hours=2)
    new = {"phone": PHONE, "name": NAME, "confidential": secret, "area": RUBBISH, "grid": GRID, "source": "12345"}
    new |= {
        "text": f"我叫{NAME}，垃圾堵了门，车牌粤B54321，回电{NUMBER_SAID}",
        "extra": {"联系电话": PHONE, "姓名": NAME},
    }
    if not secret:
        new |= {"phone": "13700001111", "name": "李四", "text": "垃圾堵了门，没有人来清运", "extra": {}}
    ticket = office.ticket(State.SIGNED, at, **new)
    number = ticket.number
    office.do("invite", number, unit("hwzx"), at + timedelta(minutes=5), unit="szzx", note="请协助")
    if secret:
        office.do(
            "urge",
            number,
            people.Me(login="hua01", name="柳", region=REGION, role=Role.AGENT),
            at,
            note=f"{NAME}催，{PHONE}",
        )
    photo = Cleaned(body=b"photo", media="image/jpeg", width=1, height=1)
    with db.transaction() as session:
        attach.keep(session, office.see(number), [photo], LEADER, at)
    return number


@pytest.fixture(scope="module")
def app(config: Settings, office: Office) -> Litestar:
    """The application."""
    assert office.city
    return create_app(config)


@pytest.fixture(scope="module")
def ask(app: Litestar, office: Office, tickets: dict[str, str]) -> Iterator[Ask]:
    """A function that asks what a row says, as a reader, of a ticket."""
    headers: dict[str, dict[str, str]] = {"nobody": {}}
    for reader, (login, _, _) in POSTS.items():
        with db.transaction() as session:
            token = people.machine_token(session, REGION, login, device="test", now=clock.now())
        headers[reader] = {"authorization": f"Bearer {token}"}
    files = {name: str(office.rows("file", ticket_id=office.see(number).id)[0].id) for name, number in tickets.items()}

    with TestClient(app) as door:

        def asked(row: Row, reader: str, ticket: str) -> Any:
            numbers = {
                "number": "1" if row.path.startswith("/board/topics") else tickets[ticket],
                "file": files[ticket],
            }
            address, how = matrix.request(row, VALUES | numbers)
            wants = "application/json" if row.path.startswith("/api") else "text/html"
            return door.request(
                row.method, address, headers={"accept": wants, **headers[reader]}, follow_redirects=False, **how
            )

        yield asked


def test_every_route_has_its_row_and_every_row_its_route(app: Litestar) -> None:
    rows = [row for row in ROWS if DIST.is_dir() or not row.path.startswith("/static")]
    wrong = matrix.missing(rows, matrix.served(app))
    assert not wrong, wrong


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_as_the_table_says(row: Row, ask: Ask, tickets: dict[str, str]) -> None:
    wrong = []
    for reader, ticket, cell in matrix.cells(row):
        answer = ask(row, reader, ticket)
        if not matrix.fits(cell, answer):
            wrong.append(
                f"{reader}, {ticket} ticket: {cell} ({matrix.CELLS[cell]}) expected, {answer.status_code} given"
            )
        text = answer.text.replace(tickets["secret"], "")
        if reader in HANDLING or reader == "nobody":
            wrong += [f"{reader}, {ticket} ticket: told {word}" for word in NOT_TOLD if word in text]
        elif not row.path.endswith(("/caller", "/bridge/{code}")):
            said = [f"{answer.request.method} tells the whole number"] if PHONE in _without(text) else []
            wrong += [f"{reader}, {ticket} ticket: {one}" for one in said]
    assert not wrong, "\n".join([row.name, *wrong, matrix.advice(row.name)])


def _without(text: str) -> str:
    """Return what is left of a page without what the caller or the desk themselves wrote down."""
    for words in (f"{NAME}催，{PHONE}", f'"联系电话":"{PHONE}"'):
        text = text.replace(words, "")
    return text


WORDS: dict[str, Any] = {
    "note": "说明", "reason": "理由", "basis": "依据", "guide": "法院", "unit": "cgj", "units": ["cgj"], "days": 3,
    "until": "2030-01-01", "ground": "outside", "area": RUBBISH, "grid": ELSEWHERE, "outcome": "solved", "helped": True,
    "commitment": str(UUID(NONE)), "card": "yellow_card", "reached": False, "seq": 0, "hard": True, "to": "<number>",
}  # fmt: skip


@pytest.mark.parametrize("move", sorted(MOVES_BY_NAME))
def test_no_move_tells_of_a_ticket_one_may_not_know(move: str, ask: Ask, tickets: dict[str, str]) -> None:
    body = {key: value for key, value in WORDS.items() if key in MOVES_BY_NAME[move][0].__struct_fields__}
    sent = f"json:{msgspec.json.encode(body).decode()}"
    row = Row(method="POST", path=f"/api/v1/tickets/{{number}}/moves/{move}", plain={}, secret={}, sent=sent)
    nowhere = msgspec.structs.replace(row, path=f"/api/v1/tickets/SL20200101000018/moves/{move}")
    of_the_ground = move in ("verify", "disprove")  # what was put right on its ground the street's office looks at
    for reader, ticket in product(("stranger",) if of_the_ground else ("other", "stranger"), tickets):
        found, none = ask(row, reader, ticket), ask(nowhere, reader, ticket)
        assert (found.status_code, found.json()["code"]) == (none.status_code, none.json()["code"]), found.text


def test_a_row_that_is_wrong_says_so() -> None:
    with pytest.raises(ValueError, match="GET /a"):
        matrix.read("GET /a L++")
    [row] = matrix.read("POST /a/{number} L++0+0+++++ L--0-0+++++ json:{}")
    assert (row.secret["lead"], row.sent) == ("-", "json:{}")
    assert "without a row: ['GET /b']" in matrix.missing([row], {"POST /a/{number}", "GET /b"})
    assert "without a route: ['POST /a/{number}']" in matrix.missing([row], set())
    assert "twice" in matrix.missing([row, row], {"POST /a/{number}"})
    assert set(MOVES) >= {"reveal", "note"}


def test_the_table_is_beside_its_reader() -> None:
    assert Path(matrix.ROWS).exists()
    assert len(ROWS) > 100
