import msgspec
import numpy as np
import pytest

from classifiers.habit import FEWEST_CASES, Habit, PastCases, count
from classifiers.samples import NOTHING, Around

EAST, WEST = ("01", "0101"), ("01", "0102")


def settled(area: str, *places: str) -> Around:
    return Around(settled=area, places=places)


def habit(weight: float = 1.0) -> Habit:
    """Rubbish in the east is unit 0's, in the west unit 1's; lamps are unit 2's anywhere."""
    cases = [(0, settled("rubbish", *EAST))] * 8 + [(1, settled("rubbish", *WEST))] * 6 + [(2, settled("lamp"))] * 9
    found = count([unit for unit, _ in cases], [around for _, around in cases], 3)
    return msgspec.structs.replace(found, weight=weight)


@pytest.mark.parametrize(
    ("asked", "unit"),
    [
        (settled("rubbish", *EAST), 0),
        (settled("rubbish", *WEST), 1),
        (settled("rubbish", "01", "0103"), 0),  # a street without cases is like its district
        (settled("lamp", *WEST), 2),
        (Around(areas=(("lamp", 0.7), ("rubbish", 0.2)), places=EAST), 2),
        (Around(areas=(("lamp", 0.2), ("rubbish", 0.7)), places=EAST), 0),
        (Around(places=WEST), 1),
        (NOTHING, 2),
        (settled("never seen"), 2),
    ],
)
def test_who_usually_had_it(asked: Around, unit: int) -> None:
    found = habit().margins([asked])[0]
    assert int(found.argmax()) == unit
    assert np.exp(found).sum() == pytest.approx(1.0)


def test_a_street_with_few_cases_leans_on_the_wider_place() -> None:
    held = count([0, 1, 1, 1, 1, 1], [settled("a", "01", "0101"), *[settled("a", "01", "0102")] * 5], 2)
    shares = np.exp(msgspec.structs.replace(held, weight=1.0).margins([settled("a", "01", "0101")])[0])
    assert shares[1] > shares[0] > 0.2


def test_without_weight_habits_say_nothing() -> None:
    assert not habit(0.0).margins([settled("lamp"), NOTHING]).any()


def test_the_narrowest_habit_is_told() -> None:
    held = habit()
    assert held.told(0, settled("rubbish", *EAST)) == PastCases(n=8, of=8, area="rubbish", place="0101")
    assert held.told(0, settled("rubbish", "01", "0103")) == PastCases(n=8, of=14, area="rubbish", place="01")
    assert held.told(2, settled("lamp", *EAST)) == PastCases(n=9, of=9, area="lamp", place="")
    assert held.told(1, Around(areas=(("rubbish", 0.5), ("lamp", 0.4)), places=WEST)) == PastCases(
        n=6, of=6, area="rubbish", place="0102"
    )
    assert held.told(2, settled("rubbish", *EAST)) is None
    few = count([0] * (FEWEST_CASES - 1), [settled("x")] * (FEWEST_CASES - 1), 1)
    assert few.told(0, settled("x")) is None


def test_counts_are_in_one_order_whatever_the_order_of_cases() -> None:
    cases = [(1, settled("b", "02")), (0, settled("a", "01")), (1, settled("a", "01"))]
    one, two = (count([u for u, _ in some], [a for _, a in some], 2) for some in (cases, cases[::-1]))
    assert list(one.counts.items()) == list(two.counts.items())
    assert one.counts["a\v01"] == {"0": 1, "1": 1}
    assert sum(n for held in one.counts.values() for n in held.values()) == 3 * 4
