"""An empty office with the sample city's rules in force, once on each engine."""

import pytest

from tests.cast import Office


@pytest.fixture
def office(database_url: str) -> Office:
    """The office, emptied."""
    return Office(database_url)
