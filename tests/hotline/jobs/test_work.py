"""Events are carried out once; one that fails holds up no other and keeps its error."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.lifecycle import State
from hotline.city import City
from hotline.jobs import journey, work
from hotline.store import db
from hotline.store.outbox import OutboxRow
from hotline.store.schema import METADATA
from tests.cast import CALLER_BACK, HOUR, NOW, RUBBISH, Office, unit

OUTBOX = METADATA.tables["outbox"]


def ids(office: Office, **where: str) -> list[str]:
    return [row.id.hex for row in office.rows("outbox", **where)]


def test_a_received_ticket_is_triaged_and_its_unit_told(office: Office) -> None:
    number = office.received(area=RUBBISH)
    assert work.events(ids(office)) == 1
    assert office.see(number).state == State.ROUTED
    assert work.events(ids(office, move="route")) == 1
    assert [(row.unit, row.number) for row in office.rows("notice")] == [("hwzx", number)]
    assert {row.done_at is None for row in office.rows("outbox") if row.move != "classify"} == {False}


def test_an_answer_puts_the_ticket_on_the_callback_desk(office: Office) -> None:
    held = office.ticket(State.ANSWERED)
    work.events(ids(office, move="answer"))
    assert office.see(held.number).callback_due_at is not None


@pytest.mark.parametrize(("state", "move", "who"), [
    (State.RETURNED, "return", "@dispatcher"), (State.ROUTED, "route", "hwzx"),
])  # fmt: skip
def test_each_move_tells_who_it_concerns(office: Office, state: State, move: str, who: str) -> None:
    office.ticket(state)
    work.events(ids(office, move=move))
    assert {row.login or row.unit for row in office.rows("notice")} == {who}


def test_doing_it_twice_does_it_once(office: Office) -> None:
    office.ticket(State.ROUTED)
    wanted = ids(office, move="route")
    assert [work.events(wanted), work.events(wanted)] == [1, 0]
    assert len(office.rows("notice")) == 1


def test_ids_nobody_knows_are_no_error(office: Office) -> None:
    assert work.events([uuid4().hex]) == 0
    assert office.rows("notice") == []


def _fail_for(number: str) -> Callable[[Session, City, Sequence[OutboxRow], datetime], None]:
    def step(session: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
        if number in {event.number for event in events}:
            raise ValueError("手机号格式不对" * 200)

    return step


def test_one_bad_event_does_not_hold_up_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad, other = (office.ticket(State.ROUTED) for _ in range(3))
    monkeypatch.setitem(journey.NEXT, "route", (*journey.NEXT["route"], _fail_for(bad.number)))
    assert work.events(ids(office, move="route")) == 2
    assert {row.number for row in office.rows("notice")} == {good.number, other.number}
    (failed,) = [row for row in office.rows("outbox", move="route") if row.done_at is None]
    assert (failed.number, failed.tries) == (bad.number, 1)
    assert failed.error.startswith("ValueError: 手机号格式不对")
    assert len(failed.error) == work.LONGEST_ERROR


def test_an_event_that_fails_alone_is_counted_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    held = office.ticket(State.ROUTED)
    monkeypatch.setitem(journey.NEXT, "route", (_fail_for(held.number),))
    for tries in (1, 2):
        assert work.events(ids(office, move="route")) == 0
        (row,) = office.rows("outbox", move="route")
        assert (row.done_at, row.tries) == (None, tries)
    monkeypatch.undo()
    assert work.events(ids(office, move="route")) == 1
    assert office.rows("outbox", move="route")[0].error == ""


def test_the_step_and_its_mark_are_one_transaction(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    held = office.ticket(State.ROUTED)
    monkeypatch.setitem(journey.NEXT, "route", (*journey.NEXT["route"], _fail_for(held.number)))
    assert work.events(ids(office, move="route")) == 0
    assert office.rows("notice", number=held.number) == []


def test_an_event_of_a_ticket_that_went_on_is_harmless(office: Office) -> None:
    held = office.ticket(State.ROUTED)
    said = {"note": "办好了"}
    office.do("sign", held.number, unit("hwzx"), NOW + HOUR)
    office.do("answer", held.number, unit("hwzx"), NOW + HOUR, **said)
    office.do("callback", held.number, CALLER_BACK, NOW + 2 * HOUR, reached=True, solved="yes")
    assert work.events(ids(office)) == len(office.rows("outbox"))
    assert office.see(held.number).callback_due_at is None


def test_a_done_row_is_kept_as_it_was(office: Office) -> None:
    office.ticket(State.ROUTED)
    with db.transaction() as session:
        session.execute(sa.update(OUTBOX).values(done_at=NOW))
    assert work.events(ids(office)) == 0
    assert {row.done_at for row in office.rows("outbox")} == {NOW}
