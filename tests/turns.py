"""Whose turn it is where several workers share a run, and how long each file took when it last ran.

A file is one worker's turn, the longest first.  Files that start a browser or whole processes want all cores at once
and would starve each other: they are one turn, one after the other; a few such turns where there are many workers.
"""

import re
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
RECORD = "hotline/seconds"  # in pytest's cache: file -> (tests, seconds) of its last run, if it was as whole as before
LOUD = re.compile(r"pytest\.mark\.(browser|processes)")
GUESS = 0.2  # seconds a test of a file that never ran


def file_of(nodeid: str) -> str:
    """Return "tests/a/test_b.py" of "tests/a/test_b.py::test_c[d]"."""
    return nodeid.partition("::")[0]


@cache
def loud(file: str) -> bool:
    """Say whether the tests of a file start a browser or whole processes."""
    return LOUD.search((ROOT / file).read_text("utf-8")) is not None


class Turns(LoadScopeScheduling):
    """Gives the workers their turns."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        self._rows = max(1, self.numnodes // 2)  # of loud files, side by side
        self._known: dict[str, list[float]] = {}
        if (cache := getattr(config, "cache", None)) is not None:
            self._known = cache.get(RECORD, {})
        self._sorted = False

    def _split_scope(self, nodeid: str) -> str:
        file = file_of(nodeid)
        return f"loud {crc32(file.encode()) % self._rows}" if loud(file) else file

    def _assign_work_unit(self, node: Any) -> None:
        if not self._sorted:
            longest = sorted(self.workqueue.items(), key=lambda turn: -self._length(turn[1]))
            self.workqueue, self._sorted = OrderedDict(longest), True
        super()._assign_work_unit(node)

    def _length(self, turn: dict[str, bool]) -> float:
        counts: dict[str, int] = {}
        for nodeid in turn:
            counts[file_of(nodeid)] = counts.get(file_of(nodeid), 0) + 1
        return sum(self._known.get(file, (0, GUESS * many))[1] for file, many in counts.items())


class Watch:
    """Notes how long the files take."""

    def __init__(self) -> None:
        self._spent: dict[str, list[float]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one phase of a test."""
        spent = self._spent.setdefault(file_of(report.nodeid), [0, 0.0])
        spent[0] += report.when == "call"
        spent[1] += report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keep what was seen, but of a file of which only a part has run."""
        cache = getattr(session.config, "cache", None)  # there is none with -p no:cacheprovider
        if cache is not None and not hasattr(session.config, "workerinput"):
            known: dict[str, list[float]] = cache.get(RECORD, {})
            whole = {file: spent for file, spent in self._spent.items() if spent[0] >= known.get(file, (0,))[0]}
            cache.set(RECORD, known | whole)
