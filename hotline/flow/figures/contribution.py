"""What tickets count for, from their rows: the facts `dispatch.kpis.counts_of` asks for, seven statements a batch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import Session

from classifiers.errors import ClassifierError
from dispatch import counting, kpis
from dispatch.counting import Aid, Call, Commitment, Facts, Hold, Judged
from dispatch.lifecycle import Move
from hotline.city import City
from hotline.store import facts
from hotline.store.columns import col, table_of
from hotline.store.figures import WHOLE, CountedRow
from hotline.store.requests import CommitmentRow
from hotline.store.tickets import Assignment, CallbackRow, ClockRow, Entry, TicketRow

ASSIGNMENT, CLOCK, CALLBACK, COMMITMENT, COUNTED = (
    table_of(Assignment),
    table_of(ClockRow),
    table_of(CallbackRow),
    table_of(CommitmentRow),
    table_of(CountedRow),
)
CONTRIBUTION_COLUMNS = (
    col(TicketRow.id),
    col(TicketRow.region),
    col(TicketRow.state),
    col(TicketRow.seq),
    col(TicketRow.counted_seq),
    col(TicketRow.received_at),
    col(TicketRow.source),
    col(TicketRow.area),
    col(TicketRow.street),
    col(TicketRow.grid),
    col(TicketRow.unit),
    col(TicketRow.joined_to),
    col(TicketRow.outcome),
    col(TicketRow.excluded),
    col(TicketRow.quiet),
    col(TicketRow.answered_at),
    col(TicketRow.contacted),
    col(TicketRow.redos),
    col(TicketRow.extensions),
)
PLACED = (
    col(TicketRow.street),
    col(TicketRow.grid),
    col(TicketRow.area),
    col(TicketRow.unit),
)  # what a joined ticket takes from the matter it joined
T = TypeVar("T")
SumKey = tuple[str, str, str, str]  # day, dimension, key, name


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What one ticket counts for, as a row of `counted` holds it."""

    ticket_id: UUID
    region: str
    day: str
    keys: dict[str, list[str]]
    counts: dict[str, list[str]]


class _Known(msgspec.Struct, frozen=True):
    """What hangs on the tickets of a batch, by ticket."""

    matters: dict[UUID, Any]
    holds: dict[UUID, list[Hold]]
    clocks: dict[UUID, list[Judged]]
    calls: dict[UUID, list[Any]]
    commitments: dict[UUID, list[Commitment]]
    aids: dict[UUID, list[Aid]]
    renamed: dict[UUID, dict[str, str]]
    rejected: dict[UUID, bool]
    untrue: set[UUID]


def columns() -> list[sa.Column[Any]]:
    """Return the columns of a ticket that `of_tickets` asks for."""
    return list(CONTRIBUTION_COLUMNS)


def of_tickets(db: Session, city: City, tickets: Sequence[Any]) -> list[Contribution]:
    """Return what each of these tickets (rows of `columns`) counts for, as its rows stand now."""
    known = _known(db, tickets)
    return [_contribution(city, one, known) for one in tickets]


def stored(db: Session, tickets: Iterable[UUID]) -> dict[UUID, Contribution]:
    """Return what tickets were counted for the last time, in one statement."""
    query = sa.select(COUNTED).where(col(CountedRow.ticket_id).in_(list(tickets)))
    return {row.ticket_id: Contribution(**row._mapping) for row in db.execute(query)}


def summed(found: Iterable[Contribution]) -> Counter[SumKey]:
    """Return the sums these contributions make: of the whole, and of each key of each dimension."""
    sums: Counter[SumKey] = Counter()
    for one in found:
        places = [(WHOLE, ""), *((dimension, key) for dimension, keys in one.keys.items() for key in keys)]
        for dimension, key in places:
            sums.update((one.day, dimension, key, name) for name in one.counts.get(WHOLE, ()))
        for unit, names in one.counts.items():
            sums.update((one.day, "unit", unit, name) for name in names if unit != WHOLE)
    return sums


def _contribution(city: City, ticket: Any, known: _Known) -> Contribution:
    facts = _facts(city, ticket, known)
    matter = known.matters.get(ticket.joined_to)
    names = [one.key for one in PLACED]
    where = {name: getattr(ticket, name) or (getattr(matter, name) if matter else "") for name in names}
    counts = {unit: list(kpis.counts_of(facts, unit)) for unit in (WHOLE, *sorted(counting.units_of(facts)))}
    return Contribution(
        ticket_id=ticket.id,
        region=ticket.region,
        day=str(city.day(ticket.received_at)),
        keys={
            "street": [where["street"]],
            "grid": [where["grid"]],
            "area": _path(city, where["area"]),
            "source": [ticket.source],
        },
        counts={unit: names for unit, names in counts.items() if names},
    )


def _path(city: City, area: str) -> list[str]:
    """Return the area and all above it; one that this edition no longer knows stands alone."""
    try:
        return [one.code for one in city.taxonomy.path(area)] if area else [""]
    except ClassifierError:
        return [area]


