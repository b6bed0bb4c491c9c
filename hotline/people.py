"""Accounts, posts, passwords, sessions and tokens: who is asking (`Me`).

A session is a row of ours; the browser holds a random token and no more.

Passwords are argon2id with the smallest memory OWASP accepts (19 MiB, t=2, p=1): a shift of 40 logs in at once on two
cores.  Of a token only the SHA-256 is stored; it has 256 random bits, so nothing slower is needed.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from dispatch.lifecycle import State
from dispatch.roles import ROLE_NAMES, Role
from grids.messages import Message
from hotline.errors import BadLogin, BadValue, HotlineError
from hotline.store import db as store
from hotline.store.columns import Values, col, columns_of, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.lists import Sight
from hotline.store.people import LoginTry, PersonRow, PostRow, SessionRow
from hotline.store.requests import OpinionRow
from hotline.store.tickets import Ticket

PERSON, POST, SESSION, TRY = table_of(PersonRow), table_of(PostRow), table_of(SessionRow), table_of(LoginTry)

IDLE = {"browser": timedelta(hours=8), "token": timedelta(days=90)}  # one shift; a client that has gone quiet
ABSOLUTE = {"browser": timedelta(hours=14), "token": timedelta(days=365)}
SEEN_STEP = timedelta(minutes=1)  # how exact `seen_at` is: a click must not cost a write
TRIES = {"name": 10, "address": 60}  # an office may share one address
WINDOW = timedelta(minutes=15)
PASSWORD_CHARACTERS = (8, 128)
LOGIN_CHARACTERS = 60

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_hex(16))  # verified for unknown names, so that they take as long as known ones

_NOW = sa.bindparam("now", type_=col(SessionRow.until).type)
_SERVES = sa.and_(
    col(PostRow.region) == col(PersonRow.region),
    col(PostRow.login) == col(PersonRow.login),
    col(PostRow.since) <= _NOW,
    sa.or_(col(PostRow.until).is_(None), col(PostRow.until) > _NOW),
)
_STORED = (  # the password hash of who may log in: has an open account and a post
    sa.select(col(PersonRow.password))
    .join(POST, _SERVES)
    .where(
        col(PersonRow.region) == sa.bindparam("region"),
        col(PersonRow.login) == sa.bindparam("login"),
        col(PersonRow.active),
    )
    .limit(1)
)
_SESSION = (
    sa.select(
        *columns_of(SessionRow, ("region", "login", "kind", "seen_at")),
        col(PersonRow.name),
        *columns_of(PostRow, ("role", "unit")),
    )
    .join(
        PERSON, sa.and_(col(PersonRow.region) == col(SessionRow.region), col(PersonRow.login) == col(SessionRow.login))
    )
    .join(POST, _SERVES)
    .where(col(SessionRow.token_hash) == sa.bindparam("hashed"), col(SessionRow.until) > _NOW, col(PersonRow.active))
    .order_by(col(PostRow.since).desc(), col(PostRow.id).desc())
    .limit(1)
)
_ACCOUNTS = (
    sa.select(
        col(PersonRow.login),
        col(PersonRow.name),
        col(PersonRow.active),
        sa.func.coalesce(col(PostRow.role), "").label("role"),
        sa.func.coalesce(col(PostRow.unit), "").label("unit"),
    )
    .join(POST, _SERVES, isouter=True)
    .where(col(PersonRow.region) == sa.bindparam("region"))
    .order_by(col(PersonRow.login), col(PostRow.since))
)
_BAD_LOGIN = Message("账号或密码不正确，或尝试次数过多；请核对后重试，多次失败请等待 15 分钟")

Kind = Literal["browser", "token"]
GridsOf = Callable[[str], tuple[str, ...]]  # login -> grids answered for today


ALL_OF_THE_REGION = frozenset({Role.AGENT, Role.DISPATCHER, Role.CALLER_BACK, Role.SUPERVISOR, Role.ADMIN})


class NoSession(HotlineError):
    """Nobody is logged in, or not any more."""

    code = "not_logged_in"

    def __init__(self) -> None:
        super().__init__(Message("请先登录；如刚才已登录，登录可能已过期，请重新登录"))


class NoSuchPerson(HotlineError):
    """No account of that login."""

    code = "no_such_person"

    def __init__(self, login: str) -> None:
        super().__init__(Message("没有账号 %(login)s", login=login))
        self.login = login


class Actor(msgspec.Struct, frozen=True):
    """Who makes a move: a person in a role, or the clockwork."""

    login: str
    role: Role


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The person who is asking, as of now.  `grids` are the codes answered for, by the city's leaders table."""

    login: str
    name: str
    region: str
    role: Role
    unit: str = ""
    grids: tuple[str, ...] = ()
    kind: Kind = "browser"

    @property
    def actor(self) -> Actor:
        """The person as a ticket's history knows one."""
        return Actor(self.login, self.role)

    @property
    def handles(self) -> bool:
        """Whether the person handles matters (a unit, a grid leader) and may not know who called."""
        return self.role not in ALL_OF_THE_REGION

    @property
    def sight(self) -> Sight:
        """What part of the region's tickets the person may know of."""
        if self.role in ALL_OF_THE_REGION:
            return Sight(region=self.region, everything=True)
        if self.role is Role.UNIT:
            return Sight(region=self.region, unit=self.unit, login=self.login)
        return Sight(region=self.region, login=self.login, grids=self.grids)


