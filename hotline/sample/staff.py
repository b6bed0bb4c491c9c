"""The people of the sample city: accounts with public passwords, and who acts for units that have no account.

The passwords are as public as this file: they are given only where the rules in force are the sample city's.
"""

import tomllib
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.roles import ROLE_NAMES, Role
from hotline import people
from hotline.city import City
from hotline.flow.editions.showcase import fits, password
from hotline.people import Me
from hotline.store.columns import col
from hotline.store.people import PersonRow


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One [[person]] of people.toml; `grids` is what the leaders table says too."""

    login: str
    name: str
    role: Role
    unit: str = ""
    grids: tuple[str, ...] = ()
    note: str = ""
    sample: bool = True


class _People(msgspec.Struct, frozen=True):
    person: tuple[Member, ...]


class Staff:
    """Who does what in the sample city, as `Me` values."""

    def __init__(self, city: City, members: tuple[Member, ...]) -> None:
        self._city, self.members = city, members

    def first(self, role: Role, turn: int = 0) -> Me:
        """Return one of the people of a role; another `turn`, another person where there are several."""
        held = [one for one in self.members if one.role is role]
        one = held[turn % len(held)]
        return Me(login=one.login, name=one.name, region=self._city.region, role=role, unit=one.unit, grids=one.grids)

    def of_unit(self, code: str) -> Me:
        """Return who acts for a unit: its account, or a clerk who has none."""
        for one in self.members:
            if one.role is Role.UNIT and one.unit == code:
                return Me(login=one.login, name=one.name, region=self._city.region, role=Role.UNIT, unit=code)
        name = f"{self._city.unit_name(code)}经办人"
        return Me(login=f"{code}01", name=name, region=self._city.region, role=Role.UNIT, unit=code)

    def walker(self, name: str) -> Me:
        """Return the grid leader (网格长) of that name, who reports what is seen on the ground."""
        known = [post for post in self._city.posts if post.name == name]
        if not known:
            return self.first(Role.GRID_LEADER)
        return Me(login=known[0].login, name=name, region=self._city.region, role=Role.GRID_LEADER)


def read(folder: Path) -> tuple[Member, ...]:
    """Return people.toml."""
    held = tomllib.loads((folder / "people.toml").read_text(encoding="utf-8"))
    return msgspec.convert(held, _People).person


def hire(db: Session, region: str, members: tuple[Member, ...], since: datetime) -> None:
    """Open the accounts and give the posts."""
    for one in members:
        people.add(db, region, one.login, one.name, password(one.login), since)
        people.appoint(db, region, one.login, one.role, one.unit, since)


def still_public(db: Session, region: str, members: tuple[Member, ...]) -> list[tuple[str, str, str]]:
    """Return (role, login, password) of the open accounts whose password nobody has changed."""
    found = db.execute(
        sa.select(col(PersonRow.login), col(PersonRow.password)).where(
            col(PersonRow.region) == region, col(PersonRow.active)
        )
    )
    hashed: dict[str, str] = {row.login: row.password for row in found}
    return [
        (ROLE_NAMES[one.role], one.login, password(one.login))
        for one in members
        if one.login in hashed and fits(hashed[one.login], password(one.login))
    ]
