"""Tickets of the past under other rules: who would go elsewhere, by when, watched how; and what is no change."""

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from classifiers.taxonomy import Taxonomy
from dispatch.calendar import Calendar
from dispatch.deadlines import DeadlineRule
from dispatch.duty import DutyRow, Unit
from dispatch.escalation import Rung
from dispatch.roles import Role
from dispatch.routing import Router
from dispatch.rulebook import Rulebook
from dispatch.trial import NOBODY, Fact, Side, Trial, compare
from grids.tree import Tree
from tests.dispatch.conftest import SHANGHAI

AT = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)  # a Monday
ON = date(2026, 3, 10)
RESULT = DeadlineRule(clock="result", after="route", stops=("answer",), owner="citizen", days=7)
CARD = Rung(name="red_card", label="红牌", clock="result", when="after", days=1, to=Role.UNIT)
UNITS = (Unit(code="hw", name="环卫中心", kind="部门"), Unit(code="cg", name="城管局", kind="街道"))


class Ground:
    """The tables of the tests, from which sides are made."""

    def __init__(self, taxonomy: Taxonomy, tree: Tree, calendar: Calendar) -> None:
        self.taxonomy, self.tree, self.calendar = taxonomy, tree, calendar

    def side(self, **changed: Any) -> Side:
        """Return an edition of the rules."""
        values: dict[str, Any] = {
            "edition": "1", "preset": "p", "promises": (RESULT,), "ladder": (CARD,), "calendar": self.calendar,
            "duty": (DutyRow(id="D1", area="01", unit="hw"),), "units": UNITS,
        }  # fmt: skip
        held = Rulebook(**(values | changed))
        return Side(held, Router(held.duty, held.units, self.taxonomy, self.tree), self.taxonomy)

    def tried(self, *facts: Fact, **changed: Any) -> Trial:
        """Put facts to changed rules."""
        return compare(self.side(), self.side(**changed), facts, ON)


@pytest.fixture
def ground(taxonomy: Taxonomy, tree: Tree, china: Calendar) -> Ground:
    return Ground(taxonomy, tree, china)


def fact(number: str = "T1", **changed: Any) -> Fact:
    values: dict[str, Any] = {
        "number": number, "title": "垃圾", "area": "0101", "place": "", "urgency": "normal", "at": AT,
    }  # fmt: skip
    return Fact(**(values | changed))


def counts(found: Trial) -> dict[str, int]:
    return {what: count for what, count in found.counts.items() if count}


def test_the_same_rules_change_nothing(ground: Ground) -> None:
    found = ground.tried(fact(), fact("T2", area="", urgency="critical"), edition="2")
    assert (found.tickets, counts(found)) == (2, {})


def test_another_unit(ground: Ground) -> None:
    rows = (DutyRow(id="D1", area="01", unit="hw"), DutyRow(id="D2", area="0101", unit="cg"))
    found = ground.tried(fact(), fact("T2", area="01"), duty=rows)
    assert counts(found) == {"unit": 1}
    (one,) = found.examples["unit"]
    assert (one.number, one.before, one.after) == ("T1", "环卫中心", "城管局")
    assert "责任表D2" in one.why


def test_a_gap_is_left_to_a_person(ground: Ground) -> None:
    found = ground.tried(fact(), duty=())
    assert [(one.before, one.after) for one in found.examples["unit"]] == [("环卫中心", NOBODY)]


def test_a_row_that_begins_only_then_is_tried_all_the_same(ground: Ground) -> None:
    rows = (DutyRow(id="D1", area="01", unit="hw"), DutyRow(id="D2", area="0101", unit="cg", since=ON))
    assert counts(ground.tried(fact(), duty=rows)) == {"unit": 1}
    early = compare(ground.side(), ground.side(duty=rows), [fact()], date(2026, 3, 9))
    assert counts(early) == {}


def test_a_renamed_unit_is_no_other_unit(ground: Ground) -> None:
    heir = Unit(code="hj", name="环境中心", kind="部门", formerly=("hw",))
    rows = (DutyRow(id="D1", area="01", unit="hj"),)
    assert counts(ground.tried(fact(), units=(heir, UNITS[1]), duty=rows)) == {}


def test_another_limit_is_not_told_again_as_other_rungs(ground: Ground) -> None:
    shorter = msgspec.structs.replace(RESULT, days=3)
    found = ground.tried(fact(), promises=(shorter,))
    assert counts(found) == {"due": 1}
    (one,) = found.examples["due"]
    assert (one.before, one.after) == ("报结果2026-03-09 24:00", "报结果2026-03-05 24:00")
    assert "3个自然日" in one.why


def test_a_limit_that_is_new_or_gone(ground: Ground) -> None:
    sign = DeadlineRule(clock="sign", after="route", stops=("sign",), owner="unit", hours=2)
    found = ground.tried(fact(), promises=(sign,))
    (one,) = found.examples["due"]
    assert (one.before, one.after) == (
        "报结果2026-03-09 24:00、签收无时限", "报结果无时限、签收2026-03-02 12:00",
    )  # fmt: skip


def test_a_limit_of_the_new_units_kind(ground: Ground) -> None:
    streets = msgspec.structs.replace(RESULT, level="街道", days=1)
    rows = (DutyRow(id="D1", area="01", unit="cg"),)
    found = ground.tried(fact(), promises=(RESULT, streets), duty=rows)
    assert counts(found) == {"unit": 1, "due": 1}


def test_other_rungs(ground: Ground) -> None:
    later = msgspec.structs.replace(CARD, days=3)
    found = ground.tried(fact(), ladder=(later,))
    assert counts(found) == {"rungs": 1}
    (one,) = found.examples["rungs"]
    assert (one.before, one.after) == ("红牌03-10 09:00", "红牌03-12 09:00")
    (gone,) = ground.tried(fact(), ladder=()).examples["rungs"]
    assert (gone.before, gone.after) == ("红牌03-10 09:00", "无")


def test_codes_the_new_edition_does_not_know(ground: Ground) -> None:
    shorter = msgspec.structs.replace(RESULT, days=3)
    found = ground.tried(fact(area="99"), fact(place="nowhere"), promises=(shorter,))
    assert counts(found) == {"due": 2}  # nobody's before, nobody's now; still timed


def test_a_few_examples_and_every_step_is_told(ground: Ground) -> None:
    steps = list[int]()
    facts = [fact(f"T{n}") for n in range(8)]
    found = compare(ground.side(), ground.side(duty=()), facts, ON, steps.append)
    assert (counts(found), len(found.examples["unit"]), steps) == ({"unit": 8}, 5, list(range(1, 9)))
