"""A row of the duty table is in force from its first to its last day, both included."""

from datetime import date

import pytest

from dispatch.duty import DutyRow


@pytest.mark.parametrize(
    ("since", "until", "on", "valid"),
    [
        (None, None, date(2026, 1, 1), True),
        (date(2026, 1, 1), None, date(2025, 12, 31), False),
        (date(2026, 1, 1), None, date(2026, 1, 1), True),
        (None, date(2026, 6, 30), date(2026, 6, 30), True),
        (None, date(2026, 6, 30), date(2026, 7, 1), False),
        (date(2026, 1, 1), date(2026, 6, 30), date(2026, 3, 1), True),
    ],
)
def test_valid(since: date | None, until: date | None, on: date, valid: bool) -> None:
    assert DutyRow(id="D1", area="01", unit="cgj", since=since, until=until).valid(on) is valid
