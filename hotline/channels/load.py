"""Takes a whole file through the journey, batch by batch, each received and triaged in one transaction.

Killed at any moment and run again, every row is there once: the upstream number is the key, and a batch is whole or not
there.  One bad row costs that row.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import msgspec
from sqlmodel import Session

from classifiers import text as words
from dispatch.roles import Role
from grids.messages import Message
from hotline.channels import history, rows
from hotline.channels.columns import FIRST_ROWS, Columns, Map, find_headings
from hotline.channels.csv_text import Record
from hotline.channels.errors import Unusable
from hotline.channels.rejects import Rejects
from hotline.channels.rows import Given, Row
from hotline.channels.sheets import Sheet
from hotline.city import City
from hotline.errors import BadValue, KeyReused, Refused
from hotline.flow import receive, triage
from hotline.flow.triage import Thoughts
from hotline.people import Actor
from hotline.sealing import Seal
from hotline.store import db as store
from hotline.store import intake, numbers
from hotline.store.intake import Arrival, Known
from hotline.store.yielding import Pace

ROWS_PER_TRANSACTION, ROWS_WHILE_SHARING = 500, 20  # rows a transaction, and while others write too
LONGEST_LINES = 5  # notes shown in the closing table

Progress = Callable[[int, int], None]  # position in the sheet, rows so far


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """How a file comes in.

    now     the moment of the whole import
    replay  rows have their own times, and nobody is told
    """

    city: City
    seal: Seal
    source: str
    now: datetime
    replay: bool
    batch: int = ROWS_PER_TRANSACTION
    home: Path


class Closing(msgspec.Struct, kw_only=True):
    """What became of a file.  `accepted` = joined + routed + left_for_person; `rejects`: the file with the reasons."""

    rows: int = 0
    accepted: int = 0
    known: int = 0
    joined: int = 0
    rejected: int = 0
    routed: int = 0
    left_for_person: int = 0
    seconds: float = 0.0
    closed: int = 0
    noted: dict[str, int] = {}
    rejects: str = ""
    said: str = ""


def headings(sheet: Sheet, said: Map) -> tuple[Columns, Iterator[Record]]:
    """Return what the columns mean, and the records below the headings.  raises Unusable"""
    records = sheet.records()
    first = list(islice(records, FIRST_ROWS))
    if not first:
        raise Unusable(str(sheet.path), Message("文件是空的"))
    line, columns = find_headings(sheet.path, [(one.line, one.cells) for one in first], said)
    return columns, chain((one for one in first if one.line > line), records)


def bring(door: Door, sheet: Sheet, said: Map, progress: Progress) -> Closing:
    """Take a file in.  raises Unusable where nothing can be done with it"""
    began = time.perf_counter()
    columns, records = headings(sheet, said)
    rejects = Rejects(sheet.path, door.home / "rejects", columns.headings)
    run = _Run(door, _given(door, sheet, columns), rejects)
    try:
        while taken := list(islice(records, run.most)):
            run.batch(taken)
            progress(sheet.position, run.closing.rows)
    except BaseException:
        rejects.drop()
        raise
    finally:
        run.pace.close()
    closing = run.closing
    closing.said = rejects.close()
    closing.rejects = str(rejects.path or "")
    closing.rejected, closing.noted = rejects.count, dict(run.noted.most_common())
    closing.seconds = round(time.perf_counter() - began, 3)
    return closing


class _Run:
    """One file on its way in."""

    def __init__(self, door: Door, given: Given, rejects: Rejects) -> None:
        self.door, self.given, self.rejects = door, given, rejects
        self.closing, self.noted = Closing(noted={}), Counter[str]()
        self._alike = Counter[str]()
        self._clerk = Actor("intake", Role.CLOCKWORK)
        self.pace = Pace()

    @property
    def most(self) -> int:
        """How many rows the next batch holds: few while others register, so that they wait a moment only."""
        return min(self.door.batch, ROWS_WHILE_SHARING) if self.pace.crowded else self.door.batch

    def batch(self, records: list[Record]) -> None:
        """Read a batch, drop what is known or bad, and store and triage the rest in one transaction."""
        self.closing.rows += len(records)
        read = [(record, row) for record in records if (row := self._read(record)) is not None]
        keys = [(row.new.source, row.new.source_ref) for _, row in read]
        with store.reading() as db:
            held = intake.known(db.connection(), self.door.city.region, list(dict.fromkeys(keys))) if keys else {}
        fresh = [(record, row) for record, row in read if not self._is_known(record, row, held)]
        arrivals = self._arrivals(fresh)
        if not arrivals:
            return
        self.pace.mark()  # numbers were taken just now
        thoughts = self._thoughts([one for _, _, one in arrivals])
        with self.pace.turn(), store.transaction() as db:
            outcomes = receive.put_all(db.connection(), [one for _, _, one in arrivals])
            accepted = [
                (row, one)
                for (_, row, one), outcome in zip(arrivals, outcomes, strict=True)
                if not isinstance(outcome, KeyReused) and outcome.status == "accepted"
            ]
            self._triage(db, accepted, thoughts)
        for (record, _, _), outcome in zip(arrivals, outcomes, strict=True):
            if isinstance(outcome, KeyReused):
                self._reuse(record, outcome.number)
            elif outcome.status == "known":
                self.closing.known += 1

    def _read(self, record: Record) -> Row | None:
        try:
            row = rows.read_row(self.given, record, self._nameless(record))
        except Refused as refused:
            self.rejects.add(record, refused)
            return None
        self.noted.update(map(gist, row.notes))
        return row

    def _nameless(self, record: Record) -> str | None:
        """Return what to call a row of a file without numbers: its content, and which of the equal ones it is."""
        if self.given.columns.has("number"):
            return None
        digest = hashlib.blake2b("\x1f".join(record.cells).encode(), digest_size=12).hexdigest()
        self._alike[digest] += 1
        return f"row-{digest}-{self._alike[digest]}"

    def _is_known(self, record: Record, row: Row, held: dict[tuple[str, str], Known]) -> bool:
        known = held.get((row.new.source, row.new.source_ref))
        if known is None:
            return False
        if known.body_hash == sameness(row):
            self.closing.known += 1
        else:
            self._reuse(record, known.number)
        return True

    def _arrivals(self, fresh: list[tuple[Record, Row]]) -> list[tuple[Record, Row, Arrival]]:
        days = [self._at(row) for _, row in fresh]
        shelf = self._numbers(days)
        found = []
        for (record, row), at in zip(fresh, days, strict=True):
            try:
                found.append((record, row, self._arrival(row, at, shelf[self.door.city.day(at)].pop())))
            except BadValue as wrong:
                self.rejects.add(record, Refused(wrong.path, "", str(wrong)))
        return found

    def _at(self, row: Row) -> datetime:
        """Return when we received it: now, or in a replay when upstream did."""
        return row.new.occurred_at if self.door.replay and row.new.occurred_at else self.door.now

    def _numbers(self, moments: list[datetime]) -> dict[Any, list[str]]:
        city = self.door.city
        wanted = Counter(map(city.day, moments))
        return {day: numbers.take(city.region, city.short, day, count)[::-1] for day, count in wanted.items()}

    def _arrival(self, row: Row, at: datetime, number: str) -> Arrival:
        city, replay = self.door.city, self.door.replay
        one = receive.arrive(city, self.door.seal, row.new, self._clerk, at, number, quiet=replay)
        one.key["body_hash"] = sameness(row)
        if replay:
            one.entry["note"] = history.NOTE
            one.ticket["dispatched_at"] = max(row.facts.dispatched_at or at, at) if row.new.unit else None
        if row.new.lng is not None and one.ticket["lng"] is None:
            self.noted[gist(one.ticket["why"].get("point", ""))] += 1
        return one

    def _thoughts(self, arrivals: list[Arrival]) -> Thoughts:
        """Conclude what the rows are before anything is written: others go on writing meanwhile."""
        with store.reading() as db:
            tickets = [receive.ticket_of(one) for one in arrivals]
            return triage.think(db, self.door.city, tickets, self.door.now)

    def _triage(self, db: Session, accepted: list[tuple[Row, Arrival]], thoughts: Thoughts) -> None:
        tickets = [receive.ticket_of(one) for _, one in accepted]
        triaged = triage.batch(db, self.door.city, tickets, self.door.now, thoughts)
        if self.door.replay:
            facts_of = {ticket.id: row.facts for ticket, (row, _) in zip(tickets, accepted, strict=True)}
            self.closing.closed += history.replay(db, self.door.city, facts_of)
        self.closing.accepted += len(accepted)
        counted = Counter(one.outcome for one in triaged)
        self.closing.joined += counted["joined"]
        self.closing.routed += counted["routed"]
        self.closing.left_for_person += counted["person"]

    def _reuse(self, record: Record, number: str) -> None:
        heading = self.given.columns.heading("number")
        places = self.given.columns.places.get("number", ())
        value = record.cells[places[0]] if places else ""
        reason = f"编号重复：已登记为工单 {number}，但这一行的内容不同，未作改动"
        self.rejects.add(record, Refused(heading, value, reason))


def sameness(row: Row) -> str:
    """Return the digest that tells whether a number came back with another matter.

    Only the words of the matter count: a later or narrower export of the same ticket has another state, another unit,
    another handling note, perhaps no title.
    """
    return words.digest(row.new.text)


def gist(note: str) -> str:
    """Return a note without the values in it, for counting."""
    before, opened, rest = note.partition("“")
    _, closed, after = rest.rpartition("”")
    return before + after if opened and closed else note


def _given(door: Door, sheet: Sheet, columns: Columns) -> Given:
    city = door.city
    bound_to = f"{city.region}:extra"
    return Given(
        columns=columns,
        zone=city.zone,
        source=door.source,
        file=sheet.path.name,
        taxonomy=city.taxonomy,
        units=rows.units_by_name((unit.code, unit.name) for unit in city.rulebook.units),
        replay=door.replay,
        now=door.now,
        seal=lambda text: f"已加密 {door.seal.seal(text, bound_to)}",
    )
