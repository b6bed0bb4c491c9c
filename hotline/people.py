"""Who is asking: accounts, posts, logins.  A session is a row of ours; the browser holds a random token and no more.

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
from hotline.errors import BadLogin, BadValue, HotlineError
from hotline.store import db as store
from hotline.store.ids import new_id
from hotline.store.lists import Sight
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket

PERSON, POST, SESSION, TRY, OPINION = (
    METADATA.tables[name] for name in ("person", "post", "login_session", "login_try", "opinion")
)

IDLE = {"browser": timedelta(hours=8), "token": timedelta(days=90)}  # one shift; a client that has gone quiet
ABSOLUTE = {"browser": timedelta(hours=14), "token": timedelta(days=365)}
SEEN_STEP = timedelta(minutes=1)  # how exact `seen_at` is: a click must not cost a write
TRIES = {"name": 10, "address": 60}  # an office may share one address
WINDOW = timedelta(minutes=15)
PASSWORD_CHARACTERS = (8, 128)
LOGIN_CHARACTERS = 60

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_hex(16))  # verified for unknown names, so that they take as long as known ones

_NOW = sa.bindparam("now", type_=SESSION.c.until.type)
_SERVES = sa.and_(
    POST.c.region == PERSON.c.region,
    POST.c.login == PERSON.c.login,
    POST.c.since <= _NOW,
    sa.or_(POST.c.until.is_(None), POST.c.until > _NOW),
)
_STORED = (  # the password hash of who may log in: has an open account and a post
    sa.select(PERSON.c.password)
    .join(POST, _SERVES)
    .where(PERSON.c.region == sa.bindparam("region"), PERSON.c.login == sa.bindparam("login"), PERSON.c.active)
    .limit(1)
)
_HELD = (
    sa.select(
        SESSION.c.region, SESSION.c.login, SESSION.c.kind, SESSION.c.seen_at, PERSON.c.name, POST.c.role, POST.c.unit
    )
    .join(PERSON, sa.and_(PERSON.c.region == SESSION.c.region, PERSON.c.login == SESSION.c.login))
    .join(POST, _SERVES)
    .where(SESSION.c.token_hash == sa.bindparam("hashed"), SESSION.c.until > _NOW, PERSON.c.active)
    .order_by(POST.c.since.desc(), POST.c.id.desc())
    .limit(1)
)
_ACCOUNTS = (
    sa.select(
        PERSON.c.login,
        PERSON.c.name,
        PERSON.c.active,
        sa.func.coalesce(POST.c.role, "").label("role"),
        sa.func.coalesce(POST.c.unit, "").label("unit"),
    )
    .join(POST, _SERVES, isouter=True)
    .where(PERSON.c.region == sa.bindparam("region"))
    .order_by(PERSON.c.login, POST.c.since)
)
_BAD_LOGIN = "账号或密码不正确，或尝试次数过多；请核对后重试，多次失败请等待 15 分钟"

Kind = Literal["browser", "token"]
GridsOf = Callable[[str], tuple[str, ...]]  # login -> grids answered for today


ALL_OF_THE_REGION = frozenset({Role.AGENT, Role.DISPATCHER, Role.CALLER_BACK, Role.SUPERVISOR, Role.ADMIN})


class NoSession(HotlineError):
    """Nobody is logged in, or not any more."""

    code = "not_logged_in"

    def __init__(self) -> None:
        super().__init__("请先登录；如刚才已登录，登录可能已过期，请重新登录")


class NoSuchPerson(HotlineError):
    """No account of that login."""

    code = "no_such_person"

    def __init__(self, login: str) -> None:
        super().__init__(f"没有账号 {login}")
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


class Held(msgspec.Struct, frozen=True):
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
    asked = OPINION.c.ticket_id == ticket.id, OPINION.c.unit == unit, OPINION.c.ruled_at.is_(None)
    return db.execute(sa.select(OPINION.c.unit).where(*asked)).first() is not None


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
        db.execute(sa.delete(TRY).where(sa.or_(TRY.c.key == keys["name"], TRY.c.until < now)))
        db.execute(sa.update(TRY).where(TRY.c.key == keys["address"]).values(fails=TRY.c.fails - 1))
        db.execute(sa.delete(SESSION).where(SESSION.c.until < now))
        if _HASHER.check_needs_rehash(stored):
            _set_hash(db, region, login, _HASHER.hash(password))
        return open_session(db, region, login, kind="browser", device=device, now=now)


def log_out(db: Session, token: str) -> None:
    """End the session at once, everywhere."""
    db.execute(sa.delete(SESSION).where(SESSION.c.token_hash == token_hash(token)))


def log_out_everywhere(db: Session, region: str, login: str) -> int:
    """End every session and machine token of a person; return how many there were."""
    ended = db.execute(
        sa.delete(SESSION).where(SESSION.c.region == region, SESSION.c.login == login).returning(SESSION.c.login)
    )
    return len(ended.all())


def open_session(db: Session, region: str, login: str, *, kind: Kind, device: str, now: datetime) -> str:
    """Return the token of a new session.  Nobody else ever learns it: only its hash is stored."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": token_hash(token), "region": region, "login": login, "kind": kind, "device": device[:200]}
    db.execute(SESSION.insert(), row | {"since": now, "seen_at": now, "until": now + ABSOLUTE[kind]})
    return token


