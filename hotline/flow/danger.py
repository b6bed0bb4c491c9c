"""Grades how urgent a matter is by its words of danger, says why, and raises it when later words are graver.

At every door the words say the least urgency a matter has; only a person at the desk, who sees them, may say less.
Words that come later (催办, 补充材料) raise it at once: a person who thinks otherwise lowers it with one move.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlmodel import Session

from classifiers import signals
from classifiers.danger import Heard
from classifiers.signals import Signal, Signals
from dispatch import lifecycle
from dispatch.deadlines import GRAVITY, URGENCY_NAMES, Urgency
from dispatch.lifecycle import Move, State
from hotline.city import City
from hotline.flow import promise
from hotline.flow.moves import CLOCKWORK
from hotline.flow.repeats import Repeat
from hotline.people import Actor
from hotline.store.facts import Facts
from hotline.store.tickets import Ticket
from hotline.wire.tickets import NewTicket


def weigh(city: City, new: NewTicket, *, chosen: bool = False) -> tuple[str, str]:
    """Return how urgent a new matter is, and why; no why where nobody and nothing says more than ordinary.

    chosen  a person at the desk said so with the words before the eyes
    """
    heard, said = city.ears.hear(new.text, new.title), new.urgency or "normal"
    if chosen and new.urgency and said != heard.grade:
        return said, f"登记人员定为{named(said)}（{heard.why}）" if heard.grade else _urgency_reason(said, "登记人员")
    if graver(heard.grade, said):
        return heard.grade, why(heard)
    return said, why(heard) if heard.grade == said else _urgency_reason(said, "来件")


def signs(city: City, text: str, title: str) -> Signals:
    """Return kind, urgency and watch lists of a text, each with its words."""
    heard = city.ears.hear(text, title)
    urgency = Signal(named(heard.grade), heard.words) if heard.grade else Signal("")
    return msgspec.structs.replace(signals.read(text, title, city.signals), urgency=urgency)


def apart(tickets: Sequence[Ticket], found: dict[UUID, Repeat]) -> tuple[dict[UUID, Repeat], dict[UUID, str]]:
    """Return the repeats that may join by machine; a critical matter stays its own, its likely partner in words."""
    critical = found.keys() & _critical(tickets)
    likely = {
        key: f"与在办工单 {found[key].number} 可能是同一事项（{found[key].why}）；特急件不自动合并，请人工核对"
        for key in critical
    }
    return {key: repeat for key, repeat in found.items() if key not in critical}, likely


def listen(db: Session, city: City, ticket: Ticket, words: str, now: datetime) -> None:
    """Raise a locked ticket where words added to it tell of a danger graver than it is held for."""
    heard = city.ears.hear(words)
    if graver(heard.grade, ticket.urgency) and may(ticket, Move.RAISE):
        grade(db, city, ticket, Move.RAISE, heard.grade, CLOCKWORK, now, said=why(heard), note="补充内容中听到险情")


def grade(
    db: Session, city: City, ticket: Ticket, move: Move, to: str, actor: Actor, now: datetime, *, said: str, note: str
) -> None:
    """Make a locked ticket more or less urgent (提级, 降级); its clocks are planned anew.  said: why"""
    promise.advance(
        db,
        city,
        ticket,
        move,
        actor,
        now,
        note=note,
        why={"urgency": said},
        facts=Facts(urgency=to),
        changes={"urgency": to, "why": {**ticket.why, "urgency": said}},
    )


def may(ticket: Ticket, move: Move) -> bool:
    """Return whether the table has this move from where the ticket stands."""
    return State(ticket.state) in lifecycle.MOVES[move].origins


def graver(one: str, other: str) -> bool:
    """Return whether one urgency is graver than another; "" is none."""
    return bool(one) and GRAVITY[Urgency(one)] > GRAVITY[Urgency(other)]


def why(heard: Heard) -> str:
    """Return the reason of what was heard, with the urgency it leads to."""
    return f"{named(heard.grade)}：{heard.why}"


def named(urgency: str) -> str:
    """Return what an urgency is called."""
    return URGENCY_NAMES[Urgency(urgency)]


def _urgency_reason(urgency: str, who: str) -> str:
    return "" if urgency == Urgency.NORMAL else f"{who}定为{named(urgency)}"


def _critical(tickets: Sequence[Ticket]) -> set[UUID]:
    return {ticket.id for ticket in tickets if ticket.urgency == Urgency.CRITICAL}
