"""Writes the notices (站内通知) of a move: to units, grid leaders and roles.

A notice's id follows from its event, so telling twice tells once.

Addressed to a unit, to a person (the grid leader), or to a role (login "@dispatcher").
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import escalation
from dispatch.calendar import deadline_text
from dispatch.deadlines import CLOCK_NAMES, Urgency
from dispatch.lifecycle import MOVES, Move
from dispatch.roles import Role
from hotline.city import City
from hotline.store import bulk
from hotline.store.columns import col, table_of, values_of
from hotline.store.outbox import Notice, OutboxRow
from hotline.store.requests import OpinionRow
from hotline.store.tickets import Alarm, Assignment, ClockRow, Ticket, TicketRow, carry

TICKET, NOTICE, CLOCK, ALARM = table_of(TicketRow), table_of(Notice), table_of(ClockRow), table_of(Alarm)
URGENT = {"urgent": "【紧急】", "critical": "【特急】"}


def holders(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell lead unit, helpers and grid leader: a ticket came, came back, or grew (派单, 重办, 并入, 催办)."""
    rows = []
    for event, ticket in _tickets(db, events):
        text = f"{_head(ticket, event.move)}，{_limit(city, ticket)}"
        units = [unit for unit in (ticket.unit, *ticket.helpers) if unit]
        rows += [_notice(event, ticket, text, now, unit=unit) for unit in units]
        rows += [_notice(event, ticket, text, now, login=ticket.leader)] if ticket.leader else []
    _post(db, rows)