class LiveSession(msgspec.Struct, frozen=True):
    """A live session: whose, and whether `touch` should note that it is in use."""

    me: Me
    stale: bool


def may_see(db: Session, me: Me, ticket: Ticket) -> bool:
    """Say whether this person may know of the ticket.  The same rule as SQL: `hotline.store.lists.scope`.

    Asks the database only where a dispute (会商) may have invited a unit that does not have the ticket.
    """
    if me.region != ticket.region:
        return False
    if me.role is Role.UNIT:
        has = ticket.unit == me.unit or me.unit in ticket.helpers
        return bool(me.unit) and (has or _invited(db, me.unit, ticket))
    if me.role is Role.GRID_LEADER:
        return ticket.grid in me.grids or ticket.leader == me.login
    return me.role in ALL_OF_THE_REGION


def _invited(db: Session, unit: str, ticket: Ticket) -> bool:
    if ticket.state != State.DISPUTED:
        return False
    asked = col(OpinionRow.ticket_id) == ticket.id, col(OpinionRow.unit) == unit, col(OpinionRow.ruled_at).is_(None)
    return db.execute(sa.select(col(OpinionRow.unit)).where(*asked)).first() is not None


def log_in(region: str, login: str, password: str, *, address: str, device: str, now: datetime) -> str:
    """Return a new session's token.  Opens its own transactions, and takes 50 ms of CPU: call it in a thread.

    raises  BadLogin for an unknown name, a wrong password, a closed account, one without a post and too many tries
            alike: none of them is told apart
    """
    keys = _try_keys(region, login, address)
    with store.transaction() as db:
        if _knock(db, keys, now):
            raise BadLogin(_BAD_LOGIN)
        stored = db.execute(_STORED, {"region": region, "login": login, "now": now}).scalar_one_or_none()
    if not _verify(stored or _NOBODY, password) or not stored:
        raise BadLogin(_BAD_LOGIN)
    with store.transaction() as db:
        db.execute(sa.delete(TRY).where(sa.or_(col(LoginTry.key) == keys["name"], col(LoginTry.until) < now)))
        here = sa.update(TRY).where(col(LoginTry.key) == keys["address"])
        db.execute(here.values({col(LoginTry.fails): col(LoginTry.fails) - 1}))
        db.execute(sa.delete(SESSION).where(col(SessionRow.until) < now))
        if _HASHER.check_needs_rehash(stored):
            _set(db, region, login, {col(PersonRow.password): _HASHER.hash(password)})
        return open_session(db, region, login, kind="browser", device=device, now=now)


def log_out(db: Session, token: str) -> None:
    """End the session at once, everywhere."""
    db.execute(sa.delete(SESSION).where(col(SessionRow.token_hash) == token_hash(token)))


def log_out_everywhere(db: Session, region: str, login: str) -> int:
    """End every session and machine token of a person; return how many there were."""
    mine = col(SessionRow.region) == region, col(SessionRow.login) == login
    return len(db.execute(sa.delete(SESSION).where(*mine).returning(col(SessionRow.login))).all())


