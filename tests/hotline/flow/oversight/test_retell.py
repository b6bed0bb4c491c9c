"""Anybody does anything, for weeks: no ticket is without an owner or a running clock, and the history says it all."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch import lifecycle
from dispatch.errors import RuleBroken
from dispatch.lifecycle import ASKS, FINAL, MOVES, OPEN, OWNERS, State
from dispatch.roles import Role
from hotline.errors import HotlineError
from hotline.flow.doors import MOVES_BY_NAME
from hotline.flow.oversight import retell
from hotline.jobs import work
from hotline.people import Me
from hotline.store import db
from hotline.store.tickets import Ticket
from tests.cast import AGENT, CALLER_BACK, DISPATCHER, HEAT, LAMP, NOW, RUBBISH, SUPERVISOR, Office, unit

MakeBody = Callable[[random.Random, datetime], dict[str, Any]]
CITIZENS = {"dispatch", "result", "review", "check", "callback"}  # one of them runs as long as the ticket is open
HELD_UP = {State.PARKED, State.REVIEWING}  # the promises to the citizen stand still
WORDS = {"note": "现场已核实", "reason": "涉及多家单位", "basis": "权责清单第3项"}
UNITS = ("hwzx", "cgj", "szzx", "zjj", "gdgs", "rlgs")


def said_for(move: str, chance: random.Random, now: datetime) -> dict[str, Any]:
    """Return a body that may be right: required words always, the rest by chance."""
    shape = MOVES_BY_NAME[move][0]
    given: dict[str, Any] = {name: text for name, text in WORDS.items() if name in shape.__struct_fields__}
    if "unit" in shape.__struct_fields__:
        given["unit"] = chance.choice(UNITS)
    until = (now + timedelta(days=chance.randint(1, 120))).date()
    extra: dict[str, dict[str, Any]] = {
        "ask_extension": {"days": chance.randint(1, 12)},
        "ask_park": {"until": until},
        "ask_exclusion": {"ground": "untrue"},
        "refuse": {"guide": "人民法院"},
        "classify": {"area": chance.choice([LAMP, HEAT, RUBBISH]), "then": chance.choice(["keep", "reassign"])},
        "answer": {"alone": True, "outcome": chance.choice(["solved", "explained"])},
        "callback": {"reached": True, "solved": chance.choice(["yes", "no"])},
    }
    return given | extra.get(move, {})


def mover(move: str, ticket: Ticket, chance: random.Random) -> Me | None:
    """Return somebody whose role may make the move, mostly who holds the ticket."""
    people = {
        Role.AGENT: AGENT,
        Role.DISPATCHER: DISPATCHER,
        Role.CALLER_BACK: CALLER_BACK,
        Role.SUPERVISOR: SUPERVISOR,
    }
    roles = MOVES[move].who if move in MOVES else {Role.CALLER_BACK}
    able = [person for role, person in people.items() if role in roles]
    if Role.UNIT in roles:
        helpers = [unit(code) for code in ticket.helpers]
        able += [unit(ticket.unit)] * 3 + helpers if ticket.unit else []
    return chance.choice(able) if able else None


def carry_out(office: Office, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """Do what follows, as a worker would at `now`."""
    monkeypatch.setattr(work.clock, "now", lambda: now)
    while waiting := [row.id.hex for row in office.rows("outbox") if row.done_at is None]:
        assert work.events(waiting) == len(waiting)


def sound(office: Office, number: str) -> None:
    """Hold one ticket to what must always be so."""
    ticket = office.see(number)
    running = [row for row in office.rows("clock", ticket_id=ticket.id) if row.stopped_at is None]
    state = State(ticket.state)
    if state in OPEN:
        assert OWNERS[state] is not Role.UNIT or ticket.unit, state
        assert ticket.seq == 1 or {row.clock for row in running} & CITIZENS, (state, office.history(number))
        assert all(row.paused_at is None for row in running if row.owner == "citizen") or state in HELD_UP
    if state in FINAL:
        assert running == [], (state, office.history(number))
    for column, name in (("due_at", "result"), ("progress_due_at", "progress")):  # a date that is told is a clock's
        held = sorted(office.rows("clock", ticket_id=ticket.id, clock=name), key=lambda row: (row.started_at, row.id))
        runs = [row for row in held if row.stopped_at is None] or held
        assert getattr(ticket, column) == (runs[-1].due_at if runs else None), (column, office.history(number))
    asked = [row.kind for row in office.rows("request", ticket_id=ticket.id) if row.decided_at is None]
    assert asked == ([ticket.pending] if ticket.pending else [])
    assert not ticket.pending or ticket.pending in ASKS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_histories(office: Office, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance, made = random.Random(seed), set[str]()
    for _ in range(2):
        made |= live(office, monkeypatch, chance)
    assert len(made) > 10, made
    assert office.broken_links() == []


def live(office: Office, monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> set[str]:
    """Live one ticket's life at random; return the moves that went through."""
    now, made = NOW, set[str]()
    new = {"area": chance.choice([RUBBISH, LAMP, HEAT, ""]), "urgency": chance.choice(["normal", "urgent"])}
    number = office.received(now, **new)
    carry_out(office, monkeypatch, now)
    for _ in range(60):
        now += timedelta(minutes=chance.choice([1, 30, 240, 1500, 4000]))
        office.sweep(now)
        carry_out(office, monkeypatch, now)
        sound(office, number)
        move = likely(office.see(number), chance)
        me = mover("close" if move == "callback" else move, office.see(number), chance)
        if me is not None and tried(office, move, number, me, now, said_for(move, chance, now)):
            made.add(move)
            carry_out(office, monkeypatch, now)
            sound(office, number)
            with db.reading() as session:
                ticket = office.see(number)
                told = retell.recounted(session, office.city, ticket)
                assert retell.stored(session, ticket) == told, office.history(number)
    return made


def likely(ticket: Ticket, chance: random.Random) -> str:
    """Return a move, mostly one that is legal now; what ends a life at once is rare."""
    doors = sorted(set(MOVES_BY_NAME) - {"join", "settle", "refuse", "commit", "fulfil", "break"})
    if chance.random() < 0.2:
        return chance.choice(doors)
    able = {name for role in Role for name in lifecycle.allowed(State(ticket.state), role, ticket.pending)}
    able |= {"callback"} if ticket.state == State.ANSWERED else set()
    legal = [name for name in doors if name in able]
    found = chance.choice(legal or doors)
    return found if found not in ("withdraw", "void") or chance.random() < 0.1 else chance.choice(legal)


def tried(office: Office, move: str, number: str, me: Me, now: datetime, said: dict[str, Any]) -> bool:
    """Say whether the move went through."""
    try:
        office.do(move, number, me, now, **said)
    except (RuleBroken, HotlineError):
        return False
    return True
