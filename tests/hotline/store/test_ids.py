"""Ids that sort by time."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.store.ids import first_id, new_id

AT = datetime(2026, 11, 18, 2, 0, 0, 123000, tzinfo=UTC)
MILLI = timedelta(milliseconds=1)


def test_an_id_is_a_uuid_of_version_seven_with_its_moment_in_front() -> None:
    one = new_id(AT)
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert one.int >> 80 == int(AT.timestamp() * 1000)


def test_ids_sort_by_moment_and_never_repeat() -> None:
    made = [new_id(AT + n * MILLI) for n in range(500)]
    assert made == sorted(made)
    assert len({new_id(AT) for _ in range(5000)}) == 5000


@pytest.mark.parametrize(("apart", "before"), [(-MILLI, True), (timedelta(), False), (MILLI, False)])
def test_the_first_id_of_a_moment_bounds_a_span(apart: timedelta, before: bool) -> None:
    assert all((new_id(AT + apart) < first_id(AT)) is before for _ in range(200))
    assert first_id(AT).version == 7
