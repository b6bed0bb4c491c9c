"""The queries of ticket lists, badges and cards.

Columns go straight into wire structs; pages are keyset; statements are counted.

A list costs ONE statement whatever its length, a row of badges ONE; neither counts or sorts the past (`reach`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers.veil import plain
from dispatch.lifecycle import OPEN, UNANSWERED, State
from hotline.store import cursors, reach, veil
from hotline.store.callers import Caller
from hotline.store.columns import col, table_of
from hotline.store.cursors import Cursor, Order, ordered
from hotline.store.ids import first_id
from hotline.store.jsonlists import holds
from hotline.store.reach import Range, is_open
from hotline.store.requests import OpinionRow, RequestRow
from hotline.store.tickets import UPSTREAM, Alarm, Assignment, Ticket, TicketRow, verbatim
from hotline.store.troubles import TroubleRow
from hotline.wire.tickets import Page, TicketCard

TICKET = table_of(TicketRow)
ROWS_PROBED = 4000  # words are looked for among this many newest rows: the cost does not grow with history
LARGEST_PAGE = 200


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What part of a region's tickets somebody may know of: all, or those of a unit, or those of a grid leader."""

    region: str
    everything: bool = False
    unit: str = ""
    login: str = ""
    grids: tuple[str, ...] = ()

    def reads(self, confidential: bool, *sealed: str | None) -> veil.Veil:
        """How this reader reads a ticket, or tickets, with these callers' names."""
        return veil.of(self.everything, confidential, veil.named(self.region, *sealed) if confidential else ())

    def card(self, values: Mapping[str, Any]) -> TicketCard:
        """Return the card of a row of `veil.columns`."""
        return veil.card(values, self.reads(values["confidential"], values.get("name_sealed")))


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets.  Empty fields do not narrow; `states` are alternatives.

    area, place  codes; what lies below them is meant too (`01` holds `0103`, a street holds its grids)
    number, caller, words  one search, already understood: `number` and `caller` are exact.  Who may not see callers
                 finds nothing by one, and nothing by words that are veiled for them (`store.veil`)
    refs         upstream numbers (上级编号) the same search may mean as well;  source_ref  this one and no other
    callback_before  to be called back by then: a caller who joined a matter too
    among        these alone: what `words` led to
    overdue      the result is late and not yet answered;  leader  the login of a grid leader
    levels       the highest rung reached is one of these;  proposed  a card waits for a person's word
    asks         a request of one of these kinds (`dispatch.lifecycle.ASKS`) waits for its decision
    helper       the unit helps and has not answered;  invited  its opinion in a dispute is asked for
    troubled     it lies still, or a round has set something of it aside (`hotline.store.troubles`)
    """

    states: frozenset[str] = frozenset()
    unit: str = ""
    area: str = ""
    place: str = ""
    source: str = ""
    kind: str = ""
    urgency: str = ""
    level: str = ""
    leader: str = ""
    number: str = ""
    caller: UUID | None = None
    words: str = ""
    refs: frozenset[str] = frozenset()
    source_ref: str = ""
    among: tuple[UUID, ...] | None = None
    unsure: bool = False
    overdue: bool = False
    unreported: bool = False
    levels: frozenset[str] = frozenset()
    proposed: bool = False
    asks: frozenset[str] = frozenset()
    troubled: bool = False
    helper: str = ""
    invited: str = ""
    since: datetime | None = None
    until: datetime | None = None
    due_before: datetime | None = None
    callback_before: datetime | None = None


ALL = Filters()
_NARROWER = frozenset({"states", "since", "until", "words", "refs"})  # what a range of an index may be narrowed by
MILLISECOND = timedelta(milliseconds=1)


def scope(sight: Sight) -> sa.ColumnElement[bool]:
    """Return the condition "may be known of".  The same rule as `hotline.people.may_see`."""
    region = _region(sight)
    if sight.everything:
        return region
    if sight.unit:
        return sa.and_(region, sa.or_(col(TicketRow.unit) == sight.unit, _helps(sight.unit), _invited(sight.unit)))
    mine: list[sa.ColumnElement[bool]] = [col(TicketRow.leader) == sight.login] if sight.login else [sa.false()]
    if sight.grids:
        mine.append(col(TicketRow.grid).in_(sight.grids))
    return sa.and_(region, sa.or_(*mine))


def tickets(
    db: Session,
    sight: Sight,
    filters: Filters = ALL,
    *,
    now: datetime,
    size: int = 50,
    after: str | None = None,
    order: Order = "newest",
) -> Page:
    """Return a page of tickets, in one statement.

    order   newest: by id, last received first; due, callback: what is due (to be called back) first, then first
    after   the cursor of the page before, as it was given out
    raises  BadValue for a cursor that is not ours
    """
    size = max(1, min(size, LARGEST_PAGE))
    filters = _readable(db, sight, filters, now)
    if order == "newest" and not bounded(filters):
        return _past(db, sight, filters, now, size, cursors.read_cursor(after, order)[1] if after else None)
    where = _conditions(sight, filters, now)
    if order != "newest":  # nothing else is due, or to be called
        where.append(is_open() if order == "due" else col(TicketRow.callback_due_at).is_not(None))
    query = ordered(sa.select(*veil.columns(sight.everything)).where(*where), order, after).limit(size + 1)
    return _page([sight.card(dict(row._mapping)) for row in db.execute(query)], size, order)


def bounded(filters: Filters) -> bool:
    """Tell whether few rows can be meant however long the past is: open ones, what waits, one number."""
    waits = (
        filters.overdue or filters.unreported or filters.proposed or filters.asks or filters.invited or filters.troubled
    )
    open_ = bool(filters.states) and filters.states <= OPEN
    exact = filters.number or filters.source_ref or filters.among is not None
    return bool(open_ or waits or filters.due_before or filters.callback_before or exact)


def counts(db: Session, sight: Sight, named: Mapping[str, Filters], now: datetime) -> dict[str, int]:
    """Return how many tickets each named filter holds, all in one statement; of the past at most `reach.MOST_COUNTED`.

    Words that a handler looks for cost one more.
    """
    if not named:
        return {}
    each = [_count(sight, _readable(db, sight, one, now), now) for one in named.values()]
    return dict(zip(named, db.execute(sa.select(*each)).one(), strict=True))


def _count(sight: Sight, filters: Filters, now: datetime) -> sa.ScalarSelect[Any]:
    where = _conditions(sight, filters, now)
    if bounded(filters):
        return sa.select(sa.func.count()).select_from(TICKET).where(*where).scalar_subquery()
    return reach.counted([*where, *_within_reach(sight, filters, reach.MOST_COUNTED, None)])


def _past(db: Session, sight: Sight, filters: Filters, now: datetime, size: int, before: UUID | None) -> Page:
    """Return a page of a list that means what is over; where a window ends before the past does, it says so."""
    where = _conditions(sight, filters, now) + _within_reach(sight, filters, size + 1, before)
    columns = veil.columns(sight.everything)
    query = sa.select(*columns).where(*where).order_by(col(TicketRow.id).desc()).limit(size + 1)
    if _ranges(sight, filters) is not None:
        return _page([sight.card(dict(row._mapping)) for row in db.execute(query)], size, "newest")
    cards, end = query.subquery(), sa.select(_end(sight, filters, before).label("end")).subquery()
    both = (
        sa.select(end.c.end, *cards.c)
        .select_from(end.outerjoin(cards, sa.true()))
        .order_by(col(TicketRow.id, cards).desc())
    )
    rows = [dict(row._mapping) for row in db.execute(both)]
    last: UUID | None = rows[0]["end"]
    items = [sight.card(row) for row in rows if row["id"]]
    if last is None or len(items) > size:
        return _page(items, size, "newest")
    at = reach.moment(last)
    return Page(items=items, after=cursors.written(Cursor("newest", at, UUID(int=last.int + 1))), back_to=at)


def _end(sight: Sight, filters: Filters, before: UUID | None) -> sa.ScalarSelect[Any]:
    return reach.end([_region(sight), *_span(col(TicketRow.id), filters, before)])


def _within_reach(sight: Sight, filters: Filters, most: int, before: UUID | None) -> list[sa.ColumnElement[bool]]:
    """Return what keeps a list of what is over from being read to its end: the tops of ranges, or the window."""
    ranges, span = _ranges(sight, filters), _span(col(TicketRow.id), filters, before)
    if ranges is None:
        return [*span, reach.within(_end(sight, filters, before))]
    if len(ranges) <= 1 and not (filters.words or filters.refs):
        return [*span, *(one.where for one in ranges)]  # read in its order as it is
    if filters.refs and (ranges or filters.words):
        ranges = [*(ranges or [Range(sa.true())]), Range(_upstream(filters), few=True)]
    fixed, most = [_region(sight), *(reach.ended(filters.states) or [])], ROWS_PROBED if filters.words else most
    each = [
        Range(sa.and_(one.where, *_span(one.place(), filters, before)), one.few) for one in ranges or [Range(sa.true())]
    ]
    return [col(TicketRow.id).in_(reach.newest(each, fixed, most, col(TicketRow.id)))]


def _ranges(sight: Sight, filters: Filters) -> list[Range] | None:
    """Return the ranges of indexes a list of what is over is read from, [] for the region's own; None for none."""
    asked = {name for name in filters.__struct_fields__ if getattr(filters, name) != getattr(ALL, name)} - _NARROWER
    if reach.ended(filters.states) is None:
        return None
    if sight.everything:
        if asked == {"caller"}:
            return [Range(col(TicketRow.caller_id) == filters.caller)]
        return (reach.of_unit(filters.unit) if asked == {"unit"} else None) if asked else []
    mine = filters.unit == sight.unit != ""
    if asked - ({"unit"} if mine else set()):
        return None
    if sight.unit:
        helped = Range(sa.and_(_helps(sight.unit), reach.within(reach.end([_region(sight)]))))
        return [*reach.of_unit(sight.unit), *([] if mine else [helped, Range(_invited(sight.unit), few=True)])]
    return reach.of_leader(sight.login, sight.grids) if len(sight.grids) < reach.RANGES else None


