"""Moments, spans and names in words, in the reader's language and the city's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from dispatch.deadlines import CLOCK_NAMES
from dispatch.lifecycle import State
from hotline.web.strings import Say
from hotline.wire.tickets import Clock, TicketCard

SOON = timedelta(hours=24)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RESULT, PROGRESS = CLOCK_NAMES["result"], CLOCK_NAMES["progress"]
AT_WORK = frozenset({State.ROUTED, State.SIGNED})


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """How much time is left, in words and in a tone: never the colour alone."""

    words: str
    tone: str  # red, amber, green, still
    name: str = ""
    at: datetime | None = None


def span(length: timedelta, say: Say) -> str:
    """Return a span in its two largest parts: 2天3小时, 45分."""
    if length >= DAY:
        hours = int((length % DAY) / HOUR)
        days = {"days": length.days, "hours": hours}
        return say("%(days)s天%(hours)s小时") % days if hours else say("%(days)s天") % days
    if length >= HOUR:
        hours, minutes = int(length / HOUR), int((length % HOUR) / MINUTE)
        parts = {"hours": hours, "minutes": minutes}
        return say("%(hours)s小时%(minutes)s分") % parts if minutes else say("%(hours)s小时") % parts
    return say("%(minutes)s分") % {"minutes": max(1, int(length / MINUTE))}


def left(due: datetime, now: datetime, say: Say, name: str = "") -> Left:
    """Return what is left until `due`."""
    if now >= due:
        return Left(words=say("超时%(span)s") % {"span": span(now - due, say)}, tone="red", name=name, at=due)
    tone = "amber" if due - now <= SOON else "green"
    return Left(words=say("剩%(span)s") % {"span": span(due - now, say)}, tone=tone, name=name, at=due)


def of_clock(clock: Clock, now: datetime, say: Say) -> Left:
    """Return a clock of a ticket in words: running, kept, missed, or no longer counted."""
    name = say(CLOCK_NAMES.get(clock.clock, clock.clock))
    if clock.stopped_at is None:
        return left(clock.due_at, now, say, name)
    if clock.outcome == "late":
        late = span(max(MINUTE, clock.stopped_at - clock.due_at), say)
        return Left(words=say("完成，晚%(span)s") % {"span": late}, tone="red", name=name, at=clock.stopped_at)
    if clock.outcome == "void":
        return Left(words=say("不再计时"), tone="still", name=name, at=clock.stopped_at)
    return Left(words=say("按时完成"), tone="still", name=name, at=clock.stopped_at)


def of_card(card: TicketCard, now: datetime, say: Say) -> Left:
    """Return the nearest promise of a ticket in a list; where none runs, how long it has waited."""
    state = State(card.state)
    if state is State.ANSWERED and card.callback_due_at:
        return left(card.callback_due_at, now, say, say("回访"))
    if state is State.CLOSED:
        return Left(words=say("已办结"), tone="still", at=card.closed_at)
    if state is State.JOINED:
        return Left(words=say("已合并"), tone="still")
    if state in AT_WORK:
        dues = [(card.due_at, say(RESULT))]
        if card.reported_at is None:
            dues.append((card.progress_due_at, say(PROGRESS)))
        running = [(due, name) for due, name in dues if due is not None]
        if running:
            due, name = min(running)
            return left(due, now, say, name)
    waited = span(max(MINUTE, now - card.received_at), say)
    return Left(words=say("已等%(span)s") % {"span": waited}, tone="still", at=card.received_at)


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return `at` on the city's clocks."""
    return at.astimezone(zone)


def clock_time(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a moment as people write it: 11-22 09:30, with the year where it is another one; 24:00 for a day's end."""
    here = at.astimezone(zone)
    end = ""
    if here.hour == here.minute == here.second == 0:
        here, end = here - MINUTE, "24:00"
    form = "%m-%d" if here.year == now.astimezone(zone).year else "%Y-%m-%d"
    return f"{here:{form}} {end or format(here, '%H:%M')}"


def stamp(at: datetime) -> str:
    """Return a moment for machines."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
