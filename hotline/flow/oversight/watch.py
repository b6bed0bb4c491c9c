"""The watchdog: finds open tickets without triage or without a clock of who must act, and puts them right.

What lies is written down (`hotline.store.troubles`) before it is put right, so that a person hears of it either way.
Cost follows what is open.  A ticket by hand, or one whose rules promise nothing, has no clock and needs none: whether
one is missing, the ticket's own history says (`retell`).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.clocks import Running
from dispatch.lifecycle import MOVES, OWNERS, Move, State
from dispatch.roles import Role
from hotline import city as cities
from hotline.city import City
from hotline.flow import clockrows, promise
from hotline.flow.oversight import retell
from hotline.store import bulk, reach, troubles
from hotline.store.columns import col, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.outbox import Notice
from hotline.store.tickets import IS_OPEN, ClockRow, Ticket, TicketRow, carry
from hotline.store.troubles import KINDS, Trouble

TICKET, CLOCK, NOTICE = table_of(TicketRow), table_of(ClockRow), table_of(Notice)
GRACE = timedelta(minutes=3)  # by then triage has seen a ticket, or something is wrong
MENDED_A_TURN = 100  # tickets put right a turn
LOOKED = 200  # tickets without a clock whose history is read a turn
OWED: dict[Role, tuple[str, ...]] = {Role.UNIT: ("unit", "citizen")}  # owners of the clocks that press somebody
DESK = ("desk",)
ROLES_OF_TROUBLE: dict[str, tuple[Role, ...]] = {
    "hold": (Role.SUPERVISOR, Role.ADMIN),
    "clock": (Role.DISPATCHER, Role.ADMIN),
    "triage": (Role.DISPATCHER, Role.ADMIN),
    "lying": (Role.DISPATCHER,),
    "owner": (Role.DISPATCHER,),
}  # of the rest: the administrators


def lying(db: Session, city: City, now: datetime, size: int = MENDED_A_TURN) -> list[Trouble]:
    """Return tickets received a while ago that nobody has triaged, the oldest first; quiet ones too."""
    waits = (
        col(TicketRow.region) == city.region,
        col(TicketRow.state) == State.RECEIVED.value,
        col(TicketRow.edition) == "",
        col(TicketRow.received_at) <= now - GRACE,
    )
    query = sa.select(col(TicketRow.id), col(TicketRow.number), col(TicketRow.received_at)).where(
        IS_OPEN, *waits, troubles.aside(city.region, "triage", col(TicketRow.id))
    )
    return [
        _trouble(city, "lying", row, now, f"受理于 {row.received_at.astimezone(city.zone):%m月%d日 %H:%M}，无人分派")
        for row in db.execute(query.order_by(col(TicketRow.id)).limit(size))
    ]


def untriaged(db: Session, now: datetime) -> int:
    """Return how many tickets of all regions lie untriaged, in one statement that follows what is open."""
    waits = (
        IS_OPEN,
        col(TicketRow.state) == State.RECEIVED.value,
        col(TicketRow.edition) == "",
        col(TicketRow.received_at) <= now - GRACE,
    )
    return int(db.execute(sa.select(sa.func.count()).select_from(TICKET).where(*waits)).scalar_one())


def trouble_counts(db: Session, now: datetime) -> dict[str, int]:
    """Return how many troubles of each kind there are; what lies untriaged is counted also where nobody watches."""
    counts, lying_now = troubles.counted(db), untriaged(db, now)
    return counts | ({"lying": max(lying_now, counts.get("lying", 0))} if lying_now else {})


def ownerless(db: Session, city: City, fine: dict[UUID, int], size: int = LOOKED) -> list[Ticket]:
    """Return open tickets whose owner has no running clock although one was promised.

    fine    ticket -> version that was looked at and lacks nothing; kept up here
    """
    found = []
    for ticket in _without(db, city, fine, size):
        if missing_clocks(db, city, ticket):
            found.append(ticket)
        else:
            fine[ticket.id] = ticket.seq
    return found


def missing_clocks(db: Session, city: City, ticket: Ticket) -> list[Running]:
    """Return the running clocks an open ticket should have and has not, [] where its owner is pressed by one."""
    held = promise.of_ticket(db, ticket)
    if any(_presses(one, ticket) for one in held):
        return []
    known = {_key(one) for one in held}
    found = [one for one in retell.recounted(db, city, ticket) if _key(one) not in known and one.stopped_at is None]
    return found if any(_presses(one, ticket) for one in found) else []


def restore(db: Session, city: City, ids: Sequence[UUID], now: datetime) -> int:
    """Give these tickets the clocks they lack; return how many.  Rungs that are past shame nobody."""
    query = sa.select(TICKET).where(col(TicketRow.id).in_(ids)).order_by(col(TicketRow.id)).with_for_update()
    return sum(_restore(db, city, ticket, now) for ticket in carry(db, query))


def _restore(db: Session, city: City, ticket: Ticket, now: datetime) -> bool:
    found = missing_clocks(db, city, ticket) if State(ticket.state) in OWNERS else []
    planner = promise.Planner(city, cities.rulebook_of(db, city, ticket.edition))
    path = planner.path(ticket.area)
    ladders = [planner.rungs(one, ticket.urgency, path, now) for one in found]
    promise.add(db, [clockrows.row(ticket, one, ladder) for one, ladder in zip(found, ladders, strict=True)])
    due = promise.due_columns([one for one in found if one.paused_at is None])
    if due:
        db.execute(sa.update(TICKET).where(col(TicketRow.id) == ticket.id).values(due))
    return bool(found)


def still(db: Session, region: str, kind: str, held: Collection[UUID]) -> set[UUID]:
    """Return which tickets are still as a trouble of this kind (lying, owner) says."""
    which: list[Any] = [col(TicketRow.region) == region, col(TicketRow.id).in_(list(held))]
    if kind == "lying":
        which += [col(TicketRow.state) == State.RECEIVED.value, col(TicketRow.edition) == ""]
    else:
        which += [IS_OPEN, _clockless()]
    return set(db.execute(sa.select(col(TicketRow.id)).where(*which)).scalars())


def tell(db: Session, city: City, now: datetime) -> int:
    """Post a notice of each trouble nobody has heard of, to who can mend it; return how many troubles."""
    found = troubles.untold(db, city.region, now)
    bulk.insert(
        db, NOTICE, [_notice(one, role, now) for one in found for role in ROLES_OF_TROUBLE.get(one.kind, (Role.ADMIN,))]
    )
    return len(found)


def clock_trouble(city: City, ticket: Any, now: datetime) -> Trouble:
    """Return the trouble of a ticket whose owner has no clock."""
    return _trouble(city, "owner", ticket, now, "在办，却没有责任人的时限在走")


def _without(db: Session, city: City, fine: dict[UUID, int], size: int) -> list[Ticket]:
    """Return open tickets without a clock that presses their owner, of states in which the rules promise one."""
    states = sorted(state.value for state in OWNERS if _promised(city, state))
    which = (
        col(TicketRow.region) == city.region,
        IS_OPEN,
        col(TicketRow.state).in_(states),
        col(TicketRow.quiet).is_(False),
        _clockless(),
    )
    taken_up = sa.or_(col(TicketRow.state) != State.RECEIVED.value, col(TicketRow.edition) != "")
    query = sa.select(TICKET).where(*which, taken_up, troubles.aside(city.region, "clocks", col(TicketRow.id)))
    found = carry(db, query.order_by(reach.sorted_by(col(TicketRow.id))))
    open_ = {ticket.id for ticket in found}
    for key in [key for key in fine if key not in open_]:
        del fine[key]
    return [ticket for ticket in found if fine.get(ticket.id) != ticket.seq][:size]


def _clockless() -> sa.ColumnElement[bool]:
    runs = (
        col(ClockRow.ticket_id) == col(TicketRow.id),
        col(ClockRow.stopped_at).is_(None),
        col(ClockRow.paused_at).is_(None),
    )
    of_unit = col(TicketRow.state).in_(sorted(state.value for state, role in OWNERS.items() if role in OWED))
    return ~sa.exists().where(
        *runs, sa.case((of_unit, col(ClockRow.owner).in_(OWED[Role.UNIT])), else_=col(ClockRow.owner).in_(DESK))
    )


def _promised(city: City, state: State) -> bool:
    into = {move.name for move in MOVES.values() if move.target == state}
    if state in (State.ROUTED, State.SIGNED):  # what a dispatch started still runs
        into |= {Move.ROUTE, Move.RULE}
    return any(one.after in into and one.owner in _owners(state) for one in city.rulebook.promises)


def _presses(one: Running, ticket: Ticket) -> bool:
    return one.stopped_at is None and one.paused_at is None and one.owner in _owners(ticket.state)


def _owners(state: str) -> tuple[str, ...]:
    return OWED.get(OWNERS[State(state)], DESK)


def _key(one: Running) -> tuple[str, str, str, datetime]:
    return one.clock, one.owner, one.unit, one.started_at


def _trouble(city: City, kind: str, row: Any, now: datetime, says: str) -> Trouble:
    return Trouble(region=city.region, kind=kind, key=row.id, ticket_id=row.id, number=row.number, says=says, at=now)


def _notice(one: Trouble, role: Role, now: datetime) -> dict[str, Any]:
    said = f"{KINDS[one.kind]}：{one.number or ''} {one.says}".replace("： ", "：")
    return values_of(
        Notice,
        id=new_id(now),
        region=one.region,
        unit="",
        login=f"@{role}",
        number=one.number,
        kind="trouble",
        text=said,
        at=now,
        read_at=None,
    )
