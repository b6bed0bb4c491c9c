"""What one person asks and another decides: 延期, 挂账, 作废, 不计入考核, 申诉.

A request stands in its own row and, while it waits, in `ticket.pending`; who decides never is who asked.
Sources: 凉政办发〔2018〕116号 art. 12 (no extension by oneself) and 16 (asked within the limit, at most 10 working
days); the grounds of exclusion are the city's own ([[exclusion]] in `city.toml`, after the practice of 临沂).
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import extensions, lifecycle
from dispatch.calendar import deadline_text
from dispatch.clocks import Running
from dispatch.errors import NotYours
from dispatch.lifecycle import ASKS, MOVES, State
from dispatch.rulebook import Rulebook
from hotline import city as cities
from hotline.city import City
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow import handle, promise
from hotline.people import Actor, Me
from hotline.store.ids import new_id
from hotline.store.schema import METADATA
from hotline.store.tickets import Ticket
from hotline.wire.moves import Asking, Decided

REQUEST, CALLBACK = METADATA.tables["request"], METADATA.tables["callback"]


def asking(move: str) -> Callable[..., Ticket]:
    """Return the step that makes the request `move` opens (`flow.doors`)."""

    def ask(db: Session, city: City, number: str, said: Asking, me: Me, now: datetime) -> Ticket:
        ticket = handle.mine(handle.held(db, number, me, said.seq), me)
        kind = MOVES[move].opens
        data = _wanted(db, city, ticket, kind, said, now)
        why = {"request": _text(kind, data, said)}
        promise.advance(db, city, ticket, move, me.actor, now, note=said.reason, why=why, facts={"by": me.unit, **data})
        row = {
            "id": new_id(now),
            "region": city.region,
            "ticket_id": ticket.id,
            "number": ticket.number,
            "kind": kind,
            "unit": me.unit or ticket.unit,
            "asked_by": me.login,
            "asked_at": now,
            "reason": said.reason,
            "basis": said.basis,
            "data": data | ({"note": said.note} if said.note else {}),
            "decision": "",
            "decided_by": "",
            "decided_at": None,
            "why": "",
        }
        db.execute(REQUEST.insert(), row)
        return ticket

    return ask


def deciding(move: str) -> Callable[..., Ticket]:
    """Return the step that decides a request by `move` (`flow.doors`).  A different person than who asked."""

    def settle(db: Session, city: City, number: str, said: Decided, me: Me, now: datetime) -> Ticket:
        ticket = handle.held(db, number, me, said.seq)
        if "reason" in MOVES[move].needs and not said.reason.strip():
            raise BadValue("reason", f"“{MOVES[move].label}”须写明理由")
        return decide(db, city, ticket, move, me.actor, now, note=said.reason, days=said.days)

    return settle


def decide(
    db: Session,
    city: City,
    ticket: Ticket,
    move: str,
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
    waits = REQUEST.c.ticket_id == ticket.id, REQUEST.c.kind == kind, REQUEST.c.decided_at.is_(None)
    row = db.execute(sa.select(REQUEST).where(*waits).order_by(REQUEST.c.id.desc()).limit(1)).first()
    if row is not None and row.asked_by == actor.login:
        raise NotYours(f"{ASKS[kind]}由本人提出，须由另一人审批", move=move, role=actor.role)
    asked = dict(row.data) if row is not None else {}
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
    said = "granted" if changes or MOVES[move].target else "denied"
    values = {"decision": said, "decided_by": actor.login, "decided_at": now, "why": note or why}
    db.execute(sa.update(REQUEST).where(*waits).values(values))
    return ticket


def _wanted(db: Session, city: City, ticket: Ticket, kind: str, said: Asking, now: datetime) -> dict[str, Any]:
    """Return what is asked for, by the rule of its kind.  raises RuleSaysNo, BadValue"""
    book = cities.rulebook_of(db, city, ticket.edition)
    if kind == "extension":
        return _extension(db, city, book, ticket, said, now)
    if kind == "park":
        until = said.until
        if until is None:
            raise BadValue("until", "请写明拟恢复办理的日期")
        ruling = extensions.may_park(book.extensions, book.calendar, until=until, at=now)
        if not ruling.allowed:
            raise RuleSaysNo(ruling.why)
        return {"until": until.isoformat()}
    if kind == "exclusion":
        known = {one.code: one.label for one in book.exclusions}
        if said.ground not in known:
            names = "、".join(f"{code}（{label}）" for code, label in known.items())
            raise BadValue("ground", f"不计入考核的情形只能是：{names}")
        return {"ground": said.ground}
    return {}


def _result(clocks: Iterable[Running]) -> datetime | None:
    """Return by when the result is due, None where no such clock runs."""
    return next((one.due_at for one in reversed([*clocks]) if one.clock == "result" and one.stopped_at is None), None)


def _extension(db: Session, city: City, book: Rulebook, ticket: Ticket, said: Asking, now: datetime) -> dict[str, Any]:
    if not said.days:
        raise BadValue("days", "请写明申请延期几个工作日")
    if not said.note.strip():
        raise BadValue("note", "请写明目前的办理进展")
    due = _result(promise.of_ticket(db, ticket))
    ruling = extensions.may_ask(
        book.extensions,
        book.calendar,
        due=due,
        at=now,
        days=said.days,
        granted=ticket.extensions,
        granted_days=ticket.extended_days,
    )
    if not ruling.allowed:
        raise RuleSaysNo(ruling.why)
    if _result(promise.foreseen(db, city, ticket, "extend", now, days=said.days, extended=True)) == due:
        raise RuleSaysNo("按规则，本次办理的报结果时限不能延期")
    return {"days": said.days}


def _consequence(
    db: Session, city: City, ticket: Ticket, move: str, asked: dict[str, Any], days: int | None, now: datetime
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Return (columns, facts, why) of a decision; a refusal changes nothing."""
    if move == "extend":
        granted = min(days or asked["days"], asked["days"])
        due = _result(promise.foreseen(db, city, ticket, move, now, days=granted, extended=True))
        until = deadline_text(due, city.rulebook.calendar) if due else ""
        why = f"同意延期{granted}个工作日，报结果时限改至{until}"
        more = {"extensions": ticket.extensions + 1, "extended_days": ticket.extended_days + granted}
        return more, {"days": granted, "extended": True}, why
    if move == "exclude":
        labels = {one.code: one.label for one in cities.rulebook_of(db, city, ticket.edition).exclusions}
        ground = asked["ground"]
        return {"excluded": ground}, {}, f"经审核不计入考核：{labels.get(ground, ground)}"
    if move == "uphold":
        _strike_rating(db, ticket)
        return (
            {"solved": None, "satisfaction": None},
            {},
            "申诉成立：该评价经核实为恶意或错误评价，不计入解决率、满意率，原评价留存",
        )
    if move in ("park", "void"):
        until = f"，拟于{asked['until'][:10]}恢复办理" if asked.get("until") else ""
        return {}, {}, f"同意{ASKS[MOVES[move].decides].removesuffix('申请')}{until}"
    return {}, {}, ""


def _strike_rating(db: Session, ticket: Ticket) -> None:
    """Let the calls of an upheld appeal count no more; what was said stays in their rows."""
    db.execute(sa.update(CALLBACK).where(CALLBACK.c.ticket_id == ticket.id).values(final=False))


def _text(kind: str, data: dict[str, Any], said: Asking) -> str:
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


def waiting(db: Session, region: str, kinds: tuple[str, ...], size: int = 100) -> list[Waiting]:
    """Return the requests that wait for a decision, oldest first, in one statement."""
    columns = [REQUEST.c[name] for name in Waiting.__struct_fields__]
    where = REQUEST.c.region == region, REQUEST.c.decided_at.is_(None), REQUEST.c.kind.in_(kinds)
    query = sa.select(*columns).where(*where).order_by(REQUEST.c.id).limit(size)
    return [Waiting(**row._mapping) for row in db.execute(query)]
