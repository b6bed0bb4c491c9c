"""What an operation costs in statements and commands: exact, the same on every machine, and so a gate anywhere."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import redis
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy import event

from hotline import clock, settings
from hotline.bench import batches, ground, servers, sweeps
from hotline.bench.matters import matters
from hotline.bench.ratios import Count
from hotline.bench.servers import Postgres
from hotline.city import City
from hotline.flow import escalate, triage
from hotline.jobs import queue, relay
from hotline.settings import Settings
from hotline.store import db
from hotline.web import app

TOGETHER = 32
# name -> (what it is, the most it may be)
LIMITS: dict[str, tuple[str, float]] = {
    "sql_per_intake": ("受理一件（已登录）：SQL 语句", 1),
    "sql_per_page_of_50": ("工单列表一页（50 件）：SQL 语句", 1),
    "sql_per_sheet": ("工单详情：SQL 语句", 11),
    "sql_per_triage_of_100": ("批量分派 100 件：SQL 语句", 8),
    "sql_per_sweep_of_100": ("处理 100 个到期时限：SQL 语句", 1),
    "redis_per_ticket_of_100": ("一批 100 件，每件的 Redis 命令", 2),
}


def measure(cluster: Postgres, redis_url: str) -> list[Count]:
    """Count."""
    url = cluster.migrated("counts")
    with servers.folder("hotline-bench-") as home:
        given = _settings(home, url, redis_url)
        office = app.create_app(given)
        city, token = ground.settle(url)
        found = asyncio.run(_over_http(office, token))
        found["sql_per_triage_of_100"] = _of_triage(city)
        found["sql_per_sweep_of_100"] = _of_sweep(city)
        found["redis_per_ticket_of_100"] = _of_queue(city, given)
    return [Count(name=name, label=label, value=found[name], most=most) for name, (label, most) in LIMITS.items()]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect every statement this process sends to its database."""
    said: list[str] = []

    def heard(_line: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool) -> None:
        said.append(statement)

    event.listen(db.engine(), "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(db.engine(), "before_cursor_execute", heard)


async def _over_http(office: Litestar, token: str) -> dict[str, float]:
    """Count with login, guards and all; the second call of each, when the process knows city and clerk."""
    bodies = [msgspec.json.encode(one) for one in matters(60, start=5_000_000)]
    async with office.lifespan():
        answers = [await ask(office, "POST", "/api/v1/tickets", token, one) for one in bodies]
        number = msgspec.json.decode(answers[0])["number"]
        one = await _counted(lambda: ask(office, "POST", "/api/v1/tickets", token, b'{"text":"one more matter"}'))
        path = "/api/v1/tickets?size=50"
        page = await _counted(lambda: ask(office, "GET", path, token))
        sheet = await _counted(lambda: ask(office, "GET", f"/api/v1/tickets/{number}", token))
    return {"sql_per_intake": one, "sql_per_page_of_50": page, "sql_per_sheet": sheet}


async def _counted(call: Callable[[], Awaitable[bytes]]) -> int:
    """Return the fewest statements of three calls: city and clerk are looked up again every two seconds."""
    found = []
    for _ in range(3):
        with statements() as said:
            await call()
        found.append(len(said))
    return min(found)


async def ask(office: Litestar, method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """Return the body of the application's answer, asked in this process.  AssertionError if it refuses"""
    address, _, query = path.partition("?")
    headers = [(b"authorization", b"Bearer " + token.encode()), (b"content-type", b"application/json")]
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": address,
        "raw_path": address.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await office(scope, receive, send)
    answer = b"".join(one.get("body", b"") for one in said)
    assert said[0]["status"] < 300, answer.decode()
    return answer


def _of_triage(city: City) -> int:
    _nothing_waits(city)
    batches.hand_in(city, list(matters(100, start=6_000_000)))
    with statements() as said, db.transaction() as session:
        triaged = triage.waiting(session, city, clock.now(), limit=100)
    assert len(triaged) == 100
    return len(said)


def _of_sweep(city: City) -> int:
    """Make every clock due that the triaged tickets run, and act on a hundred."""
    due = sa.text("UPDATE clock SET next_at = :now WHERE next_at IS NOT NULL")
    with db.transaction() as session:
        session.execute(due, {"now": clock.now()})
    with statements() as said, db.transaction() as session:
        moved = escalate.sweep(session, city, clock.now(), limit=sweeps.DUE)
    assert moved > 0
    return len(said)


def _of_queue(city: City, given: Settings) -> float:
    """Return the Redis commands of telling the queue of a hundred new tickets and carrying them out, a ticket."""
    while relay.turn(lambda _ids: None, clock.now()):
        pass
    batches.hand_in(city, list(matters(100, start=7_000_000)))
    line = queue.connect(given)
    before = _commands(line)
    relay.turn(lambda ids: queue.wake(line, ids), clock.now())
    queue.work(given, burst=True)
    return (_commands(line) - before) / 100


def _commands(line: "redis.Redis") -> int:
    kinds: Any = line.info("commandstats")
    return sum(kind["calls"] for name, kind in kinds.items() if name != "cmdstat_info")


def _nothing_waits(city: City) -> None:
    while True:
        with db.transaction() as session:
            if not triage.waiting(session, city, clock.now(), limit=500):
                return


def _settings(home: Path, url: str, redis_url: str) -> Settings:
    return settings.load(
        {
            "HOTLINE_HOME": str(home),
            "HOTLINE_DATABASE_URL": url,
            "HOTLINE_REDIS_URL": redis_url,
            "HOTLINE_SECRET_KEY": servers.SECRET,
        }
    )
