"""Steps 2 to 5 strung together: what, where, who, by when; one ticket or a file of them, in the same few statements.

A new matter that repeats one in progress joins it (同诉): same caller and nearly the same words, the same words from
the same address, or an open ticket's number quoted in the text.  What no rule settles is left for a person, with why.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import text as words
from dispatch.lifecycle import State
from hotline.city import City
from hotline.flow import alike, classify, locate, moves, promise, repeats, route, units
from hotline.flow.classify import Classified
from hotline.flow.locate import Placed
from hotline.flow.moves import CLOCKWORK, Step
from hotline.flow.promise import Planner
from hotline.flow.route import Chosen
from hotline.flow.units import Usual
from hotline.people import Actor
from hotline.store import bulk
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket, carry

ASSIGNMENT, TICKET = METADATA.tables["assignment"], METADATA.tables["ticket"]


class Triaged(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a ticket: "joined", "routed", or left for a "person"; and every why."""

    number: str
    outcome: str
    why: dict[str, str]


class _Written(msgspec.Struct):
    """The rows a batch is going to write."""

    steps: list[Step] = []
    clocks: list[dict[str, Any]] = []
    assignments: list[dict[str, Any]] = []


def waiting(
    db: Session, city: City, now: datetime, limit: int = 100, ids: Sequence[UUID] | None = None
) -> list[Triaged]:
    """Triage tickets nobody has looked at yet, oldest first: of `ids`, or any; two workers never take the same."""
    untouched = [TICKET.c.region == city.region, TICKET.c.state == State.RECEIVED.value, TICKET.c.seq == 1]
    untouched += [TICKET.c.id.in_(ids)] if ids is not None else []
    query = sa.select(TICKET).where(*untouched).order_by(TICKET.c.id).limit(limit).with_for_update(skip_locked=True)
    return batch(db, city, carry(db, query), now)


def batch(db: Session, city: City, tickets: Sequence[Ticket], now: datetime) -> list[Triaged]:
    """Triage tickets that were just received (and are locked, or not yet seen by anybody else)."""
    if not tickets:
        return []
    for ticket in tickets:
        ticket.text_digest = words.digest(ticket.text)  # 20 microseconds the intake does not wait for
    old = repeats.find(db, city, [ticket for ticket in tickets if not ticket.quiet], now)
    fresh = [ticket for ticket in tickets if ticket.id not in old]
    on = city.day(now)
    areas = dict(zip((one.id for one in fresh), classify.many(city, fresh), strict=True))
    places = dict(zip((one.id for one in fresh), locate.many(city, fresh, on), strict=True))
    planner, written = Planner(city), _Written([], [], [])
    outcomes = []
    for ticket in tickets:
        at = (ticket.dispatched_at or ticket.received_at) if ticket.quiet else now
        if ticket.id in old:
            outcomes.append(_join(written, ticket, old[ticket.id], at))
        else:
            outcomes.append(_place(written, city, planner, ticket, areas[ticket.id], places[ticket.id], at))
    moves.make_many(db, written.steps)
    promise.add(db, written.clocks)
    bulk.insert(db, ASSIGNMENT, written.assignments)
    alike.keep(db, city, fresh)
    repeats.count(db, old, CLOCKWORK, now)
    return outcomes


def _join(written: _Written, ticket: Ticket, old: repeats.Repeat, at: datetime) -> Triaged:
    why = {**ticket.why, "join": old.why}
    written.steps.append(
        Step(
            ticket=ticket, move="join", actor=CLOCKWORK, at=at, note=f"并入 {old.number}", why={"join": old.why},
            public=True, changes={"joined_to": old.id, "why": why, "text_digest": ticket.text_digest},
        )
    )  # fmt: skip
    return Triaged(number=ticket.number, outcome="joined", why=why)


