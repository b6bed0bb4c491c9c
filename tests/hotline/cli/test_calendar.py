"""`hotline calendar add`."""

import json

import pytest

from hotline.cli.calendar_ import calendar
from tests.hotline.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("city")


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        (("--days", "3", "--kind", "working"), "2026-10-11T00:00:00+08:00"),
        (("--days", "3"), "2026-10-04T00:00:00+08:00"),
        (("--days", "3", "--roll", "next_working"), "2026-10-09T00:00:00+08:00"),
        (("--days", "1", "--ends", "same_time"), "2026-10-01T16:00:00+08:00"),
        (("--hours", "2"), "2026-09-30T18:00:00+08:00"),
        (("--hours", "2", "--kind", "working"), "2026-10-08T09:30:00+08:00"),
    ],
)
def test_moments(run: Run, words: tuple[str, ...], moment: str) -> None:
    told = json.loads(run(calendar, "add", "2026-09-30 16:00", *words, "--json").stdout)
    assert told["moment"] == moment


def test_counted_and_skipped_days_are_printed(run: Run) -> None:
    said = run(calendar, "add", "2026-09-30 16:00", "--days", "1", "--kind", "working").stdout
    assert "到期\t2026-10-08 24:00" in said
    assert "计入\t10-08" in said
    assert "10-01国庆节" in said


@pytest.mark.parametrize("words", [(), ("--days", "1", "--hours", "1"), ("--days", "-1")])
def test_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run(calendar, "add", "2026-09-30 16:00", *words).exit_code == 2


def test_a_day_that_does_not_exist(run: Run) -> None:
    done = run(calendar, "add", "2026-02-30", "--days", "1")
    assert done.exit_code == 2
    assert "不存在" in done.stderr
