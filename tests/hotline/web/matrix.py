"""The table of who may do what at which door (`routes.txt`), read and driven.

A row is a method, a path, eleven cells, eleven more for a confidential ticket where they differ, and what is sent.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import msgspec
from litestar import Litestar
from litestar.routes import ASGIRoute, HTTPRoute

ROWS = Path(__file__).with_name("routes.txt")
READERS = (
    "nobody", "lead", "helper", "other", "leader", "stranger", "agent", "dispatcher", "caller", "supervisor", "admin",
)  # fmt: skip
HANDLING = frozenset(READERS[1:6])
CELLS = {
    "+": "let in", "-": "403", "0": "404, as if it did not exist", "L": "401 or sent to the login page",
    "~": "nothing told to a guess",
}  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HELP = """tests/hotline/web/routes.txt: give the route a row, e.g.

    {example}

The cells stand for {readers}: {cells}.  Of the ticket, `lead`, `helper` and `leader` have it, `other` and `stranger`
do not.  Where a confidential ticket (保密) is answered in another way, a second group of eleven cells follows.  What is
sent stands last, as name=value&name=value, or after `json:`; seq=0 lets a move be refused without moving anything."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One route as the table has it.  plain, secret: reader -> cell, of an ordinary and of a confidential ticket"""

    method: str
    path: str
    plain: dict[str, str]
    secret: dict[str, str]
    sent: str = ""

    @property
    def name(self) -> str:
        """What the row is called."""
        return f"{self.method} {self.path}"


def read(text: str) -> list[Row]:
    """Return the rows of a table.  raises ValueError with what is wrong with a line"""
    return [_row(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def served(app: Litestar) -> set[str]:
    """Return "METHOD path" of every route the application answers, as the framework knows them."""
    found = {f"GET {one.path}" for one in app.routes if isinstance(one, ASGIRoute)}
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found |= {f"{method} {route.path_format}" for method in route.route_handler_map if method in METHODS}
    return found


def cell_of(answer: httpx.Response) -> str:
    """Return the cell an answer stands for."""
    if answer.status_code == 401 or (answer.status_code == 303 and answer.headers["location"].startswith("/login")):
        return "L"
    return {403: "-", 404: "0"}.get(answer.status_code, "+" if answer.status_code < 500 else str(answer.status_code))


def fits(cell: str, answer: httpx.Response) -> bool:
    """Say whether an answer is what a cell says."""
    return answer.status_code in (403, 404, 422, 429) if cell == "~" else cell_of(answer) == cell


def request(row: Row, values: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the address of a row and how it is asked, with these values for what stands in {braces}."""
    sent = row.sent
    for name, value in values.items():
        sent = sent.replace(f"<{name}>", value)
    if sent.startswith("json:"):
        return row.path.format(**values), {"json": json.loads(sent.removeprefix("json:"))}
    return row.path.format(**values), {"data": dict(parse_qsl(sent, keep_blank_values=True))} if sent else {}


def missing(rows: list[Row], routes: set[str]) -> str:
    """Return what is wrong between table and application, "" where every route has its row and every row its route."""
    named = [row.name for row in rows]
    lost, idle = sorted(routes - set(named)), sorted(set(named) - routes)
    twice = sorted({name for name in named if named.count(name) > 1})
    said = [f"routes without a row: {lost}"] if lost else []
    said += [f"rows without a route: {idle}"] if idle else []
    said += [f"rows that stand there twice: {twice}"] if twice else []
    return "\n".join([*said, advice(lost[0] if lost else "GET /a")]) if said else ""


def advice(name: str) -> str:
    """Return how a row is written."""
    cells = "; ".join(f"{mark} {words}" for mark, words in CELLS.items())
    return HELP.format(example=f"{name:<44} L++0+0+++++", readers=", ".join(READERS), cells=cells)


def _row(line: str) -> Row:
    method, path, plain, *rest = line.split(maxsplit=3)
    secret, sent = plain, rest[0] if rest else ""
    first, _, behind = sent.partition(" ")
    if len(first) == len(READERS) and set(first) <= set(CELLS):
        secret, sent = first, behind.strip()
    for cells in (plain, secret):
        if len(cells) != len(READERS) or not set(cells) <= set(CELLS):
            raise ValueError(f"{method} {path}: {cells} is not {len(READERS)} of {' '.join(CELLS)}")
    both = [dict(zip(READERS, cells, strict=True)) for cells in (plain, secret)]
    return Row(method=method, path=path, plain=both[0], secret=both[1], sent=sent)


def cells(row: Row) -> Iterator[tuple[str, str, str]]:
    """Yield (reader, which ticket, cell) of a row; a path without a ticket is driven once."""
    for reader in READERS:
        yield reader, "plain", row.plain[reader]
        if "{number}" in row.path or "<number>" in row.sent:
            yield reader, "secret", row.secret[reader]
