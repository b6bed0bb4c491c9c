"""The sweep of a hundred due clocks among few and among many open ones: its time, and the blocks PostgreSQL touched."""

import time
from datetime import timedelta

import msgspec
import psycopg
import sqlalchemy as sa

from hotline import clock
from hotline.bench import ground
from hotline.bench.matters import SEED
from hotline.bench.ratios import Ratio, alternate, ratio
from hotline.bench.servers import Postgres
from hotline.city import City
from hotline.flow import escalate
from hotline.store import db

DUE = 100
CLOCKS = ("dispatch", "sign", "progress", "result")  # a ticket on its way has as many
TABLES = ("ticket", "clock", "entry", "outbox", "alarm")
_TICKETS = """
    INSERT INTO ticket (id, region, number, state, seq, last_hash, source, source_ref, kind, urgency, title, text,
        text_digest, address, caller_label, confidential, area, area_confidence, district, street, community, grid,
        unit, helpers, leader, received_at, dispatches, returns, redos, tries, reply, outcome, joiners, level, edition,
        why, extra, quiet)
    SELECT CAST(lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0') AS uuid), :region, 'B' || n,
        'signed', 3, md5(CAST(n AS text)), '12345', '', '投诉', 'normal', '路灯不亮',
        repeat('小区门口的路灯不亮。', 14), md5(CAST(n AS text)), '某路某号', '', false, '0101', 0.9, '', '',
        '', '', 'u' || n % 25, '[]', '', :now, 1, 0, 0, 0, '', '', 0, '', '1', '{}', '{}', false
    FROM generate_series(1, :tickets) AS n"""
_CLOCKS = """
    INSERT INTO clock (id, region, ticket_id, clock, unit, started_at, due_at, outcome, provisional, ladder, position,
        next_at, why)
    SELECT CAST(lpad(to_hex(n), 12, '0') || '7000900' || c || lpad(to_hex(n), 12, '0') AS uuid), :region,
        CAST(lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0') AS uuid),
        (CAST(:names AS text[]))[c], 'u' || n % 25, :now, :later, '', false,
        jsonb_build_array(jsonb_build_array(CAST(:text AS text), 'remind', '提醒', 'unit')), 0,
        :later + n * interval '1 second', ''
    FROM generate_series(1, :tickets) AS n, generate_series(1, 4) AS c"""
_MAKE_DUE = """
    UPDATE clock SET position = 0, next_at = CAST(%(due)s AS timestamptz)
    WHERE id IN (SELECT CAST(lpad(to_hex(n), 12, '0') || '70009002' || lpad(to_hex(n), 12, '0') AS uuid)
                 FROM unnest(CAST(%(which)s AS bigint[])) AS n)"""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """One sweep."""

    ms: float
    blocks: int
    moved: int


class Sweeps(msgspec.Struct, frozen=True, kw_only=True):
    """What the sweeps came to, among `few` and `many` open clocks."""

    few: int
    many: int
    ratios: list[Ratio]
    blocks: dict[str, list[int]]


def measure(cluster: Postgres, *, few: int, many: int, rounds: int) -> Sweeps:
    """Sweep both databases in turn.  A sweep that did not move all that was due makes the result void."""
    grounds = {"many": _Ground(cluster, "sweep_many", many), "few": _Ground(cluster, "sweep_few", few)}
    for one in grounds.values():
        one.sweep()
    taken = alternate({name: one.sweep for name, one in grounds.items()}, rounds, SEED)
    void = any(one.moved != DUE for pair in taken for one in pair.values())
    blocks = [(float(pair["many"].blocks), float(pair["few"].blocks)) for pair in taken]
    times = [(pair["many"].ms, pair["few"].ms) for pair in taken]
    what = f"处理 {DUE} 个到期时限，{many:,} 个未到期对 {few:,} 个"
    return Sweeps(
        few=few,
        many=many,
        ratios=[
            ratio("sweep_blocks", f"{what}：数据块", blocks, goal=1.2, at_least=False, void=void),
            ratio("sweep_time", f"{what}：用时", times, void=void),
        ],
        blocks={name: [pair[name].blocks for pair in taken] for name in grounds},
    )


class _Ground:
    """A database with so many open clocks, a quarter as many tickets."""

    def __init__(self, cluster: Postgres, name: str, clocks: int) -> None:
        self._cluster, self._name, self._tickets, self._turn = cluster, name, clocks // len(CLOCKS), 0
        self._url = cluster.migrated(name)
        self._city, _ = ground.settle(self._url)
        self._fill(self._city)

    def sweep(self) -> Swept:
        """Make a hundred clocks due, all over the table, and sweep them."""
        self._turn += 1
        step = self._tickets // DUE
        which = [place * step + 1 + self._turn for place in range(DUE)]
        with psycopg.connect(self._cluster.dsn(self._name), autocommit=True) as line:
            line.execute(_MAKE_DUE, {"due": clock.now() - timedelta(minutes=1), "which": which})
            line.execute("VACUUM clock, ticket")  # what the last turn left behind
        db.bind(self._url)
        with db.reading() as session:
            session.execute(sa.text("SELECT 1"))
        before, begun = self._blocks(), time.perf_counter()
        with db.transaction() as session:
            moved = escalate.sweep(session, self._city, clock.now())
        spent = time.perf_counter() - begun
        with db.reading() as session:
            session.execute(sa.text("SELECT pg_stat_force_next_flush()"))
        return Swept(ms=spent * 1000, blocks=self._blocks() - before, moved=moved)

    def _blocks(self) -> int:
        """Return the blocks of the five tables touched so far, indexes and all, as PostgreSQL counts them."""
        query = (
            "SELECT sum(coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0)"
            " + coalesce(idx_blks_hit, 0)) FROM pg_statio_user_tables WHERE relname = ANY(%s)"
        )
        with psycopg.connect(self._cluster.dsn(self._name)) as line:
            return int(line.execute(query, [list(TABLES)]).fetchone()[0])  # type: ignore[index]

    def _fill(self, city: City) -> None:
        now = clock.now()
        later = now + timedelta(days=30)
        values = {"region": city.region, "now": now, "later": later, "tickets": self._tickets, "names": list(CLOCKS)}
        with db.transaction() as session:
            for table in TABLES:
                session.execute(sa.text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
            session.execute(sa.text(_TICKETS), values)
            session.execute(sa.text(_CLOCKS), values | {"text": later.isoformat()})
        with psycopg.connect(self._cluster.dsn(self._name), autocommit=True) as line:
            line.execute("VACUUM ANALYZE")