def open_session(db: Session, region: str, login: str, *, kind: Kind, device: str, now: datetime) -> str:
    """Return the token of a new session.  Nobody else ever learns it: only its hash is stored."""
    token = secrets.token_urlsafe(32)
    row = values_of(
        SessionRow,
        token_hash=token_hash(token),
        region=region,
        login=login,
        kind=kind,
        device=device[:200],
        since=now,
        seen_at=now,
        until=now + ABSOLUTE[kind],
    )
    db.execute(SESSION.insert(), row)
    return token


def machine_token(db: Session, region: str, login: str, *, device: str, now: datetime) -> str:
    """Return a new token for a program that acts as this person.  raises NoSuchPerson"""
    if db.execute(_STORED, {"region": region, "login": login, "now": now}).first() is None:
        raise NoSuchPerson(login)
    return open_session(db, region, login, kind="token", device=device, now=now)


def find(db: Session, hashed: str, now: datetime, grids_of: GridsOf) -> LiveSession:
    """Return who holds the session with this token hash, in one statement.  raises NoSession"""
    row = db.execute(_SESSION, {"hashed": hashed, "now": now}).first()
    if row is None or row.seen_at + IDLE[row.kind] <= now:
        raise NoSession
    role = Role(row.role)
    grids = grids_of(row.login) if role is Role.GRID_LEADER else ()
    me = Me(login=row.login, name=row.name, region=row.region, role=role, unit=row.unit, grids=grids, kind=row.kind)
    return LiveSession(me, row.seen_at + SEEN_STEP <= now)


def touch(db: Session, hashed: str, now: datetime) -> None:
    """Note that the session is in use."""
    stale = col(SessionRow.seen_at) < now - SEEN_STEP
    db.execute(
        sa.update(SESSION).where(col(SessionRow.token_hash) == hashed, stale).values({col(SessionRow.seen_at): now})
    )


def token_hash(token: str) -> str:
    """Return the hash a token is stored under."""
    return hashlib.sha256(token.encode()).hexdigest()


def add(db: Session, region: str, login: str, name: str, password: str, now: datetime) -> None:
    """Open an account; an empty password means that only tokens log in.  raises BadValue if it exists or is unfit"""
    if not login or len(login) > LOGIN_CHARACTERS or not login.isprintable() or any(map(str.isspace, login)):
        raise BadValue("login", Message("账号应为 1 到 %(n)s 个字符，不含空格", n=LOGIN_CHARACTERS))
    row = values_of(PersonRow, region=region, login=login, name=name or login, password="", active=True, since=now)
    added = db.execute(_insert(db, PERSON).values(row).on_conflict_do_nothing().returning(col(PersonRow.login))).first()
    if added is None:
        raise BadValue("login", Message("账号 %(login)s 已存在", login=login))
    if password:
        set_password(db, region, login, password)


def set_password(db: Session, region: str, login: str, password: str) -> None:
    """Give a new password; who is logged in with the old one is logged out.  raises BadValue, NoSuchPerson"""
    low, high = PASSWORD_CHARACTERS
    if not low <= len(password) <= high or password.casefold() == login.casefold():
        raise BadValue("password", Message("密码应为 %(low)s 到 %(high)s 个字符，且不能与账号相同", low=low, high=high))
    _set(db, region, login, {col(PersonRow.password): _HASHER.hash(password)})
    _end_browsers(db, region, login)


def appoint(db: Session, region: str, login: str, role: Role, unit: str, now: datetime) -> None:
    """Let a person serve as `role` (for `unit`) from now on, instead of as before; logged-in browsers start anew.

    raises  NoSuchPerson; BadValue for a role nobody can be given, or a unit's post without a unit
    """
    if role in {Role.CITIZEN, Role.CLOCKWORK}:
        raise BadValue("role", Message("“%(role)s”不是岗位", role=Message(ROLE_NAMES[role])))
    if role is Role.UNIT and not unit:
        raise BadValue("unit", Message("承办单位岗位要写明单位代码"))
    who = col(PersonRow.region) == region, col(PersonRow.login) == login
    if db.execute(sa.select(col(PersonRow.login)).where(*who)).first() is None:
        raise NoSuchPerson(login)
    _end_posts(db, region, login, now)
    row = values_of(
        PostRow, id=new_id(now), region=region, login=login, role=role.value, unit=unit, since=now, until=None
    )
    db.execute(POST.insert(), row)
    _end_browsers(db, region, login)


