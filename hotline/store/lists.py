"""Every query that returns many.  Columns go straight into wire structs; pages are keyset; statements are counted.

A list costs ONE statement whatever its length, a row of badges ONE.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

from classifiers.veil import digits
from dispatch.lifecycle import OPEN, UNANSWERED, State
from hotline.errors import BadValue
from hotline.store import veil
from hotline.store.schema import METADATA
from hotline.store.tickets import FINAL, Ticket
from hotline.wire.tickets import Page, TicketCard

TICKET, CALLER, ALARM, NOTICE, REQUEST, OPINION, ASSIGNMENT = (
    METADATA.tables[name] for name in ("ticket", "caller", "alarm", "notice", "request", "opinion", "assignment")
)
PROBED = 4000  # words are looked for among this many newest rows: the cost does not grow with history
LARGEST_PAGE = 200
MOST_UNREAD = 100
FAR = datetime(9999, 1, 1, tzinfo=UTC)  # stands for "no due date yet": last in a list by due date

Order = Literal["newest", "due", "callback"]


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
    callback_before  to be called back by then: a caller who joined a matter too
    among        these alone: what `words` led to
    overdue      the result is late and not yet answered;  leader  the login of a grid leader
    levels       the highest rung reached is one of these;  proposed  a card waits for a person's word
    asks         a request of one of these kinds (`dispatch.lifecycle.ASKS`) waits for its decision
    helper       the unit helps and has not answered;  invited  its opinion in a dispute is asked for
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
    among: tuple[UUID, ...] | None = None
    unsure: bool = False
    overdue: bool = False
    unreported: bool = False
    levels: frozenset[str] = frozenset()
    proposed: bool = False
    asks: frozenset[str] = frozenset()
    helper: str = ""
    invited: str = ""
    since: datetime | None = None
    until: datetime | None = None
    due_before: datetime | None = None
    callback_before: datetime | None = None


ALL = Filters()


class NoticeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One message to the person or the unit."""

    id: UUID
    number: str
    kind: str
    text: str
    at: datetime
    read_at: datetime | None


def scope(sight: Sight) -> sa.ColumnElement[bool]:
    """Return the condition "may be known of".  The same rule as `hotline.people.may_see`."""
    region = TICKET.c.region == sight.region
    if sight.everything:
        return region
    if sight.unit:
        return sa.and_(region, sa.or_(TICKET.c.unit == sight.unit, _helps(sight.unit), _invited(sight.unit)))
    mine: list[sa.ColumnElement[bool]] = [TICKET.c.leader == sight.login] if sight.login else [sa.false()]
    if sight.grids:
        mine.append(TICKET.c.grid.in_(sight.grids))
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
    query = sa.select(*veil.columns(sight.everything)).where(
        *_conditions(sight, _readable(db, sight, filters, now), now)
    )
    query = _ordered(query, order, after).limit(size + 1)
    items = [sight.card(dict(row._mapping)) for row in db.execute(query)]
    return Page(items=items[:size], after=_cursor(items[size - 1], order) if len(items) > size else None)


def counts(db: Session, sight: Sight, named: Mapping[str, Filters], now: datetime) -> dict[str, int]:
    """Return how many tickets each named filter holds, all in one statement (words searched by handlers: one more)."""
    if not named:
        return {}
    asked = [_readable(db, sight, one, now) for one in named.values()]
    each = [
        sa.select(sa.func.count()).select_from(TICKET).where(*_conditions(sight, one, now)).scalar_subquery()
        for one in asked
    ]
    return dict(zip(named, db.execute(sa.select(*each)).one(), strict=True))