def _page(items: list[TicketCard], size: int, order: Order) -> Page:
    return Page(items=items[:size], after=cursors.of(items[size - 1], order) if len(items) > size else None)


def _region(sight: Sight) -> sa.ColumnElement[bool]:
    return col(TicketRow.region) == sight.region


def card_now(db: Session, ticket: Ticket, sight: Sight) -> TicketCard:
    """Return the card of a row already at hand, as a list would show it."""
    values = {name: getattr(ticket, name) for name in TicketCard.__struct_fields__ if name != "excerpt"}
    if ticket.confidential and not sight.everything and ticket.caller_id:
        held = sa.select(col(Caller.name_sealed)).where(col(Caller.id) == ticket.caller_id)
        values["name_sealed"] = db.execute(held).scalar_one_or_none()
    return sight.card(values | {"excerpt": ticket.text[: veil.READ]})


def points(db: Session, tickets: Sequence[UUID]) -> dict[UUID, tuple[float, float]]:
    """Return ticket -> (longitude, latitude), WGS-84, of those that have a point, in one statement."""
    query = sa.select(col(TicketRow.id), col(TicketRow.lng), col(TicketRow.lat)).where(
        col(TicketRow.id).in_(tickets), col(TicketRow.lng).is_not(None)
    )
    return {row.id: (row.lng, row.lat) for row in db.execute(query)} if tickets else {}


