"""Triage, steps 2 to 5 in a row for one ticket or a batch: what, where, who, by when.

`think` concludes and only reads; `batch` writes what was concluded, so that nobody waits for a text behind the writer.
A new matter that repeats one in progress joins it (同诉): same caller and nearly the same words, the same words from
the same address, or an open ticket's number quoted in the text.  What no rule settles is left for a person, with why.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import text as words
from dispatch.lifecycle import Move, State
from hotline import city as cities
from hotline.city import City
from hotline.flow import alike, assignments, classify, danger, locate, moves, promise, repeats, route, units
from hotline.flow.classify import Classified
from hotline.flow.locate import Placed
from hotline.flow.moves import CLOCKWORK, Step
from hotline.flow.promise import Planner
from hotline.flow.repeats import Repeat
from hotline.flow.route import Chosen
from hotline.flow.units import Usual
from hotline.people import Actor
from hotline.store import bulk
from hotline.store import signatures as index
from hotline.store.changes import TicketChanges
from hotline.store.columns import col, table_of
from hotline.store.facts import Facts
from hotline.store.outbox import OutboxRow
from hotline.store.signatures import Signed
from hotline.store.tickets import IS_OPEN, Assignment, ClockRow, Ticket, TicketRow, by_number, carry

ASSIGNMENT, TICKET = table_of(Assignment), table_of(TicketRow)
_RUNS = sa.exists().where(col(ClockRow.ticket_id) == col(TicketRow.id), col(ClockRow.stopped_at).is_(None))
# just received, or out of a merge (拆分) and nobody's yet
_UNSEEN = sa.or_(col(TicketRow.edition) == "", sa.and_(col(TicketRow.promised_from).is_not(None), ~_RUNS))
THOUGHTS = "thoughts"  # in the `info` of a session: what was concluded before its transaction began


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


class Opinion(msgspec.Struct, frozen=True):
    """What the rules make of a ticket that repeats nothing: what, where, who; who usually has it; its index entry."""

    what: Classified
    where: Placed
    who: Chosen
    usual: Usual | None
    signed: Signed


class Thought(msgspec.Struct, frozen=True):
    """What was concluded of one ticket before its rows are written.  `opinion` is None for one that repeats another.

    likely  the matter a critical one may repeat, in words: it stays its own
    """

    digest: str
    repeat: Repeat | None
    opinion: Opinion | None
    likely: str = ""


class Thoughts(msgspec.Struct, frozen=True):
    """What was concluded of tickets, by id, under the rules of `city`: under others it is worth nothing."""

    city: City
    of: dict[UUID, Thought]


def waiting(
    db: Session,
    city: City,
    now: datetime,
    limit: int = 100,
    ids: Sequence[UUID] | None = None,
    thoughts: Thoughts | None = None,
) -> list[Triaged]:
    """Triage tickets nobody has looked at yet, oldest first: of `ids`, or any; two workers never take the same.

    One that somebody else holds is left: ask `untouched` which.
    """
    query = _wanted(city, limit, ids).with_for_update(skip_locked=True)
    return batch(db, city, carry(db, query), now, thoughts)


def received(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> list[OutboxRow]:
    """Steps 2 to 5, after `receive`: all these tickets in one batch, the classifier asked once.

    What somebody else holds just now is left: its events are returned.
    """
    keys = [event.ticket_id for event in events]
    if len(waiting(db, city, now, len(events), keys, db.info.get(THOUGHTS))) == len(set(keys)):
        return []
    left = untouched(db, city.region, keys)
    return [event for event in events if event.ticket_id in left]


def untouched(db: Session, region: str, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these tickets still wait for their triage."""
    return set(
        db.execute(sa.select(col(TicketRow.id)).where(*_untouched(region), col(TicketRow.id).in_(ids))).scalars()
    )


def is_untouched(ticket: Ticket) -> bool:
    """Return whether a ticket still waits for its triage, which gives it its edition.

    What people wrote, urged or corrected meanwhile keeps it waiting all the same.
    """
    return ticket.state == State.RECEIVED.value and not ticket.edition


def _untouched(region: str) -> list[sa.ColumnElement[bool] | sa.TextClause]:
    return [col(TicketRow.region) == region, col(TicketRow.state) == State.RECEIVED.value, IS_OPEN, _UNSEEN]


def _wanted(city: City, limit: int, ids: Sequence[UUID] | None) -> sa.Select[Any]:
    wanted = _untouched(city.region) + ([col(TicketRow.id).in_(ids)] if ids is not None else [])
    return sa.select(TICKET).where(*wanted).order_by(col(TicketRow.id)).limit(limit)


