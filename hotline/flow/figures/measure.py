"""Step 9: rates of the tickets received on some days, from the daily sums; six statements whatever the span.

Units are measured, never persons.  Solved and satisfied are the citizen's words; what is excluded is not in the counts.
`counted` lists the very tickets of a figure: it asks the rows the sums were made from, so the two cannot disagree.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from dispatch import kpis
from dispatch.kpis import HIT, MEASURE_BY_NAME, OUT, RECEIVED, Rate, Score
from dispatch.lifecycle import OPEN, SETTLED, UNANSWERED
from grids.messages import Message, named
from grids.tree import Level
from hotline.city import City
from hotline.errors import BadValue
from hotline.store import figures as store
from hotline.store import veil
from hotline.store.columns import col, columns_of, table_of
from hotline.store.figures import DIMENSIONS, WHOLE, CountedRow
from hotline.store.ids import first_id
from hotline.store.jsonlists import holds
from hotline.store.lists import Sight
from hotline.store.reach import is_open
from hotline.store.tickets import TicketRow
from hotline.wire.figures import CountedPage, CountedTicket, Definition, Figures, Row

TICKET, COUNTED = table_of(TicketRow), table_of(CountedRow)
LONGEST_SPAN = 800  # days
_SIDES = {
    "unit": col(TicketRow.unit),
    "street": col(TicketRow.street),
    "grid": col(TicketRow.grid),
    "area": col(TicketRow.area),
    "source": col(TicketRow.source),
}
_SHOWN = columns_of(TicketRow, (name for name in CountedTicket.__struct_fields__ if name != "hit"))
DAY = timedelta(days=1)
BY_NAME, BY_TICKETS = "name", "tickets"  # orders beside the names of the rates
EXCERPT = 60

Side = Literal["of", "hits", "misses", "excluded"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which figures: of the tickets received on [first, last], row by row of one dimension.

    key    only of this unit, street, grid, area or source, as `by` says; "" what has none, None all
    under  rows below this area, or the grids of this street;  order  name, tickets, or a rate: the best first
    """

    first: date
    last: date
    by: str = "unit"
    key: str | None = None
    under: str = ""
    order: str = BY_TICKETS


def days_of(city: City, since: datetime, until: datetime) -> tuple[date, date]:
    """Return the city's days that [since, until) touches, first and last.  raises BadValue for no or too many"""
    first, last = city.day(since), city.day(until - timedelta(microseconds=1))
    if not since < until or last < first:
        raise BadValue("since", Message("开始时间应早于结束时间"))
    if (last - first).days >= LONGEST_SPAN:
        raise BadValue("since", Message("一次最多查询 %(n)s 天", n=LONGEST_SPAN))
    return first, last


def figures(db: Session, city: City, asked: Asked, *, now: datetime) -> Figures:
    """Return the figures.  raises BadValue for a dimension or an order that does not exist"""
    _check(asked)
    days = _days(asked)
    rows = _keys(city, asked) if asked.key is None else [asked.key]
    total = _of(asked)
    found = store.sums(db, city.region, days, {WHOLE: None, asked.by: rows})
    since, until = _span(city, asked)
    here = _live(city, asked)
    by_state = _by_state(db, [*here, col(TicketRow.id) >= first_id(since), col(TicketRow.id) < first_id(until)])
    fresh = store.freshness(db, city.region, now)
    whole = found.get(total, {})
    mine, score = _rates(city, whole)
    return Figures(
        since=since,
        until=until,
        as_of=fresh.as_of,
        behind=fresh.behind,
        by=asked.by,
        key=asked.key,
        received=whole.get(RECEIVED, 0),
        open=sum(by_state.get(state, 0) for state in OPEN),
        overdue=_overdue(db, here, now),
        closed=sum(by_state.get(state, 0) for state in SETTLED),
        rates=mine,
        score=score,
        rows=_rows(city, asked, {key: counts for (by, key), counts in found.items() if by == asked.by}),
        grounds={one.code: one.label for one in city.rulebook.exclusions},
        definitions=list(_definitions()),
        by_state=by_state,
        by_area=_by_area(db, city, asked, days),
        by_day=store.by_day(db, city.region, days, *total, RECEIVED),
    )


