"""Accounts, posts, sessions and the throttle, on both databases."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from dispatch.roles import Role
from hotline import people
from hotline.errors import BadLogin, BadValue
from hotline.people import Me, NoSession, NoSuchPerson
from hotline.store import db

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
REGION, PASSWORD = "r1", "correct-horse-7"


@pytest.fixture(autouse=True)
def bound(database_url: str) -> None:
    """Empty tables of people."""
    db.bind(database_url)
    with db.transaction() as session:
        for table in (people.PERSON, people.POST, people.SESSION, people.TRY):
            session.execute(sa.delete(table))


def hire(login: str = "zhou", role: Role = Role.AGENT, unit: str = "", password: str = PASSWORD) -> None:
    with db.transaction() as session:
        people.add(session, REGION, login, "周某", password, NOW - timedelta(days=30))
        people.appoint(session, REGION, login, role, unit, NOW - timedelta(days=30))


def enter(login: str = "zhou", password: str = PASSWORD, address: str = "10.0.0.1", now: datetime = NOW) -> str:
    return people.log_in(REGION, login, password, address=address, device="browser", now=now)


def who(token: str, now: datetime = NOW) -> Me:
    with db.reading() as session:
        return people.find(session, people.token_hash(token), now, lambda login: (f"{login}-grid",)).me


def test_login_and_who() -> None:
    hire("wang", Role.GRID_LEADER)
    assert who(enter("wang")) == Me(
        login="wang", name="周某", region=REGION, role=Role.GRID_LEADER, grids=("wang-grid",)
    )  # fmt: skip
    hire("li", Role.UNIT, "cgj")
    assert (who(enter("li")).unit, who(enter("li")).grids) == ("cgj", ())


def test_tokens_differ_and_are_long() -> None:
    hire()
    tokens = {enter() for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("zhou", "wrong"), ("nobody", PASSWORD), ("zhou", ""), ("", ""), ("robot", ""), ("zhou", PASSWORD * 100),
        ("retired", PASSWORD), ("idle", PASSWORD),
    ],
)  # fmt: skip
def test_who_may_not_log_in_is_told_the_same(login: str, password: str) -> None:
    hire()
    hire("robot", password="")
    hire("retired")
    with db.transaction() as session:
        people.close(session, REGION, "retired", NOW - timedelta(days=1))
        people.add(session, REGION, "idle", "无岗位", PASSWORD, NOW)
    with pytest.raises(BadLogin) as refused:
        enter(login, password)
    assert str(refused.value) == people._BAD_LOGIN


def test_another_region_is_another_world() -> None:
    hire()
    with pytest.raises(BadLogin):
        people.log_in("r2", "zhou", PASSWORD, address="x", device="", now=NOW)


@pytest.mark.parametrize(
    ("kind", "unused", "alive"),
    [
        ("browser", timedelta(hours=7, minutes=59), True),
        ("browser", timedelta(hours=8), False),
        ("token", timedelta(days=89), True),
        ("token", timedelta(days=90), False),
    ],
)
def test_idle_end(kind: people.Kind, unused: timedelta, alive: bool) -> None:
    hire()
    with db.transaction() as session:
        token = people.open_session(session, REGION, "zhou", kind=kind, device="", now=NOW)
    if alive:
        assert who(token, NOW + unused).login == "zhou"
    else:
        with pytest.raises(NoSession):
            who(token, NOW + unused)


def test_use_keeps_alive_until_the_absolute_end() -> None:
    hire()
    token = enter()
    for hours in (7, 13):
        with db.transaction() as session:
            now = NOW + timedelta(hours=hours)
            assert people.find(session, people.token_hash(token), now, lambda _: ()).stale
            people.touch(session, people.token_hash(token), now)
            assert not people.find(session, people.token_hash(token), now, lambda _: ()).stale
    with pytest.raises(NoSession):
        who(token, NOW + people.ABSOLUTE["browser"])


def test_logout_and_everywhere() -> None:
    hire()
    one, two = enter(), enter()
    with db.transaction() as session:
        people.log_out(session, one)
    with pytest.raises(NoSession):
        who(one)
    assert who(two).login == "zhou"
    with db.transaction() as session:
        people.machine_token(session, REGION, "zhou", device="pbx", now=NOW)
        assert people.log_out_everywhere(session, REGION, "zhou") == 2
    with pytest.raises(NoSession):
        who(two)


@pytest.mark.parametrize("change", ["password", "role", "close"])
def test_a_change_ends_browser_sessions(change: str) -> None:
    hire()
    token = enter()
    with db.transaction() as session:
        if change == "password":
            people.set_password(session, REGION, "zhou", "another-horse-8")
        elif change == "role":
            people.appoint(session, REGION, "zhou", Role.DISPATCHER, "", NOW)
        else:
            people.close(session, REGION, "zhou", NOW)
    with pytest.raises(NoSession):
        who(token)


def test_a_token_follows_the_post() -> None:
    hire()
    with db.transaction() as session:
        token = people.machine_token(session, REGION, "zhou", device="pbx", now=NOW)
        people.appoint(session, REGION, "zhou", Role.UNIT, "cgj", NOW)
    assert (who(token).role, who(token).unit, who(token).kind) == (Role.UNIT, "cgj", "token")


def test_throttle_by_name_then_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(people.TRIES, "name", 3)
    hire()
    for number in range(people.TRIES["name"]):
        with pytest.raises(BadLogin):
            enter(password="wrong", address=f"10.0.1.{number}")
    with pytest.raises(BadLogin):
        enter()
    later = NOW + people.WINDOW
    assert who(enter(now=later), later).login == "zhou"


def test_throttle_by_address_hits_unknown_names_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(people.TRIES, "address", 3)
    hire()
    for number in range(people.TRIES["address"]):
        with pytest.raises(BadLogin):
            enter(f"guess{number}", "wrong", address="10.9.9.9")
    with pytest.raises(BadLogin):
        enter(address="10.9.9.9")
    assert who(enter(address="10.0.0.2")).login == "zhou"


def test_good_logins_do_not_use_up_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(people.TRIES, "name", 2)
    hire()
    for _ in range(people.TRIES["name"] + 2):
        enter()
    with db.reading() as session:
        assert session.execute(sa.select(people.TRY.c.fails).where(people.TRY.c.key.startswith("name"))).all() == []
        assert session.execute(sa.select(people.TRY.c.fails)).scalars().all() == [0]


def test_names_typed_are_not_stored() -> None:
    with pytest.raises(BadLogin):
        enter("my-secret-password", "x")
    with db.reading() as session:
        assert not any("my-secret" in row.key for row in session.execute(sa.select(people.TRY)))


@pytest.mark.parametrize(
    ("login", "password", "path"),
    [
        ("", PASSWORD, "login"),
        ("a b", PASSWORD, "login"),
        ("x" * 61, PASSWORD, "login"),
        ("zhou", "short", "password"),
        ("zhouzhou", "ZhouZhou", "password"),
        ("zhou", "x" * 129, "password"),
    ],
)
def test_unfit_accounts(login: str, password: str, path: str) -> None:
    with pytest.raises(BadValue) as refused, db.transaction() as session:
        people.add(session, REGION, login, "", password, NOW)
    assert refused.value.path == path
    with db.reading() as session:
        assert people.accounts(session, REGION, NOW) == []


@pytest.mark.parametrize(
    ("role", "unit", "path"), [(Role.CITIZEN, "", "role"), (Role.CLOCKWORK, "", "role"), (Role.UNIT, "", "unit")]
)
def test_unfit_posts(role: Role, unit: str, path: str) -> None:
    hire()
    with pytest.raises(BadValue) as refused, db.transaction() as session:
        people.appoint(session, REGION, "zhou", role, unit, NOW)
    assert refused.value.path == path


@pytest.mark.parametrize("what", ["appoint", "token", "password", "close", "twice"])
def test_unknown_or_known_already(what: str) -> None:
    hire()
    calls: dict[str, Any] = {
        "appoint": lambda session: people.appoint(session, REGION, "nobody", Role.AGENT, "", NOW),
        "token": lambda session: people.machine_token(session, REGION, "nobody", device="", now=NOW),
        "password": lambda session: people.set_password(session, REGION, "nobody", PASSWORD),
        "close": lambda session: people.close(session, REGION, "nobody", NOW),
        "twice": lambda session: people.add(session, REGION, "zhou", "", PASSWORD, NOW),
    }
    with pytest.raises((NoSuchPerson, BadValue)), db.transaction() as session:
        calls[what](session)


def test_accounts_lists_posts() -> None:
    hire("b", Role.UNIT, "cgj")
    hire("a")
    with db.reading() as session:
        found = people.accounts(session, REGION, NOW)
    assert [(one.login, one.role, one.unit, one.active) for one in found] == [
        ("a", "agent", "", True), ("b", "unit", "cgj", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "unit", "login", "seen"),
    [
        (Role.AGENT, "", "x", True),
        (Role.DISPATCHER, "", "x", True),
        (Role.CALLER_BACK, "", "x", True),
        (Role.SUPERVISOR, "", "x", True),
        (Role.ADMIN, "", "x", True),
        (Role.UNIT, "cgj", "x", True),
        (Role.UNIT, "hwzx", "x", True),
        (Role.UNIT, "zjj", "x", False),
        (Role.UNIT, "", "x", False),
        (Role.GRID_LEADER, "", "wu", True),
        (Role.GRID_LEADER, "", "chen", False),
        (Role.CITIZEN, "", "x", False),
    ],
)
def test_may_see(role: Role, unit: str, login: str, seen: bool) -> None:
    ticket: Any = SimpleNamespace(region=REGION, unit="cgj", helpers=["hwzx"], grid="g1", leader="wu", state="signed")
    me = Me(login=login, name="", region=REGION, role=role, unit=unit)
    elsewhere: Any = SimpleNamespace(**vars(ticket) | {"region": "r2"})
    with db.reading() as session:
        assert people.may_see(session, me, ticket) is seen
        assert people.may_see(session, me, elsewhere) is False


def test_may_see_own_grids() -> None:
    ticket: Any = SimpleNamespace(region=REGION, unit="", helpers=[], grid="g1", leader="")
    me = Me(login="chen", name="", region=REGION, role=Role.GRID_LEADER, grids=("g1", "g2"))
    with db.reading() as session:
        assert people.may_see(session, me, ticket) is True


def test_who_acts_for_a_command_is_who_serves_now(database_url: str) -> None:
    db.bind(database_url)
    with db.transaction() as session:
        people.add(session, "serving", "du09", "何正", "", NOW)
        with pytest.raises(people.NoSuchPerson):  # an account without a post
            people.serving(session, "serving", "du09", NOW)
        people.appoint(session, "serving", "du09", Role.SUPERVISOR, "", NOW)
        me = people.serving(session, "serving", "du09", NOW)
        assert (me.login, me.name, me.role, me.region) == ("du09", "何正", Role.SUPERVISOR, "serving")
        people.close(session, "serving", "du09", NOW)
        with pytest.raises(people.NoSuchPerson):
            people.serving(session, "serving", "du09", NOW)
