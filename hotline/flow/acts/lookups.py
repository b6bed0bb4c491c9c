"""Finds a caller's tickets by the number (按号码查询): who may, never without a trace, no more than a desk needs.

Source: 个人信息保护法 articles 6, 51 and 54; how many numbers an hour are much is the city's word ([contact]).
"""

from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import Session

from dispatch.roles import Role
from hotline.city import City
from hotline.errors import LookedUpTooMuch
from hotline.people import Me
from hotline.sealing import Seal
from hotline.store import bulk, lookups
from hotline.store.columns import col, table_of, values_of
from hotline.store.ids import new_id
from hotline.store.outbox import Notice
from hotline.store.people import PersonRow
from hotline.store.tickets import TicketRow

NOTICE = table_of(Notice)
LOOKUP_NOTICE = "lookups"  # of the notice that tells the supervisors


def caller(db: Session, city: City, seal: Seal, digits: str, me: Me, now: datetime) -> UUID:
    """Return the caller's id to a number, and write down that it was looked up.

    raises  LookedUpTooMuch beyond the city's most; from the city's alarm on the supervisors have been told
    """
    db.execute(
        sa.select(col(PersonRow.login))
        .where(col(PersonRow.region) == me.region, col(PersonRow.login) == me.login)
        .with_for_update()
    )
    key, rules = seal.find_key(me.region, digits), city.rulebook.contact
    before = lookups.numbers(db, me.region, me.login, now, key)
    if before >= rules.lookups_most:
        raise LookedUpTooMuch(rules.lookups_most)
    found = seal.caller_id(key)
    mine = sa.select(col(TicketRow.id)).where(col(TicketRow.region) == me.region, col(TicketRow.caller_id) == found)
    many = sa.select(sa.func.count()).select_from(mine.limit(lookups.MOST_FOUND).subquery()).scalar_subquery()
    lookups.put(db, me.region, me.login, key, many, now)
    if before + 1 >= rules.lookups_alarm:
        _alarm(db, me, before + 1, now)
    return found


def again(db: Session, seal: Seal, digits: str, me: Me, now: datetime) -> UUID | None:
    """Return the caller's id if the person has just looked this number up: it stands there, and nothing is written."""
    key = seal.find_key(me.region, digits)
    return seal.caller_id(key) if lookups.kept(db, me.region, me.login, key, now) else None


def _alarm(db: Session, me: Me, numbers: int, now: datetime) -> None:
    """Tell the supervisors, once an hour for a person."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = UUID(bytes=new_id(hour).bytes[:6] + uuid5(NOTICE_IDS, f"{me.region}/{me.login}/{hour.isoformat()}").bytes[6:])
    text = f"{me.name}（{me.login}）一小时内按来电号码查询了 {numbers} 个不同号码，请核实是否工作需要"
    bulk.insert_new(
        db,
        NOTICE,
        [
            values_of(
                Notice,
                id=key,
                region=me.region,
                unit="",
                login=f"@{Role.SUPERVISOR}",
                number="",
                kind=LOOKUP_NOTICE,
                text=text,
                at=now,
                read_at=None,
            )
        ],
    )


NOTICE_IDS = UUID("6f0d3b1e-6a44-4f0e-9d0c-0d5a4a6c2b17")  # the names of these notices' ids
