"""The fixed people of 示例区, an office on a test database, and tickets brought to any state by the real steps."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline import city as cities
from hotline import rulefiles
from hotline.city import City
from hotline.flow import call_back, doors, escalate, moves, receive, shelve, triage
from hotline.flow.figures import tally
from hotline.people import Actor, Me
from hotline.sealing import Seal
from hotline.store import db, numbers, tickets
from hotline.store.intake import Arrival
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket
from hotline.wire.tickets import NewTicket, Received
from tests import engines

SAMPLE = Path(cities.__file__).with_name("sample") / "city"
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in 示例区
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REGION = "sample"
RUBBISH, LAMP, HEAT = "010101", "0201", "1204"  # 垃圾清运 → hwzx; 路灯 → szzx with gdgs; 供热 → rlgs
KEPT = {"number_block", "edition", "model"}  # numbers run on; the rules stay in force
FILLED: dict[str, dict[str, Any]] = {
    "return": {"basis": "责任分解表", "unit": "zwj"},
    "answer": {"alone": True},
    "classify": {"then": "keep"},
}  # what a move must say, where a test does not care
LINE = "小区东门的垃圾桶已经很多天没有人来清运了"
_texts = itertools.count(1)


def _person(login: str, name: str, role: Role, unit: str = "", grids: tuple[str, ...] = ()) -> Me:
    return Me(login=login, name=name, region=REGION, role=role, unit=unit, grids=grids)


AGENT = _person("hua01", "柳青禾", Role.AGENT)
DISPATCHER = _person("pai01", "方予安", Role.DISPATCHER)
CALLER_BACK = _person("hui01", "安以宁", Role.CALLER_BACK)
SUPERVISOR = _person("du01", "严守正", Role.SUPERVISOR)
ADMIN = _person("admin", "路知行", Role.ADMIN)
LEADER = _person("wu.haoran", "吴浩然", Role.GRID_LEADER, grids=("990101001001001",))
STRANGER = Me(login="hua09", name="邻区人", region="elsewhere", role=Role.AGENT)


def unit(code: str) -> Me:
    """Return who acts for a unit."""
    return _person(f"{code}01", f"{code}经办人", Role.UNIT, code)


@cache
def rules() -> City:
    """Return the sample city without a model: what is not chosen by a person is left for one."""
    return cities.build(rulefiles.read_folder(SAMPLE))


class Office:
    """The office on one database, emptied of all tickets; every call is a transaction of its own."""

    def __init__(self, url: str) -> None:
        self.engine = db.bind(url)
        self.seal = Seal(b"a secret of the tests, 32 letters")
        with db.transaction() as session:
            engines.empty(session, KEPT)
            if not session.execute(sa.select(METADATA.tables["edition"].c.region)).first():
                cities.apply(session, rulefiles.read_folder(SAMPLE), "test", NOW - 30 * DAY)
        self.city = rules()

    def arrival(self, number: str = "", at: datetime = NOW, actor: Actor | None = None, **new: Any) -> Arrival:
        """Return a matter on its way in; without a text of its own it is like no other."""
        new.setdefault("text", f"{LINE}，第{next(_texts)}次来电")
        how = {name: new.pop(name) for name in ("key", "quiet", "hold", "coded") if name in new}
        number = number or self.number(at)
        said = NewTicket(**new)
        return receive.arrive(self.city, self.seal, said, actor or AGENT.actor, at, number, **how)

    def number(self, at: datetime = NOW) -> str:
        """Return an unused number."""
        return numbers.take(self.city.region, self.city.short, self.city.day(at))[0]

    def put(self, arrivals: list[Arrival]) -> list[Received]:
        """Store what came in."""
        with db.statement() as connection:
            return receive.put(connection, arrivals)

    def received(self, at: datetime = NOW, **new: Any) -> str:
        """Receive one matter; return its number."""
        return self.put([self.arrival(at=at, **new)])[0].number

    def triaged(self, at: datetime = NOW, **new: Any) -> str:
        """Receive one matter of the rubbish kind and let triage see it; return its number."""
        number = self.received(at, **({"area": RUBBISH} | new))
        self.triage(at)
        return number

    def triage(self, at: datetime = NOW) -> list[triage.Triaged]:
        """Triage all that waits."""
        with db.transaction() as session:
            return triage.waiting(session, self.city, at)

    def do(self, move: str, number: str, me: Me, at: datetime = NOW, **said: Any) -> Ticket:
        """Let a person make a move as a door would."""
        body, step = doors.MOVES_BY_NAME[move]
        said = FILLED.get(move, {}) | said
        with db.transaction() as session:
            ticket: Ticket = step(session, self.city, number, body(**said), me, at)
            return ticket

    def answer(self, number: str, me: Me, at: datetime = NOW, **said: Any) -> Ticket:
        """Let a unit answer; what the rules have read first passes at once."""
        done = self.do("answer", number, me, at, **said)
        return self.do("pass", number, DISPATCHER, at) if done.state == State.REVIEWING else done

    def ticket(self, state: State | str = State.ROUTED, at: datetime = NOW, **new: Any) -> Ticket:
        """Return a ticket brought to `state` by the real steps, a minute each, starting at `at`."""
        return _BRING[State(state)](self, at, new)

    def see(self, number: str) -> Ticket:
        """Return the ticket as it is stored."""
        with db.reading() as session:
            return tickets.by_number(session, self.city.region, number)

    def sweep(self, at: datetime, limit: int = 500) -> int:
        """Sweep until nothing is due; return how many clocks moved."""
        total = 0
        while True:
            with db.transaction() as session:
                moved = escalate.sweep(session, self.city, at, limit)
            total += moved
            if not moved:
                return total

    def shelve(self, at: datetime) -> int:
        """Put one batch of what was closed long ago away; return how many tickets."""
        with db.transaction() as session:
            return shelve.sweep(session, self.city, at)

    def fold(self, at: datetime = NOW, limit: int = tally.TICKETS_A_FOLD) -> int:
        """Count all that waits in the figures; return how many tickets were."""
        total = 0
        while True:
            with db.transaction() as session:
                found = tally.fold(session, self.city, at, limit)
            total += found
            if not found:
                return total

    def plan(self, *given: str) -> None:
        """Put answered tickets on the callback desk."""
        with db.transaction() as session:
            call_back.plan(session, self.city, list(given))

    def rows(self, table: str, **where: Any) -> list[Any]:
        """Return the rows of a table, in the order of its key."""
        held = METADATA.tables[table]
        query = sa.select(held).where(*(held.c[name] == value for name, value in where.items()))
        with db.reading() as session:
            return list(session.execute(query.order_by(*held.primary_key.columns)))

    def history(self, number: str) -> list[str]:
        """Return the names of the moves a ticket made."""
        return [line.move for line in self.rows("entry", ticket_id=self.see(number).id)]

    def clocks(self, number: str) -> dict[str, Any]:
        """Return the newest clock of each name."""
        found = sorted(self.rows("clock", ticket_id=self.see(number).id), key=lambda row: row.started_at)
        return {row.clock: row for row in found}

    def broken_links(self) -> list[str]:
        """Return what is wrong with the hash chains of all tickets; nothing, if nothing was altered."""
        held: dict[Any, list[Any]] = {}
        for line in self.rows("entry"):
            held.setdefault(line.ticket_id, []).append(line)
        wrong = []
        for ticket in self.rows("ticket"):
            previous = ""
            for seq, line in enumerate(held.pop(ticket.id, []), 1):
                told = (line.seq, line.at, line.actor, line.role, line.move, line.target, line.note, line.facts)
                if line.seq != seq or line.hash != moves.chain(previous, *told):
                    wrong.append(f"{ticket.number} {seq} {line.move}")
                previous = line.hash
            if (ticket.last_hash, ticket.seq) != (previous, seq):
                wrong.append(f"{ticket.number} row")
        return wrong + [f"no ticket {key}" for key in held]


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """Collect the statements sent in the block, without the transaction's own."""
    sent: list[str] = []

    def note(*facts: Any) -> None:
        if not facts[2].startswith("BEGIN"):
            sent.append(facts[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _received(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    return office.see(office.received(at, **new))


def _routed(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    return office.see(office.triaged(at, **new))


def _signed(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _routed(office, at, new)
    return office.do("sign", held.number, unit(held.unit), at + MINUTE)


def _returned(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _routed(office, at, new)
    return office.do("return", held.number, unit(held.unit), at + MINUTE, reason="不属于我单位职责")


def _answered(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _signed(office, at, new)
    return office.do("answer", held.number, unit(held.unit), at + 2 * MINUTE, note="已清运完毕")


def _closed(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _answered(office, at, new)
    said = {"reached": True, "contacted": True, "solved": "yes", "satisfaction": 5}
    return office.do("callback", held.number, CALLER_BACK, at + 3 * MINUTE, **said)


def _archived(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _closed(office, at, new)
    assert office.shelve(at + 31 * DAY) == 1
    return office.see(held.number)


def _joined(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    first = _routed(office, at, new)
    number = office.received(at + MINUTE)
    office.do("join", number, AGENT, at + MINUTE, to=first.number)
    return office.see(number)


def _then(state: State, move: str, me: Callable[[Ticket], Me], **said: Any) -> Callable[..., Ticket]:
    """Return what brings a ticket to `state` and makes one move more."""

    def bring(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
        held = office.ticket(state, at, **new)
        return office.do(move, held.number, me(held), at + 5 * MINUTE, **said)

    return bring


def holder(ticket: Ticket) -> Me:
    """Return who acts for the unit that has the ticket."""
    return unit(ticket.unit)


def _parked(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _signed(office, at, new)
    until = (at + 120 * DAY).date()
    office.do(
        "ask_park", held.number, holder(held), at + 5 * MINUTE, reason="须待供暖季结束", basis="养护规程", until=until
    )
    return office.do("park", held.number, SUPERVISOR, at + 6 * MINUTE)


def _voided(office: Office, at: datetime, new: dict[str, Any]) -> Ticket:
    held = _received(office, at, new)
    office.do("ask_void", held.number, AGENT, at + 5 * MINUTE, reason="误录的测试工单")
    return office.do("void", held.number, DISPATCHER, at + 6 * MINUTE)


_BRING: dict[State, Callable[[Office, datetime, dict[str, Any]], Ticket]] = {
    State.RECEIVED: _received,
    State.ROUTED: _routed,
    State.SIGNED: _signed,
    State.RETURNED: _returned,
    State.ANSWERED: _answered,
    State.CLOSED: _closed,
    State.ARCHIVED: _archived,
    State.REVIEWING: _then(State.SIGNED, "answer", holder, note="已向来电人解释", outcome="explained"),
    State.JOINED: _joined,
    State.LACKING: _then(State.SIGNED, "lack", holder, note="请提供楼栋号"),
    State.DISPUTED: _then(State.RETURNED, "convene", lambda _: DISPATCHER, note="职责不清"),
    State.PARKED: _parked,
    State.REFUSED: _then(State.RECEIVED, "refuse", lambda _: AGENT, reason="已进入诉讼程序", guide="人民法院"),
    State.WITHDRAWN: _then(State.ROUTED, "withdraw", lambda _: AGENT, note="来电人要求撤回"),
    State.VOIDED: _voided,
}