def machine_token(db: Session, region: str, login: str, *, device: str, now: datetime) -> str:
    """Return a new token for a program that acts as this person.  raises NoSuchPerson"""
    if db.execute(_STORED, {"region": region, "login": login, "now": now}).first() is None:
        raise NoSuchPerson(login)
    return open_session(db, region, login, kind="token", device=device, now=now)


def find(db: Session, hashed: str, now: datetime, grids_of: GridsOf) -> Held:
    """Return who holds the session with this token hash, in one statement.  raises NoSession"""
    row = db.execute(_HELD, {"hashed": hashed, "now": now}).first()
    if row is None or row.seen_at + IDLE[row.kind] <= now:
        raise NoSession
    role = Role(row.role)
    grids = grids_of(row.login) if role is Role.GRID_LEADER else ()
    me = Me(login=row.login, name=row.name, region=row.region, role=role, unit=row.unit, grids=grids, kind=row.kind)
    return Held(me, row.seen_at + SEEN_STEP <= now)


def touch(db: Session, hashed: str, now: datetime) -> None:
    """Note that the session is in use."""
    stale = SESSION.c.seen_at < now - SEEN_STEP
    db.execute(sa.update(SESSION).where(SESSION.c.token_hash == hashed, stale).values(seen_at=now))


def token_hash(token: str) -> str:
    """Return the hash a token is stored under."""
    return hashlib.sha256(token.encode()).hexdigest()


def add(db: Session, region: str, login: str, name: str, password: str, now: datetime) -> None:
    """Open an account; an empty password means that only tokens log in.  raises BadValue if it exists or is unfit"""
    if not login or len(login) > LOGIN_CHARACTERS or not login.isprintable() or any(map(str.isspace, login)):
        raise BadValue("login", f"账号应为 1 到 {LOGIN_CHARACTERS} 个字符，不含空格")
    row = {"region": region, "login": login, "name": name or login, "password": "", "active": True, "since": now}
    added = db.execute(_insert(db, PERSON).values(row).on_conflict_do_nothing().returning(PERSON.c.login)).first()
    if added is None:
        raise BadValue("login", f"账号 {login} 已存在")
    if password:
        set_password(db, region, login, password)


