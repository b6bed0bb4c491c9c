"""What a run found, as one value: for people a table, for history a JSON without names of machines or places."""

import os
import platform
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import msgspec

from hotline.bench.ratios import Count, Ratio

Say = Callable[[str], None]  # tells the person at the terminal how far it is
LIBRARIES = (
    "litestar",
    "msgspec",
    "sqlalchemy",
    "sqlmodel",
    "psycopg",
    "uvicorn",
    "uvloop",
    "rq",
    "scikit-learn",
    "numpy",
)
OUTCOMES = {"met": "达到", "missed": "未达到", "undecided": "未定（参照波动过大）", "void": "作废", "told": ""}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number of this machine and this minute; it is told, not compared."""

    name: str
    label: str
    unit: str
    values: list[float]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What it ran on."""

    processor: str
    cores: int
    memory_gb: int
    system: str
    load_before: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    at: datetime
    quick: bool
    seed: int
    seconds: float
    machine: Machine
    versions: dict[str, str]
    ratios: list[Ratio] = []
    counts: list[Count] = []
    figures: list[Figure] = []
    void: list[str] = []

    @property
    def passed(self) -> bool:
        """Say whether the run lets a change through: counts always, ratios only where a full run decided them."""
        bad = {"void"} if self.quick else {"void", "missed"}
        return all(count.met for count in self.counts) and not any(one.outcome in bad for one in self.ratios)


def machine() -> Machine:
    """Return what we run on, without its name."""
    return Machine(
        processor=_field("/proc/cpuinfo", "model name") or platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gb=round(int(_field("/proc/meminfo", "MemTotal").partition(" ")[0] or 0) / 1024 / 1024),
        system=f"{platform.freedesktop_os_release().get('PRETTY_NAME', '')}, {platform.system()} {platform.release()}",
        load_before=round(os.getloadavg()[0], 2),
    )


def versions(servers: dict[str, str]) -> dict[str, str]:
    """Return the versions of what was measured."""
    return {"python": platform.python_version(), **servers, **{name: version(name) for name in LIBRARIES}}


def table(report: Report) -> str:
    """Return the report for people."""
    lines = [f"{'比值':<8}中位数（最小～最大）　目标　结论"]
    for one in report.ratios:
        goal = "" if one.goal is None else f"{'≥' if one.at_least else '≤'} {one.goal:g}"
        spread = f"{one.median:.3g}（{one.low:.3g}～{one.high:.3g}，{len(one.pairs)} 对）"
        lines.append(f"  {one.label}\n      {spread}　{goal}　{OUTCOMES[one.outcome]}")
    lines.append("次数（每次都一样，任何机器上都作数）")
    lines += [f"  {one.label}：{one.value:g}　≤ {one.most:g}　{'达到' if one.met else '超出'}" for one in report.counts]
    lines.append("本机数字（只供参考，不作比较）")
    lines += [f"  {one.label}：{_spread(one.values)} {one.unit}" for one in report.figures]
    lines += [f"作废：{reason}" for reason in report.void]
    gate = "计数" if report.quick else "计数和比值"
    lines.append(f"用时 {report.seconds:.0f} 秒；{gate}{'通过' if report.passed else '未通过'}")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:,.3g}" if values[0] < 1000 else f"{values[0]:,.0f}"
    return f"{median(values):,.4g}（{min(values):,.4g}～{max(values):,.4g}）"


def _field(path: str, name: str) -> str:
    file = Path(path)
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
