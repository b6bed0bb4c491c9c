"""Keeps hot topics (热点): found by a round, kept under a number that stays, marked by people.

Finding takes its time and no transaction: `due` claims the round, `texts` reads, `keep` writes.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers.text import strip_routing
from classifiers.topics import Text, Topic
from grids.messages import Message
from hotline.city import City
from hotline.errors import BadValue, NoSuchTopic
from hotline.people import Me
from hotline.store import bulk, veil
from hotline.store.columns import Values, col, columns_of, table_of, values_of
from hotline.store.ids import first_id, new_id
from hotline.store.learning import RoundRow, TopicRow, TopicTicket
from hotline.store.lists import Sight, scope
from hotline.store.tickets import TicketRow
from hotline.wire.tickets import TicketCard

TICKET, TOPIC, MEMBER, ROUND = table_of(TicketRow), table_of(TopicRow), table_of(TopicTicket), table_of(RoundRow)
ROUND_NAME = "topics"
AHEAD = timedelta(minutes=5)  # a round of later than that was made by a clock that ran ahead
log = logging.getLogger(__name__)
SAME = 0.3  # share of the smaller one's tickets by which a group is the topic of the round before
MARKS = ("project", "known", "dismissed", "")


class TopicLine(msgspec.Struct, frozen=True, kw_only=True):
    """One topic as lists and its page show it."""

    id: UUID
    number: int
    title: str
    words: list[str]
    count: int
    recent: int
    expected: float | None
    new: bool
    rising: bool
    active: bool
    first_at: datetime
    last_at: datetime
    found_at: datetime
    why: str
    mark: str
    marked_by: str
    marked_at: datetime | None
    note: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of a topic; what a confidential one is called is not said."""

    card: TicketCard
    confidential: bool


def due(db: Session, city: City, now: datetime) -> bool:
    """Claim the round if it is time for one; of several processes one gets it."""
    since = now - timedelta(minutes=city.topics.every)
    mine = col(RoundRow.region) == city.region, col(RoundRow.name) == ROUND_NAME
    moved = db.execute(
        sa.update(ROUND)
        .where(*mine, sa.or_(col(RoundRow.at) <= since, col(RoundRow.at) > now + AHEAD))
        .values({col(RoundRow.at): now})
        .returning(col(RoundRow.name))
    ).first()
    if moved is not None or db.execute(sa.select(col(RoundRow.at)).where(*mine)).first() is not None:
        return moved is not None
    try:
        with db.begin_nested():
            db.execute(
                ROUND.insert().values(
                    {col(RoundRow.region): city.region, col(RoundRow.name): ROUND_NAME, col(RoundRow.at): now}
                )
            )
    except sa.exc.IntegrityError:  # another process was first
        return False
    return True


def texts(db: Session, city: City, now: datetime) -> list[Text]:
    """Return the tickets of the window, the newest `texts` of them, in one statement."""
    since = first_id(now - timedelta(days=city.topics.days))
    columns = (
        col(TicketRow.id),
        col(TicketRow.title),
        col(TicketRow.text),
        col(TicketRow.received_at),
        col(TicketRow.community),
        col(TicketRow.street),
        col(TicketRow.confidential),
    )
    query = (
        sa.select(*columns)
        .where(col(TicketRow.region) == city.region, col(TicketRow.id) >= since)
        .order_by(col(TicketRow.id).desc())
    )
    found = (_text(city, row) for row in db.execute(query.limit(city.topics.texts)))
    return [one for one in found if one is not None]


def _text(city: City, row: Any) -> Text | None:
    """Return a ticket as finding takes it; None for one that cannot be read: the others are looked at without it."""
    try:
        return Text(
            id=row.id.hex,
            text=strip_routing(row.text, city.phrases),
            title=row.title,
            at=row.received_at,
            place=row.community or row.street,
            silent=row.confidential,
        )
    except Exception:
        log.exception("ticket %s is left out of the topics", row.id)
        return None


def keep(db: Session, city: City, found: Sequence[Topic], now: datetime) -> int:
    """Write what a round found: a group that is most of a topic known goes on under its number; return how many."""
    known, marks = _known(db, city.region, now - 2 * timedelta(days=city.topics.days))
    number = (
        db.execute(sa.select(sa.func.max(col(TopicRow.number))).where(col(TopicRow.region) == city.region)).scalar()
        or 0
    )
    db.execute(sa.update(TOPIC).where(col(TopicRow.region) == city.region).values({col(TopicRow.active): False}))
    added, members = list[dict[str, Any]](), list[dict[str, Any]]()
    for topic in sorted(found, key=lambda one: (-one.count, one.members[0])):
        ids = [UUID(one) for one in topic.members]
        key = _same(ids, known, marks)
        values = _figures(topic, now)
        if key is None:
            number, key = number + 1, new_id(now)
            fixed: Values = {
                col(TopicRow.id): key,
                col(TopicRow.region): city.region,
                col(TopicRow.number): number,
                col(TopicRow.mark): "",
                col(TopicRow.marked_by): "",
                col(TopicRow.marked_at): None,
                col(TopicRow.note): "",
            }
            added.append({one.key: said for one, said in (fixed | values).items()})
        else:
            db.execute(sa.update(TOPIC).where(col(TopicRow.id) == key).values(values))
            db.execute(sa.delete(MEMBER).where(col(TopicTicket.topic_id) == key))
        members += [values_of(TopicTicket, topic_id=key, ticket_id=one, near=near) for near, one in enumerate(ids)]
    bulk.insert(db, TOPIC, added)
    bulk.insert(db, MEMBER, members)
    return len(found)


