"""Named filters of the lists: what each is called, and which tickets it holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from sqlmodel import Session

from dispatch.lifecycle import OPEN, State
from hotline.people import Me
from hotline.store import lists
from hotline.store.lists import Filters
from hotline.store.numbers import is_number
from hotline.web.access import Here
from hotline.web.strings import Say, msgid
from hotline.wire.tickets import Page

SOON = timedelta(hours=24)
TODAY = timedelta(hours=12)


class Chip(msgspec.Struct, frozen=True, kw_only=True):
    """One named filter as it is shown: with how many tickets it holds."""

    name: str
    label: str
    count: int
    alarm: bool = False


class Named(msgspec.Struct, frozen=True):
    """A filter with its label (a msgid); `alarm` is shown red where it holds anything."""

    label: str
    filters: Filters
    alarm: bool = False


def _of(*states: State) -> frozenset[str]:
    return frozenset(state.value for state in states)


def at_work(now: datetime) -> dict[str, Named]:
    """Return the filters of who handles tickets: units and grid leaders."""
    hands = _of(State.ROUTED, State.SIGNED)
    return {
        "to_sign": Named(msgid("待签收"), Filters(states=_of(State.ROUTED))),
        "working": Named(msgid("办理中"), Filters(states=_of(State.SIGNED))),
        "soon": Named(msgid("快到期"), Filters(states=hands, due_before=now + SOON), alarm=True),
        "overdue": Named(msgid("已超时"), Filters(states=hands, overdue=True), alarm=True),
        "unreported": Named(msgid("待报动态"), Filters(states=_of(State.SIGNED), unreported=True)),
        "answered": Named(msgid("待回访"), Filters(states=_of(State.ANSWERED))),
        "closed": Named(msgid("办结"), Filters(states=_of(State.CLOSED))),
    }


def to_dispatch(_now: datetime) -> dict[str, Named]:
    """Return the filters of the dispatcher."""
    return {
        "person": Named(msgid("待人工派单"), Filters(states=_of(State.RECEIVED))),
        "returned": Named(msgid("退单待派"), Filters(states=_of(State.RETURNED)), alarm=True),
        "auto": Named(msgid("已派待签收"), Filters(states=_of(State.ROUTED))),
    }


def to_call(now: datetime) -> dict[str, Named]:
    """Return the filters of the callback desk."""
    answered = _of(State.ANSWERED)
    return {
        "today": Named(msgid("今日到期"), Filters(states=answered, callback_before=now + TODAY), alarm=True),
        "callback": Named(msgid("待回访"), Filters(states=answered)),
    }


def everything(now: datetime) -> dict[str, Named]:
    """Return the filters of who sees the whole region."""
    return {
        "open": Named(msgid("在办"), Filters(states=_of(*OPEN))),
        **to_dispatch(now),
        "working": Named(msgid("办理中"), Filters(states=_of(State.SIGNED))),
        "overdue": Named(msgid("已超时"), Filters(overdue=True), alarm=True),
        "answered": Named(msgid("待回访"), Filters(states=_of(State.ANSWERED))),
        "closed": Named(msgid("办结"), Filters(states=_of(State.CLOSED))),
        "joined": Named(msgid("合并"), Filters(states=_of(State.JOINED))),
    }


def chips(db: Session, here: Here, named: Mapping[str, Named], say: Say) -> list[Chip]:
    """Return the filters with their counts, in one statement."""
    held = lists.counts(db, here.me.sight, {name: one.filters for name, one in named.items()}, here.now)
    return [Chip(name=name, label=say(one.label), count=held[name], alarm=one.alarm) for name, one in named.items()]


def narrowed(here: Here, filters: Filters, asked: str) -> Filters:
    """Return `filters` narrowed by what was typed into the search: a number, a phone, or words."""
    text = asked.strip()[:60]
    if not text:
        return filters
    if is_number(text.upper(), here.city.short):
        return msgspec.structs.replace(filters, number=text.upper())
    digits = "".join(char for char in text if char.isdigit())
    if len(digits) >= 7 and digits == text.replace("-", "").replace(" ", ""):
        seal = here.hall.seal
        return msgspec.structs.replace(filters, caller=seal.caller_id(seal.find_key(here.city.region, digits)))
    return msgspec.structs.replace(filters, words=text)


def found(db: Session, here: Here, filters: Filters, after: str, *, size: int = 50, order: lists.Order = "due") -> Page:
    """Return a page of tickets, what is due first on top."""
    return lists.tickets(db, here.me.sight, filters, now=here.now, size=size, after=after or None, order=order)


def sees_all(me: Me) -> bool:
    """Say whether the person sees the whole region."""
    return me.sight.everything