def _place(
    written: _Written, city: City, planner: Planner, ticket: Ticket, what: Classified, where: Placed, at: datetime
) -> Triaged:
    on = city.day(at)
    who, found, area = _who(city, ticket, what, where, on)
    what = what if area == what.area else _as_sent(city, what, area)
    why = {**ticket.why, "classify": what.why, "locate": where.why, "route": who.why}
    why |= {"usual": found.why} if found and not who.unit else {}
    changes = {
        "area": what.area, "area_confidence": what.confidence, "grid": where.grid, "community": where.community,
        "street": where.street, "district": where.district, "leader": where.leader, "edition": city.edition, "why": why,
        "text_digest": ticket.text_digest,
    }  # fmt: skip
    said = {"classify": what.why, "locate": where.why} | ({} if who.unit else {"route": who.why})
    written.steps.append(
        Step(
            ticket=ticket,
            move="classify",
            actor=CLOCKWORK,
            at=at,
            why=said,
            changes=changes,
            facts={"area": what.area, "urgency": ticket.urgency} | _guessed(what, found),
        )
    )
    if not who.unit:
        plans = planner.plans("receive", ticket.received_at, ticket.urgency, what.area)
        written.clocks += promise.rows(ticket, plans, planner)[0]
        return Triaged(number=ticket.number, outcome="person", why=why)
    plans = planner.plans("route", at, ticket.urgency, what.area, (), who.unit)
    rows, clocks = promise.rows(ticket, plans, planner, who.unit, who.helpers, who.limits)
    why["promise"] = promise.explained(clocks)
    written.steps.append(dispatched(ticket, who, promise.due_columns(clocks), moves.CLOCKWORK, at, why))
    written.clocks += rows
    written.assignments += hands(ticket, who, where.leader, at)
    return Triaged(number=ticket.number, outcome="routed", why=why)


def _who(city: City, ticket: Ticket, what: Classified, where: Placed, on: date) -> tuple[Chosen, Usual | None, str]:
    """Return who must act, who usually does (None where a person said who), and the area it goes under."""
    if ticket.unit:
        return route.by_person(city, ticket.unit, "历史记录" if ticket.quiet else "登记人员"), None, what.area
    table = _by_rule(city, ticket, units.likely(what), where.finest, on)
    beside = units.of_new(city, what, where, ticket.source, ticket.received_at)
    found = units.usual(city, ticket.text, ticket.title, beside)
    who, area = units.weigh(city, what, table, found)
    return who, found, area


def _as_sent(city: City, what: Classified, area: str) -> Classified:
    """Return what a matter goes under whose unit is certain and whose area is only likely."""
    why = f"{what.why}；承办单位已由责任表和模型一致确定，暂按最可能的“{city.area_label(area)}”办理"
    return msgspec.structs.replace(what, area=area, why=why)


def _guessed(what: Classified, found: Usual | None) -> dict[str, str]:
    sure = "yes" if what.sure else "no"
    said = {"guess": what.guessed, "sure": sure, "model": what.model} if what.model else {}
    return said | ({"usual": found.unit} if found else {})


def _by_rule(city: City, ticket: Ticket, area: str, place: str | None, on: date) -> Chosen:
    text, kind = f"{ticket.title}\n{ticket.text}", route.caller_kind(ticket.extra)
    return route.by_rule(city, area, place, on, at=ticket.received_at, text=text, caller_kind=kind)


def dispatched(
    ticket: Ticket, who: Chosen, due: dict[str, Any], actor: Actor, at: datetime, why: dict[str, str]
) -> Step:
    """Return the step that gives a ticket to a unit.  The citizen's promises keep their first moment."""
    changes = {
        "unit": who.unit, "helpers": list(who.helpers), "dispatched_at": ticket.dispatched_at or at,
        "dispatches": ticket.dispatches + 1, "why": why,
    }  # fmt: skip
    due = {"progress_due_at": ticket.progress_due_at, "due_at": ticket.due_at} | due
    said = {key: text for key, text in why.items() if key in {"route", "promise"}}
    facts: dict[str, Any] = {
        "unit": who.unit,
        "helpers": list(who.helpers),
        "area": ticket.area,
        "urgency": ticket.urgency,
    }
    facts |= {"limit": who.limits} if who.limits is not None else {}
    return Step(
        ticket=ticket, move="route", actor=actor, at=at, why=said, facts=facts, public=True, changes=changes | due
    )


def hands(ticket: Ticket, who: Chosen, leader: str, at: datetime) -> list[dict[str, Any]]:
    """Return the assignment rows: lead unit (牵头), helpers (协办), grid leader."""
    given = [("lead", who.unit, ""), *(("help", unit, "") for unit in who.helpers)]
    given += [("grid", "", leader)] if leader else []
    return [
        {
            "id": new_id(at), "region": ticket.region, "ticket_id": ticket.id, "role": role, "unit": unit,
            "login": login, "assigned_at": at, "signed_at": None, "ended_at": None, "ended_by": "",
            "answer": "", "answered_at": None, "whistle": "", "helped": None,
        }
        for role, unit, login in given
    ]  # fmt: skip


def end_hands(db: Session, ticket: Ticket, move: str, at: datetime) -> None:
    """Note that the ticket has left all hands that held it."""
    still = ASSIGNMENT.c.ticket_id == ticket.id, ASSIGNMENT.c.ended_at.is_(None)
    db.execute(sa.update(ASSIGNMENT).where(*still).values(ended_at=at, ended_by=move))
