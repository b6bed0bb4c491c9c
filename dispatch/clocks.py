"""The clocks of one ticket as they run: what each move stops, pauses, resumes, lengthens and starts.

Two kinds.  What the citizen was promised runs on whoever has the ticket; a unit's holding clock (本单位办理) stands
still while others have it, so that nobody pays for time lost upstream.  Everything follows from the moves alone:
`replay` finds the same clocks again from a history.

A result that is read before it counts (待审核) was reported when it was handed in: both kinds stand still from then,
and if it passes that moment is judged.  If it is rejected, the promise to the citizen runs on as if it had never stood
still (`DeadlineRule.undoes`: a result that does not stand gives no time); the unit's holding clock gets back what the
reading took, counted as for any pause, because the desk had the ticket and not the unit.
Sources: 凉政办发〔2018〕116号 art. 16 (no extension by oneself); 安庆 宜政务〔2014〕70号 for 超时默认.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from dispatch import extensions, spans
from dispatch.calendar import Calendar, Counted, Roll, deadline_text, explain, last_day
from dispatch.deadlines import Clock, ClockPlan, DeadlineRule, by_own_hours, count, limit_text, start_clocks
from dispatch.lifecycle import Move

Promises = Sequence[DeadlineRule]
ANEW = "reassign"  # a dispatch that takes the ticket from who has it in hand: whatever they were held to ends
GRADES = (Move.RAISE, Move.LOWER)  # moves that change how urgent a matter is


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """What moved a due moment: a pause from `since` to `until`, an extension by working `days`, the duty table's row
    that promises its own number of `days` for the result, or another urgency from `since` on, due `until` till then.
    """

    how: Literal["pause", "extend", "limit", "raise", "lower"]
    since: datetime
    until: datetime
    days: int = 0


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of a ticket.

    promise  its place among the promises;  outcome  met, late, void; "" while it runs
    """

    clock: Clock
    owner: str
    unit: str
    promise: int
    started_at: datetime
    due_at: datetime
    why: str
    provisional: bool = False
    shifts: tuple[Shift, ...] = ()
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    outcome: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A move as clocks see it.

    final     the ticket leaves the road (closed, archived, joined, refused, withdrawn, voided)
    unit      the lead unit after the move;  level  its kind;  helpers  who is asked to help from now on
    by        the unit of the mover, "" where it is no unit's
    areas     the matter's area first, then each above it up to the root
    extended  whether an extension was granted, this move included;  days  working days this move grants
    limit     days for the result by the row of the duty table, None = as promised
    hours     the calendar with the lead unit's own duty hours, for the clocks it is judged by; None = the city's
    renamed   units that have a new code since (更名): old -> new
    unsampled the citizen was not drawn to be called back
    since     from when what it starts for the citizen counts, None = from `at`
    replan    a person corrected what the matter is: what runs goes on by the promises of what it is
    """

    move: Move
    at: datetime
    final: bool = False
    unit: str = ""
    level: str = ""
    helpers: tuple[str, ...] = ()
    by: str = ""
    urgency: str = "normal"
    areas: tuple[str, ...] = ()
    extended: bool = False
    days: int = 0
    limit: int | None = None
    hours: Calendar | None = None
    renamed: Mapping[str, str] = {}
    unsampled: bool = False
    since: datetime | None = None
    replan: bool = False


def turn(promises: Promises, calendar: Calendar, held: Sequence[Running], event: Event) -> tuple[Running, ...]:
    """Return all clocks after the move: those held, in their order, as they are now, then those it starts."""
    now = [
        _turned(
            one,
            promises[one.promise],
            own(promises[one.promise], event.hours if one.unit == event.unit else None, calendar),
            event,
        )
        for one in held
    ]
    if event.replan:
        now = [_replanned(one, promises, calendar, event) for one in now]
    if event.final:
        return tuple(now)
    if event.move in GRADES:
        now = [_regraded(one, promises, calendar, event) for one in now]
        return (*now, *_owed(promises, calendar, now, event))
    plans = start_clocks(
        promises,
        calendar,
        Move.ROUTE if event.move == ANEW else event.move,
        at=event.at,
        urgency=event.urgency,
        areas=event.areas,
        started={one.clock for one in held},
        level=event.level,
        extended=event.extended,
        hours=event.hours,
        unsampled=event.unsampled,
        since=event.since,
    )
    fresh = [one for plan in plans for one in started(plan, promises, event.unit, event.helpers)]
    return (*now, *(_limited(one, promises[one.promise], event, calendar) for one in fresh))


def _replanned(one: Running, promises: Promises, calendar: Calendar, event: Event) -> Running:
    """Return a running clock by what is promised of the matter as it is known now, from the same start."""
    was = promises[one.promise]
    if one.stopped_at is not None:
        return one
    plans = start_clocks(
        promises,
        calendar,
        was.after,
        at=one.started_at,
        urgency=event.urgency,
        areas=event.areas,
        level=event.level,
        extended=was.only == "extended",
        unsampled=was.only == "unsampled",
    )
    meant = next((plan.promise for plan in plans if plan.clock == one.clock and plan.promise.owner == one.owner), was)
    if meant == was:
        return one
    kept = tuple(shift for shift in one.shifts if shift.how != "limit" or meant.days is not None)
    hours = own(meant, event.hours if one.unit == event.unit else None, calendar)
    return recounted(msgspec.structs.replace(one, promise=promises.index(meant), shifts=kept), meant, hours)


def _regraded(one: Running, promises: Promises, calendar: Calendar, event: Event) -> Running:
    """Return a clock after the matter became more or less urgent; what is late or over stays as it is.

    More urgent: the graver rule counts from now, nobody is late at once for what was not known; the old moment stays
    the last.  Less urgent: the ordinary rule counts from its own start, and takes back no time already given.
    """
    was = promises[one.promise]
    if one.stopped_at is not None or (one.paused_at or event.at) >= one.due_at:
        return one
    found = start_clocks(
        promises,
        calendar,
        was.after,
        at=event.at,
        urgency=event.urgency,
        areas=event.areas,
        level=event.level,
        extended=event.extended,
        unsampled=was.only == "unsampled",
    )
    now = next((plan.promise for plan in found if plan.clock == one.clock and plan.promise.owner == one.owner), None)
    if now is None:
        return _ended(one, event.at, "void")
    if now == was:
        return one
    how: Literal["raise", "lower"] = "raise" if event.move == Move.RAISE else "lower"
    shift = Shift(how=how, since=event.at, until=one.due_at)
    meant = msgspec.structs.replace(one, promise=promises.index(now), shifts=(*one.shifts, shift))
    return recounted(meant, now, own(now, event.hours if one.unit == event.unit else None, calendar))


def _owed(promises: Promises, calendar: Calendar, held: Sequence[Running], event: Event) -> list[Running]:
    """Return the clocks that only a matter this urgent has, where those started beside them still run."""
    known, found = {one.clock for one in held}, dict[Clock, Running]()
    running = dict.fromkeys((promises[one.promise].after, one.owner) for one in held if one.stopped_at is None)
    for after, owner in running:
        plans = start_clocks(
            promises,
            calendar,
            after,
            at=event.at,
            urgency=event.urgency,
            areas=event.areas,
            started=known,
            level=event.level,
            extended=event.extended,
            hours=event.hours,
        )
        for plan in plans:
            if plan.promise.owner == owner and plan.clock not in known and plan.promise.urgency is not None:
                found |= {one.clock: one for one in started(plan, promises, event.unit)}
    return list(found.values())


def _limited(one: Running, rule: DeadlineRule, event: Event, calendar: Calendar) -> Running:
    return limited(one, rule, event.limit, own(rule, event.hours, calendar))


def own(rule: DeadlineRule, hours: Calendar | None, calendar: Calendar) -> Calendar:
    """Return the calendar a clock runs by: the city's, or that with the own hours of the unit judged by it."""
    return hours if hours is not None and by_own_hours(rule) else calendar


