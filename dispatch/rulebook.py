"""All tables of the city as one frozen value with its edition: put together from parsed files, and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from classifiers.taxonomy import Taxonomy
from dispatch.calendar import Calendar
from dispatch.callbacks import CallbackRules
from dispatch.checks import CheckRules
from dispatch.contact import ContactRules
from dispatch.deadlines import DeadlineRule
from dispatch.decoding import (
    convert,
    current,
    duty_row,
    line_of,
    read_calendar,
    read_ladder,
    read_promises,
    unit_row,
)
from dispatch.duty import DutyRow, RoutingRules, Unit
from dispatch.errors import BadRule
from dispatch.escalation import Ladder
from dispatch.extensions import ExtensionRules, Ground
from dispatch.filing import FilingRules
from dispatch.findings import (
    Finding,
    crossings,
    gaps,
    ties,
    units_without_people,
    unpublished,
    unreachable,
    wrong_heirs,
    wrong_ladder,
    wrong_promises,
    wrong_rows,
    wrong_units,
)
from dispatch.kpis import FigureRules
from dispatch.photos import PhotoRules
from dispatch.returns import ReturnRules
from dispatch.table_findings import wrong_checks, wrong_contact, wrong_filing, wrong_sample, wrong_whistle
from dispatch.verification import VerifyRules
from dispatch.visits import VisitRules
from dispatch.whistles import WhistleRules
from grids.messages import Message
from grids.tree import Tree

__all__ = [
    "DutyRow",
    "Finding",
    "Rulebook",
    "Unit",
    "assemble",
    "check",
    "duty_row",
    "line_of",
    "read_calendar",
    "read_ladder",
    "read_promises",
    "unit_row",
]

SEVERITIES = ("error", "warning", "note")


class Rulebook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the city works.  `edition` is stamped on every ticket it timed; `preset` is where the city started from."""

    edition: str
    preset: str
    promises: tuple[DeadlineRule, ...]
    calendar: Calendar
    ladder: Ladder
    duty: tuple[DutyRow, ...]
    units: tuple[Unit, ...]
    returns: ReturnRules = ReturnRules()
    callbacks: CallbackRules = CallbackRules()
    checks: CheckRules = CheckRules()
    filing: FilingRules = FilingRules()
    contact: ContactRules = ContactRules()
    verify: VerifyRules = VerifyRules()
    visit: VisitRules = VisitRules()
    photos: PhotoRules = PhotoRules()
    extensions: ExtensionRules = ExtensionRules()
    exclusions: tuple[Ground, ...] = ()
    figures: FigureRules = FigureRules()
    routing: RoutingRules = RoutingRules()
    whistle: WhistleRules = WhistleRules()


def assemble(
    *,
    edition: str,
    preset: str,
    zone: str,
    promises: Mapping[str, Any],
    calendar: Mapping[str, Any],
    ladder: Mapping[str, Any],
    duty: Iterable[DutyRow],
    units: Iterable[Unit],
    returns: Mapping[str, Any] | None = None,
    callbacks: Mapping[str, Any] | None = None,
    routing: Mapping[str, Any] | None = None,
) -> Rulebook:
    """Return the rulebook of parsed files (dicts as `tomllib` gives them) and rows (`duty_row`, `unit_row`).

    raises BadRule with the path inside the file at fault: unknown fields, bad values, an id used twice, an unknown
    unit.  Whoever reads the files knows their names, and with `line_of` the line.
    """
    held, rows = tuple(units), tuple(duty)
    _once("units.csv", (unit.code for unit in held))
    _once("duty.csv", (row.id for row in rows))
    codes = {unit.code for unit in held}
    for row in rows:
        for field, named in (("unit", (row.unit,)), ("helpers", row.helpers)):
            if missing := set(named) - codes:
                unknown = Message("承办单位“%(code)s”不在单位表中", code=min(missing))
                raise BadRule(f"duty.csv[{row.id}].{field}", unknown)
    return Rulebook(
        edition=edition,
        preset=preset,
        promises=read_promises(promises),
        calendar=read_calendar(calendar, zone),
        ladder=read_ladder(ladder),
        duty=rows,
        units=held,
        returns=convert(returns or {}, ReturnRules, "$.returns"),
        callbacks=convert(current(callbacks or {}), CallbackRules, "$.callbacks"),
        routing=convert(routing or {}, RoutingRules, "$.routing"),
    )


def check(
    rulebook: Rulebook,
    taxonomy: Taxonomy,
    tree: Tree,
    on: date | None = None,
    staffed: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with a rulebook, errors first.

    on       with a day, gaps count only the rows valid on it, and rows over before it are told
    staffed  codes of the units for which somebody works; None = not known, nothing is said of it
    """
    units = {unit.code for unit in rulebook.units}
    found = [
        *wrong_promises(rulebook.promises, taxonomy),
        *wrong_sample(rulebook.callbacks, rulebook.promises, taxonomy),
        *wrong_checks(rulebook.checks, rulebook.promises, taxonomy),
        *wrong_filing(rulebook.filing, rulebook.callbacks),
        *wrong_contact(rulebook.contact),
        *wrong_whistle(rulebook.whistle, units, rulebook.promises),
        *wrong_ladder(rulebook.ladder, rulebook.promises),
        *wrong_units(rulebook.units, rulebook.duty, tree),
        *(units_without_people(rulebook.units, staffed) if staffed is not None else ()),
        *wrong_heirs(rulebook.units),
        *wrong_rows(rulebook.duty, units, taxonomy, tree),
        *ties(rulebook.duty),
        *gaps(rulebook.duty, taxonomy, tree, on),
        *unreachable(rulebook.duty, taxonomy, tree, on),
        *unpublished(rulebook.calendar, on),
        *crossings(rulebook.duty, taxonomy, tree),
    ]
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))


def _once(file: str, keys: Iterable[str]) -> None:
    for key, times in Counter(keys).items():
        if times > 1:
            raise BadRule(f"{file}[{key}]", Message("编号“%(key)s”出现%(times)s次", key=key, times=times))
