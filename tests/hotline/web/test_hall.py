"""What a process holds for two seconds: one look-up for many who ask, and nothing after it was forgotten."""

import asyncio
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa

from hotline import clock, people
from hotline.city import City
from hotline.people import NoSession
from hotline.settings import Settings
from hotline.store import db
from hotline.web import hall as halls
from hotline.web.hall import Hall


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sessions looked up in the database."""
    found: list[str] = []
    real = people.find

    def noted(*parts: Any) -> Any:
        found.append(parts[1])
        return real(*parts)

    monkeypatch.setattr(people, "find", noted)
    return found


def enter(rules: City) -> str:
    with db.transaction() as session:
        return people.machine_token(session, rules.region, "agent", device="", now=clock.now())


def test_many_at_once_cost_one_lookup(config: Settings, rules: City, looked: list[str]) -> None:
    token, hall = enter(rules), Hall(config)

    async def run() -> None:
        found = await asyncio.gather(*(hall.session(token) for _ in range(30)))
        assert {one.me.login for one in found} == {"agent"}
        assert (await hall.city()).edition == rules.edition

    asyncio.run(run())
    assert len(looked) == 1


def test_looked_up_again_when_old(
    config: Settings, rules: City, looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token, hall = enter(rules), Hall(config)
    asyncio.run(hall.session(token))
    asyncio.run(hall.session(token))
    assert len(looked) == 1
    monkeypatch.setattr(halls, "monotonic", lambda: 1e12)
    asyncio.run(hall.session(token))
    assert len(looked) == 2


def test_an_answer_on_its_way_is_not_kept_after_a_logout(
    config: Settings, rules: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, hall = enter(rules), Hall(config)
    hashed, read, go_on = people.token_hash(token), Event(), Event()
    real = people.find

    def slow(*parts: Any) -> Any:
        found = real(*parts)
        read.set()
        go_on.wait(10)
        return found

    monkeypatch.setattr(people, "find", slow)

    async def run() -> None:
        before = asyncio.create_task(hall.session(token))
        await asyncio.to_thread(read.wait, 10)
        monkeypatch.setattr(people, "find", real)
        with db.transaction() as session:
            session.execute(sa.delete(people.SESSION).where(people.SESSION.c.token_hash == hashed))
        hall.forget_session(hashed)
        go_on.set()
        assert (await before).me.login == "agent"
        with pytest.raises(NoSession):
            await hall.session(token)

    asyncio.run(run())


def test_who_leaves_does_not_stop_the_others(config: Settings, rules: City) -> None:
    token, hall = enter(rules), Hall(config)

    async def run() -> None:
        leaving = asyncio.create_task(hall.session(token))
        staying = asyncio.create_task(hall.session(token))
        await asyncio.sleep(0)
        leaving.cancel()
        assert (await staying).me.login == "agent"

    asyncio.run(run())


def test_form_tokens_belong_to_one_session_and_one_installation(config: Settings, rules: City) -> None:
    assert rules.region
    hall = Hall(config)
    assert hall.csrf("a") == hall.csrf("a")
    assert len({hall.csrf("a"), hall.csrf("b")}) == 2
    assert len(hall.csrf("a")) == 64