def notices(
    db: Session, sight: Sight, *, login: str, unit: str = "", role: str = "", size: int = 30, before: UUID | None = None
) -> list[NoticeLine]:
    """Return the newest messages to the person, to the person's unit and role, in one statement.

    before  only what is older than this message: the last one of the page before
    """
    columns = [NOTICE.c[name] for name in NoticeLine.__struct_fields__]
    newest = _newest(sight, login, unit, role, size, before)
    of = sa.and_(TICKET.c.region == NOTICE.c.region, TICKET.c.number == NOTICE.c.number)
    query = sa.select(
        *columns, sa.func.coalesce(TICKET.c.confidential, sa.false()).label("confidential"), veil.hidden_name()
    )
    query = query.join(TICKET, of, isouter=True).where(NOTICE.c.id.in_(sa.select(newest.c.id)))
    found = db.execute(query.order_by(NOTICE.c.id.desc()).limit(size))
    return [_notice(dict(row._mapping), sight) for row in found]


def _notice(values: dict[str, Any], sight: Sight) -> NoticeLine:
    read = sight.reads(values.pop("confidential"), values.pop("name_sealed"))
    return NoticeLine(**values | {"text": read.text(values["text"])})


def unread(db: Session, sight: Sight, *, login: str, unit: str = "", role: str = "") -> int:
    """Return how many of the newest messages have not been read, at most MOST_UNREAD of each box."""
    newest = _newest(sight, login, unit, role, MOST_UNREAD)
    query = sa.select(sa.func.count()).select_from(newest).where(newest.c.read_at.is_(None))
    found: int = db.execute(query).scalar_one()
    return found


def read_notices(
    db: Session, sight: Sight, *, login: str, unit: str, role: str = "", now: datetime, newest: UUID | None = None
) -> None:
    """Mark the messages, up to the `newest` that was shown, as read; those to a unit or a role for all of them."""
    mine = sa.or_(*(sa.and_(*box) for box in _boxes(sight, login, unit, role)))
    shown = [NOTICE.c.id <= newest] if newest else []
    db.execute(sa.update(NOTICE).where(mine, NOTICE.c.read_at.is_(None), *shown).values(read_at=now))


def card_now(db: Session, ticket: Ticket, sight: Sight) -> TicketCard:
    """Return the card of a row already at hand, as a list would show it."""
    values = {name: getattr(ticket, name) for name in TicketCard.__struct_fields__ if name != "excerpt"}
    if ticket.confidential and not sight.everything and ticket.caller_id:
        held = sa.select(CALLER.c.name_sealed).where(CALLER.c.id == ticket.caller_id)
        values["name_sealed"] = db.execute(held).scalar_one_or_none()
    return sight.card(values | {"excerpt": ticket.text[: veil.READ]})


def points(db: Session, tickets: Sequence[UUID]) -> dict[UUID, tuple[float, float]]:
    """Return ticket -> (longitude, latitude), WGS-84, of those that have a point, in one statement."""
    query = sa.select(TICKET.c.id, TICKET.c.lng, TICKET.c.lat).where(
        TICKET.c.id.in_(tickets), TICKET.c.lng.is_not(None)
    )
    return {row.id: (row.lng, row.lat) for row in db.execute(query)} if tickets else {}


def _readable(db: Session, sight: Sight, filters: Filters, now: datetime) -> Filters:
    """Return the filters with words turned into the tickets that say them where this reader may read it."""
    if sight.everything or not filters.words:
        return filters
    needle, plain = filters.words.casefold(), not digits(filters.words)
    columns = (TICKET.c.id, TICKET.c.title, TICKET.c.text, TICKET.c.confidential, veil.hidden_name())
    found = []
    for row in db.execute(sa.select(*columns).where(*_conditions(sight, filters, now))):
        read = sight.reads(row.confidential, row.name_sealed)
        if (plain and not row.confidential) or any(
            needle in read.text(one).casefold() for one in (row.title, row.text)
        ):
            found.append(row.id)
    return msgspec.structs.replace(filters, words="", among=tuple(found))


