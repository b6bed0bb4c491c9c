"""Rows of the people who work here: persons, where they serve, who is logged in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, SQLModel


class PersonRow(SQLModel, table=True):
    """Somebody with an account.  The password is an argon2 hash; an empty one means no login by password."""

    __tablename__ = "person"
    region: str = Field(primary_key=True, max_length=32)
    login: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=64)
    password: str = Field(default="", max_length=200)
    active: bool = True
    since: datetime


class PostRow(SQLModel, table=True):
    """Who serves as what, for which unit, from when to when.  Grids follow from the city's leaders table by login."""

    __tablename__ = "post"
    id: UUID = Field(primary_key=True)
    region: str = Field(max_length=32)
    login: str = Field(max_length=64)
    role: str = Field(max_length=16)
    unit: str = Field(default="", max_length=64)
    since: datetime
    until: datetime | None = None
    __table_args__ = (Index("ix_post_region_login", "region", "login"),)


class SessionRow(SQLModel, table=True):
    """A login.  Only the token's hash is kept; the token itself is in the person's browser."""

    __tablename__ = "login_session"
    token_hash: str = Field(primary_key=True, max_length=64)
    region: str = Field(max_length=32)
    login: str = Field(max_length=64)
    kind: str = Field(default="browser", max_length=16)  # browser, token (a machine client)
    device: str = Field(default="", max_length=200)
    since: datetime
    seen_at: datetime
    until: datetime
    __table_args__ = (Index("ix_login_session_person", "region", "login"),)


class LoginTry(SQLModel, table=True):
    """Failed tries by name and by address in the current window, so that guessing is slow on every web process."""

    __tablename__ = "login_try"
    key: str = Field(primary_key=True, max_length=128)
    fails: int = 0
    until: datetime
