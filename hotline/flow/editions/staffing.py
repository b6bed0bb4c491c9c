"""Who answers for the grids: leave with its cover, taking over, before and after it is put down.

Leave is a fact of some days and takes one person to put down; who leads a grid for good is an edition of the leaders
table and takes two.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch.roles import ROLE_NAMES, Role
from grids.leaders import Answering, Post
from grids.messages import Message
from grids.tree import Level
from hotline.city import City
from hotline.errors import BadValue, NotAllowed, RuleSaysNo
from hotline.flow.acts import regrid
from hotline.people import Me
from hotline.store import staff
from hotline.store.columns import col
from hotline.store.reach import is_open
from hotline.store.staff import Change
from hotline.store.tickets import TicketRow

WHO = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})
LONGEST_LEAVE = timedelta(days=366)


class NoSuchLeave(RuleSaysNo):
    """No leave of that id, or it has ended."""

    code = "no_such_leave"

    def __init__(self) -> None:
        super().__init__(Message("没有这次请假，或已经结束；请刷新页面"))


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """One grid on a day: who is appointed, who answers (None: nobody), how many open tickets the leaders there have."""

    grid: str
    posts: tuple[Post, ...]
    answering: Answering | None
    open: int


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """One grid of somebody who will be away: who answers from when, and how much of the person's work is open there.

    sees    the cover knows of the open work without a hand-over: she has a post in the grid herself
    """

    grid: str
    day: date
    answering: Answering | None
    open: int
    sees: bool


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """A leave as it would be, before anybody puts it down."""

    login: str
    name: str
    first: date
    last: date
    covers: tuple[Cover, ...]


def watches(db: Session, city: City, now: datetime) -> list[Watch]:
    """Return every grid of today with who answers for it, by code, in one statement; open: of any leader's."""
    on, counts = city.day(now), _open(db, city)
    at: Counter[str] = Counter()
    for (_, grid), count in counts.items():
        at[grid] += count
    grids = sorted(one.code for one in city.tree.on(on).places if one.level is Level.GRID)
    return [
        Watch(grid=one, posts=tuple(city.serving(one, on)), answering=city.leader_of(one, on), open=at[one])
        for one in grids
    ]


def names(city: City, now: datetime) -> dict[str, str]:
    """Return login -> name of everybody who has or will have a post, by name."""
    on = city.day(now)
    held = {post.login: post.name for post in city.posts if post.until is None or post.until >= on}
    return dict(sorted(held.items(), key=lambda pair: (pair[1], pair[0])))


def foresee(db: Session, city: City, login: str, first: date, last: date, now: datetime) -> Foreseen:
    """Return what a leave would mean.  raises BadValue: nobody of that login, days that are no leave, a second one"""
    on, named = city.day(now), names(city, now)
    if login not in named:
        raise BadValue("login", Message("请选择一位网格长或副网格长"))
    if last < first:
        raise BadValue("last", Message("最后一天不能早于第一天"))
    if last < on:
        raise BadValue("last", Message("这次请假已经过去；请填今天或以后的日子"))
    if last - first >= LONGEST_LEAVE:
        raise BadValue("last", Message("一次请假最长一年；更长的请在责任人员表中改任期"))
    for away_first, away_last in staff.spans(staff.leaves(db, city.region, on)).get(login, ()):
        if away_first <= last and first <= away_last:
            raise BadValue(
                "first",
                Message(
                    "%(name)s在 %(first)s 至 %(last)s 已登记请假，请先改那一次",
                    name=named[login],
                    first=away_first,
                    last=away_last,
                ),
            )
    then = _away(city, login, first, last)
    counts = _open(db, city, login)
    covers = (_cover(then, login, grid, max(first, on), last, counts) for grid in sorted(_grids(city, login, first)))
    return Foreseen(login=login, name=named[login], first=first, last=last, covers=tuple(covers))


