"""Matters found by the grid before anybody called (未诉先办): open ones nearby, their words, closed on the spot.

Source: 国办函〔2026〕12号 and the cities' own practice of 未诉先办; who puts a thing right on the spot reports once.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import veil
from dispatch.lifecycle import Move
from dispatch.verification import drawn
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, RuleSaysNo
from hotline.flow import alike, classify, handle, locate, promise
from hotline.flow.acts import verify
from hotline.people import Me
from hotline.store import reach
from hotline.store.columns import col, columns_of
from hotline.store.tickets import Ticket, TicketRow
from hotline.wire.moves import Worded

NEAR, COMMON, LOOKED_AT = 3, 4, 500
GRID_SOURCE = "grid"


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An open ticket that may be the same matter; no text, no person.  mine  it stands on the leader's own list"""

    number: str
    title: str
    state: str
    why: str
    mine: bool


def wording(city: City, text: str, area: str, shown: bool = False) -> str:
    """Return the text of a report: what was said, else the area's name, else that files say it (`shown`).

    raises BadValue where there is none of them
    """
    said = text.strip()
    if said:
        return said
    if area and city.taxonomy.find(area):
        return f"巡查发现：{city.area_label(area)}"
    if shown:
        return "巡查发现，情况见照片或录音"
    raise BadValue("text", Message("请说一句，或者选一个类别"))


def handled_text(text: str) -> str:
    """Return the public word on what was put right on the spot: also what was said of it."""
    return f"已当场处理。{' '.join(text.split())}"[:4000]


def near(db: Session, city: City, me: Me, similar: Sequence[alike.AlikeLine], area: str, grid: str) -> list[Near]:
    """Return the open tickets like a report: by its words (`similar`, of `flow.alike`), then of its area and grid.

    Of another grid's confidential tickets nothing is told, not even that they are there.
    """
    own = [one.number for one in similar]
    same: list[sa.ColumnElement[bool]] = [col(TicketRow.number).in_(own)]
    if area and grid:
        same.append(sa.and_(col(TicketRow.grid) == grid, col(TicketRow.area) == area))
    columns = columns_of(TicketRow, ("number", "title", "state", "area", "grid", "leader", "confidential"))
    query = sa.select(*columns).where(
        col(TicketRow.region) == city.region,
        reach.is_open(),
        sa.or_(*same),
        sa.or_(
            sa.not_(col(TicketRow.confidential)), col(TicketRow.grid).in_(me.grids), col(TicketRow.leader) == me.login
        ),
    )
    found = {
        row.number: row
        for row in db.execute(query.order_by(reach.sorted_by(col(TicketRow.id)).desc()).limit(NEAR + len(own)))
    }
    why = {one.number: one.why for one in similar}
    order = [one for one in own if one in found] + [one for one in found if one not in why]
    return [
        Near(
            number=number,
            title=_title(city, found[number]),
            state=found[number].state,
            why=why.get(number, "同一网格、同一事项"),
            mine=found[number].grid in me.grids or found[number].leader == me.login,
        )
        for number in order[:NEAR]
    ]


def _title(city: City, row: sa.Row[tuple[object, ...]]) -> str:
    return city.area_label(row.area) or "保密工单" if row.confidential else veil.strict(str(row.title))


def common(db: Session, city: City, me: Me) -> list[str]:
    """Return the areas the newest tickets of a leader's grids are about most, in one statement."""
    mine, said = (
        reach.of_leader("", me.grids[: reach.RANGES]),
        [col(TicketRow.region) == city.region, col(TicketRow.area) != ""],
    )
    newest = reach.newest(mine, said, LOOKED_AT, col(TicketRow.id), col(TicketRow.area)).subquery()
    held = sa.select(col(TicketRow.area, newest)).order_by(col(TicketRow.id, newest).desc()).limit(LOOKED_AT).subquery()
    area = col(TicketRow.area, held)
    most = sa.select(area).group_by(area).order_by(sa.func.count().desc(), area).limit(COMMON)
    return [area for area in db.execute(most).scalars() if city.taxonomy.find(area)]


def close(db: Session, city: City, number: str, said: Worded, me: Me, now: datetime) -> Ticket:
    """Close what a grid leader found and put right on the spot (未诉先办): what and where, no unit, no callback.

    raises  RuleSaysNo for a matter somebody called about: its caller is owed an answer; NotYours, IllegalMove
    """
    ticket = handle.locked_ticket(db, number, me, said.seq)
    if ticket.source not in city.rulebook.figures.early:
        raise RuleSaysNo(Message("只有网格自己发现上报的事项可以当场办结；来电诉求请报结果，由热线回访"))
    what, where = classify.many(city, [ticket])[0], locate.many(city, [ticket], city.day(now))[0]
    look = drawn(city.rulebook.verify, ticket.number)
    why = {**ticket.why, "classify": what.why, "locate": where.why, "verify": look.why}
    promise.advance(
        db,
        city,
        ticket,
        Move.FORESTALL,
        me.actor,
        now,
        note=said.note,
        public=True,
        why={"locate": where.why, "verify": look.why},
        changes={
            "area": what.area,
            "area_confidence": what.confidence,
            "grid": where.grid,
            "community": where.community,
            "street": where.street,
            "district": where.district,
            "leader": where.leader or me.login,
            "why": why,
            "reply": said.note,
            "outcome": verify.WAITS if look.look else verify.TRUE,
            "closed_at": now,
            "edition": ticket.edition or city.edition,
        },
    )
    alike.keep(db, city, [ticket])
    return ticket
