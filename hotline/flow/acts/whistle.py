"""Whistle (吹哨): a grid leader calls units to the spot, they answer like helpers, the grid says whether they helped.

Sources: Beijing's 街乡吹哨、部门报到; whom says `dispatch.whistles`, by when the rule of the clock `whistle`.
"""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import whistles
from dispatch.lifecycle import Move
from dispatch.whistles import Called
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow import assignments, handle, promise
from hotline.flow import route as routes
from hotline.people import Me
from hotline.store.columns import col, table_of
from hotline.store.facts import Facts
from hotline.store.tickets import Assignment, Ticket
from hotline.wire.moves import Graded, Whistled

ASSIGNMENT = table_of(Assignment)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A reason, the units its rule calls to this ticket, and why these."""

    code: str
    label: str
    units: tuple[str, ...]
    why: str


def offers(city: City, *, area: str, place: str, busy: tuple[str, ...]) -> list[Offer]:
    """Return every reason of the city with whom it calls to a matter of `area` at `place`; `busy` have it already."""
    return [
        Offer(code=one.code, label=one.label, units=found.units, why=str(found.why))
        for one in city.rulebook.whistle.reason
        for found in (_called(city, one, area, place, busy),)
    ]


def blow(db: Session, city: City, number: str, said: Whistled, me: Me, now: datetime) -> Ticket:
    """Call units to the spot: each has its own clock and answers on its own; the lead stays responsible.

    raises  BadValue for a reason the city does not have, a unit it does not know or that has the ticket already
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    reason = city.rulebook.whistle.of(said.reason)
    if reason is None:
        raise BadValue("reason", Message("请选一个吹哨理由"))
    busy = (ticket.unit, *ticket.helpers)
    rule = _called(city, reason, ticket.area, _finest(ticket), busy)
    units = tuple(dict.fromkeys(said.units)) or rule.units
    if not units or any(one not in city.units or one in busy for one in units):
        raise BadValue(
            "units",
            Message("请选择单位表中尚未参与本工单的单位")
            if said.units
            else Message("%(why)s；请另选单位", why=rule.why),
        )
    names = "、".join(city.unit_name(one) for one in units)
    why = {"route": f"吹哨（{reason.label}），请{names}到场" + (f"；{rule.why}" if units == rule.units else "")}
    promise.advance(
        db,
        city,
        ticket,
        Move.WHISTLE,
        me.actor,
        now,
        note=said.note or reason.label,
        why=why,
        changes={"helpers": [*ticket.helpers, *units]},
        facts=Facts(helpers=units, reason=reason.code),
    )
    given = routes.Chosen(unit=ticket.unit, helpers=units, why="")
    rows = [
        row | {"whistle": reason.code} for row in assignments.given(ticket, given, "", now) if row["role"] == "help"
    ]
    db.execute(ASSIGNMENT.insert(), rows)
    return ticket


def grade(db: Session, city: City, number: str, said: Graded, me: Me, now: datetime) -> Ticket:
    """Say whether a unit that was called helped (基层评部门), once it has answered or its time is out.

    Whether it was in time, the clock says.  raises RuleSaysNo where there is nothing to rate yet
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    called = col(Assignment.ticket_id) == ticket.id, col(Assignment.unit) == said.unit, col(Assignment.whistle) != ""
    row = db.execute(sa.select(ASSIGNMENT).where(*called).order_by(col(Assignment.id).desc()).limit(1)).first()
    if row is None:
        raise BadValue("unit", Message("本工单没有向这个单位吹哨"))
    late = [one for one in promise.of_ticket(db, ticket) if one.clock == "whistle" and one.unit == said.unit]
    if row.answered_at is None and not any(one.due_at <= now for one in late):
        raise RuleSaysNo(Message("%(unit)s还没有答复，时限也没有到，请稍后再评", unit=city.unit_name(said.unit)))
    word = "帮上了" if said.helped else "没帮上"
    promise.advance(
        db,
        city,
        ticket,
        Move.GRADE,
        me.actor,
        now,
        note=f"{city.unit_name(said.unit)}：{word}",
        facts=Facts(rated=said.unit, helped=said.helped),
    )
    db.execute(sa.update(ASSIGNMENT).where(col(Assignment.id) == row.id).values({col(Assignment.helped): said.helped}))
    return ticket


def _called(city: City, reason: whistles.Reason, area: str, place: str, busy: tuple[str, ...]) -> Called:
    known = area and city.taxonomy.find(area)
    areas = tuple(one.code for one in city.taxonomy.path(area)) if known else ()
    owners = {one.code: one.owner for one in city.tree.places}
    return whistles.called(reason, areas, city.above(place), owners, busy)


def _finest(ticket: Ticket) -> str:
    return ticket.grid or ticket.community or ticket.street or ticket.district