def close(db: Session, region: str, login: str, now: datetime) -> None:
    """Close the account: post ended, every session and token ended, no login any more.  raises NoSuchPerson"""
    _set(db, region, login, {col(PersonRow.active): False})
    _end_posts(db, region, login, now)
    log_out_everywhere(db, region, login)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of people; `role` is empty for who has no post now."""

    login: str
    name: str
    role: str
    unit: str
    active: bool


def serving(db: Session, region: str, login: str, now: datetime) -> Me:
    """Return the person as of now, for a command that is told who acts.  raises NoSuchPerson: no account, no post"""
    found = [one for one in accounts(db, region, now) if one.login == login and one.active and one.role]
    if not found:
        raise NoSuchPerson(login)
    one = found[-1]
    return Me(login=one.login, name=one.name, region=region, role=Role(one.role), unit=one.unit)


def accounts(db: Session, region: str, now: datetime) -> list[Account]:
    """Return everybody with an account, by login, in one statement."""
    return [Account(**row._mapping) for row in db.execute(_ACCOUNTS, {"region": region, "now": now})]


def _verify(stored: str, password: str) -> bool:
    if len(password) > PASSWORD_CHARACTERS[1]:
        password = ""  # hashed all the same: the time must not tell
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def knocked(db: Session, region: str, what: str, now: datetime) -> bool:
    """Count a try to guess `what` before it is made; say whether it is one too many.  `welcome` ends the count."""
    return _knock(db, {"address": _try_keys(region, "", what)["address"]}, now)


def welcome(db: Session, region: str, what: str) -> None:
    """Forget the tries to guess `what`: the last one was right."""
    db.execute(sa.delete(TRY).where(col(LoginTry.key) == _try_keys(region, "", what)["address"]))


def _try_keys(region: str, login: str, address: str) -> dict[str, str]:
    """Return the keys tries are counted under, hashed: people type passwords into the name field."""
    parts = {"name": f"{region}\x1f{login}", "address": address}
    return {what: f"{what}:{hashlib.sha256(text.encode()).hexdigest()[:48]}" for what, text in parts.items()}


def _knock(db: Session, keys: dict[str, str], now: datetime) -> bool:
    """Count a try before it is made, so that tries at the same moment count too; say whether it is one too many."""
    rows = [values_of(LoginTry, key=keys[what], fails=1, until=now + WINDOW) for what in sorted(keys)]
    insert = _insert(db, TRY).values(rows)
    over = col(LoginTry.until) <= now
    more = {
        col(LoginTry.fails): sa.case((over, 1), else_=col(LoginTry.fails) + 1),
        col(LoginTry.until): sa.case((over, insert.excluded.until), else_=col(LoginTry.until)),
    }
    counted = insert.on_conflict_do_update(index_elements=[col(LoginTry.key)], set_=more)
    counted = counted.returning(col(LoginTry.key), col(LoginTry.fails))
    allowed = {keys[what]: TRIES[what] for what in keys}
    return any(row.fails > allowed[row.key] for row in db.execute(counted).all())


def _insert(db: Session, table: sa.Table) -> Any:
    """Return an INSERT that knows ON CONFLICT: the same words, but two classes without a shared one."""
    return (sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert)(table)


def _set(db: Session, region: str, login: str, values: Values) -> None:
    mine = sa.update(PERSON).where(col(PersonRow.region) == region, col(PersonRow.login) == login)
    if db.execute(mine.values(values).returning(col(PersonRow.login))).first() is None:
        raise NoSuchPerson(login)


def _end_posts(db: Session, region: str, login: str, now: datetime) -> None:
    running = sa.or_(col(PostRow.until).is_(None), col(PostRow.until) > now)
    mine = col(PostRow.region) == region, col(PostRow.login) == login
    db.execute(sa.update(POST).where(*mine, running).values({col(PostRow.until): now}))


def _end_browsers(db: Session, region: str, login: str) -> None:
    mine = col(SessionRow.region) == region, col(SessionRow.login) == login
    db.execute(sa.delete(SESSION).where(*mine, col(SessionRow.kind) == "browser"))