def former(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the units a ticket was taken from (改派) that it is theirs no longer."""
    keys = [event.ticket_id for event in events]
    over = col(Assignment.ticket_id).in_(keys), col(Assignment.ended_by) == Move.REASSIGN, col(Assignment.unit) != ""
    had = db.execute(
        sa.select(col(Assignment.ticket_id), col(Assignment.ended_at), col(Assignment.unit)).where(*over)
    ).all()
    rows = []
    for event, ticket in _tickets(db, events):
        text = f"{_head(ticket, event.move)}，改由{city.unit_name(ticket.unit)}承办"
        lost = {row.unit for row in had if (row.ticket_id, row.ended_at) == (ticket.id, event.at)}
        rows += [_notice(event, ticket, text, now, unit=unit) for unit in sorted(lost - {ticket.unit, *ticket.helpers})]
    _post(db, rows)


def dispatchers(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the dispatchers: a ticket was returned (退单) and waits for them."""
    del city
    rows = [
        _notice(event, ticket, f"{_head(ticket, event.move)}，{ticket.why.get('return', '')}", now, login="@dispatcher")
        for event, ticket in _tickets(db, events)
    ]
    _post(db, rows)


def heads(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell dispatchers and supervisors of critical matters (特急) at once, with the words that made them so."""
    keys = {event.ticket_id for event in events}
    grave = col(TicketRow.id).in_(keys), col(TicketRow.urgency) == Urgency.CRITICAL, col(TicketRow.quiet).is_(False)
    found = {ticket.id: ticket for ticket in carry(db, sa.select(TICKET).where(*grave))}
    rows = []
    for event in events:
        if ticket := found.get(event.ticket_id):
            told = [_head(ticket, event.move), ticket.why.get("urgency", ""), _unit(city, ticket)]
            text = "，".join(part for part in told if part)
            rows += [_notice(event, ticket, text, now, login=f"@{who}") for who in (Role.DISPATCHER, Role.SUPERVISOR)]
    _post(db, rows)


def _unit(city: City, ticket: Ticket) -> str:
    return f"已派{city.unit_name(ticket.unit)}" if ticket.unit else "尚未派单"


def readers(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the dispatchers that a result waits to be read."""
    role(db, city, events, now, Role.DISPATCHER)


def desk(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the operators that a caller must be asked for more."""
    role(db, city, events, now, Role.AGENT)


def role(db: Session, city: City, events: Sequence[OutboxRow], now: datetime, who: Role) -> None:
    """Tell everybody of a role."""
    del city
    found = _tickets(db, events)
    _post(db, [_notice(event, ticket, _head(ticket, event.move), now, login=f"@{who}") for event, ticket in found])


def deciders(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell who may decide: of a request those the table of moves lets decide it, of a card the supervisors."""
    del city
    rows = []
    for event, ticket in _tickets(db, events):
        kind = MOVES[event.move].opens
        who = {one for move in MOVES.values() if kind and move.decides == kind for one in move.who} or {Role.SUPERVISOR}
        text = _head(ticket, event.move)
        rows += [_notice(event, ticket, text, now, login=f"@{one}") for one in sorted(who - {Role.CLOCKWORK})]
    _post(db, rows)


def invited(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the units of a dispute (会商): who says nothing by then is bound by the ruling (缺席默认)."""
    rows = []
    keys = [event.ticket_id for event in events]
    asked = sa.select(col(OpinionRow.ticket_id), col(OpinionRow.unit)).where(
        col(OpinionRow.ticket_id).in_(keys), col(OpinionRow.ruled_at).is_(None)
    )
    by = sa.select(col(ClockRow.ticket_id), col(ClockRow.due_at)).where(
        col(ClockRow.ticket_id).in_(keys), col(ClockRow.clock) == "ruling", col(ClockRow.stopped_at).is_(None)
    )
    due = {row.ticket_id: deadline_text(row.due_at, city.rulebook.calendar) for row in db.execute(by)}
    units: dict[UUID, list[str]] = {}
    for row in db.execute(asked):
        units.setdefault(row.ticket_id, []).append(row.unit)
    for event, ticket in _tickets(db, events):
        limit = f"，请在{due[ticket.id]}前提出意见" if ticket.id in due else ""
        text = f"{_head(ticket, event.move)}{limit}，逾期未提出的按缺席默认受裁定约束"
        rows += [_notice(event, ticket, text, now, unit=unit) for unit in units.get(ticket.id, [])]
    _post(db, rows)


def whistled(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the units a grid leader has whistled for (吹哨) and that have not answered."""
    keys = [event.ticket_id for event in events]
    running = col(ClockRow.ticket_id).in_(keys), col(ClockRow.clock) == "whistle", col(ClockRow.stopped_at).is_(None)
    due = db.execute(sa.select(col(ClockRow.ticket_id), col(ClockRow.unit), col(ClockRow.due_at)).where(*running)).all()
    rows = []
    for event, ticket in _tickets(db, events):
        for row in due:
            if row.ticket_id == ticket.id:
                limit = deadline_text(row.due_at, city.rulebook.calendar)
                text = f"{_head(ticket, event.move)}，请到场并在{limit}前答复"
                rows.append(_notice(event, ticket, text, now, unit=row.unit))
    _post(db, rows)


def leaders(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell the grid leader alone: a ticket has come over from another (转网格, 移交)."""
    _post(
        db,
        [
            _notice(event, ticket, f"{_head(ticket, event.move)}，{_limit(city, ticket)}", now, login=ticket.leader)
            for event, ticket in _tickets(db, events)
            if ticket.leader
        ],
    )


def late(db: Session, city: City, events: Sequence[OutboxRow], now: datetime) -> None:
    """Tell whom the rung names (`to`) and, of a card, who bears it: the unit judged by that clock, or the desk's role.

    A card a supervisor gives without the ladder is the lead unit's.
    """
    rungs = _rungs(db, events)
    rows = []
    for event, ticket in _tickets(db, _highest(db, events)):
        own = [_Rung(Role.UNIT, "result" if ticket.unit else "dispatch", ticket.unit, None)]
        for one in rungs.get((event.ticket_id, event.move, event.at), own):
            limit = _limit(city, ticket) if one.due is None else _due(city, one.clock, one.due)
            text = f"{MOVES[event.move].label}：{_head(ticket)}，{limit}"
            units, roles = escalation.recipients(one.to, event.move, one.clock, one.unit)
            rows += [_notice(event, ticket, text, now, unit=unit) for unit in units]
            logins = [ticket.leader if role == Role.GRID_LEADER else f"@{role}" for role in roles]
            rows += [_notice(event, ticket, text, now, login=login) for login in logins if login]
    _post(db, rows)


class _Rung(NamedTuple):
    """A rung that acted: whom it tells, of which clock, who is judged by it, by when."""

    to: str
    clock: str
    unit: str
    due: datetime | None


def _rungs(db: Session, events: Sequence[OutboxRow]) -> dict[tuple[UUID, str, datetime], list[_Rung]]:
    """Return what acted, by ticket, move and moment; a proposed card acts when it is confirmed."""
    of_these = col(Alarm.ticket_id).in_([event.ticket_id for event in events])
    columns: list[Any] = [ALARM, col(ClockRow.ladder), col(ClockRow.clock), col(ClockRow.due_at).label("limit")]
    found: dict[tuple[UUID, str, datetime], list[_Rung]] = {}
    for row in db.execute(sa.select(*columns).join(CLOCK, col(ClockRow.id) == col(Alarm.clock_id)).where(of_these)):
        move, at = (row.card, row.decided_at) if row.decision == "confirmed" else (row.move, row.acted_at)
        to = escalation.planned(row.ladder[row.position]).to if 0 <= row.position < len(row.ladder) else Role.UNIT
        found.setdefault((row.ticket_id, move, at), []).append(_Rung(to, row.clock, row.unit, row.limit))
    return found


def _due(city: City, clock: str, due: datetime) -> str:
    return f"{CLOCK_NAMES[clock]}时限为{deadline_text(due, city.rulebook.calendar)}"


def _highest(db: Session, events: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Leave out rungs above which another acted in the same sweep on the same ticket and unit: one notice is enough.

    Two of the same height share the id their notices follow from.  The history keeps every line.
    """
    keys, moments = {event.ticket_id for event in events}, {event.at for event in events}
    columns = col(Alarm.ticket_id), col(Alarm.acted_at), col(Alarm.unit), col(Alarm.move)
    acted: dict[tuple[UUID, datetime], set[tuple[str, str]]] = {}
    for row in db.execute(sa.select(*columns).where(col(Alarm.ticket_id).in_(keys), col(Alarm.acted_at).in_(moments))):
        acted.setdefault((row.ticket_id, row.acted_at), set()).add((row.unit, row.move))
    found = []
    for event in events:
        here = {one for one in acted.get((event.ticket_id, event.at), set()) if one[1] in escalation.RANKS}
        of = {unit for unit, move in here if move == event.move}
        tops = {max(escalation.RANKS[move] for unit, move in here if unit == one) for one in of}
        if not tops or escalation.RANKS[event.move] in tops:
            same = uuid5(event.ticket_id, f"{event.at.isoformat()} {event.move}")
            found.append(event.model_copy(update={"id": UUID(bytes=event.id.bytes[:6] + same.bytes[6:])}))
    return found


def _tickets(db: Session, events: Sequence[OutboxRow]) -> list[tuple[OutboxRow, Ticket]]:
    held = carry(db, sa.select(TICKET).where(col(TicketRow.id).in_({event.ticket_id for event in events})))
    by_id = {ticket.id: ticket for ticket in held}
    return [(event, by_id[event.ticket_id]) for event in events]


def _head(ticket: Ticket, move: Move | None = None) -> str:
    label = f"{MOVES[move].label}：" if move else ""
    return f"{URGENT.get(ticket.urgency, '')}{label}{ticket.number} {ticket.title}"


def _limit(city: City, ticket: Ticket) -> str:
    due = ticket.progress_due_at if ticket.reported_at is None and ticket.progress_due_at else ticket.due_at
    if due is None:
        return "尚未派单"
    what = "报动态" if due == ticket.progress_due_at else "报结果"
    return f"请在{deadline_text(due, city.rulebook.calendar)}前{what}"


def _notice(
    event: OutboxRow, ticket: Ticket, text: str, now: datetime, *, unit: str = "", login: str = ""
) -> dict[str, Any]:
    return values_of(
        Notice,
        id=_id(event.id, f"{unit}/{login}"),
        region=event.region,
        unit=unit,
        login=login,
        number=ticket.number,
        kind=event.move,
        text=text,
        at=now,
        read_at=None,
    )


def _id(event: UUID, to: str) -> UUID:
    """Return an id that sorts by the event's moment and is the same whenever this is told to the same."""
    return UUID(bytes=event.bytes[:8] + uuid5(event, to).bytes[8:])


def _post(db: Session, rows: list[dict[str, Any]]) -> None:
    bulk.insert_new(db, NOTICE, rows)
