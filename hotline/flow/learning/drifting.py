"""Does the model still fit what people call about?  Each finished week is counted once, by area, and compared.

abstained: the model was not sure;  corrected: a person settled on another area than the model had in mind.
"""

import logging
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from classifiers import drift, features, questions
from classifiers.drift import Alarm, Week
from dispatch.roles import Role
from hotline.city import City
from hotline.store import bulk
from hotline.store.ids import first_id, new_id
from hotline.store.schema import METADATA

DRIFT, TICKET, ENTRY, NOTICE = (METADATA.tables[name] for name in ("drift", "ticket", "entry", "notice"))
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
    known = sa.select(DRIFT.c.week).where(DRIFT.c.region == city.region, DRIFT.c.week == week).limit(1)
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
    columns = [DRIFT.c[name] for name in Week.__struct_fields__]
    newest = sa.select(DRIFT.c.week).where(DRIFT.c.region == city.region).distinct().order_by(DRIFT.c.week.desc())
    query = sa.select(*columns).where(
        DRIFT.c.region == city.region, DRIFT.c.week.in_(newest.limit(city.learning.drift.weeks + 1))
    )
    return [Week(**row._mapping) for row in db.execute(query.order_by(DRIFT.c.week.desc(), DRIFT.c.area))]


def alarms(db: Session, city: City) -> tuple[Alarm, ...]:
    """Return what has risen in the newest week."""
    names = {area.code: city.taxonomy.label(area.code) for area in city.taxonomy.areas}
    return drift.alarms(weeks(db, city), city.learning.drift, names)


def _count(db: Session, city: City, week: str, since: datetime, until: datetime) -> list[Week]:
    """Return the week over all ("" first) and by the area a ticket has now."""
    guess, sure = ENTRY.c.facts["guess"].as_string(), ENTRY.c.facts["sure"].as_string()
    rows = db.execute(
        sa.select(TICKET.c.area, guess.label("guess"), sure.label("sure"), TICKET.c.title, TICKET.c.text)
        .join(
            ENTRY, sa.and_(ENTRY.c.ticket_id == TICKET.c.id, ENTRY.c.move == "classify", ENTRY.c.actor == "clockwork")
        )
        .where(TICKET.c.region == city.region, TICKET.c.id >= first_id(since), TICKET.c.id < first_id(until))
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
        {
            "id": new_id(now),
            "region": city.region,
            "unit": "",
            "login": f"@{Role.ADMIN}",
            "number": "",
            "kind": "drift",
            "text": one.text,
            "at": now,
            "read_at": None,
        }
        for one in found
    ]
    bulk.insert(db, NOTICE, rows)