def limited(one: Running, rule: DeadlineRule, limit: int | None, calendar: Calendar) -> Running:
    """Return the clock with the result's limit of the duty table's row; what is urgent keeps its own limit."""
    if limit is None or one.clock not in ("result", "hold") or rule.days is None or rule.urgency is not None:
        return one
    shift = Shift(how="limit", since=one.started_at, until=one.started_at, days=limit)
    return recounted(msgspec.structs.replace(one, shifts=(shift,)), rule, calendar)


def started(plan: ClockPlan, promises: Promises, unit: str, helpers: Sequence[str] = ()) -> list[Running]:
    """Return the clocks a plan becomes: one; of a helpers' promise one for each of them."""
    owner = plan.promise.owner
    judged = list(helpers) if owner == "helper" else ["" if owner == "desk" else unit]
    return [
        Running(
            clock=plan.clock,
            owner=owner,
            unit=one,
            promise=promises.index(plan.promise),
            started_at=plan.started,
            due_at=plan.due,
            why=plan.why,
            provisional=plan.provisional,
        )
        for one in judged
    ]


def replay(promises: Promises, calendar: Calendar, events: Iterable[Event]) -> tuple[Running, ...]:
    """Return the clocks a history leads to."""
    held: tuple[Running, ...] = ()
    for event in events:
        held = turn(promises, calendar, held, event)
    return held


