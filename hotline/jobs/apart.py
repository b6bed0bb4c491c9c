"""Runs a batch, and where it fails runs it row by row: what fails alone is set aside, the round goes on.

Set aside means written down (`hotline.store.troubles`), told to who can mend it, and left out until it is put back.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from hotline.store import db as store
from hotline.store import troubles
from hotline.store.columns import col
from hotline.store.learning import EditionRow
from hotline.store.troubles import Trouble

SAYS = "："
MANY = 10  # rows
Only = Sequence[UUID] | None
log = logging.getLogger(__name__)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row a round is about to take: its key, and the ticket it belongs to."""

    key: UUID
    ticket_id: UUID | None = None
    number: str = ""


def turn(
    kind: str, region: str, now: datetime, work: Callable[[Session, Only], int], due: Callable[[Session], list[Row]]
) -> int:
    """Make one turn of a round and return what `work` returned, of all rows together.

    work    does what is due, of all or of these keys only, within the transaction it is given
    due     names the rows that `work` would take; it must be able to read what `work` cannot
    raises  what is the database's own fault: the next turn tries again; and what every one of many rows fails with: the
            fault is no row's then, and none is set aside
    """
    try:
        with store.transaction() as db:
            return work(db, None)
    except Exception as wrong:
        if passing(wrong):
            raise
        log.exception("a batch of the round %s failed; trying row by row", kind)
    with store.reading() as db:
        rows = due(db)
    done, bad = 0, list[tuple[Row, Exception]]()
    for row in rows:
        try:
            with store.transaction() as db:
                done += work(db, [row.key])
        except Exception as wrong:
            if passing(wrong):
                raise
            bad.append((row, wrong))
    if len(bad) == len(rows) >= MANY:
        raise bad[0][1]
    _set_aside(kind, region, now, bad)
    return done


def each(kind: str, region: str, now: datetime, rows: Sequence[Row], work: Callable[[Session, Only], int]) -> int:
    """Do the same with rows that are known beforehand, all together or else each by itself."""
    return turn(kind, region, now, lambda db, only: work(db, only or [row.key for row in rows]), lambda _: list(rows))


def failed(name: str, wrong: Exception, now: datetime) -> None:
    """Write down that a step of the rounds failed as a whole."""
    log.error("the step %s of the rounds failed", name, exc_info=wrong)
    with store.transaction() as db:
        region = db.execute(sa.select(col(EditionRow.region)).where(col(EditionRow.active))).scalars().first() or ""
        says = f"{name}{SAYS}{_error_line(wrong)}"
        troubles.note(db, [Trouble(region=region, kind="round", key=troubles.named(name), says=says, at=now)])


def failing() -> set[str]:
    """Return the names of the steps that failed when they were last made."""
    with store.reading() as db:
        return {one.says.partition(SAYS)[0] for one in troubles.open_troubles(db, kinds=("round",))}


def over(name: str) -> None:
    """Forget that a step failed: it went well."""
    with store.transaction() as db:
        for one in troubles.open_troubles(db, kinds=("round",)):
            if one.key == troubles.named(name):
                troubles.clear(db, one.region, "round", [one.key])


def passing(wrong: Exception) -> bool:
    """Say whether an error passes by itself: the database is away or busy.  A value it cannot read stays."""
    if isinstance(wrong, PoolTimeout) or (isinstance(wrong, DBAPIError) and wrong.connection_invalidated):
        return True
    return isinstance(wrong, OperationalError | InterfaceError) and "malformed" not in str(wrong)


def _set_aside(kind: str, region: str, now: datetime, bad: Sequence[tuple[Row, Exception]]) -> None:
    if not bad:
        return
    told = []
    for row, wrong in bad:
        log.error("%s %s is set aside", kind, row.key, exc_info=wrong)
        one = Trouble(region=region, kind=kind, key=row.key, says=_error_line(wrong), at=now)
        told.append(msgspec.structs.replace(one, ticket_id=row.ticket_id, number=row.number))
    with store.transaction() as db:
        troubles.note(db, told)


def _error_line(wrong: Exception) -> str:
    """Return an error in one line, without the values that were bound."""
    orig = wrong.orig if isinstance(wrong, DBAPIError) and wrong.orig is not None else wrong
    first = str(orig).splitlines()[0] if str(orig) else ""
    return f"{type(orig).__name__}: {first}"
