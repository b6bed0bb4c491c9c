"""Named filters of the lists: what each is called, and which tickets it holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlmodel import Session

from dispatch.deadlines import Urgency
from dispatch.escalation import SUPERVISED
from dispatch.lifecycle import MOVES, OPEN, SETTLED, State
from dispatch.roles import Role
from hotline.flow.acts.requests import Waiting, waiting_requests
from hotline.people import Me
from hotline.store import cursors, lists, numbers, reach
from hotline.store.lists import Filters
from hotline.store.numbers import is_number
from hotline.web import callers
from hotline.web.access import Here
from hotline.web.pages.words import SOON
from hotline.web.strings import Say, msgid
from hotline.wire.tickets import Page, TicketCard

TODAY = timedelta(hours=12)


class Chip(msgspec.Struct, frozen=True, kw_only=True):
    """One named filter as it is shown: with how many tickets it holds, as far as they are counted."""

    name: str
    label: str
    count: int
    alarm: bool = False
    capped: bool = False

    @property
    def shown(self) -> str:
        """The count as it is told: past so many of what is over nobody counts on."""
        return f"{reach.MOST_COUNTED - 1}+" if self.capped and self.count >= reach.MOST_COUNTED else str(self.count)


class Named(msgspec.Struct, frozen=True):
    """A filter with its label (a msgid); `alarm` is shown red where it holds anything."""

    label: str
    filters: Filters
    alarm: bool = False


def _of(*states: State) -> frozenset[str]:
    return frozenset(state.value for state in states)


HANDS = frozenset({State.ROUTED.value, State.SIGNED.value})
CARDED = frozenset(SUPERVISED)


def deciding(role: Role) -> tuple[str, ...]:
    """Return the kinds of requests (`dispatch.lifecycle.ASKS`) somebody of this role may decide."""
    found = (move.decides for move in MOVES.values() if move.decides and role in move.who)
    return tuple(dict.fromkeys(found))


BY_DESK = frozenset(deciding(Role.DISPATCHER))  # 延期, 作废
BY_SUPERVISOR = frozenset(deciding(Role.SUPERVISOR)) - BY_DESK  # 挂账, 不计入考核, 申诉: nobody else decides them


def at_work(now: datetime, unit: str = "") -> dict[str, Named]:
    """Return the filters of who handles tickets: a unit, for what it leads; grid leaders, for what lies in their grids.

    What waits for somebody else, or for this unit's word in another's ticket, stands under names of its own.
    """
    asked = {
        "helping": Named(msgid("协办待答复"), Filters(states=HANDS, helper=unit)),
        "invited": Named(msgid("会商待提意见"), Filters(invited=unit), alarm=True),
    }
    return {
        "to_sign": Named(msgid("待签收"), Filters(states=_of(State.ROUTED), unit=unit)),
        "working": Named(msgid("办理中"), Filters(states=_of(State.SIGNED), unit=unit)),
        "soon": Named(msgid("快到期"), Filters(states=HANDS, due_before=now + SOON, unit=unit), alarm=True),
        "overdue": Named(msgid("已超时"), Filters(states=HANDS, overdue=True, unit=unit), alarm=True),
        "unreported": Named(msgid("待报动态"), Filters(states=_of(State.SIGNED), unreported=True, unit=unit)),
        "lacking": Named(msgid("待补充"), Filters(states=_of(State.LACKING), unit=unit)),
        "parked": Named(msgid("挂账"), Filters(states=_of(State.PARKED), unit=unit)),
        **(asked if unit else {}),
        "check": Named(msgid("待审核"), Filters(states=_of(State.REVIEWING), unit=unit)),
        "answered": Named(msgid("待回访"), Filters(states=_of(State.ANSWERED), unit=unit)),
        "closed": Named(msgid("办结"), Filters(states=_of(*SETTLED), unit=unit)),
    }


def to_dispatch(_now: datetime) -> dict[str, Named]:
    """Return the filters of the dispatcher."""
    return {
        "person": Named(msgid("待派"), Filters(states=_of(State.RECEIVED))),
        "returned": Named(msgid("退单审核"), Filters(states=_of(State.RETURNED)), alarm=True),
        "disputed": Named(msgid("会商"), Filters(states=_of(State.DISPUTED)), alarm=True),
        "check": Named(msgid("待审核"), Filters(states=_of(State.REVIEWING)), alarm=True),
        "approve": Named(msgid("待审批"), Filters(asks=BY_DESK), alarm=True),
        "troubled": Named(msgid("系统异常"), Filters(troubled=True), alarm=True),
        "auto": Named(msgid("已派待签收"), Filters(states=_of(State.ROUTED))),
    }


def to_supervise(_now: datetime) -> dict[str, Named]:
    """Return the filters of the supervisor (督办员)."""
    return {
        "cards": Named(msgid("拟亮牌待确认"), Filters(proposed=True), alarm=True),
        "approve": Named(msgid("待审批"), Filters(asks=BY_SUPERVISOR), alarm=True),
        "desk": Named(msgid("延期和作废"), Filters(asks=BY_DESK)),
        "check": Named(msgid("待审核"), Filters(states=_of(State.REVIEWING))),
        "watched": Named(msgid("督办中"), Filters(states=_of(*OPEN), levels=CARDED)),
    }


def to_call(now: datetime) -> dict[str, Named]:
    """Return the filters of the callback desk."""
    asked = _of(State.ANSWERED, State.JOINED)  # who joined a matter is asked on their own
    return {
        "today": Named(msgid("今日到期"), Filters(states=asked, callback_before=now + TODAY), alarm=True),
        "callback": Named(msgid("待回访"), Filters(states=asked, callback_before=cursors.FAR)),
    }


def everything(now: datetime) -> dict[str, Named]:
    """Return the filters of who sees the whole region."""
    return {
        "open": Named(msgid("在办"), Filters(states=_of(*OPEN))),
        **to_dispatch(now),
        "working": Named(msgid("办理中"), Filters(states=_of(State.SIGNED))),
        "lacking": Named(msgid("待补充"), Filters(states=_of(State.LACKING))),
        "parked": Named(msgid("挂账"), Filters(states=_of(State.PARKED))),
        "overdue": Named(msgid("已超时"), Filters(overdue=True), alarm=True),
        "answered": Named(msgid("待回访"), Filters(states=_of(State.ANSWERED))),
        "closed": Named(msgid("办结"), Filters(states=_of(*SETTLED))),
        "joined": Named(msgid("合并"), Filters(states=_of(State.JOINED))),
    }


def chips(db: Session, here: Here, named: Mapping[str, Named], say: Say) -> list[Chip]:
    """Return the filters with their counts, in one statement."""
    held = lists.counts(db, here.me.sight, {name: one.filters for name, one in named.items()}, here.now)
    return [
        Chip(name=name, label=say(one.label), count=held[name], alarm=one.alarm, capped=not lists.bounded(one.filters))
        for name, one in named.items()
    ]


def chosen(chips: Sequence[Chip], asked: str, usual: str) -> str:
    """Return the filter that was asked for, else the first that holds anything, else the usual one."""
    if any(one.name == asked for one in chips):
        return asked
    return next((one.name for one in chips if one.count), usual)


def narrowed(here: Here, filters: Filters, asked: str) -> Filters:
    """Return `filters` narrowed by what was typed into the search: a number, a phone (for who may), or words."""
    text = asked.strip()[:60]
    if not text:
        return filters
    filters = msgspec.structs.replace(filters, refs=numbers.upstream(text))
    if is_number(text.upper(), here.city.short):
        return msgspec.structs.replace(filters, number=text.upper())
    if caller := callers.asked(here, text):
        return msgspec.structs.replace(filters, caller=caller)
    return msgspec.structs.replace(filters, words=text)


def page_of(
    db: Session, here: Here, filters: Filters, after: str, *, size: int = 50, order: cursors.Order = "due"
) -> Page:
    """Return a page of tickets, what is due first on top, and on each page what is critical (特急) before all."""
    page = lists.tickets(db, here.me.sight, filters, now=here.now, size=size, after=after or None, order=order)
    return msgspec.structs.replace(page, items=sorted(page.items, key=lambda one: one.urgency != Urgency.CRITICAL))


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """The left column of a desk: tickets, or requests that wait (oldest first), and the cursor of the next page."""

    cards: list[TicketCard] = []
    requests: list[Waiting] = []
    after: str | None = None

    @property
    def first(self) -> str:
        """The number of the one on top, "" where nothing waits."""
        numbers = [one.number for one in self.cards] + [one.number for one in self.requests]
        return numbers[0] if numbers else ""


def queue(db: Session, here: Here, filters: Filters, after: str) -> Queue:
    """Return what waits at a desk, in one statement."""
    if filters.asks:
        return Queue(requests=waiting_requests(db, here.city.region, tuple(sorted(filters.asks))))
    page = page_of(db, here, filters, after, size=30)
    return Queue(cards=page.items, after=page.after)


def sees_all(me: Me) -> bool:
    """Say whether the person sees the whole region."""
    return me.sight.everything