def put(db: Session, city: City, seen: Foreseen, me: Me, now: datetime, *, hand: bool = False) -> int:
    """Put a leave down; `hand` passes the open work to the cover of each grid as well.  Return how many passed.

    raises NotAllowed; BadValue where work shall pass before the leave begins
    """
    _may(me)
    on = city.day(now)
    if hand and seen.first > on:
        raise BadValue("hand", Message("请假还没有开始；在办工单请到第一天再移交"))
    staff.put(db, city.region, staff.LEAVE, seen.login, seen.first, seen.last, me.login, now)
    passed = 0
    for taker, grids in _takers(seen.covers).items() if hand else ():
        passed += len(regrid.hand_over(db, city, seen.login, taker, me.login, now, grids=grids))
    return passed


def end(db: Session, city: City, key: UUID, me: Me, now: datetime) -> Change:
    """End a leave: back today, or never gone where it has not begun.  raises NoSuchLeave, NotAllowed"""
    _may(me)
    on, held = city.day(now), staff.leave(db, city.region, key)
    if held is None or held.ended_by or held.last < on:
        raise NoSuchLeave
    back = max(on, held.first)
    staff.end(db, key, back, me.login, now)
    return msgspec.structs.replace(held, back=back, ended_by=me.login)


def work(db: Session, city: City) -> Counter[str]:
    """Return login -> open tickets in hand, in one statement."""
    found: Counter[str] = Counter()
    for (login, _), count in _open(db, city).items():
        found[login] += count
    return found


def hand_over(db: Session, city: City, giver: str, taker: str, me: Me, now: datetime) -> int:
    """Pass somebody's whole open work on; return how many tickets.  raises as `regrid.hand_over`; NotAllowed"""
    _may(me)
    return len(regrid.hand_over(db, city, giver, taker, me.login, now))


def _cover(then: City, login: str, grid: str, first: date, last: date, counts: Counter[tuple[str, str]]) -> Cover:
    """Return who answers for a grid: on the first day nobody does, else on the first day."""
    days = [first + timedelta(days=turn) for turn in range((last - first).days + 1)]
    day = next((one for one in days if then.leader_of(grid, one) is None), first)
    found = then.leader_of(grid, day)
    sees = found is not None and grid in then.grids_of(found.login, day)
    return Cover(grid=grid, day=day, answering=found, open=counts[(login, grid)], sees=sees)


def _away(city: City, login: str, first: date, last: date) -> City:
    posts = (
        msgspec.structs.replace(post, away=(*post.away, (first, last))) if post.login == login else post
        for post in city.posts
    )
    return msgspec.structs.replace(city, posts=tuple(posts))


def _grids(city: City, login: str, first: date) -> set[str]:
    """Return the places a person answers for on the first day, or will."""
    return {post.grid for post in city.posts if post.login == login and (post.until is None or post.until >= first)}


def _takers(covers: Sequence[Cover]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in covers:
        if one.answering is not None and one.open:
            found.setdefault(one.answering.login, []).append(one.grid)
    return found


def _open(db: Session, city: City, login: str = "") -> Counter[tuple[str, str]]:
    """Return (leader, grid) -> open tickets, in one statement."""
    where = [col(TicketRow.region) == city.region, is_open()]
    where += [col(TicketRow.leader) == login] if login else [col(TicketRow.leader) != ""]
    query = sa.select(col(TicketRow.leader), col(TicketRow.grid), sa.func.count().label("tickets")).where(*where)
    return Counter(
        {
            (row.leader, row.grid): row.tickets
            for row in db.execute(query.group_by(col(TicketRow.leader), col(TicketRow.grid)))
        }
    )


def _may(me: Me) -> None:
    if me.role not in WHO:
        allowed = tuple(Message(ROLE_NAMES[one]) for one in Role if one in WHO)
        raise NotAllowed(
            Message("请假和移交由%(roles)s登记，%(role)s不能登记", roles=allowed, role=Message(ROLE_NAMES[me.role]))
        )