def _readable(db: Session, sight: Sight, filters: Filters, now: datetime) -> Filters:
    """Return the filters with words turned into the tickets that say them where this reader may read it."""
    if sight.everything or not filters.words:
        return filters
    needle, bare = filters.words.casefold(), plain(filters.words)
    said = col(TicketRow.title), col(TicketRow.text)
    columns = col(TicketRow.id), *said, col(TicketRow.confidential), veil.hidden_name()
    where = _conditions(sight, filters, now)
    where += [] if bounded(filters) else _within_reach(sight, filters, ROWS_PROBED, None)
    found = []
    for row in db.execute(sa.select(*columns).where(*where)):
        read = sight.reads(row.confidential, row.name_sealed)
        if (bare and not row.confidential) or any(needle in read.text(one).casefold() for one in (row.title, row.text)):
            found.append(row.id)
    return msgspec.structs.replace(filters, words="", among=tuple(found))


def _conditions(sight: Sight, filters: Filters, now: datetime) -> list[sa.ColumnElement[bool]]:
    where = [scope(sight)]
    equal = {
        col(TicketRow.unit): filters.unit,
        col(TicketRow.source): filters.source,
        col(TicketRow.kind): filters.kind,
        col(TicketRow.urgency): filters.urgency,
        col(TicketRow.level): filters.level,
        col(TicketRow.leader): filters.leader,
        col(TicketRow.source_ref): filters.source_ref,
    }
    where += [column == said for column, said in equal.items() if said]
    if filters.states:
        where += reach.ended(filters.states) or [col(TicketRow.state).in_(sorted(filters.states))]
    if filters.states and filters.states <= OPEN:
        where.append(is_open())
    if filters.area:
        where.append(col(TicketRow.area).startswith(filters.area, autoescape=True))
    if filters.place:
        where.append(in_place(filters.place))
    where += [*_times(filters, now), *_waits(filters, sight.region)]
    return [*where, *_meant(filters, sight)]