def counted(
    db: Session,
    city: City,
    asked: Asked,
    rate: str,
    side: Side = "of",
    *,
    ground: str = "",
    size: int = 50,
    after: UUID | None = None,
    sight: Sight | None = None,
) -> CountedPage:
    """Return the tickets that a figure counts, newest first, in two statements.

    rate    a rate, or "received";  side  of (all it divides by), hits, misses, or excluded by `ground`
    sight   who reads; without one as who handles matters reads it
    raises  BadValue
    """
    _check(asked)
    name, hit = _names(rate, side, ground)
    by, key = _of(asked)
    sums = store.sums(db, city.region, _days(asked), {by: [key]}).get((by, key), {})
    total = sums.get(name, 0) - (sums.get(hit, 0) if side == "misses" else 0)
    if not total:
        return CountedPage(total=0, items=[], after=None)
    counts = col(CountedRow.counts)[key if by == "unit" else WHOLE]
    where = [col(CountedRow.region) == city.region, holds(counts, name)]
    where += [holds(col(CountedRow.keys)[by], key)] if by not in (WHOLE, "unit") else []
    where += [sa.not_(holds(counts, hit))] if side == "misses" else []
    since, until = (first_id(at) for at in _span(city, asked))
    where += [col(CountedRow.ticket_id) >= since, col(CountedRow.ticket_id) < (min(until, after) if after else until)]
    columns = *_shown(), holds(counts, hit).label("hit")
    query = sa.select(*columns).join(TICKET, col(TicketRow.id) == col(CountedRow.ticket_id)).where(*where)
    found = db.execute(query.order_by(col(CountedRow.ticket_id).desc()).limit(size + 1)).all()
    items = [_counted(row._mapping, sight or Sight(region=city.region)) for row in found[:size]]
    return CountedPage(total=total, items=items, after=items[-1].id if len(found) > size else None)


def _shown() -> list[sa.ColumnElement[Any]]:
    """Return the columns a counted ticket is made from, but for what it counts."""
    title = sa.func.substr(
        sa.case((col(TicketRow.title) != "", col(TicketRow.title)), else_=col(TicketRow.text)), 1, veil.READ
    ).label("title")
    columns = [title if one.key == "title" else one for one in _SHOWN]
    return [*columns, col(TicketRow.confidential), veil.hidden_name()]


def _counted(row: sa.RowMapping, sight: Sight) -> CountedTicket:
    read = sight.reads(row["confidential"], row["name_sealed"])
    given = {name: row[name] for name in CountedTicket.__struct_fields__}
    return CountedTicket(**given | {"hit": bool(row["hit"]), "title": read.text(row["title"])[:EXCERPT]})


def _check(asked: Asked) -> None:
    if asked.by not in DIMENSIONS:
        raise BadValue(
            "by",
            Message("只能按%(names)s统计", names=tuple(named(name, label) for name, label in DIMENSIONS.items())),
        )
    if asked.order not in (BY_NAME, BY_TICKETS, *MEASURE_BY_NAME):
        raise BadValue("order", Message("没有“%(order)s”这种排序", order=asked.order))
    if not asked.first <= asked.last:
        raise BadValue("since", Message("开始时间应早于结束时间"))
    if (asked.last - asked.first).days >= LONGEST_SPAN:
        raise BadValue("since", Message("一次最多查询 %(n)s 天", n=LONGEST_SPAN))


def _names(rate: str, side: Side, ground: str) -> tuple[str, str]:
    """Return the name that is counted, and the name of a hit.  raises BadValue"""
    if rate not in (RECEIVED, *MEASURE_BY_NAME):
        raise BadValue("rate", Message("没有“%(rate)s”这个指标", rate=rate))
    if side == "excluded":
        if not ground:
            raise BadValue("ground", Message("请写明不计入考核的情形"))
        return f"{rate}{OUT}{ground}", f"{rate}{HIT}"
    return (f"{rate}{HIT}" if side == "hits" else rate), f"{rate}{HIT}"