def _conditions(sight: Sight, filters: Filters, now: datetime) -> list[sa.ColumnElement[bool]]:
    where = [scope(sight)]
    equal = ("unit", "source", "kind", "urgency", "level", "leader", "number")
    where += [TICKET.c[name] == getattr(filters, name) for name in equal if getattr(filters, name)]
    if filters.states:
        where.append(TICKET.c.state.in_(sorted(filters.states)))
    if filters.states and filters.states <= OPEN:
        where.append(_open())
    if filters.area:
        where.append(TICKET.c.area.startswith(filters.area, autoescape=True))
    if filters.place:
        where.append(within(filters.place))
    if filters.caller:
        where.append(TICKET.c.caller_id == filters.caller if sight.everything else sa.false())
    if filters.among is not None:
        where.append(TICKET.c.id.in_(filters.among))
    where += [*_times(filters, now), *_waits(filters, sight.region)]
    if filters.words:
        newest = sa.select(TICKET.c.id).where(*where).order_by(TICKET.c.id.desc()).limit(PROBED)
        said = [column.icontains(filters.words, autoescape=True) for column in (TICKET.c.title, TICKET.c.text)]
        where += [TICKET.c.id.in_(newest), sa.or_(*said)]
    return where


def _times(filters: Filters, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on moments; what is late is always open, so the partial indexes serve it."""
    given = (
        (filters.since, lambda at: TICKET.c.received_at >= at),
        (filters.until, lambda at: TICKET.c.received_at < at),
        (filters.due_before, lambda at: sa.and_(_open(), TICKET.c.due_at < at)),
        (filters.callback_before, lambda at: TICKET.c.callback_due_at <= at),
    )
    where = [condition(at) for at, condition in given if at is not None]
    unanswered = TICKET.c.state.in_(sorted(UNANSWERED))
    if filters.overdue:
        where += [_open(), unanswered, TICKET.c.due_at < now]
    if filters.unreported:
        where += [_open(), unanswered, TICKET.c.progress_due_at < now, TICKET.c.reported_at.is_(None)]
    if filters.unsure:
        where.append(TICKET.c.area == "")
    return where


_PROPOSED = "alarm.move = 'propose' AND alarm.decision = ''"  # as the partial index spells it


def _waits(filters: Filters, region: str) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on what waits for somebody's word; the few rows that wait lead to their tickets."""
    where: list[sa.ColumnElement[bool]] = []
    if filters.levels:
        where.append(TICKET.c.level.in_(sorted(filters.levels)))
    if filters.asks:
        waits = REQUEST.c.region == region, REQUEST.c.decided_at.is_(None), REQUEST.c.kind.in_(sorted(filters.asks))
        where.append(TICKET.c.id.in_(sa.select(REQUEST.c.ticket_id).where(*waits)))
    if filters.proposed:
        cards = sa.select(ALARM.c.ticket_id).where(ALARM.c.region == region, sa.text(_PROPOSED))
        where.append(TICKET.c.id.in_(cards))
    if filters.helper:
        mine = ASSIGNMENT.c.ticket_id == TICKET.c.id, ASSIGNMENT.c.unit == filters.helper, ASSIGNMENT.c.role == "help"
        silent = ASSIGNMENT.c.ended_at.is_(None), ASSIGNMENT.c.answered_at.is_(None)
        where += [_helps(filters.helper), sa.exists().where(*mine, *silent)]
    if filters.invited:
        where.append(_invited(filters.invited, OPINION.c.said_at.is_(None)))
    return where


def _invited(unit: str, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition "its dispute (会商) asks this unit", until the ruling."""
    asked = OPINION.c.ticket_id == TICKET.c.id, OPINION.c.unit == unit, OPINION.c.ruled_at.is_(None)
    return sa.and_(_open(), TICKET.c.state == State.DISPUTED, sa.exists().where(*asked, *more))


def _open() -> sa.ColumnElement[bool]:
    """Return the predicate of the partial indexes, word for word: with bound values no planner would see it."""
    return sa.literal_column(f"(ticket.state NOT IN ({FINAL}))", sa.Boolean())


def within(place: str) -> sa.ColumnElement[bool]:
    """Return the condition "on this ground": a place and all that belongs to it."""
    return sa.or_(*(TICKET.c[level] == place for level in ("grid", "community", "street", "district")))


class holds(sa.sql.functions.FunctionElement[bool]):  # noqa: N801 - SQL functions are written small
    """`(list, value)`: a JSON list of strings holds this one.  The databases have no word for it in common."""

    inherit_cache = True
    type = sa.Boolean()
    name = "holds"


@compiles(holds, "sqlite")
def _holds_sqlite(element: holds, compiler: SQLCompiler, **options: Any) -> str:
    column, value = (compiler.process(part, **options) for part in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({column}) AS held WHERE held.value = {value})"


@compiles(holds, "postgresql")
def _holds_postgresql(element: holds, compiler: SQLCompiler, **options: Any) -> str:
    column, value = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} @> to_jsonb(CAST({value} AS text)))"


def _helps(unit: str) -> sa.ColumnElement[bool]:
    return sa.and_(sa.text("ticket.helpers <> '[]'"), holds(TICKET.c.helpers, sa.literal(unit, sa.Text())))


def _ordered(query: sa.Select[Any], order: Order, after: str | None) -> sa.Select[Any]:
    if order == "newest":
        if after:
            query = query.where(TICKET.c.id < _read_cursor(after, order)[1])
        return query.order_by(TICKET.c.id.desc())
    column = TICKET.c[_DUE_BY[order]]
    due = sa.func.coalesce(column, sa.literal(FAR, column.type))
    if after:
        at, seen = _read_cursor(after, order)
        last = sa.tuple_(sa.literal(at, column.type), sa.literal(seen, TICKET.c.id.type))
        query = query.where(sa.tuple_(due, TICKET.c.id) > last)
    return query.order_by(due, TICKET.c.id)


_DUE_BY = {"due": "due_at", "callback": "callback_due_at"}


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    order: Order
    at: datetime
    id: UUID


def _cursor(last: TicketCard, order: Order) -> str:
    at = getattr(last, _DUE_BY.get(order, "due_at")) or FAR
    return urlsafe_b64encode(msgspec.msgpack.encode(_Cursor(order, at, last.id))).decode().rstrip("=")


def _read_cursor(text: str, order: Order) -> tuple[datetime, UUID]:
    try:
        cursor = msgspec.msgpack.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=_Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise BadValue("after", "翻页标记无效，请从第一页开始") from None
    if cursor.order != order or cursor.at.tzinfo is None:
        raise BadValue("after", "翻页标记属于另一种排序，请从第一页开始")
    return cursor.at, cursor.id


def _newest(
    sight: Sight, login: str, unit: str, role: str, size: int, before: UUID | None = None
) -> sa.Subquery:  # fmt: skip
    """Return the newest messages of each box: one short range of an index each, however long the past is."""
    older = [NOTICE.c.id < before] if before else []
    each = [
        sa.select(NOTICE.c.id, NOTICE.c.read_at).where(*box, *older).order_by(NOTICE.c.id.desc()).limit(size).subquery()
        for box in _boxes(sight, login, unit, role)
    ]
    return sa.union_all(*(sa.select(one) for one in each)).subquery()


def _boxes(sight: Sight, login: str, unit: str, role: str) -> list[tuple[sa.ColumnElement[bool], ...]]:
    """Return the conditions of the boxes a person reads: the own, the role's, the unit's.  Nothing is in two of them"""
    region = NOTICE.c.region == sight.region
    to = [name for name in (login, role and f"@{role}") if name]
    boxes = [(region, NOTICE.c.login == name) for name in to]
    return boxes + ([(region, NOTICE.c.unit == unit, NOTICE.c.login == "")] if unit else []) or [(sa.false(),)]
