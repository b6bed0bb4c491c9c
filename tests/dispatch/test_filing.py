"""When a closed ticket is put away."""

from datetime import UTC, datetime

import pytest

from dispatch.errors import BadRule
from dispatch.filing import FilingRules, closed_until
from tests.dispatch.tables import read_filing

NOW = datetime(2026, 3, 31, 8, tzinfo=UTC)


def test_thirty_days() -> None:
    assert closed_until(FilingRules(), NOW) == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert closed_until(read_filing({"days": 90}), NOW) == datetime(2025, 12, 31, 8, tzinfo=UTC)


def test_at_once_is_refused() -> None:
    with pytest.raises(BadRule) as refused:
        read_filing({"days": 0})
    assert refused.value.path == "$.filing.days"
