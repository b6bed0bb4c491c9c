"""`Facts` of one ticket, and the judge of each rate: a hit, counted without a hit, or not counted at all.

`dispatch.kpis.MEASURES` names these judgements; `unit` "" asks for the whole region, else for one unit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from dispatch.lifecycle import SETTLED, Move, State

CITIZENS = frozenset({"progress", "result"})  # promised to the citizen: these clocks go on when the unit changes
JUDGED = frozenset({"sign", "hold", "whistle"}) | CITIZENS
SATISFIED = 3  # 基本满意


class Hold(msgspec.Struct, frozen=True):
    """The ticket in a lead unit's hands.  ended_by: the move that took it away, "" while (or as long as) it stayed."""

    unit: str
    at: datetime
    ended_by: str = ""


class Judged(msgspec.Struct, frozen=True):
    """One clock of the ticket.  outcome: met, late; void and "" judge nobody."""

    clock: str
    unit: str
    started_at: datetime
    outcome: str


class Call(msgspec.Struct, frozen=True):
    """The last callback.  valid: the citizen rated, and no appeal (评价申诉) has struck it."""

    reached: bool
    valid: bool
    solved: str | None = None
    satisfaction: int | None = None


class Commitment(msgspec.Struct, frozen=True):
    """A commitment made in a reply (答复承诺) that was settled."""

    unit: str
    kept: bool


class Aid(msgspec.Struct, frozen=True):
    """What a unit did that a grid leader had called (吹哨), in the grid's word."""

    unit: str
    helped: bool


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one ticket.

    unit      who has it, or had it last; of a joined ticket whose answer its caller judged, else who has the matter
    found     somebody of the city came upon it before anybody called (未诉先办), and what was said of it held (核查)
    joined    it is another's matter: a caller more, and no work of its own
    excluded  code of the ground on which it is not counted, "" = it is
    history   taken over from an older system
    answered  a unit has answered it;  contacted  the citizen's word, else what is on record, None = neither
    rejected  a result was sent back by who read it first (审核退回);  None: none was read
    holds     lead units in the order they got it;  call  None where nobody was called
    renamed   former code -> the unit that took its place while the ticket was under way
    """

    state: str
    unit: str = ""
    joined: bool = False
    settled: bool = False
    found: bool = False
    excluded: str = ""
    history: bool = False
    answered: bool = False
    contacted: bool | None = None
    redone: bool = False
    rejected: bool | None = None
    extended: bool = False
    holds: tuple[Hold, ...] = ()
    clocks: tuple[Judged, ...] = ()
    call: Call | None = None
    commitments: tuple[Commitment, ...] = ()
    aids: tuple[Aid, ...] = ()
    renamed: dict[str, str] = {}


Hit = bool | None  # a hit, counted without, not counted
Judge = Callable[[Facts, str], Hit]


def units_of(facts: Facts) -> frozenset[str]:
    """Return the units a ticket may count for."""
    clocks = (one.unit for one in facts.clocks if one.clock in JUDGED)
    return frozenset(
        {
            facts.unit,
            *clocks,
            *(one.unit for one in facts.holds),
            *(one.unit for one in facts.commitments),
            *(one.unit for one in facts.aids),
        }
    ) - {""}


def _now(facts: Facts, unit: str) -> str:
    """Return what a unit is called since it was renamed or merged (单位变更) with the ticket in hand: it stays one."""
    while unit in facts.renamed:
        unit = facts.renamed[unit]
    return unit


def _owners(facts: Facts) -> list[str]:
    return [_now(facts, one.unit) for one in facts.holds]


def _mine(facts: Facts, unit: str) -> bool:
    return unit in ("", facts.unit)


def contact(facts: Facts, unit: str) -> Hit:
    """Contacted and on record, of what a unit has answered; the citizen's word stands over the record."""
    if not facts.answered or not facts.holds or not _mine(facts, unit) or (facts.history and facts.contacted is None):
        return None
    return facts.contacted is True


def response(facts: Facts, unit: str) -> Hit:
    """Contacted, and signed in time."""
    told, signed = contact(facts, unit), in_time("sign")(facts, unit)
    return None if told is None or signed is None else told and signed


