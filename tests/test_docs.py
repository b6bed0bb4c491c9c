"""The pages under docs/ name only what exists, and the numbers of the sample as they are."""

import ast
import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from classifiers.likeness import Repeats
from dispatch.calendar import Kind
from dispatch.callbacks import CallbackRules
from dispatch.checks import CheckRules
from dispatch.conditions import Condition
from dispatch.contact import ContactRules
from dispatch.deadlines import CLOCK_NAMES, DeadlineRule, Urgency
from dispatch.decoding import CalendarFile, read_promises
from dispatch.duty import DutyRow, RoutingRules, Unit
from dispatch.escalation import Rung
from dispatch.extensions import ExtensionRules, Ground
from dispatch.filing import FilingRules
from dispatch.kpis import FigureRules
from dispatch.lifecycle import MOVES
from dispatch.photos import PhotoRules
from dispatch.returns import ReturnRules
from dispatch.verification import VerifyRules
from dispatch.visits import VisitRules

ROOT = Path(__file__).parents[1]
CITY = ROOT / "hotline/sample/city"
RULES = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
FIELDS: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "promises.toml:promise": (DeadlineRule,),
    "ladder.toml:rung": (Rung,),
    "calendar.toml": (CalendarFile,),
    "city.toml:returns": (ReturnRules,),
    "city.toml:extensions": (ExtensionRules,),
    "city.toml:callbacks": (CallbackRules,),
    "city.toml:checks": (CheckRules,),
    "city.toml:filing": (FilingRules,),
    "city.toml:contact": (ContactRules,),
    "city.toml:verify": (VerifyRules,),
    "city.toml:visit": (VisitRules,),
    "city.toml:photos": (PhotoRules,),
    "city.toml:figures": (FigureRules,),
    "city.toml:routing": (RoutingRules,),
    "city.toml:exclusion": (Ground,),
    "city.toml:repeats": (Repeats,),
    "duty.csv": (DutyRow, Condition),
    "units.csv": (Unit,),
}
HOUSES = {"": "tests/dispatch", "flow": "tests/hotline", "stories": "tests"}


def rows() -> list[list[str]]:
    """Return the cells of the tables of rules."""
    rules = RULES.partition("## What the sample's numbers are")[0]
    lines = [line.strip("| ").split(" | ") for line in rules.splitlines() if line.startswith("| ")]
    return [cells for cells in lines if len(cells) == 5 and cells[0] not in ("rule", "---")]


def named(column: int) -> list[str]:
    return sorted({name for cells in rows() for name in re.findall(r"`([^`]+)`", cells[column])})


def test_every_rule_has_a_source_a_function_and_a_test() -> None:
    assert len(rows()) > 40
    assert [cells[0] for cells in rows() if not cells[1] or "`" not in cells[3] or "`" not in cells[4]] == []


@pytest.mark.parametrize("name", named(2))
def test_data_named_in_the_rules_can_be_written(name: str) -> None:
    file, _, field = name.partition(":")
    table, _, last = name.rpartition("." if "." in field else ":")
    assert (CITY / file).exists()
    assert last in {held for struct in FIELDS[table] for held in struct.__struct_fields__}


@pytest.mark.parametrize("name", named(3))
def test_functions_named_in_the_rules_exist(name: str) -> None:
    module, _, function = name.rpartition(".")
    house = "hotline" if name.startswith("flow.") else "dispatch"
    assert callable(getattr(import_module(f"{house}.{module}"), function))


@pytest.mark.parametrize("name", named(4))
def test_tests_named_in_the_rules_exist(name: str) -> None:
    file, _, function = name.partition("::")
    room, _, test = file.rpartition("/")
    tree = ast.parse((ROOT / HOUSES[room.partition("/")[0]] / room / f"{test}.py").read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def amount(promise: DeadlineRule | None) -> str:
    if promise is None:
        return ""
    working = "w" if promise.kind is Kind.WORKING else ""
    return f"{promise.hours:g} {working}h" if promise.hours is not None else f"{promise.days} {working}d"


def numbers() -> list[str]:
    """Return the table of the sample's limits: one line a clock and the move it starts after."""
    promises = read_promises(tomllib.loads((CITY / "promises.toml").read_text(encoding="utf-8")))
    held = {(one.clock, one.after, one.only, one.area, one.urgency): one for one in promises}
    lines = []
    for clock, after, only in dict.fromkeys((one.clock, one.after, one.only) for one in promises):
        asked: list[tuple[str, Urgency | None]] = [
            ("", None),
            ("12", None),
            ("", Urgency.URGENT),
            ("", Urgency.CRITICAL),
        ]
        cells = [amount(held.get((clock, after, only, *one))) for one in asked]
        name = f"{CLOCK_NAMES[clock]} {clock}" + (f", {only}" if only else "")
        lines.append(" | ".join(["", name, f"{MOVES[after].label} {after}", *cells, ""]).strip())
    assert len(held) == len(promises) == sum(bool(cell.strip()) for line in lines for cell in line.split("|")[3:7])
    return lines


def test_the_numbers_of_the_sample_are_those_of_its_promises() -> None:
    table = RULES.partition("## What the sample's numbers are")[2]
    found = [line for line in table.splitlines() if line.startswith("| ")]
    assert found[2:] == numbers()


def test_the_numbers_of_the_sample_are_those_of_its_rules() -> None:
    city: dict[str, Any] = tomllib.loads((CITY / "city.toml").read_text(encoding="utf-8"))
    back, more, calls, figures = (city[table] for table in ("returns", "extensions", "callbacks", "figures"))
    weights = "/".join(str(figures["weights"][name]) for name in ("contact", "solve", "satisfaction"))
    for said in (
        f"Returns: {back['days']} wd, {back['complex_days']} wd if complex, a dispute after {back['limit']}.",
        f"Extension: {more['days']} wd together, {more['times']} time; parking reviewed every {more['park_days']} d.",
        f"Filed away {city['filing']['days']} d after the close;",
        f"Callback: {calls['tries']} tries, {calls['redos']} redo.",
        f"Figures: from {figures['small']} cases, ranked from {figures['ranked']}; weights {weights} for",
    ):
        assert said in RULES
