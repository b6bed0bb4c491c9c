"""Triage of a hundred tickets, claimed and written, against the classifier alone on the same texts; one suggestion."""

import time
from statistics import median

import msgspec
import psycopg

from classifiers import inference
from dispatch.roles import Role
from hotline import clock
from hotline.bench import ground, servers
from hotline.bench.matters import MATTERS_SEED, matters
from hotline.bench.ratios import Ratio, alternate, ratio
from hotline.bench.servers import Postgres
from hotline.city import City
from hotline.flow import receive, suggest, triage
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store import db, numbers
from hotline.wire.tickets import NewTicket

BATCH = 100
SUGGESTIONS = 60
STOCK = 1000  # tickets under way when the measurement begins


class Batches(msgspec.Struct, frozen=True, kw_only=True):
    """What the slices came to; milliseconds of processor time for one suggestion, looked up and not written."""

    ratios: list[Ratio]
    suggestion_cpu_ms: float


def measure(cluster: Postgres, *, rounds: int, batches: int) -> Batches:
    """Triage `batches` times a hundred tickets a slice, in a database that holds others and knows its statistics."""
    city, _ = ground.settle(cluster.migrated("triage"))
    _live_in(cluster, city)
    stock = matters(BATCH * (batches * (rounds + 1)), start=1_000_000)

    def triaged() -> float:
        texts = [hand_in(city, [next(stock) for _ in range(BATCH)]) for _ in range(batches)]
        begun = time.perf_counter()
        for _ in texts:
            with db.transaction() as session:
                triage.waiting(session, city, clock.now(), limit=BATCH)
        return BATCH * batches / (time.perf_counter() - begun)

    held = [list(matters(BATCH, start=2_000_000 + BATCH * place)) for place in range(batches)]

    def predicted() -> float:
        assert city.model is not None
        begun = time.perf_counter()
        for news in held:
            inference.guess_many(city.model, [one.text for one in news], [one.title for one in news])
        return BATCH * batches / (time.perf_counter() - begun)

    triaged()
    predicted()
    taken = alternate({"triage": triaged, "predict": predicted}, rounds, MATTERS_SEED)
    pairs = [(one["triage"], one["predict"]) for one in taken]
    found = ratio("triage_rate_of_predict", "批量分派对仅分类（每批 100 件），每秒件数", pairs, goal=0.5)
    return Batches(ratios=[found], suggestion_cpu_ms=_suggestion(city))


def hand_in(city: City, news: list[NewTicket]) -> list[str]:
    """Receive matters, all in one statement; return their numbers."""
    seal, actor, now = Seal(servers.SECRET.encode()), Actor(ground.CLERK, Role.AGENT), clock.now()
    shelf = numbers.take(city.region, city.short, city.day(now), len(news))
    arrivals = [receive.arrive(city, seal, new, actor, now, number) for new, number in zip(news, shelf, strict=True)]
    with db.statement() as connection:
        return [one.number for one in receive.put(connection, arrivals)]


def _live_in(cluster: Postgres, city: City) -> None:
    for start in range(0, STOCK, BATCH):
        hand_in(city, list(matters(BATCH, start=4_000_000 + start)))
        with db.transaction() as session:
            triage.waiting(session, city, clock.now(), limit=BATCH)
    with psycopg.connect(cluster.dsn("triage"), autocommit=True) as line:
        line.execute("VACUUM ANALYZE")


def _suggestion(city: City) -> float:
    spent = []
    for new in matters(SUGGESTIONS, start=3_000_000):
        with db.reading() as session:
            begun = time.process_time()
            suggest.suggest(session, city, text=new.text, title=new.title, address=new.address, now=clock.now())
            spent.append((time.process_time() - begun) * 1000)
    return median(spent)
