"""Intake over HTTP with login, key, history and outbox: against the database's limit, a bare read, the plain ORM."""

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg

from dispatch.roles import Role
from hotline import clock
from hotline.bench import ground, pgbench, servers
from hotline.bench.client import Order, Tally
from hotline.bench.matters import MATTERS_SEED, matters
from hotline.bench.ratios import Ratio, alternate, ratio
from hotline.bench.servers import HOUSE, CannotMeasure, Postgres, Web
from hotline.city import City
from hotline.flow import receive
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store.intake import Arrival
from hotline.wire.tickets import NewTicket

CLIENTS = 32
ROWS = ("intake_key", "caller", "ticket", "entry", "outbox")
PATHS = {"product": "/api/v1/tickets", "decode": "/bench/decode", "orm": "/bench/orm"}
_slices = itertools.count(1)


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """One side for some seconds.  `void` says why it counts for nothing; `cpu_ms` is the web process's, a request."""

    rate: float
    cpu_ms: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    void: str = ""


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What the slices came to."""

    ratios: list[Ratio]
    slices: dict[str, list[Slice]]
    void: list[str]


def measure(cluster: Postgres, redis_url: str, *, rounds: int, seconds: int) -> Intake:
    """Measure all four sides, each once a round.  raises CannotMeasure"""
    with servers.folder("hotline-bench-") as home:
        url = cluster.migrated("intake")
        city, token = ground.settle(url)
        script = home / "intake.sql"
        script.write_text(pgbench.script(_arrival(city)), encoding="utf-8")
        bodies = b"\n".join(body(one) for one in matters(400))
        with servers.web(home, url, redis_url) as web:
            sides: dict[str, Callable[[], Slice]] = {"pgbench": lambda: _limit(cluster, script, seconds)}
            for name in PATHS:
                sides[name] = lambda name=name: _posted(cluster, web, name, token, bodies, seconds)  # type: ignore[misc]  # mypy sees no default in a lambda
            for warm in sides.values():
                warm()
            taken = alternate(sides, rounds, MATTERS_SEED)
    slices = {name: [one[name] for one in taken] for name in sides}
    void = [one.void for side in slices.values() for one in side if one.void]
    return Intake(ratios=_ratios(slices), slices=slices, void=void)


def body(new: NewTicket) -> bytes:
    """Return a request body with a place the client fills: every caller is another one."""
    number = new.phone.removeprefix("0000-")
    return msgspec.json.encode(new).replace(number.encode(), b"@@@@@@@@", 1)


def _ratios(slices: dict[str, list[Slice]]) -> list[Ratio]:
    def pairs(other: str, what: str) -> list[tuple[float, float]]:
        both = zip(slices["product"], slices[other], strict=True)
        return [(getattr(ours, what), getattr(theirs, what)) for ours, theirs in both]

    def void(other: str) -> bool:
        return any(one.void for one in (*slices["product"], *slices[other]))

    limit, plain = "受理（HTTP）对 pgbench 同样的行，每秒件数", "受理对普通 ORM 写法，每秒件数"
    read = "受理对只读请求体，每件的网页进程 CPU"
    return [
        ratio("intake_rate_of_pgbench", limit, pairs("pgbench", "rate"), goal=0.25, void=void("pgbench")),
        ratio("intake_cpu_of_decode", read, pairs("decode", "cpu_ms"), goal=3, at_least=False, void=void("decode")),
        ratio("intake_rate_of_orm", plain, pairs("orm", "rate"), goal=5, void=void("orm")),
    ]


def _limit(cluster: Postgres, script: Path, seconds: int) -> Slice:
    _empty(cluster)
    rate, count = pgbench.run(cluster, "intake", script, CLIENTS, seconds)
    return Slice(rate=rate, void=_rows_are(cluster, count))


def _posted(cluster: Postgres, web: Web, name: str, token: str, bodies: bytes, seconds: int) -> Slice:
    _empty(cluster)
    order = Order(
        port=web.port,
        path=PATHS[name],
        token=token,
        connections=CLIENTS,
        seconds=seconds,
        status=201,
        key=f"{name}-{next(_slices)}",
    )
    before = web.cpu_seconds()
    tally = posted(order, bodies)
    spent = web.cpu_seconds() - before
    void = f"{tally.wrong} 个回答不对：{tally.first_wrong}" if tally.wrong else ""
    if not void and name != "decode":
        void = _rows_are(cluster, tally.good)
    return Slice(
        rate=tally.good / tally.seconds,
        cpu_ms=spent * 1000 / max(tally.good, 1),
        p50_ms=tally.p50_ms,
        p99_ms=tally.p99_ms,
        void=void,
    )


def posted(order: Order, bodies: bytes) -> Tally:
    """Run the client process.  raises CannotMeasure"""
    done = subprocess.run(
        [sys.executable, "-m", "hotline.bench.client"],
        input=msgspec.json.encode(order) + b"\n" + bodies,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(HOUSE)},
    )
    if done.returncode:
        raise CannotMeasure(f"压测客户端：{done.stderr.decode(errors='replace')[-600:]}")
    return msgspec.json.decode(done.stdout, type=Tally)


def _empty(cluster: Postgres) -> None:
    """Take every slice's rows away, and let the disk come to rest."""
    with psycopg.connect(cluster.dsn("intake"), autocommit=True) as line:
        line.execute(f"TRUNCATE {', '.join(ROWS)}")
        line.execute("CHECKPOINT")


def _rows_are(cluster: Postgres, count: int) -> str:
    """Return what is wrong with the number of new rows, "" if it is `count` in every table."""
    with psycopg.connect(cluster.dsn("intake")) as line:
        columns = ", ".join(f"(SELECT count(*) FROM {name})" for name in ROWS)
        found = line.execute(f"SELECT {columns}").fetchone() or ()
    wrong = {name: rows for name, rows in zip(ROWS, found, strict=True) if rows != count}
    return f"应有 {count} 行，实为 {wrong}" if wrong else ""


def _arrival(city: City) -> Arrival:
    seal, now = Seal(servers.SECRET.encode()), clock.now()
    key = (f"api:{ground.CLERK}", "0")
    return receive.arrive(city, seal, next(matters(1)), Actor(ground.CLERK, Role.AGENT), now, "0", key)
