"""The gate: batches, each caller's own answer, nothing lost, a clean end; on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from dispatch.errors import NotYours
from dispatch.roles import Role
from hotline.city import City
from hotline.errors import BadValue, Crowded, KeyReused
from hotline.flow import receive
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store import db
from hotline.store.schema import METADATA
from hotline.web import gate as gates
from hotline.web.gate import LARGEST_GROUP, Gate, GateClosed, Handed
from hotline.wire.tickets import NewTicket, Received

AGENT = Actor("agent", Role.AGENT)
SEAL = Seal(b"0" * 32)
Story = Callable[[Gate], Awaitable[None]]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the batches stored."""
    sizes: list[int] = []
    real = receive.put_all

    def noted(connection: Any, arrivals: Any) -> Any:
        sizes.append(len(arrivals))
        return real(connection, arrivals)

    monkeypatch.setattr(receive, "put_all", noted)
    return sizes


def play(story: Story) -> None:
    """Run a story with an open gate, and close it afterwards."""

    async def run() -> None:
        gate = Gate(SEAL)
        gate.open()
        try:
            await story(gate)
        finally:
            await gate.close()

    asyncio.run(run())


def stored() -> int:
    with db.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(METADATA.tables["ticket"])).scalar_one()


def handed(rules: City, text: str = "路灯不亮", key: str | None = None, actor: Actor = AGENT, **more: Any) -> Handed:
    return Handed(rules, NewTicket(text=text, **more), actor, ("test", key) if key else None)


def test_many_waiting_go_in_together(rules: City, batches: list[int]) -> None:
    before = stored()

    async def story(gate: Gate) -> None:
        taken = await asyncio.gather(*(gate.put(handed(rules)) for _ in range(450)))
        assert len({one.number for one in taken}) == 450
        assert {one.status for one in taken} == {"accepted"}

    play(story)
    assert stored() == before + 450
    assert max(batches) == LARGEST_GROUP
    assert len(batches) <= 4


def test_each_caller_gets_the_own_answer(rules: City) -> None:
    first = handed(rules, "甲", "same")
    before = stored()

    async def story(gate: Gate) -> None:
        answers = await asyncio.gather(
            gate.put(handed(rules, "好的")),
            gate.put(first),
            gate.put(handed(rules, area="nowhere")),
            gate.put(first),
            gate.put(handed(rules, "乙", "same")),
            gate.put(handed(rules, actor=Actor("cgj", Role.UNIT))),
            gate.put(handed(rules, "零\x00字")),
            gate.put(handed(rules, "也好")),
            return_exceptions=True,
        )
        kinds = [type(one) for one in answers]
        assert kinds[:6] == [Received, Received, BadValue, Received, KeyReused, NotYours]
        assert kinds[7] is Received
        accepted, again = answers[1], answers[3]
        assert isinstance(accepted, Received)
        assert isinstance(again, Received)
        assert accepted.number == again.number
        assert sorted((accepted.status, again.status)) == ["accepted", "known"]

    play(story)
    assert stored() - before in {3, 4}  # SQLite holds a zero character, PostgreSQL does not


def test_who_stops_waiting_loses_no_matter(rules: City) -> None:
    before = stored()

    async def story(gate: Gate) -> None:
        task = asyncio.create_task(gate.put(handed(rules, key="left")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        other = await gate.put(handed(rules))
        again = await gate.put(handed(rules, key="left"))
        assert other.status == "accepted"
        assert again.status in {"known", "accepted"}  # which of the two came first is the machine's affair
        third = await gate.put(handed(rules, key="left"))
        assert (third.status, third.number) == ("known", again.number)

    play(story)
    assert stored() == before + 2


def test_closing_stores_what_waits_and_lets_no_more_in(rules: City) -> None:
    before = stored()

    async def run() -> None:
        gate = Gate(SEAL)
        with pytest.raises(GateClosed):
            await gate.put(handed(rules))
        gate.open()
        waiting = [asyncio.create_task(gate.put(handed(rules))) for _ in range(300)]
        await asyncio.sleep(0)
        await gate.close()
        assert len({(await one).number for one in waiting}) == 300
        with pytest.raises(GateClosed):
            await gate.put(handed(rules))

    asyncio.run(run())
    assert stored() == before + 300


def test_the_writer_outlives_a_broken_batch(rules: City, monkeypatch: pytest.MonkeyPatch) -> None:
    real = receive.put_all
    broken: list[Exception] = [OperationalError("x", {}, Exception("gone")), ZeroDivisionError()]

    def sometimes(connection: Any, arrivals: Any) -> Any:
        if len(arrivals) == 3 and broken:
            raise broken.pop(0)
        return real(connection, arrivals)

    monkeypatch.setattr(receive, "put_all", sometimes)

    async def three(gate: Gate) -> list[Any]:
        return await asyncio.gather(*(gate.put(handed(rules)) for _ in range(3)), return_exceptions=True)

    async def story(gate: Gate) -> None:
        assert [type(one) for one in await three(gate)] == [OperationalError] * 3
        assert [type(one) for one in await three(gate)] == [Received] * 3  # stored one by one
        assert [type(one) for one in await three(gate)] == [Received] * 3

    play(story)


def test_the_next_batch_collects_while_one_is_stored(
    rules: City, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, release = receive.put_all, Event()

    def held(connection: Any, arrivals: Any) -> Any:
        release.wait(10)
        return counted(connection, arrivals)

    monkeypatch.setattr(receive, "put_all", held)

    async def story(gate: Gate) -> None:
        first = asyncio.create_task(gate.put(handed(rules)))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(gate.put(handed(rules))) for _ in range(9)]
        await asyncio.sleep(0.05)
        assert not first.done()
        release.set()
        await asyncio.gather(first, *others)

    play(story)
    assert sorted(batches) == [1, 9]


class Hand:
    """A steady clock somebody sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_who_would_wait_too_long_is_told_at_once_and_nothing_is_stored(
    rules: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, hand, go, real = stored(), Hand(), Event(), receive.put_all
    monkeypatch.setattr(gates, "LOOK", 0.01)

    def slow(connection: Any, arrivals: Any) -> Any:
        go.wait(20)
        return real(connection, arrivals)

    monkeypatch.setattr(receive, "put_all", slow)

    async def run() -> tuple[list[Any], list[Any]]:
        gate = Gate(SEAL, hand)
        gate.open()
        lanes = 1 if db.engine().dialect.name == "sqlite" else gates.LANES
        storing = []
        for _ in range(lanes):
            storing.append(asyncio.create_task(gate.put(handed(rules))))
            await asyncio.sleep(0.1)
        behind = [asyncio.create_task(gate.put(handed(rules))) for _ in range(3)]
        await asyncio.sleep(0)
        hand.seconds = gates.PATIENCE + 0.1
        late = [asyncio.create_task(gate.put(handed(rules))) for _ in range(3)]
        refused = await asyncio.gather(*behind, *late, return_exceptions=True)
        go.set()
        taken = await asyncio.gather(*storing)
        hand.seconds += 0.1
        after = await gate.put(handed(rules))
        await gate.close()
        return refused, [*taken, after]

    refused, taken = asyncio.run(run())
    assert [type(one) for one in refused] == [Crowded] * 6
    assert len({one.number for one in taken}) == len(taken)
    assert stored() == before + len(taken)


def test_a_quick_writer_sends_nobody_away(rules: City) -> None:
    async def story(gate: Gate) -> None:
        for _ in range(3):
            assert gate.wait() == 0
            await asyncio.gather(*(gate.put(handed(rules)) for _ in range(300)))

    play(story)
