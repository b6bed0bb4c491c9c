"""Step 9: rates from what happened, by the tickets received in a span of time; five statements whatever the span.

Units are measured, never persons.  Solved and satisfied are the citizen's words; what is excluded is not in the counts.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from dispatch import kpis
from dispatch.kpis import Tally
from dispatch.lifecycle import OPEN, State
from hotline.city import City
from hotline.store.ids import first_id
from hotline.store.schema import METADATA
from hotline.wire.figures import Figures, RateCard, UnitFigures

TICKET, CLOCK = METADATA.tables["ticket"], METADATA.tables["clock"]
T = TICKET.c
LATE_NAMES = {"sign": "sign", "progress": "progress", "result": "result"}


def figures(
    db: Session, city: City, since: datetime, until: datetime, unit: str | None = None, *, now: datetime
) -> Figures:
    """Return the figures of tickets received in [since, until), of one unit or of all."""
    asked = [T.region == city.region, T.id >= first_id(since), T.id < first_id(until)]
    asked += [T.unit == unit] if unit is not None else []
    tallies = _tallies(db, city, asked, since, until, now, unit)
    total = Tally()
    for one in tallies.values():
        total = kpis.add(total, one)
    by_state = _counts(db, T.state, asked)
    return Figures(
        since=since, until=until, received=total.received, open=sum(by_state.get(state, 0) for state in OPEN),
        overdue=_overdue(db, city, now, unit), closed=by_state.get(State.CLOSED, 0), rates=_rates(total),
        units=_by_unit(city, tallies), by_state=by_state, by_area=_counts(db, sa.func.substr(T.area, 1, 2), asked),
        by_day=_by_day(db, city, asked, since, until),
    )  # fmt: skip


def _tallies(
    db: Session, city: City, asked: list[Any], since: datetime, until: datetime, now: datetime, unit: str | None
) -> dict[str, Tally]:
    """Return the counts by unit; what no unit has stands under ""."""
    counts = {row.unit: dict(row._mapping) for row in db.execute(_ticket_counts(asked))}
    for kind in db.execute(_clock_counts(city, since, until, now, unit)):
        of = counts.setdefault(kind.unit, {"unit": kind.unit})
        of |= {f"{kind.clock}_due": kind.due, f"{kind.clock}_on_time": kind.met}
    return {
        code: Tally(**{name: int(count or 0) for name, count in row.items() if name != "unit"})
        for code, row in counts.items()
    }


def _ticket_counts(asked: list[Any]) -> sa.Select[Any]:
    called = sa.and_(T.closed_at.is_not(None), T.answered_at.is_not(None))
    spoke = sa.or_(T.solved.is_not(None), T.satisfaction.is_not(None))
    answered = T.answered_at.is_not(None)
    counts = {
        "settled": T.outcome == "settled", "dispatched": T.dispatched_at.is_not(None), "returned": T.returns > 0,
        "contact_due": answered, "contacted": sa.and_(answered, T.contacted), "callback_due": called,
        "reached": sa.and_(called, spoke), "valid": sa.and_(called, spoke),
        "solved": sa.and_(called, T.solved == "yes"),
        "satisfied": sa.and_(called, T.satisfaction >= 3), "answered": sa.or_(answered, T.redos > 0),
        "redone": T.redos > 0,
    }  # fmt: skip
    sums = [sa.func.sum(sa.case((rule, 1), else_=0)).label(name) for name, rule in counts.items()]
    return sa.select(T.unit, sa.func.count().label("received"), *sums).where(*asked).group_by(T.unit)


def _clock_counts(city: City, since: datetime, until: datetime, now: datetime, unit: str | None) -> sa.Select[Any]:
    """Count clocks of the span that came due or were stopped; one that still runs past its moment is late."""
    c = CLOCK.c
    named = [c.region == city.region, c.clock.in_(list(LATE_NAMES)), c.unit != "", c.outcome != "void"]
    named += [c.started_at >= since, c.started_at < until, c.due_at >= since]
    named += [c.unit == unit] if unit is not None else []
    judged = sa.or_(c.stopped_at.is_not(None), c.due_at <= now)
    met = sa.func.sum(sa.case((c.outcome == "met", 1), else_=0)).label("met")
    query = sa.select(c.unit, c.clock, sa.func.count().label("due"), met).where(*named, judged)
    return query.group_by(c.unit, c.clock)


def _overdue(db: Session, city: City, now: datetime, unit: str | None) -> int:
    waits = [T.region == city.region, T.state.in_(sorted(OPEN - {State.ANSWERED})), T.due_at < now]
    waits += [T.unit == unit] if unit is not None else []
    return int(db.execute(sa.select(sa.func.count()).where(*waits)).scalar_one())


def _counts(db: Session, by: Any, asked: list[Any]) -> dict[str, int]:
    query = sa.select(by, sa.func.count()).where(*asked).group_by(by)
    return {key: count for key, count in db.execute(query.order_by(sa.func.count().desc())) if key}


def _by_day(db: Session, city: City, asked: list[Any], since: datetime, until: datetime) -> dict[str, int]:
    """Return tickets received by the city's own day; ids carry the moment, so days are ranges of ids."""
    first = datetime.combine(city.day(since), datetime.min.time(), city.zone)
    span = min((until - first).days + 1, 366)
    starts = [first + timedelta(days=far) for far in range(span)]
    day = sa.case(*((T.id < first_id(start + timedelta(days=1)), str(start.date())) for start in starts), else_="")
    counts = _counts(db, day, asked)
    return {str(start.date()): counts.get(str(start.date()), 0) for start in starts if start < until}


def _rates(tally: Tally) -> list[RateCard]:
    return [
        RateCard(name=one.name, label=one.label, hits=one.hits, of=one.of, value=one.value, note=one.note)
        for one in kpis.rates(tally)
    ]


def _by_unit(city: City, tallies: dict[str, Tally]) -> list[UnitFigures]:
    return [
        UnitFigures(unit=code, name=city.unit_name(code), tickets=tally.received, rates=_rates(tally))
        for code, tally in sorted(tallies.items(), key=lambda pair: -pair[1].received)
        if code
    ]