def _facts(city: City, ticket: Any, known: _Known) -> Facts:
    holds = known.holds.get(ticket.id, ())
    joined = ticket.joined_to is not None and not holds
    matter = known.matters.get(ticket.joined_to)
    call = _last(known.calls.get(ticket.id, ()), ticket.answered_at)
    return Facts(
        state=ticket.state,
        unit=ticket.unit or (matter.unit if joined and matter else ""),  # it took the unit over when its caller spoke
        joined=joined,
        settled=ticket.outcome == "settled",
        found=ticket.source in city.rulebook.figures.early and ticket.id not in known.untrue,
        excluded=ticket.excluded,
        history=ticket.quiet,
        answered=ticket.answered_at is not None or ticket.redos > 0,
        contacted=ticket.contacted,
        redone=ticket.redos > 0,
        rejected=known.rejected.get(ticket.id),
        extended=ticket.extensions > 0,
        holds=tuple(holds),
        clocks=tuple(known.clocks.get(ticket.id, ())),
        call=Call(call.reached, _valid(call), call.solved, call.satisfaction) if call else None,
        commitments=tuple(known.commitments.get(ticket.id, ())),
        aids=tuple(known.aids.get(ticket.id, ())),
        renamed=known.renamed.get(ticket.id, {}),
    )


def _last(calls: Sequence[Any], answered_at: Any) -> Any:
    """Return the call that counts: the last valid word on the answer that stands, else the last of all."""
    words = [one for one in calls if _valid(one) and answered_at is not None and one.at >= answered_at]
    return (words or calls or [None])[-1]


def _valid(call: Any) -> bool:
    return bool(call.final) and (call.solved is not None or call.satisfaction is not None)


def _facts_of_history(
    db: Session, ids: Sequence[UUID]
) -> tuple[dict[UUID, dict[str, str]], dict[UUID, bool], set[UUID]]:
    """Return, by ticket, the renamed units; whether a result was read, and sent back; whose result was untrue."""
    told = col(Entry.ticket_id).in_(ids), col(Entry.move).in_(["transfer", Move.SUBMIT, Move.REJECT, Move.DISPROVE])
    renamed: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    rejected: dict[UUID, bool] = {}
    untrue: set[UUID] = set()
    lines = sa.select(col(Entry.ticket_id), col(Entry.move), col(Entry.facts)).where(*told).order_by(col(Entry.seq))
    for row in db.execute(lines):
        if row.move == Move.DISPROVE:
            untrue.add(row.ticket_id)
        elif row.move == Move.TRANSFER:
            renamed[row.ticket_id] |= facts.of(row.facts).renamed or {}
        else:
            rejected[row.ticket_id] = rejected.get(row.ticket_id, False) or row.move == Move.REJECT
    return renamed, rejected, untrue


def _aids(db: Session, ids: Sequence[UUID]) -> dict[UUID, list[Aid]]:
    rated = (
        sa.select(col(Assignment.ticket_id), col(Assignment.unit), col(Assignment.helped))
        .where(col(Assignment.ticket_id).in_(ids), col(Assignment.helped).is_not(None))
        .order_by(col(Assignment.id))
    )
    return _grouped((row.ticket_id, Aid(row.unit, row.helped)) for row in db.execute(rated))


def _known(db: Session, tickets: Sequence[Any]) -> _Known:
    ids = [one.id for one in tickets]
    into = list({one.joined_to for one in tickets if one.joined_to is not None})
    matters: list[sa.Column[Any]] = [col(TicketRow.id), *PLACED]
    held = col(Assignment.ticket_id), col(Assignment.unit), col(Assignment.assigned_at), col(Assignment.ended_by)
    leads = sa.select(*held).where(col(Assignment.ticket_id).in_(ids), col(Assignment.role) == "lead")
    leads = leads.order_by(col(Assignment.assigned_at), col(Assignment.id))
    judged = col(ClockRow.clock).in_(sorted(counting.JUDGED)), col(ClockRow.outcome).in_(["met", "late"])
    clocks = sa.select(
        col(ClockRow.ticket_id),
        col(ClockRow.clock),
        col(ClockRow.unit),
        col(ClockRow.started_at),
        col(ClockRow.outcome),
    ).where(col(ClockRow.ticket_id).in_(ids), *judged)
    calls = (
        sa.select(CALLBACK)
        .where(col(CallbackRow.ticket_id).in_(ids))
        .order_by(col(CallbackRow.at), col(CallbackRow.id))
    )
    commitments = sa.select(col(CommitmentRow.ticket_id), col(CommitmentRow.unit), col(CommitmentRow.result)).where(
        col(CommitmentRow.ticket_id).in_(ids), col(CommitmentRow.result).in_(["kept", "broken"])
    )
    renamed, rejected, untrue = _facts_of_history(db, ids)
    found = db.execute(sa.select(*matters).where(col(TicketRow.id).in_(into))) if into else ()
    return _Known(
        matters={row.id: row for row in found},
        holds=_grouped((row.ticket_id, Hold(row.unit, row.assigned_at, row.ended_by)) for row in db.execute(leads)),
        clocks=_grouped(
            (row.ticket_id, Judged(row.clock, row.unit, row.started_at, row.outcome)) for row in db.execute(clocks)
        ),
        calls=_grouped((row.ticket_id, row) for row in db.execute(calls)),
        commitments=_grouped(
            (row.ticket_id, Commitment(row.unit, row.result == "kept")) for row in db.execute(commitments)
        ),
        aids=_aids(db, ids),
        renamed=renamed,
        rejected=rejected,
        untrue=untrue,
    )


def _grouped(pairs: Iterable[tuple[UUID, T]]) -> dict[UUID, list[T]]:
    found: defaultdict[UUID, list[T]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return found