def recounted(one: Running, rule: DeadlineRule, calendar: Calendar) -> Running:
    """Return a running clock with its due moment counted anew, by another calendar or after another shift."""
    limit = next((shift.days for shift in one.shifts if shift.how == "limit"), None)
    if limit is None or rule.days is None or rule.urgency is not None:
        meant = rule
    else:
        meant = msgspec.structs.replace(rule, days=limit, source="责任表")
    place = next((n for n in reversed(range(len(one.shifts))) if one.shifts[n].how in GRADES), None)
    grade = None if place is None else one.shifts[place]
    raised = grade if grade is not None and grade.how == "raise" else None
    counted = count(meant, calendar, raised.since if raised else one.started_at)
    plain, due, why = _before_rolling(counted), counted.moment, f"{limit_text(meant)}：{explain(counted)}"
    if raised:
        plain, due = min(plain, raised.until), min(due, raised.until)
        why += f"；{_shift_reason(raised, calendar)}"
    for shift in one.shifts[place + 1 :] if raised and place is not None else one.shifts:
        if shift.how == "limit" or (shift.how in GRADES and shift is not grade):
            continue
        was = due
        if shift.how == "lower":
            plain, due = max(plain, shift.until), max(due, shift.until)
        else:
            plain, due = shifted(plain, due, _since(shift, raised), rule, calendar)
        why += (
            f"；{_shift_reason(shift, calendar)}，{f'改至{deadline_text(due, calendar)}' if due != was else '时限不变'}"
        )
    doubtful = counted.provisional or not calendar.knows(last_day(due, calendar))
    return msgspec.structs.replace(one, due_at=due, why=why, provisional=doubtful)


def _since(shift: Shift, raised: Shift | None) -> Shift:
    """Return a pause as it counts: what stood still before the matter was raised is no part of the new count."""
    if raised is None or shift.since >= raised.since:
        return shift
    return msgspec.structs.replace(shift, since=raised.since)


def shifted(
    plain: datetime, due: datetime, shift: Shift, rule: DeadlineRule, calendar: Calendar
) -> tuple[datetime, datetime]:
    """Return where a due moment moves: by plain counting, and after giving way to a rest day.

    An extension counts working days from the day of the limit.  A pause gives back the days (of the promise's kind)
    between the day it began and the day it ended, or the hours it took.  They are added to the plain end: the weekend a
    limit gave way to is not given twice; but a pause that began in the days it gave way to took those, and is added to
    the end they led to.  A pause that began when the time was out gives nothing back: late stays late.
    """
    if shift.how == "extend":
        later = extensions.until(due, shift.days, calendar)
        return later, later
    if shift.since >= due:
        return plain, due
    unit: Literal["days", "hours"] = "days" if rule.hours is None else "hours"
    plain = due if shift.since >= plain else plain
    plain, due = (
        spans.shift(plain, shift.since, shift.until, rule.kind, calendar, unit=unit, roll=roll).moment
        for roll in (Roll.NONE, rule.roll)
    )
    return plain, due


def _before_rolling(counted: Counted) -> datetime:
    """Return the end by plain counting, before it gave way to a rest day."""
    return counted.moment - (counted.counted[-1] - counted.first_end[0]) if counted.first_end else counted.moment


def _turned(one: Running, rule: DeadlineRule, calendar: Calendar, event: Event) -> Running:
    """Return one held clock after the move."""
    if one.stopped_at is not None:
        return one
    mine = one.owner != "helper" or one.unit == event.by
    if one.unit in event.renamed:
        return msgspec.structs.replace(one, unit=event.renamed[one.unit])
    if event.move in rule.stops and mine:
        return _ended(one, event.at, "met")
    if event.final or event.move in rule.voids or (event.move == ANEW and one.owner != "citizen"):
        return _ended(one, event.at, "void")
    return _going(one, rule, calendar, event)


def _going(one: Running, rule: DeadlineRule, calendar: Calendar, event: Event) -> Running:
    """Return a clock that goes on after the move: paused, resumed, lengthened, handed over, or as it was."""
    shifts, paused = one.shifts, one.paused_at
    if event.move in rule.pauses and paused is None:
        paused = event.at
    elif event.move in rule.undoes:
        paused = None
    elif event.move in rule.resumes and paused is not None:
        shifts, paused = (*shifts, Shift(how="pause", since=paused, until=event.at)), None
    if event.move in rule.extends and event.days:
        shifts = (*shifts, Shift(how="extend", since=event.at, until=event.at, days=event.days))
    unit = event.unit if one.owner == "citizen" and event.unit else one.unit  # the promise is the new holder's to keep
    now = msgspec.structs.replace(one, unit=unit, paused_at=paused, shifts=shifts)
    return recounted(now, rule, calendar) if shifts != one.shifts else now


def _ended(one: Running, at: datetime, outcome: str) -> Running:
    """Return the clock stopped: late if its time was out, counted up to a pause it stands in."""
    ran = one.paused_at or at
    return msgspec.structs.replace(one, stopped_at=at, outcome="late" if ran >= one.due_at else outcome)


def _shift_reason(shift: Shift, calendar: Calendar) -> str:
    if shift.how == "extend":
        return f"经批准延期{shift.days}个工作日"
    if shift.how in GRADES:
        at = f"{calendar.local(shift.since):%Y-%m-%d %H:%M}"
        return f"{at}提级，自提级时起算，不晚于原时限" if shift.how == "raise" else f"{at}降级，不早于已定时限"
    return f"{calendar.local(shift.since):%Y-%m-%d %H:%M}至{calendar.local(shift.until):%Y-%m-%d %H:%M}暂停计时"
