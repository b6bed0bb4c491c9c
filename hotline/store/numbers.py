"""Human numbers of tickets: short code, date, sequence, check digit.  `SL20261122000417`.

Sequences are taken in blocks, so that many clients never queue on one counter row; unused ones leave gaps, no harm.
"""

import unicodedata
from datetime import date
from threading import Lock

import sqlalchemy as sa

from hotline.store import db

BLOCK = 512
LONGEST_REF = 60  # characters of an upstream number that is searched for
_TAKE = sa.text(
    "INSERT INTO number_block (region, day, next) VALUES (:region, :day, :count) "
    "ON CONFLICT (region, day) DO UPDATE SET next = number_block.next + :count RETURNING next"
)
_left: dict[tuple[str, str, str], list[int]] = {}
_lock = Lock()


def check_digit(digits: str) -> int:
    """Return the Luhn digit (ISO/IEC 7812-1) of `digits`: one wrong or two swapped digits are noticed."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def is_number(text: str, short: str) -> bool:
    """Say whether `text` has the form and the check digit of a number of the city `short`."""
    digits = text.removeprefix(short)
    formed = text.startswith(short) and len(digits) >= 14 and digits.isdigit()
    return formed and check_digit(digits[:-1]) == int(digits[-1])


def take(region: str, short: str, day: date, count: int = 1) -> list[str]:
    """Return `count` unused numbers of `day`.  Opens its own transaction: call it before opening yours."""
    stamp = f"{day:%Y%m%d}"
    with _lock:
        shelf = _left.setdefault((str(db.engine().url), region, stamp), [])
        if len(shelf) < count:
            shelf.extend(_block(region, stamp, max(BLOCK, count - len(shelf))))
        taken, shelf[:] = shelf[:count], shelf[count:]
    return [f"{short}{stamp}{sequence:05d}{check_digit(f'{stamp}{sequence:05d}')}" for sequence in taken]


def _block(region: str, stamp: str, count: int) -> range:
    with db.statement() as connection:
        end = connection.execute(_TAKE, {"region": region, "day": stamp, "count": count}).scalar_one()
    return range(end - count + 1, end + 1)


def upstream(text: str) -> frozenset[str]:
    """Return the upstream numbers a search may mean: as it was typed, without spaces, and in capitals."""
    typed = unicodedata.normalize("NFKC", text).strip()
    squeezed = "".join(typed.split())
    known = squeezed and len(typed) <= LONGEST_REF and any(map(str.isdigit, squeezed))
    return frozenset({text.strip(), typed, squeezed, squeezed.upper()}) if known else frozenset()
