"""Requests that one person makes and another decides: 延期, 挂账, 作废, 不计入考核, 申诉.

A request stands in its own row and, while it waits, in `ticket.pending`; who decides never is who asked.
Sources: 凉政办发〔2018〕116号 art. 12 (no extension by oneself) and 16 (asked within the limit, at most 10 working
days); the grounds of exclusion are the city's own ([[exclusion]] in `city.toml`, after the practice of 临沂).
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol, TypedDict

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import extensions, lifecycle
from dispatch.calendar import deadline_text
from dispatch.errors import NotYours
from dispatch.extensions import Permission
from dispatch.lifecycle import ASKS, MOVES, Move, State
from dispatch.rulebook import Rulebook
from grids.messages import Message
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow import handle, promise
from hotline.people import Actor, Me
from hotline.store import tickets
from hotline.store.changes import TicketChanges
from hotline.store.columns import Values, col, columns_of, table_of, values_of
from hotline.store.facts import NONE, Facts
from hotline.store.ids import new_id
from hotline.store.requests import RequestRow
from hotline.store.tickets import CallbackRow, Ticket
from hotline.wire.moves import Asking, Decided

REQUEST, CALLBACK = table_of(RequestRow), table_of(CallbackRow)


class Data(TypedDict, total=False):
    """What a request asks for, and what was written with it."""

    days: int
    until: str
    ground: str
    note: str


def asking(move: Move) -> Callable[..., Ticket]:
    """Return the step that makes the request `move` opens (`flow.doors`)."""

    def ask(db: Session, city: City, number: str, said: Asking, me: Me, now: datetime) -> Ticket:
        ticket = handle.mine(handle.locked_ticket(db, number, me, said.seq), me)
        kind = MOVES[move].opens
        data = _wanted(db, city, ticket, kind, said, now)
        why = {"request": _text(kind, data, said)}
        promise.advance(
            db,
            city,
            ticket,
            move,
            me.actor,
            now,
            note=said.reason,
            why=why,
            facts=Facts(by=me.unit, days=data.get("days"), until=data.get("until"), ground=data.get("ground")),
        )
        db.execute(REQUEST.insert(), _row(ticket, kind, said, data, me, now))
        return ticket

    return ask


def _row(ticket: Ticket, kind: str, said: Asking, data: Data, me: Me, now: datetime) -> dict[str, Any]:
    return values_of(
        RequestRow,
        id=new_id(now),
        region=ticket.region,
        ticket_id=ticket.id,
        number=ticket.number,
        kind=kind,
        unit=me.unit or ticket.unit,
        asked_by=me.login,
        asked_at=now,
        reason=said.reason,
        basis=said.basis,
        data={**data, **({"note": said.note} if said.note else {})},
        decision="",
        decided_by="",
        decided_at=None,
        why="",
    )


def deciding(move: Move) -> Callable[..., Ticket]:
    """Return the step that decides a request by `move` (`flow.doors`).  A different person than who asked."""

    def settle(db: Session, city: City, number: str, said: Decided, me: Me, now: datetime) -> Ticket:
        ticket = handle.locked_ticket(db, number, me, said.seq)
        if "reason" in MOVES[move].needs and not said.reason.strip():
            raise BadValue("reason", Message("“%(move)s”须写明理由", move=Message(MOVES[move].label)))
        return decide(db, city, ticket, move, me.actor, now, note=said.reason, days=said.days)

    return settle


def decide(
    db: Session,
    city: City,
    ticket: Ticket,
    move: Move,
    actor: Actor,
    now: datetime,
    note: str = "",
    days: int | None = None,
) -> Ticket:
    """Decide the request that waits on a locked ticket.  raises IllegalMove, NotYours (who asked does not decide)

    days  working days granted where the decider grants fewer than were asked for
    """
    kind = MOVES[move].decides
    lifecycle.after(State(ticket.state), move, actor.role, ticket.pending)
    waits = col(RequestRow.ticket_id) == ticket.id, col(RequestRow.kind) == kind, col(RequestRow.decided_at).is_(None)
    row = db.execute(sa.select(REQUEST).where(*waits).order_by(col(RequestRow.id).desc()).limit(1)).first()
    if row is not None and row.asked_by == actor.login:
        asker = Message("%(request)s由本人提出，须由另一人审批", request=Message(ASKS[kind]))
        raise NotYours(asker, move=move, role=actor.role)
    asked: Data = row.data if row is not None else {}
    changes, facts, why = _consequence(db, city, ticket, move, asked, days, now)
    promise.advance(
        db,
        city,
        ticket,
        move,
        actor,
        now,
        note=note,
        why={"decision": why} if why else {},
        facts=facts,
        changes=changes,
        public=kind in ("extension", "park"),
    )
    db.execute(sa.update(REQUEST).where(*waits).values(_decision(move, actor, now, note or why)))
    return ticket


def _decision(move: Move, actor: Actor, now: datetime, why: str) -> Values:
    return {
        col(RequestRow.decision): "granted" if MOVES[move].grants else "denied",
        col(RequestRow.decided_by): actor.login,
        col(RequestRow.decided_at): now,
        col(RequestRow.why): why,
    }


def _wanted(db: Session, city: City, ticket: Ticket, kind: str, said: Asking, now: datetime) -> Data:
    """Return what is asked for, by the rule of its kind.  raises RuleSaysNo, BadValue"""
    book = cities.rulebook_of(db, city, ticket.edition)
    if kind == "extension":
        return _extension(db, city, book, ticket, said, now)
    if kind == "park":
        until = said.until
        if until is None:
            raise BadValue("until", Message("请写明拟恢复办理的日期"))
        ruling = extensions.may_park(book.extensions, book.calendar, until=until, at=now)
        if not ruling.allowed:
            raise RuleSaysNo(ruling.why)
        return {"until": until.isoformat()}
    if kind == "exclusion":
        known = {one.code: one.label for one in book.exclusions}
        if said.ground not in known:
            names = tuple(f"{code}（{label}）" for code, label in known.items())
            raise BadValue("ground", Message("不计入考核的情形只能是：%(names)s", names=names))
        return {"ground": said.ground}
    return {}


class Limit(Protocol):
    """What is asked of a clock, as the flow or a page has it."""

    @property
    def clock(self) -> str: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def stopped_at(self) -> datetime | None: ...


def result_due(clocks: Iterable[Limit]) -> datetime | None:
    """Return by when the result is due, None where no such clock runs."""
    return next((one.due_at for one in reversed([*clocks]) if one.clock == "result" and one.stopped_at is None), None)


def _extension(db: Session, city: City, book: Rulebook, ticket: Ticket, said: Asking, now: datetime) -> Data:
    if not said.days:
        raise BadValue("days", Message("请写明申请延期几个工作日"))
    if not said.note.strip():
        raise BadValue("note", Message("请写明目前的办理进展"))
    due = result_due(promise.of_ticket(db, ticket))
    ends = result_due(promise.foreseen(db, city, ticket, Move.EXTEND, now, days=said.days, extended=True))
    ruling = may_extend(
        book, due, ends, at=now, days=said.days, granted=ticket.extensions, granted_days=ticket.extended_days
    )
    if not ruling.allowed:
        raise RuleSaysNo(ruling.why)
    return {"days": said.days}


def may_extend(
    book: Rulebook,
    due: datetime | None,
    ends: datetime | None,
    *,
    at: datetime,
    days: int,
    granted: int,
    granted_days: int,
) -> Permission:
    """Say whether an extension may be asked for, and why (not): before the limit, and where the promise can move.

    due   by when the result is due;  ends  by when it would be
    """
    ruling = extensions.may_ask(
        book.extensions, book.calendar, due=due, at=at, days=days, granted=granted, granted_days=granted_days
    )
    if ruling.allowed and ends == due:
        return Permission(False, Message("按规则，本次办理的报结果时限不能延期"))
    return ruling


def extension_ends(db: Session, city: City, number: str, most: int, now: datetime) -> dict[int, datetime]:
    """Return by when the result would be due with each number of working days up to `most`, as a grant counts it."""
    ticket = tickets.by_number(db, city.region, number)
    found = promise.foreseen_each(db, city, ticket, Move.EXTEND, now, range(1, most + 1))
    return {count: due for count, clocks in found.items() if (due := result_due(clocks)) is not None}


def _consequence(
    db: Session, city: City, ticket: Ticket, move: Move, asked: Data, days: int | None, now: datetime
) -> tuple[TicketChanges, Facts, str]:
    """Return (columns, facts, why) of a decision; a refusal changes nothing."""
    if move == Move.EXTEND:
        granted = min(days or asked["days"], asked["days"])
        due = result_due(promise.foreseen(db, city, ticket, move, now, days=granted, extended=True))
        until = deadline_text(due, city.rulebook.calendar) if due else ""
        why = f"同意延期{granted}个工作日，报结果时限改至{until}"
        more: TicketChanges = {"extensions": ticket.extensions + 1, "extended_days": ticket.extended_days + granted}
        return more, Facts(days=granted, extended=True), why
    if move == Move.EXCLUDE:
        labels = {one.code: one.label for one in cities.rulebook_of(db, city, ticket.edition).exclusions}
        ground = asked["ground"]
        return {"excluded": ground}, NONE, f"经审核不计入考核：{labels.get(ground, ground)}"
    if move == Move.UPHOLD:
        _strike_rating(db, ticket)
        return (
            {"solved": None, "satisfaction": None},
            NONE,
            "申诉成立：该评价经核实为恶意或错误评价，不计入解决率、满意率，原评价留存",
        )
    if move in (Move.PARK, Move.VOID):
        until = f"，拟于{asked['until'][:10]}恢复办理" if asked.get("until") else ""
        return {}, NONE, f"同意{ASKS[MOVES[move].decides].removesuffix('申请')}{until}"
    return {}, NONE, ""


def _strike_rating(db: Session, ticket: Ticket) -> None:
    """Let the calls of an upheld appeal count no more; what was said stays in their rows."""
    db.execute(
        sa.update(CALLBACK).where(col(CallbackRow.ticket_id) == ticket.id).values({col(CallbackRow.final): False})
    )


def _text(kind: str, data: Data, said: Asking) -> str:
    asked = f"{data['days']}个工作日" if "days" in data else str(data.get("until", data.get("ground", "")))[:10]
    basis = f"；依据：{said.basis}" if said.basis else ""
    note = f"；目前进展：{said.note}" if said.note else ""
    return f"{ASKS[kind]}{asked}：{said.reason}{basis}{note}"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One request on the deciders' list."""

    number: str
    kind: str
    unit: str
    asked_by: str
    asked_at: datetime
    reason: str
    basis: str
    data: dict[str, Any]


def waiting_requests(db: Session, region: str, kinds: tuple[str, ...], size: int = 100) -> list[Waiting]:
    """Return the requests that wait for a decision, oldest first, in one statement."""
    columns = columns_of(RequestRow, Waiting.__struct_fields__)
    where = col(RequestRow.region) == region, col(RequestRow.decided_at).is_(None), col(RequestRow.kind).in_(kinds)
    query = sa.select(*columns).where(*where).order_by(col(RequestRow.id)).limit(size)
    return [Waiting(**row._mapping) for row in db.execute(query)]
