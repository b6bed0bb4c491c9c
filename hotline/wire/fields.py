"""Reads form fields into wire structs; a wrong field is a BadValue with its path."""

from typing import TypeVar

import msgspec

from grids import validation
from grids.messages import NOTHING
from hotline.errors import BadValue

T = TypeVar("T", bound=msgspec.Struct)
MOST = 2**31 - 1  # what a column of whole numbers holds


def read(kind: type[T], form: dict[str, str], **fixed: object) -> T:
    """Return the struct; empty fields are left to their defaults, other fields than its own are not looked at."""
    names = set(kind.__struct_fields__)
    values: dict[str, object] = {name: text.strip() for name, text in form.items() if name in names and text.strip()}
    try:
        return msgspec.convert(values | fixed, kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise BadValue(validation.of_request(wrong).name, NOTHING) from wrong


def number(text: str, most: int = MOST) -> int | None:
    """Return a whole number from 0 to `most`, None for anything else: "²" is a digit, and no number of ours."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return int(text) if plain and int(text) <= most else None


def whole(text: str, default: int, allowed: tuple[int, ...]) -> int:
    """Return a whole number of the address if it is one of `allowed`."""
    found = number(text)
    return found if found in allowed else default
