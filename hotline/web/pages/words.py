"""Moments, spans and names in words, in the reader's language and the city's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from dispatch.deadlines import CLOCK_NAMES
from dispatch.lifecycle import State
from hotline.web.strings import Say, msgid
from hotline.wire.tickets import Clock, TicketCard

SOON = timedelta(hours=24)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RESULT, PROGRESS, CHECK = CLOCK_NAMES["result"], CLOCK_NAMES["progress"], CLOCK_NAMES["check"]
# the citizen's promises run on in these, whoever has the ticket
RUNNING = frozenset({State.ROUTED, State.SIGNED, State.LACKING, State.RETURNED, State.DISPUTED})
ENDED = {
    State.CLOSED: msgid("已办结"),
    State.ARCHIVED: msgid("已归档"),
    State.JOINED: msgid("已合并"),
    State.REFUSED: msgid("不予受理"),
    State.WITHDRAWN: msgid("已撤回"),
    State.VOIDED: msgid("作废"),
}


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """How much time is left, in words and in a tone: never the colour alone.

    at     until when, or when it ended; of a clock that stands still, since when
    longer the working days it was extended by
    """

    words: str
    tone: str  # red, amber, green, still
    name: str = ""
    at: datetime | None = None
    paused: bool = False
    longer: int = 0


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
    """Return a clock of a ticket in words: running, standing still, kept, missed, or no longer counted."""
    found = _of_clock(clock, now, say)
    longer = sum(shift.get("days", 0) for shift in clock.shifts if shift.get("how") == "extend")
    return msgspec.structs.replace(found, longer=longer) if longer else found


def _of_clock(clock: Clock, now: datetime, say: Say) -> Left:
    name = say(CLOCK_NAMES.get(clock.clock, clock.clock))
    if clock.stopped_at is None and clock.paused_at is not None:
        return Left(words=say("暂停计时"), tone="still", name=name, at=clock.paused_at, paused=True)
    if clock.stopped_at is None:
        return left(clock.due_at, now, say, name)
    if clock.outcome == "late":
        late = span(max(MINUTE, clock.stopped_at - clock.due_at), say)
        return Left(words=say("完成，晚%(span)s") % {"span": late}, tone="red", name=name, at=clock.stopped_at)
    if clock.outcome == "void":
        return Left(words=say("不再计时"), tone="still", name=name, at=clock.stopped_at)
    return Left(words=say("按时完成"), tone="still", name=name, at=clock.stopped_at)


def of_card(card: TicketCard, now: datetime, say: Say) -> Left:
    """Return the nearest limit of a ticket in a list; where none runs, how long it has waited."""
    state = State(card.state)
    if state in {State.ANSWERED, State.JOINED} and card.callback_due_at:
        return left(card.callback_due_at, now, say, say("回访"))
    if state in ENDED:
        return Left(words=say(ENDED[state]), tone="still", at=card.closed_at)
    if state is State.PARKED:
        return Left(words=say("暂停计时"), tone="still", name=say("挂账"), paused=True)
    if state is State.REVIEWING:
        return Left(words=say("暂停计时"), tone="still", name=say(CHECK), paused=True)
    if state in RUNNING:
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
