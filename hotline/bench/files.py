"""A file of tickets through the whole journey, on both databases: tickets a second."""

import itertools
from pathlib import Path
from statistics import median

import msgspec

from hotline import clock
from hotline.bench import ground, servers
from hotline.bench.matters import MATTERS_SEED, write_csv
from hotline.bench.ratios import alternate
from hotline.bench.servers import CannotMeasure, Postgres
from hotline.channels import load
from hotline.channels.columns import Map
from hotline.channels.load import Closing, Door
from hotline.channels.sheets import open_sheet
from hotline.sealing import Seal
from hotline.store import db


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of the file, and tickets a second by database, one figure a slice."""

    rows: int
    rates: dict[str, list[float]]
    closing: Closing

    def middle(self, engine: str) -> float:
        """Return the median rate."""
        return median(self.rates[engine])


def measure(cluster: Postgres, *, rows: int, rounds: int) -> Files:
    """Bring the same file into fresh databases.  raises CannotMeasure if a row was not accepted"""
    with servers.folder("hotline-bench-file-") as home:
        file = home / "tickets.csv"
        write_csv(file, rows)
        fresh = itertools.count(1)
        last: list[Closing] = []

        def on_postgres() -> float:
            return _brought(cluster.migrated(f"file_{next(fresh)}"), file, rows, last)

        def on_sqlite() -> float:
            url = f"sqlite+pysqlite:///{home}/{next(fresh)}.db"
            db.upgrade(url)
            return _brought(url, file, rows, last)

        taken = alternate({"postgresql": on_postgres, "sqlite": on_sqlite}, rounds, MATTERS_SEED)
    return Files(rows=rows, rates={name: [one[name] for one in taken] for name in taken[0]}, closing=last[-1])


def _brought(url: str, file: Path, rows: int, last: list[Closing]) -> float:
    city, _ = ground.settle(url)
    door = Door(
        city=city, seal=Seal(servers.SECRET.encode()), source="12345", now=clock.now(), replay=False, home=file.parent
    )
    closing = load.bring(door, open_sheet(file), Map(), lambda _position, _rows: None)
    if closing.accepted != rows:
        raise CannotMeasure(f"文件共 {rows} 行，只受理了 {closing.accepted} 行：{closing}")
    last.append(closing)
    return rows / closing.seconds