def set_password(db: Session, region: str, login: str, password: str) -> None:
    """Give a new password; who is logged in with the old one is logged out.  raises BadValue, NoSuchPerson"""
    low, high = PASSWORD_CHARACTERS
    if not low <= len(password) <= high or password.casefold() == login.casefold():
        raise BadValue("password", f"密码应为 {low} 到 {high} 个字符，且不能与账号相同")
    _set_hash(db, region, login, _HASHER.hash(password))
    _end_browsers(db, region, login)


def appoint(db: Session, region: str, login: str, role: Role, unit: str, now: datetime) -> None:
    """Let a person serve as `role` (for `unit`) from now on, instead of as before; logged-in browsers start anew.

    raises  NoSuchPerson; BadValue for a role nobody can be given, or a unit's post without a unit
    """
    if role in {Role.CITIZEN, Role.CLOCKWORK}:
        raise BadValue("role", f"“{ROLE_NAMES[role]}”不是岗位")
    if role is Role.UNIT and not unit:
        raise BadValue("unit", "承办单位岗位要写明单位代码")
    known = db.execute(sa.select(PERSON.c.login).where(PERSON.c.region == region, PERSON.c.login == login)).first()
    if known is None:
        raise NoSuchPerson(login)
    _end_posts(db, region, login, now)
    row = {"id": new_id(now), "region": region, "login": login, "role": role.value, "unit": unit, "since": now}
    db.execute(POST.insert(), row | {"until": None})
    _end_browsers(db, region, login)


def close(db: Session, region: str, login: str, now: datetime) -> None:
    """Close the account: post ended, every session and token ended, no login any more.  raises NoSuchPerson"""
    where = (PERSON.c.region == region, PERSON.c.login == login)
    if db.execute(sa.update(PERSON).where(*where).values(active=False).returning(PERSON.c.login)).first() is None:
        raise NoSuchPerson(login)
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
    db.execute(sa.delete(TRY).where(TRY.c.key == _try_keys(region, "", what)["address"]))


def _try_keys(region: str, login: str, address: str) -> dict[str, str]:
    """Return the keys tries are counted under, hashed: people type passwords into the name field."""
    parts = {"name": f"{region}\x1f{login}", "address": address}
    return {what: f"{what}:{hashlib.sha256(text.encode()).hexdigest()[:48]}" for what, text in parts.items()}


def _knock(db: Session, keys: dict[str, str], now: datetime) -> bool:
    """Count a try before it is made, so that tries at the same moment count too; say whether it is one too many."""
    rows = [{"key": keys[what], "fails": 1, "until": now + WINDOW} for what in sorted(keys)]
    insert = _insert(db, TRY).values(rows)
    over = TRY.c.until <= now
    counted = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "fails": sa.case((over, 1), else_=TRY.c.fails + 1),
            "until": sa.case((over, insert.excluded.until), else_=TRY.c.until),
        },
    ).returning(TRY.c.key, TRY.c.fails)
    allowed = {keys[what]: TRIES[what] for what in keys}
    return any(row.fails > allowed[row.key] for row in db.execute(counted).all())


def _insert(db: Session, table: sa.Table) -> Any:
    """Return an INSERT that knows ON CONFLICT: the same words, but two classes without a shared one."""
    return (sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert)(table)


def _set_hash(db: Session, region: str, login: str, hashed: str) -> None:
    where = (PERSON.c.region == region, PERSON.c.login == login)
    if db.execute(sa.update(PERSON).where(*where).values(password=hashed).returning(PERSON.c.login)).first() is None:
        raise NoSuchPerson(login)


def _end_posts(db: Session, region: str, login: str, now: datetime) -> None:
    running = sa.or_(POST.c.until.is_(None), POST.c.until > now)
    db.execute(sa.update(POST).where(POST.c.region == region, POST.c.login == login, running).values(until=now))


def _end_browsers(db: Session, region: str, login: str) -> None:
    mine = (SESSION.c.region == region, SESSION.c.login == login, SESSION.c.kind == "browser")
    db.execute(sa.delete(SESSION).where(*mine))