def ahead(db: Session, city: City, now: datetime, limit: int = 100, ids: Sequence[UUID] | None = None) -> Thoughts:
    """Return what `waiting` would conclude of the same tickets; for a reading transaction: it may take its time."""
    return think(db, city, carry(db, _wanted(city, limit, ids)), now)


def of_number(db: Session, city: City, number: str, now: datetime) -> Thoughts:
    """Return what the rules conclude of one ticket.  raises NoSuchTicket"""
    return think(db, city, [by_number(db, city.region, number)], now)


def think(
    db: Session,
    city: City,
    tickets: Sequence[Ticket],
    now: datetime,
    known: Mapping[UUID, Thought] | None = None,
) -> Thoughts:
    """Return what the rules conclude of tickets nobody has touched; writes nothing.

    known   of these only the repeats are looked for again
    """
    for ticket in tickets:
        ticket.text_digest = words.digest(ticket.text)  # 20 microseconds the intake does not wait for
    asked = [ticket for ticket in tickets if not ticket.quiet and ticket.promised_from is None]
    old, likely = danger.apart(asked, repeats.find(db, city, asked, now) if asked else {})
    held = {key: thought.opinion for key, thought in (known or {}).items()}
    fresh = [ticket for ticket in tickets if ticket.id not in old and held.get(ticket.id) is None]
    held |= _opinions(city, fresh, now)
    return Thoughts(
        city,
        {
            one.id: Thought(
                one.text_digest, old.get(one.id), None if one.id in old else held[one.id], likely.get(one.id, "")
            )
            for one in tickets
        },
    )


def _opinions(city: City, tickets: Sequence[Ticket], now: datetime) -> dict[UUID, Opinion]:
    areas, places = classify.many(city, tickets), locate.many(city, tickets, city.day(now))
    found = {}
    for ticket, what, where in zip(tickets, areas, places, strict=True):
        who, usual, area = _who(city, ticket, what, where, city.day(_moment(ticket, now)))
        sent = what if area == what.area else _as_sent(city, what, area)
        found[ticket.id] = Opinion(sent, where, who, usual, alike.signed(city, ticket))
    return found


def batch(
    db: Session, city: City, tickets: Sequence[Ticket], now: datetime, thoughts: Thoughts | None = None
) -> list[Triaged]:
    """Triage tickets that were just received (and are locked, or not yet seen by anybody else).

    thoughts   what was concluded before the transaction began, so that only rows are written in it.  What is missing,
               was concluded under other rules, or rests on a matter that has ended since is concluded anew
    """
    if not tickets:
        return []
    of, mains = _settled(db, city, tickets, now, thoughts)
    tickets = [ticket for ticket in tickets if ticket.id in of]
    planner, written = Planner(city), _Written([], [], [])
    outcomes, joined, signed = [], dict[UUID, Repeat](), list[Signed]()
    for ticket in tickets:
        thought, at = of[ticket.id], _moment(ticket, now)
        ticket.text_digest = thought.digest
        ticket.why = ticket.why | ({"likely": thought.likely} if thought.likely else {})
        if thought.repeat is not None:
            joined[ticket.id] = thought.repeat
            outcomes.append(_join(written, ticket, thought.repeat, at))
        elif thought.opinion is not None:
            signed.append(thought.opinion.signed)
            plans = planner if ticket.edition in ("", city.edition) else _planner_of(db, city, ticket)
            outcomes.append(_place(written, city, plans, ticket, thought.opinion, at))
    moves.make_many(db, written.steps)
    promise.add(db, written.clocks)
    bulk.insert(db, ASSIGNMENT, written.assignments)
    index.put(db, city.region, signed)
    repeats.count(db, mains, joined, CLOCKWORK, now)
    return outcomes


def _settled(
    db: Session, city: City, tickets: Sequence[Ticket], now: datetime, thoughts: Thoughts | None
) -> tuple[dict[UUID, Thought], list[Ticket]]:
    """Return the thoughts where they still hold, else new ones; and the matters that are joined, locked.

    Of a ticket whose matter somebody else holds nothing is returned: it is looked at again.
    """
    known = thoughts.of if thoughts is not None and thoughts.city is city else {}
    known = {ticket.id: known[ticket.id] for ticket in tickets if ticket.id in known}
    of = known if len(known) == len(tickets) else think(db, city, tickets, now, known).of
    found = {key: thought.repeat for key, thought in of.items() if thought.repeat is not None}
    kept, likely = danger.apart(tickets, found)  # somebody may have raised one meanwhile
    held = repeats.lock_matters(db, kept, tickets)
    ended = [ticket for ticket in tickets if ticket.id in found.keys() - held.repeats.keys() - held.busy]
    own = _opinions(city, ended, now) if ended else {}
    of = of | {key: Thought(of[key].digest, None, said, likely.get(key, "")) for key, said in own.items()}
    return {key: thought for key, thought in of.items() if key not in held.busy}, held.mains