def _of(asked: Asked) -> tuple[str, str]:
    """Return the dimension and key of the sums of all that is asked for."""
    return (WHOLE, "") if asked.key is None else (asked.by, asked.key)


def _days(asked: Asked) -> list[str]:
    return [str(asked.first + far * DAY) for far in range((asked.last - asked.first).days + 1)]


def _span(city: City, asked: Asked) -> tuple[datetime, datetime]:
    first, after = (datetime.combine(day, time(), city.zone) for day in (asked.first, asked.last + DAY))
    return first, after


def _keys(city: City, asked: Asked) -> list[str] | None:
    """Return the keys that make a row each; None: all there are."""
    if asked.by == "area":
        found = [one.code for one in city.taxonomy.areas if (one.parent or "") == asked.under]
        return found if asked.under else [*found, ""]
    if asked.by == "grid" and asked.under:
        grids = (one.code for one in city.tree.places if one.level is Level.GRID)
        return [code for code in grids if asked.under in city.above(code).values()]
    return None


def _rates(city: City, counts: Mapping[str, int]) -> tuple[list[Rate], Score]:
    found = kpis.rates(counts, city.rulebook.figures)
    return list(found), kpis.score(found, city.rulebook.figures)


def _rows(city: City, asked: Asked, found: Mapping[str, Mapping[str, int]]) -> list[Row]:
    """Return a row a key, in the order asked for; rows without any case of the rate come last."""
    rows = []
    for key, counts in found.items():
        cards, score = _rates(city, counts)
        name = _name(city, asked.by, key)
        rows.append(Row(key=key, name=name, tickets=counts.get(RECEIVED, 0), rates=cards, score=score))
    rows.sort(key=lambda row: (row.key == "", row.name, row.key))
    if asked.order == BY_TICKETS:
        rows.sort(key=lambda row: -row.tickets)
    elif asked.order in MEASURE_BY_NAME:
        rows.sort(key=lambda row: kpis.place(next(one for one in row.rates if one.name == asked.order)))
    return rows


def _name(city: City, by: str, key: str) -> str:
    names = {"unit": city.unit_name, "area": city.area_label, "street": city.place_name, "grid": city.place_name}
    return names[by](key) if by in names and key else key


def _definitions() -> Iterable[Definition]:
    for one in kpis.MEASURES:
        yield Definition(name=one.name, label=one.label, means=one.means, up=one.up)


def _live(city: City, asked: Asked) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on tickets as they stand now."""
    if asked.key is None:
        return [col(TicketRow.region) == city.region]
    below = asked.by == "area" and asked.key
    return [
        col(TicketRow.region) == city.region,
        col(TicketRow.area).startswith(asked.key) if below else _SIDES[asked.by] == asked.key,
    ]


def _by_state(db: Session, where: list[Any]) -> dict[str, int]:
    query = sa.select(col(TicketRow.state), sa.func.count()).where(*where).group_by(col(TicketRow.state))
    return {row[0]: row[1] for row in db.execute(query.order_by(sa.func.count().desc()))}


def _overdue(db: Session, where: list[Any], now: datetime) -> int:
    waits = [*where, is_open(), col(TicketRow.state).in_(sorted(UNANSWERED)), col(TicketRow.due_at) < now]
    return int(db.execute(sa.select(sa.func.count()).where(*waits)).scalar_one())


def _by_area(db: Session, city: City, asked: Asked, days: list[str]) -> dict[str, int]:
    """Return tickets by the topmost areas, the most first; of one unit or street alone this is not kept."""
    if asked.key is not None:
        return {}
    roots = [one.code for one in city.taxonomy.areas if one.parent is None]
    found = store.sums(db, city.region, days, {"area": roots}, name=RECEIVED)
    counts = {key: one[RECEIVED] for (_, key), one in found.items()}
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
