"""An event is done only when what it asks for is done: locked tickets, words before triage, clocks of two machines."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatch.lifecycle import State
from hotline import clock
from hotline.flow import repeats
from hotline.flow.oversight import retell
from hotline.jobs import relay, rounds, work
from hotline.store import db
from hotline.store.schema import METADATA
from tests.cast import AGENT, HOUR, MINUTE, NOW, RUBBISH, Office
from tests.servers import only

TICKET, OUTBOX = METADATA.tables["ticket"], METADATA.tables["outbox"]


def ids(office: Office, **where: str) -> list[str]:
    return [row.id.hex for row in office.rows("outbox", **where)]


def done(office: Office, **where: str) -> list[bool]:
    return [row.done_at is not None for row in office.rows("outbox", **where)]


@contextmanager
def locked(office: Office, *numbers: str) -> Iterator[None]:
    """Hold these tickets from another connection; SQLite, whose one writer nobody passes, needs no such thing."""
    with office.engine.connect() as other:
        if other.dialect.name == "postgresql":
            other.execute(sa.select(TICKET.c.id).where(TICKET.c.number.in_(numbers)).with_for_update())
        yield


def test_a_ticket_somebody_holds_is_triaged_when_it_is_let_go(office: Office) -> None:
    held, free = office.received(area=RUBBISH), office.received(area=RUBBISH)
    with locked(office, held):
        work.events(ids(office))
        assert office.see(free).state == State.ROUTED, "one that is held stops no other"
        states = {row.number: row.done_at is not None for row in office.rows("outbox", move="receive")}
        assert states == {free: True, held: office.engine.dialect.name == "sqlite"}
    assert relay.turn(lambda found: work.events(found) and None, NOW) > 0, "told again at once, not in a minute"
    assert office.see(held).state == State.ROUTED
    assert office.clocks(held)["result"].stopped_at is None
    assert done(office, move="receive") == [True, True]


def test_a_ticket_that_a_person_settled_meanwhile_leaves_nothing_to_do(office: Office) -> None:
    number = office.received(area=RUBBISH)
    office.do("settle", number, AGENT, note="已当场解答")
    assert work.events(ids(office, move="receive")) == 1
    assert office.see(number).state == State.CLOSED


@pytest.mark.parametrize("move", ["note", "urge", "classify", "ask_void"])
def test_a_word_before_triage_does_not_keep_it_away(office: Office, move: str) -> None:
    number = office.received(area=RUBBISH)
    said = {
        "note": {"note": "补充：在东门"}, "urge": {}, "classify": {"area": RUBBISH}, "ask_void": {"reason": "误录"},
    }  # fmt: skip
    office.do(move, number, AGENT, NOW + timedelta(seconds=1), **said[move])
    work.events(ids(office, move="receive"))
    assert office.see(number).state == State.ROUTED
    assert office.broken_links() == []


def test_the_desk_has_a_clock_also_where_a_word_came_before_triage(office: Office) -> None:
    number = office.received(text="有一件事想说清楚")
    office.do("note", number, AGENT, NOW + timedelta(seconds=1), note="稍后再拨")
    work.events(ids(office, move="receive"))
    ticket = office.see(number)
    assert (ticket.state, office.clocks(number)["dispatch"].stopped_at) == (State.RECEIVED, None)
    with db.reading() as session:
        assert retell.recounted(session, office.city, ticket) == retell.stored(session, ticket)


def test_what_was_found_untrue_is_not_triaged_a_second_time(office: Office) -> None:
    number = office.received(area=RUBBISH)
    office.triage()
    history = office.history(number)
    assert office.triage() == []
    assert office.history(number) == history


def test_silence_leads_on_also_where_the_worker_s_clock_is_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.ticket(State.ROUTED).number
    due = office.clocks(number)["sign"].due_at
    office.sweep(due)
    monkeypatch.setattr(clock, "now", lambda: due - timedelta(seconds=20))
    work.events(ids(office, move="lapse"))
    assert office.see(number).state == State.SIGNED


def test_who_joins_a_matter_already_answered_is_called_back_too(office: Office) -> None:
    main = office.ticket(State.ANSWERED, phone="13900001111", name="李四")
    work.events(ids(office))
    late = office.received(NOW + HOUR, phone="13900002222", name="王五")
    office.do("join", late, AGENT, NOW + HOUR, to=main.number)
    work.events(ids(office))
    assert office.see(late).callback_due_at is not None


@only("postgres")  # SQLite has one writer: nothing ends meanwhile
def test_a_matter_that_ends_while_another_is_about_to_join_it_takes_nobody_along(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "小区东门的垃圾桶已经三天没有人来清运了，味道很大"
    first = office.triaged(text=text, phone="13900001111")
    second = office.received(NOW + MINUTE, text=text, phone="13900001111")
    ended = threading.Event()

    def end() -> None:
        office.do("withdraw", first, AGENT, NOW + MINUTE, note="来电人撤回")
        ended.set()

    find = repeats.find

    def slowly(*asked: object) -> object:
        found = find(*asked)
        threading.Thread(target=end).start()
        assert ended.wait(20)
        return found

    monkeypatch.setattr("hotline.flow.repeats.find", slowly)
    work.events(ids(office, number=second))
    assert office.see(second).state != State.JOINED


FLOOD = 300


class Beside:
    """Threads that run until `over`; what goes wrong in them is kept."""

    def __init__(self) -> None:
        self.over, self.wrong = threading.Event(), list[BaseException]()
        self._threads: list[threading.Thread] = []

    def start(self, *loops: Callable[[], object]) -> list[threading.Thread]:
        made = [threading.Thread(target=self._run, args=(loop,)) for loop in loops]
        for one in made:
            one.start()
        self._threads += made
        return made

    def stop(self) -> None:
        self.over.set()
        for one in self._threads:
            one.join(120)

    def _run(self, loop: Callable[[], object]) -> None:
        try:
            loop()
        except BaseException as broken:
            self.wrong.append(broken)


def test_nothing_lies_still_under_load(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four post, one folds, one notes and urges, two carry out; at the end every ticket has an owner's clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    beside, posted = Beside(), list[str]()

    def post() -> None:
        for _ in range(FLOOD // 4):
            posted.append(office.received(area=RUBBISH))

    def fold() -> None:
        while not beside.over.is_set():
            rounds.count()

    def write() -> None:
        seen = 0
        while not beside.over.wait(0.01):
            fresh, seen = posted[seen:], len(posted)
            for number in fresh[::3]:
                office.do("note", number, AGENT, note="来电人又补充了位置")
            for number in fresh[::5]:
                office.do("urge", number, AGENT)

    def carry() -> None:
        while not beside.over.is_set():
            tell()

    clients = beside.start(post, post, post, post)
    beside.start(fold, write, carry, carry)
    for one in clients:
        one.join(120)
    beside.stop()
    while tell():
        pass
    assert beside.wrong == []
    rows = office.rows("ticket")
    assert len(rows) == FLOOD
    assert [row.number for row in rows if row.state == State.RECEIVED] == []
    assert {row.ticket_id for row in office.rows("clock", clock="sign")} == {row.id for row in rows}
    assert office.broken_links() == []


def tell() -> int:
    """Tell of what waits, and carry it out."""
    return relay.turn(lambda found: work.events(found) and None, NOW)