def in_time(clock: str) -> Judge:
    """Return the judgement by the clocks of one name: all of them kept, of what has a clock met or late."""

    def judge(facts: Facts, unit: str) -> Hit:
        told = [one for one in facts.clocks if one.clock == clock and one.outcome in ("met", "late")]
        own = [one for one in told if not unit or (one.unit == unit and _had_all(facts, one))]
        return all(one.outcome == "met" for one in own) if own else None

    return judge


def _had_all(facts: Facts, clock: Judged) -> bool:
    """Say whether the unit had the ticket as long as the clock ran: nobody answers for time lost before."""
    if clock.clock not in CITIZENS:
        return True
    held = [(one.at, owner) for one, owner in zip(facts.holds, _owners(facts), strict=True)]
    before = [owner for at, owner in held if at <= clock.started_at]
    since = [owner for at, owner in held if at > clock.started_at]
    return bool(before) and {*before[-1:], *since} == {_now(facts, clock.unit)}


def _called(facts: Facts, unit: str) -> Call | None:
    return facts.call if facts.state in SETTLED and _mine(facts, unit) else None


def solve(facts: Facts, unit: str) -> Hit:
    """Solved in the citizen's words, of the valid callbacks of closed tickets."""
    call = _called(facts, unit)
    return call.solved == "yes" if call and call.valid else None


def satisfaction(facts: Facts, unit: str) -> Hit:
    """基本满意 or better, of the same callbacks."""
    call = _called(facts, unit)
    return (call.satisfaction or 0) >= SATISFIED if call and call.valid else None


def reach(facts: Facts, unit: str) -> Hit:
    """Somebody was reached at last, of the closed tickets whose caller was called."""
    call = _called(facts, unit)
    return call.reached if call else None


def settled(facts: Facts, unit: str) -> Hit:
    """Answered on the line, of what people called about and was accepted; no unit's figure."""
    return None if unit or facts.joined or facts.found or facts.state == State.REFUSED else facts.settled


def early(facts: Facts, unit: str) -> Hit:
    """Found before anybody called (未诉先办), of what was received and accepted; no unit's figure."""
    return None if unit or facts.joined or facts.state == State.REFUSED else facts.found


def returned(facts: Facts, unit: str) -> Hit:
    """Sent back at least once, of what the unit was given."""
    own = [one for one in facts.holds if unit in ("", one.unit)]
    return any(one.ended_by == Move.RETURN for one in own) if own else None


def invalid_return(facts: Facts, unit: str) -> Hit:
    """Sent back without ground: it came back to the same unit, of the returns that are decided."""
    owners = _owners(facts)
    back = [
        owners[n] in owners[n + 1 :]
        for n, one in enumerate(facts.holds[:-1])
        if one.ended_by == Move.RETURN and unit in ("", one.unit)
    ]
    return any(back) if back else None


def redone(facts: Facts, unit: str) -> Hit:
    """Done again because the citizen was not content, of what was answered."""
    return facts.redone if facts.answered and facts.holds and _mine(facts, unit) else None


def rejected(facts: Facts, unit: str) -> Hit:
    """Sent back at least once by who read it before the citizen (审核退回), of the results that were read."""
    return facts.rejected if facts.holds and _mine(facts, unit) else None


def extended(facts: Facts, unit: str) -> Hit:
    """Given more time, of what the unit has or had last."""
    return facts.extended if facts.holds and _mine(facts, unit) else None


def first_right(facts: Facts, unit: str) -> Hit:
    """Never with another unit than the first, of what was dispatched; the first unit's row."""
    return len(set(_owners(facts))) == 1 if facts.holds and unit in ("", facts.holds[0].unit) else None


def kept(facts: Facts, unit: str) -> Hit:
    """Every commitment of the reply kept, of the tickets with one that was settled."""
    own = [one.kept for one in facts.commitments if unit in ("", one.unit)]
    return all(own) if own else None


def helped(facts: Facts, unit: str) -> Hit:
    """Every unit that was called helped, in the grid's word, of the whistles the grid has rated."""
    own = [one.helped for one in facts.aids if unit in ("", one.unit)]
    return all(own) if own else None
