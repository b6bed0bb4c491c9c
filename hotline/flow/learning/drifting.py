"""Counts each finished week once by area, compares it with the model's past, and tells of drift.

abstained: the model was not sure;  corrected: a person settled on another area than the model had in mind.
"""

import logging
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from classifiers import drift, features, questions
from classifiers.drift import Alarm, Week
from dispatch.lifecycle import Move
from dispatch.roles import Role
from hotline.city import City
from hotline.store import bulk, facts
from hotline.store.columns import col, columns_of, table_of, values_of
from hotline.store.facts import Facts
from hotline.store.ids import first_id, new_id
from hotline.store.learning import DriftRow
from hotline.store.outbox import Notice
from hotline.store.tickets import Entry, TicketRow

DRIFT, ENTRY, NOTICE = table_of(DriftRow), table_of(Entry), table_of(Notice)
SETTLED = timedelta(hours=1)
log = logging.getLogger(__name__)
READ = 1000  # texts of a week whose n-grams are looked at


def week_of(day: date) -> str:
    """Return a day's week as ISO 8601 writes it: 2026-W47."""
    return day.strftime("%G-W%V")


def turn(db: Session, city: City, now: datetime) -> int:
    """Count the week that ended last, unless it is counted; tell administrators of alarms; return tickets counted."""
    today = city.day(now - SETTLED)  # what came in the week's last minutes has been triaged
    monday = today - timedelta(days=today.weekday() + 7)
    week = week_of(monday)
    known = (
        sa.select(col(DriftRow.week)).where(col(DriftRow.region) == city.region, col(DriftRow.week) == week).limit(1)
    )
    if city.model is None or db.execute(known).first():
        return 0
    start = datetime.combine(monday, time(), city.zone)
    found = _count(db, city, week, start, start + timedelta(days=7))
    rows = [{"region": city.region, **{name: getattr(one, name) for name in Week.__struct_fields__}} for one in found]
    if bulk.insert_new(db, DRIFT, rows):
        _tell(db, city, [one for one in alarms(db, city) if one.week == week], now)
    return found[0].n


def weeks(db: Session, city: City) -> list[Week]:
    """Return the weeks counted, newest first, as far back as the city compares."""
    columns = columns_of(DriftRow, Week.__struct_fields__)
    newest = (
        sa.select(col(DriftRow.week))
        .where(col(DriftRow.region) == city.region)
        .distinct()
        .order_by(col(DriftRow.week).desc())
    )
    query = sa.select(*columns).where(
        col(DriftRow.region) == city.region, col(DriftRow.week).in_(newest.limit(city.learning.drift.weeks + 1))
    )
    return [Week(**row._mapping) for row in db.execute(query.order_by(col(DriftRow.week).desc(), col(DriftRow.area)))]


def alarms(db: Session, city: City) -> tuple[Alarm, ...]:
    """Return what has risen in the newest week."""
    names = {area.code: city.taxonomy.label(area.code) for area in city.taxonomy.areas}
    return drift.alarms(weeks(db, city), city.learning.drift, names)


def _count(db: Session, city: City, week: str, since: datetime, until: datetime) -> list[Week]:
    """Return the week over all ("" first) and by the area a ticket has now."""
    guess, sure = facts.text(Facts.guess), facts.text(Facts.sure)
    rows = db.execute(
        sa.select(
            col(TicketRow.area), guess.label("guess"), sure.label("sure"), col(TicketRow.title), col(TicketRow.text)
        )
        .join(
            ENTRY,
            sa.and_(
                col(Entry.ticket_id) == col(TicketRow.id),
                col(Entry.move) == Move.CLASSIFY,
                col(Entry.actor) == "clockwork",
            ),
        )
        .where(
            col(TicketRow.region) == city.region,
            col(TicketRow.id) >= first_id(since),
            col(TicketRow.id) < first_id(until),
        )
        .where(guess.is_not(None))
    ).all()
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for place, row in enumerate(rows):
        told = Counter(n=1, abstained=row.sure != "yes", corrected=bool(row.area) and row.area != row.guess)
        if place % (len(rows) // READ + 1) == 0:
            told += _grams(city, row.text, row.title)
        for area in {"", row.area}:
            sums[area] += told
    names = [name for name in Week.__struct_fields__ if name not in ("week", "area")]
    return [
        Week(week=week, area=area, **{name: sums[area][name] for name in names})
        for area in sorted(sums | {"": Counter()})
    ]


def _grams(city: City, text: str, title: str) -> Counter[str]:
    assert city.model is not None
    try:
        grams = features.grams(*questions.bare(text, title, city.phrases))
    except Exception:
        log.exception("a text is left out of the week's words")
        return Counter()
    return Counter(grams=len(grams), unknown=sum(gram not in city.model.columns for gram in grams))


def _tell(db: Session, city: City, found: list[Alarm], now: datetime) -> None:
    rows = [
        values_of(
            Notice,
            id=new_id(now),
            region=city.region,
            unit="",
            login=f"@{Role.ADMIN}",
            number="",
            kind="drift",
            text=one.text,
            at=now,
            read_at=None,
        )
        for one in found
    ]
    bulk.insert(db, NOTICE, rows)
