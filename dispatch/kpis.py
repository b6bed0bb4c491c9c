"""Rates from plain counts, each with its fixed denominator; a rate without cases has no value.

解决率 is what citizens say, never what units report; both citizen rates divide by the same valid callbacks, and the
reach of the callbacks stands beside them.
"""

from __future__ import annotations

import msgspec

SMALL = 10
RANKED = 30


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of tickets over one period and one unit, street, area or the whole; what is excluded is left out before.

    received, settled           all tickets; answered on the line (直接解答)
    dispatched, returned        given to a unit; returned by it at least once
    contact_due, contacted      dispatched tickets that need contact; the citizen confirmed it, or it is on record
    sign_due, sign_on_time      signing clocks that came due or were stopped; stopped before they were due
    progress_due, progress_on_time, result_due, result_on_time   likewise
    callback_due, reached       tickets due to be called back; somebody answered
    valid, solved, satisfied    callbacks answered; of these 已解决; of these 基本满意 or better
    answered, redone            answered by a unit; re-handled at least once
    """

    received: int = 0
    settled: int = 0
    dispatched: int = 0
    returned: int = 0
    contact_due: int = 0
    contacted: int = 0
    sign_due: int = 0
    sign_on_time: int = 0
    progress_due: int = 0
    progress_on_time: int = 0
    result_due: int = 0
    result_on_time: int = 0
    callback_due: int = 0
    reached: int = 0
    valid: int = 0
    solved: int = 0
    satisfied: int = 0
    answered: int = 0
    redone: int = 0


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One rate: `hits` of `of`.  value: 0 to 1, None where `of` is 0.  ranked: enough cases to compare units by it."""

    name: str
    label: str
    hits: int
    of: int
    value: float | None
    note: str
    ranked: bool


# fmt: off
RATES: tuple[tuple[str, str, str, str], ...] = (
    # name                label           hits                of
    ("contact",           "联系率",       "contacted",        "contact_due"),
    ("solve",             "解决率",       "solved",           "valid"),
    ("satisfaction",      "满意率",       "satisfied",        "valid"),
    ("on_time",           "按时办结率",   "result_on_time",   "result_due"),
    ("progress_on_time",  "按时报动态率", "progress_on_time", "progress_due"),
    ("sign_on_time",      "及时签收率",   "sign_on_time",     "sign_due"),
    ("reach",             "回访触达率",   "reached",          "callback_due"),
    ("settled",           "直接解答率",   "settled",          "received"),
    ("returned",          "退单率",       "returned",         "dispatched"),
    ("redone",            "重办率",       "redone",           "answered"),
)
# fmt: on

RATE_NAMES: dict[str, str] = {name: label for name, label, _, _ in RATES}


def rate(name: str, tally: Tally) -> Rate:
    """Return one rate of `RATES`.  raises KeyError on another name, ValueError where more hit than were counted"""
    _, label, hit, base = _BY_NAME[name]
    hits, of = int(getattr(tally, hit)), int(getattr(tally, base))
    if not 0 <= hits <= of:
        raise ValueError(f"{label}：分子 {hit}={hits} 不在 0 到分母 {base}={of} 之间")
    return Rate(
        name=name,
        label=label,
        hits=hits,
        of=of,
        value=hits / of if of else None,
        note=_note(of),
        ranked=of >= RANKED,
    )


def rates(tally: Tally) -> tuple[Rate, ...]:
    """Return every rate, in the order of `RATES`."""
    return tuple(rate(name, tally) for name in RATE_NAMES)


def add(one: Tally, two: Tally) -> Tally:
    """Return the counts of both together; rates are never averaged."""
    return Tally(**{field: getattr(one, field) + getattr(two, field) for field in Tally.__struct_fields__})


def _note(of: int) -> str:
    if of == 0:
        return "本期没有应计工单，不计算"
    if of < SMALL:
        return f"样本仅{of}件，数值仅供参考，不参与排名"
    return f"样本{of}件，不足{RANKED}件，不参与排名" if of < RANKED else ""


_BY_NAME = {row[0]: row for row in RATES}
