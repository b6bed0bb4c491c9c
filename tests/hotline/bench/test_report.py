"""The report: what lets a change through, and what is kept of the machine."""

from datetime import UTC, datetime

import msgspec
import pytest

from hotline.bench import report
from hotline.bench.ratios import Count, Ratio, ratio
from hotline.bench.report import Report

GOOD, MISSED = ratio("x", "受理", [(2, 4)], goal=0.5), ratio("x", "受理", [(1, 4)], goal=0.5)
VOID, UNDECIDED = ratio("x", "受理", [(2, 4)], goal=0.5, void=True), ratio("x", "受理", [(1, 1), (1, 9)], goal=0.5)
FEW, MANY = Count(name="c", label="语句", value=1, most=1), Count(name="c", label="语句", value=2, most=1)


def _report(*, quick: bool, ratios: list[Ratio], counts: list[Count]) -> Report:
    machine = report.Machine(processor="p", cores=2, memory_gb=24, system="s", load_before=0.1)
    return Report(
        at=datetime(2026, 1, 1, tzinfo=UTC), quick=quick, seed=1, seconds=1, machine=machine, versions={},
        ratios=ratios, counts=counts, void=["应有 3 行"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quick", "ratios", "counts", "passed"),
    [
        (False, [GOOD], [FEW], True),
        (False, [GOOD, MISSED], [FEW], False),
        (True, [GOOD, MISSED], [FEW], True),
        (True, [GOOD], [FEW, MANY], False),
        (False, [UNDECIDED], [FEW], True),
        (True, [VOID], [FEW], False),
    ],
)
def test_what_passes(quick: bool, ratios: list[Ratio], counts: list[Count], passed: bool) -> None:
    assert _report(quick=quick, ratios=ratios, counts=counts).passed is passed


def test_the_table_names_goal_verdict_and_what_is_void() -> None:
    text = report.table(_report(quick=False, ratios=[MISSED], counts=[MANY]))
    assert "0.25（0.25～0.25，1 对）　≥ 0.5　未达到" in text
    assert "语句：2　≤ 1　超出" in text
    assert "作废：应有 3 行" in text
    assert text.endswith("计数和比值未通过")


def test_the_json_comes_back_as_it_was() -> None:
    held = _report(quick=True, ratios=[GOOD], counts=[FEW])
    assert msgspec.json.decode(msgspec.json.encode(held), type=Report) == held


def test_the_machine_is_described_without_its_name() -> None:
    found = report.machine()
    assert found.cores >= 1
    assert found.memory_gb >= 1
    assert set(msgspec.to_builtins(found)) == {"processor", "cores", "memory_gb", "system", "load_before"}
