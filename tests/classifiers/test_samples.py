from datetime import UTC, datetime, timedelta

import pytest

from classifiers.errors import UndatedSamples
from classifiers.samples import Sample, split_by_time

START = datetime(2026, 1, 1, tzinfo=UTC)


def on(*days: int) -> list[Sample]:
    return [Sample(text=str(day), area="01", at=START + timedelta(days=day)) for day in days]


@pytest.mark.parametrize(
    ("days", "share", "earlier", "later"),
    [
        ((1, 2, 3, 4, 5), 0.2, [1, 2, 3, 4], [5]),
        ((5, 3, 1, 4, 2), 0.4, [1, 2, 3], [4, 5]),
        ((1, 2, 4, 4, 4), 0.2, [1, 2], [4, 4, 4]),
        ((7, 7, 7), 0.5, [], [7, 7, 7]),
        ((7,), 0.1, [], [7]),
        ((), 0.5, [], []),
    ],
)
def test_the_later_part_is_held_out(days: tuple[int, ...], share: float, earlier: list[int], later: list[int]) -> None:
    parts = split_by_time(on(*days), share)
    assert [[int(sample.text) for sample in part] for part in parts] == [earlier, later]


def test_undated_samples_are_refused() -> None:
    with pytest.raises(UndatedSamples) as caught:
        split_by_time([*on(1), Sample(text="a", area="01")], 0.5)
    assert caught.value.undated == 1


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="share must lie between 0 and 1"):
        split_by_time(on(1, 2), share)
