"""Endpoints of the machine: `/healthz` (it lives), `/readyz` (it can work), `/metrics` (how it is doing).

Knows nobody, tells nothing personal.
"""

import shutil
from threading import Lock
from time import monotonic
from typing import Any

import msgspec
import sqlalchemy as sa
from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from hotline import city, clock
from hotline.errors import HotlineError
from hotline.flow.oversight import watch
from hotline.settings import DISK_OUT, Settings
from hotline.store import alive, db, troubles
from hotline.store.columns import col, table_of
from hotline.store.outbox import TRIES, OutboxRow
from hotline.store.tickets import ClockRow
from hotline.web import access

OUTBOX = table_of(OutboxRow)
HEALTH_FRESH_SECONDS = 1.0
SCHEMA_SECONDS = 30.0


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether work can be done, and what stands in the way of it ("" = nothing).

    attention   what needs a person although pages answer: set aside, lying still, held, stopped, no room
    """

    ready: bool
    database: str
    schema: str
    city: str
    attention: str = ""


@get("/healthz", guards=[access.open_door], sync_to_thread=False)
def healthz() -> Health:
    """进程存活即返回 200，不访问数据库。"""
    return Health()


@get("/readyz", guards=[access.open_door], sync_to_thread=True)
def readyz(request: Request[Any, Any, Any]) -> Response[Readiness]:
    """数据库可用、结构为最新、城市规则已生效时返回 200，否则 503 并说明缺什么。"""
    prober: Prober = request.app.state["prober"]
    found = prober.readiness()
    return Response(found, status_code=200 if found.ready else 503, headers={} if found.ready else {"Retry-After": "2"})


@get("/metrics", guards=[access.open_door], sync_to_thread=True, include_in_schema=False)
def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus 指标。"""
    registry: CollectorRegistry = request.app.state["registry"]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Prober:
    """Asks the database how things stand, at most once a second whoever asks."""

    def __init__(self, settings: Settings) -> None:
        self._url, self._folder = settings.database_url, settings.data_folder
        self._lock = Lock()
        self._ready: tuple[float, Readiness] | None = None
        self._schema_good_until = 0.0

    def readiness(self) -> Readiness:
        """Return whether work can be done."""
        with self._lock:
            if self._ready is None or self._ready[0] <= monotonic():
                self._ready = (monotonic() + HEALTH_FRESH_SECONDS, self._ask())
            return self._ready[1]

    def _ask(self) -> Readiness:
        try:
            schema = self._schema()
            if schema:
                return Readiness(ready=False, database="", schema=schema, city="")
            with db.reading() as session:
                city.current(session)
                said = (
                    troubles.in_words(watch.trouble_counts(session, clock.now())),
                    alive.silent(session, clock.now()),
                    self._disk(),
                )
        except SQLAlchemyError:
            return Readiness(ready=False, database="数据库无法访问", schema="", city="")
        except HotlineError as missing:
            return Readiness(ready=False, database="", schema="", city=str(missing))
        return Readiness(ready=True, database="", schema="", city="", attention="；".join(filter(None, said)))

    def _disk(self) -> str:
        free = shutil.disk_usage(self._folder).free if self._folder.exists() else DISK_OUT
        return "" if free >= DISK_OUT else f"磁盘只剩 {free / 1e6:.0f} MB，新的内容可能存不进去"

    def _schema(self) -> str:
        if monotonic() < self._schema_good_until:
            return ""
        held, newest = db.schema_state(self._url)
        if held != newest:
            return f"数据库结构版本为 {held or '空'}，需要 {newest}；请运行 hotline db upgrade"
        self._schema_good_until = monotonic() + SCHEMA_SECONDS
        return ""


class Backlog(Collector):
    """What waits: events nobody has worked off, and how late the most overdue clock is."""

    def collect(self) -> list[GaugeMetricFamily]:
        """Return the gauges; none where the database does not answer, so that the rest is still told."""
        now = clock.now()
        late = sa.select(sa.func.min(col(ClockRow.next_at))).where(
            col(ClockRow.next_at).is_not(None), col(ClockRow.next_at) <= now
        )
        oldest = sa.select(sa.func.min(col(OutboxRow.at))).where(col(OutboxRow.done_at).is_(None))
        waiting = sa.select(sa.func.count()).select_from(OUTBOX).where(col(OutboxRow.done_at).is_(None))
        parts = sa.select(
            waiting.scalar_subquery(),
            sa.type_coerce(oldest.scalar_subquery(), col(OutboxRow.at).type),
            sa.type_coerce(late.scalar_subquery(), col(ClockRow.next_at).type),
        )
        given_up = sa.select(sa.func.count()).where(col(OutboxRow.done_at).is_(None), col(OutboxRow.tries) >= TRIES)
        try:
            with db.reading() as session:
                count, first, due = session.execute(parts).one()
                dropped, kinds = session.execute(given_up).scalar_one(), watch.trouble_counts(session, now)
        except SQLAlchemyError:
            return [GaugeMetricFamily("hotline_database_up", "数据库是否可用", value=0)]
        return [
            GaugeMetricFamily("hotline_database_up", "数据库是否可用", value=1),
            GaugeMetricFamily("hotline_outbox_waiting", "尚未办完的事件数", value=count),
            GaugeMetricFamily("hotline_outbox_oldest_seconds", "最早未办完事件的等待秒数", value=_seconds(first, now)),
            GaugeMetricFamily("hotline_clock_lag_seconds", "最迟未处理时限的延误秒数", value=_seconds(due, now)),
            GaugeMetricFamily("hotline_outbox_given_up", "多次未办成、不再自动重试的事件数", value=dropped),
            _troubles(kinds),
        ]


def _troubles(kinds: dict[str, int]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily("hotline_troubles", "需人工处理的件数，按种类", labels=["kind"])
    for kind in troubles.KINDS:
        gauge.add_metric([kind], kinds.get(kind, 0))
    return gauge


def _seconds(since: Any, now: Any) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
