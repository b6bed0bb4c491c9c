"""The index of what is alike: a few numbers of each ticket's words, by quarter; a look-up costs the same in any year.

Each number leads to its newest few tickets and no further, so a common one is as cheap as a rare one and counts less.
What is older than the city looks back leaves by whole quarters.  A joined ticket does not enter: its matter does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, SQLModel

from hotline.store.columns import col, table_of, values_of

QUARTER = 90 * 86400  # seconds
EACH = 20  # tickets a number leads to, in a quarter: beyond that it says little of a matter
MOST_COMPARED = 40  # tickets looked at closely
FORGOTTEN_AT_ONCE = 5000


class SignatureRow(SQLModel, table=True):
    """One number of a ticket's words (`classifiers.signatures`)."""

    __tablename__ = "signature"
    region: str = Field(primary_key=True, max_length=32)
    quarter: int = Field(primary_key=True, sa_type=sa.Integer)
    key: int = Field(primary_key=True, sa_type=sa.Integer)
    ticket_id: UUID = Field(primary_key=True)
    __table_args__ = ({"sqlite_with_rowid": False},)


SIGNATURE = table_of(SignatureRow)


class Signed(msgspec.Struct, frozen=True):
    """A ticket and the numbers of its words."""

    id: UUID
    at: datetime
    keys: tuple[int, ...]


_PUT = sa.text("""
    INSERT INTO signature (region, quarter, key, ticket_id)
    SELECT :region, row.quarter, CAST(each.key AS integer), row.id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (id uuid, quarter integer, keys jsonb)
    CROSS JOIN LATERAL jsonb_array_elements_text(row.keys) AS each (key)
    ORDER BY row.quarter, row.id, 3 ON CONFLICT DO NOTHING""")


def put(db: Session, region: str, tickets: Sequence[Signed]) -> None:
    """Add tickets to the index, in one statement; those that stand in it already change nothing."""
    signed = [one for one in tickets if one.keys]
    if not signed:
        return
    if db.get_bind().dialect.name != "sqlite":
        rows = [{"id": one.id, "quarter": quarter(one.at), "keys": one.keys} for one in signed]
        db.execute(_PUT, {"region": region, "rows": msgspec.json.encode(rows).decode()})
        return
    flat = [
        values_of(SignatureRow, region=region, quarter=quarter(one.at), key=key, ticket_id=one.id)
        for one in signed
        for key in one.keys
    ]
    db.execute(sqlite_insert(SIGNATURE).on_conflict_do_nothing(), flat)


def nearest(
    db: Session, region: str, keys: Sequence[int], since: datetime, until: datetime, most: int = MOST_COMPARED
) -> sa.Select[Any]:
    """Return the query for the ids of tickets that share numbers with a text, those with the rarest first.

    At most EACH tickets are read for a number and a quarter, the newest: the cost is bounded whatever the history.
    """
    quarters = list(range(quarter(since), quarter(until) + 1))
    found, brackets = (_FOUND_SQLITE, "[]") if db.get_bind().dialect.name == "sqlite" else (_FOUND_POSTGRESQL, "{}")
    values = {"quarters": quarters, "keys": keys}
    given = {name: ",".join(map(str, value)).join(brackets) for name, value in values.items()}
    query = sa.text(_BEST.format(found=found)).bindparams(here=region, each=EACH, most=most, **given)
    return sa.select(query.columns(sa.column("ticket_id", sa.Uuid)).subquery("near").c.ticket_id)


_BEST = """
    SELECT ticket_id FROM (
        SELECT ticket_id, 1.0 / (1 + count(*) OVER (PARTITION BY key)) AS rarity FROM ({found}) AS found) AS weighed
    GROUP BY ticket_id ORDER BY sum(rarity) DESC, ticket_id DESC LIMIT :most"""
_FOUND_POSTGRESQL = """
    SELECT asked.key, held.ticket_id
    FROM unnest(CAST(:quarters AS integer[])) AS span (quarter)
    CROSS JOIN unnest(CAST(:keys AS integer[])) AS asked (key)
    CROSS JOIN LATERAL (
        SELECT ticket_id FROM signature
        WHERE region = :here AND quarter = span.quarter AND key = asked.key
        ORDER BY ticket_id DESC LIMIT :each) AS held"""
# SQLite knows no LATERAL: the first id that is too many ends the range.  CROSS JOIN keeps the order of the tables.
_FOUND_SQLITE = """
    SELECT held.key, held.ticket_id
    FROM json_each(:quarters) AS span CROSS JOIN json_each(:keys) AS asked CROSS JOIN signature AS held
    WHERE held.region = :here AND held.quarter = span.value AND held.key = asked.value
        AND held.ticket_id > coalesce((
            SELECT older.ticket_id FROM signature AS older
            WHERE older.region = :here AND older.quarter = span.value AND older.key = asked.value
            ORDER BY older.ticket_id DESC LIMIT 1 OFFSET :each), '')"""


def forget(db: Session, region: str, before: datetime) -> int:
    """Take up to FORGOTTEN_AT_ONCE rows of the quarters before that of `before` out of the index; return how many."""
    old = sa.select(
        col(SignatureRow.region), col(SignatureRow.quarter), col(SignatureRow.key), col(SignatureRow.ticket_id)
    ).where(col(SignatureRow.region) == region, col(SignatureRow.quarter) < quarter(before))
    old = old.limit(FORGOTTEN_AT_ONCE)
    gone = db.execute(
        sa.delete(SIGNATURE).where(
            sa.tuple_(
                col(SignatureRow.region), col(SignatureRow.quarter), col(SignatureRow.key), col(SignatureRow.ticket_id)
            ).in_(old)
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a cursor's


def quarter(at: datetime) -> int:
    """Return the number of the ninety days a moment lies in."""
    return int(at.timestamp()) // QUARTER
