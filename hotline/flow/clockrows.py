"""Converts a running clock of `dispatch.clocks` to its row and back."""

from typing import Any

import msgspec

from dispatch.clocks import Running
from dispatch.escalation import PlannedRung
from hotline.store.columns import Values, col, values_of
from hotline.store.ids import new_id
from hotline.store.tickets import ClockRow, Ticket


def columns_of(one: Running) -> Values:
    return {
        col(ClockRow.unit): one.unit,
        col(ClockRow.promise): one.promise,
        col(ClockRow.due_at): one.due_at,
        col(ClockRow.paused_at): one.paused_at,
        col(ClockRow.stopped_at): one.stopped_at,
        col(ClockRow.outcome): one.outcome,
        col(ClockRow.provisional): one.provisional,
        col(ClockRow.why): one.why,
        col(ClockRow.shifts): msgspec.to_builtins(one.shifts),
    }


def climbed(row: Any) -> int:
    """Return how many rungs of its ladder a clock has behind it: none of one whose place makes no sense."""
    return max(0, int(row.position))


def onward(row: Any, rungs: list[PlannedRung]) -> Values:
    """Return the columns of a clock that climbs these rungs after those it has climbed."""
    return {
        col(ClockRow.ladder): [*row.ladder[: climbed(row)], *msgspec.to_builtins(rungs)],
        col(ClockRow.next_at): rungs[0].at if rungs else None,
    }


def row(ticket: Ticket, one: Running, rungs: list[PlannedRung]) -> dict[str, Any]:
    """Return the row of a clock that starts, with its rungs.  A ticket loaded from history climbs no ladder."""
    ladder = [] if ticket.quiet else rungs
    return values_of(
        ClockRow,
        id=new_id(one.started_at),
        region=ticket.region,
        ticket_id=ticket.id,
        clock=one.clock,
        unit=one.unit,
        owner=one.owner,
        promise=one.promise,
        started_at=one.started_at,
        due_at=one.due_at,
        paused_at=None,
        shifts=msgspec.to_builtins(one.shifts),
        stopped_at=None,
        outcome="",
        provisional=one.provisional,
        ladder=msgspec.to_builtins(ladder),
        position=0,
        next_at=ladder[0].at if ladder else None,
        why=one.why,
    )
