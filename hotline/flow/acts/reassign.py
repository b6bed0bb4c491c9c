"""Reassignment (改派) of a wrong dispatch, and the question of whose a ticket is after its area or place is corrected.

The unit that takes it over has fresh hands and its own time from now; what the citizen was promised runs on.
"""

from datetime import datetime

from sqlmodel import Session

from dispatch import lifecycle
from dispatch.calendar import deadline_text
from dispatch.clocks import Running
from dispatch.deadlines import CLOCK_NAMES
from dispatch.lifecycle import Move, State
from dispatch.roles import ROLE_NAMES
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, UnitAsked
from hotline.flow import handle, locate, promise
from hotline.flow import route as routes
from hotline.flow.route import Chosen
from hotline.people import Me
from hotline.store.changes import TicketChanges
from hotline.store.facts import NONE, Facts
from hotline.store.tickets import Ticket
from hotline.wire.moves import Corrected, Reassigned

IN_HAND = frozenset({State.ROUTED, State.SIGNED, State.LACKING, State.PARKED, State.REVIEWING})  # a unit has it in hand


def reassign(db: Session, city: City, number: str, said: Reassigned, me: Me, now: datetime) -> Ticket:
    """Take a ticket from the unit that has it in hand and give it to another (改派).  raises BadValue: the same unit"""
    ticket = handle.locked_ticket(db, number, me, said.seq)
    handle.check_units(city, said.unit, *said.helpers)
    _give(db, city, ticket, Chosen(unit=said.unit, helpers=said.helpers, why=""), said.reason, me, now)
    return ticket


def _give(db: Session, city: City, ticket: Ticket, chosen: Chosen, reason: str, me: Me, now: datetime) -> None:
    """Put a locked ticket into other hands; not signed for yet, it is dispatched anew.  What stands still goes on."""
    move = Move.ROUTE if ticket.state == State.ROUTED else Move.REASSIGN
    lifecycle.after(State(ticket.state), move, me.role, ticket.pending)
    if chosen.unit == ticket.unit:
        raise BadValue(
            "unit",
            Message(
                "工单 %(number)s 已由%(unit)s承办，请选择另一个单位",
                number=ticket.number,
                unit=city.unit_name(ticket.unit),
            ),
        )
    who, left = f"{ROLE_NAMES[me.role]}{me.name}", ticket.unit
    if ticket.state in (State.LACKING, State.PARKED):
        promise.advance(db, city, ticket, Move.RESUME, me.actor, now, note=f"改派其他单位，恢复计时：{reason}")
    why = f"由{who}从{city.unit_name(left)}改派{city.unit_name(chosen.unit)}：{reason}"
    given = Chosen(unit=chosen.unit, helpers=chosen.helpers, why=why, limits=chosen.limits)
    handle.give(db, city, ticket, move, given, me.actor, now, note=reason, giver=left)


def correct(db: Session, city: City, number: str, said: Corrected, me: Me, now: datetime) -> Ticket:
    """Correct what a ticket is about, where it is (定事项地点), whether it is complex (复杂).

    The promises of the area it is now about count, from the same start.  Where a unit has it in hand and the duty table
    names another, whoever corrects says what becomes of it (`then`): kept, or given over at once.  raises UnitAsked
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    changes, why = _corrections(city, ticket, said, f"{ROLE_NAMES[me.role]}{me.name}", now)
    moved = any(changes.get(name, getattr(ticket, name)) != getattr(ticket, name) for name in ("area", "grid"))
    for name, value in changes.items():
        setattr(ticket, name, value)  # the clocks and the duty table ask for them before they are kept
    owner = _owner(city, ticket, now) if moved and ticket.state in IN_HAND else None
    if owner is not None and not said.then:
        raise UnitAsked(city.unit_name(owner.unit), city.unit_name(ticket.unit), owner.unit)
    if owner is not None and said.then == "keep":
        why["route"] = f"由{ROLE_NAMES[me.role]}{me.name}决定仍由{city.unit_name(ticket.unit)}承办（{owner.why}）"
    told = {key: text for key, text in why.items() if text != ticket.why.get(key)}
    told |= _limits(db, city, ticket, now) if "area" in changes else {}
    promise.advance(
        db,
        city,
        ticket,
        Move.CLASSIFY,
        me.actor,
        now,
        note=said.note,
        why=told,
        changes={**changes, "why": why},
        facts=Facts(area=ticket.area, replan=True) if "area" in changes else NONE,
    )
    if owner is not None and said.then == "reassign":
        _give(db, city, ticket, owner, said.note or owner.why, me, now)
    return ticket


def _corrections(
    city: City, ticket: Ticket, said: Corrected, who: str, now: datetime
) -> tuple[TicketChanges, dict[str, str]]:
    """Return the columns a correction changes, and the ticket's whys after it.  raises BadValue"""
    changes: TicketChanges = {}
    why = dict(ticket.why)
    if said.area:
        area = city.taxonomy.find(said.area)
        if area is None:
            raise BadValue(
                "area", Message("事项“%(area)s”不在责任清单（%(edition)s）中", area=said.area, edition=city.edition)
            )
        why["classify"] = f"由{who}改为“{city.area_label(area.code)}”"
        changes |= {"area": area.code, "area_confidence": 1.0}
    if said.grid:
        if said.grid not in city.tree:
            raise BadValue(
                "grid", Message("网格编码“%(grid)s”不在网格库（%(edition)s）中", grid=said.grid, edition=city.edition)
            )
        place = locate.chosen(city, said.grid, city.day(now))
        why["locate"] = f"由{who}改为“{city.place_name(said.grid)}”"
        changes |= {
            "grid": place.grid,
            "community": place.community,
            "street": place.street,
            "district": place.district,
            "leader": place.leader,
        }
    if said.hard is not None and said.hard != ticket.hard:
        why["hard"] = f"由{who}定为{'复杂' if said.hard else '一般'}事项"
        changes["hard"] = said.hard
    return changes, why


def _owner(city: City, ticket: Ticket, now: datetime) -> Chosen | None:
    """Return whom the duty table names for the matter as it is known now, None for nobody else than who has it."""
    found = routes.by_rule(
        city,
        ticket.area,
        ticket.grid or ticket.community or None,
        city.day(now),
        at=ticket.received_at,
        text=f"{ticket.title}\n{ticket.text}",
        caller_kind=routes.caller_kind(ticket.extra),
    )
    return found if found.unit and found.unit != ticket.unit else None


def _limits(db: Session, city: City, ticket: Ticket, now: datetime) -> dict[str, str]:
    """Return which limits the promises of the corrected matter move, {} for none."""
    after = promise.foreseen(db, city, ticket, Move.CLASSIFY, now, replan=True)
    moved = [
        (was, one) for was, one in zip(promise.of_ticket(db, ticket), after, strict=False) if was.due_at != one.due_at
    ]
    said = "；".join(_moved(city, was, one) for was, one in moved)
    return {"promise": f"按更正后的事项重新计算：{said}"} if said else {}


def _moved(city: City, was: Running, one: Running) -> str:
    old, new = (deadline_text(due, city.rulebook.calendar) for due in (was.due_at, one.due_at))
    return f"{CLOCK_NAMES[one.clock]}时限由{old}改至{new}"
