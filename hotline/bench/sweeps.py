"""The sweep of a hundred due clocks among few and among many open ones, on both engines: its time, and on PostgreSQL
the blocks it touched.
"""

import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import sqlalchemy as sa

from hotline import clock
from hotline.bench import ground
from hotline.bench.matters import MATTERS_SEED
from hotline.bench.ratios import Ratio, alternate, ratio
from hotline.bench.servers import Postgres
from hotline.city import City
from hotline.flow import escalate
from hotline.store import db
from hotline.store.columns import col, table_of
from hotline.store.tickets import ClockRow

CLOCK = table_of(ClockRow)
DUE = 100
CLOCKS = ("dispatch", "sign", "progress", "result")  # a ticket on its way has as many
TABLES = ("ticket", "clock", "entry", "outbox", "alarm")
_TICKETS = """
    INSERT INTO ticket (id, region, number, state, seq, last_hash, source, source_ref, kind, urgency, title, text,
        text_digest, address, caller_label, confidential, area, area_confidence, district, street, community, grid,
        unit, helpers, leader, received_at, dispatches, returns, redos, tries, reply, outcome, joiners, level, edition,
        why, extra, quiet)
    {numbers}
    SELECT {ticket_id}, :region, 'B' || n, 'signed', 3, {digest}, '12345', '', '投诉', 'normal', '路灯不亮',
        {text}, {digest}, '某路某号', '', false, '0101', 0.9, '', '', '', '', 'u' || n % 25, '[]', '', :now,
        1, 0, 0, 0, '', '', 0, '', '1', '{{}}', '{{}}', false
    FROM {counted}"""
_CLOCKS = """
    INSERT INTO clock (id, region, ticket_id, clock, unit, started_at, due_at, outcome, provisional, ladder, position,
        next_at, why)
    {numbers}
    SELECT {clock_id}, :region, {ticket_id}, named.column2, 'u' || n % 25, :now, :later, '', false, {ladder}, 0,
        {next_at}, ''
    FROM {counted}, (VALUES (1, 'dispatch'), (2, 'sign'), (3, 'progress'), (4, 'result')) AS named"""
_RUNG = "'at', CAST(:text AS text), 'move', 'remind', 'label', '提醒', 'to', 'unit', 'card', 'remind'"
_POSTGRES = {
    "numbers": "",
    "counted": "generate_series(1, :tickets) AS n",
    "ticket_id": "CAST(lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0') AS uuid)",
    "clock_id": "CAST(lpad(to_hex(n), 12, '0') || '7000900' || named.column1 || lpad(to_hex(n), 12, '0') AS uuid)",
    "digest": "md5(CAST(n AS text))",
    "text": "repeat('小区门口的路灯不亮。', 14)",
    "ladder": f"jsonb_build_array(jsonb_build_object({_RUNG}))",
    "next_at": ":later + n * interval '1 second'",
}
_SQLITE = {
    "numbers": "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < :tickets)",
    "counted": "count",
    "ticket_id": "printf('%012x70008000%012x', n, n)",
    "clock_id": "printf('%012x7000900%d%012x', n, named.column1, n)",
    "digest": "printf('%032x', n)",
    "text": "replace(printf('%14s', ''), ' ', '小区门口的路灯不亮。')",
    "ladder": f"json_array(json_object({_RUNG}))",
    "next_at": "strftime('%Y-%m-%d %H:%M:%S', :later, '+' || n || ' seconds') || '.000000'",
}


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """One sweep; no blocks where the engine does not count them."""

    ms: float
    blocks: int
    moved: int


class Sweeps(msgspec.Struct, frozen=True, kw_only=True):
    """What the sweeps came to, among `few` and `many` open clocks; by engine and side, milliseconds and blocks."""

    few: int
    many: int
    ratios: list[Ratio]
    ms: dict[tuple[str, str], list[float]]
    blocks: dict[str, list[float]]


def measure(cluster: Postgres, *, few: int, many: int, rounds: int) -> Sweeps:
    """Sweep all databases in turn.  A sweep that did not move all that was due makes the result void."""
    sides = {("postgresql", "many"): many, ("postgresql", "few"): few, ("sqlite", "many"): many, ("sqlite", "few"): few}
    grounds = {
        "/".join(key): (_OnPostgres if key[0] == "postgresql" else _OnSqlite)(cluster, key[1], clocks)
        for key, clocks in sides.items()
    }
    for one in grounds.values():
        one.sweep()
    taken = alternate({name: one.sweep for name, one in grounds.items()}, rounds, MATTERS_SEED)
    ms = {key: [turn["/".join(key)].ms for turn in taken] for key in sides}
    blocks = {side: [float(turn[f"postgresql/{side}"].blocks) for turn in taken] for side in ("many", "few")}
    void = any(one.moved != DUE for turn in taken for one in turn.values())
    what = f"处理 {DUE} 个到期时限，{many:,} 个未到期对 {few:,} 个"
    pairs = list(zip(blocks["many"], blocks["few"], strict=True))
    ratios = [ratio("sweep_blocks", f"{what}：数据块", pairs, goal=1.2, at_least=False, void=void)]
    for engine, name, label in (("postgresql", "sweep_time", ""), ("sqlite", "sweep_time_sqlite", "（SQLite）")):
        pairs = list(zip(ms[engine, "many"], ms[engine, "few"], strict=True))
        ratios.append(ratio(name, f"{what}：用时{label}", pairs, void=void))
    return Sweeps(few=few, many=many, ratios=ratios, ms=ms, blocks=blocks)