def _meant(filters: Filters, sight: Sight) -> list[sa.ColumnElement[bool]]:
    """Return what a search asks for: a ticket's number, a caller, words; or that upstream number (上级编号)."""
    ways: list[sa.ColumnElement[bool]] = [col(TicketRow.number) == filters.number] if filters.number else []
    if filters.caller:
        ways.append(col(TicketRow.caller_id) == filters.caller if sight.everything else sa.false())
    if filters.among is not None:
        ways.append(col(TicketRow.id).in_(filters.among))
    if filters.words:
        said = [
            column.icontains(filters.words, autoescape=True) for column in (col(TicketRow.title), col(TicketRow.text))
        ]
        ways.append(sa.or_(*said))
    if not filters.refs:
        return ways
    either = [*ways, _upstream(filters)]
    if not filters.number and filters.among is None:
        return [sa.or_(*either)]  # the ranges it is read from are few (`_ranges`)
    here = _region(sight)
    return [col(TicketRow.id).in_(sa.union_all(*(sa.select(col(TicketRow.id)).where(here, one) for one in either)))]


def _upstream(filters: Filters) -> sa.ColumnElement[bool]:
    return sa.and_(verbatim(f"ticket.{UPSTREAM}"), col(TicketRow.source_ref).in_(sorted(filters.refs)))


def _span(place: sa.ColumnElement[Any], filters: Filters, before: UUID | None) -> list[sa.ColumnElement[bool]]:
    """Return "received between, and before that ticket" by the id, which starts with the moment and has an index."""
    where: list[sa.ColumnElement[bool]] = [place < before] if before else []
    if filters.since:
        where.append(place >= first_id(filters.since))
    if filters.until:
        where.append(place < first_id(filters.until + MILLISECOND))
    return where


def _times(filters: Filters, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on moments; what is late is always open, so the partial indexes serve it."""
    given = (
        (filters.since, lambda at: col(TicketRow.received_at) >= at),
        (filters.until, lambda at: col(TicketRow.received_at) < at),
        (filters.due_before, lambda at: sa.and_(is_open(), col(TicketRow.due_at) < at)),
        (filters.callback_before, lambda at: col(TicketRow.callback_due_at) <= at),
    )
    where = [condition(at) for at, condition in given if at is not None]
    unanswered = col(TicketRow.state).in_(sorted(UNANSWERED))
    if filters.overdue:
        where += [is_open(), unanswered, col(TicketRow.due_at) < now]
    if filters.unreported:
        where += [is_open(), unanswered, col(TicketRow.progress_due_at) < now, col(TicketRow.reported_at).is_(None)]
    if filters.unsure:
        where.append(col(TicketRow.area) == "")
    return where


_PROPOSED = "alarm.move = 'propose' AND alarm.decision = ''"  # as the partial index spells it


def _waits(filters: Filters, region: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on what waits for somebody's word; the few rows that wait lead to their tickets."""
    where: list[sa.ColumnElement[bool]] = []
    if filters.levels:
        where.append(col(TicketRow.level).in_(sorted(filters.levels)))
    if filters.asks:
        waits = col(RequestRow.decided_at).is_(None), col(RequestRow.kind).in_(sorted(filters.asks))
        asked = sa.select(col(RequestRow.ticket_id)).where(col(RequestRow.region) == region, *waits)
        where.append(col(TicketRow.id).in_(asked))
    if filters.troubled:
        stuck = col(TroubleRow.region) == region, col(TroubleRow.ticket_id).is_not(None)
        where.append(col(TicketRow.id).in_(sa.select(col(TroubleRow.ticket_id)).where(*stuck)))
    if filters.proposed:
        cards = sa.select(col(Alarm.ticket_id)).where(col(Alarm.region) == region, sa.text(_PROPOSED))
        where.append(col(TicketRow.id).in_(cards))
    if filters.helper:
        mine = col(Assignment.ticket_id) == col(TicketRow.id), col(Assignment.unit) == filters.helper
        open_ = col(Assignment.ended_at).is_(None), col(Assignment.answered_at).is_(None)
        silent = col(Assignment.role) == "help", *open_
        where += [_helps(filters.helper), sa.exists().where(*mine, *silent)]
    if filters.invited:
        where.append(_invited(filters.invited, col(OpinionRow.said_at).is_(None)))
    return where


def _invited(unit: str, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition "its dispute (会商) asks this unit", until the ruling."""
    asked = (
        col(OpinionRow.ticket_id) == col(TicketRow.id),
        col(OpinionRow.unit) == unit,
        col(OpinionRow.ruled_at).is_(None),
    )
    return sa.and_(is_open(), col(TicketRow.state) == State.DISPUTED, sa.exists().where(*asked, *more))


def in_place(place: str) -> sa.ColumnElement[bool]:
    """Return the condition "on this ground": a place and all that belongs to it."""
    levels = col(TicketRow.grid), col(TicketRow.community), col(TicketRow.street), col(TicketRow.district)
    return sa.or_(*(level == place for level in levels))


def _helps(unit: str) -> sa.ColumnElement[bool]:
    return sa.and_(sa.text("ticket.helpers <> '[]'"), holds(col(TicketRow.helpers), sa.literal(unit, sa.Text())))
