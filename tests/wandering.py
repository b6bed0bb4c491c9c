"""Random histories through the real steps: tickets of many kinds, moves of everybody, the clock running on."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from dispatch import lifecycle
from dispatch.errors import RuleBroken
from dispatch.lifecycle import State
from dispatch.roles import Role
from hotline.errors import HotlineError
from hotline.flow import defaults
from hotline.flow.doors import MOVES_BY_NAME
from hotline.people import Me
from hotline.store import db
from hotline.store.outbox import OutboxRow
from hotline.store.schema import METADATA
from tests.cast import AGENT, CALLER_BACK, DISPATCHER, HEAT, LAMP, NOW, RUBBISH, SUPERVISOR, Office, unit

UNITS = ("hwzx", "szzx", "cgj", "rlgs")
PROMISED = {"commit", "fulfil", "break"}  # they need a promise made before
WEIGHTS = {
    "sign": 9,
    "answer": 9,
    "pass": 9,
    "reject": 5,
    "return": 5,
    "route": 5,
    "keep": 4,
    "rule": 9,
    "convene": 4,
    "join": 3,
    "settle": 2,
    "ask_extension": 4,
    "extend": 9,
    "deny_extension": 4,
    "ask_exclusion": 4,
    "exclude": 9,
    "deny_exclusion": 3,
    "appeal": 4,
    "uphold": 5,
    "park": 5,
    "resume": 5,
    "supply": 5,
    "report": 3,
    "callback": 25,
    "commit": 1,
    "fulfil": 5,
    "break": 5,
    "transfer": 3,
    "withdraw": 0.2,
    "ask_void": 0.2,
    "refuse": 1,
    "note": 0.2,
}  # what moves a history on; the rest weighs half
GROUNDS = ("untrue", "outside")
OUTBOX = METADATA.tables["outbox"]


class Wanderer:
    """Drives one office with one seed: the same seed, the same history."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.dice, self.at = office, random.Random(seed), NOW
        self.made: list[str] = []

    def walk(self, steps: int, between: Callable[[datetime], object] | None = None) -> None:
        """Take so many steps; what the rules refuse changes nothing.  between: called now and then with the moment"""
        for _ in range(steps):
            if between is not None and self.dice.random() < 0.15:
                between(self.at)
            self.at += timedelta(minutes=self.dice.choice((1, 20, 200, 1500)))
            deed = self.dice.choices((self._receive, self._move, self._sweep), (3, 20, 1))[0]
            try:
                deed()
            except (RuleBroken, HotlineError):
                continue

    def _receive(self) -> None:
        new = {"area": self.dice.choice((RUBBISH, LAMP, HEAT)), "source": self.dice.choice(("12345", "web"))}
        self.office.received(self.at, urgency=self.dice.choice(("normal", "normal", "urgent")), **new)
        if self.dice.random() < 0.8:
            self.office.triage(self.at)

    def _sweep(self) -> None:
        self.office.sweep(self.at)
        query = sa.select(OUTBOX).where(OUTBOX.c.move == "lapse", OUTBOX.c.done_at.is_(None))
        self.office.shelve(self.at)
        with db.transaction() as session:
            found = [OutboxRow(**row) for row in session.execute(query).mappings()]
            defaults.carry_out(session, self.office.city, found, self.at)
            session.execute(sa.update(OUTBOX).values(done_at=self.at))

    def _move(self) -> None:
        held = self.office.rows("ticket")
        if not held:
            return
        ticket = self.dice.choice(held)
        ways = [
            (name, me)
            for me in (AGENT, DISPATCHER, CALLER_BACK, SUPERVISOR, unit(ticket.unit or "hwzx"))
            for name in self._doors(ticket, me)
        ]
        if ways:
            name, me = self.dice.choices(ways, [WEIGHTS.get(name, 0.5) for name, _ in ways])[0]
            self.office.do(name, ticket.number, me, self.at, **self._said(name, ticket, held))
            self.made.append(name)

    def _doors(self, ticket: Any, me: Me) -> list[str]:
        able = lifecycle.allowed(State(ticket.state), Role(me.role), ticket.pending)
        doors = [name for name in able if name in MOVES_BY_NAME and name not in PROMISED]
        return [*doors, "callback"] if "close" in able and ticket.state == "answered" else doors

    def _said(self, name: str, ticket: Any, held: list[Any]) -> dict[str, Any]:
        dice = self.dice
        if name == "callback":
            return _rating(dice)
        words: dict[str, Any] = {
            "note": "说明", "reason": "理由", "basis": "依据", "guide": "法院", "unit": dice.choice(UNITS), "days": 3,
            "until": (self.at + timedelta(days=30)).date(), "ground": dice.choice(GROUNDS),
            "to": dice.choice(held).number, "contacted": dice.random() < 0.8, "alone": True,
            "commitment": self._promised(ticket), "waived": dice.random() < 0.1,
            "area": dice.choice((RUBBISH, LAMP)), "grid": dice.choice(("", "990101001001001")),
            "then": dice.choice(("", "keep", "reassign")),
            "outcome": dice.choice(("solved", "solved", "explained")),
        }  # fmt: skip
        body, _ = MOVES_BY_NAME[name]
        return {key: value for key, value in words.items() if key in body.__struct_fields__}

    def _promised(self, ticket: Any) -> UUID:
        """Return a promise of the ticket's replies; none of the kind: the rules refuse it."""
        return next((row.id for row in self.office.rows("commitment", ticket_id=ticket.id)), ticket.id)


def _rating(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.3:
        return {"reached": False}
    said = {
        "cause": "",
        "solved": dice.choice(("yes", "yes", "no", None)),
        "satisfaction": dice.choice((5, 4, 3, 2, None)),
    }
    return {"reached": True, "contacted": dice.random() < 0.9, **said}
