"""Closes the sample accounts (示例账号), whose passwords are public, in every city but the sample city.

A city of its own closes them: `hotline city apply` at once, rounds whatever way an edition came into force; `doctor`
calls what is still open an error.  An account whose password somebody has changed is somebody's own, and stays.
"""

import tomllib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session

from hotline import people
from hotline.city import City
from hotline.store.columns import col
from hotline.store.people import PersonRow

PASSWORD = "shili-{login}"  # noqa: S105 - public on purpose: the sample city holds nobody's matters


def password(login: str) -> str:
    """Return the public password of a sample account."""
    return PASSWORD.format(login=login)


def is_sample(region: str, name: str) -> bool:
    """Say whether these are the sample city's code and name."""
    return (region, name) == _head()


def still_public(db: Session) -> list[tuple[str, str]]:
    """Return (region, login) of the open accounts that a public password opens, in one statement."""
    return public(db.execute(suspects()).all())


def suspects() -> sa.Select[str, str, str]:
    """Return the query for the open accounts that are called like a sample account."""
    wanted = col(PersonRow.login).in_(_logins()), col(PersonRow.active)
    return sa.select(col(PersonRow.region), col(PersonRow.login), col(PersonRow.password)).where(*wanted)


def public(rows: Sequence[Any]) -> list[tuple[str, str]]:
    """Return (region, login) of those a public password opens.  Each costs 50 ms: not while writing"""
    return [(row.region, row.login) for row in rows if fits(row.password, password(row.login))]


def close(db: Session, city: City, found: Sequence[tuple[str, str]], now: datetime) -> int:
    """Close these accounts, sessions and tokens too, unless the city in force is the sample; return how many."""
    if is_sample(city.region, city.name):
        return 0
    for region, login in found:
        people.close(db, region, login, now)
    return len(found)


def fits(hashed: str, word: str) -> bool:
    """Say whether this is the password of the hash."""
    try:
        return PasswordHasher().verify(hashed, word)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _logins() -> tuple[str, ...]:
    return tuple(one["login"] for one in _read("people.toml")["person"])


@cache
def _head() -> tuple[str, str]:
    head = _read("city.toml")
    return head["region"], head["name"]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("hotline") / "sample" / "city" / name).read_text(encoding="utf-8"))
