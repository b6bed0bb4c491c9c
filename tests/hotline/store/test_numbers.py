"""Numbers of tickets: unique under threads, and wrong digits are noticed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from hotline.store import numbers
from tests.cast import Office, counted

DAY = date(2026, 11, 18)


@pytest.mark.parametrize(("digits", "check"), [("7992739871", 3), ("0", 0), ("1", 8), ("2026111800001", 1)])
def test_the_check_digit_is_the_luhn_digit(digits: str, check: int) -> None:
    assert numbers.check_digit(digits) == check


def test_one_wrong_digit_and_neighbours_swapped_are_noticed(office: Office) -> None:
    number = numbers.take(office.city.region, "SL", DAY)[0]
    assert numbers.is_number(number, "SL")
    for place in range(2, len(number)):
        for digit in "0123456789":
            changed = number[:place] + digit + number[place + 1 :]
            assert numbers.is_number(changed, "SL") == (changed == number)
        swapped = number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
        if place > 2 and {number[place], number[place - 1]} != {"0", "9"}:
            assert numbers.is_number(swapped, "SL") == (swapped == number)


@pytest.mark.parametrize("text", ["", "SL", "SL2026", "XX202611180000014", "SL20261118000014x", "20261118000014"])
def test_what_has_not_the_form_is_no_number(text: str) -> None:
    assert not numbers.is_number(text, "SL")


def test_numbers_name_city_and_day_and_are_taken_in_blocks(office: Office) -> None:
    day = date(2026, 11, 19)
    with counted(office.engine) as sent:
        taken = [numbers.take(office.city.region, "SL", day)[0] for _ in range(numbers.BLOCK)]
    assert len(sent) == 1
    assert len(set(taken)) == numbers.BLOCK
    assert {number[:10] for number in taken} == {"SL20261119"}
    assert {len(number) for number in taken} == {16}


def test_more_than_a_block_is_taken_at_once(office: Office) -> None:
    with counted(office.engine) as sent:
        taken = numbers.take(office.city.region, "SL", date(2026, 11, 20), 500)
    assert (len(sent), len(set(taken))) == (1, 500)


def test_threads_and_days_never_get_the_same_number(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        days = [date(2026, 11, 21 + n % 2) for n in range(400)]
        taken = list(pool.map(lambda day: numbers.take(office.city.region, "SL", day)[0], days))
    assert len(set(taken)) == 400


def test_another_process_goes_on_where_the_last_block_ended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 11, 25)
    mine = numbers.take(office.city.region, "SL", day, 3)
    monkeypatch.setattr(numbers, "_left", {})
    assert set(numbers.take(office.city.region, "SL", day, 200)).isdisjoint(mine)