def listed(db: Session, region: str, *, size: int = 100, dismissed: bool = False) -> list[TopicLine]:
    """Return the topics of the last round, the hottest first, in one statement."""
    columns = columns_of(TopicRow, TopicLine.__struct_fields__)
    which = [
        col(TopicRow.region) == region,
        col(TopicRow.active),
        *([] if dismissed else [col(TopicRow.mark) != "dismissed"]),
    ]
    heat = (
        sa.case((col(TopicRow.rising), 0), else_=1),
        col(TopicRow.recent).desc(),
        col(TopicRow.count).desc(),
        col(TopicRow.number),
    )
    return [
        TopicLine(**row._mapping) for row in db.execute(sa.select(*columns).where(*which).order_by(*heat).limit(size))
    ]


def topic_line(db: Session, region: str, number: int) -> TopicLine:
    """Return a topic.  raises NoSuchTopic"""
    columns = columns_of(TopicRow, TopicLine.__struct_fields__)
    row = db.execute(sa.select(*columns).where(col(TopicRow.region) == region, col(TopicRow.number) == number)).first()
    if row is None:
        raise NoSuchTopic(number)
    return TopicLine(**row._mapping)


def members(
    db: Session,
    sight: Sight,
    topic: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    place: str = "",
    size: int = 50,
    skip: int = 0,
) -> list[Member]:
    """Return tickets of a topic, the newest first: exactly those that the figure asked for counts."""
    query = sa.select(*veil.columns(sight.everything)).join(MEMBER, col(TopicTicket.ticket_id) == col(TicketRow.id))
    query = query.where(col(TopicTicket.topic_id) == topic, scope(sight))
    query = query.where(col(TicketRow.received_at) > since) if since else query
    query = query.where(col(TicketRow.received_at) < until) if until else query
    query = (
        query.where(
            sa.or_(
                col(TicketRow.community) == place,
                sa.and_(col(TicketRow.community) == "", col(TicketRow.street) == place),
            )
        )
        if place
        else query
    )
    found = db.execute(query.order_by(col(TicketRow.id).desc()).limit(size).offset(skip))
    cards = [dict(row._mapping) for row in found]
    return [Member(confidential=row["confidential"], card=sight.card(row)) for row in cards]


def spread(db: Session, city: City, topic: UUID) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many tickets of a topic came on each day from the first to the last, and how many from each place."""
    query = sa.select(col(TicketRow.received_at), col(TicketRow.community), col(TicketRow.street)).join(
        MEMBER, col(TopicTicket.ticket_id) == col(TicketRow.id)
    )
    rows = db.execute(query.where(col(TopicTicket.topic_id) == topic, col(TicketRow.region) == city.region)).all()
    days = Counter(city.day(row.received_at) for row in rows)
    places = Counter(row.community or row.street for row in rows)
    every = [min(days) + timedelta(days=far) for far in range((max(days) - min(days)).days + 1)] if days else []
    return {str(day): days[day] for day in every}, dict(places.most_common())


def mark(db: Session, city: City, number: int, said: str, note: str, me: Me, now: datetime) -> TopicLine:
    """Keep a person's word on a topic: 专项, 已知, 不是热点, or "" to take it back.  raises NoSuchTopic, BadValue"""
    if said not in MARKS:
        raise BadValue("mark", Message("只能标为专项、已知、不是热点，或取消标记"))
    found = topic_line(db, city.region, number)
    told = {
        col(TopicRow.mark): said,
        col(TopicRow.marked_by): me.login,
        col(TopicRow.marked_at): now,
        col(TopicRow.note): note.strip()[:1000],
    }
    db.execute(sa.update(TOPIC).where(col(TopicRow.id) == found.id).values(told))
    return topic_line(db, city.region, number)


def _figures(topic: Topic, now: datetime) -> Values:
    return {
        col(TopicRow.title): topic.title,
        col(TopicRow.words): list(topic.words),
        col(TopicRow.count): topic.count,
        col(TopicRow.recent): topic.recent,
        col(TopicRow.expected): topic.expected,
        col(TopicRow.new): topic.new,
        col(TopicRow.rising): topic.rising,
        col(TopicRow.active): True,
        col(TopicRow.first_at): topic.first or now,
        col(TopicRow.last_at): topic.last or now,
        col(TopicRow.found_at): now,
        col(TopicRow.why): topic.why,
    }


def _known(db: Session, region: str, since: datetime) -> tuple[dict[UUID, UUID], Counter[UUID]]:
    """Return the topic each ticket was last in, and how many tickets each topic has."""
    query = sa.select(col(TopicTicket.ticket_id), col(TopicTicket.topic_id)).join(
        TOPIC, col(TopicRow.id) == col(TopicTicket.topic_id)
    )
    rows = db.execute(
        query.where(col(TopicRow.region) == region, col(TopicRow.last_at) >= since).order_by(
            col(TopicRow.found_at), col(TopicRow.number)
        )
    ).all()
    return {row.ticket_id: row.topic_id for row in rows}, Counter(row.topic_id for row in rows)


def _same(ids: list[UUID], known: dict[UUID, UUID], sizes: Counter[UUID]) -> UUID | None:
    """Return the topic these tickets mostly were, not yet gone on under its number; it is then taken."""
    shared = Counter(known[one] for one in ids if one in known and sizes[known[one]])
    for key, count in sorted(shared.items(), key=lambda one: (-one[1], one[0])):
        if count >= SAME * min(len(ids), sizes[key]):
            del sizes[key]
            return key
    return None