class _Ground:
    """A database with so many open clocks, a quarter as many tickets."""

    def __init__(self, cluster: Postgres, side: str, clocks: int) -> None:
        self._cluster, self._name, self._tickets, self._turn = cluster, f"sweep_{side}", clocks // len(CLOCKS), 0
        self._url = self._made()
        self._city, _ = ground.settle(self._url)
        self._fill(self._city)

    def sweep(self) -> Swept:
        """Make a hundred clocks due, all over the table, and sweep them."""
        self._turn += 1
        step = self._tickets // DUE
        which = [_result_clock(place * step + 1 + self._turn) for place in range(DUE)]
        db.bind(self._url)
        with db.transaction() as session:
            late = {col(ClockRow.position): 0, col(ClockRow.next_at): clock.now() - timedelta(minutes=1)}
            session.execute(sa.update(CLOCK).where(col(ClockRow.id).in_(which)).values(late))
        self._tidy()
        with db.reading() as session:
            session.execute(sa.text("SELECT 1"))
        before, begun = self._blocks(), time.perf_counter()
        with db.transaction() as session:
            moved = escalate.sweep(session, self._city, clock.now())
        spent = time.perf_counter() - begun
        return Swept(ms=spent * 1000, blocks=self._blocks() - before, moved=moved)

    def _made(self) -> str:
        raise NotImplementedError

    def _fill(self, city: City) -> None:
        raise NotImplementedError

    def _tidy(self) -> None:
        """Clear away what the last turn left behind."""

    def _blocks(self) -> int:
        return 0

    def _insert(self, city: City, dialect: dict[str, str]) -> None:
        now = clock.now()
        later = now + timedelta(days=30)
        values = {
            "region": city.region,
            "now": now,
            "later": later,
            "tickets": self._tickets,
            "text": later.isoformat(),
        }
        with db.transaction() as session:
            for query in (_TICKETS, _CLOCKS):
                said = sa.text(query.format(**dialect))
                names = set(said.compile().params)
                moments = [sa.bindparam(name, type_=col(ClockRow.due_at).type) for name in names & {"now", "later"}]
                session.execute(said.bindparams(*moments), {name: values[name] for name in names})


class _OnPostgres(_Ground):
    def _made(self) -> str:
        return self._cluster.migrated(self._name)

    def _fill(self, city: City) -> None:
        with db.transaction() as session:
            for table in TABLES:
                session.execute(sa.text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
        self._insert(city, _POSTGRES)
        self._alone("VACUUM ANALYZE")

    def _tidy(self) -> None:
        self._alone("VACUUM clock, ticket")

    def _alone(self, command: str) -> None:
        with psycopg.connect(self._cluster.dsn(self._name), autocommit=True) as line:
            line.execute(command.encode())

    def _blocks(self) -> int:
        """Return the blocks of the five tables touched so far, indexes and all, as PostgreSQL counts them."""
        query = (
            "SELECT sum(coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0)"
            " + coalesce(idx_blks_hit, 0)) FROM pg_statio_user_tables WHERE relname = ANY(%s)"
        )
        with db.reading() as session:
            session.execute(sa.text("SELECT pg_stat_force_next_flush()"))
        with psycopg.connect(self._cluster.dsn(self._name)) as line:
            return int(line.execute(query, [list(TABLES)]).fetchone()[0])  # type: ignore[index]  # one row always


class _OnSqlite(_Ground):
    def _made(self) -> str:
        url = f"sqlite+pysqlite:///{Path(self._cluster.folder)}/{self._name}.db"
        db.upgrade(url)
        return url

    def _fill(self, city: City) -> None:
        self._insert(city, _SQLITE)
        with db.transaction() as session:
            session.execute(sa.text("ANALYZE"))


def _result_clock(ticket: int) -> UUID:
    """Return the id of a ticket's second clock."""
    return UUID(hex=f"{ticket:012x}70009002{ticket:012x}")