def _planner_of(db: Session, city: City, ticket: Ticket) -> Planner:
    """Return the planner of the rules that a ticket out of a merge was received under."""
    return Planner(city, cities.rulebook_of(db, city, ticket.edition))


def _moment(ticket: Ticket, now: datetime) -> datetime:
    """Return when a ticket is triaged: now, or in a history when it was sent out."""
    return (ticket.dispatched_at or ticket.received_at) if ticket.quiet else now


def _join(written: _Written, ticket: Ticket, old: Repeat, at: datetime) -> Triaged:
    why = {**ticket.why, "join": old.why}
    written.steps.append(
        Step(
            ticket=ticket,
            move=Move.JOIN,
            actor=CLOCKWORK,
            at=at,
            note=f"并入 {old.number}",
            why={"join": old.why},
            public=True,
            changes={"joined_to": old.id, "why": why, "text_digest": ticket.text_digest},
        )
    )
    return Triaged(number=ticket.number, outcome="joined", why=why)


def _place(written: _Written, city: City, planner: Planner, ticket: Ticket, said: Opinion, at: datetime) -> Triaged:
    what, where, who, found = said.what, said.where, said.who, said.usual
    why = {**ticket.why, "classify": what.why, "locate": where.why, "route": who.why}
    why |= {"usual": found.why} if found and not who.unit else {}
    changes: TicketChanges = {
        "area": what.area,
        "area_confidence": what.confidence,
        "grid": where.grid,
        "community": where.community,
        "street": where.street,
        "district": where.district,
        "leader": where.leader,
        "edition": ticket.edition or city.edition,
        "why": why,
        "text_digest": ticket.text_digest,
    }
    told = {"classify": what.why, "locate": where.why} | ({} if who.unit else {"route": who.why})
    written.steps.append(
        Step(
            ticket=ticket,
            move=Move.CLASSIFY,
            actor=CLOCKWORK,
            at=at,
            why=told,
            changes=changes,
            facts=_guessed(what, found, ticket),
        )
    )
    if not who.unit:
        plans = planner.plans(Move.RECEIVE, ticket.received_at, ticket.urgency, what.area)
        written.clocks += promise.rows(ticket, plans, planner)[0]
        return Triaged(number=ticket.number, outcome="person", why=why)
    plans = planner.plans(Move.ROUTE, at, ticket.urgency, what.area, (), who.unit, ticket.promised_from)
    rows, clocks = promise.rows(ticket, plans, planner, who.unit, who.helpers, who.limits, at)
    why["promise"] = promise.explained(clocks)
    written.steps.append(dispatched(ticket, who, promise.due_columns(clocks), moves.CLOCKWORK, at, why))
    written.clocks += rows
    written.assignments += assignments.given(ticket, who, where.leader, at)
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


def _guessed(what: Classified, found: Usual | None, ticket: Ticket) -> Facts:
    by_model = bool(what.model)
    return Facts(
        area=what.area,
        urgency=ticket.urgency,
        guess=what.guessed if by_model else None,
        sure=("yes" if what.sure else "no") if by_model else None,
        model=what.model or None,
        usual=found.unit if found else None,
    )


def _by_rule(city: City, ticket: Ticket, area: str, place: str | None, on: date) -> Chosen:
    text, kind = f"{ticket.title}\n{ticket.text}", route.caller_kind(ticket.extra)
    return route.by_rule(city, area, place, on, at=ticket.received_at, text=text, caller_kind=kind)


def dispatched(
    ticket: Ticket, who: Chosen, due: TicketChanges, actor: Actor, at: datetime, why: dict[str, str]
) -> Step:
    """Return the step that gives a ticket to a unit.  The citizen's promises keep their first moment."""
    changes: TicketChanges = {
        "unit": who.unit,
        "helpers": list(who.helpers),
        "dispatched_at": ticket.dispatched_at or at,
        "dispatches": ticket.dispatches + 1,
        "why": why,
    }
    dues: TicketChanges = {"progress_due_at": ticket.progress_due_at, "due_at": ticket.due_at}
    said = {key: text for key, text in why.items() if key in {"route", "promise"}}
    since = ticket.promised_from if ticket.dispatched_at is None else None
    facts = Facts(
        unit=who.unit,
        helpers=who.helpers,
        area=ticket.area,
        urgency=ticket.urgency,
        limit=who.limits,
        since=since.isoformat() if since else None,
    )
    return Step(
        ticket=ticket,
        move=Move.ROUTE,
        actor=actor,
        at=at,
        why=said,
        facts=facts,
        public=True,
        changes=changes | dues | due,
    )
