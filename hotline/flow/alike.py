"""Finds matters like this one: open (可能重复) and closed (相似已办), the caller's own, those it quotes (跟进).

Found in one statement, ranked by the pure rule, each with why.

No text of another ticket leaves this file, and of a confidential one not even the title.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers import duplicates, likeness, signatures
from classifiers import text as words
from classifiers.likeness import Alike, Subject
from dispatch.lifecycle import OPEN, SETTLED
from grids.geometry import Point
from hotline.city import City
from hotline.store import signatures as index
from hotline.store.callers import IntakeKey
from hotline.store.columns import col
from hotline.store.signatures import Signed
from hotline.store.tickets import TicketRow

OPEN_STATES = sorted(state.value for state in OPEN)
OPEN_SHOWN, PAST, OWN = 5, 2, 5
MOST_OWN = 50
HEAD = 1000  # characters of a text that are compared: a matter stands at its head
_COLUMNS: tuple[sa.Column[Any], ...] = (
    col(TicketRow.id),
    col(TicketRow.number),
    col(TicketRow.title),
    col(TicketRow.address),
    col(TicketRow.lng),
    col(TicketRow.lat),
    col(TicketRow.community),
    col(TicketRow.street),
    col(TicketRow.area),
    col(TicketRow.unit),
    col(TicketRow.state),
    col(TicketRow.caller_id),
    col(TicketRow.confidential),
    col(TicketRow.received_at),
    col(TicketRow.closed_at),
    col(TicketRow.outcome),
    col(TicketRow.solved),
)


class AlikeLine(msgspec.Struct, frozen=True, kw_only=True):
    """Another ticket as it may be shown: no text, no person.

    title   its title with numbers masked; of a confidential ticket its area
    unit    the unit's name, "" while it has none
    outcome, solved   the unit's word and the caller's, as codes; days from receipt to the end, None while it is open
    why     what both have in common
    """

    number: str
    title: str
    state: str
    open: bool
    area: str
    unit: str
    received_at: datetime
    why: str
    score: float = 0.0
    metres: float | None = None
    apart: float = 0.0  # days between the two
    outcome: str = ""
    solved: str = ""
    days: int | None = None


class AlikeTickets(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; `calls` counts the caller's tickets of the last days (at most MOST_OWN), `own` are the newest."""

    similar: list[AlikeLine]
    past: list[AlikeLine]
    own: list[AlikeLine]
    calls: int
    follows: list[AlikeLine]


def find(db: Session, city: City, new: Subject, now: datetime, *, handles: bool = False) -> AlikeTickets:
    """Return what is like a matter, saved or not, in one statement; `new.key` is its number, "" if it has none yet.

    handles  for who handles matters: likeness would tell of a confidential ticket what it is like, so there is none
    """
    rules, quoted = city.repeats, duplicates.quoted_numbers(new.text)
    rows = [row for row in db.execute(_query(db, city, new, quoted, now)) if row.number != new.key]
    seen = {row.number: row for row in rows if row.via == "alike" and not (handles and row.confidential)}
    subjects = {number: _subject(row) for number, row in seen.items()}
    open_, closed = ([subjects[number] for number, row in seen.items() if row.state in states] for states in _SPLIT)
    same = [one for one in likeness.rank(new, open_, rules) if one.score >= rules.shown]
    past = [one for one in likeness.rank(new, closed, rules, timeless=True) if one.score >= rules.past]
    own = sorted((row for row in rows if row.via == "own"), key=lambda row: row.id, reverse=True)
    follows = [row for row in rows if row.via == "quoted"]
    return AlikeTickets(
        similar=[_alike(city, seen[one.key], one) for one in same[:OPEN_SHOWN]],
        past=[_alike(city, seen[one.key], one) for one in past[:PAST]],
        own=[_line(city, row, "同一来电人") for row in own[:OWN]],
        calls=len(own),
        follows=[_line(city, row, f"诉求中引用了工单 {row.number}") for row in follows],
    )


_SPLIT = OPEN_STATES, SETTLED


def typed_subject(city: City, text: str, title: str, **facts: Any) -> Subject:
    """Return a matter not yet saved as it is compared; `facts` are further fields of Subject."""
    return Subject(key="", text=words.strip_routing(text[:HEAD], city.phrases), title=title, **facts)


def keep(db: Session, city: City, tickets: Sequence[Any]) -> None:
    """Put tickets into the index, in one statement."""
    index.put(db, city.region, [signed(city, one) for one in tickets])


def signed(city: City, ticket: Any) -> Signed:
    """Return a ticket's entry of the index."""
    keys = signatures.signature(words.strip_routing(ticket.text[:HEAD], city.phrases), ticket.title)
    return Signed(ticket.id, ticket.received_at, keys)


def _query(db: Session, city: City, new: Subject, quoted: tuple[str, ...], now: datetime) -> sa.CompoundSelect[Any]:
    rules, here = city.repeats, col(TicketRow.region) == city.region
    columns = _COLUMNS
    text, none = sa.func.substr(col(TicketRow.text), 1, HEAD).label("text"), sa.literal("", sa.Text).label("text")
    since = now - timedelta(days=rules.past_days)

    def part(via: str, said: Any, *where: Any) -> sa.Select[Any]:
        return sa.select(*columns, said, sa.literal(via, sa.Text).label("via")).where(*where)

    keys = signatures.signature(new.text, new.title)
    ids = index.nearest(db, city.region, keys, since, now)
    parts = [part("alike", text, col(TicketRow.id).in_(ids))]
    if new.caller:
        mine = (
            here,
            col(TicketRow.caller_id) == UUID(new.caller),
            col(TicketRow.received_at) >= now - timedelta(days=rules.caller_days),
        )
        newest = sa.select(col(TicketRow.id)).where(*mine).order_by(col(TicketRow.id).desc()).limit(MOST_OWN)
        parts.append(part("own", none, col(TicketRow.id).in_(newest)))
    if quoted:
        upstream = sa.select(col(IntakeKey.number)).where(
            col(IntakeKey.region) == city.region, col(IntakeKey.key).in_(quoted)
        )
        parts.append(part("quoted", none, here, col(TicketRow.number).in_(quoted)))
        parts.append(part("quoted", none, here, col(TicketRow.number).in_(upstream)))
    return sa.union_all(*parts)


def _subject(row: Any) -> Subject:
    point = Point(row.lng, row.lat) if row.lng is not None and row.lat is not None else None
    return Subject(
        key=row.number,
        text=row.text,
        title=row.title,
        address=row.address,
        point=point,
        community=row.community,
        street=row.street,
        area=row.area,
        caller=row.caller_id.hex if row.caller_id else "",
        at=row.received_at,
    )


def _alike(city: City, row: Any, one: Alike) -> AlikeLine:
    said = f"、都说{''.join(f'“{run}”' for run in one.shared)}" if one.shared and not row.confidential else ""
    return _line(city, row, one.why + said, one)


def _line(city: City, row: Any, why: str, one: Alike | None = None) -> AlikeLine:
    area = city.area_label(row.area)
    days = max(0, (row.closed_at - row.received_at).days) if row.closed_at else None
    title = (area or "保密工单") if row.confidential else words.mask(row.title)
    return AlikeLine(
        number=row.number,
        title=title,
        state=row.state,
        open=row.state in OPEN_STATES,
        area=area,
        unit=city.unit_name(row.unit),
        received_at=row.received_at,
        why=why,
        outcome=row.outcome,
        solved=row.solved or "",
        days=days,
        score=round(one.score, 3) if one else 0.0,
        metres=one.metres if one else None,
        apart=one.days if one else 0.0,
    )
