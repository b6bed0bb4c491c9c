"""Time-ordered ids (UUIDv7, RFC 9562), known before the insert."""

import os
from datetime import datetime
from uuid import UUID


def new_id(at: datetime) -> UUID:
    """Return a UUIDv7 that sorts by `at` (milliseconds), so that a ticket's id is also its place in every list."""
    millis = int(at.timestamp() * 1000) & 0xFFFFFFFFFFFF
    rand = int.from_bytes(os.urandom(10))
    value = (millis << 80) | (rand & 0x0FFF_3FFF_FFFF_FFFF_FFFF)
    return UUID(int=value | (0x7 << 76) | (0x2 << 62))


def first_id(at: datetime) -> UUID:
    """Return the smallest id of the millisecond `at`: ids from here on were made then or later."""
    millis = int(at.timestamp() * 1000) & 0xFFFFFFFFFFFF
    return UUID(int=(millis << 80) | (0x7 << 76) | (0x2 << 62))
